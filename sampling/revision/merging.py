"""How likely a merged unit is in the sample: that at least one of its parts was drawn."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import combinations

from intake.findings import DesignError

METHODS = ("srs", "poisson", "joint")
MOST_PARTS = 16
_CONTRADICTION = ("các xác suất mâu thuẫn nhau", "the probabilities contradict each other")
Number = Fraction | float | int | str


def probability_after_merge(
    pi: Sequence[Number],
    pairs: Sequence[Sequence[Number]] | None = None,
    *,
    method: str = "joint",
    population: int | None = None,
    sets: Mapping[Iterable[int], Number] | None = None,
) -> Fraction:
    """Return the inclusion probability of a unit that was made of several old ones.

    Parameters
    ----------
    pi
        Inclusion probabilities of the old parts.
    pairs
        For ``joint`` and two parts: their joint probabilities, 2 × 2.
    method
        ``srs``: n = π N of N drawn, 1 − C(N − k, n)/C(N, n) for k parts of one stratum;
        ``poisson``: parts drawn independently, also in different strata, 1 − Π(1 − π);
        ``joint``: π₁ + π₂ − π₁₂, or inclusion and exclusion over ``sets``.
    population
        N, for ``srs``.
    sets
        For ``joint`` and three parts or more (at most 16): the probability that all parts of
        a set were drawn, for every set of two parts or more, by places in ``pi``.

    Returns
    -------
    Fraction
        Exact for exact input; floats mean what they print as.

    Raises
    ------
    DesignError
        A probability is none, or something needed is missing or does not fit. With pairs
        alone, three parts have bounds only, which the refusal names.

    Examples
    --------
    >>> probability_after_merge(["1/3", "1/3"], method="srs", population=6)
    Fraction(3, 5)
    >>> probability_after_merge(["1/2", "1/3"], [["1/2", "1/6"], ["1/6", "1/3"]])
    Fraction(2, 3)
    """
    chances = [_chance(value, f"pi[{place}]") for place, value in enumerate(pi)]
    if not chances:
        raise _refusal("revision-parts-missing", "không có phần nào", "there is no part")
    if method not in METHODS:
        raise _refusal(
            "revision-method-unknown",
            f"không có cách “{method}”; dùng {', '.join(METHODS)}",
            f"there is no method '{method}'; use {', '.join(METHODS)}",
        )
    if method == "poisson" or len(chances) == 1:
        return 1 - math.prod((1 - one for one in chances), start=Fraction(1))
    if method == "srs":
        return _simple(chances, population)
    return _by_sets(chances, _sets(chances, pairs, sets))


def _simple(chances: Sequence[Fraction], population: int | None) -> Fraction:
    parts, held = len(chances), population
    if isinstance(held, bool) or not isinstance(held, int) or held < parts:
        raise _refusal(
            "revision-population-invalid",
            f"cần N là số nguyên từ {parts}",
            f"N must be a whole number of at least {parts}",
        )
    take = chances[0] * held
    if take.denominator != 1 or len(set(chances)) > 1:
        raise _refusal(
            "revision-chances-not-srs",
            f"xác suất phải bằng nhau và là n/{held}, gần nhất {round(take)}/{held}",
            f"probabilities must be equal, n/{held}; the nearest is {round(take)}/{held}",
        )
    n = int(take)
    return 1 - Fraction(math.comb(held - parts, n), math.comb(held, n))


def _sets(
    chances: Sequence[Fraction],
    pairs: Sequence[Sequence[Number]] | None,
    sets: Mapping[Iterable[int], Number] | None,
) -> dict[frozenset[int], Fraction]:
    if sets is not None:
        found = {frozenset(key): _chance(value, "sets") for key, value in sets.items()}
    else:
        found = _of_pairs(len(chances), pairs)
        if len(chances) > 2:
            low, high = _bounds(chances, found)
            raise _refusal(
                "revision-sets-missing",
                f"{len(chances)} phần cần xác suất của mọi tập; chỉ biết từ {low} đến {high}",
                f"{len(chances)} parts need the probability of every set; pairs only say "
                f"{low} to {high}",
            )
    if len(chances) > MOST_PARTS:
        raise _refusal(
            "revision-parts-too-many",
            f"quá {MOST_PARTS} phần",
            f"there are more than {MOST_PARTS} parts",
        )
    return found


def _of_pairs(
    parts: int, pairs: Sequence[Sequence[Number]] | None
) -> dict[frozenset[int], Fraction]:
    if pairs is None or len(pairs) != parts or any(len(row) != parts for row in pairs):
        raise _refusal(
            "revision-pairs-invalid",
            f"cần ma trận xác suất chung {parts} × {parts}",
            f"a {parts} × {parts} matrix of joint probabilities is needed",
        )
    return {
        frozenset(two): _chance(pairs[two[0]][two[1]], f"pairs[{two[0]}][{two[1]}]")
        for two in combinations(range(parts), 2)
    }


def _bounds(
    chances: Sequence[Fraction], pairs: Mapping[frozenset[int], Fraction]
) -> tuple[str, str]:
    """Return Bonferroni's bounds of the union."""
    whole = sum(chances, Fraction(0))
    low, high = max(*chances, whole - sum(pairs.values(), Fraction(0))), min(Fraction(1), whole)
    if low > high:
        raise _refusal("revision-sets-contradict", *_CONTRADICTION)
    return f"{float(low):.4g}", f"{float(high):.4g}"


def _by_sets(chances: Sequence[Fraction], sets: Mapping[frozenset[int], Fraction]) -> Fraction:
    total = sum(chances, Fraction(0))
    for size in range(2, len(chances) + 1):
        for places in combinations(range(len(chances)), size):
            value = sets.get(frozenset(places))
            if value is None:
                raise _refusal(
                    "revision-sets-missing",
                    f"thiếu xác suất của tập {places}",
                    f"the probability of the set {places} is missing",
                )
            total += value if size % 2 else -value
    if not max(chances) <= total <= min(Fraction(1), sum(chances, Fraction(0))):
        raise _refusal("revision-sets-contradict", *_CONTRADICTION)
    return total


def _chance(value: Number, path: str) -> Fraction:
    try:
        found = value if isinstance(value, Fraction) else Fraction(str(value))
        if not isinstance(value, bool) and 0 <= found <= 1:
            return found
    except (ValueError, ZeroDivisionError):
        pass
    raise _refusal(
        "revision-chance-invalid",
        f"{path} = {value!r} không phải xác suất từ 0 đến 1",
        f"{path} = {value!r} is no probability of 0 to 1",
    )


def _refusal(code: str, vi: str, en: str) -> DesignError:
    return DesignError.of(
        code,
        f"Không tính được xác suất sau khi nhập: {vi}.",
        f"No probability after the merger: {en}.",
        "Hoặc dùng trọng số chia sẻ (weight_shares), không cần xác suất này.",
        "Or use shared weights (weight_shares), which need none.",
    )
