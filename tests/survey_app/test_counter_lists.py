"""Sheets and commands for a counter that hands out tickets to every k-th transaction."""

import dataclasses
import unicodedata
from fractions import Fraction

import pypdfium2
import pytest

from intake.findings import Words
from sampling import DESIGNS, SampleDesign, build_visits, draw, load_offices, load_registry
from sampling import write_draw as written_draw
from sampling.visits import Segment, list_of
from survey_app.cli import main
from survey_app.services.counter_lists import ListFacts, counter_lists, period_words
from survey_app.services.prints import PrintError

ABOUT = ListFacts(
    Words("Khảo sát giao dịch năm 2026", "Transaction survey 2026"),
    "Sở Nội vụ thành phố Hải Phòng",
    "Trung tâm Phục vụ hành chính công phường Lê Chân",
)
DAY = Segment("tt-le-chan", 140, Fraction(12), Fraction(10), "2026-03-02", "1")


def pages(pdf):
    return [
        unicodedata.normalize("NFC", " ".join(page.get_textpage().get_text_bounded().split()))
        for page in pypdfium2.PdfDocument(pdf)
    ]


def refused(lists, about):
    with pytest.raises(PrintError) as refusal:
        counter_lists(lists, about)
    return refusal.value.code


def test_a_list_shows_every_number_in_order_and_where_the_expected_volume_ends():
    first, tally = pages(counter_lists([list_of(DAY)], ABOUT))
    words = first.split()
    place = words.index("10")
    numbers = [int(word) for word in words[place:] if word.isdigit()]
    listed = [number for number in numbers if number % 12 == 10]
    assert listed == list(range(10, 281, 12))
    before, after = first.split("Hết 140 giao dịch dự kiến")
    assert "130" in before.split()
    assert "142" in after.split()
    assert "Thứ Hai 02/03/2026 · Cửa 1" in first
    assert "Cứ 12 giao dịch phát một phiếu, bắt đầu từ số 10." in first
    assert "Dự kiến 140 giao dịch · danh sách đến số 280" in first
    assert "Bảng đếm" in tally
    assert tally.count("02/03/2026") == 2


def test_a_row_stands_whole_on_one_page_of_a4_and_the_head_on_each():
    whole = dataclasses.replace(DAY, period="", expected=1000)
    pdf = counter_lists([list_of(whole)], ABOUT)
    *listed, tally = pages(pdf)
    assert len(listed) == 4
    assert all("Từ chối" in page for page in listed)
    for page in pypdfium2.PdfDocument(pdf):
        assert page.get_size() == pytest.approx((595.28, 841.89), abs=0.1)
    assert tally.count("sáng") == 8


def test_examples_and_simulations_say_so_in_both_languages():
    marked = dataclasses.replace(ABOUT, simulated=True, example=True)
    first = pages(counter_lists([list_of(DAY)], marked))[0]
    assert "140 giao dịch (ví dụ)" in first
    assert "Dữ liệu mô phỏng" in first
    english = pages(counter_lists([list_of(DAY)], dataclasses.replace(marked, lang="en")))[0]
    assert "140 transactions (example)" in english
    assert "Monday 02/03/2026" in english
    assert "Simulated data" in english
    assert "ví dụ" not in pages(counter_lists([list_of(DAY)], ABOUT))[0]


def test_a_count_sheet_holds_every_number_up_to_the_end_of_the_list():
    made = list_of(DAY)
    sheet = pages(counter_lists([made], dataclasses.replace(ABOUT, counting=True)))[1]
    assert set(range(1, made.upto + 1)) <= {int(word) for word in sheet.split() if word.isdigit()}


@pytest.mark.parametrize(
    ("period", "vi"),
    [
        ("", "Cả đợt"),
        ("sat", "Thứ Bảy"),
        ("2026-03-08-pm", "Chủ Nhật 08/03/2026, buổi chiều"),
        ("2026-03-02.r1", "Thứ Hai 02/03/2026 – đếm lại lần 1"),
        ("round.r2", "Cả đợt – đếm lại lần 2"),
        ("2026-13-45", "2026-13-45"),
        ("tuan-1", "tuan-1"),
    ],
)
def test_a_period_is_read_as_a_day(period, vi):
    assert period_words(period).vi == vi


