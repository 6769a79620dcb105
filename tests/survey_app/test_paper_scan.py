"""Reading scans of forms filled by SIMULATED pens: no decided box may be wrong.

See `simulated_pens`: no real handwriting is behind these pictures. What needs OpenCV is left out
where the extra ``paper`` is not installed.
"""

import csv
import io
import json
import struct
from collections import Counter
from datetime import date

import numpy as np
import pytest
from PIL import Image

pytest.importorskip("cv2")

from simulated_pens import RIGHT, Pen, blank_pages, filled, scanned, seen

from intake.findings import Words
from questionnaires import load
from survey_app.cli import main
from survey_app.services import codes, prints
from survey_app.services.paper.layout import PaperError
from survey_app.services.paper.marks import is_written, read_box
from survey_app.services.paper.pictures import ScannedPage, read_pages
from survey_app.services.paper.printing import set_form
from survey_app.services.paper.registration import LostPageError, straighten
from survey_app.services.paper.scanning import scan

CODE = codes.with_check(codes.plain(7**27))
OTHER = codes.with_check(codes.plain(7**26))
ABOUT = prints.PrintFacts(
    title=Words("Khảo sát", "Survey"),
    organisation="Sở Nội vụ",
    province="Ủy ban nhân dân thành phố",
    closes=date(2026, 12, 9),
    base_url="http://192.168.1.20:8000",
    simulated=True,
)


@pytest.fixture(scope="module")
def sheets():
    return set_form(load("transaction", "2026-1"), ABOUT)


@pytest.fixture(scope="module")
def pdf(sheets):
    return sheets.pdf([CODE], ABOUT.base_url)


def tally(sheets, pdf, rng, rounds, resolutions):
    """What became of boxes of each kind, over pages filled and scanned again and again."""
    found = Counter()
    layout = sheets.layout
    for dpi in resolutions:
        blanks = blank_pages(pdf, layout.pages, dpi)
        for number in sorted({box.page for box in layout.boxes}) * rounds:
            boxes = [box for box in layout.boxes if box.page == number]
            page, truth = filled(blanks[number - 1], boxes, dpi, rng)
            read = straighten(seen(page, rng))
            assert (read.layout, read.page, read.code) == (layout.id, number, CODE)
            for box in boxes:
                found[truth[box], read_box(read.dark, box).verdict] += 1
    return found


def wrong_among(found):
    return {
        case: count for case, count in found.items() if case[1] != "doubtful" and case not in RIGHT
    }


def test_no_decided_box_is_wrong_on_a_handful_of_scans(sheets, pdf, rng):
    found = tally(sheets, pdf, rng, 1, (150,))
    assert wrong_among(found) == {}
    plain = sum(found[kind, verdict] for kind in ("empty", "tick") for verdict in VERDICTS)
    assert found["empty", "empty"] + found["tick", "ticked"] >= 0.95 * plain


VERDICTS = ("empty", "ticked", "doubtful")


@pytest.mark.slow
def test_no_decided_box_is_wrong_over_thousands_of_scans(sheets, pdf, rng):
    found = tally(sheets, pdf, rng, 10, (150, 200, 300))
    decided = sum(count for (_, verdict), count in found.items() if verdict != "doubtful")
    total = found.total()
    print(f"{total} boxes, {decided} decided, {1 - decided / total:.1%} doubtful; {dict(found)}")
    assert decided >= 2000
    assert wrong_among(found) == {}


def test_a_page_is_read_upside_down_and_with_one_corner_lost(sheets, pdf, rng):
    dpi = 150
    page = blank_pages(pdf, 3, dpi)[2]
    boxes = [box for box in sheets.layout.boxes if box.page == 3]
    Pen(page, dpi, rng).tick(boxes[3].x, boxes[3].y)
    corner = page.copy()
    corner[-round(25 * dpi / 25.4) :, : round(25 * dpi / 25.4)] = 255
    for picture in (np.rot90(page, 2), np.rot90(page), corner):
        read = straighten(np.ascontiguousarray(picture))
        ticked = [box for box in boxes if read_box(read.dark, box).verdict == "ticked"]
        assert ticked == [boxes[3]]


