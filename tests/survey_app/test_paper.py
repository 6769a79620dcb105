"""Forms on paper: what is printed stands where the layout says, and says what must be said."""

import csv
import dataclasses
import json
from datetime import date
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
import zxingcpp
from builders import a_round, an_installation

from intake.documents import Document
from intake.findings import Words
from questionnaires import load
from questionnaires.loader import build
from survey_app.cli import main
from survey_app.services import codes, prints
from survey_app.services.paper import layout as layouts
from survey_app.services.paper.keying import check, tidy
from survey_app.services.paper.layout import (
    BOX_SIDE,
    MARK_SIDE,
    MARKS,
    PAGE_CODE,
    PaperError,
    page_mark,
    read_layout,
    read_page_mark,
)
from survey_app.services.paper.printing import set_form
from survey_app.services.paper.words import Form

DPI = 300
MM = DPI / 25.4
CODE = codes.with_check(codes.plain(7**27))
SECOND = codes.with_check(codes.plain(7**26))
ABOUT = prints.PrintFacts(
    title=Words("Khảo sát sau giao dịch", "Survey after a transaction"),
    organisation="Sở Nội vụ thành phố Hải Phòng",
    province="Ủy ban nhân dân thành phố Hải Phòng",
    closes=date(2026, 12, 9),
    base_url="http://192.168.1.20:8000",
    simulated=True,
    contact="điện thoại 0225 000 000",
)


@pytest.fixture(scope="module")
def sheets():
    return set_form(load("transaction", "2026-1"), ABOUT)


@pytest.fixture(scope="module")
def pdf(sheets):
    return sheets.pdf([CODE, SECOND], ABOUT.base_url)


@pytest.fixture(scope="module")
def pages(pdf, sheets):
    """The pages of the first form as darkness, 0 to 1."""
    document = pypdfium2.PdfDocument(pdf)
    made = [
        1 - np.asarray(document[n].render(scale=DPI / 72, grayscale=True).to_pil()) / 255
        for n in range(sheets.layout.pages)
    ]
    document.close()
    return made


def text_of(pdf: bytes, number: int) -> str:
    document = pypdfium2.PdfDocument(pdf)
    text = " ".join(document[number].get_textpage().get_text_bounded().split())
    document.close()
    return text


def middle_of_line(profile: np.ndarray) -> float:
    """The centre of gravity of the darkness along a line of pixels."""
    return float((profile * (np.arange(len(profile)) + 0.5)).sum() / profile.sum())


def test_every_box_stands_within_three_tenths_of_a_millimetre_of_its_place(sheets, pages):
    worst = 0.0
    for box in sheets.layout.boxes:
        page = pages[box.page - 1]
        centre_y, centre_x = box.y + BOX_SIDE / 2, box.x + BOX_SIDE / 2
        for edge in (box.x, box.x + BOX_SIDE):
            row = page[round(centre_y * MM), round((edge - 1) * MM) : round((edge + 1) * MM)]
            found = (round((edge - 1) * MM) + middle_of_line(row)) / MM
            worst = max(worst, abs(found - edge))
        for edge in (box.y, box.y + BOX_SIDE):
            column = page[round((edge - 1) * MM) : round((edge + 1) * MM), round(centre_x * MM)]
            found = (round((edge - 1) * MM) + middle_of_line(column)) / MM
            worst = max(worst, abs(found - edge))
    assert len(sheets.layout.boxes) == 129
    assert worst < 0.3, worst
    print(f"worst place of a box: {worst:.3f} mm of {len(sheets.layout.boxes)} boxes")


