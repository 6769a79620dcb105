"""The values of a rules file, checked one by one: mappings, lists, numbers, words, and no more.

Every fault is kept with its line and path, so that a file is told all its faults at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from intake.documents import path_text
from intake.findings import Faults, Words


class Values:
    """Reads values and notes what is wrong with them."""

    def __init__(self, file: str, line: Any) -> None:  # noqa: ANN401
        self.faults = Faults(file)
        self.line = line

    def mapping(
        self, value: object, path: tuple[str | int, ...], known: Sequence[str] | None
    ) -> Mapping[str, Any]:
        """Return a mapping, empty where there is none; keys beyond ``known`` are noted."""
        if not isinstance(value, Mapping):
            self.note("index-value", path, "Cần một bảng khóa và giá trị.", "A mapping is needed.")
            return {}
        for key in value:
            if known is not None and key not in known:
                self.note(
                    "index-key-unknown",
                    (*path, key),
                    f"Không có khóa “{key}”.",
                    f"There is no key “{key}”; known are {', '.join(known)}.",
                )
        return value

    def sequence(self, value: object, path: tuple[str | int, ...]) -> list[Any]:
        """Return a list, empty where there is none."""
        if not isinstance(value, list):
            self.note("index-value", path, "Cần một danh sách.", "A list is needed.")
            return []
        return value

    def number(self, value: object, path: tuple[str | int, ...]) -> float:
        """Return a number, 0 where there is none."""
        if isinstance(value, int | float) and not isinstance(value, bool):
            return float(value)
        self.note("index-value", path, f"“{value}” không phải là số.", f"“{value}” is no number.")
        return 0.0

    def words(self, value: object, path: tuple[str | int, ...]) -> Words:
        """Return a name in both languages; Vietnamese stands in for English."""
        if isinstance(value, Mapping) and value.get("vi"):
            vi = str(value["vi"])
            return Words(vi, str(value.get("en") or vi))
        self.note(
            "index-value", path, "Cần tên gọi {vi: …, en: …}.", "A name {vi: …, en: …} is needed."
        )
        return Words("", "")

    def note(self, code: str, path: tuple[str | int, ...], vi: str, en: str) -> None:
        """Note a fault with its path and line."""
        self.faults.add(
            code,
            Words(vi, en),
            Words("Sửa tệp bộ tiêu chí rồi kiểm tra lại.", "Mend the file and check it again."),
            path=path_text(path),
            row=self.line(path),
        )
