"""What an official paper holds, before it becomes Markdown, Word or PDF.

A paper has a head (who issues it, its number, place and day), a title, numbered sections
of facts, lists, tables and commands, and places to sign. Every text in it is one line of
plain characters: names come from frames that others wrote, so controls and characters that
turn the direction of writing are shown by their number and never reach a page.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from intake.text import normalized

BLANK = "…………………………"

# Controls, directions, lone surrogates, private and tag characters, and what has no width.
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ud800-\udfff\ue000-\uf8ff\ufff9-\uffff\U000e0000-\U0010ffff]"
)


@dataclass(frozen=True)
class Fact:
    """A label and its value; an empty value is left to be filled in by hand.

    ``exact`` marks a value of which every character counts: a hash, a secret.
    """

    label: str
    value: str
    exact: bool = False


@dataclass(frozen=True)
class Facts:
    """Facts, one below the other."""

    items: tuple[Fact, ...]


@dataclass(frozen=True)
class Lines:
    """Sentences, one below the other; ``listed`` puts a dash before each."""

    texts: tuple[str, ...]
    listed: bool = True


@dataclass(frozen=True)
class Commands:
    """Lines to type, each exactly as it stands."""

    texts: tuple[str, ...]


@dataclass(frozen=True)
class Column:
    """The head of a column: its words, its share of the width, which side it keeps to."""

    head: str
    width: int
    right: bool = False


@dataclass(frozen=True)
class Table:
    """A table whose head is repeated on each page."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]


Block = Facts | Lines | Commands | Table


@dataclass(frozen=True)
class Section:
    """A numbered part of a paper."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Signature:
    """A place to sign: in what capacity, how, and the name where it is known."""

    capacity: str
    manner: str
    name: str = ""


@dataclass(frozen=True)
class Paper:
    """An official paper, complete but for what is filled in by hand.

    ``heading`` is its title on one line; on paper stand ``kind`` and below it ``subject``.
    ``mark`` are the letters of its kind in its number: BB for minutes, TB for a notice.
    """

    lang: str
    heading: str
    kind: str
    subject: str
    mark: str
    sections: tuple[Section, ...]
    signatures: tuple[Signature, ...]
    closing: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    parent: str = ""
    issuer: str = ""
    place: str = ""
    day: date | None = None

    @property
    def title(self) -> str:
        """The title of the file."""
        return f"{self.heading} – {self.subject}"


def shown(text: object) -> str:
    r"""Return a text as one line of characters that can be seen, in NFC.

    Examples
    --------
    >>> shown("Xã\n\u202eLê")
    'Xã [U+202E]Lê'
    """
    line = " ".join(normalized(str(text)).split())
    return _UNSEEN.sub(lambda found: f"[U+{ord(found.group()):04X}]", line)
