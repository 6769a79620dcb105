"""One paper form on its whole road: printed, ticked, scanned, doubted, decided, counted, mixed.

Every step is an ordinary command. The pen and the scanner are simulated (see `simulated_pens`).
"""

import csv
import json

import pytest

pytest.importorskip("cv2")

import zxingcpp
from builders import TODAY, a_round, an_installation
from PIL import Image
from simulated_pens import Pen, blank_pages, scanned
from sqlalchemy import select

from survey_app.cli import main
from survey_app.db import reading
from survey_app.db.answers import response
from survey_app.db.fieldwork import USED, invitation
from survey_app.services import codes, installation
from survey_app.services.mixing import mix
from survey_app.services.paper.layout import read_layout, read_page_mark

DPI = 150
DESIGN = {
    "version": 1,
    "name": "d",
    "frame": "f",
    "instrument": "transaction@2026-1",
    "stages": [{"unit": "person", "method": "srs", "take": 1, "size": "size"}],
    "seed_policy": "opened",
}


@pytest.fixture
def made(tmp_path, monkeypatch):
    here = an_installation(tmp_path / "data")
    a_round(here, "r1", questionnaire=("transaction", "2026-1"))
    design = tmp_path / "data" / "rounds" / "r1" / "sample" / "design.json"
    design.parent.mkdir(parents=True)
    design.write_text(json.dumps(DESIGN), "utf-8")
    monkeypatch.setenv("HAILONG_DATA", str(tmp_path / "data"))
    monkeypatch.setattr(installation.open_installation, "__defaults__", (lambda: TODAY,))
    yield here
    here.engine.dispose()


def run(capsys, *arguments):
    assert main([*(str(one) for one in arguments), "--json"]) == 0
    return json.loads(capsys.readouterr().out)["result"]


def form_number(page) -> str:
    """Read the form's number from the small QR code of a page."""
    (mark,) = filter(None, (read_page_mark(one.text) for one in zxingcpp.read_barcodes(page)))
    return mark[2]


def fill(pages, layout, rng) -> None:
    """Tick some boxes, one question twice, and write a number."""
    boxes = {(box.field, box.number): box for box in layout.boxes}
    for name, number in (
        *(("gioi_tinh", "2"), ("do_tuoi", "3"), ("gd_1_01", "4"), ("gd_1_02", "1")),
        *(("gd_1_03", "2"), ("gd_1_03", "5")),
    ):
        box = boxes[name, number]
        Pen(pages[box.page - 1], DPI, rng).tick(box.x, box.y)
    (space,) = (one for one in layout.spaces if one.field == "so_lan_den")
    Pen(pages[space.page - 1], DPI, rng).write(space.x, space.y, 10)


def decide(path, answers) -> None:
    """Write what a person saw beside each doubt."""
    with path.open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert {line["field"] for line in lines} == set(answers)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, lines[0])
        writer.writeheader()
        writer.writerows(line | {"value": answers[line["field"]]} for line in lines)


def test_a_ticked_sheet_and_a_keyed_one_stand_in_the_database_as_answers(
    made, tmp_path, capsys, rng
):
    printed, out = tmp_path / "forms", tmp_path / "scanned"
    run(capsys, "paper", "print", "r1", "--cell", "r1.10507", "--count", 2, "--out", printed)
    layout = read_layout(printed / "layout.json")
    (pdf,) = printed.glob("*.pdf")
    sheets = layout.pages + layout.pages % 2  # each form begins on a sheet of its own
    pages = blank_pages(pdf.read_bytes(), sheets + layout.pages, DPI)
    by_pen, by_key = form_number(pages[0]), form_number(pages[sheets])
    fill(pages, layout, rng)
    pictures = []
    for number, page in enumerate(pages[: layout.pages], start=1):
        pictures.append(tmp_path / f"{number}.png")
        Image.fromarray(scanned(page, rng, angle=rng.uniform(-2, 2))).save(pictures[-1])
    found = run(capsys, "paper", "scan", *pictures, "--layout", printed / "layout.json",
                "--out", out)  # fmt: skip
    assert (found["forms"], found["doubts"]) == (1, 2)
    decide(out / "doubts.csv", {"gd_1_03": "-", "so_lan_den": "2"})
    scan = ("paper", "enter", out / "entries.csv", "--decisions", out / "doubts.csv")
    assert run(capsys, *scan, "--round", "r1")["submitted"] == 1
    # The other form is keyed by two people; one of them slips, looks again, and mends it.
    keyed = [tmp_path / "first.csv", tmp_path / "second.csv"]
    for path, mark in zip(keyed, ("4", "5"), strict=True):
        path.write_text(f"form_number,{','.join(one.field for one in layout.asked)}\n", "utf-8")
        given = {"gioi_tinh": "1", "gd_1_01": mark}
        row = [codes.display(by_key), *(given.get(one.field, "") for one in layout.asked)]
        with path.open("a", encoding="utf-8") as file:
            file.write(",".join(row) + "\n")
    twice = ("paper", "enter", *keyed, "--round", "r1")
    assert run(capsys, *twice)["differing"] == 1
    keyed[1].write_text(keyed[0].read_text("utf-8"), "utf-8")
    assert run(capsys, *twice)["submitted"] == 1
    assert run(capsys, *scan, "--round", "r1")["again"] == 1
    # What came on paper lies among all other answers, and nothing tells it from them.
    mix(made.engine, made.keyring()["r1"], every_cell=True)
    with reading(made.engine) as connection:
        rows = connection.execute(select(response)).all()
        states = connection.scalars(select(invitation.c.state)).all()
    assert states == [USED, USED]
    assert by_pen not in repr(rows)
    assert {(row.cell_id, row.flags) for row in rows} == {("r1.10507", 0)}
    answers = [
        json.loads(row.answers) if isinstance(row.answers, str) else row.answers for row in rows
    ]
    pen, key = sorted(answers, key=lambda one: -one["gioi_tinh"])
    shown = ("gioi_tinh", "do_tuoi", "gd_1_01", "gd_1_02", "so_lan_den")
    assert [pen[name] for name in shown] == [2, 3, 4, 1, 2]
    assert pen["gd_1_03"] < 0
    assert (key["gioi_tinh"], key["gd_1_01"]) == (1, 4)
