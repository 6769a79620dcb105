"""How often one source did something in this minute, so that guessing and flooding stop early.

A source is the network of an address (/24, or /56 of IPv6) under a key of the day that lives in
memory. What all workers of a host count together is made before they fork, and never on disk.
"""

from __future__ import annotations

import hmac
import ipaddress
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256

from survey_app.services.shared_counts import SharedCounts
from survey_app.services.tallies import Tallies

WRONG_CODES = 20
"""Wrong codes that a source may give in a minute."""

FEEDBACKS = 10
"""Voluntary feedbacks that a source may send in a minute."""

MINUTE = 60
DAY = 24 * 3600


class Attempts:
    """What sources did in the current minute, of which each may do so much.

    Parameters
    ----------
    most
        How often a source may do it in a minute.
    """

    def __init__(
        self, most: int = WRONG_CODES, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.most = most
        self._clock = clock
        self._secret = secrets.token_bytes(32)
        self._counts = SharedCounts(clock)

    def wait(self, address: str) -> int:
        """Return the seconds that a source must wait before its next try; 0 when it need not."""
        now = self._clock()
        blocked = self._counts.count(self._source(address, now)) >= self.most
        return MINUTE - int(now % MINUTE) if blocked else 0

    def count(self, address: str) -> int:
        """Count a try of a source; return the seconds it should have waited, 0 for none."""
        now = self._clock()
        until = (int(now // MINUTE) + 1) * MINUTE
        tries = self._counts.add(self._source(address, now), until)
        return MINUTE - int(now % MINUTE) if tries > self.most else 0

    def _source(self, address: str, now: float) -> bytes:
        key = hmac.digest(self._secret, str(int(now // DAY)).encode(), sha256)
        return hmac.digest(key, network_of(address), sha256)


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


@dataclass(frozen=True)
class Limits:
    """What the workers of a host count together; made once, before they fork."""

    wrong_codes: Attempts = field(default_factory=Attempts)
    feedbacks: Attempts = field(default_factory=lambda: Attempts(FEEDBACKS))
    starts: SharedCounts = field(default_factory=lambda: SharedCounts(time.time))
    pins: SharedCounts = field(default_factory=SharedCounts)
    tallies: Tallies = field(default_factory=Tallies)
