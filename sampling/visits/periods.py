"""Segments: a counter (or one of its windows) in one period, with its own k and start.

Numbering begins anew with 1 in each segment. Each start comes from the hash stream of the
draw, in the segment's own name, so that another day or window leaves the others alone:
``sha256`` of the seed, the word ``start`` and ``<counter>|<period>|<window>``. A counter
drawn for the whole round without periods or windows has the name ``<counter>``, as in a
published draw of the method ``every_kth``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from intake.findings import DesignError, Words
from intake.text import ID_PATTERN
from sampling.chance import WHOLE, start_number
from sampling.visits import checks
from sampling.visits.steps import Number, count_of, numbers, rhythm, start_of

RULES = ("same", "equal")
SEGMENT_COLUMNS = ("counter_id", "period", "window", "expected", "k", "start")

Key = tuple[str, str, str]


@dataclass(frozen=True)
class Segment:
    """One counter, period and window: where one rhythm holds and probabilities are 1/k.

    Attributes
    ----------
    counter_id
        Id of the counter.
    expected
        Transactions expected to finish in the segment.
    k, start
        The rhythm and its random start, 0 < start <= k.
    period
        ``2026-03-02``, ``2026-03-02-am``, ``mon`` …; empty for the whole round.
    window
        Window with a queue of its own; empty for one queue.
    """

    counter_id: str
    expected: int
    k: Fraction
    start: Fraction
    period: str = ""
    window: str = ""

    @property
    def key(self) -> Key:
        """Counter, period and window."""
        return (self.counter_id, self.period, self.window)

    @property
    def probability(self) -> Fraction:
        """Inclusion probability of every transaction of the segment, 1/k."""
        return 1 / self.k

    def numbers(self, upto: int) -> list[int]:
        """Return the numbers drawn among the first ``upto`` transactions."""
        return numbers(self.k, self.start, upto)

    def count(self, upto: int) -> int:
        """Return how many numbers are drawn among the first ``upto`` transactions."""
        return count_of(self.k, self.start, upto)


def segment_name(counter_id: str, period: str = "", window: str = "") -> str:
    """Return the name in which the start of a segment is hashed.

    Raises
    ------
    DesignError
        ``visits-id-invalid``: a part is no id of at most 40 letters, digits, dots, dashes.

    Examples
    --------
    >>> segment_name("tt-le-chan"), segment_name("tt-le-chan", "2026-03-02")
    ('tt-le-chan', 'tt-le-chan|2026-03-02|')
    """
    parts = {"counter_id": counter_id, "period": period, "window": window}
    for place, text in parts.items():
        if not (isinstance(text, str) and ID_PATTERN.match(text)) and (
            text != "" or place == "counter_id"
        ):
            raise checks.refusal(
                "visits-id-invalid",
                Words(f"Mã “{str(text)[:40]}” không hợp lệ.", f"'{str(text)[:40]}' is not an id."),
                Words(
                    "Dùng chữ không dấu, số, dấu chấm, gạch; tối đa 40 ký tự.",
                    "Use plain letters, digits, dots and dashes, at most 40.",
                ),
                place,
            )
    return f"{counter_id}|{period}|{window}" if period or window else counter_id


def segment(
    counter_id: str,
    expected: int,
    k: Number,
    seed: str,
    *,
    period: str = "",
    window: str = "",
) -> Segment:
    """Return one segment with its start out of the draw's hash stream.

    Parameters
    ----------
    seed
        The seed of the draw, 64 lower-case hexadecimal characters.

    Raises
    ------
    DesignError
        ``visits-id-invalid``, ``visits-count-invalid``, ``visits-rhythm-invalid`` or
        ``visits-seed-invalid``.

    Examples
    --------
    >>> one = segment("tt-le-chan", 210, 14, "0" * 64, period="2026-03-02")
    >>> one.start, one.numbers(40)
    (Fraction(4, 1), [4, 18, 32])
    """
    if len(str(seed)) != 64 or set(str(seed)) - set("0123456789abcdef"):
        raise checks.refusal(
            "visits-seed-invalid",
            Words(
                "Chuỗi gốc của lần chọn mẫu phải là 64 ký tự 0–9, a–f.",
                "The seed of a draw is 64 characters 0-9, a-f.",
            ),
            Words("Lấy mục seed trong draw.json.", "Take 'seed' from draw.json."),
            "seed",
        )
    interval = checks.step(k)
    u = Fraction(start_number(seed, segment_name(counter_id, period, window)), WHOLE)
    volume = checks.whole(expected, "expected")
    return Segment(counter_id, volume, interval, start_of(interval, u), period, window)


def segments(
    counter_id: str,
    expected: Mapping[str, int | Mapping[str, int]],
    target: int,
    seed: str,
    *,
    rule: str = "same",
    k: Mapping[str, Number] | None = None,
    fractional: bool = False,
) -> list[Segment]:
    """Return a counter's segments: every period (and window) with its own k and start.

    Parameters
    ----------
    expected
        Transactions expected, by period: a number for one queue, or a mapping from window
        to number where windows have queues of their own.
    target
        Tickets wanted at the counter in the whole round.
    rule
        ``same``: one k for all, expected total over target; every visit of the counter has
        the same probability, the most precise choice for the counter as a whole.
        ``equal``: about the same number of tickets in each segment, so that the rhythm
        is slow on busy days; for comparing periods, at the price of unequal weights.
    k
        Rhythms decided otherwise (`next_rhythm`), by period; they go before ``rule``.
    fractional
        Keep k as a fraction, so that the target is met exactly at the expected volume.

    Raises
    ------
    DesignError
        As `segment`; ``visits-rule-unknown``; ``visits-segments-empty``.

    Examples
    --------
    >>> week = {"mon": 260, "tue": 180}
    >>> [str(one.k) for one in segments("q1", week, 44, "0" * 64)]
    ['10', '10']
    >>> [str(one.k) for one in segments("q1", week, 44, "0" * 64, rule="equal")]
    ['11', '8']
    """
    if rule not in RULES:
        raise checks.refusal(
            "visits-rule-unknown",
            Words(f"Không hiểu quy tắc “{rule}”.", f"The rule '{rule}' is not known."),
            Words(f"Dùng: {', '.join(RULES)}.", f"Use one of {', '.join(RULES)}."),
            "rule",
        )
    listed = _listed(expected)
    if not listed:
        raise checks.refusal(
            "visits-segments-empty",
            Words("Không có kỳ nào.", "There is no period."),
            Words("Cho ít nhất một kỳ có số giao dịch.", "Give one period with its volume."),
            "expected",
        )
    wanted = checks.whole(target, "target", least=1)
    total = sum(volume for _, _, volume in listed)
    own = -(-wanted // len(listed))
    shared = rhythm(total, wanted, fractional=fractional).k
    made = []
    for period, window, volume in listed:
        even = rhythm(volume, own, fractional=fractional).k
        step: Number = shared if rule == "same" else even
        step = k.get(period, step) if k else step
        made.append(segment(counter_id, volume, step, seed, period=period, window=window))
    return made


def restarted(before: Segment, expected: int, seed: str) -> Segment:
    """Return the segment with which counting begins anew when the count was lost.

    The old segment ends at the last number that is sure, and is tallied there; the new
    one has the same k, numbers from 1, and a start of its own in the name of the period
    with ``.r1`` (``.r2`` …) behind it, so that nobody chooses where to go on.

    Examples
    --------
    >>> one = segment("q1", 200, 14, "0" * 64, period="mon")
    >>> restarted(restarted(one, 90, "0" * 64), 40, "0" * 64).period
    'mon.r2'
    """
    name, dot, count = before.period.rpartition(".r")
    if not (dot and count.isdigit()):
        name, count = before.period or "round", "0"
    period = f"{name}.r{int(count) + 1}"
    return segment(before.counter_id, expected, before.k, seed, period=period, window=before.window)


def by_key(given: Sequence[Segment]) -> dict[Key, Segment]:
    """Return segments by counter, period and window; refuse two of one name."""
    found: dict[Key, Segment] = {}
    for one in given:
        if one.key in found:
            raise DesignError.of(
                "visits-segment-repeated",
                f"Kỳ {'/'.join(filter(None, one.key))} có hai lần.",
                f"The segment {'/'.join(filter(None, one.key))} stands twice.",
                "Mỗi quầy, kỳ và cửa chỉ một nhịp.",
                "One rhythm for each counter, period and window.",
            )
        found[one.key] = one
    return found


def _listed(expected: Mapping[str, int | Mapping[str, int]]) -> list[tuple[str, str, int]]:
    """Return period, window and volume, in the order given."""
    found = []
    for period, volume in expected.items():
        parts = volume if isinstance(volume, Mapping) else {"": volume}
        for window, number in parts.items():
            found.append((period, window, checks.whole(number, f"expected.{period}")))
    return found
