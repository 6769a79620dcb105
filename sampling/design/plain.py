"""A design as somebody handed it over: plain values alone, before any of them is read.

A file holds nothing else (``intake.documents``), but a mapping made in Python may, and a
quoted text in a file may name any character by its number.
"""

from __future__ import annotations

from collections.abc import Mapping

from intake.findings import Words
from intake.text import forbidden_character, normalized
from sampling.design.entries import Entries, Place

_MOST = 10**18
_DEEPEST = 32


def plain(value: object, entries: Entries, path: Place = ()) -> object:
    """Return the value with every key a text, texts in NFC; note what is no plain value.

    A value that is noted becomes ``None``, a key that is noted is left out.
    """
    if isinstance(value, Mapping) and len(path) < _DEEPEST:
        return _mapping(value, entries, path)
    if isinstance(value, list | tuple) and len(path) < _DEEPEST:
        return [plain(one, entries, (*path, place)) for place, one in enumerate(value)]
    if isinstance(value, str):
        text = normalized(value)
        bad = forbidden_character(text)
        if bad is None:
            return text
        _refuse(entries, path, Words(f"Có ký tự {bad}.", f"The text holds {bad}."))
    elif isinstance(value, int) and abs(value) > _MOST:
        digits = Words("Số nguyên lớn hơn 10^18.", "The whole number is larger than 10^18.")
        _refuse(entries, path, digits)
    elif value is None or isinstance(value, bool | int | float):
        return value
    else:
        kind = type(value).__name__
        _refuse(entries, path, Words(f"Không đọc được kiểu {kind}.", f"A {kind} is no value here."))
    return None


def _mapping(value: Mapping[object, object], entries: Entries, path: Place) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, one in value.items():
        usable = isinstance(key, str | int) and not isinstance(key, bool)
        small = not isinstance(key, int) or abs(key) <= _MOST
        name = normalized(str(key)) if usable and small else ""
        if not (usable and small) or forbidden_character(name):
            _refuse(entries, path, Words("Một khóa không phải chữ.", "A key is no plain text."))
        elif name in found:
            _refuse(
                entries, path, Words(f"Khóa “{name}” bị lặp.", f"The key '{name}' stands twice.")
            )
        else:
            found[name] = plain(one, entries, (*path, name))
    return found


def _refuse(entries: Entries, path: Place, message: Words) -> None:
    advice = Words(
        "Ghi chữ, số, true, false, danh sách hoặc khóa và giá trị.",
        "Write texts, numbers, true, false, lists, or keys with values.",
    )
    entries.fault("design-value-invalid", message, advice, path)
