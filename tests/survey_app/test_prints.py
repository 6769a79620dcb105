"""Printed sheets: every QR code of the actual PDFs is read back by an independent decoder."""

import dataclasses
import unicodedata
from datetime import date

import numpy as np
import pypdfium2
import pytest
import zxingcpp

from intake.findings import Words
from survey_app.services import codes, qr, slips
from survey_app.services.posters import Poster, poster, posters
from survey_app.services.prints import PrintError, PrintFacts
from survey_app.services.slips import Slip, letters, tickets

A4 = (595.28, 841.89)  # ISO 216: 210 mm by 297 mm, in points
MM = 72 / 25.4
BASE = "http://192.168.1.20:8000"
HOSTILE = '#"]$ \\ <b> *x* _y_ @z // -- = {1+1} `c` #panic()'
ABOUT = PrintFacts(
    title=Words("Khảo sát mức độ hài lòng năm 2026", "Satisfaction survey 2026"),
    organisation="Sở Nội vụ thành phố Hải Phòng",
    province="Ủy ban nhân dân thành phố Hải Phòng",
    closes=date(2026, 12, 9),
    base_url=BASE,
)


def some(count, base=BASE):
    made = [codes.with_check(codes.plain(7**27 + 10**20 * number)) for number in range(count)]
    return [Slip(f"{base}/s/{code}".upper(), code) for code in made]


def opened(pdf):
    return pypdfium2.PdfDocument(pdf)


def text_of(page):
    """The words of a page; where a line is broken depends on the fonts, so blanks are one."""
    return unicodedata.normalize("NFC", " ".join(page.get_textpage().get_text_bounded().split()))


def scanned(page, dpi=150):
    """The links on a page with the width of each code's dark modules in millimetres."""
    pixels = np.asarray(page.render(scale=dpi / 72, grayscale=True).to_pil())
    found = zxingcpp.read_barcodes(pixels)
    corners = [(one.text, one.position.top_left, one.position.top_right) for one in found]
    return [(text, (right.x - left.x) / dpi * 25.4) for text, left, right in corners]


def test_each_letter_is_one_a4_page_with_its_own_code_in_the_order_given():
    given = some(3)
    document = opened(letters(given, ABOUT))
    assert len(document) == 3
    for page, slip in zip(document, given, strict=True):
        assert page.get_size() == pytest.approx(A4, abs=0.1)
        [(link, side)] = scanned(page)
        assert link == slip.link
        assert side >= 53
        assert codes.display(slip.code) in text_of(page)


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_a_letter_says_who_asks_until_when_and_that_it_is_voluntary_in_two_languages(lang):
    [page] = opened(letters(some(1), dataclasses.replace(ABOUT, lang=lang)))
    words = text_of(page)
    for said in (ABOUT.organisation, "192.168.1.20:8000", "09/12/2026", "9 December 2026"):
        assert said in words
    assert "Tự nguyện" in words
    assert "oluntary" in words
    assert ("2. Bấm vào dòng chữ hiện ra" in words) == (lang == "vi")
    assert "ước tính" in words
    assert "estimate" in words


def test_letters_are_alike_but_for_the_code():
    given = some(2)
    first, second = opened(letters(given, ABOUT))
    shown = [codes.display(slip.code) for slip in given]
    assert text_of(first).replace(shown[0], "") == text_of(second).replace(shown[1], "")


@pytest.mark.parametrize("base", [BASE, "https://khaosat.haiphong.gov.vn"])
def test_tickets_stand_eight_on_a_page_and_each_is_read(base):
    given = some(11, base)
    about = dataclasses.replace(ABOUT, base_url=base)
    document = opened(tickets(given, about, counter_name="Quầy số 3"))
    assert len(document) == 2
    read = [found for page in document for found in scanned(page, 200)]
    assert sorted(link for link, _ in read) == sorted(slip.link for slip in given)
    assert min(side for _, side in read) >= 29.7
    assert document[0].get_size() == pytest.approx(A4, abs=0.1)
    assert all(codes.display(slip.code) in text_of(document[0]) for slip in given[:8])
    assert "Quầy số 3" in text_of(document[1])


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_a_letter_on_a5_says_the_same_and_its_fold_meets_no_code(lang):
    given = some(2)
    document = opened(letters(given, dataclasses.replace(ABOUT, lang=lang), paper="a5"))
    assert len(document) == 2
    for page, slip in zip(document, given, strict=True):
        assert page.get_size() == pytest.approx((148 * MM, 210 * MM), abs=0.2)
        [(link, side)] = scanned(page)
        assert (link, side > 37) == (slip.link, True)
        assert all(word in text_of(page) for word in ("09/12/2026", "9 December 2026"))
        assert codes.display(slip.code) in text_of(page)
        lower = page.render(scale=2, grayscale=True, crop=(0, 0, 0, 105 * MM)).to_pil()
        assert [one.text for one in zxingcpp.read_barcodes(lower)] == [slip.link]


