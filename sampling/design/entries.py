"""What may stand under one key of a design: texts, columns, counts, numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from intake.documents import path_text
from intake.findings import Faults, Words
from intake.text import forbidden_character, normalized

MAX_TAKE = 1_000_000

Place = tuple[str | int, ...]
Line = Callable[[Place], int | None]


class Entries:
    """Reads single values of one design and notes what is wrong with them."""

    def __init__(self, faults: Faults, line: Line | None) -> None:
        self.faults = faults
        self._line = line

    def fault(self, code: str, message: Words, advice: Words, path: Place) -> None:
        """Note one fault with its path and, in a file, its line."""
        row = self._line(path) if self._line else None
        self.faults.add(code, message, advice, row=row, path=path_text(path) or None)

    def unknown_keys(
        self, mapping: Mapping[str, object], known: tuple[str, ...], path: Place
    ) -> None:
        """Note the keys that nobody would read."""
        for key in mapping:
            if key not in known:
                self.fault(
                    "design-key-unknown",
                    Words(f"Không hiểu khóa “{key}”.", f"The key '{key}' is unknown."),
                    Words(f"Các khóa: {', '.join(known)}.", f"Known are: {', '.join(known)}."),
                    (*path, str(key)),
                )

    def count(self, value: object, path: Place, code: str, least: int) -> int:
        """Return a whole number of at least ``least``."""
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= MAX_TAKE:
            return value
        self.fault(
            code,
            Words(
                f"{value!r} không phải số nguyên từ {least}.",
                f"{value!r} is not a whole number of at least {least}.",
            ),
            Words(f"Ghi số từ {least} đến {MAX_TAKE}.", f"Write {least} to {MAX_TAKE}."),
            path,
        )
        return least

    def column(self, mapping: Mapping[str, object], key: str, default: str, path: Place) -> str:
        """Return the name of a column of the frame."""
        column = mapping.get(key)
        if column is None:
            return default
        if isinstance(column, str) and column and not forbidden_character(column):
            return normalized(column)
        self.fault(
            "design-column-invalid",
            Words(f"“{key}” phải là tên cột.", f"'{key}' must name a column of the frame."),
            Words(f"Mặc định: {default}.", f"Leave it out for '{default}'."),
            (*path, key),
        )
        return default

    def columns(self, mapping: Mapping[str, object], key: str, path: Place) -> tuple[str, ...]:
        """Return the names of several columns of the frame."""
        value = mapping.get(key)
        listed = [value] if isinstance(value, str) else value
        if listed is None:
            return ()
        if isinstance(listed, list | tuple) and all(isinstance(item, str) for item in listed):
            return tuple(str(item) for item in listed)
        self.fault(
            f"design-{key}-invalid",
            Words(f"“{key}” phải là tên cột.", f"'{key}' must name columns of the frame."),
            Words("Ví dụ: [lat, lon].", "Such as: [lat, lon]."),
            (*path, key),
        )
        return ()

    def numbers(
        self,
        mapping: Mapping[str, object],
        key: str,
        bounds: Mapping[str, tuple[float, float, bool]],
    ) -> dict[str, float]:
        """Return numbers under known names; bounds are least, most, and whether they are open."""
        value = mapping.get(key)
        if value is None:
            return {}
        code = f"design-{key}-invalid"
        if not isinstance(value, Mapping):
            self._not_numbers(code, key, bounds, (key,))
            return {}
        found: dict[str, float] = {}
        for name, number in sorted(value.items()):
            if name not in bounds or not _fits(number, bounds[name]):
                self._not_numbers(code, key, bounds, (key, str(name)))
            else:
                found[str(name)] = float(number)
        return found

    def _not_numbers(
        self,
        code: str,
        key: str,
        bounds: Mapping[str, tuple[float, float, bool]],
        path: Place,
    ) -> None:
        name = str(path[-1])
        listed = [name] if name in bounds else list(bounds)
        limits = "; ".join(f"{one}: {bounds[one][0]:g} … {bounds[one][1]:g}" for one in listed)
        self.fault(
            code,
            Words(f"Khóa “{name}” không hợp lệ.", f"'{name}' is not understood under '{key}'."),
            Words(f"Dùng số: {limits}.", f"Write numbers: {limits}."),
            path,
        )

    def text(self, mapping: Mapping[str, object], key: str) -> str:
        """Return a short text."""
        value = mapping.get(key)
        if value is None:
            return ""
        text = normalized(str(value)).strip()
        if isinstance(value, Mapping | list) or len(text) > 1000 or forbidden_character(text):
            self.fault(
                "design-text-invalid",
                Words(f"“{key}” phải là một câu ngắn.", f"'{key}' must be a short text."),
                Words("Viết lại.", "Write it anew."),
                (key,),
            )
            return ""
        return text


def _fits(number: object, bounds: tuple[float, float, bool]) -> bool:
    if isinstance(number, bool) or not isinstance(number, int | float):
        return False
    least, most, is_open = bounds
    if not math.isfinite(number) or not least <= number <= most:
        return False
    return not (is_open and number in (least, most))
