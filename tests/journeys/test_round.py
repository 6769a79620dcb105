"""One small round on its whole road: printed codes, a phone, a frozen file, a published page.

Every step is an ordinary command; the phone is Chromium, the server the real one, and the QR
code is read from the printed letter. `HAILONG_PICTURES=FOLDER` saves what was seen there.
"""

import json
import os
import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from urllib.request import urlopen

import pandas as pd
import pypdfium2
import pytest
import zxingcpp

from intake.tables import read_table
from questionnaires import load
from survey_app.cli import main
from survey_app.demo import files
from survey_app.demo.population import survey_everybody
from survey_app.demo.respondents import Visit, answer_all
from survey_app.services.installation import local_day
from survey_app.services.network import free_port

# With the releases, whose worker has charts loaded: large groups start first, and this is long.
pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("release")]

ROUNDS = {
    "hai-phong-2026-p": ("population", ("citizen", "2026-1"), "P"),
    "hai-phong-2026-t": ("visits", ("transaction", "2026-1"), "T"),
}
SMALLER = {
    "population": {
        "rural-hai-duong: 9": "rural-hai-duong: 2",
        "rural-hai-phong: 5": "rural-hai-phong: 2",
        "urban-hai-duong: 4": "urban-hai-duong: 2",
        "urban-hai-phong: 10": "urban-hai-phong: 2",
        "take: 110": "take: 24",
        "commune: 2": "commune: 1",
    },
    "visits": {"take: 450": "take: 60"},
}

# On the topic that is shown: how many rows have five choices, where the fourth of a row lies, and
# how many rows have it chosen. A finger is sent there; Playwright's own tap waits for frames.
SHOWN = """[...document.querySelectorAll('.topic.on fieldset')].map(
    row => [...row.querySelectorAll('label')].filter(one => one.offsetParent)
).filter(labels => labels.length === 5)"""
ROWS = f"{SHOWN}.length"
FOURTH = f"""row => {{
    const choice = ({SHOWN})[row][3];
    choice.scrollIntoView({{block: 'center', behavior: 'instant'}});
    const box = choice.getBoundingClientRect();
    return [box.x + box.width / 2, box.y + box.height / 2];
}}"""
TAKEN = f"{SHOWN}.filter(labels => labels[3].control.checked).length"


class Road:
    """The folder of one journey, the commands given in it, and its server."""

    def __init__(self, data: Path, monkeypatch) -> None:
        self.data, self.port = data, free_port()
        monkeypatch.setenv("HAILONG_DATA", str(data))
        monkeypatch.setenv("HAILONG_BASE_URL", f"http://127.0.0.1:{self.port}")
        monkeypatch.setenv("HAILONG_TWO_PERSON", "off")

    def run(self, *arguments: object) -> None:
        assert main([str(part) for part in arguments]) == 0

    def __enter__(self) -> "Road":
        """Start the server of a round that is open; the further commands meet it running."""
        self.server = subprocess.Popen(
            [sys.executable, "-m", "survey_app.cli", "serve", "--host", "127.0.0.1"],
            stdout=subprocess.DEVNULL,
        )
        return self

    def wait_until_served(self) -> None:
        for _ in range(300):
            try:
                with urlopen(f"http://127.0.0.1:{self.port}/ready", timeout=1):
                    return
            except OSError:
                time.sleep(0.1)
        raise AssertionError("the server did not start")

    def __exit__(self, *_: object) -> None:
        self.server.terminate()
        self.server.wait(20)


def drawn(road: Road) -> None:
    """From the registry to printed codes, with a small take everywhere."""
    road.run("init")
    road.run("registry", "import", *files.registry_files())
    files.write_simulated_adults(road.data / "adults.csv")
    road.run("frame", "build", "--on", "2026-03-01", "--out", road.data / "population.csv",
             "--with", road.data / "adults.csv")  # fmt: skip
    road.run("frame", "build", "--of", "counters", "--on", "2026-03-01",
             "--out", road.data / "visits.csv")  # fmt: skip
    today = local_day()
    for round_id, (name, questionnaire, channel) in ROUNDS.items():
        text = files.design_file(name).read_text(encoding="utf-8")
        for old, new in SMALLER[name].items():
            assert old in text
            text = text.replace(old, new)
        design = road.data / f"{name}.yaml"
        design.write_text(text, encoding="utf-8")
        draw = road.data / "draws" / name
        road.run("sample", "draw", design, "--frame", road.data / f"{name}.csv", "--seed", 5,
                 "--out", draw)  # fmt: skip
        road.run("round", "create", round_id, "--questionnaire", "@".join(questionnaire),
                 "--sample", draw, "--opens", today, "--closes", today + timedelta(days=9),
                 "--simulated")  # fmt: skip
        road.run("codes", "issue", round_id, "--channel", channel,
                 "--out", road.data / "prints" / round_id)  # fmt: skip
        road.run("round", "open", round_id)


def forms_of(road: Road, round_id: str):
    name, questionnaire, _ = ROUNDS[round_id]
    places, positions = files.places_and_draw(road.data / "draws" / name, name)
    asked = [place for place in places if place.id in positions]
    return asked, positions, survey_everybody(asked, load(*questionnaire), 5, positions)


def scanned(letter: Path) -> str:
    """Read the QR code of the first letter as a phone would, from the printed page."""
    page = pypdfium2.PdfDocument(letter)[0]
    picture = page.render(scale=3).to_pil()
    return zxingcpp.read_barcode(picture).text