def test_the_corner_marks_and_the_page_code_stand_where_scans_look_for_them(sheets, pages):
    for page in pages:
        for x, y in MARKS:
            half = MARK_SIDE / 2
            patch = page[
                round((y - half - 1) * MM) : round((y + half + 1) * MM),
                round((x - half - 1) * MM) : round((x + half + 1) * MM),
            ]
            rows, columns = np.nonzero(patch > 0.5)
            assert (np.ptp(columns) + 1) / MM == pytest.approx(MARK_SIDE, abs=0.2)
            middle = (half + 1) * MM
            assert columns.mean() + 0.5 == pytest.approx(middle, abs=0.3 * MM)
            assert rows.mean() + 0.5 == pytest.approx(middle, abs=0.3 * MM)
    for number, page in enumerate(pages, start=1):
        grey = ((1 - page) * 255).astype(np.uint8)
        read = {one.text: one.position for one in zxingcpp.read_barcodes(grey)}
        place = read[page_mark(sheets.layout.id, number, CODE)]
        left, top, side = PAGE_CODE
        assert place.top_left.x / MM == pytest.approx(left, abs=0.5)
        assert place.top_left.y / MM == pytest.approx(top, abs=0.5)
        assert place.bottom_right.x / MM == pytest.approx(left + side, abs=0.5)
        if number == 1:
            assert f"{ABOUT.base_url}/s/{CODE}".upper() in read


def test_each_form_begins_on_a_sheet_of_its_own_with_its_own_number(sheets, pdf):
    pages = sheets.layout.pages
    begin = pages + pages % 2
    assert codes.display(CODE) in text_of(pdf, 0)
    assert codes.display(SECOND) in text_of(pdf, begin)
    assert codes.display(SECOND) not in text_of(pdf, begin - 1)
    assert f"{pages} / {pages}" in text_of(pdf, pages - 1)


def test_the_form_says_who_asks_that_it_is_voluntary_and_where_to_complain(pdf):
    first = text_of(pdf, 0)
    for said in (
        ABOUT.organisation,
        ABOUT.contact,
        "Trả lời là tự nguyện",
        "Thắc mắc, phản ánh",
        "09/12/2026",
        "Dữ liệu mô phỏng",
    ):
        assert said in first


def test_the_english_form_is_english(sheets):
    made = set_form(load("transaction", "2026-1"), dataclasses.replace(ABOUT, lang="en"))
    first = text_of(made.pdf([CODE], ABOUT.base_url), 0)
    assert "Answering is voluntary" in first
    assert "Before you begin" in first
    assert made.layout.id != sheets.layout.id


def test_a_language_that_is_not_offered_is_refused():
    with pytest.raises(PaperError) as refused:
        set_form(load("transaction", "2026-1"), dataclasses.replace(ABOUT, lang="tay"))
    assert refused.value.code == "language-not-offered"


# Routing as sentences ----------------------------------------------------------------------------


def vi(text):
    return {"vi": text}


ROUTED = {
    "id": "routed",
    "version": "1",
    "languages": ["vi"],
    "title": vi("Phiếu thử"),
    "sections": [
        {
            "id": "one",
            "title": vi("Phần một"),
            "questions": [
                {
                    "id": "a",
                    "type": "single",
                    "label": vi("Có đi không?"),
                    "options": [
                        {"value": "yes", "label": vi("Có")},
                        {"value": "no", "label": vi("Không")},
                    ],
                    "goto": [{"when": {"a": "no"}, "to": "two"}],
                },
                {
                    "id": "b",
                    "type": "multi",
                    "label": vi("Đi bằng gì?"),
                    "options": [
                        {"value": "1", "label": vi("Xe máy")},
                        {"value": "2", "label": vi("Xe khác"), "specify": True},
                    ],
                    "wording": {"paper": {"label": vi("Đi bằng gì (trên giấy)?")}},
                },
                {"id": "c", "type": "number", "label": vi("Mấy lần?"), "max": 20},
            ],
        },
        {
            "id": "two",
            "title": vi("Phần hai"),
            "show_if": {"a": ["yes", "no"]},
            "questions": [
                {
                    "id": "d",
                    "type": "ranking",
                    "label": vi("Xếp thứ tự"),
                    "options": [
                        {"value": "x", "label": vi("Nhanh")},
                        {"value": "y", "label": vi("Rẻ")},
                    ],
                    "show_if": {"b": "1"},
                    "goto": [{"when": {"a": "yes", "b": "2"}, "to": "end"}],
                },
                {
                    "id": "e",
                    "type": "date",
                    "label": vi("Sau {answer:c|nhiều} lần, ngày nào?"),
                    "options": [{"value": "9", "label": vi("Không nhớ"), "missing": "dont_know"}],
                },
                {"id": "f", "type": "text", "label": vi("Ý khác"), "lines": 1},
            ],
        },
    ],
}


