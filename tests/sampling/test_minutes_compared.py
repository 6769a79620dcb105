"""Minutes in the folder of a draw: what verifying finds when somebody has changed them."""

import importlib
import io
import shutil
import sys
import zipfile
from datetime import date, datetime

import docx
import pytest

from intake.findings import DrawError
from sampling import Frame, SampleDesign, draw, read_frame, verify_draw, write_draw
from sampling.minutes import commit, compare_minutes, minutes_files

SECRET, DAY = "5e" * 32, date(2026, 7, 3)
OCCASION = {
    "place": "Hải Phòng",
    "issuer": "Sở Nội vụ [TP]",
    "parent": "Ủy ban nhân dân thành phố Hải Phòng",
    "survey": "SIPAS",
}
ALL = ("minutes.md", "minutes.docx", "minutes.pdf")


def a_draw(frame=None):
    rows = [
        {"unit_id": f"a{i}", "unit_name": f"Xã {i}", "province": "31", "stratum": "s", "size": 9}
        for i in range(6)
    ]
    stage = {"unit": "commune", "method": "srs", "take": 3}
    design = SampleDesign.from_dict({"version": 1, "name": "nhỏ", "stages": [stage]})
    return draw(frame or Frame.from_rows(rows), design, SECRET, public="48")


def write(made, folder, lang="vi", **occasion):
    write_draw(made, folder, operator="Tổ", drawn_on=DAY)
    files = minutes_files(made, lang, operator="Tổ", drawn_on=DAY, **occasion)
    for name, data in files.items():
        (folder / name).write_bytes(data)


def compared(folder, **more):
    return compare_minutes(folder, verify_draw(folder), operator="Tổ", drawn_on=DAY, **more)


def refused(folder, **more):
    with pytest.raises(DrawError) as refusal:
        compared(folder, **more)
    return refusal.value.findings


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    folder = tmp_path_factory.mktemp("published") / "draw"
    write(a_draw(), folder, **OCCASION)
    return folder


@pytest.fixture
def folder(published, tmp_path):
    return shutil.copytree(published, tmp_path / "draw")


