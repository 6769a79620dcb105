"""How often wrong codes came from one source in this minute, so that guessing stops early.

A source is the network of an address (/24, or /56 of IPv6) under a key of the day that lives in
memory. The table lies in memory shared by all workers of a host, made before they fork, and
never on disk; a restart forgets everything. Several hosts count each for itself.
"""

from __future__ import annotations

import hmac
import ipaddress
import mmap
import secrets
import struct
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from hashlib import sha256
from multiprocessing import get_context

WRONG_CODES = 20
"""Wrong codes that a source may give in a minute."""

MINUTE = 60
DAY = 24 * 3600
SLOTS = 1 << 14
_SLOT = struct.Struct("=QII")  # source, minute, wrong codes in it
_NEIGHBOURS = 4


class Attempts:
    """A table of sources with their wrong codes of the current minute.

    A source has one of four places of the table; where all are taken in the same minute, the
    one with fewest wrong codes gives way, so that a flood of sources cannot clear a guesser.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._secret = secrets.token_bytes(32)
        self._table = mmap.mmap(-1, (SLOTS + _NEIGHBOURS) * _SLOT.size)
        self._lock: AbstractContextManager[object] = get_context("fork").Lock()

    def wait(self, address: str) -> int:
        """Return the seconds that a source must wait before its next code; 0 when it need not."""
        now = self._clock()
        with self._lock:
            _, minute, wrong = self._place(address, now)[1]
        blocked = minute == int(now // MINUTE) and wrong >= WRONG_CODES
        return MINUTE - int(now % MINUTE) if blocked else 0

    def wrong(self, address: str) -> None:
        """Count a wrong code of a source."""
        now = self._clock()
        with self._lock:
            at, (source, _, wrong) = self._place(address, now)
            _SLOT.pack_into(self._table, at, source, int(now // MINUTE), wrong + 1)

    def _place(self, address: str, now: float) -> tuple[int, tuple[int, int, int]]:
        """Return where a source stands or will stand, and what is counted there this minute."""
        source, minute = self._source(address, now), int(now // MINUTE)
        first = source % SLOTS
        places = []
        for slot in range(first, first + _NEIGHBOURS):
            held = _SLOT.unpack_from(self._table, slot * _SLOT.size)
            if held[:2] == (source, minute):
                return slot * _SLOT.size, held
            places.append((held[2] if held[1] == minute else 0, slot * _SLOT.size))
        return min(places)[1], (source, minute, 0)

    def _source(self, address: str, now: float) -> int:
        key = hmac.digest(self._secret, str(int(now // DAY)).encode(), sha256)
        return int.from_bytes(hmac.digest(key, network_of(address), sha256)[:8], "big")


def network_of(address: str) -> bytes:
    """Return the network that an address counts for; what is no address is one source.

    Examples
    --------
    >>> network_of("203.0.113.77") == network_of("203.0.113.1") != network_of("203.0.114.1")
    True
    """
    try:
        read = ipaddress.ip_address(address)
    except ValueError:
        return b""
    if isinstance(read, ipaddress.IPv6Address) and read.ipv4_mapped:
        read = read.ipv4_mapped
    return read.packed[:3] if read.version == 4 else read.packed[:7]