def test_what_is_no_page_of_a_form_is_not_read(pdf):
    page = blank_pages(pdf, 2, 150)[1]
    with pytest.raises(LostPageError) as lost:
        straighten(np.full_like(page, 250))
    assert lost.value.code == "page-code-unreadable"
    cut = page.copy()
    cut[page.shape[0] // 2 :] = 255
    with pytest.raises(LostPageError) as lost:
        straighten(cut)
    assert lost.value.code == "page-marks-missing"


def test_handwriting_is_seen_and_printed_lines_are_not(sheets, pdf, rng):
    dpi = 150
    for space in sheets.layout.spaces:
        blank = blank_pages(pdf, sheets.layout.pages, dpi)[space.page - 1]
        assert not is_written(straighten(scanned(blank, rng, angle=1.5)).dark, space)
        Pen(blank, dpi, rng).write(space.x, space.y, min(20, space.width - 3))
        assert is_written(straighten(scanned(blank, rng, angle=-2)).dark, space)


# From a scan to files ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def scans(sheets, pdf):
    """Two forms as scanned pages: one whole with three doubts, one that lacks a page."""
    rng = np.random.Generator(np.random.PCG64(5))
    dpi = 150
    layout = sheets.layout
    first = blank_pages(pdf, layout.pages, dpi)
    second = blank_pages(sheets.pdf([OTHER], ABOUT.base_url), layout.pages, dpi)
    place = {(box.field, box.number): box for box in layout.boxes}

    def mark(kind, name, number):
        box = place[name, number]
        getattr(Pen(first[box.page - 1], dpi, rng), kind)(box.x, box.y)

    mark("tick", "gioi_tinh", "2")
    mark("tick", "gd_1_01", "4")
    mark("tick", "gd_1_02", "3")
    mark("tick", "gd_1_02", "5")
    mark("correction", "gd_1_03", "1")
    mark("tick", "gd_1_03", "2")
    space = layout.spaces[0]
    Pen(first[space.page - 1], dpi, rng).write(space.x, space.y, 10)
    blank = np.full_like(first[0], 250)
    pictures = [*first[1:], blank, *second[2:], np.zeros_like(blank)]
    return [
        ScannedPage("scan.pdf", number, scanned(picture, rng, angle=rng.uniform(-2, 2)))
        for number, picture in enumerate(pictures, start=1)
    ]


def test_a_scan_becomes_entries_doubts_and_findings(sheets, scans):
    made = scan([*scans, scans[0]], sheets.layout)
    [form] = made.forms.values()
    assert form.code == CODE
    assert {name: value for name, value in form.values.items() if value} == {
        "gioi_tinh": "2",
        "gd_1_01": "4",
        "gd_1_02": "?",
        "gd_1_03": "?",
        "so_lan_den": "?",
    }
    assert {(doubt.asked.field, doubt.reason) for doubt in made.doubts} == {
        ("gd_1_02", "two-ticks"),
        ("gd_1_03", "filled"),
        ("so_lan_den", "written"),
    }
    assert {finding.code for finding in made.findings} == {
        "page-code-unreadable",
        "form-incomplete",
        "page-twice",
    }
    other = set_form(load("citizen", "2026-1"), ABOUT).layout
    assert {one.code for one in scan(scans[:1], other).findings} == {"page-of-another-layout"}


def test_the_command_writes_what_a_person_and_the_next_command_need(
    sheets, scans, tmp_path, capsys, monkeypatch
):
    monkeypatch.setenv("HAILONG_LANG", "en")
    paths = []
    for one in scans[: sheets.layout.pages - 1]:
        path = tmp_path / f"{one.number}.png"
        Image.fromarray(one.picture).save(path)
        paths.append(str(path))
    sheets.layout.write(tmp_path / "layout.json")
    out = tmp_path / "scanned"
    order = ["paper", "scan", *paths, "--layout", str(tmp_path / "layout.json"), "--out", str(out)]
    assert main([*order, "--json"]) == 0
    result = json.loads(capsys.readouterr().out)["result"]
    assert (result["forms"], result["doubts"]) == (1, 3)
    assert all(path.stat().st_mode & 0o077 == 0 for path in out.iterdir())
    with (out / "entries.csv").open(encoding="utf-8") as file:
        [row] = csv.DictReader(file)
    assert (row["form_number"], row["gd_1_01"], row["gd_1_02"]) == (codes.display(CODE), "4", "?")
    with (out / "doubts.csv").open(encoding="utf-8") as file:
        assert [line["value"] for line in csv.DictReader(file)] == ["", "", ""]
    page = (out / "review.html").read_text("utf-8")
    assert page.count("data:image/png;base64,") == 3
    assert "Trang thiết bị phục vụ người dân đầy đủ" in page
    assert "http" not in page.replace("http-equiv", "")
    with pytest.raises(SystemExit):
        main([*order, "--json"])
    assert json.loads(capsys.readouterr().out)["findings"][0]["code"] == "folder-not-empty"


def a_scan(kind):
    out = io.BytesIO()
    Image.new("L", (20, 30), 200).save(out, kind)
    return out.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF"])
def test_pictures_of_scanners_and_phones_are_read(tmp_path, kind):
    (tmp_path / "a").write_bytes(a_scan(kind))
    assert [page.picture.shape for page in read_pages([tmp_path / "a"])] == [(30, 20)]


def test_a_file_that_is_no_scan_is_refused(tmp_path):
    for name, data in (
        ("a.pdf", b"%PDF-1.7 broken"),
        ("a.png", b"\x89PNG broken"),
        ("a.txt", b"not a scan"),
        ("a.tif", a_scan("TIFF").replace(struct.pack("<H", 256), struct.pack("<H", 1), 1)),
        ("a.eps", a_scan("EPS")),  # a program, which the library would have run
        ("a.gif", a_scan("GIF")),
    ):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(PaperError) as refused:
            list(read_pages([tmp_path / name]))
        assert refused.value.code == "scan-unreadable"
    Image.new("1", (9000, 9000)).save(tmp_path / "big.png")
    with pytest.raises(PaperError) as refused:
        list(read_pages([tmp_path / "big.png"]))
    assert refused.value.code == "scan-too-large"
