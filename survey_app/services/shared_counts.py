"""How often something has happened until a moment, counted by all workers of a host together.

The table lies in memory shared by the workers, made before they fork, and never on disk; a
restart forgets everything. Names are kept as numbers under a key of this table alone. Several
hosts count each for itself. A worker that is killed while it counts leaves one count wrong at
most, until that is forgotten, and holds up nobody.
"""

from __future__ import annotations

import hmac
import mmap
import secrets
import struct
import time
from collections.abc import Callable
from hashlib import sha256

from survey_app.services.shared_lock import SharedLock

SLOTS = 1 << 14
_SLOT = struct.Struct("=QII")  # number of the name, second at which it is forgotten, count
_NEIGHBOURS = 4


class SharedCounts:
    """A table of names with their counts, each forgotten at a second of its own.

    A name has one of four places of the table; where all are taken, the one with the lowest
    count gives way, so that a flood of names cannot clear a count that has grown.

    Parameters
    ----------
    clock
        Seconds since a beginning that all workers share.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self._secret = secrets.token_bytes(32)
        self._table = mmap.mmap(-1, (SLOTS + _NEIGHBOURS) * _SLOT.size)
        self._lock = SharedLock()

    def count(self, name: bytes) -> int:
        """Return how often a name has been counted and not yet forgotten."""
        number = self._number(name)
        with self._lock.held():
            return self._place(number)[1]

    def add(self, name: bytes, until: int) -> int:
        """Count a name once more and return its count; it is forgotten at second ``until``."""
        number = self._number(name)
        with self._lock.held():
            at, counted = self._place(number)
            _SLOT.pack_into(self._table, at, number, until, counted + 1)
        return counted + 1

    def _place(self, number: int) -> tuple[int, int]:
        """Return where a name stands or will stand, and its count."""
        now, first = self.clock(), number % SLOTS
        places = []
        for slot in range(first, first + _NEIGHBOURS):
            held, until, counted = _SLOT.unpack_from(self._table, slot * _SLOT.size)
            if until <= now:
                counted = 0
            elif held == number:
                return slot * _SLOT.size, counted
            places.append((counted, slot * _SLOT.size))
        return min(places)[1], 0

    def _number(self, name: bytes) -> int:
        return int.from_bytes(hmac.digest(self._secret, name, sha256)[:8], "big")
