"""Which characters may come in, and the one form in which a text is kept.

Texts are kept in NFC with line feeds. Characters that hide, reorder or break text are
refused rather than removed, so that nobody reads something other than what was sent.
"""

from __future__ import annotations

import re
import unicodedata
from unicodedata import normalize as _form

ID_PATTERN = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}\Z")

# C0 but tab and line feed, C1, line and paragraph separators, bidi controls, surrogates, tags.
_NEVER = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
_ZERO_WIDTH = re.compile("[\u200b-\u200f\u2060\ufeff]")
# U+200D joins emoji; anywhere else a zero-width character is refused.
_EMOJI_JOINED = re.compile(
    "[\u203c-\u3299\U0001f000-\U0001faff\ufe0f]\u200d(?=[\u2600-\U0001faff])"
)
_MARKS_IN_A_ROW = 3


# To order a long row of marks takes the square of its length; no language needs thirty.
_LONG_MARKS = re.compile(
    "[" + "".join(c for c in map(chr, range(0x300, 0x20000)) if unicodedata.combining(c)) + "]{30}"
)


def normalized(text: str) -> str:
    """Return the text in NFC with every line end as one line feed.

    A text with thirty combining marks in a row stays as it is: it is refused in any form.
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text if text.isascii() or _LONG_MARKS.search(text) else _form("NFC", text)


def folded(identifier: str) -> str:
    """Return the form in which two identifiers count as the same (NFKC, case folded)."""
    if identifier.isascii():
        return identifier.casefold()
    if not _LONG_MARKS.search(identifier):
        identifier = _form("NFKC", identifier)
    return identifier.casefold()


def forbidden_character(text: str) -> str | None:
    """Return the first forbidden character as ``U+XXXX``, or None when there is none.

    Forbidden are controls other than tab and line feed, bidirectional controls, tag
    characters, lone surrogates, line separators, zero-width characters outside emoji
    sequences, and a fourth combining mark in a row. The text should be normalized first.
    """
    if text.isascii() and text.isprintable():
        return None
    found = _NEVER.search(text) or _ZERO_WIDTH.search(_EMOJI_JOINED.sub("", text))
    if found:
        return f"U+{ord(found.group()):04X}"
    if not any(map(unicodedata.combining, text)):
        return None
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks > _MARKS_IN_A_ROW:
            return f"U+{ord(character):04X}"
    return None
