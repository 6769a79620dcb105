"""Printed sheets: letters, tickets and posters with their QR codes, as PDF.

The sheets are Typst templates in ``templates/prints``. Values reach them as JSON and are
shown as they stand, never read as markup. The files are PDF/UA-1: tagged, titled, with
their language and a text for every picture; they carry no date of making. A letter that
the fonts lack, and a text that does not fit its place, refuse the whole file.

The order of the slips is the caller's: shuffled before they come here.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import typst

from intake.findings import Faults, Finding, HailongError, Words
from intake.text import forbidden_character, normalized
from survey_app.services import codes, qr

TICKETS_PER_PAGE = 8
# Letters per file: 500 take some 400 MB while they are set, and memory grows with the file; a
# jammed printer loses one file.
LETTERS_PER_FILE = 500
POSTER_SIDE_MM = 100
LARGEST_POSTER_SIDE_MM = 110

_PACKAGE = Path(__file__).parents[1]
_TEMPLATES = _PACKAGE / "templates" / "prints"
_FONTS = _PACKAGE / "static" / "fonts"
_LONGEST_VALUE = 300
_KEPT_FILES = 11  # after so many others nothing of a file is left in the typesetter's memory
_LONGEST_WORD = 50  # wider than any column; no Vietnamese name comes near
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]

Progress = Callable[[int, int], None]


class PrintError(HailongError):
    """A sheet cannot be printed as asked."""


@dataclass(frozen=True)
class Slip:
    """One code to hand out: the link behind the QR code, and the code to type.

    ``link`` ends with ``code``, the 17 characters of `codes.new_code`, so that scanning and
    typing lead to the same form.
    """

    link: str
    code: str

    def __post_init__(self) -> None:
        if codes.read_code(self.code) != self.code:
            raise ValueError("a slip takes the code as new_code() makes it")
        if not self.link.upper().endswith(self.code):
            raise ValueError("the link of a slip ends with its code")


@dataclass(frozen=True)
class Poster:
    """One counter's poster: the names it shows and the address ``…/q/<counter>``."""

    counter: str
    agency: str
    link: str


@dataclass(frozen=True)
class PrintFacts:
    """What all sheets of a round say.

    Attributes
    ----------
    title
        Title of the survey.
    organisation
        Who asks, as it signs: "Sở Nội vụ thành phố Hải Phòng".
    province
        Printed above the organisation: "Ủy ban nhân dân thành phố Hải Phòng", or the province.
    closes
        Last day on which the codes work.
    base_url
        Address of the server; without its scheme it is what people type.
    lang
        Main language, ``vi`` or ``en``; the other one gets a short paragraph.
    simulated
        Whether every sheet says that it belongs to simulated data.
    minutes
        Estimated time to answer, printed as an estimate.
    contact
        Where to ask, "Tổng đài …, thư điện tử …"; left out when empty.
    """

    title: Words
    organisation: str
    province: str
    closes: date
    base_url: str
    lang: str = "vi"
    simulated: bool = False
    minutes: int = 10
    contact: str = ""

    @property
    def address(self) -> str:
        """What people type: the base URL without scheme and closing slash."""
        return self.base_url.partition("://")[2].rstrip("/") or self.base_url


def letters(slips: Sequence[Slip], about: PrintFacts, *, progress: Progress | None = None) -> bytes:
    """Return one PDF with a letter per slip, one A4 page each, in the order given.

    For more than a thousand use `letter_files`, which needs less memory.

    Parameters
    ----------
    progress
        Called with the number of letters done and of all.

    Raises
    ------
    PrintError
        No slip, a forbidden character, a letter the fonts lack, or a text too long for
        its place.
    qr.LinkTooLongError
        A link that no printed code can carry.
    """
    values = shared_values(about, Words("Thư mời", "Invitation letters"))
    return sheet("letters", values | {"slips": _slips(slips, progress)})


