"""Was the rhythm followed? The numbers handed out against the numbers of the list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from intake.findings import DesignError, Finding, Words
from sampling.visits.checks import whole
from sampling.visits.listing import Handed
from sampling.visits.periods import Key, Segment, by_key

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Following:
    """How one list was followed.

    Attributes
    ----------
    segment
        The segment of the list.
    upto
        Number up to which was compared: what finished, or the last number handed out.
    matched, missed, extra
        Numbers of the list that were handed a ticket; that were not; numbers with a
        ticket that the list does not hold.
    beside
        Pairs (number of the list, number handed) that differ by one: a miscount, the
        neighbour got the ticket. Their numbers stand under missed and extra too.
    offsets
        How many handed numbers lie how far from the nearest number of the list, in
        transactions, negative when too early. A lump away from 0 is a shifted count.
    findings
        Warnings, with what they mean for the weights.
    """

    segment: Segment
    upto: int
    matched: tuple[int, ...]
    missed: tuple[int, ...]
    extra: tuple[int, ...]
    beside: tuple[tuple[int, int], ...]
    offsets: Mapping[int, int]
    findings: tuple[Finding, ...] = ()

    @property
    def share(self) -> float:
        """Share of the list's numbers that were handed a ticket; 1 when there was none."""
        due = len(self.matched) + len(self.missed)
        return len(self.matched) / due if due else 1.0

    @property
    def table(self) -> pd.DataFrame:
        """One row per number due or handed: ``number, due, handed, note``."""
        import pandas as pd

        pairs = {one: other for pair in self.beside for one, other in (pair, pair[::-1])}
        rows = [
            {
                "number": number,
                "due": number not in self.extra,
                "handed": number not in self.missed,
                "note": f"beside {pairs[number]}" if number in pairs else "",
            }
            for number in sorted((*self.matched, *self.missed, *self.extra))
        ]
        return pd.DataFrame(rows, columns=["number", "due", "handed", "note"])


def compare_list(segment: Segment, handed: Iterable[int], finished: int | None = None) -> Following:
    """Compare the numbers that got a ticket with those of the segment's list.

    Parameters
    ----------
    handed
        Numbers of the transactions that were handed (or offered) a ticket.
    finished
        Transactions finished in the segment; without it, the list is compared up to the
        last number handed.

    Returns
    -------
    Following
        With warnings ``visits-list-missed``, ``visits-list-extra``,
        ``visits-number-repeated`` and ``visits-number-beyond`` (above ``finished``).

    Notes
    -----
    Any number of ``extra`` shows that the list was left: under the list it is impossible,
    so no significance level is needed. Extra visits were not drawn; they are no part of
    the probability sample.

    Examples
    --------
    >>> from fractions import Fraction
    >>> one = Segment("q1", 60, Fraction(14), Fraction(4))
    >>> seen = compare_list(one, [4, 19, 46], finished=60)
    >>> seen.missed, seen.extra, seen.beside
    ((18, 32, 60), (19,), ((18, 19),))
    """
    given = [whole(number, f"handed[{place}]", least=1) for place, number in enumerate(handed)]
    got = set(given)
    last = max(got, default=0)
    upto = last if finished is None else whole(finished, "finished")
    due = segment.numbers(max(upto, last))
    listed = {number for number in due if number <= upto}
    matched, missed = sorted(listed & got), sorted(listed - got)
    extra = sorted(got - listed)
    beside = _pairs(missed, set(extra))
    offsets = Counter(_offset(number, due, segment) for number in sorted(got))
    twice = sorted(number for number, count in Counter(given).items() if count > 1)
    beyond = [number for number in extra if number > upto]
    findings = _findings(segment, missed, extra, beside, twice, beyond)
    return Following(
        segment,
        upto,
        tuple(matched),
        tuple(missed),
        tuple(extra),
        tuple(beside),
        dict(sorted(offsets.items())),
        tuple(findings),
    )


