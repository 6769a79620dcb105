"""The cells of a frame: text, made safe for spreadsheets when read and not when written.

So a frame that was written and is read back is the same frame.
"""

from __future__ import annotations

import re

from intake.text import normalized

_FORMULA = re.compile("^\\s*[=+\\-@\t\r\x00＝＋－＠]")
NUMBER = re.compile(r"^-?[0-9]+(\.[0-9]+)?$")


def text_of(value: object) -> str:
    """Return a value as the text of a cell; a missing one is empty, whole numbers are bare."""
    if value is None or (isinstance(value, float) and value != value):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return normalized(str(value)).strip()


def spreadsheet_safe(text: str) -> str:
    """Return a cell that no spreadsheet runs as a formula; numbers stay numbers."""
    if text[:1].isalnum():
        return text
    return "'" + text if _FORMULA.match(text) and not NUMBER.match(text) else text
