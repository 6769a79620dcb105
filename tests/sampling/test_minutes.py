"""The papers of a draw: what they say, how they look, and what nobody can make them say."""

import io
import json
import re
import subprocess
import zipfile
from dataclasses import replace
from datetime import UTC, date, datetime

import docx
import pypdfium2
import pytest
from docx.shared import Mm

from intake.findings import DesignError, DrawError
from sampling import DESIGNS, Frame, SampleDesign, draw, frame, load_registry, write_draw
from sampling.design.stages import ALLOCATIONS, METHODS, METHODS_OF_PERSONS, METHODS_WITHIN
from sampling.minutes import (
    check_opening,
    check_record,
    commit,
    minutes_files,
    notice_files,
    pdf_file,
    read_commitment,
    terms,
)
from sampling.minutes.checking import check_commands
from sampling.minutes.labels import LABELS
from sampling.minutes.papers import Commands, Fact, Facts, Lines, Paper, Section

SECRET = "4f" * 32
MADE, KNOWN = map(datetime.fromisoformat, ("2026-06-20 09:05", "2026-07-02 18:30"))
HOSTILE = (
    '#sys.inputs *đậm* _x_ $1/0$ ] ) } @x <nhãn> \\ " // /* `mã`',
    "</w:t></w:r><w:br/>&amp;&lt; {{ x }}",
    "Xã" + "w" * 190,
    "بلدية مدينة",
    "=HYPERLINK(1) | a\u0301\u0323 𝔛 中",
)


def texts_of(pdf):
    document = pypdfium2.PdfDocument(pdf)
    return [" ".join(page.get_textpage().get_text_bounded().split()) for page in document]


def words_of(word):
    document = docx.Document(io.BytesIO(word))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join([*(one.text for one in document.paragraphs), *cells])


def a_frame(names, **columns):
    return Frame.from_rows(
        [
            {"unit_id": f"u{number:04d}", "unit_name": name, "province": "31", "stratum": "s",
             "size": 10 + number, **columns}
            for number, name in enumerate(names)
        ]
    )  # fmt: skip


def a_design(take, **stage):
    first = {"unit": "commune", "method": "srs", "take": take} | stage
    return SampleDesign.from_dict({"version": 1, "name": "nhỏ", "stages": [first]})


@pytest.fixture(scope="module")
def population():
    units = frame.build(load_registry(), date(2026, 3, 1))
    design = SampleDesign.read(DESIGNS / "hai-phong-population.yaml")
    return draw(units, design, SECRET, public="48 213")


@pytest.fixture(scope="module")
def promise(population):
    return commit(population.frame, population.design, SECRET, public_source="Xổ số ngày 02/7",
                  public_at=KNOWN, made_at=MADE)  # fmt: skip


@pytest.fixture(scope="module")
def papers(population, promise):
    return minutes_files(population, operator="Tổ công tác", drawn_on=date(2026, 7, 3),
                         commitment=promise, place="Hải Phòng", issuer="Sở Nội vụ")  # fmt: skip


def test_the_three_files_say_the_same(papers, population):
    pages = " ".join(texts_of(papers["minutes.pdf"]))
    word, text = words_of(papers["minutes.docx"]), papers["minutes.md"].decode("utf-8")
    for said in ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc", "Số:",
                 "SỞ NỘI VỤ", "Hải Phòng, ngày 03 tháng 7 năm 2026", "Nơi nhận:"):  # fmt: skip
        assert said in pages, said
        assert said in word, said
    drawn = [row for row in (*population.rows, *population.reserve_rows) if row.stage == 1]
    names = {population.frame.by_id[row.unit_id].unit_name for row in drawn}
    for said in ("BIÊN BẢN", "Tổ công tác", "chọn hệ thống xác suất tỷ lệ với quy mô (PPS)",
                 "48 213", "Xổ số ngày 02/7", "9 giờ 05 phút, ngày 20 tháng 6 năm 2026",
                 "4.662.669", "NGƯỜI CHỨNG KIẾN", "hailong sample verify", *names):  # fmt: skip
        assert all(said in one for one in (pages, word, text)), said
    for line in check_commands(population.record)["check_secret"]:
        assert line in pages, "a command is copied as it stands"
    for key in ("H_frame", "H_design", "commitment", "secret", "seed", "sample_sha256"):
        value = population.record[key]
        assert value in text
        assert value in re.sub(r"\s", "", pages), key
        assert value in word.replace(" ", ""), key


