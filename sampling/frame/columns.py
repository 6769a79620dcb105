"""Columns of text, held small: each differing text once where texts repeat, else one blob.

A frame of a million villages names few provinces and strata, and as many ids as rows.
``Coded`` keeps a number per row and the differing texts aside; ``Packed`` lays the texts
end to end in UTF-8; ``Whole`` keeps whole numbers, whose text is their digits.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from itertools import accumulate

_FEW = 1 << 16
_BLOCK = 1 << 12


class Coded:
    """Texts that repeat: ``codes`` holds the place of each row's text in ``distinct``."""

    __slots__ = ("codes", "distinct")

    def __init__(self, codes: array[int], distinct: tuple[str, ...]) -> None:
        self.codes = codes
        self.distinct = distinct

    def __len__(self) -> int:
        return len(self.codes)

    def __getitem__(self, row: int) -> str:
        return self.distinct[self.codes[row]]

    def __iter__(self) -> Iterator[str]:
        return map(self.distinct.__getitem__, self.codes)

    def texts(self, start: int = 0, stop: int | None = None) -> list[str]:
        """Return the texts of the rows from ``start`` up to ``stop``."""
        codes = self.codes if start == 0 and stop is None else self.codes[start:stop]
        return list(map(self.distinct.__getitem__, codes))

    def taken(self, order: Sequence[int]) -> Coded:
        """Return the column with its rows in another order."""
        codes = array(self.codes.typecode, map(self.codes.__getitem__, order))
        return Coded(codes, self.distinct)

    def mapped(self, change: Callable[[str], str]) -> Coded:
        """Return the column with each text changed."""
        values = tuple(map(change, self.distinct))
        if values == self.distinct:
            return self
        place = {value: number for number, value in enumerate(dict.fromkeys(values))}
        to = [place[value] for value in values]
        return Coded(array(self.codes.typecode, map(to.__getitem__, self.codes)), tuple(place))

    def counts(self) -> dict[str, int]:
        """Return how often each text stands, in order of first standing."""
        return {self.distinct[code]: count for code, count in Counter(self.codes).items()}

    def rows_where(self, fits: Callable[[str], bool]) -> Iterator[int]:
        """Yield the rows whose text fits."""
        wanted = {code for code, value in enumerate(self.distinct) if fits(value)}
        if wanted:
            yield from (row for row, code in enumerate(self.codes) if code in wanted)


class Packed:
    """Texts that seldom repeat: UTF-8, end to end, with the byte where each one ends."""

    __slots__ = ("data", "ends")

    def __init__(self, data: bytes, ends: array[int]) -> None:
        self.data = data
        self.ends = ends

    def __len__(self) -> int:
        return len(self.ends)

    def __getitem__(self, row: int) -> str:
        if not 0 <= row < len(self.ends):
            raise IndexError(row)
        return self.data[self.ends[row - 1] if row else 0 : self.ends[row]].decode("utf-8")

    def __iter__(self) -> Iterator[str]:
        for start in range(0, len(self), _BLOCK):
            yield from self.texts(start, start + _BLOCK)

    def texts(self, start: int = 0, stop: int | None = None) -> list[str]:
        """Return the texts of the rows from ``start`` up to ``stop``."""
        ends = self.ends[start:stop]
        if not ends:
            return []
        base = self.ends[start - 1] if start else 0
        data = self.data[base : ends[-1]]
        # One decoding of the whole is many times faster than one a text, where bytes are letters.
        letters = data.decode("ascii") if data.isascii() else None
        found = []
        first = 0
        for end in ends:
            last = end - base
            found.append(data[first:last].decode() if letters is None else letters[first:last])
            first = last
        return found

    def taken(self, order: Sequence[int]) -> Packed:
        """Return the column with its rows in another order."""
        data, ends, taken = self.data, self.ends, bytearray()
        new_ends = array(ends.typecode)
        for row in order:
            taken += data[ends[row - 1] if row else 0 : ends[row]]
            new_ends.append(len(taken))
        return Packed(bytes(taken), new_ends)

    def mapped(self, change: Callable[[str], str]) -> Packed:
        """Return the column with each text changed."""
        if not any(change(text) != text for text in self):
            return self
        packer = Packer(repeating=False)
        for start in range(0, len(self), _FEW):
            packer.extend(map(change, self.texts(start, start + _FEW)))
        return packer.packed()

    def counts(self) -> dict[str, int]:
        """Return how often each text stands, in order of first standing."""
        return dict(Counter(self))

    def rows_where(self, fits: Callable[[str], bool]) -> Iterator[int]:
        """Yield the rows whose text fits."""
        return (row for row, text in enumerate(self) if fits(text))


