"""The minutes in the folder of a draw, compared with what the draw makes them say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import zip_longest
from pathlib import Path
from typing import Literal

from intake.findings import DrawError, Faults, Finding, Words
from sampling.minutes.commitment import Commitment
from sampling.minutes.content import Drawing, Occasion, minutes_paper
from sampling.minutes.files import LONGEST_TABLE, CarriedOut
from sampling.minutes.markdown import markdown_of, plain
from sampling.minutes.papers import Paper, shown
from sampling.minutes.pdf_file import pdf_of
from sampling.minutes.stated import Stated, as_notes, stated_in
from sampling.minutes.word_file import docx_of
from sampling.minutes.written import UnreadableError, lines_of_docx, lines_of_pdf

How = Literal["bytes", "text", "unread", "absent"]

# Warnings of the draw's folder, not of the draw.
_OF_THE_FOLDER = "draw-program-differs"
_NO_LINE = "—"
_SHOWN = 120


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

    Place, bodies and title of the survey are taken from ``minutes.md`` (the body above
    from the other files); they must be the same in all three. So are notes about the list
    as it was handed in, since the folder holds that list in its canonical order.

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
        With the first line that differs in each file; or one cannot be read, or
        ``minutes.md`` is missing beside the others.
    """
    found = {name: _bytes_of(folder / name) for name in _KINDS}
    if not any(found.values()):
        return MinutesCompared(dict.fromkeys(_KINDS, "absent"))
    markdown = found["minutes.md"]
    if markdown is None:
        raise DrawError.of(
            "draw-file-missing",
            "Thiếu tệp minutes.md.",
            "The file minutes.md is missing.",
            "Các bản biên bản khác được đối chiếu cùng với tệp này.",
            "The other files of the minutes are compared together with it.",
            file="minutes.md",
        )
    known = Occasion(operator=operator, drawn_on=drawn_on)
    stated = stated_in(markdown.decode("utf-8", errors="replace"), known, shown(draw.design.name))
    stated = stated.below(_first_line(found))
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


def _first_line(found: Mapping[str, bytes | None]) -> str:
    """Return the first line on paper, nothing where no file tells it."""
    for name, lines_of in (("minutes.docx", lines_of_docx), ("minutes.pdf", lines_of_pdf)):
        with suppress(UnreadableError):
            lines = lines_of(found[name] or b"")
            if lines:
                return lines[0]
    return ""


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
    listed = list(stated.notes[: max(split, 0)])
    taken = split >= 0 and list(stated.notes[split:]) == must and listed != here
    notes = as_notes(listed) if taken else draw.frame.findings
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


def _compare_printed(
    made_of: Callable[[Paper], bytes],
    lines_of: Callable[[bytes], list[str] | None],
    data: bytes,
    held: Drawing,
    lang: str,
) -> How:
    """Compare bytes, and where they differ the words: another release may set them otherwise."""
    mine = made_of(minutes_paper(held, lang, longest=LONGEST_TABLE))
    if data == mine:
        return "bytes"
    theirs, own = lines_of(data), lines_of(mine)
    if theirs is None or own is None:
        return "unread"
    # Markdown, from which the occasion was read, replaces signs that could become markup.
    _refuse_difference(list(map(plain, theirs)), list(map(plain, own)))
    return "text"


def _refuse_difference(theirs: Sequence[str], mine: Sequence[str]) -> None:
    for row, (there, here) in enumerate(zip_longest(theirs, mine, fillvalue=_NO_LINE), start=1):
        if there != here:
            raise _DifferentError(row, there, here)


_KINDS: Mapping[str, Callable[[bytes, Drawing, str], How]] = {
    "minutes.md": _compare_markdown,
    "minutes.docx": partial(_compare_printed, docx_of, lines_of_docx),
    "minutes.pdf": partial(_compare_printed, pdf_of, lines_of_pdf),
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