@pytest.fixture(scope="module")
def routed():
    return build(Document("routed.json", ROUTED, {}))


def test_routing_is_printed_as_sentences_with_the_numbers_of_the_questions(routed):
    first, second = Form.of(routed, "vi").sections
    a, b, _ = first["questions"]
    d, e, _ = second["questions"]
    assert [one["goto"] for one in a["options"]] == ["", "chuyển đến câu 4"]
    assert b["label"] == "Đi bằng gì (trên giấy)?"
    assert second["only"] == "Chỉ trả lời nếu câu 1 chọn “Có” hoặc “Không”."
    assert d["only"] == "Chỉ trả lời nếu câu 2 chọn “Xe máy”."
    assert d["after"] == ["Nếu câu 1 chọn “Có” và câu 2 chọn “Xe khác” thì chuyển đến cuối phiếu."]
    assert e["label"] == "Sau nhiều lần, ngày nào?"
    assert [one.field for one in Form.of(routed, "vi").asked] == [
        "a", "b", "b_2_text", "c", "d", "e", "e.missing", "f",
    ]  # fmt: skip


def test_every_kind_of_question_has_its_place_on_the_page(routed):
    made = set_form(routed, ABOUT)
    assert {(one.field, one.number) for one in made.layout.boxes} == {
        ("a", "1"), ("a", "2"), ("b", "1"), ("b", "2"), ("e.missing", "9"),
    }  # fmt: skip
    assert [(one.field, one.number) for one in made.layout.spaces] == [
        ("b_2_text", ""), ("c", ""), ("d", "1"), ("d", "2"), ("e", ""), ("f", ""),
    ]  # fmt: skip
    assert "chuyển đến câu 4" in " ".join(
        text_of(made.pdf([CODE], ABOUT.base_url), page) for page in range(made.layout.pages)
    )


def test_keyed_numbers_become_answers_and_what_no_box_carries_is_said(routed):
    keyed = {"a": "01", "b": "2, 1".replace(",", ""), "b_2_text": "xe bò", "c": "7", "d": "2|1"}
    checked = check(routed, keyed | {"e.missing": "9"})
    assert checked.faults == ()
    assert checked.answers["a"] == 1
    assert (checked.answers["b_1"], checked.answers["b_2"]) == (1, 1)
    assert (checked.answers["d_x"], checked.answers["d_y"]) == (2, 1)
    wrong = check(routed, {"a": "3", "c": "99"})
    assert [(fault.field, fault.code) for fault in wrong.faults] == [
        ("a", "number-not-printed"),
        ("c", "above-maximum"),
    ]
    asked = {one.field: one for one in Form.of(routed, "vi").asked}
    assert tidy(asked["d"], "2 1") == "2|1"


# The layout file ---------------------------------------------------------------------------------


def test_a_layout_comes_back_as_it_was_written_and_a_changed_one_is_refused(sheets, tmp_path):
    path = tmp_path / "layout.json"
    sheets.layout.write(path)
    assert read_layout(path) == sheets.layout
    moved = path.read_text("utf-8").replace('"page": 2', '"page": 3', 1)
    path.write_text(moved, encoding="utf-8")
    for broken in (path, tmp_path / "absent.json"):
        with pytest.raises(PaperError) as refused:
            read_layout(broken)
        assert refused.value.code == "layout-unreadable"
    path.write_text("[" * 100_000, encoding="utf-8")
    with pytest.raises(PaperError):
        read_layout(path)


def test_the_code_of_a_page_names_layout_page_and_form():
    assert read_page_mark(page_mark("2XK0P9", 12, CODE)) == ("2XK0P9", 12, CODE)
    assert read_page_mark("HTTP://192.168.1.20:8000/S/") is None
    assert len(page_mark("2XK0P9", 1, CODE)) == 27
    assert len(layouts.Layout(("q", "1"), "vi", 1, (), (), ()).id) == 6