def replaced(data, old, new):
    """Return a Word file with other words in its text."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(made, "w") as after:
        for name in before.namelist():
            part = before.read(name)
            if name == "word/document.xml":
                assert old.encode() in part
                part = part.replace(old.encode(), new.encode())
            after.writestr(name, part)
    return made.getvalue()


@pytest.mark.parametrize(("lang", "occasion"), [("en", OCCASION), ("vi", {})])
def test_untouched_minutes_are_the_same_in_either_language_with_or_without_an_occasion(
    tmp_path, lang, occasion
):
    write(a_draw(), tmp_path / "d", lang, **occasion)
    found = compared(tmp_path / "d")
    assert (set(found.files.values()), found.notes) <= ({"bytes", "text"}, 0)
    assert found.files["minutes.md"] == "bytes"
    assert found.beyond_record == bool(occasion)


def test_another_name_in_the_markdown_is_named_with_its_line(folder):
    path = folder / "minutes.md"
    lines = path.read_text(encoding="utf-8").split("\n")
    row = next(number for number, line in enumerate(lines) if "| 1 |" in line)
    lines[row] = lines[row].replace("Xã", "Phường")
    path.write_text("\n".join(lines), encoding="utf-8")
    (found,) = refused(folder)
    assert (found.code, found.file, found.row) == ("draw-minutes-differ", "minutes.md", row + 1)
    assert "Phường" in found.message.en


@pytest.mark.parametrize("added", ["thêm một dòng\n", b"\xff\n"])
def test_a_line_added_at_the_end_is_a_difference(folder, added):
    path = folder / "minutes.md"
    more = added if isinstance(added, bytes) else added.encode()
    path.write_bytes(path.read_bytes() + more)
    assert [one.code for one in refused(folder)] == ["draw-minutes-differ"]
    assert refused(folder)[0].message.vi.encode("utf-8")


def test_operator_and_day_are_those_of_the_record(folder):
    with pytest.raises(DrawError) as refusal:
        compare_minutes(folder, verify_draw(folder), operator="Người khác", drawn_on=DAY)
    assert {one.file for one in refusal.value.findings} == set(ALL)


def test_a_place_that_only_one_file_names_is_a_difference(folder):
    path = folder / "minutes.docx"
    path.write_bytes(replaced(path.read_bytes(), "Hải Phòng", "Hà Nội"))
    (found,) = refused(folder)
    assert found.code == "draw-minutes-disagree"
    assert "'Hải Phòng'" in found.message.en
    assert "'Hà Nội'" in found.message.en


def test_a_body_above_that_only_one_file_names_is_a_difference(folder):
    path = folder / "minutes.docx"
    path.write_bytes(replaced(path.read_bytes(), "ỦY BAN NHÂN DÂN THÀNH PHỐ", "BỘ NỘI VỤ"))
    assert [one.file for one in refused(folder)] == ["minutes.pdf"]
    path.unlink()
    assert compared(folder).files["minutes.pdf"] == "text"


def test_a_word_file_saved_again_says_the_same_and_one_with_other_units_does_not(folder):
    path = folder / "minutes.docx"
    docx.Document(path).save(path)
    assert compared(folder).files["minutes.docx"] == "text"
    drawn = a_draw().rows[0].unit_id
    path.write_bytes(replaced(path.read_bytes(), f">{drawn}<", ">a9<"))
    (found,) = refused(folder)
    assert (found.file, "a9" in found.message.en) == ("minutes.docx", True)


def test_a_figure_in_a_table_of_a_word_file_is_compared(folder):
    path = folder / "minutes.docx"
    path.write_bytes(replaced(path.read_bytes(), ">6<", ">7<"))
    assert [one.file for one in refused(folder)] == ["minutes.docx"]


def test_names_that_look_like_markup_are_read_back_as_they_are(tmp_path):
    names = ("</w:t><w:br/> [cũ] *x* `y`", "Xã | \\ #1", "Sở: ABC: ", "ßtraße " + "w" * 60)
    occasion = dict(zip(("place", "issuer", "parent", "survey"), names, strict=True))
    rows = [
        {"unit_id": f"a{i}", "unit_name": names[i % 4], "province": "31", "stratum": "s", "size": i}
        for i in range(1, 7)
    ]
    made = a_draw(Frame.from_rows(rows))
    assert made.frame.findings, "the notes hold the names, too"
    write(made, tmp_path / "d", **occasion)
    assert compared(tmp_path / "d").files["minutes.md"] == "bytes"
    (tmp_path / "d" / "minutes.docx").unlink()
    assert compared(tmp_path / "d").files["minutes.pdf"] == "text"


def test_a_picture_over_the_words_makes_a_word_file_unreadable(folder):
    path = folder / "minutes.docx"
    with zipfile.ZipFile(path, "a") as packed:
        packed.writestr("word/media/image1.png", b"\x89PNG")
    assert [one.code for one in refused(folder)] == ["draw-minutes-unreadable"]


@pytest.mark.parametrize("name", ["minutes.docx", "minutes.pdf"])
def test_a_file_that_is_no_paper_is_unreadable(folder, name):
    (folder / name).write_bytes(b"PK\x03\x04 or %PDF-1.7 and no more")
    assert [(one.code, one.file) for one in refused(folder)] == [("draw-minutes-unreadable", name)]


def test_the_pdf_of_another_draw_differs_and_without_a_reader_is_told_to_be_unread(
    folder, monkeypatch
):
    other = draw(a_draw().frame, a_draw().design, "other", public="48")
    data = minutes_files(other, operator="Tổ", drawn_on=DAY, **OCCASION)["minutes.pdf"]
    (folder / "minutes.pdf").write_bytes(data)
    assert [one.file for one in refused(folder)] == ["minutes.pdf"]
    # Other bytes, the same words: a comment behind the end, as another release may write it.
    own = minutes_files(a_draw(), operator="Tổ", drawn_on=DAY, **OCCASION)["minutes.pdf"]
    (folder / "minutes.pdf").write_bytes(own + b"\n% more\n")
    assert compared(folder).files["minutes.pdf"] == "text"
    monkeypatch.setitem(sys.modules, "pypdfium2", None)
    with pytest.raises(ImportError):
        importlib.import_module("pypdfium2")
    assert compared(folder).files["minutes.pdf"] == "unread"


def test_missing_minutes_are_told_and_the_others_need_the_markdown(folder):
    (folder / "minutes.pdf").unlink()
    assert compared(folder).files["minutes.pdf"] == "absent"
    (folder / "minutes.md").unlink()
    assert [(one.code, one.file) for one in refused(folder)] == [
        ("draw-file-missing", "minutes.md")
    ]
    (folder / "minutes.docx").unlink()
    assert set(compared(folder).files.values()) == {"absent"}


def test_a_commitment_that_the_minutes_do_not_name_is_a_difference(tmp_path):
    made = a_draw()
    promise = commit(made.frame, made.design, SECRET, public_source="Xổ số",
                     public_at=datetime(2026, 7, 2, 18), made_at=datetime(2026, 6, 1))  # fmt: skip # noqa: DTZ001
    write(made, tmp_path / "d", commitment=promise)
    assert compared(tmp_path / "d", commitment=promise).files["minutes.md"] == "bytes"
    assert {one.file for one in refused(tmp_path / "d")} == set(ALL)


def test_notes_on_the_list_as_handed_in_are_counted_and_those_on_the_design_must_stand(tmp_path):
    # Handed in with the outlier last; the folder holds the list by its ids, the outlier first.
    head = "unit_id,unit_name,province,stratum,size\n"
    rows = [f"a{number},Xã {number},31,s,{size}" for number, size in
            ((3, 9), (4, 9), (5, 9000), (6, 9), (2, 9), (1, 8000))]  # fmt: skip
    (tmp_path / "list.csv").write_text(head + "\n".join(rows) + "\n", encoding="utf-8")
    frame = read_frame(tmp_path / "list.csv")
    stage = {"unit": "commune", "method": "srs", "take": 3,
             "coordination": {"seed": "ab" * 32, "shift": 0.5}}  # fmt: skip
    design = SampleDesign.from_dict({"version": 1, "stages": [stage]})
    made = draw(frame, design, 1)
    assert len(frame.findings) == 2
    assert made.findings
    write(made, tmp_path / "d")
    found = compared(tmp_path / "d")
    assert (found.files["minutes.md"], found.notes) == ("bytes", 0)
    path = tmp_path / "d" / "minutes.md"
    text = path.read_text(encoding="utf-8")
    note = made.findings[0].message.vi
    assert note in text
    path.write_text(text.replace(f"- {note}\n", ""), encoding="utf-8")
    assert [one.code for one in refused(tmp_path / "d")] == ["draw-minutes-disagree"]
    for name in ("minutes.docx", "minutes.pdf"):
        (tmp_path / "d" / name).unlink()
    assert [one.code for one in refused(tmp_path / "d")] == ["draw-minutes-differ"]
    path.write_text(text.replace(f"- {note}", f"- Danh sách đủ.\n- {note}"), encoding="utf-8")
    assert compared(tmp_path / "d").notes == 1
