"""The first view of a questionnaire: its bytes, its requests, and when a phone can use it.

The server is the real one, the phone is Chromium, which holds its network to 0.7 Mbit/s and
300 ms for a round trip and makes its processor four times slower. Time runs from the moment at
which the link of a letter is followed, its redirect included. Chromium delays each request by
one round trip; opening a connection, which no page can avoid, it does not delay.
"""

import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import brotli
from playwright.sync_api import Browser, BrowserContext, CDPSession, sync_playwright

from bench.installed import links_of_open_round, start_server
from survey_app.web.document import SCRIPT, inline

QUESTIONNAIRES = ("citizen", "transaction", "business")
RUNS = 5
WIRE, REQUESTS, PAINT, USABLE, SCRIPT_BYTES = 25 * 1024, 2, 1.0, 1.5, 12 * 1024
ROUND_TRIP, BYTES_A_SECOND, SLOWER = 0.3, 700_000 / 8, 4
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking")
BEHIND = {"Fetch", "XHR", "Other", "Manifest"}
"""What the script asks for when the page is in use already; nobody waits for it."""

# The tap comes once the button is painted and the script has run; the page is usable when the
# frame that shows the first topic has been drawn.
TAP = """
const painted = new Promise(done => new PerformanceObserver(done).observe({entryTypes: ["paint"]}));
const ready = new Promise(done => addEventListener("DOMContentLoaded", () => setTimeout(done)));
window.usable = Promise.all([painted, ready]).then(() => new Promise(done => {
  document.getElementById("next").click();
  requestAnimationFrame(() => setTimeout(() => {
    const moved = document.querySelector(".topic.on").id !== "t-start";
    done(moved ? performance.now() : NaN);
  }));
}));
"""
TIMES = """async () => {
  const usable = await window.usable;
  return [performance.getEntriesByType("paint")[0].startTime, usable];
}"""


@dataclass
class View:
    """A first view: bytes and requests until it can be used; paint and use in seconds.

    ``work`` is the CPU time of the page's own thread until then, in seconds.
    """

    wire: int
    requests: int
    paint: float
    usable: float
    work: float


def slow_down(tools: CDPSession) -> None:
    """Make a page of Chromium one on a cheap phone in a weak network."""
    tools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    limits = {"downloadThroughput": BYTES_A_SECOND, "uploadThroughput": BYTES_A_SECOND}
    tools.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 1000 * ROUND_TRIP} | limits,
    )


def look(context: BrowserContext, address: str, slow: bool = True) -> tuple[View, str]:
    """Follow an address on a phone that was never here; the view, and where it led."""
    page, answers, kinds = context.new_page(), {}, {}
    page.add_init_script(TAP)
    tools = context.new_cdp_session(page)
    tools.send("Network.enable")
    tools.send("Performance.enable", {"timeDomain": "threadTicks"})
    if slow:
        slow_down(tools)

    def asked(event: dict[str, Any]) -> None:
        """A redirect is told with the request that follows it, under the same id."""
        led = event.get("redirectResponse")
        if led:
            answers["redirect"] = led["encodedDataLength"]
        inside = event["request"]["url"].startswith("data:")
        kinds[event["requestId"]] = "Fetch" if inside else event["type"]

    def came(event: dict[str, Any]) -> None:
        if kinds[event["requestId"]] not in BEHIND:
            answers[event["requestId"]] = event["encodedDataLength"]

    tools.on("Network.requestWillBeSent", asked)
    tools.on("Network.loadingFinished", came)
    page.goto(address)
    paint, usable = page.evaluate(TIMES)
    spent = {one["name"]: one["value"] for one in tools.send("Performance.getMetrics")["metrics"]}
    wire = int(sum(answers.values()))
    view = View(wire, len(answers), paint / 1000, usable / 1000, spent["TaskDuration"])
    return view, page.url


def looks(browser: Browser, link: str) -> tuple[View, View, View]:
    """A view by the link; one by the address that it leads to; one by the link at full speed."""
    contexts = [
        browser.new_context(viewport={"width": 360, "height": 740}, is_mobile=True)
        for _ in range(3)
    ]
    whole, address = look(contexts[0], link)
    contexts[1].add_cookies(contexts[0].cookies())
    alone, _ = look(contexts[1], address)
    fast, _ = look(contexts[2], link, slow=False)
    for context in contexts:
        context.close()
    return whole, alone, fast


def span(values: list[float]) -> str:
    return f"{median(values):.2f} ({min(values):.2f}–{max(values):.2f})"


def measure(browser: Browser, name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        links = links_of_open_round(Path(folder), 2, questionnaire=name)
        server, port = start_server(Path(folder), dict(os.environ))
        try:
            for lang, link in zip(("vi", "en"), links, strict=True):
                address = f"http://127.0.0.1:{port}/{link.split('/', 3)[3]}?lang={lang}"
                looks(browser, address)
                seen = [looks(browser, address) for _ in range(RUNS)]
                report(f"{name} {lang}", *zip(*seen, strict=True))
        finally:
            server.terminate()
            server.wait(20)


def report(name: str, views: Sequence[View], alone: Sequence[View], fast: Sequence[View]) -> None:
    wire, requests = max(view.wire for view in views), max(view.requests for view in views)
    print(
        f"{name:16}{wire:>7}{requests:>5}"
        f"{span([view.paint for view in views]):>20}{span([view.usable for view in views]):>20}"
        f"{ROUND_TRIP * requests + wire / BYTES_A_SECOND:>9.2f}"
        f"{median(view.work for view in fast):>7.2f}"
        f"{span([view.usable for view in alone]):>24}",
        flush=True,
    )


def main() -> None:
    packed = len(brotli.compress(inline(*SCRIPT).encode(), mode=brotli.MODE_TEXT))
    print(f"script: {packed} bytes brotli (limit {SCRIPT_BYTES})")
    print(
        f"{'':16}{'bytes':>7}{'req.':>5}{'first paint, s':>20}{'usable, s':>20}"
        f"{'network':>9}{'work':>7}{'usable, document alone':>24}"
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        for name in QUESTIONNAIRES:
            measure(browser, name)
        browser.close()
    print(
        f"{'limits':16}{WIRE:>7}{REQUESTS:>5}{PAINT:>20.2f}{USABLE:>20.2f}\n"
        f"Medians of {RUNS} runs (least–most). Network: {1000 * ROUND_TRIP:.0f} ms a request and "
        "the bytes, without any page. Work: CPU seconds of the page's thread until usable, at full "
        f"speed; the phone takes {SLOWER} times that."
    )


def chromium() -> str:
    found = shutil.which("chromium")
    if not found:
        raise SystemExit("Chromium is not installed: run `make browser`.")
    return found


if __name__ == "__main__":
    main()
