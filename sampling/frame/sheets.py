"""Columns of text that are not a frame yet: as they were read, or made from values."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

from intake.findings import Faults, Finding, FrameError, Words
from intake.tables import MAX_CELL, MAX_COLUMNS
from intake.text import forbidden_character
from sampling.frame.cells import text_of
from sampling.frame.columns import Packer, Texts, coded

if TYPE_CHECKING:
    import pandas as pd

_BLOCK = 1 << 16
_ROWS = 5_000


@dataclass(frozen=True)
class Sheet:
    """Columns of text by name, and the line on which each row stands."""

    file: str | None
    columns: Mapping[str, Texts]
    lines: Sequence[int]
    count: int


def sheet_of_table(table: pd.DataFrame | Mapping[str, object], name: str) -> Sheet:
    """Return columns of values as columns of text; rows count from line 2.

    Raises
    ------
    FrameError
        A column is not a plain sequence of values, or columns differ in length.
    """
    import numpy as np

    faults = Faults(name)
    # A column becomes text at once: objects of all columns together take many times as much.
    held: dict[str, Texts | str] = {}
    for column in _names(table, faults):
        values = np.asarray(table[column], dtype=_kind(table[column]))
        if values.ndim > 1:
            _not_plain(column, values.shape, faults)
        else:
            held[column] = _texts_of(values) if values.ndim else _text(values.item())
    faults.raise_as(FrameError)
    lengths = {column: len(texts) for column, texts in held.items() if not isinstance(texts, str)}
    count = max(lengths.values(), default=1 if held else 0)
    for column, length in lengths.items():
        if length != count:
            faults.add(
                "frame-column-length",
                Words(
                    f"Cột “{column}” có {length} giá trị, cột dài nhất có {count}.",
                    f"The column '{column}' has {length} values, the longest one {count}.",
                ),
                Words("Mỗi đơn vị một giá trị.", "Give one value a unit."),
                column=column,
            )
    faults.raise_as(FrameError)
    columns = {
        column: coded(bytes(count), (texts,)) if isinstance(texts, str) else texts
        for column, texts in held.items()
    }
    return Sheet(name, columns, range(2, count + 2), count)


def sheet_of(file: str, names: Sequence[str], rows: Iterable[tuple[int, Sequence[str]]]) -> Sheet:
    """Return rows of text as columns of text."""
    packers = [Packer() for _ in names]
    lines = array("I")
    for block in _blocks(rows):
        lines.extend(line for line, _ in block)
        for packer, texts in zip(packers, zip(*(cells for _, cells in block), strict=True),
                                 strict=True):  # fmt: skip
            packer.extend(texts)
    columns = {name: packer.done() for name, packer in zip(names, packers, strict=True)}
    return Sheet(file, columns, lines, len(lines))


def sheet_of_rows(
    rows: Sequence[Mapping[str, object]], name: str, columns: Sequence[str] = ()
) -> Sheet:
    """Return mappings as columns, their rows counted as in a file whose header is line 1."""
    names = tuple(dict.fromkeys((*columns, *(column for row in rows for column in row))))
    cells = ([text_of(row.get(column)) for column in names] for row in rows)
    return sheet_of(name, names, enumerate(cells, start=2))


def _blocks(
    rows: Iterable[tuple[int, Sequence[str]]],
) -> Iterator[list[tuple[int, Sequence[str]]]]:
    rows = iter(rows)
    while block := list(islice(rows, _ROWS)):
        yield block


def check_texts(sheet: Sheet) -> list[Finding]:
    """Return findings about columns and characters that no file may hold either."""
    faults = Faults(sheet.file)
    if len(sheet.columns) > MAX_COLUMNS:
        faults.add(
            "table-too-wide",
            Words(f"Bảng có {len(sheet.columns)} cột.", f"There are {len(sheet.columns)} columns."),
            Words(f"Tối đa {MAX_COLUMNS} cột.", f"At most {MAX_COLUMNS} are read."),
            row=1,
        )
    for name, column in sheet.columns.items():
        bad = forbidden_character(name)
        if bad or not name or name != text_of(name) or len(name) > MAX_CELL:
            _bad_name(name, bad, faults)
        for row in column.rows_where(lambda text: len(text) > MAX_CELL):
            faults.add(
                "cell-too-long",
                Words(
                    f"Ô có {len(column[row])} ký tự.",
                    f"The cell has {len(column[row])} characters.",
                ),
                Words(f"Tối đa {MAX_CELL}.", f"At most {MAX_CELL} are read."),
                row=sheet.lines[row],
                column=name,
            )
        for row in column.rows_where(lambda text: forbidden_character(text) is not None):
            bad = forbidden_character(column[row])
            faults.add(
                "character-forbidden",
                Words(f"Ô có ký tự không cho phép {bad}.", f"The cell holds the character {bad}."),
                Words("Hãy gõ lại ô này.", "Type the cell anew."),
                row=sheet.lines[row],
                column=name,
            )
    return faults.findings


def _names(table: pd.DataFrame | Mapping[str, object], faults: Faults) -> list[str]:
    names = list(table.keys())
    for name in names:
        if not isinstance(name, str) or names.count(name) > 1:
            faults.add(
                "frame-column-name",
                Words(
                    f"Tên cột {name!r} bị lặp hoặc không phải chữ.",
                    f"The column {name!r} stands twice or is not named by a text.",
                ),
                Words("Hãy để mỗi cột một tên.", "Give each column its own name."),
                row=1,
            )
    faults.raise_as(FrameError)
    return names


def _kind(values: object) -> Any:  # noqa: ANN401 - a dtype, or None to leave it to numpy
    """Return the type in which values are taken: those of numpy as they are, others as objects."""
    kind = getattr(getattr(values, "dtype", None), "kind", "O")
    return None if kind in "iufb" else object


def _texts_of(values: Any) -> Texts:  # noqa: ANN401 - an array of any type
    import numpy as np
    import pandas as pd

    count = len(values)
    if values.dtype.kind in "iufb":
        codes, found = pd.factorize(values, use_na_sentinel=True)
        distinct = [text_of(value) for value in found.tolist()]
    else:
        # A value and the text of it (5 and "5") may be told apart here; they meet below.
        try:
            codes, found = pd.factorize(values, use_na_sentinel=True)
            distinct = [_text(value) for value in found]
        except TypeError:
            codes, distinct = np.arange(count), [_text(value) for value in values.tolist()]
    if (codes < 0).any():
        distinct.append("")
        codes = np.where(codes < 0, len(distinct) - 1, codes)
    pieces = (codes[start : start + _BLOCK].tolist() for start in range(0, count, _BLOCK))
    if len(set(distinct)) < len(distinct) or 2 * len(distinct) > count > 4096:
        packer = Packer(repeating=2 * len(distinct) <= count)
        for piece in pieces:
            packer.extend(map(distinct.__getitem__, piece))
        return packer.done()
    return coded(chain.from_iterable(pieces), tuple(distinct))


def _text(value: object) -> str:
    """Return a value of any kind as the text of a cell; numbers of numpy as plain ones."""
    import pandas as pd

    if value is None or value is pd.NA or value is pd.NaT:
        return ""
    return text_of(value.item() if hasattr(value, "item") else value)


def _not_plain(column: str, shape: tuple[int, ...], faults: Faults) -> None:
    faults.add(
        "frame-column-shape",
        Words(
            f"Cột “{column}” có dạng {shape}, cần một chiều.",
            f"The column '{column}' has the shape {shape}; one dimension is needed.",
        ),
        Words("Mỗi đơn vị một giá trị.", "Give one value a unit."),
        column=column,
    )


def _bad_name(name: str, bad: str | None, faults: Faults) -> None:
    told = f" ({bad})" if bad else ""
    faults.add(
        "frame-column-name",
        Words(
            f"Tên cột “{name[:40]}” không dùng được{told}.",
            f"'{name[:40]}' cannot name a column{told}.",
        ),
        Words("Đặt tên ngắn, chữ và số.", "Give it a short name of letters and digits."),
        row=1,
    )
