"""Tables and pictures of a page as plain values, and the marks that stand beside figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from intake.findings import Words

MARKS: Mapping[str, Words] = {
    "c": Words(
        "bảo mật: dưới 10 người trả lời, hoặc ẩn kèm để không suy ngược được",
        "confidential: fewer than 10 answers, or withheld so that such a figure cannot be derived",
    ),
    "u": Words(
        "không đủ tin cậy để công bố (cỡ mẫu hiệu dụng dưới 30 hoặc khoảng tin cậy quá rộng)",
        "too unreliable to publish (effective sample below 30, or too wide an interval)",
    ),
    "r": Words(
        "đọc thận trọng: ít bậc tự do, hoặc kết quả 0 % hay 100 %",
        "read with care: few degrees of freedom, or a result of 0 % or 100 %",
    ),
    "k": Words(
        "phần còn lại (100 % trừ kết quả) không đủ tin cậy",
        "the rest (100 % minus the result) is unreliable",
    ),
    "x": Words("không có mẫu riêng, không xếp hạng", "no sample of its own, not ranked"),
}


@dataclass(frozen=True)
class Cell:
    """One cell: its text, the number it sorts by, its mark, and whether it names the row."""

    text: str
    key: str = ""
    mark: str = ""
    head: bool = False
    number: bool = False


@dataclass(frozen=True)
class Grid:
    """A table of a page. ``note`` says n, weights, rule and version."""

    id: str
    caption: str
    note: str
    columns: tuple[tuple[str, bool], ...]
    rows: tuple[tuple[Cell, ...], ...]
    sortable: bool = False
    headings: frozenset[int] = field(default_factory=frozenset)

    @property
    def marks(self) -> list[str]:
        """The marks that this table uses, in the order of the legend."""
        used = {cell.mark for row in self.rows for cell in row}
        return [mark for mark in MARKS if mark in used]


@dataclass(frozen=True)
class Picture:
    """A chart of a page: its two files, what it shows in words, and the table beside it."""

    wide: str
    narrow: str
    alt: str
    caption: str