def letter_files(
    slips: Sequence[Slip],
    about: PrintFacts,
    *,
    size: int = LETTERS_PER_FILE,
    progress: Progress | None = None,
) -> Iterator[bytes]:
    """Yield the letters as PDF files of at most ``size`` pages, in the order given.

    Errors are those of `letters`; ``progress`` is called after each file.
    """
    if size < 1:
        raise ValueError("a file holds at least one letter")
    for start in range(0, len(slips), size):
        part = slips[start : start + size]
        yield letters(part, about)
        _forget()
        if progress is not None:
            progress(start + len(part), len(slips))


def tickets(
    slips: Sequence[Slip],
    about: PrintFacts,
    *,
    counter_name: str,
    progress: Progress | None = None,
) -> bytes:
    """Return a PDF of tickets, eight on an A4 page with cut marks, row by row in order.

    Errors are those of `letters`.
    """
    values = shared_values(about, Words("Phiếu mời góp ý", "Tickets"))
    values["counter"] = clean(counter_name, "counter_name")
    return sheet("tickets", values | {"slips": _slips(slips, progress)})


def poster(
    counter_name: str,
    agency_name: str,
    address_link: str,
    about: PrintFacts,
    *,
    reading_distance_mm: int = 1000,
) -> bytes:
    """Return the A4 poster of one counter. See `posters`."""
    one = Poster(counter_name, agency_name, address_link)
    return posters([one], about, reading_distance_mm=reading_distance_mm)


