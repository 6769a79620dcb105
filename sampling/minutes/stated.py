"""What minutes say that no record of a draw holds: where, for whom, notes on the list."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from intake.findings import Finding, Words
from sampling.minutes.content import Occasion
from sampling.minutes.labels import LABELS
from sampling.minutes.markdown import plain
from sampling.minutes.papers import BLANK


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

    def below(self, first: str) -> Stated:
        """Return it with the body above, where that is the first line on paper.

        Without one, the issuer stands there (what fits on a line of it), or a blank; the
        body above does not stand in Markdown.
        """
        expected = plain(self.occasion.issuer.upper()) or BLANK
        if not first or expected.startswith(plain(first)):
            return self
        return replace(self, occasion=replace(self.occasion, parent=first))


def stated_in(text: str, known: Occasion, name: str) -> Stated:
    """Return what the minutes in Markdown say of themselves.

    Parameters
    ----------
    text
        ``minutes.md``.
    known
        What the record holds of the occasion: operator and day.
    name
        The name of the design, which stands for a survey without a title.
    """
    heading = text.partition("\n")[0]
    lang = "en" if heading == f"# {LABELS['en']['heading']}" else "vi"
    said = LABELS[lang]
    before, _, after = said["subject"].partition("{name}")
    subject = re.search(rf"^\*\*{re.escape(before)}(.*){re.escape(after)}\*\*$", text, re.M)
    survey = subject[1] if subject and subject[1] != plain(name) else ""
    issuer = _fact(text, said["chair"]).removesuffix(BLANK).removesuffix(": ")
    place = _fact(text, said["place"]).replace(BLANK, "")
    notes = re.search(rf"^## VI\. {re.escape(said['notes'])}\n\n((?:- .*\n)*)", text, re.M)
    return Stated(
        lang,
        replace(known, place=place, issuer=issuer, survey=survey),
        tuple(line[2:] for line in notes[1].splitlines()) if notes else (),
    )


def _fact(text: str, label: str) -> str:
    found = re.search(rf"^- {re.escape(plain(label))}: (.*)$", text, re.M)
    return found[1] if found else ""


def as_notes(texts: Sequence[str]) -> tuple[Finding, ...]:
    """Return notes in the form in which the minutes take them."""
    return tuple(Finding("", Words(text, text), Words("", ""), "warning") for text in texts)