def test_what_cannot_be_printed_is_refused():
    assert refused([], ABOUT) == "nothing-to-print"
    many = Segment("q", 30_000, Fraction(1), Fraction(1))
    assert refused([list_of(many)], ABOUT) == "list-too-long"
    huge = Segment("q", 60_000, Fraction(100), Fraction(1))
    assert refused([list_of(huge)], dataclasses.replace(ABOUT, counting=True)) == "list-too-long"
    hidden = dataclasses.replace(ABOUT, counter_name="Quầy \u202e1")
    assert refused([list_of(DAY)], hidden) == "character-forbidden"
    long = dataclasses.replace(ABOUT, counter_name="Quầy " * 59)
    assert refused([list_of(DAY)], long) == "text-does-not-fit"


def test_what_a_user_typed_is_never_markup():
    hostile = dataclasses.replace(ABOUT, counter_name='#panic() *x* $y$ "z" = 1')
    assert '#panic() *x* $y$ "z" = 1' in pages(counter_lists([list_of(DAY)], hostile))[0]


# Commands


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HAILONG_LANG", "en")
    counters = build_visits(list(load_offices().counters.values()), load_registry())
    design = SampleDesign.read(DESIGNS / "hai-phong-visits.yaml")
    written_draw(draw(counters, design, 7), tmp_path / "draw")

    def ran(line):
        code = main(["sample", "visits", *line.split()])
        said = capsys.readouterr()
        return code, said.out, said.err

    return ran


VOLUMES = """counter_id,period,expected
tt-le-chan,2026-03-02,240
tt-le-chan,2026-03-03,240
"""
TALLY = "counter_id,period,finished,served,refused,ineligible\ntt-le-chan,2026-03-02,360,"


def test_a_round_at_a_counter_by_its_commands(run, tmp_path):
    (tmp_path / "v.csv").write_text(VOLUMES, encoding="utf-8")
    assert run("rhythm --expected 480 --target 40")[1].startswith("k = 12: 40 to 40 tickets")
    assert run("segments v.csv --target 40 --draw draw --out s.csv")[0] == 0
    (tmp_path / "t.csv").write_text(TALLY + "28,2,0\n", encoding="utf-8")
    assert run("revise --segments s.csv --tally t.csv --target 40 --draw draw --out s2.csv")[0] == 0
    before, after = ((tmp_path / name).read_text().splitlines() for name in ("s.csv", "s2.csv"))
    assert before[1] == after[1]
    # 1.5 times 240 to come over 40 - 30 = 10 wanted is 36, held at twice the plan
    assert after[2].split(",")[4] == "24"
    assert run("tickets --segments s2.csv --frame draw/frame.csv --out lists")[0] == 0
    assert "phường Lê Chân" in pages((tmp_path / "lists/list-tt-le-chan.pdf").read_bytes())[0]
    lines = (tmp_path / "lists/list-tt-le-chan.csv").read_text().splitlines()
    lines[1] = lines[1].replace(",,,,", ",x,,,")
    (tmp_path / "back.csv").write_text("\n".join(lines), encoding="utf-8")
    code, out, _ = run("compare back.csv --segments s2.csv")
    assert (code, out) == (0, "tt-le-chan/2026-03-02: 1 due, 0 missed, 0 not on the list\n")
    (tmp_path / "t.csv").write_text(
        TALLY + "28,2,0\ntt-le-chan,2026-03-03,240,10,0,0\n", encoding="utf-8"
    )
    code, out, err = run("weights t.csv --segments s2.csv --out w.csv")
    assert (code, err) == (0, "")
    assert (tmp_path / "w.csv").read_text().count("\n") == 3
    assert "24.000" in out


def test_the_folder_of_a_draw_gives_lists_and_weights_of_the_whole_round(run, tmp_path):
    assert run("tickets --segments draw --out lists --example")[0] == 0
    assert len(list((tmp_path / "lists").iterdir())) == 6
    tally = "counter_id,finished,served,refused,ineligible\ntt-le-chan,6140,425,13,0\n"
    (tmp_path / "t.csv").write_text(tally, encoding="utf-8")
    code, _, err = run("weights t.csv --segments draw")
    assert code == 1
    assert "tt-thanh-pho is missing" in err


def test_a_changed_draw_gives_no_lists(run, tmp_path):
    record = tmp_path / "draw" / "draw.json"
    record.write_text(record.read_text().replace('"start": ', '"start": 1'), encoding="utf-8")
    assert run("tickets --segments draw --out lists")[0] == 1
    assert not (tmp_path / "lists").exists()
