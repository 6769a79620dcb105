"""Chance that anyone can repeat: hash streams in place of a library's generator.

Every random number of a published draw comes from SHA-256 over texts that anyone can type:

- ``seed`` is the SHA-256 of the text ``draw-v1``, ``H_frame``, ``H_design``, the secret
  and the public value, written one after the other without separators. Hashes are
  always their 64 lower-case hexadecimal characters, the secret is the text that was
  committed to (``--seed 20260301`` is the text ``20260301``), the public value may be
  empty.
- the order of the unit ``id`` is the SHA-256 of ``seed``, a bar and the id, ascending:
  ``printf '%s|%s' $seed $id | sha256sum``.
- the start in ``name`` is the SHA-256 of ``seed``, the word ``start`` and the name, read
  as a whole number and divided by 2^256.
- the uniform number k = 1, 2, … in ``name`` is the SHA-256 of ``seed``, the word
  ``uniform``, the name, a bar and k in decimal digits; its first 53 bits divided by 2^53.

Since ``H_frame`` is part of the seed, a changed row of the frame gives another draw
everywhere. That is meant (nobody can try rows until the draw pleases); with one seed,
the streams of two strata are independent of each other.
"""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol, overload

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

ALGORITHM = "draw-v1"
WHOLE = 1 << 256
_LAST_DIGITS = tuple(b"%03d" % number for number in range(1000))


class Chance(Protocol):
    """A source of uniform numbers: a numpy generator, or a hash stream."""

    @overload
    def random(self) -> float: ...
    @overload
    def random(self, size: int) -> NDArray[np.float64]: ...


class Uniforms:
    """The uniform numbers of a hash stream, in their order: at least 0, below 1.

    Examples
    --------
    >>> stream = Uniforms("0" * 64, "a")
    >>> round(stream.random(), 5)
    0.64512
    >>> stream.random(2).tolist() == Uniforms("0" * 64, "a").random(3)[1:].tolist()
    True
    """

    def __init__(self, seed: str, name: str) -> None:
        self._start = hashlib.sha256(f"{seed}uniform{name}|".encode())
        self._taken = 0

    def _next(self) -> float:
        self._taken += 1
        hashed = self._start.copy()
        hashed.update(b"%d" % self._taken)
        return (int.from_bytes(hashed.digest()[:7], "big") >> 3) / (1 << 53)

    @overload
    def random(self) -> float: ...
    @overload
    def random(self, size: int) -> NDArray[np.float64]: ...

    def random(self, size: int | None = None) -> float | NDArray[np.float64]:
        """Return the next number, or the next ``size`` numbers."""
        if size is None:
            return self._next()
        import numpy as np

        return np.array([self._next() for _ in range(size)], dtype=np.float64)


def sha256_text(text: str) -> str:
    """Return the SHA-256 of a text in UTF-8, as 64 lower-case hexadecimal characters."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def draw_seed(h_frame: str, h_design: str, secret: str, public: str = "") -> str:
    """Return the seed of a draw as 64 hexadecimal characters.

    Examples
    --------
    >>> draw_seed("0" * 64, "1" * 64, "7")[:8]
    '07a40332'
    """
    return sha256_text(ALGORITHM + h_frame + h_design + secret + public)


def hash_order(seed: str, ids: Iterable[str]) -> list[str]:
    """Return the ids in the order of their hashes."""
    return sorted(ids, key=lambda unit_id: sha256_text(f"{seed}|{unit_id}"))


def start_number(seed: str, name: str) -> int:
    """Return the whole number below 2^256 whose quotient by 2^256 is the start in ``name``."""
    return int.from_bytes(hashlib.sha256(f"{seed}start{name}".encode()).digest())


def start_numbers(seed: str, name: str, count: int) -> list[int]:
    """Return the whole number of ``start_number`` for ``<name>|1`` to ``<name>|<count>``.

    Examples
    --------
    >>> start_numbers("0" * 64, "a", 2)[1] == start_number("0" * 64, "a|2")
    True
    """
    start = hashlib.sha256(f"{seed}start{name}|".encode())
    made: list[int] = []
    for number in range(1, count + 1):
        hashed = start.copy()
        hashed.update(b"%d" % number)
        made.append(int.from_bytes(hashed.digest()))
    return made


def first_positions(seed: str, unit_id: str, held: int, wanted: int) -> list[int]:
    """Return the first list positions of a unit in hash order.

    Position p of the unit has the id ``<unit>-<p with six digits>``. All ``held`` hashes
    are made, so the result is what sorting the whole list gives.
    """
    unit = hashlib.sha256(f"{seed}|{unit_id}-".encode())
    hashes: list[bytes] = []  # by position, from 0, which no list has
    for thousand in range(held // 1000 + 1):
        start = unit.copy()
        start.update(b"%03d" % thousand)
        for digits in _LAST_DIGITS[: held + 1 - 1000 * thousand]:
            hashed = start.copy()
            hashed.update(digits)
            hashes.append(hashed.digest())
    return heapq.nsmallest(wanted, range(1, held + 1), key=hashes.__getitem__)
