"""What can be said when a count is missing: the fewest and the most it can have been."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from intake.findings import Words
from sampling.visits import checks
from sampling.visits.steps import Number


def count_bounds(k: Number, start: Number, handed: int) -> tuple[int, int]:
    """Return the fewest and the most transactions that can have finished.

    When the list was followed and ``handed`` numbers came up, the volume N reaches the
    last of them and not the next: ceil(start + (n-1) k) <= N <= ceil(start + n k) - 1.

    Raises
    ------
    DesignError
        ``visits-rhythm-invalid``, ``visits-start-invalid`` or ``visits-count-invalid``.

    Examples
    --------
    >>> count_bounds(14, 4, 5)
    (60, 73)
    >>> count_bounds(14, 4, 0)
    (0, 3)
    """
    interval = checks.step(k)
    begin = checks.first(start, interval)
    count = checks.whole(handed, "handed")
    after = begin + count * interval
    last = after - interval
    fewest = -(-last.numerator // last.denominator) if count else 0
    return fewest, -(-after.numerator // after.denominator) - 1


def mean_bounds(
    means: Sequence[float], fewest: Sequence[int], most: Sequence[int]
) -> tuple[float, float]:
    """Return the least and the largest mean over segments whose counts lie in ranges.

    The mean is sum(N_h y_h) / sum(N_h). It is largest when the segments with means above
    some cut have their largest counts and the others their smallest, so every cut is
    tried; the least mean by the mirror image. The ranges of N are certain, not random:
    add the sampling error of the means on top.

    Parameters
    ----------
    means
        Mean of the answers in each segment.
    fewest, most
        Range of each segment's count, as from `count_bounds`; equal where it is known.

    Raises
    ------
    DesignError
        ``visits-bounds-invalid``: unequal lengths, a range upside down, no visit at all,
        a mean that is no number.

    Examples
    --------
    >>> low, high = mean_bounds([0.8, 0.6], [100, 60], [100, 73])
    >>> round(low, 4), round(high, 4)
    (0.7156, 0.725)
    """
    values = [checks.exact(mean) for mean in means]
    lows = [checks.whole(count, "fewest") for count in fewest]
    highs = [checks.whole(count, "most") for count in most]
    numbers = [value for value in values if value is not None]
    fault = (
        not len(numbers) == len(values) == len(lows) == len(highs)
        or any(low > high for low, high in zip(lows, highs, strict=True))
        or not sum(highs)
    )
    if fault:
        raise checks.refusal(
            "visits-bounds-invalid",
            Words(
                f"{len(values)} trung bình, {len(lows)} số nhỏ nhất và {len(highs)} số lớn nhất "
                "không khớp nhau.",
                f"{len(values)} means, {len(lows)} smallest and {len(highs)} largest counts "
                "do not fit together.",
            ),
            Words(
                "Mỗi kỳ một trung bình và một khoảng, số nhỏ không quá số lớn.",
                "One mean and one range for each segment, the smaller number first.",
            ),
        )
    largest = _largest(numbers, lows, highs)
    least = -_largest([-number for number in numbers], lows, highs)
    return float(least), float(largest)


def _largest(means: Sequence[Fraction], lows: Sequence[int], highs: Sequence[int]) -> Fraction:
    total = sum(lows)
    weighted = sum((mean * low for mean, low in zip(means, lows, strict=True)), Fraction())
    best = weighted / total if total else None
    for place in sorted(range(len(means)), key=lambda one: -means[one]):
        more = highs[place] - lows[place]
        total += more
        weighted += means[place] * more
        if total and (best is None or weighted / total > best):
            best = weighted / total
    return best if best is not None else Fraction(0)
