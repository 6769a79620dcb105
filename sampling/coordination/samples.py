"""Samples by permanent random numbers: the same start for a panel, another start to spare people.

Two samples with the same seed and shift share as many units as they can (positive
coordination); with shifts that lie apart they share as few as they can (negative
coordination). Each alone has the probabilities of its design, since a turned uniform number
is a uniform number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction

from intake.findings import DesignError
from sampling.chance import WHOLE
from sampling.coordination.checks import Number, checked_chances, checked_count
from sampling.coordination.numbers import coordinated_order, whole_numbers


def srs(ids: Iterable[str], n: int, seed: str, shift: Number = 0) -> list[str]:
    """Return the first ``n`` units from the shift on: a simple random sample.

    Sequential simple random sampling with permanent numbers.

    Parameters
    ----------
    ids
        Units of one stratum, each once.
    n
        Units to take, from 0 to the number of units.
    seed, shift
        Whose numbers, and from where on the circle; see `numbers.whole_numbers`.

    Returns
    -------
    list of str
        In the order of their numbers. Each unit has probability n/N.

    Raises
    ------
    DesignError
        ``coordination-count-invalid`` and those of `numbers.whole_numbers`.

    References
    ----------
    Ohlsson, E. (1995), chapter 9, section on sequential srswor.

    Examples
    --------
    >>> srs(["a", "b", "c"], 2, "0" * 64), srs(["a", "b", "c"], 2, "0" * 64, shift="0.25")
    (['c', 'a'], ['a', 'b'])
    """
    order = coordinated_order(ids, seed, shift)
    return order[: checked_count(n, "n", 0, len(order))]


def poisson(chances: Mapping[str, Number], seed: str, shift: Number = 0) -> list[str]:
    """Return the units whose number, counted from the shift on, lies below their probability.

    Parameters
    ----------
    chances
        Inclusion probability of each unit, 0 to 1.
    seed, shift
        See `numbers.whole_numbers`.

    Returns
    -------
    list of str
        In the order of ``chances``; its length is a matter of chance.

    Raises
    ------
    DesignError
        ``coordination-chance-invalid`` and those of `numbers.whole_numbers`.

    References
    ----------
    Brewer, Early and Joyce (1972).
    """
    checked = checked_chances(chances)
    numbers = whole_numbers(checked, seed, shift)
    return [one for one, chance in checked.items() if numbers[one] < chance * WHOLE]


def pareto(chances: Mapping[str, Number], seed: str, shift: Number = 0) -> list[str]:
    """Return the n units with the least u(1 − p) / (p(1 − u)), n the sum of the chances.

    Order sampling of fixed size; the probabilities p are met nearly, not exactly.

    Parameters
    ----------
    chances
        Target probability p of each unit, 0 to 1, with a whole sum.
    seed, shift
        See `numbers.whole_numbers`; u is the number divided by 2^256.

    Returns
    -------
    list of str
        In the order of ``chances``; units of probability 1 are always among them, units of
        probability 0 never.

    Raises
    ------
    DesignError
        ``coordination-chance-invalid`` (also a sum that is not whole), and those of
        `numbers.whole_numbers`.

    References
    ----------
    Rosén, B. (1997). On sampling with probability proportional to size. Journal of
    Statistical Planning and Inference 62, 159-191.
    """
    checked = checked_chances(chances)
    total = sum(checked.values())
    # Probabilities given as floats add up to a whole number but for their last digits.
    if abs(total - round(total)) > Fraction(1, 10**6):
        raise DesignError.of(
            "coordination-chance-invalid",
            f"Tổng xác suất là {float(total):g}, phải là số nguyên.",
            f"The probabilities add up to {float(total):g}, which is not whole.",
            f"Giá trị gần nhất: {round(total)}; hoặc dùng poisson.",
            f"The nearest possible is {round(total)}; poisson takes any sum.",
            path="chances",
        )
    numbers = whole_numbers(checked, seed, shift)
    open_ones = [one for one, chance in checked.items() if 0 < chance < 1]
    sure = {one for one, chance in checked.items() if chance == 1}
    open_ones.sort(
        key=lambda one: (
            Fraction(numbers[one], WHOLE - numbers[one]) * (1 / checked[one] - 1),
            one,
        )
    )
    hit = sure | set(open_ones[: round(total) - len(sure)])
    return [one for one in checked if one in hit]
