"""One text in several languages, and the holes in it that are filled while somebody answers.

A hole is written ``{answer:q1|this service}`` or ``{unit|this office}``: the answer given to an
earlier question, or the name of the unit or counter, and behind the bar the words that stand
there as long as nothing is known, on paper for ever.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

MAIN_LANGUAGE = "vi"

UNIT = ""
"""What a hole asks for when it is the name of the unit; no question has this id."""

_HOLE = re.compile(r"\{(?:answer:(?P<field>[^|{}]+)|unit)\|(?P<otherwise>[^|{}]*\S[^|{}]*)\}")


class Hole(NamedTuple):
    """A place in a text for the answer in a form field (``UNIT``: for the name of the unit)."""

    field: str
    otherwise: str


def parts_of(text: str) -> Iterator[str | Hole]:
    """Yield the plain parts and the holes of a text in order; empty parts are left out.

    Examples
    --------
    >>> list(parts_of("Về {answer:q1|dịch vụ này}:"))
    ['Về ', Hole(field='q1', otherwise='dịch vụ này'), ':']
    """
    at = 0
    for found in _HOLE.finditer(text):
        if found.start() > at:
            yield text[at : found.start()]
        yield Hole(found["field"] or UNIT, found["otherwise"])
        at = found.end()
    if at < len(text):
        yield text[at:]


def plain(text: str) -> str:
    """Return the text as it stands while nothing is known.

    Examples
    --------
    >>> plain("Về {answer:q1|dịch vụ này}:")
    'Về dịch vụ này:'
    """
    if "{" not in text:
        return text
    return "".join(part if isinstance(part, str) else part.otherwise for part in parts_of(text))


class Text(Mapping[str, str]):
    """One text in several languages: language tag -> text, frozen.

    Examples
    --------
    >>> title = Text({"vi": "Hài lòng", "en": "Satisfied"})
    >>> title.in_language("en"), title.in_language("tay")
    ('Satisfied', 'Hài lòng')
    """

    __slots__ = ("_texts",)

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = dict(texts)

    def __getitem__(self, tag: str) -> str:
        return self._texts[tag]

    def __iter__(self) -> Iterator[str]:
        return iter(self._texts)

    def __len__(self) -> int:
        return len(self._texts)

    def __hash__(self) -> int:
        return hash(frozenset(self._texts.items()))

    def __str__(self) -> str:
        return self.in_language(MAIN_LANGUAGE)

    def __repr__(self) -> str:
        return f"Text({self._texts!r})"

    def in_language(self, tag: str) -> str:
        """Return the text in the language, else in Vietnamese, else in the first there is."""
        texts = self._texts
        for wanted in (tag, tag.partition("-")[0], MAIN_LANGUAGE):
            if wanted in texts:
                return texts[wanted]
        return next(iter(texts.values()), "")

    def holes(self) -> list[Hole]:
        """Return the holes of the text in all of its languages."""
        texts = [text for text in self._texts.values() if "{" in text]
        return [part for text in texts for part in parts_of(text) if isinstance(part, Hole)]
