"""Every k-th transaction: k, the start, and the numbers that are handed a ticket.

Transactions are numbered 1, 2, 3, … as they finish. With a rhythm ``k`` (a number of at
least 1, whole or a fraction) and a ``start`` above 0 and at most k, the numbers are

    ceil(start + j k),  j = 0, 1, 2, …

(systematic sampling with a fractional interval; Särndal, Swensson and Wretman 1992,
section 3.4). Transaction i is drawn when one of the points start + j k lies in
(i - 1, i]; the start is equally likely in (0, k], so its probability is exactly 1/k,
whatever the volume turns out to be: nothing here knows how many visits there will be.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from intake.findings import Finding, Words
from sampling.chance import Chance
from sampling.visits import checks
from sampling.visits.checks import exact, said, whole

Number = int | float | str | Fraction
MOST_NUMBERS = 200_000  # a table that can be read again holds no more rows


@dataclass(frozen=True)
class Rhythm:
    """A rhythm and what it brings at the expected volume.

    Attributes
    ----------
    k
        Every k-th transaction is drawn.
    expected
        Transactions expected.
    target
        Tickets wanted.
    drawn
        Expected number of tickets, ``expected / k``.
    fewest, most
        Tickets at exactly the expected volume, over all starts: floor and ceiling of it.
    findings
        A warning where even every transaction is too few.
    """

    k: Fraction
    expected: int
    target: int
    drawn: Fraction
    fewest: int
    most: int
    findings: tuple[Finding, ...] = ()


def rhythm_of(expected: int, target: int) -> int:
    """Return the rhythm by the published rule: k = max(1, expected // target).

    Parameters
    ----------
    expected
        Transactions expected, at least 0.
    target
        Tickets wanted, at least 1.

    Raises
    ------
    DesignError
        ``visits-count-invalid``: one of the two is no such number.

    Examples
    --------
    >>> rhythm_of(6330, 450)
    14
    """
    return max(1, whole(expected, "expected") // whole(target, "target", least=1))


def rhythm(
    expected: int,
    target: int,
    *,
    response: Number = 1,
    eligible: Number = 1,
    fractional: bool = False,
) -> Rhythm:
    """Return k for a volume and a target, with the number of tickets it brings.

    Parameters
    ----------
    expected
        Transactions expected to finish.
    target
        Answers wanted.
    response, eligible
        Expected shares, above 0 and at most 1, of those with a ticket who answer and of
        visits that may take part; ceil(target / (response eligible)) tickets are wanted.
    fractional
        Take k = expected / tickets as it is. By default its whole part is taken: easier
        to follow without a list, and never fewer tickets than wanted.

    Raises
    ------
    DesignError
        ``visits-count-invalid`` or ``visits-share-invalid``.

    Examples
    --------
    >>> one = rhythm(6330, 450)
    >>> one.k, one.fewest, one.most
    (Fraction(14, 1), 452, 453)
    >>> rhythm(6330, 450, fractional=True).drawn
    Fraction(450, 1)
    """
    wanted = Fraction(whole(target, "target", least=1))
    wanted /= checks.share(response, "response") * checks.share(eligible, "eligible")
    tickets = -(-wanted.numerator // wanted.denominator)
    volume = whole(expected, "expected")
    k = Fraction(volume, tickets) if fractional else Fraction(volume // tickets)
    k = max(Fraction(1), k)
    drawn = volume / k
    findings = (_too_few(volume, tickets),) if tickets > volume else ()
    low = drawn.numerator // drawn.denominator
    return Rhythm(
        k, volume, tickets, drawn, low, -(-drawn.numerator // drawn.denominator), findings
    )


def start_of(k: Number, chance: Chance | Number) -> Fraction:
    """Return the random start of a rhythm k = p/q: (1 + floor(p u)) / q with u in [0, 1).

    For a whole k that is 1 + floor(k u), one of the numbers 1 to k. All p starts are
    equally likely, and q of them draw any one transaction.

    Parameters
    ----------
    k
        The rhythm, at least 1.
    chance
        A source of uniform numbers, of which one is taken, or u itself.

    Raises
    ------
    DesignError
        ``visits-rhythm-invalid``; ``visits-chance-invalid`` when u is not in [0, 1).

    Examples
    --------
    >>> start_of(14, Fraction(3, 14)), start_of("5/2", 0.5)
    (Fraction(4, 1), Fraction(3, 2))
    """
    interval = checks.step(k)
    given = chance.random() if hasattr(chance, "random") else chance
    u = exact(given)
    if u is None or not 0 <= u < 1:
        raise checks.refusal(
            "visits-chance-invalid",
            Words(
                f"“{str(given)[:40]}” không phải số ngẫu nhiên từ 0 đến dưới 1.",
                f"'{str(given)[:40]}' is not a random number of at least 0 and below 1.",
            ),
            Words("Dùng chuỗi băm của lần chọn mẫu.", "Use the hash stream of the draw."),
            "chance",
        )
    point = interval.numerator * u
    return Fraction(1 + point.numerator // point.denominator, interval.denominator)


def numbers(k: Number, start: Number, upto: int) -> list[int]:
    """Return the numbers of the transactions that get a ticket, 1 to ``upto``.

    Raises
    ------
    DesignError
        ``visits-rhythm-invalid``, ``visits-start-invalid``, ``visits-count-invalid``, or
        ``visits-list-too-long``: more than 200,000 numbers.

    Examples
    --------
    >>> numbers(14, 4, 60)
    [4, 18, 32, 46, 60]
    >>> numbers("5/2", "1/2", 10)
    [1, 3, 6, 8]
    """
    count = count_of(k, start, upto)
    if count > MOST_NUMBERS:
        raise checks.refusal(
            "visits-list-too-long",
            Words(
                f"Danh sách có {count} số, tối đa {MOST_NUMBERS}.",
                f"The list holds {count} numbers; {MOST_NUMBERS} at most can be read again.",
            ),
            Words("Chia đợt thành nhiều kỳ.", "Split the round into periods."),
            "upto",
        )
    interval, begin, unit = _common(k, start)
    return [-(-(begin + j * interval) // unit) for j in range(count)]


def count_of(k: Number, start: Number, upto: int) -> int:
    """Return how many of the numbers are at most ``upto``, without making them.

    With a point start + j k at or below ``upto`` for each of them that is
    floor((upto - start) / k) + 1, or 0 when the volume ends before the start.

    Examples
    --------
    >>> count_of(14, 4, 59), count_of(14, 4, 60), count_of(14, 4, 3)
    (4, 5, 0)
    """
    volume = whole(upto, "upto")
    interval, begin, unit = _common(k, start)
    return max(0, (volume * unit - begin) // interval + 1)


def starts_of(k: Number) -> list[Fraction]:
    """Return every start that `start_of` can give, equally likely, ascending.

    Examples
    --------
    >>> [str(start) for start in starts_of("5/2")]
    ['1/2', '1', '3/2', '2', '5/2']
    """
    interval = checks.step(k)
    if interval.numerator > MOST_NUMBERS:
        raise checks.refusal(
            "visits-list-too-long",
            Words(
                f"k = {said(interval)} có {interval.numerator} số bắt đầu, tối đa {MOST_NUMBERS}.",
                f"k = {said(interval)} has {interval.numerator} starts; {MOST_NUMBERS} at most.",
            ),
            Words("Làm tròn k.", "Round k."),
            "k",
        )
    return [Fraction(one, interval.denominator) for one in range(1, interval.numerator + 1)]


def _common(k: Number, start: Number) -> tuple[int, int, int]:
    """Return interval and start over their common denominator, checked."""
    interval = checks.step(k)
    begin = checks.first(start, interval)
    unit = interval.denominator * begin.denominator
    return int(interval * unit), int(begin * unit), unit


def _too_few(volume: int, tickets: int) -> Finding:
    return Finding(
        "visits-target-above-volume",
        Words(
            f"Cần {tickets} phiếu nhưng chỉ dự kiến {volume} giao dịch, thiếu {tickets - volume}.",
            f"{tickets} tickets are wanted but only {volume} transactions are expected: "
            f"{tickets - volume} short.",
        ),
        Words(
            "Lấy mọi giao dịch (k = 1), hoặc kéo dài đợt.",
            "Take every transaction (k = 1), or keep the round open longer.",
        ),
        "warning",
        path="target",
    )