class Whole:
    """Whole numbers; the text of each is its digits."""

    __slots__ = ("numbers",)

    def __init__(self, numbers: array[int]) -> None:
        self.numbers = numbers

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, row: int) -> str:
        return str(self.numbers[row])

    def __iter__(self) -> Iterator[str]:
        return map(str, self.numbers)

    def texts(self, start: int = 0, stop: int | None = None) -> list[str]:
        """Return the texts of the rows from ``start`` up to ``stop``."""
        return list(map(str, self.numbers[start:stop]))

    def taken(self, order: Sequence[int]) -> Whole:
        """Return the column with its rows in another order."""
        return Whole(array(self.numbers.typecode, map(self.numbers.__getitem__, order)))

    def counts(self) -> dict[str, int]:
        """Return how often each text stands, in order of first standing."""
        return {str(number): count for number, count in Counter(self.numbers).items()}

    def rows_where(self, fits: Callable[[str], bool]) -> Iterator[int]:
        """Yield the rows whose text fits."""
        return (row for row, text in enumerate(self) if fits(text))


Texts = Coded | Packed
Column = Texts | Whole


class _Codes(dict[str, int]):
    def __missing__(self, text: str) -> int:
        code = self[text] = len(self)
        return code


class Packer:
    """Takes the texts of a column as they come and gives the smaller of the two columns."""

    def __init__(self, *, repeating: bool = True) -> None:
        self._codes: _Codes | None = _Codes() if repeating else None
        self._numbers = array("I")
        self._data = bytearray()
        self._ends = array("Q")

    def extend(self, texts: Iterable[str]) -> None:
        """Take further texts."""
        if self._codes is None:
            pieces = [text.encode("utf-8") for text in texts]
            self._ends.extend(accumulate(map(len, pieces), initial=len(self._data)))
            # The first of these is the length before them, known already.
            del self._ends[len(self._ends) - len(pieces) - 1]
            self._data += b"".join(pieces)
            return
        self._numbers.extend(map(self._codes.__getitem__, texts))
        if len(self._codes) > _FEW or 2 * len(self._codes) > len(self._numbers) > 4096:
            self._unfold(list(self._codes))

    def _unfold(self, values: list[str]) -> None:
        self._codes = None
        numbers, self._numbers = self._numbers, array("I")
        for start in range(0, len(numbers), _FEW):
            self.extend(map(values.__getitem__, numbers[start : start + _FEW]))

    def done(self) -> Texts:
        """Return the column of all texts."""
        if self._codes is None:
            return self.packed()
        return coded(self._numbers, tuple(self._codes))

    def packed(self) -> Packed:
        """Return the column of texts that seldom repeat."""
        short = not self._ends or self._ends[-1] < 1 << 32
        return Packed(bytes(self._data), array("I", self._ends) if short else self._ends)


def coded(codes: Iterable[int], values: tuple[str, ...]) -> Coded:
    """Return a column of repeating texts whose codes take as few bytes as they can."""
    kind = "B" if len(values) <= 1 << 8 else "H" if len(values) <= _FEW else "I"
    return Coded(array(kind, codes), values)


def repeated(
    keys: Iterable[Hashable], count: int, key_of: Callable[[int], Hashable]
) -> list[list[int]]:
    """Return the groups of rows that share a key, in order of their first row.

    ``key_of`` gives the key of a row again; it is asked only for rows whose hashes meet,
    so that a million keys need not be held.
    """
    import numpy as np

    hashes = np.fromiter(map(hash, keys), dtype=np.int64, count=count)
    order = np.argsort(hashes, kind="stable")
    same = hashes[order[1:]] == hashes[order[:-1]]
    if not same.any():
        return []
    meeting = np.zeros(count, dtype=bool)
    meeting[order[1:][same]] = True
    meeting[order[:-1][same]] = True
    groups: dict[Hashable, list[int]] = {}
    for row in np.flatnonzero(meeting).tolist():
        groups.setdefault(key_of(row), []).append(row)
    return [rows for rows in groups.values() if len(rows) > 1]
