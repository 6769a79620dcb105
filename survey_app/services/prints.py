"""Printed sheets as PDF: what letters, tickets, posters and forms share.

The sheets are Typst templates in ``templates/prints``. Values reach them as JSON and are
shown as they stand, never read as markup. The files are PDF/UA-1: tagged, titled, with
their language and a text for every picture; they carry no date of making. A letter that
the fonts lack, and a text that does not fit its place, refuse the whole file.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal

import typst

from intake.findings import Faults, Finding, HailongError, Words
from intake.text import forbidden_character, normalized
from survey_app.services import qr

_PACKAGE = Path(__file__).parents[1]
_TEMPLATES = _PACKAGE / "templates" / "prints"
_FONTS = _PACKAGE / "static" / "fonts"
_LONGEST_VALUE = 300
_PREVIEW_PPI = 110
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


def pictures(links: Sequence[str], progress: Progress | None = None) -> list[qr.QrCode]:
    """Return the codes of links that go on paper, level Q, in their order.

    Raises
    ------
    PrintError
        ``nothing-to-print`` without a link; ``link-too-long``.
    """
    if not links:
        raise PrintError(
            Finding(
                "nothing-to-print",
                Words("Không có gì để in.", "There is nothing to print."),
                Words("Hãy phát hành ít nhất một mã.", "Issue at least one code."),
            )
        )
    try:
        return qr.encode(links, progress=progress)
    except qr.LinkTooLongError as error:
        raise PrintError(
            Finding(
                "link-too-long",
                Words(
                    "Địa chỉ máy chủ quá dài: mã QR sẽ có ô quá nhỏ để đọc.",
                    "The server's address is too long: its QR code would be too fine to read.",
                ),
                Words("Hãy đặt HAILONG_BASE_URL ngắn hơn.", "Set a shorter HAILONG_BASE_URL."),
            )
        ) from error


def picture(code: qr.QrCode) -> dict[str, object]:
    """Return a QR code as the templates take it."""
    return {"link": code.link, "svg": code.svg(), "size": code.size, "width": code.width}


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
    return _compiled(template, values, "pdf")


def preview(template: str, values: dict[str, object]) -> bytes:
    """Return a template of one page filled with the values as PNG, to look at."""
    return _compiled(template, values, "png")


def _compiled(template: str, values: dict[str, object], kind: Literal["pdf", "png"]) -> bytes:
    try:
        made = typst.compile(
            _TEMPLATES / f"{template}.typ",
            root=_TEMPLATES,
            font_paths=_fonts(),
            sys_inputs={"data": json.dumps(values, ensure_ascii=False)},
            format=kind,
            ppi=_PREVIEW_PPI,
            pdf_standards=["ua-1"] if kind == "pdf" else [],
        )
    except typst.TypstError as error:
        raise _refusal(error) from error
    if not isinstance(made, bytes):
        raise TypeError("a sheet is one file")
    return made


def forget() -> None:
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
