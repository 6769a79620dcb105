"""The minutes in the folder of a draw, compared with what the draw makes them say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from itertools import accumulate, zip_longest
from pathlib import Path
from typing import Literal

from intake.findings import DrawError, Faults, Finding, Words
from sampling.minutes.commitment import Commitment
from sampling.minutes.content import Drawing, Occasion, minutes_paper
from sampling.minutes.files import LONGEST_TABLE, CarriedOut
from sampling.minutes.markdown import markdown_of, plain
from sampling.minutes.papers import shown
from sampling.minutes.pdf_file import pdf_of
from sampling.minutes.stated import (
    Stated,
    as_notes,
    language_of,
    lines_of_markdown,
    stated_in,
)
from sampling.minutes.word_file import docx_of
from sampling.minutes.written import UnreadableError, lines_of_docx, lines_of_pdf

How = Literal["bytes", "text", "unread", "absent"]

# Warnings of the draw's folder, not of the draw.
_OF_THE_FOLDER = "draw-program-differs"
_NO_LINE = "—"
_SHOWN = 120
_HEAD = 8


@dataclass(frozen=True)
class MinutesCompared:
    """How the minutes of a draw were compared, and what in them cannot be.

    Attributes
    ----------
    files
        By name: ``bytes`` (the same byte for byte), ``text`` (another file that says the
        same), ``unread`` (other bytes, and nothing here reads such a file) or ``absent``.
    notes
        How many of their notes on the list as it was handed in cannot be worked out again.
    beyond_record
        Whether they name a place, a body or a survey: no record holds these.
    """

    files: Mapping[str, How]
    notes: int = 0
    beyond_record: bool = False


def compare_minutes(
    folder: Path,
    draw: CarriedOut,
    *,
    operator: str = "",
    drawn_on: date | None = None,
    commitment: Commitment | None = None,
) -> MinutesCompared:
    """Compare the minutes in a folder with those that the draw gives now.

    Place, bodies and title of the survey are taken from ``minutes.docx``, without it from
    ``minutes.md``; they must be the same in all files. So are notes about the list as it was
    handed in, since the folder holds that list in its canonical order.

    Parameters
    ----------
    folder
        The folder of the draw.
    draw
        The draw made again.
    operator, drawn_on
        As the record has them.
    commitment
        The commitment in the folder, where there is one.

    Raises
    ------
    DrawError
        With the first line that differs in each file; or one cannot be read, ``minutes.md``
        is missing beside the others, or they disagree about what no record holds.
    """
    found = {name: _bytes_of(folder / name) for name in _KINDS}
    if not any(found.values()):
        return MinutesCompared(dict.fromkeys(_KINDS, "absent"))
    if found["minutes.md"] is None:
        raise DrawError.of(
            "draw-file-missing",
            "Thiếu tệp minutes.md.",
            "The file minutes.md is missing.",
            "Các bản biên bản khác được đối chiếu cùng với tệp này.",
            "The other files of the minutes are compared together with it.",
            file="minutes.md",
        )
    stated = _stated(found, Occasion(operator=operator, drawn_on=drawn_on), draw)
    held, notes = _drawing(draw, stated, commitment)
    findings, files = list[Finding](), dict[str, How]()
    for name, compare in _KINDS.items():
        data, of_file = found[name], Faults(name)
        try:
            files[name] = "absent" if data is None else compare(data, held, stated.lang)
        except _DifferentError as difference:
            _note_difference(of_file, difference)
        except UnreadableError:
            _note_unreadable(of_file)
        findings += of_file.findings
    if findings:
        raise DrawError(findings)
    return MinutesCompared(files, notes, stated.beyond_record)


def _bytes_of(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _stated(found: Mapping[str, bytes | None], known: Occasion, draw: CarriedOut) -> Stated:
    """Return what the minutes say of themselves: on paper, else in Markdown."""
    markdown = (found["minutes.md"] or b"").decode("utf-8", errors="replace")
    lang, name = language_of(markdown), shown(draw.design.name)
    plainly = stated_in(lines_of_markdown(markdown), lang, known, name)
    with suppress(UnreadableError):
        lines = lines_of_docx(found["minutes.docx"] or b"")
        stated = stated_in(lines, lang, known, name)
        _check_alike(plainly, stated)
        return stated.below(lines[:_HEAD])
    with suppress(UnreadableError):
        return plainly.below((lines_of_pdf(found["minutes.pdf"] or b"") or [])[:_HEAD])
    return plainly


def _check_alike(markdown: Stated, paper: Stated) -> None:
    for one, other in zip_longest(markdown.told, paper.told, fillvalue=_NO_LINE):
        if one != other:
            one, other = (text[:_SHOWN] or _NO_LINE for text in (one, other))
            raise DrawError.of(
                "draw-minutes-disagree",
                f"minutes.md ghi “{one}”, minutes.docx ghi “{other}”.",
                f"minutes.md has '{one}', minutes.docx has '{other}'.",
                "Các bản của một biên bản phải nói như nhau: một bản đã bị sửa.",
                "The files of the minutes say the same: one of them was changed.",
                file="minutes.docx",
            )


def _drawing(
    draw: CarriedOut, stated: Stated, commitment: Commitment | None
) -> tuple[Drawing, int]:
    """Return what the minutes are made of, and how many notes were taken from them.

    Notes on the list depend on the lines in which it was handed in. They come first, and
    are taken as they stand where those on the design follow as they must.
    """
    own = [one for one in draw.findings if one.code != _OF_THE_FOLDER]
    here = [plain(shown(one.message.in_language(stated.lang))) for one in draw.frame.findings]
    must = [plain(shown(one.message.in_language(stated.lang))) for one in own]
    split = len(stated.notes) - len(must)
    said = list(map(plain, stated.notes))
    listed = said[: max(split, 0)]
    taken = split >= 0 and said[split:] == must and listed != here
    notes = as_notes(stated.notes[:split]) if taken else draw.frame.findings
    held = Drawing(
        draw.record,
        draw.design,
        draw.frame,
        (*draw.rows, *draw.reserve_rows),
        (*notes, *own),
        stated.occasion,
        commitment,
    )
    return held, (Counter(listed) - Counter(here)).total() if taken else 0


class _DifferentError(Exception):
    """The first line that differs: its number, what stands there, what the draw gives."""

    def __init__(self, row: int, there: str, here: str) -> None:
        super().__init__(row, there, here)
        self.row, self.there, self.here = row, there, here


def _compare_markdown(data: bytes, held: Drawing, lang: str) -> How:
    mine = markdown_of(minutes_paper(held, lang))
    # Each other byte is another character, also where it is no UTF-8.
    theirs = data.decode("utf-8", errors="surrogateescape")
    _refuse_difference(theirs.split("\n"), mine.split("\n"))
    return "bytes"


def _compare_docx(data: bytes, held: Drawing, lang: str) -> How:
    mine = docx_of(minutes_paper(held, lang, longest=LONGEST_TABLE))
    if data == mine:
        return "bytes"
    theirs, own = lines_of_docx(data), lines_of_docx(mine)
    # Markdown, where the occasion is read without another file, replaces signs of markup.
    _refuse_difference(list(map(plain, theirs)), list(map(plain, own)))
    return "text"


def _compare_pdf(data: bytes, held: Drawing, lang: str) -> How:
    mine = pdf_of(minutes_paper(held, lang, longest=LONGEST_TABLE))
    if data == mine:
        return "bytes"
    theirs, own = lines_of_pdf(data), lines_of_pdf(mine)
    if theirs is None or own is None:
        return "unread"
    # Another release may break the lines elsewhere: what is compared are the signs in turn.
    there, here = ("".join(plain("".join(lines)).split()) for lines in (theirs, own))
    if there != here:
        pairs = zip_longest(there, here)
        place = next(at for at, (one, other) in enumerate(pairs) if one != other)
        row, line = _line_at(theirs, place)
        raise _DifferentError(row, line, _line_at(own, place)[1])
    return "text"


def _line_at(lines: Sequence[str], place: int) -> tuple[int, str]:
    """Return number and text of the line that holds a sign, blanks not counted."""
    ends = accumulate(len("".join(line.split())) for line in lines)
    rows = (row for row, end in enumerate(ends, start=1) if place < end)
    row = next(rows, len(lines) + 1)
    return row, lines[row - 1] if row <= len(lines) else _NO_LINE


def _refuse_difference(theirs: Sequence[str], mine: Sequence[str]) -> None:
    for row, (there, here) in enumerate(zip_longest(theirs, mine, fillvalue=_NO_LINE), start=1):
        if there != here:
            raise _DifferentError(row, there, here)


_KINDS: Mapping[str, Callable[[bytes, Drawing, str], How]] = {
    "minutes.md": _compare_markdown,
    "minutes.docx": _compare_docx,
    "minutes.pdf": _compare_pdf,
}


def _note_difference(faults: Faults, difference: _DifferentError) -> None:
    there, here = (
        text[:_SHOWN].encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
        for text in (difference.there, difference.here)
    )
    faults.add(
        "draw-minutes-differ",
        Words(
            f"Biên bản ghi “{there}”, lập lại từ hồ sơ chọn mẫu cho “{here}”.",
            f"The minutes have '{there}', made again from the record they have '{here}'.",
        ),
        Words(
            "Biên bản đã bị sửa sau khi chọn mẫu, hoặc do phiên bản phần mềm khác lập: khi đó hãy "
            "kiểm tra bằng phiên bản ấy. Bản đã điền tay hoặc đã ký thì để ngoài thư mục này.",
            "They were changed after the draw, or another release made them: then verify with "
            "that one. Keep copies that were completed or signed outside this folder.",
        ),
        row=difference.row,
    )


def _note_unreadable(faults: Faults) -> None:
    faults.add(
        "draw-minutes-unreadable",
        Words(
            "Biên bản không đọc được, hoặc có hình ảnh và đối tượng nhúng không đối chiếu được.",
            "The minutes cannot be read, or hold pictures and objects that nobody can compare.",
        ),
        Words("Lấy lại bản gốc.", "Fetch the original."),
    )