def answered_on_a_phone(chromium, link: str, pictures: Path) -> str:
    """Answer the questionnaire by tapping and return the receipt that is shown."""
    context = chromium.new_context(
        viewport={"width": 360, "height": 740},
        device_scale_factor=2,
        is_mobile=True,
        has_touch=True,
        locale="vi-VN",
        timezone_id="Asia/Ho_Chi_Minh",
    )
    page = context.new_page()
    requests = []
    page.on("request", lambda request: requests.append(request))
    page.goto(link)
    # The link and the document; what the script fetches later nobody waits for.
    assert len([one for one in requests if one.resource_type != "fetch"]) <= 3
    assert all(one.url.startswith("http://127.0.0.1:") for one in requests)
    page.tap("#next")
    photographed = False
    while not page.is_visible("#t-send"):
        rows = page.evaluate(ROWS)
        for row in range(rows):
            page.touchscreen.tap(*page.evaluate(FOURTH, row))
        assert page.evaluate(TAKEN) == rows
        if rows > 1 and not photographed:
            page.evaluate("window.scrollTo(0, 0)")
            page.screenshot(path=pictures / "phone.png")
            photographed = True
        page.click("#next")
    assert photographed
    page.click("#send-button")
    page.wait_for_selector("#receipt:not(:empty)")
    page.screenshot(path=pictures / "receipt.png")
    receipt = page.inner_text(".receipt")
    context.close()
    return receipt


def published_page(chromium, road: Road, release: Path, pictures: Path) -> str:
    """Open the published page on a wide screen and return its text."""
    page = chromium.new_page(viewport={"width": 1280, "height": 800}, locale="vi-VN")
    complaints = []
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    page.goto(f"http://127.0.0.1:{road.port}/ket-qua/")
    page.screenshot(path=pictures / "release.png")
    text = page.inner_text("main")
    page.close()
    assert complaints == []
    assert (release / "manifest.json").is_file()
    return text


def test_a_scanned_letter_becomes_a_published_figure(tmp_path, monkeypatch, chromium):
    road = Road(tmp_path / "data", monkeypatch)
    drawn(road)
    with road:
        travelled(road, chromium, Path(os.environ.get("HAILONG_PICTURES", tmp_path)))


def travelled(road: Road, chromium, pictures: Path) -> None:
    census, visits = {}, []
    first = "hai-phong-2026-p"
    for round_id in ROUNDS:
        places, positions, (census[round_id], forms) = forms_of(road, round_id)
        listed = read_table(road.data / "prints" / round_id / "codes.csv", required=["link"])
        links: dict[str, list[str]] = {}
        for row in listed.rows:
            links.setdefault(row.cells["cell_id"], []).append(row.cells["link"])
        visits += [
            Visit(links[f"{round_id}.{place}"].pop(), fields)
            for place, filled in forms.items()
            for fields in filled
        ]
        if round_id != first:
            files.write_tally(road.data / "tally.csv", places, positions)
        else:
            letter = sorted((road.data / "prints" / round_id).glob("letters-*.pdf"))[0]
            link = scanned(letter)
            cell = f"{round_id}.{letter.stem.removeprefix('letters-')}"
            taken = [visit for visit in visits if visit.link.upper() == link.upper()]
            if taken:
                visits.remove(taken[0])
            else:
                links[cell].remove(link)
    road.wait_until_served()
    receipt = answered_on_a_phone(chromium, link, pictures)
    with urlopen(f"http://127.0.0.1:{road.port}/r/{receipt}", timeout=5) as shown:
        assert "đã được tính" in shown.read().decode()
    seen = answer_all("127.0.0.1", road.port, visits)
    assert seen.faults == []
    assert seen.receipts == len(visits)
    road.run("round", "close", first)
    road.run("round", "close", "hai-phong-2026-t", "--tally", road.data / "tally.csv")
    files.write_truth(road.data / "truth.csv", census)
    files.write_weight_specs(road.data, *ROUNDS, census[first])
    for round_id, (_, questionnaire, _) in ROUNDS.items():
        folder = road.data / "rounds" / round_id
        spec = road.data / f"estimate-{round_id}.yaml"
        files.write_estimate_spec(spec, questionnaire, [[], ["gioi_tinh"]])
        road.run("round", "freeze", round_id, "--out", folder / "respondents.parquet")
        road.run("weights", round_id, "--spec", road.data / f"weights-{round_id}.yaml",
                 "--out", folder / "weights.parquet")  # fmt: skip
        road.run("estimate", spec, "--data", folder / "respondents.parquet",
                 "--out", folder / "estimates.parquet")  # fmt: skip
    frozen = [
        pd.read_parquet(road.data / "rounds" / round_id / "respondents.parquet")
        for round_id in ROUNDS
    ]
    assert sum(map(len, frozen)) == len(visits) + 1
    units = [unit for table in frozen for unit in sorted(set(table["unit"]))]
    agencies = files.sample_agencies(files.registry_files()[2], units)
    files.write_scores(road.data, 2026, agencies, 5)
    road.run("index", "import", 2026, road.data / "assessments.csv", road.data / "heads.csv")
    release = road.data / "releases" / "2026"
    road.run("release", "build", *ROUNDS, "--year", 2026, "--out", release,
             "--truth", road.data / "truth.csv")  # fmt: skip
    road.run("verify", release, "--restricted", road.data / "restricted" / "2026")
    manifest = json.loads((release / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["simulated"] is True
    estimates = pd.read_parquet(road.data / "rounds" / first / "estimates.parquet")
    overall = estimates.query("quantity == 'overall' and domain == '' and rule == 'mean5'").iloc[0]
    assert overall["n"] == len(frozen[0])
    text = published_page(chromium, road, release, pictures)
    assert f"{overall['value']:.2f}".replace(".", ",") in text
    assert "mô phỏng" in text.lower()