def test_tickets_of_a_roll_are_black_on_pages_of_their_own_with_modules_of_whole_dots():
    given = some(3)
    about = dataclasses.replace(ABOUT, simulated=True)
    document = opened(tickets(given, about, counter_name="Quầy số 3", paper="80mm"))
    assert len(document) == 3
    for page, slip in zip(document, given, strict=True):
        assert page.get_width() == pytest.approx(80 * MM, abs=0.1)
        [(link, side)] = scanned(page, 203.2)
        assert link == slip.link
        dots = side * 8 / qr.encode_one(link).size
        assert dots == pytest.approx(round(dots), abs=0.1)
        assert dots >= 4
        assert codes.display(slip.code) in text_of(page)
        colours = np.asarray(page.render(scale=2).to_pil()).astype(int)
        assert (np.ptp(colours, axis=2) == 0).all()
        ink = np.nonzero((colours < 128).any(axis=(0, 2)))[0] / 2 / MM
        assert (ink.min() >= 5, ink.max() <= 75) == (True, True)
        words = page.get_textpage()
        heights = [words.get_charbox(n, loose=True) for n in range(words.count_chars())]
        assert len({page.get_height() for page in document}) == 1
        assert min(top - low for _, low, _, top in heights if top > low) >= 9


def test_a_poster_leads_to_its_counter_and_says_what_counts():
    link = f"{BASE}/q/HB-03"
    page = opened(poster(Poster("Quầy số 3", "Trung tâm phường Hồng Bàng", link), ABOUT))[0]
    [(read, side)] = scanned(page, 100)
    assert read == link
    assert side >= 100
    words = text_of(page)
    assert "Quầy số 3" in words
    assert "Trung tâm phường Hồng Bàng" in words
    assert "công bố riêng" in words
    assert "Voluntary" in words


def test_posters_of_many_counters_are_one_file():
    wanted = [Poster(f"Quầy {n}", "Trung tâm", f"{BASE}/q/c-{n}") for n in range(3)]
    document = opened(posters(wanted, ABOUT))
    assert [scanned(page, 100)[0][0] for page in document] == [one.link for one in wanted]


@pytest.mark.parametrize(
    ("paper", "width", "usual", "most"),
    [("a3", 297, 141, 155), ("a4", 210, 100, 110), ("a5", 148, 70, 77)],
)
def test_a_code_to_be_read_from_afar_is_a_tenth_of_the_distance_or_refused(
    paper, width, usual, most
):
    one = Poster("Quầy", "TT", f"{BASE}/q/a")
    usually = opened(poster(one, ABOUT, paper=paper))[0]
    assert usually.get_width() == pytest.approx(width * MM, abs=1)
    assert scanned(usually, 80)[0][1] == pytest.approx(usual, abs=1.5)
    far = opened(poster(one, ABOUT, paper=paper, reading_distance_mm=most * 10))[0]
    assert scanned(far, 80)[0][1] == pytest.approx(most, abs=1.5)
    near = poster(one, ABOUT, paper=paper, reading_distance_mm=100)
    assert near == poster(one, ABOUT, paper=paper)  # room is used
    with pytest.raises(PrintError) as refused:
        poster(one, ABOUT, paper=paper, reading_distance_mm=most * 10 + 20)
    assert refused.value.code == "poster-too-far"
    assert str(most) in refused.value.text("vi")


def test_a_poster_says_that_its_comments_do_not_count():
    words = text_of(opened(poster(Poster("Quầy", "TT", f"{BASE}/q/a"), ABOUT))[0])
    assert "Góp ý tự nguyện, không tính vào kết quả khảo sát." in words
    assert "not counted in the survey’s results" in words


def test_hostile_text_comes_out_as_it_was_typed():
    about = dataclasses.replace(
        ABOUT,
        organisation=HOSTILE,
        province=HOSTILE,
        contact=HOSTILE,
        title=Words(HOSTILE, HOSTILE),
    )
    wanted = " ".join(HOSTILE.split())
    letter = text_of(opened(letters(some(1), about))[0])
    assert letter.count(wanted) >= 4
    ticket = tickets(some(1), about, counter_name=HOSTILE)
    assert wanted in text_of(opened(ticket)[0])
    hung = poster(Poster(HOSTILE, HOSTILE, f"{BASE}/q/a"), about)
    assert text_of(opened(hung)[0]).count(wanted) == 2


