"""The one stream of an old Excel file (.xls) that holds its sheets.

The container is a small file system whose chains of sectors may run in circles; readers follow
them for minutes. Here no sector is followed twice, and nothing but the workbook is taken out.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

_SECTOR, _SMALL = 512, 64
_ENTRY = 128
_IN_HEADER = 109  # sectors of the table that the header lists: enough for 7 MiB
_MACROS = ("_VBA_PROJECT_CUR", "VBA", "Macros", "_VBA_PROJECT")
_STREAM, _ROOT = 2, 5
_CUT_OFF = 4096
"""A stream of fewer bytes lies in small sectors inside the stream of the root."""


class CompoundError(ValueError):
    """A container that is not sound."""


class MacroError(ValueError):
    """A container that holds macros."""


def workbook_stream(data: bytes) -> bytes:
    """Return the stream with the sheets of a compound file.

    Raises
    ------
    CompoundError
        The container is broken, runs in circles or holds no workbook.
    MacroError
        It holds macros.
    """
    if len(data) < 2 * _SECTOR or struct.unpack_from("<H", data, 30)[0] != 9:
        raise CompoundError("no container of 512-byte sectors")
    first = struct.unpack_from("<I", data, 48)[0]
    table = _table(data)
    entries = list(_entries(b"".join(_chain(data, table, first))))
    if any(name in _MACROS for name, *_ in entries):
        raise MacroError("macros")
    for name, kind, start, size in entries:
        if name in ("Workbook", "Book") and kind == _STREAM:
            stream = _stream(data, table, entries, start, size)
            if len(stream) == size:
                return stream
    raise CompoundError("no workbook")


def _stream(
    data: bytes, table: list[int], entries: list[tuple[str, int, int, int]], start: int, size: int
) -> bytes:
    if size >= _CUT_OFF:
        return b"".join(_chain(data, table, start))[:size]
    packed = struct.unpack_from("<I", data, 60)[0]
    links = b"".join(_chain(data, table, packed))
    small = list(struct.unpack(f"<{len(links) // 4}I", links))
    roots = [entry for entry in entries if entry[1] == _ROOT]
    inner = b"".join(_chain(data, table, roots[0][2])) if roots else b""
    return b"".join(_chain(inner, small, start, _SMALL, 0))[:size]


def _table(data: bytes) -> list[int]:
    """Return for every sector the one that follows it."""
    table: list[int] = []
    for sector in struct.unpack_from(f"<{_IN_HEADER}I", data, 76):
        start = _SECTOR * (sector + 1)
        if start + _SECTOR <= len(data):
            table += struct.unpack_from("<128I", data, start)
    return table


def _chain(
    data: bytes, table: list[int], sector: int, size: int = _SECTOR, head: int = _SECTOR
) -> Iterator[bytes]:
    """Yield the sectors of a chain, each once; they begin behind a head."""
    seen: set[int] = set()
    while sector < len(table):
        if sector in seen:
            raise CompoundError("a chain runs in circles")
        seen.add(sector)
        start = head + size * sector
        yield data[start : start + size]
        sector = table[sector]


def _entries(directory: bytes) -> Iterator[tuple[str, int, int, int]]:
    """Yield name, kind, first sector and size of every entry."""
    for at in range(0, len(directory) - _ENTRY + 1, _ENTRY):
        length = struct.unpack_from("<H", directory, at + 64)[0]
        name = directory[at : at + max(min(length, 64) - 2, 0)].decode("utf-16-le", "replace")
        start, size = struct.unpack_from("<II", directory, at + 116)
        yield name, directory[at + 66], start, size
