"""An official paper as PDF/UA-1, set by Typst; the same paper gives the same bytes."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sampling.minutes.headings import head_words, printed_day
from sampling.minutes.papers import Block, Commands, Facts, Lines, Paper

if TYPE_CHECKING:
    import typst

_TEMPLATE = Path(__file__).with_name("paper.typ")
_FONTS = Path(__file__).parents[1] / "data" / "fonts"
_LONGEST_WORD = 18

# What both fonts hold: Latin letters with all marks of Vietnamese, usual signs. A test sets
# every one of these characters.
_PRINTABLE = (
    "\\x20-\\x7e\\xa0-\\xac\\xae-\\xff\u0100-\u017f\u01a0\u01a1\u01af\u01b0\u1e80-\u1e85"
    "\u1ea0-\u1ef9\u2013\u2014\u2018-\u201a\u201c-\u201e\u2020-\u2022\u2026\u2030\u2032"
    "\u2033\u20ab\u20ac\u2122\u2212\u2260\u2264\u2265"
)
_UNPRINTABLE = re.compile(f"[^{_PRINTABLE}]")
_LONG_WORD = re.compile(rf"\S{{{_LONGEST_WORD}}}(?=\S)")
_HASH = re.compile("[0-9a-f]{64}")  # the template sets it in groups
_BREAK = "\u200b"


def pdf_of(paper: Paper) -> bytes:
    """Return a paper as a PDF file.

    Letters that the fonts lack are printed by their number, as ``[U+4E2D]``; words too
    long for a line are broken.
    """
    import typst

    made = typst.compile(
        _TEMPLATE,
        root=_TEMPLATE.parent,
        font_paths=_fonts(),
        sys_inputs={"data": json.dumps(_values(paper), ensure_ascii=False)},
        pdf_standards=["ua-1"],
    )
    if not isinstance(made, bytes):
        raise TypeError("a PDF is one file")
    return made


@cache
def _fonts() -> typst.Fonts:
    """Return the fonts of the package and those of Typst, and none of the machine."""
    import typst

    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True,
                       font_paths=[_FONTS])  # fmt: skip


def _values(paper: Paper) -> dict[str, object]:
    return {
        "lang": paper.lang,
        "title": _text(paper.title),
        "kind": _text(paper.kind),
        "subject": _text(paper.subject),
        "mark": paper.mark,
        "parent": _text(paper.parent),
        "issuer": _text(paper.issuer),
        "place": _text(paper.place),
        "day": printed_day(paper),
        "words": head_words(paper.lang),
        "sections": [
            {"title": _text(section.title), "blocks": [_block(block) for block in section.blocks]}
            for section in paper.sections
        ],
        "closing": [_text(text) for text in paper.closing],
        "signatures": [
            {"capacity": one.capacity, "manner": one.manner, "name": _text(one.name)}
            for one in paper.signatures
        ],
        "recipients": [_text(text) for text in paper.recipients],
    }


def _block(block: Block) -> dict[str, object]:
    if isinstance(block, Facts):
        items = [
            {"label": _text(one.label), "value": _text(one.value), "exact": one.exact}
            for one in block.items
        ]
        return {"type": "facts", "items": items}
    if isinstance(block, Lines):
        return {"type": "lines", "texts": list(map(_text, block.texts)), "listed": block.listed}
    if isinstance(block, Commands):
        return {"type": "commands", "texts": list(map(_text, block.texts))}
    return {
        "type": "table",
        "title": _text(block.title),
        "columns": [
            {"head": _text(one.head), "width": one.width, "right": one.right}
            for one in block.columns
        ],
        "rows": [list(map(_text, row)) for row in block.rows],
    }


def _text(text: str) -> str:
    """Return a text that the fonts can print and that no line is too narrow for."""
    if _HASH.fullmatch(text):
        return text
    printable = _UNPRINTABLE.sub(lambda found: f"[U+{ord(found.group()):04X}]", text)
    return _LONG_WORD.sub(lambda found: found.group() + _BREAK, printable)