@pytest.mark.parametrize("simulated", [True, False])
def test_simulated_data_are_named_on_every_sheet(simulated):
    about = dataclasses.replace(ABOUT, simulated=simulated)
    sheets = [
        letters(some(2), about),
        tickets(some(9), about, counter_name="Quầy số 3"),
        poster(Poster("Quầy", "TT", f"{BASE}/q/a"), about),
        letters(some(2), about, paper="a5"),
        tickets(some(2), about, counter_name="Quầy số 3", paper="80mm"),
    ]
    for page in (page for sheet in sheets for page in opened(sheet)):
        assert ("Dữ liệu mô phỏng – bản trình diễn" in text_of(page)) == simulated


def test_a_sheet_is_tagged_and_titled_and_says_no_time_of_making():
    pdf = letters(some(1), ABOUT)
    document = opened(pdf)
    about = document.get_metadata_dict()
    assert about["Title"] == "Thư mời – Khảo sát mức độ hài lòng năm 2026"
    assert about["CreationDate"] == ""
    assert document.is_tagged()
    assert b"pdfuaid" in pdf
    assert letters(some(1), ABOUT) == pdf


def test_decomposed_letters_are_printed_composed():
    about = dataclasses.replace(ABOUT, contact=unicodedata.normalize("NFD", "Tổng đài Đề nghị"))
    raw = opened(letters(some(1), about))[0].get_textpage().get_text_bounded()
    assert "Tổng đài Đề nghị" in raw


def refused_code(**changes):
    with pytest.raises(PrintError) as refused:
        letters(some(1), dataclasses.replace(ABOUT, **changes))
    return refused.value.code


def test_a_letter_that_the_fonts_lack_refuses_the_sheet():
    assert refused_code(organisation="内务厅") == "glyph-missing"


def test_a_character_that_reorders_text_refuses_the_sheet():
    assert refused_code(contact="Sở \u202e Nội vụ") == "character-forbidden"


@pytest.mark.parametrize("contact", ["rất dài " * 35, "x" * 301, "x" * 51])
def test_a_text_too_long_for_its_place_refuses_the_sheet(contact):
    code = refused_code(contact=contact, province=contact, organisation=contact)
    assert code == "text-does-not-fit"


def test_a_counter_name_too_long_for_a_ticket_is_refused_and_a_long_one_set_smaller():
    long = "Quầy tiếp nhận số 12, Chi nhánh số 2 – Trung tâm Phục vụ hành chính công thành phố"
    assert long in text_of(opened(tickets(some(1), ABOUT, counter_name=long))[0])
    with pytest.raises(PrintError) as refused:
        tickets(some(1), ABOUT, counter_name=f"{long} " * 3)
    assert refused.value.code == "text-does-not-fit"


def test_many_letters_come_in_files_with_progress():
    steps = []
    files = list(
        slips.letter_files(
            some(5), ABOUT, size=2, progress=lambda done, total: steps.append((done, total))
        )
    )
    assert [len(opened(pdf)) for pdf in files] == [2, 2, 1]
    assert steps == [(2, 5), (4, 5), (5, 5)]


def test_a_file_of_tickets_holds_so_many_and_at_least_one():
    steps = []
    made = slips.ticket_files(
        some(3),
        ABOUT,
        counter_name="Quầy",
        size=2,
        progress=lambda *step: steps.append(step),
    )
    assert [sum(len(scanned(page, 200)) for page in opened(pdf)) for pdf in made] == [2, 1]
    assert steps == [(2, 3), (3, 3)]
    with pytest.raises(ValueError, match="at least one"):
        next(slips.letter_files(some(1), ABOUT, size=0))


def test_an_address_too_long_for_a_printed_code_is_refused():
    base = "https://" + "a" * 250 + ".vn"
    with pytest.raises(PrintError) as refused:
        letters(some(1, base), dataclasses.replace(ABOUT, base_url=base))
    assert refused.value.code == "link-too-long"


def test_nothing_to_print_is_refused():
    with pytest.raises(PrintError) as refused:
        letters([], ABOUT)
    assert refused.value.code == "nothing-to-print"


def test_a_slip_whose_link_and_code_differ_cannot_be_made():
    one, other = some(2)
    with pytest.raises(ValueError, match="ends with its code"):
        Slip(one.link, other.code)
    with pytest.raises(codes.CodeError):
        Slip(one.link, one.code[:-1])
    with pytest.raises(ValueError, match="new_code"):
        Slip(one.link.lower(), one.code.lower())