def posters(
    wanted: Sequence[Poster], about: PrintFacts, *, reading_distance_mm: int = 1000
) -> bytes:
    """Return one PDF with an A4 poster per counter.

    Parameters
    ----------
    reading_distance_mm
        How far away people stand. The code is at least a tenth of it wide.

    Raises
    ------
    PrintError
        As for `letters`, or a reading distance that an A4 page cannot serve.
    """
    side = max(POSTER_SIDE_MM, -(-reading_distance_mm // 10))
    if side > LARGEST_POSTER_SIDE_MM:
        most = f"{LARGEST_POSTER_SIDE_MM / 100:g}"
        raise PrintError(
            Finding(
                "poster-too-far",
                Words(
                    f"Áp phích A4 chỉ đọc được từ {most.replace('.', ',')} m trở lại.",
                    f"An A4 poster can be scanned from {most} m at most.",
                ),
                Words(
                    "Treo gần hơn hoặc in phóng to lên A3.",
                    "Hang it nearer, or enlarge it to A3.",
                ),
            )
        )
    links = [clean(one.link, "address_link") for one in wanted]
    shown = [
        picture(code)
        | {
            "counter": clean(one.counter, "counter_name"),
            "agency": clean(one.agency, "agency_name"),
            "address": code.link.partition("://")[2].lower() or code.link,
            "side": side,
        }
        for one, code in zip(wanted, qr.encode(links), strict=True)
    ]
    values = shared_values(about, Words("Áp phích tại quầy", "Counter posters"))
    return sheet("posters", values | {"posters": _some(shown)})


def shared_values(about: PrintFacts, kind: Words) -> dict[str, object]:
    """Return what every template shows, each text checked and in NFC."""
    lang = "en" if about.lang == "en" else "vi"
    title = about.title.in_language(lang)
    day = about.closes
    return {
        "lang": lang,
        "document_title": clean(f"{kind.in_language(lang)} – {title}", "title"),
        "title_vi": clean(about.title.vi, "title"),
        "title_en": clean(about.title.en, "title"),
        "organisation": clean(about.organisation, "organisation"),
        "province": clean(about.province, "province"),
        "address": clean(about.address, "base_url"),
        "contact": clean(about.contact, "contact"),
        "closes_vi": f"{day:%d/%m/%Y}",
        "closes_en": f"{day.day} {_MONTHS[day.month - 1]} {day.year}",
        "minutes": str(about.minutes),
        "simulated": about.simulated,
    }


def _slips(slips: Sequence[Slip], progress: Progress | None) -> list[dict[str, object]]:
    made = qr.encode([slip.link for slip in slips], progress=progress)
    return _some(
        [
            picture(code) | {"code": codes.display(slip.code)}
            for slip, code in zip(slips, made, strict=True)
        ]
    )


def picture(code: qr.QrCode) -> dict[str, object]:
    """Return a QR code as the templates take it."""
    return {"link": code.link, "svg": code.svg(), "size": code.size, "width": code.width}


def _some(values: list[dict[str, object]]) -> list[dict[str, object]]:
    if values:
        return values
    raise PrintError(
        Finding(
            "nothing-to-print",
            Words("Không có gì để in.", "There is nothing to print."),
            Words("Hãy phát hành ít nhất một mã.", "Issue at least one code."),
        )
    )


def clean(text: str, place: str) -> str:
    """Return a value on one line in NFC; refuse what could show something else than it says."""
    value = " ".join(normalized(text).split())
    faults = Faults()
    bad = forbidden_character(value)
    if bad is not None:
        faults.add(
            "character-forbidden",
            Words(f"Giá trị có ký tự bị cấm {bad}.", f"The value holds the character {bad}."),
            Words("Gõ lại giá trị này.", "Type the value again."),
            path=place,
        )
    longest = max(map(len, value.split()), default=0)
    if len(value) > _LONGEST_VALUE or (longest > _LONGEST_WORD and place not in _ADDRESSES):
        faults.add(*_TOO_LONG, path=place)
    faults.raise_as(PrintError)
    return value


# Set smaller until they fit, so that a long word in them is no harm.
_ADDRESSES = frozenset({"base_url", "address_link"})
_TOO_LONG = (
    "text-does-not-fit",
    Words("Chữ quá dài so với chỗ in.", "A text is too long for its place on the sheet."),
    Words("Rút ngắn tên hoặc tiêu đề.", "Shorten the name or the title."),
)


@cache
def _fonts() -> typst.Fonts:
    """Return the fonts of the package and no others, so that a sheet looks alike everywhere."""
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[_FONTS]
    )


def spots(template: str, values: dict[str, object]) -> list[dict[str, Any]]:
    """Return what a template says of the places of its parts: the values labelled ``<spot>``."""
    try:
        found = typst.query(
            _TEMPLATES / f"{template}.typ",
            "<spot>",
            field="value",
            root=_TEMPLATES,
            font_paths=_fonts(),
            sys_inputs={"data": json.dumps(values, ensure_ascii=False)},
        )
    except typst.TypstError as error:
        raise _refusal(error) from error
    return list(json.loads(found) if isinstance(found, str) else found)


def sheet(template: str, values: dict[str, object]) -> bytes:
    """Return the PDF of a template filled with the values."""
    try:
        made = typst.compile(
            _TEMPLATES / f"{template}.typ",
            root=_TEMPLATES,
            font_paths=_fonts(),
            sys_inputs={"data": json.dumps(values, ensure_ascii=False)},
            pdf_standards=["ua-1"],
        )
    except typst.TypstError as error:
        raise _refusal(error) from error
    if not isinstance(made, bytes):
        raise TypeError("a PDF is one file")
    return made


def _forget() -> None:
    """Let the typesetter drop what it remembers of the last file.

    It keeps every laid out block until ten further files have been set, which is 400 MB
    for each file of letters; ten empty ones take some milliseconds.
    """
    for _ in range(_KEPT_FILES):
        typst.compile(b"", font_paths=_fonts())


def _refusal(error: typst.TypstError) -> Exception:
    """Return what the user can mend in an error of the typesetter, or the error itself."""
    if "does-not-fit" in error.message:
        return PrintError(Finding(*_TOO_LONG))
    if "could not be displayed" in error.message:
        return PrintError(
            Finding(
                "glyph-missing",
                Words(
                    f"Phông chữ thiếu một ký tự: {error.message}.",
                    f"The fonts lack a character: {error.message}.",
                ),
                Words("Viết lại bằng chữ Việt hoặc chữ Anh.", "Write it in Vietnamese or English."),
            )
        )
    return error