def compare_lists(
    segments: Sequence[Segment],
    handed: Sequence[Handed],
    finished: Mapping[Key, int | None] | None = None,
) -> list[Following]:
    """Compare lists that came back (`read_handed`) with their segments, one by one.

    Parameters
    ----------
    finished
        Transactions finished, by counter, period and window, where they are known.

    Returns
    -------
    list of Following
        For the segments of which numbers came back or whose count is known, in the order
        of ``segments``.

    Raises
    ------
    DesignError
        ``visits-segment-unknown``: numbers of a segment that is not there.
    """
    known = by_key(segments)
    counted = finished or {}
    stray = dict.fromkeys(one.key for one in handed if one.key not in known)
    if stray:
        names = ["/".join(filter(None, key)) for key in stray]
        raise DesignError.of(
            "visits-segment-unknown",
            f"Không có kỳ {', '.join(names[:10])}.",
            f"There is no segment {', '.join(names[:10])}.",
            "Đối chiếu với tệp các kỳ.",
            "Compare with the file of segments.",
        )
    back = {one.key for one in handed} | {key for key, count in counted.items() if count}
    return [
        compare_list(
            one, [each.number for each in handed if each.key == one.key], counted.get(one.key)
        )
        for one in segments
        if one.key in back
    ]


def _pairs(missed: Sequence[int], extra: set[int]) -> list[tuple[int, int]]:
    """Pair each missed number with an extra one beside it, each extra number once."""
    free = set(extra)
    found = []
    for number in missed:
        near = next((one for one in (number - 1, number + 1) if one in free), None)
        if near is not None:
            free.discard(near)
            found.append((number, near))
    return found


def _offset(number: int, due: Sequence[int], segment: Segment) -> int:
    """Return how far a number lies from the nearest of the list."""
    place = segment.count(number)
    ahead = due[place] if place < len(due) else None
    behind = due[place - 1] if place else None
    if ahead is None:
        points = segment.start + place * segment.k
        ahead = -(-points.numerator // points.denominator)
    gaps = [number - one for one in (behind, ahead) if one is not None]
    return min(gaps, key=abs)


def _findings(
    segment: Segment,
    missed: Sequence[int],
    extra: Sequence[int],
    beside: Sequence[tuple[int, int]],
    twice: Sequence[int],
    beyond: Sequence[int],
) -> list[Finding]:
    """Return a warning for each kind of number that there is."""
    name = "/".join(filter(None, segment.key))
    kinds = {
        "visits-list-missed": missed,
        "visits-list-extra": extra,
        "visits-number-repeated": twice,
        "visits-number-beyond": beyond,
    }
    found = []
    for code, numbers in kinds.items():
        told = {"count": len(numbers), "some": _some(numbers), "beside": len(beside)}
        message, advice = _SAID[code]
        words = Words(*(text.format(**told) for text in message))
        if numbers:
            found.append(Finding(code, words, advice, "warning", path=name))
    return found


def _some(numbers: Sequence[int]) -> str:
    shown = ", ".join(map(str, numbers[:10]))
    return f"{shown}, …" if len(numbers) > 10 else shown


_SAID = {
    "visits-list-missed": (
        Words(
            "{count} số trong danh sách không được phát phiếu ({some}), trong đó {beside} số phát "
            "nhầm sang người liền kề.",
            "{count} numbers of the list got no ticket ({some}); {beside} of them went to the "
            "neighbour.",
        ),
        Words(
            "Trọng số coi các lượt bỏ sót giống các lượt khác trong kỳ.",
            "The weights take them to be like the other visits of the segment.",
        ),
    ),
    "visits-list-extra": (
        Words(
            "{count} số không có trong danh sách đã được phát phiếu ({some}).",
            "{count} numbers got a ticket that are not on the list ({some}).",
        ),
        Words(
            "Các lượt này không thuộc mẫu xác suất; đừng tính là phiếu phát theo danh sách.",
            "They are no part of the probability sample; do not count them as drawn.",
        ),
    ),
    "visits-number-repeated": (
        Words("Số ghi hai lần: {some}.", "Numbers that stand twice: {some}."),
        Words("Mỗi số chỉ tính một lần.", "Each was counted once."),
    ),
    "visits-number-beyond": (
        Words(
            "Số lớn hơn số giao dịch đã xong: {some}.",
            "Numbers above the count of finished transactions: {some}.",
        ),
        Words("Kiểm tra bảng đếm giao dịch.", "Check the count of finished transactions."),
    ),
}
