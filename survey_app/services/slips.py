"""Slips with a one-time code: letters and tickets, each on its own page or eight on a sheet.

The order of the slips is the caller's: shuffled before they come here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from intake.findings import Words
from survey_app.services import codes
from survey_app.services.prints import (
    PrintFacts,
    Progress,
    clean,
    forget,
    picture,
    pictures,
    shared_values,
    sheet,
)
from survey_app.services.qr import QrCode
from survey_app.services.qr_sizes import QrSize, thermal_side

# Pages per file: 500 letters take some 400 MB while they are set, and memory grows with the file;
# a jammed printer loses one file.
SLIPS_PER_FILE = 500

LetterPaper = Literal["a4", "a5"]
TicketPaper = Literal["a4", "80mm"]
LETTER_PAPERS: tuple[LetterPaper, ...] = ("a4", "a5")
TICKET_PAPERS: tuple[TicketPaper, ...] = ("a4", "80mm")

# Width of the dark modules in mm; all are held in a hand, some 30 cm from the phone.
_LETTER_SIDES: dict[LetterPaper, float] = {"a4": 54.0, "a5": 38.0}
_TICKET_SIDE = 30.0
_LARGEST_ROLL_SIDE = 40.0
_LETTER_SHEETS: dict[LetterPaper, str] = {"a4": "letters", "a5": "letters_a5"}
_TICKET_SHEETS: dict[TicketPaper, str] = {"a4": "tickets", "80mm": "rolls"}


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


def letters(
    slips: Sequence[Slip],
    about: PrintFacts,
    *,
    paper: LetterPaper = "a4",
    progress: Progress | None = None,
) -> bytes:
    """Return one PDF with a letter per slip, one page each, in the order given.

    For more than a thousand use `letter_files`, which needs less memory.

    Parameters
    ----------
    paper
        ``a4``, folded in three, or ``a5``, folded once.
    progress
        Called with the number of letters done and of all.

    Raises
    ------
    PrintError
        No slip, a forbidden character, a letter the fonts lack, a text too long for its
        place, or a link that no printed code can carry.
    """
    values = shared_values(about, Words("Thư mời", "Invitation letters"))
    made = pictures([slip.link for slip in slips], progress)
    shown = _shown(slips, made, [letter_size(one, paper) for one in made])
    return sheet(_LETTER_SHEETS[paper], values | {"slips": shown})


def letter_files(
    slips: Sequence[Slip],
    about: PrintFacts,
    *,
    paper: LetterPaper = "a4",
    size: int = SLIPS_PER_FILE,
    progress: Progress | None = None,
) -> Iterator[bytes]:
    """Yield the letters as PDF files of at most ``size`` pages, in the order given.

    Errors are those of `letters`; ``progress`` is called after each file.
    """
    for part, done in _parts(slips, size):
        yield letters(part, about, paper=paper)
        forget()
        if progress is not None:
            progress(done, len(slips))


def tickets(
    slips: Sequence[Slip],
    about: PrintFacts,
    *,
    counter_name: str,
    paper: TicketPaper = "a4",
    progress: Progress | None = None,
) -> bytes:
    """Return a PDF of tickets in the order given.

    Parameters
    ----------
    paper
        ``a4``: eight on a page with cut marks, row by row. ``80mm``: each a page of its own for a
        thermal printer on an 80 mm roll, which cuts after each page; black alone.

    Errors are those of `letters`.
    """
    values = shared_values(about, Words("Phiếu mời góp ý", "Tickets"))
    values["counter"] = clean(counter_name, "counter_name")
    made = pictures([slip.link for slip in slips], progress)
    shown = _shown(slips, made, [ticket_size(one, paper) for one in made])
    return sheet(_TICKET_SHEETS[paper], values | {"slips": shown})


def ticket_files(
    slips: Sequence[Slip],
    about: PrintFacts,
    *,
    counter_name: str,
    paper: TicketPaper = "a4",
    size: int = SLIPS_PER_FILE,
    progress: Progress | None = None,
) -> Iterator[bytes]:
    """Yield the tickets as PDF files of at most ``size`` tickets, as `letter_files` does."""
    for part, done in _parts(slips, size):
        yield tickets(part, about, counter_name=counter_name, paper=paper)
        forget()
        if progress is not None:
            progress(done, len(slips))


def letter_size(code: QrCode, paper: LetterPaper) -> QrSize:
    """Return how large a code stands on a letter."""
    return QrSize(code.version, _LETTER_SIDES[paper])


def ticket_size(code: QrCode, paper: TicketPaper) -> QrSize:
    """Return how large a code stands on a ticket; on a roll a module is whole dots."""
    side = thermal_side(code, _LARGEST_ROLL_SIDE) if paper == "80mm" else _TICKET_SIDE
    return QrSize(code.version, side)


def _parts(slips: Sequence[Slip], size: int) -> Iterator[tuple[Sequence[Slip], int]]:
    if size < 1:
        raise ValueError("a file holds at least one slip")
    for start in range(0, len(slips), size):
        part = slips[start : start + size]
        yield part, start + len(part)


def _shown(
    slips: Sequence[Slip], made: Sequence[QrCode], sizes: Sequence[QrSize]
) -> list[dict[str, object]]:
    return [
        picture(code) | {"code": codes.display(slip.code), "side": size.side_mm}
        for slip, code, size in zip(slips, made, sizes, strict=True)
    ]
