"""What minutes say that no record of a draw holds: where, for whom, notes on the list."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from intake.findings import Finding, Words
from sampling.minutes.content import Occasion
from sampling.minutes.labels import LABELS
from sampling.minutes.markdown import plain
from sampling.minutes.papers import BLANK

_DASH = "– "


@dataclass(frozen=True)
class Stated:
    """The language of the minutes, their occasion, and their notes in order."""

    lang: str
    occasion: Occasion
    notes: tuple[str, ...]

    @property
    def beyond_record(self) -> bool:
        """Whether they name a place, a body or a survey, which no record holds."""
        said = self.occasion
        return any((said.place, said.issuer, said.parent, said.survey))

    @property
    def told(self) -> tuple[str, ...]:
        """What all files must say alike, as Markdown writes it."""
        said = self.occasion
        return tuple(map(plain, (said.place, said.issuer, said.survey, *self.notes)))

    def below(self, head: Sequence[str]) -> Stated:
        """Return it with the body above, which stands on paper before the issuer.

        Parameters
        ----------
        head
            The first lines on paper. Without a body above, the issuer (or what fits on a
            line of it) or a blank is the first; Markdown does not print the body above.
        """
        expected = plain(self.occasion.issuer.upper()) or BLANK
        above = list(takewhile(lambda line: not expected.startswith(plain(line)), head))
        parent = " ".join(above if len(above) < len(head) else above[:1])
        return replace(self, occasion=replace(self.occasion, parent=parent))


def lines_of_markdown(text: str) -> list[str]:
    """Return the lines that say something, marked as on paper: a dash before what is listed."""
    told = (re.sub(r"^#+ |^\*\*|\*\*$", "", line) for line in text.split("\n"))
    dashed = (re.sub("^- ", _DASH, line).strip() for line in told)
    return [line for line in dashed if line]


def language_of(text: str) -> str:
    """Return the language of minutes in Markdown."""
    return "en" if text.startswith(f"# {LABELS['en']['heading']}\n") else "vi"


def stated_in(lines: Sequence[str], lang: str, known: Occasion, name: str) -> Stated:
    """Return what minutes say of themselves.

    Parameters
    ----------
    lines
        Those of ``minutes.docx``, or of `lines_of_markdown`, in which signs that could
        become markup are others.
    lang
        Their language.
    known
        What the record holds of the occasion: operator and day.
    name
        The name of the design, which stands for a survey without a title.
    """
    said = LABELS[lang]
    before, _, after = said["subject"].partition("{name}")
    subjects = (one for one in lines if one.startswith(before) and one.endswith(after))
    subject = next(subjects, before + after)
    survey = subject[len(before) : len(subject) - len(after)]
    issuer = _fact(lines, said["chair"]).removesuffix(BLANK).removesuffix(": ")
    occasion = replace(
        known,
        place=_fact(lines, said["place"]).replace(BLANK, ""),
        issuer=issuer,
        survey="" if plain(survey) == plain(name) else survey,
    )
    heading = f"VI. {said['notes']}"
    after_heading = lines[lines.index(heading) + 1 :] if heading in lines else ()
    end = _DASH + said["remarks"]
    notes = takewhile(lambda one: one.startswith(_DASH) and not one.startswith(end), after_heading)
    return Stated(lang, occasion, tuple(note.removeprefix(_DASH) for note in notes))


def _fact(lines: Sequence[str], label: str) -> str:
    start = f"{_DASH}{label}: "
    return next((one[len(start) :] for one in lines if one.startswith(start)), "")


def as_notes(texts: Sequence[str]) -> tuple[Finding, ...]:
    """Return notes in the form in which the minutes take them."""
    return tuple(Finding("", Words(text, text), Words("", ""), "warning") for text in texts)
