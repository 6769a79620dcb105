"""The papers of a draw as files: the minutes, and before them the notice of a commitment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Protocol

from intake.findings import Finding
from sampling.design import SampleDesign
from sampling.frame import Frame
from sampling.minutes.commitment import Commitment
from sampling.minutes.content import Drawing, Occasion, minutes_paper
from sampling.minutes.markdown import markdown_of
from sampling.minutes.notice import notice_paper
from sampling.minutes.pdf_file import pdf_of
from sampling.minutes.word_file import docx_of
from sampling.sample import Row

# Five hundred rows are a dozen pages; longer tables stand in sample.csv, whose hash is printed.
LONGEST_TABLE = 500


class CarriedOut(Protocol):
    """What the minutes need of a draw (`sampling.Draw`)."""

    @property
    def frame(self) -> Frame:
        """What was drawn from."""

    @property
    def design(self) -> SampleDesign:
        """What was carried out."""

    @property
    def rows(self) -> Sequence[Row]:
        """The drawn rows."""

    @property
    def reserve_rows(self) -> Sequence[Row]:
        """The reserves."""

    @property
    def record(self) -> Mapping[str, object]:
        """What ``draw.json`` holds."""

    @property
    def findings(self) -> Sequence[Finding]:
        """The warnings of the design."""


def minutes_files(
    draw: CarriedOut,
    lang: str = "vi",
    *,
    operator: str = "",
    drawn_on: date | None = None,
    place: str = "",
    parent: str = "",
    issuer: str = "",
    survey: str = "",
    commitment: Commitment | None = None,
) -> dict[str, bytes]:
    """Return the minutes of a draw by the names of their files.

    Parameters
    ----------
    draw
        A draw that was made.
    lang
        ``en`` for English, else Vietnamese.
    operator, drawn_on, place, parent, issuer, survey
        As in `Occasion`; what is left empty is filled in by hand.
    commitment
        The commitment that the draw opens, where there is one.

    Returns
    -------
    dict
        ``minutes.md``, ``minutes.docx`` and ``minutes.pdf``. They are the same for the same
        arguments: no file says when it was made.
    """
    held = Drawing(
        draw.record,
        draw.design,
        draw.frame,
        (*draw.rows, *draw.reserve_rows),
        (*draw.frame.findings, *draw.findings),
        Occasion(operator, drawn_on, place, parent, issuer, survey),
        commitment,
    )
    printed = minutes_paper(held, lang, longest=LONGEST_TABLE)
    return {
        "minutes.md": markdown_of(minutes_paper(held, lang)).encode("utf-8"),
        "minutes.docx": docx_of(printed),
        "minutes.pdf": pdf_of(printed),
    }


def notice_files(
    commitment: Commitment,
    lang: str = "vi",
    *,
    operator: str = "",
    place: str = "",
    parent: str = "",
    issuer: str = "",
    survey: str = "",
) -> dict[str, bytes]:
    """Return the notice that publishes a commitment by the names of its files.

    Arguments are those of `minutes_files`; the files are ``notice.md``, ``notice.docx``
    and ``notice.pdf``.
    """
    occasion = Occasion(operator, None, place, parent, issuer, survey)
    paper = notice_paper(commitment, occasion, lang)
    return {
        "notice.md": markdown_of(paper).encode("utf-8"),
        "notice.docx": docx_of(paper),
        "notice.pdf": pdf_of(paper),
    }
