"""A real server and a real browser for journeys: what is served, and how a page is waited for."""

from __future__ import annotations

import threading
from functools import partial
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from builders import a_round, an_installation, some_codes
from sqlalchemy import Table, func, select
from werkzeug.serving import make_server

from survey_app.db import reading
from survey_app.web import make_app

# The suggestions below the address bar are pages of their own, made again in each context: without
# them one costs 0.6 s of CPU and not 1.4. The last list counts, so it repeats Playwright's.
OFF = (
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    "AimEnabled",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "ThirdPartyStoragePartitioning",
)
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-features=" + ",".join(OFF),
]


class Site:
    """The server of one installation, with what its database holds."""

    def __init__(self, folder: Path) -> None:
        self.installation = an_installation(folder)
        a_round(self.installation)
        self.app = make_app(self.installation)
        self.port = 0
        self.up()
        self.address = f"http://127.0.0.1:{self.port}"

    def up(self) -> None:
        """Let the server be reached, after a time again at the same address."""
        self.server = make_server("127.0.0.1", self.port, self.app, threaded=True)
        self.port = self.server.port
        serve = partial(self.server.serve_forever, poll_interval=0.02)
        threading.Thread(target=serve, daemon=True).start()

    def down(self) -> None:
        """Let nobody reach the server. (A browser told to be offline still lets workers out.)"""
        self.server.shutdown()
        self.server.server_close()

    def link(self) -> str:
        self.code = some_codes(self.installation, "demo", {"demo.10507": 1})[0]
        return f"{self.address}/s/{self.code}"

    def count(self, table: Table) -> int:
        with reading(self.installation.engine) as connection:
            return connection.scalar(select(func.count()).select_from(table))

    def close(self) -> None:
        self.down()
        self.installation.engine.dispose()


def until(page, question: str) -> None:
    """Ask the page until it says yes. (The waiting of Playwright needs eval, which we forbid.)"""
    for _ in range(100):
        if page.evaluate(question):
            return
        page.wait_for_timeout(50)
    raise AssertionError(question)


def violations(page, part: str | None = None) -> list[str]:
    """What axe finds on a page, or on a part of it, which is much quicker; the rest stays there."""
    if page.evaluate("window.axe === undefined"):
        page.evaluate(Axe().axe_script)
    found = page.evaluate(
        """part => axe.run(part || document, {resultTypes: ['violations']})
            .then(all => all.violations)""",
        part,
    )
    return [f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in found]


def to_the_end(page) -> None:
    """Go on to the last topic, past what is left without answer, in one step of the browser."""
    page.evaluate(
        """const last = document.querySelector('#t-send'), next = document.querySelector('#next');
        for (let n = 0; n < 200 && !last.classList.contains('on'); n += 1) next.click();"""
    )
    assert page.is_visible("#t-send")