def test_the_english_minutes_say_everything_in_english(population, promise):
    made = minutes_files(population, "en", commitment=promise, drawn_on=date(2026, 7, 3))
    assert set(LABELS["vi"]) == set(LABELS["en"])
    pages = " ".join(texts_of(made["minutes.pdf"]))
    for said in ("SOCIALIST REPUBLIC OF VIET NAM", "MINUTES", "3 July 2026", "4,662,669",
                 "Units drawn", "09:05 on 20 June 2026", "WITNESS"):  # fmt: skip
        assert said in pages
        assert said in words_of(made["minutes.docx"])
    assert "chọn" not in pages


def test_the_same_draw_gives_the_same_bytes_that_name_no_time(papers, population, promise):
    again = minutes_files(population, operator="Tổ công tác", drawn_on=date(2026, 7, 3),
                          commitment=promise, place="Hải Phòng", issuer="Sở Nội vụ")  # fmt: skip
    assert again == papers
    with zipfile.ZipFile(io.BytesIO(papers["minutes.docx"])) as archive:
        assert {part.date_time for part in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    about = pypdfium2.PdfDocument(papers["minutes.pdf"]).get_metadata_dict()
    assert (about["CreationDate"], about["ModDate"]) == ("", "")
    assert about["Title"].startswith("BIÊN BẢN CHỌN MẪU")


def test_the_word_file_has_the_margins_of_the_decree_and_numbers_from_page_two(papers):
    document = docx.Document(io.BytesIO(papers["minutes.docx"]))
    page = document.sections[0]
    sides = (page.top_margin, page.bottom_margin, page.left_margin, page.right_margin)
    assert [round(side / Mm(1)) for side in sides] == [20, 20, 30, 15]
    assert page.different_first_page_header_footer
    assert "PAGE" in page.header._element.xml
    heads = [table.rows[0]._tr.xml for table in document.tables if table.style.name == "Table Grid"]
    assert len(heads) == 4
    assert all("w:tblHeader" in head for head in heads)
    assert {run.font.name for one in document.paragraphs for run in one.runs} <= {
        None, "Courier New"}  # fmt: skip


def test_a_long_list_repeats_its_head_on_each_page_and_pages_are_numbered_from_two():
    made = draw(a_frame([f"Xã số {number}" for number in range(113)]), a_design(112), 7)
    pages = texts_of(minutes_files(made)["minutes.pdf"])
    holding = [page for page in pages if "Xã số" in page]
    assert len(holding) >= 3
    assert all("TT Mã Tên Tầng Xác suất" in page for page in holding)
    assert [page.split()[0] for page in pages[1:]] == [str(n) for n in range(2, len(pages) + 1)]
    assert not pages[0].startswith("1 ")


def test_a_table_too_long_for_paper_is_left_to_its_file():
    made = draw(a_frame([f"Xã số {number}" for number in range(600)]), a_design(501), 7)
    files = minutes_files(made)
    assert "501 dòng, xem tệp sample.csv" in " ".join(texts_of(files["minutes.pdf"]))
    assert files["minutes.md"].decode("utf-8").count("Xã số") == 501


def test_no_name_can_break_out_of_its_place(tmp_path):
    made = draw(a_frame(HOSTILE), a_design(5), 7)
    files = minutes_files(made, operator="x\x00\u202e" + "y" * 400, survey=HOSTILE[0])
    document = pypdfium2.PdfDocument(files["minutes.pdf"])
    for page in document:
        width, height = page.get_size()
        text = page.get_textpage()
        boxes = [text.get_charbox(place) for place in range(text.count_chars())]
        assert min(box[0] for box in boxes if box[2] > box[0]) > 30 * 2.8
        assert max(box[2] for box in boxes) < width - 14 * 2.8
        assert max(box[3] for box in boxes) < height
    pages = re.sub(r"\s", "", "".join(texts_of(files["minutes.pdf"])))
    assert "#sys.inputs*đậm*_x_$1/0$])}@x<nhãn>" in pages
    assert "w" * 150 in pages
    assert "[U+0628]" in pages
    word = words_of(files["minutes.docx"])
    assert all(name.strip() in word for name in HOSTILE[:4])
    assert "[U+202E]" in word
    assert "\x00" not in word


def test_every_character_that_is_not_escaped_can_be_printed():
    held = [chr(code) for code in range(0x20, 0x3000) if not pdf_file._UNPRINTABLE.match(chr(code))]
    assert set("ĂăÂâĐđÊêÔôƠơƯưẠạỹ–“”…₫") <= set(held)
    text = " ".join(held)
    blocks = (Lines((text,)), Commands((text,)), Facts((Fact("mã", text, exact=True),)))
    paper = Paper("vi", "A", "A", text, "BB", (Section("1", blocks),), ())
    assert pdf_file.pdf_of(paper).startswith(b"%PDF")


def test_the_commands_in_the_minutes_give_what_they_promise(tmp_path):
    secret = 'it\'s "a" $HOME %s secret'
    made = draw(a_frame([f"Xã {number}" for number in range(9)]), a_design(4), secret, public="5 8")
    write_draw(made, tmp_path / "d")
    text = minutes_files(made)["minutes.md"].decode("utf-8")
    script = [line for part in re.findall(r"```sh\n(.*?)```", text, re.DOTALL)
              for line in part.splitlines() if not line.startswith("hailong")]  # fmt: skip
    ran = subprocess.run(["sh", "-e", "-c", "\n".join(script[:-1])], cwd=tmp_path / "d",
                         capture_output=True, text=True, check=True)  # fmt: skip
    lines = ran.stdout.splitlines()
    keys = ("H_frame", "H_design", "sample_sha256", "reserves_sha256", "commitment")
    assert [line[:64] for line in lines[:5]] == [made.record[key] for key in keys]
    assert lines[5] == made.record["seed"]
    assert [line.split()[1] for line in lines[6:10]] == made.record["strata"][0]["drawn"]
    assert script[-1] == "python3 redraw.py ."


def test_every_method_and_allocation_has_words():
    methods = {*METHODS, *METHODS_WITHIN, *METHODS_OF_PERSONS}
    assert methods <= set(terms.METHODS)
    assert methods <= set(terms.SHORT_METHODS)
    assert set(ALLOCATIONS) - {"fixed"} <= set(terms.ALLOCATIONS)
    assert terms.term(terms.METHODS, "chưa biết", "vi") == "chưa biết"


def test_four_stages_are_told_in_words_and_tables():
    rows = [
        {"unit_id": f"{commune}v{number}", "unit_name": f"Thôn {number}", "province": "31",
         "stratum": "s", "size": 90, "parent_id": commune, "parent_name": f"Xã {commune}",
         "households": 40}
        for commune in ("c1", "c2", "c3") for number in range(4)
    ]  # fmt: skip
    design = SampleDesign.from_dict(
        {
            "version": 1,
            "stages": [
                {"unit": "commune", "id": "parent_id", "method": "sampford", "take": 2},
                {"unit": "village", "id": "unit_id", "method": "systematic", "take": 2},
                {"unit": "household", "method": "srs", "size": "households", "take": 3},
                {"unit": "person", "method": "kish", "take": 1},
            ],
        }
    )
    made = draw(Frame.from_rows(rows), design, 7)
    text = minutes_files(made)["minutes.md"].decode("utf-8")
    for said in ("theo phương pháp Sampford", "Giai đoạn 2, chọn thôn, tổ dân phố: chọn hệ thống",
                 "Giai đoạn 3, chọn hộ: chọn ngẫu nhiên đơn giản",
                 "Giai đoạn 4, chọn người: chọn một người trong hộ theo bảng Kish",
                 "### Giai đoạn 3, trong từng đơn vị đã chọn", "| Xã c"):  # fmt: skip
        assert said in text, said
    assert text.count("Thôn") >= 4


# The commitment


def test_a_commitment_is_read_back_as_it_was_made(promise, tmp_path):
    path = tmp_path / "commitment.json"
    path.write_bytes(promise.canonical)
    assert read_commitment(path) == promise
    stored = json.loads(promise.canonical)
    assert stored["public_at"] == "2026-07-02T18:30+07:00"
    assert SECRET not in promise.canonical.decode()


def test_the_notice_is_one_page_that_keeps_the_secret(promise):
    for lang in ("vi", "en"):
        files = notice_files(promise, lang, issuer="Sở Nội vụ", place="Hải Phòng")
        pages = texts_of(files["notice.pdf"])
        assert len(pages) == 1
        for text in (*pages, words_of(files["notice.docx"]), files["notice.md"].decode()):
            joined = re.sub(r"\s", "", text)
            assert promise.h_frame in joined
            assert promise.h_design in joined
            assert promise.secret_hash in joined
            assert SECRET not in joined
            assert "Xổ số ngày 02/7" in text
    assert "THÔNG BÁO" in texts_of(notice_files(promise)["notice.pdf"])[0]


def test_a_draw_that_is_not_the_one_committed_to_is_refused_with_both_hashes(population, promise):
    after = datetime(2026, 7, 2, 11, 30, tzinfo=UTC)  # 18:30 in Việt Nam
    check_opening(promise, population.frame, population.design, SECRET, "1", drawn_at=after)
    other_frame = Frame(population.frame.units[1:], population.frame.columns)
    other_design = replace(population.design, seed_policy="other")
    with pytest.raises(DrawError) as refusal:
        check_opening(promise, other_frame, other_design, "7", "", drawn_at=MADE)
    assert [finding.code for finding in refusal.value.findings] == [
        "draw-commitment-frame", "draw-commitment-design", "draw-commitment-secret",
        "draw-public-missing", "draw-too-early"]  # fmt: skip
    said = refusal.value.text("vi")
    assert promise.h_frame in said
    assert other_frame.sha256 in said


def test_the_record_of_another_draw_does_not_open_a_commitment(population, promise):
    check_record(promise, population.record, date(2026, 7, 2))
    check_record(promise, population.record, None)
    with pytest.raises(DrawError) as refusal:
        check_record(promise, population.record | {"H_frame": "0" * 64, "public": ""},
                     date(2026, 7, 1))  # fmt: skip
    assert [finding.code for finding in refusal.value.findings] == [
        "draw-commitment-frame", "draw-public-missing", "draw-too-early"]  # fmt: skip


def test_nobody_commits_to_what_cannot_be_drawn_or_is_known_already(population):
    facts = {"public_source": "Xổ số", "public_at": KNOWN, "made_at": MADE}
    units = a_frame(["A", "B"])
    with pytest.raises(DesignError):
        commit(units, a_design(3), SECRET, **facts)
    for changed, secret, code in (
        ({"public_at": MADE}, SECRET, "draw-public-too-early"),
        ({"public_source": " "}, SECRET, "draw-public-source-invalid"),
        ({"public_source": "a\nb"}, SECRET, "draw-public-source-invalid"),
        ({}, " 7", "draw-seed-invalid"),
        ({}, "", "draw-seed-invalid"),
    ):
        with pytest.raises(DrawError) as refusal:
            commit(units, a_design(1), secret, **facts | changed)
        assert refusal.value.code == code


@pytest.mark.parametrize(
    "broken",
    [
        b"{",
        b"[]",
        b"\xff",
        b" " * 70_000,
        {"version": 2},
        {"version": True},
        {"algorithm": "draw-v9"},
        {"H_frame": "7"},
        {"H_design": None},
        {"public_source": "a\u202eb"},
        {"public_at": "soon"},
        {"made_at": 7},
        {"made_at": "0001-01-01T00:00+14:00"},
    ],
)
def test_a_commitment_that_cannot_be_read_is_refused(promise, tmp_path, broken):
    path = tmp_path / "commitment.json"
    data = broken if isinstance(broken, bytes) else json.dumps(promise.as_dict() | broken).encode()
    path.write_bytes(data)
    with pytest.raises(DrawError) as refusal:
        read_commitment(path)
    assert refusal.value.code == "draw-commitment-broken"
