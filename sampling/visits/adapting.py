"""The rhythm of the next period, by a rule that is written down before the first.

The rule looks at volumes alone: what was expected, what finished, with which k. It sees
no answer, no refusal, and not even which numbers were drawn. The k of a period is
therefore a function of the volumes before it, and given the volumes every visit of
segment h still has probability exactly 1/k_h (volumes do not depend on who got a ticket).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from intake.findings import DesignError, Words
from sampling.visits import checks
from sampling.visits.checks import said, whole
from sampling.visits.periods import Key, Segment, by_key, segment
from sampling.visits.steps import Number


@dataclass(frozen=True)
class NextRhythm:
    """The k of the next period and how it came about.

    Attributes
    ----------
    k
        Rhythm of the next period.
    ratio
        Finished over expected so far, held between 1/widest and widest.
    expected_left
        Transactions now expected in the periods to come.
    target_left
        Tickets still wanted: target less the sum of finished / k so far, at least 0.
    reason
        One sentence for the log of the round.
    """

    k: Fraction
    ratio: Fraction
    expected_left: Fraction
    target_left: Fraction
    reason: Words


def next_rhythm(
    done: Sequence[tuple[Segment, int]],
    left: Sequence[int],
    target: int,
    planned: Number,
    *,
    widest: Number = 2,
    fractional: bool = False,
) -> NextRhythm:
    """Return k for the next period of a counter from the volumes so far.

    k = r L / (T - sum of N_h / k_h), where r is the finished over the expected volume so
    far, L the volume expected in the periods to come, T the target; held between
    planned / widest and planned × widest so that weights stay within a factor of widest²
    of each other, and never below 1. A target that is reached early slows the rhythm, it
    never ends it: the last visits keep a known probability above 0.

    Parameters
    ----------
    done
        The segments so far, each with the number of transactions that finished in it.
    left
        Transactions expected (in the plan) in each period to come, the next one first.
    target
        Tickets wanted in the whole round.
    planned
        The rhythm of the plan.
    widest
        How far k may leave the plan, as a factor of at least 1.
    fractional
        Keep k as a fraction; by default its whole part is taken.

    Raises
    ------
    DesignError
        ``visits-periods-over`` when no period is left; ``visits-count-invalid``,
        ``visits-rhythm-invalid``.

    Notes
    -----
    To be stated before the round opens, with ``target``, ``planned`` and ``widest``.

    Examples
    --------
    >>> first = Segment("q1", 200, Fraction(10), Fraction(4), "mon")
    >>> str(next_rhythm([(first, 320)], [200, 200], 60, 10).k)
    '20'
    """
    if not left:
        raise DesignError.of(
            "visits-periods-over",
            "Không còn kỳ nào.",
            "No period is left.",
            "Chỉ tính nhịp mới khi đợt còn ngày.",
            "Work out a new rhythm only while days are left.",
            path="left",
        )
    plan = checks.step(planned, "planned")
    factor = checks.step(widest, "widest")
    finished = [whole(count, f"done[{place}]") for place, (_, count) in enumerate(done)]
    foreseen = sum(one.expected for one, _ in done)
    ratio = Fraction(sum(finished), foreseen) if foreseen else Fraction(1)
    ratio = min(max(ratio, 1 / factor), factor)
    ahead = ratio * sum(whole(count, f"left[{place}]") for place, count in enumerate(left))
    drawn = sum((count / one.k for (one, _), count in zip(done, finished, strict=True)), Fraction())
    wanted = max(Fraction(0), whole(target, "target", least=1) - drawn)
    k = _held(ahead / wanted if wanted else plan * factor, plan, factor, fractional)
    return NextRhythm(k, ratio, ahead, wanted, _reason(k, ratio, ahead, wanted))


def revise_segments(
    given: Sequence[Segment],
    finished: Mapping[Key, int],
    target: int,
    seed: str,
    *,
    widest: Number = 2,
    fractional: bool = False,
) -> list[Segment]:
    """Return a counter's segments with the rhythm of those to come revised by `next_rhythm`.

    Segments that are counted stay as they are. The others get the new k, and the start that
    the hash stream gives with it: the uniform number of a segment is fixed by its name, so
    a revision leaves nothing to choose. ``planned`` is the k of the plan, taken from the
    first segment, and ``widest`` is measured from it.

    Parameters
    ----------
    given
        Segments of one counter, in their order; those counted come first.
    finished
        Transactions finished, by counter, period and window.

    Raises
    ------
    DesignError
        As `next_rhythm` and `segment`; ``visits-segment-repeated``;
        ``visits-segment-unknown`` for a count of no segment; ``visits-counters-several``.

    Examples
    --------
    >>> week = [segment("q", 200, 10, "0" * 64, period=day) for day in ("mon", "tue", "wed")]
    >>> [str(one.k) for one in revise_segments(week, {("q", "mon", ""): 300}, 60, "0" * 64)]
    ['10', '20', '20']
    """
    known = by_key(given)
    if len({one.counter_id for one in given}) != 1:
        raise DesignError.of(
            "visits-counters-several",
            "Cần các kỳ của đúng một quầy.",
            "Segments of exactly one counter are needed.",
            "Tính riêng cho từng quầy.",
            "Revise each counter on its own.",
        )
    stray = ["/".join(filter(None, key)) for key in finished if key not in known]
    if stray:
        raise DesignError.of(
            "visits-segment-unknown",
            f"Không có kỳ {', '.join(stray[:10])}.",
            f"There is no segment {', '.join(stray[:10])}.",
            "Đối chiếu với tệp các kỳ.",
            "Compare with the file of segments.",
        )
    done = [(one, finished[one.key]) for one in given if one.key in finished]
    left = [one for one in given if one.key not in finished]
    told = next_rhythm(
        done,
        [one.expected for one in left],
        target,
        given[0].k,
        widest=widest,
        fractional=fractional,
    )
    return [
        one
        if one.key in finished
        else segment(
            one.counter_id, one.expected, told.k, seed, period=one.period, window=one.window
        )
        for one in given
    ]


def _held(k: Fraction, plan: Fraction, factor: Fraction, fractional: bool) -> Fraction:
    """Return k inside its bounds; a whole k stays inside whole bounds."""
    low, high = max(Fraction(1), plan / factor), plan * factor
    if fractional:
        return min(max(k, low), high)
    least = -(-low.numerator // low.denominator)
    most = max(least, high.numerator // high.denominator)
    return Fraction(min(max(k.numerator // k.denominator, least), most))


def _reason(k: Fraction, ratio: Fraction, ahead: Fraction, wanted: Fraction) -> Words:
    percent, still, tickets = round(100 * ratio), round(ahead), round(wanted)
    return Words(
        f"Lượng giao dịch đến nay bằng {percent}% dự kiến; còn khoảng {still} giao dịch và cần "
        f"{tickets} phiếu: kỳ tới k = {said(k)}.",
        f"Volumes so far are {percent}% of what was expected; about {still} transactions are "
        f"to come and {tickets} tickets wanted: next k = {said(k)}.",
    )
