"""Which units: hash streams for the published draw, and single tools with a generator.

The published draw uses no library's generator. Every number in it comes from SHA-256
over texts that anyone can type, and from whole-number arithmetic:

- ``seed`` is the SHA-256 of the text ``draw-v1``, ``H_frame``, ``H_design``, the secret
  and the public value, written one after the other without separators. Hashes are
  always their 64 lower-case hexadecimal characters, the secret is the text that was
  committed to (``--seed 20260301`` is the text ``20260301``), the public value may be
  empty.
- the order of the unit ``id`` is the SHA-256 of ``seed``, a bar and the id, ascending:
  ``printf '%s|%s' $seed $id | sha256sum``.
- the start in ``name`` is the SHA-256 of ``seed``, the word ``start`` and the name, read
  as a whole number and divided by 2^256.

Since ``H_frame`` is part of the seed, a changed row of the frame gives another draw
everywhere. That is meant (nobody can try rows until the draw pleases); with one seed,
the streams of two strata are independent of each other.

The single tools (``srs``, ``systematic``, ``pps_systematic``) take a numpy generator and
return positions 0 … N−1; they serve notebooks and simulations.
"""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from intake.findings import DesignError, Finding, Words

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

ALGORITHM = "draw-v1"
WHOLE = 1 << 256


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
    return int(sha256_text(f"{seed}start{name}"), 16)


def first_positions(seed: str, unit_id: str, held: int, wanted: int) -> list[int]:
    """Return the first list positions of a unit in hash order.

    Position p of the unit has the id ``<unit>-<p with six digits>``. All ``held`` hashes
    are made, so the result is what sorting the whole list gives.
    """
    start = hashlib.sha256(f"{seed}|{unit_id}-".encode())
    copy = start.copy

    def keys() -> Iterable[tuple[bytes, int]]:
        for position in range(1, held + 1):
            hashed = copy()
            hashed.update(b"%06d" % position)
            yield hashed.digest(), position

    return [position for _, position in heapq.nsmallest(wanted, keys())]


def exact_systematic(sizes: Sequence[int], n: int, start: int) -> list[int]:
    """Return the positions that a systematic draw by size hits, in whole numbers.

    The interval is T/n for the total T; the points are ``(start / 2^256 + j) * T / n`` for
    j = 0 … n−1; a unit is hit when the point lies at or above the total before it and below
    the total with it. No size may exceed the interval, else it could be hit twice.

    Parameters
    ----------
    sizes
        Whole numbers in the order of the draw; ones for an equal-probability draw.
    n
        Units to hit.
    start
        A number of ``start_number``.

    Examples
    --------
    >>> exact_systematic([3, 1, 2], 2, start=WHOLE // 2)
    [0, 2]
    """
    total = sum(sizes)
    hit: list[int] = []
    reached = 0
    position = -1
    for step in range(n):
        # Point < reached, both multiplied by n * 2^256.
        point = (start + step * WHOLE) * total
        while reached * n * WHOLE <= point:
            position += 1
            reached += sizes[position]
        hit.append(position)
    return hit


def certainties(sizes: Sequence[int], n: int) -> tuple[list[int], list[Fraction]]:
    """Return the positions that must be taken with certainty, and the interval of each.

    A unit as large as the interval or larger is taken with certainty; the interval of the
    others is worked out anew without it, until none is left that large.
    """
    rest = list(range(len(sizes)))
    taken: list[int] = []
    intervals: list[Fraction] = []
    while rest and n > len(taken):
        interval = Fraction(sum(sizes[place] for place in rest), n - len(taken))
        large = [place for place in rest if sizes[place] >= interval]
        if not large:
            break
        taken += large
        intervals += [interval] * len(large)
        gone = set(large)
        rest = [place for place in rest if place not in gone]
    return taken, intervals


def inclusion_probabilities(sizes: ArrayLike, n: int) -> NDArray[np.float64]:
    """Return probabilities proportional to size that sum to ``n``, none above one.

    Units that would exceed one are set to one and the others worked out anew.

    Raises
    ------
    DesignError
        A size is negative or not finite, or fewer than ``n`` units have a positive size.

    Examples
    --------
    >>> inclusion_probabilities([1, 1, 2, 20], 2).tolist()
    [0.25, 0.25, 0.5, 1.0]
    """
    import numpy as np

    values = np.asarray(sizes, dtype=np.float64)
    if values.ndim != 1 or not np.isfinite(values).all() or (values < 0).any():
        raise _refusal(
            "selection-sizes-invalid",
            Words("Quy mô phải là số không âm.", "Sizes must be finite and not negative."),
        )
    _check_count(n, int((values > 0).sum()))
    probabilities = np.zeros(len(values))
    open_units = values > 0
    while True:
        left = n - int((~open_units & (values > 0)).sum())
        total = values[open_units].sum()
        if left <= 0 or total == 0:
            break
        probabilities[open_units] = values[open_units] * (left / total)
        large = open_units & (probabilities >= 1.0)
        if not large.any():
            break
        probabilities[large] = 1.0
        open_units &= ~large
    return probabilities


def srs(N: int, n: int, rng: np.random.Generator) -> NDArray[np.int64]:  # noqa: N803
    """Return ``n`` positions out of ``N``, every set equally likely, ascending."""
    import numpy as np

    _check_count(n, N)
    return np.sort(rng.choice(N, size=n, replace=False)).astype(np.int64)


def systematic(N: int, n: int, rng: np.random.Generator) -> NDArray[np.int64]:  # noqa: N803
    """Return ``n`` positions at equal fractional distances from a random start."""
    import numpy as np

    _check_count(n, N)
    points = (rng.random() + np.arange(n)) * (N / n) if n else np.empty(0)
    return np.minimum(points.astype(np.int64), N - 1)


def pps_systematic(pi: ArrayLike, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return the positions drawn systematically with the given inclusion probabilities.

    The order is the order given. The probabilities should sum to a whole number.

    Raises
    ------
    DesignError
        A probability lies outside 0 … 1, or the sum is not a whole number.
    """
    import numpy as np

    values = np.asarray(pi, dtype=np.float64)
    n = round(float(values.sum())) if values.size and np.isfinite(values).all() else 0
    if (
        values.ndim != 1
        or not np.isfinite(values).all()
        or (values < 0).any()
        or (values > 1 + 1e-12).any()
        or abs(float(values.sum()) - n) > 1e-6
    ):
        raise _refusal(
            "selection-probabilities-invalid",
            Words(
                "Xác suất phải từ 0 đến 1 và có tổng là số nguyên.",
                "Probabilities must lie from 0 to 1 and sum to a whole number.",
            ),
        )
    ends = np.cumsum(values)
    if n:
        # Rounding must not push the last point beyond the end.
        ends[np.flatnonzero(values)[-1] :] = n
    points = rng.random() + np.arange(n)
    return np.searchsorted(ends, points, side="right").astype(np.int64)


def _check_count(n: int, held: int) -> None:
    if not 0 <= n <= held:
        raise _refusal(
            "selection-count-invalid",
            Words(
                f"Không thể lấy {n} trong {held} đơn vị.",
                f"{n} units cannot be drawn from {held}.",
            ),
        )


def _refusal(code: str, message: Words) -> DesignError:
    return DesignError(
        Finding(code, message, Words("Hãy xem lại đầu vào.", "Look at what was passed."))
    )