# Commands ----------------------------------------------------------------------------------------


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder with an open round of the transaction questionnaire; today is the tests' day."""
    from survey_app.services import installation as installations

    made = an_installation(tmp_path / "data")
    a_round(made, "r1", questionnaire=("transaction", "2026-1"))
    made.engine.dispose()
    design = tmp_path / "data" / "rounds" / "r1" / "sample"
    design.mkdir(parents=True)
    (design / "design.json").write_text(
        json.dumps(
            {
                "version": 1, "name": "d", "frame": "f", "instrument": "transaction@2026-1",
                "stages": [{"unit": "person", "method": "srs", "take": 1, "size": "size"}],
                "seed_policy": "opened",
            }
        )
    )  # fmt: skip
    monkeypatch.setenv("HAILONG_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("HAILONG_LANG", "en")
    from builders import TODAY

    monkeypatch.setattr(installations.open_installation, "__defaults__", (lambda: TODAY,))
    return tmp_path


def said(capsys, *arguments):
    try:
        code = main([str(one) for one in arguments])
    except SystemExit as left:
        code = left.code
    out = capsys.readouterr().out
    return code, json.loads(out)


def printed_codes(folder: Path, unit: str) -> list[str]:
    [path] = folder.glob(f"forms-{unit}-*.pdf")
    document = pypdfium2.PdfDocument(path)
    found = []
    for page in document:
        grey = np.asarray(page.render(scale=150 / 72, grayscale=True).to_pil())
        marks = [read_page_mark(one.text) for one in zxingcpp.read_barcodes(grey)]
        found += [mark[2] for mark in marks if mark and mark[1] == 1]
    document.close()
    return found


def keyed_file(path: Path, rows: list[dict[str, str]]) -> Path:
    asked = Form.of(load("transaction", "2026-1"), "vi").asked
    columns = ["form_number", *(one.field for one in asked)]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_forms_are_printed_keyed_twice_and_counted_once(place, capsys):
    out = place / "forms"
    code, answer = said(capsys, "paper", "print", "r1", "--cell", "r1.10507", "--count", 3,
                        "--out", out, "--json")  # fmt: skip
    assert code == 0, answer
    assert answer["result"]["forms"] == 3
    assert {path.name for path in out.iterdir()} == {"layout.json", "forms-10507-001.pdf"}
    assert all(path.stat().st_mode & 0o077 == 0 for path in out.glob("*.pdf"))
    one, other, third = printed_codes(out, "10507")
    good = {"gioi_tinh": "2", "gd_1_01": "4", "so_lan_den": "2"}
    first = keyed_file(
        place / "first.csv",
        [
            {"form_number": codes.display(one), **good},
            {"form_number": other, **good},
            {"form_number": third, **good, "gd_1_02": "7"},
            {"form_number": "0000-0000-0000-0000-1"},
        ],
    )
    second = keyed_file(
        place / "second.csv",
        [
            {"form_number": other.lower(), **good, "gd_1_01": "5"},
            {"form_number": one, **good, "so_lan_den": "02"},
            {"form_number": third, **good, "gd_1_02": "7"},
            {"form_number": third, **good},
        ],
    )
    code, answer = said(capsys, "paper", "enter", first, second, "--round", "r1", "--check",
                        "--json")  # fmt: skip
    assert answer["result"]["agreed"] == 1
    code, answer = said(capsys, "paper", "enter", first, second, "--round", "r1", "--json")
    assert code == 0
    counts = {key: answer["result"][key] for key in ("submitted", "again", "differing", "refused")}
    assert counts == {"submitted": 1, "again": 0, "differing": 1, "refused": 3}
    found = {(one["code"], one["file"], one["row"], one["column"]) for one in answer["findings"]}
    assert found == {
        ("keyings-differ", "first.csv", 3, "gd_1_01"),
        ("number-not-printed", "first.csv", 4, "gd_1_02"),
        ("form-number-slip", "first.csv", 5, "form_number"),
        ("form-twice", "second.csv", 5, "form_number"),
    }
    assert "first “4 – Hài lòng”, second “5 – Rất hài lòng”" in str(answer["findings"])
    code, answer = said(capsys, "paper", "enter", first, second, "--round", "r1", "--json")
    assert answer["result"]["submitted"] == 0
    assert answer["result"]["again"] == 1
    code, answer = said(capsys, "round", "status", "r1", "--json")
    assert answer["result"]["rounds"][0]["used"] == 1


def test_what_cannot_be_entered_is_said_form_by_form(place, capsys):
    made = an_installation_again(place)
    strange = issue(made, "r2", "transaction")
    own = issue(made, "r1", None)
    made.engine.dispose()
    rows = [
        {"form_number": strange, "gioi_tinh": "1"},
        {"form_number": own},
        {"form_number": CODE, "gioi_tinh": "1"},
    ]
    first = keyed_file(place / "first.csv", rows)
    second = keyed_file(place / "second.csv", rows[:2])
    _, answer = said(capsys, "paper", "enter", first, second, "--round", "r1", "--json")
    assert [one["code"] for one in answer["findings"]] == [
        "form-not-in-both",
        "form-of-another-round",
        "form-empty",
    ]
    code, answer = said(capsys, "paper", "enter", first, first, "--round", "r1", "--json")
    assert (code, answer["findings"][0]["code"]) == (1, "same-file-twice")
    assert main(["paper", "enter", str(first), "--round", "r1"]) == 2


def an_installation_again(place):
    from builders import TODAY, some_settings

    from survey_app.services.installation import open_installation

    return open_installation(some_settings(place / "data"), lambda: TODAY)


def issue(made, round_id, questionnaire):
    from builders import some_codes

    if questionnaire:
        a_round(made, round_id, questionnaire=(questionnaire, "2026-1"), cells=("10525",))
    cell = "10525" if questionnaire else "10507"
    return some_codes(made, round_id, {f"{round_id}.{cell}": 1})[0]


def test_a_scan_is_entered_with_the_decisions_of_a_person(place, capsys):
    made = an_installation_again(place)
    one, other = issue(made, "r1", None), issue(made, "r1", None)
    made.engine.dispose()
    entries = keyed_file(
        place / "entries.csv",
        [
            {"form_number": one, "gioi_tinh": "?", "do_tuoi": "?", "gd_1_01": "4"},
            {"form_number": other, "gioi_tinh": "?", "gd_1_01": "4"},
        ],
    )
    decisions = place / "decisions.csv"
    decisions.write_text(
        "form_number,field,value,reason\n"
        f"{one},gioi_tinh,2,faint\n{one},do_tuoi,-,two-ticks\n{one},gd_1_01,1,\n{other},gioi_tinh,,\n"
    )
    _, answer = said(capsys, "paper", "enter", entries, "--decisions", decisions,
                     "--round", "r1", "--json")  # fmt: skip
    assert answer["result"]["submitted"] == 1
    assert [(f["code"], f["row"]) for f in answer["findings"]] == [
        ("decision-not-asked", 4),
        ("doubt-undecided", 3),
    ]


def test_a_folder_that_holds_something_takes_no_forms_and_no_code_stays(place, capsys):
    (place / "full").mkdir()
    (place / "full" / "x").touch()
    code, answer = said(capsys, "paper", "print", "r1", "--count", 1, "--out", place / "full",
                        "--json")  # fmt: skip
    assert (code, answer["findings"][0]["code"]) == (1, "folder-not-empty")
    _, answer = said(capsys, "round", "status", "r1", "--json")
    assert answer["result"]["rounds"][0]["issued"] == 0


def test_scanning_without_its_libraries_says_what_to_install(sheets, tmp_path, capsys, monkeypatch):
    import sys

    for name in [name for name in sys.modules if name.startswith("survey_app.services.paper.pic")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "pypdfium2", None)
    sheets.layout.write(tmp_path / "layout.json")
    code, answer = said(capsys, "paper", "scan", "a.pdf", "--layout", tmp_path / "layout.json",
                        "--out", tmp_path / "out", "--json")  # fmt: skip
    assert (code, answer["findings"][0]["code"]) == (1, "paper-extra-missing")
    assert "hailong[paper]" in answer["findings"][0]["advice"]
