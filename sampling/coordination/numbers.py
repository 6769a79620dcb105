"""Permanent random numbers: one for each unit, the same in every round.

The number of a unit is the SHA-256 of a seed, a bar and its id, divided by 2^256
(``printf '%s|%s' $seed $id | sha256sum``). It hangs on nothing else: a unit that is new in a
frame brings its own, a unit that has gone takes its own along, and nobody else's moves.
A sample takes the units that come first from a point of the circle on; that point is the
shift. Numbers are whole numbers below 2^256 and exact fractions of it, never rounded.

References
----------
Brewer, K. R. W., Early, L. J. and Joyce, S. F. (1972). Selecting several samples from a
single population. Australian Journal of Statistics 14, 231-239.
Ohlsson, E. (1995). Coordination of samples using permanent random numbers. In: Cox, B. G.
et al. (eds), Business Survey Methods, Wiley, chapter 9.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from fractions import Fraction

from intake.findings import DesignError
from sampling.chance import WHOLE
from sampling.coordination.checks import exact, number_refused

_SEED = re.compile(r"[0-9a-f]{64}")


def whole_numbers(
    ids: Iterable[str], seed: str, shift: Fraction | float | str = 0
) -> dict[str, int]:
    """Return the number of each unit, counted from the shift on, below 2^256, in ascending order.

    Parameters
    ----------
    ids
        Units, each once.
    seed
        Seed of the draw whose numbers are kept: 64 hexadecimal characters.
    shift
        Where on the circle counting starts: at least 0, below 1. Floats count as the
        decimal digits that they show.

    Raises
    ------
    DesignError
        ``coordination-seed-invalid``, ``coordination-shift-invalid``,
        ``coordination-unit-repeated``.
    """
    if not isinstance(seed, str) or not _SEED.fullmatch(seed):
        raise DesignError.of(
            "coordination-seed-invalid",
            f"“{str(seed)[:40]}” không phải hạt giống của một lần chọn mẫu.",
            f"'{str(seed)[:40]}' is not the seed of a draw.",
            "Lấy “seed” trong draw.json: 64 ký tự thập lục phân viết thường.",
            "Take 'seed' from draw.json: 64 lower-case hexadecimal characters.",
            path="seed",
        )
    turned = int(checked_shift(shift) * WHOLE)
    start = hashlib.sha256(f"{seed}|".encode())
    found: dict[str, int] = {}
    for one in ids:
        if one in found:
            raise DesignError.of(
                "coordination-unit-repeated",
                f"Đơn vị {one} có hai lần.",
                f"The unit {one} comes twice.",
                "Mỗi đơn vị chỉ có một số ngẫu nhiên.",
                "A unit has one number; name it once.",
                path="ids",
            )
        hashed = start.copy()
        hashed.update(one.encode())
        found[one] = (int.from_bytes(hashed.digest(), "big") - turned) % WHOLE
    return dict(sorted(found.items(), key=lambda pair: (pair[1], pair[0])))


def permanent_numbers(
    seed: str, ids: Iterable[str], shift: Fraction | float | str = 0
) -> dict[str, Fraction]:
    """Return the permanent random number of each unit, at least 0 and below 1, ascending.

    Parameters are those of `whole_numbers`.

    Examples
    --------
    >>> numbers = permanent_numbers("0" * 64, ["a", "b", "c"])
    >>> {unit: round(float(number), 3) for unit, number in numbers.items()}
    {'c': 0.211, 'a': 0.316, 'b': 0.645}
    >>> list(permanent_numbers("0" * 64, ["a", "b", "c"], shift=0.25))
    ['a', 'b', 'c']
    """
    return {one: Fraction(number, WHOLE) for one, number in whole_numbers(ids, seed, shift).items()}


def coordinated_order(
    ids: Iterable[str], seed: str, shift: Fraction | float | str = 0
) -> list[str]:
    """Return the ids in ascending order of (number − shift) modulo 1.

    A draw by ``srs`` with ``coordination: {seed, shift}`` takes the first of this order.
    Parameters are those of `whole_numbers`.

    Examples
    --------
    >>> coordinated_order(["a", "b", "c"], "0" * 64)
    ['c', 'a', 'b']
    """
    return list(whole_numbers(ids, seed, shift))


def checked_shift(shift: Fraction | float | str) -> Fraction:
    """Return the shift as the fraction that its digits say.

    Raises
    ------
    DesignError
        ``coordination-shift-invalid``: it is no number of at least 0 and below 1.
    """
    value = exact(shift)
    if value is None or not 0 <= value < 1:
        nearest = 0 if value is None else value % 1
        raise number_refused("shift", shift, "0 ≤ shift < 1", f"{float(nearest):g}")
    return value
