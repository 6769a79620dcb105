"""One unit of a frame, seen in the columns that hold it: nothing is copied until it is asked."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol, overload

from sampling.frame.columns import Column


class _Source(Protocol):
    """Whatever can say what stands in a row."""

    def text(self, name: str, row: int) -> str: ...

    def size(self, row: int) -> int: ...

    def cells(self, row: int) -> Mapping[str, str]: ...


class FrameUnit:
    """One unit that can be drawn; ``cells`` holds every column as text."""

    __slots__ = ("_row", "_source")
    _row: int
    _source: _Source

    def __init__(
        self,
        unit_id: str,
        unit_name: str,
        province: str,
        stratum: str,
        size: int,
        cells: Mapping[str, str],
    ) -> None:
        facts = {
            "unit_id": unit_id,
            "unit_name": unit_name,
            "province": province,
            "stratum": stratum,
        }
        self._source = _Given(facts, size, cells)
        self._row = 0

    @classmethod
    def at(cls, source: _Source, row: int) -> FrameUnit:
        """Return the unit that stands in a row of a source."""
        unit = cls.__new__(cls)
        unit._source = source
        unit._row = row
        return unit

    @property
    def unit_id(self) -> str:
        """The unit's id."""
        return self._source.text("unit_id", self._row)

    @property
    def unit_name(self) -> str:
        """The unit's name."""
        return self._source.text("unit_name", self._row)

    @property
    def province(self) -> str:
        """The province it lies in."""
        return self._source.text("province", self._row)

    @property
    def stratum(self) -> str:
        """The stratum it belongs to."""
        return self._source.text("stratum", self._row)

    @property
    def size(self) -> int:
        """Persons, households or transactions in it."""
        return self._source.size(self._row)

    @property
    def cells(self) -> Mapping[str, str]:
        """Every column as text."""
        return self._source.cells(self._row)

    def _facts(self) -> tuple[object, ...]:
        return (self.unit_id, self.unit_name, self.province, self.stratum, self.size)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, FrameUnit):
            return NotImplemented
        return self._facts() == other._facts() and self.cells == other.cells

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        unit_id, name, province, stratum, size = self._facts()
        return (
            f"FrameUnit(unit_id={unit_id!r}, unit_name={name!r}, province={province!r}, "
            f"stratum={stratum!r}, size={size!r}, cells={dict(self.cells)!r})"
        )


class _Given:
    """What a unit made by hand says of itself."""

    __slots__ = ("_cells", "_facts", "_size")

    def __init__(self, facts: dict[str, str], size: int, cells: Mapping[str, str]) -> None:
        self._facts = facts
        self._size = size
        self._cells = cells

    def text(self, name: str, row: int) -> str:  # noqa: ARG002 - there is but one row
        return self._facts[name]

    def size(self, row: int) -> int:  # noqa: ARG002
        return self._size

    def cells(self, row: int) -> Mapping[str, str]:  # noqa: ARG002
        return self._cells


class Listed:
    """The columns of a list of units by name, and the lines of the file they came from."""

    __slots__ = ("columns", "file", "lines", "sizes")

    def __init__(
        self,
        columns: Mapping[str, Column],
        sizes: array[int],
        file: str | None = None,
        lines: Sequence[int] = (),
    ) -> None:
        self.columns = columns
        self.sizes = sizes
        self.file = file
        self.lines = lines

    def __len__(self) -> int:
        return len(self.sizes)

    def text(self, name: str, row: int) -> str:
        """Return one cell."""
        return self.columns[name][row]

    def size(self, row: int) -> int:
        """Return the size in a row."""
        return self.sizes[row]

    def cells(self, row: int) -> Mapping[str, str]:
        """Return a row as a mapping of column to text."""
        return Cells(self.columns, row)

    def line(self, row: int) -> int | None:
        """Return the line of the file on which a row stood, where it is known."""
        return self.lines[row] if self.lines else None


class Cells(Mapping[str, str]):
    """A row as a mapping of column to text."""

    __slots__ = ("_columns", "_row")

    def __init__(self, columns: Mapping[str, Column], row: int) -> None:
        self._columns = columns
        self._row = row

    def __getitem__(self, name: str) -> str:
        return self._columns[name][self._row]

    def __iter__(self) -> Iterator[str]:
        return iter(self._columns)

    def __len__(self) -> int:
        return len(self._columns)

    def __repr__(self) -> str:
        return repr(dict(self))


class Units(Sequence[FrameUnit]):
    """The units of a frame in their order, each made when it is asked for."""

    __slots__ = ("_source",)

    def __init__(self, source: Listed) -> None:
        self._source = source

    def __len__(self) -> int:
        return len(self._source)

    @overload
    def __getitem__(self, place: int) -> FrameUnit: ...

    @overload
    def __getitem__(self, place: slice) -> tuple[FrameUnit, ...]: ...

    def __getitem__(self, place: int | slice) -> FrameUnit | tuple[FrameUnit, ...]:
        rows = range(len(self))[place]
        if isinstance(rows, range):
            return tuple(FrameUnit.at(self._source, row) for row in rows)
        return FrameUnit.at(self._source, rows)

    def __iter__(self) -> Iterator[FrameUnit]:
        return (FrameUnit.at(self._source, row) for row in range(len(self)))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, (Units, tuple, list)):
            return NotImplemented
        return len(self) == len(other) and all(a == b for a, b in zip(self, other, strict=True))

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return repr(tuple(self))
