"""Weights of visits from what was really counted.

In a segment with N finished transactions of which n were drawn and met, a visit's weight
is N/n. Missed numbers are thereby taken to be missing at random within the segment: the
tickets that the clerk forgot would have gone to visits like the others of that time.
1/k would be the weight if nothing was missed; it estimates totals without any bias, N/n
is the same corrected to the known count (a ratio, without bias where k divides N, of
order 1/n otherwise) and far more precise for totals.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from intake.findings import DesignError, Faults, Finding, Words
from sampling.visits.counted import Group, matched
from sampling.visits.periods import Segment, by_key
from sampling.visits.tally import Rows, Tally, check_tally, table_of
from sampling.visits.unknown import count_bounds

if TYPE_CHECKING:
    import pandas as pd

WEIGHT_COLUMNS = (
    "counter_id",
    "period",
    "window",
    "expected",
    "finished",
    "finished_low",
    "finished_high",
    "k",
    "k_actual",
    "served",
    "refused",
    "ineligible",
    "handed",
    "implied",
    "implied_low",
    "implied_high",
    "difference",
    "fraction",
    "weight",
    "weight_low",
    "weight_high",
    "acceptance",
    "eligible",
)
TOLERANCE = 1
FAR = Fraction(2)


@dataclass(frozen=True)
class VisitWeights:
    """A table of weights, one row per segment, and the warnings on the way.

    Columns of ``table``: ``k`` as drawn, ``k_actual`` = finished / handed, ``implied``
    tickets at that volume and start, ``implied_low`` and ``_high`` over all starts (floor
    and ceiling of N/k), ``difference`` = handed - implied, ``fraction`` = handed /
    finished, ``weight`` = finished / handed; where nobody counted, ``finished_low`` and
    ``_high`` bound the volume, ``weight`` is k and ``weight_low``, ``_high`` are its
    bounds; ``acceptance`` = served / (served + refused), ``eligible`` = (served +
    refused) / handed. What cannot be said is empty (NaN).
    """

    rows: tuple[Mapping[str, object], ...]
    findings: tuple[Finding, ...] = ()

    @property
    def table(self) -> pd.DataFrame:
        """The weights as a table, columns in a fixed order."""
        import pandas as pd

        return pd.DataFrame([dict(row) for row in self.rows], columns=list(WEIGHT_COLUMNS))


def visit_weights(tally: Path | pd.DataFrame | Rows, segments: Sequence[Segment]) -> VisitWeights:
    """Return the weight of each segment's visits, with checks of its counts.

    Parameters
    ----------
    tally
        File, data frame or rows with ``counter_id, finished, served, refused,
        ineligible`` and, optional, ``period`` and ``window``. ``finished`` may be empty
        where nobody counted. A counter whose segments share one k may be tallied in one
        row, without periods.
    segments
        The rhythms as drawn.

    Raises
    ------
    DesignError
        With every fault of the tally at once, row and column: those of `check_tally`,
        ``tally-segment-unknown``, ``tally-segment-missing``, ``tally-period-missing``
        (segments of unequal k in one row), ``visits-segment-repeated``.

    Notes
    -----
    Warnings: ``visits-tickets-missed``, ``visits-tickets-extra``,
    ``visits-rhythm-not-followed`` (more than one away from what any start allows),
    ``visits-volume-far`` (beyond twice or half the expected volume),
    ``visits-segment-empty`` (finished transactions, none drawn: merge it),
    ``visits-uncounted``.

    For variances each segment is a stratum of its own and its visits are taken as drawn
    at random within it, with the finite population correction n/N (see `mean_variance`).

    Examples
    --------
    >>> one = Segment("q1", 60, Fraction(14), Fraction(4))
    >>> made = visit_weights([{"counter_id": "q1", "finished": 75, "served": 4,
    ...     "refused": 1, "ineligible": 1}], [one])
    >>> made.rows[0]["weight"], made.rows[0]["implied"]
    (12.5, 6)
    """
    known = by_key(segments)
    table = table_of(tally)
    rows, findings = check_tally(
        table, list(dict.fromkeys(one.counter_id for one in segments)), uncounted=True
    )
    faults = Faults(table.file, list(findings))
    groups = matched(rows, known, faults)
    faults.raise_as(DesignError)
    warnings = Faults(table.file)
    weighed = [_weighed(one, groups[one.key], warnings) for one in rows]
    return VisitWeights(tuple(weighed), tuple(warnings.findings))


def _weighed(row: Tally, group: Group, warnings: Faults) -> dict[str, object]:
    """Return one row of the table of weights."""
    handed, finished, k = row.handed, row.finished, group.k
    single = len(group.segments) == 1
    low = high = finished
    if finished is None and single:
        low, high = count_bounds(k, group.segments[0].start, handed)
    exact, fewest, most = group.implied(finished) if finished is not None else (None, None, None)
    weight = finished / handed if finished is not None and handed else None
    if finished is None:
        weight = float(k)
    asked = row.served + row.refused
    told: dict[str, object] = dict(zip(("counter_id", "period", "window"), row.key, strict=True))
    told |= {"expected": group.expected, "finished": finished}
    told |= {"finished_low": low, "finished_high": high, "k": float(k)}
    told |= {"k_actual": finished / handed if finished is not None and handed else None}
    told |= {"served": row.served, "refused": row.refused, "ineligible": row.ineligible}
    told |= {"handed": handed, "implied": exact, "implied_low": fewest, "implied_high": most}
    told |= {"difference": None if exact is None else handed - exact}
    told |= {"fraction": handed / finished if finished else None, "weight": weight}
    told |= {"weight_low": low / handed if low is not None and handed else None}
    told |= {"weight_high": high / handed if high is not None and handed else None}
    told |= {"acceptance": row.served / asked if asked else None}
    told |= {"eligible": asked / handed if handed else None}
    _note_counts(row, group, warnings)
    return told


def _note_counts(row: Tally, group: Group, warnings: Faults) -> None:
    """Warn of counts that the list and the plan do not lead to."""
    handed, finished = row.handed, row.finished
    if finished is None:
        _warn(warnings, row, "visits-uncounted", {})
        return
    exact, low, high = group.implied(finished)
    told = {
        "handed": handed,
        "finished": finished,
        "expected": group.expected,
        "due": f"{low}–{high}" if exact is None else exact,
    }
    if finished and not handed and low:
        _warn(warnings, row, "visits-segment-empty", told)
    elif not low - TOLERANCE <= handed <= high + TOLERANCE:
        _warn(warnings, row, "visits-rhythm-not-followed", told)
    elif handed < (low if exact is None else exact):
        _warn(warnings, row, "visits-tickets-missed", told)
    elif handed > (high if exact is None else exact):
        _warn(warnings, row, "visits-tickets-extra", told)
    if group.expected and not group.expected / FAR <= finished <= group.expected * FAR:
        _warn(warnings, row, "visits-volume-far", told)


def _warn(faults: Faults, row: Tally, code: str, told: Mapping[str, object]) -> None:
    name = "/".join(filter(None, row.key))
    message, advice = _SAID[code]
    words = Words(*(f"{name}: {text.format(**told)}" for text in message))
    faults.add(code, words, advice, row=row.line, severity="warning")


_SAID = {
    "visits-uncounted": (
        Words(
            "Không có số giao dịch đã xong: trọng số là k, kèm cận dưới và cận trên.",
            "Nobody counted the finished transactions: the weight is k, with bounds.",
        ),
        Words(
            "Cận chỉ đúng khi không bỏ sót phiếu nào.",
            "The bounds hold only when no ticket was missed.",
        ),
    ),
    "visits-segment-empty": (
        Words(
            "{finished} giao dịch đã xong nhưng không lượt nào được chọn.",
            "{finished} transactions finished but none was drawn.",
        ),
        Words(
            "Gộp kỳ này với kỳ liền kề trước khi tính trọng số.",
            "Merge it with the next segment, or its visits stand for nobody.",
        ),
    ),
    "visits-rhythm-not-followed": (
        Words(
            "Đã phát {handed} phiếu; theo danh sách phải là {due} với {finished} giao dịch.",
            "{handed} tickets were handed out; by the list it is {due} for {finished} "
            "transactions.",
        ),
        Words(
            "Quầy đã không theo danh sách, hoặc đếm nhầm: hãy đối chiếu phiếu đếm.",
            "The list was not followed, or a count is wrong: check the tally sheet.",
        ),
    ),
    "visits-tickets-missed": (
        Words(
            "Bỏ sót phiếu: đã phát {handed}, theo danh sách là {due}.",
            "Tickets were missed: {handed} handed out, {due} by the list.",
        ),
        Words(
            "Trọng số coi lượt bỏ sót giống các lượt khác trong kỳ (thiếu ngẫu nhiên).",
            "The weight takes missed visits to be like the others (missing at random).",
        ),
    ),
    "visits-tickets-extra": (
        Words(
            "Phát thừa phiếu: đã phát {handed}, theo danh sách là {due}.",
            "Too many tickets: {handed} handed out, {due} by the list.",
        ),
        Words(
            "Lượt ngoài danh sách không thuộc mẫu: đối chiếu số thứ tự.",
            "Visits off the list are no part of the sample: compare the numbers.",
        ),
    ),
    "visits-volume-far": (
        Words(
            "{finished} giao dịch, dự kiến {expected}.",
            "{finished} transactions finished, {expected} were expected.",
        ),
        Words(
            "Xác suất vẫn là 1/k; hãy kiểm tra danh sách có đủ dài và số đếm có đúng không.",
            "Probabilities stay 1/k; check that the list was long enough and the count right.",
        ),
    ),
}
