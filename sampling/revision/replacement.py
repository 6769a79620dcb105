"""Reserves that entered the sample: only the next in order, with a reason, weights corrected.

Weights by ``issuing`` are exact where the next in order is what a larger sample would have
held (``srs``); after other methods they are an approximation, which a finding says. A
replaced unit of the frame leaves with all its cases; the reserve that enters brings its own,
which the draw had fixed for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

from intake.findings import DrawError, Faults, Finding, Words
from sampling.drawing import Draw, draw_within
from sampling.given import require
from sampling.revision.issuing import Issued, issue
from sampling.revision.log import Entry
from sampling.revision.queues import Queue, queues_of
from sampling.revision.reasons import REASONS
from sampling.sample import SAMPLE_COLUMNS, Row

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (*SAMPLE_COLUMNS, "status", "reason", "disposition", "factor")
REPLACEMENT_COLUMNS = ("unit_id", "stage", "reason", "disposition", "date", "replaced_by")


@dataclass(frozen=True)
class Replaced:
    """A sample after replacements.

    ``rows`` hold every issued case with the columns ``COLUMNS``: ``status`` is ``active`` or
    ``replaced``, ``design_weight`` the corrected weight, ``factor`` what corrected it.
    ``replacements`` say who came in for whom.
    """

    rows: tuple[Mapping[str, object], ...]
    replacements: tuple[Mapping[str, object], ...]
    findings: tuple[Finding, ...]

    @property
    def sample(self) -> pd.DataFrame:
        """The issued cases as a table."""
        import pandas as pd

        return pd.DataFrame(list(self.rows), columns=list(COLUMNS))


def replace(draw: Draw, log: Sequence[Entry], *, file: str = "log") -> Replaced:
    """Return the sample of a draw once the cases of a log fell out.

    Parameters
    ----------
    draw
        The draw, with its reserves.
    log
        Which cases fell out, drawn ones or reserves that had come in.
    file
        The name under which findings speak of the log.

    Raises
    ------
    DrawError
        The log names a case that the draw does not hold, a reserve that never came in, or a
        unit taken with certainty; all such faults at once.
    """
    require((draw, Draw))
    work = _Work(draw, {entry.unit_id: entry for entry in log}, Faults(file))
    for stage in range(1, len(draw.design.stages) + 1):
        for queue in list(work.queues):
            if queue.stage == stage and work.lives(queue):
                work.carry_out(queue)
    work.check_unused()
    work.faults.raise_as(DrawError)
    return Replaced(tuple(work.rows), tuple(work.replacements), tuple(work.faults.findings))


@dataclass
class _Work:
    draw: Draw
    log: Mapping[str, Entry]
    faults: Faults
    queues: list[Queue] = field(default_factory=list)
    all_rows: list[Row] = field(default_factory=list)
    factor: dict[str, Fraction] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    used: set[str] = field(default_factory=set)
    rows: list[Mapping[str, object]] = field(default_factory=list)
    replacements: list[Mapping[str, object]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.all_rows = [*self.draw.rows, *self.draw.reserve_rows]
        self.queues = queues_of(
            self.draw.design,
            _dicts(self.draw.record["strata"]),
            _dicts(self.draw.record["units"]),
            self.all_rows,
        )

    def lives(self, queue: Queue) -> bool:
        """Tell whether the unit in which a queue lies is in the sample."""
        if queue.parent in self.gone:
            rows = (*queue.drawn, *queue.reserves, *queue.certain)
            self.gone |= {row.unit_id for row in rows}
            return False
        return True

    def carry_out(self, queue: Queue) -> None:
        """Issue one queue, let replaced units go and reserves come in with what they hold."""
        fallen = {name for name in self.log if self._in(queue, name)}
        issued = issue(queue, fallen)
        self.used |= {row.unit_id for row in issued.fallen}
        above = self.factor.get(queue.parent, Fraction(1))
        for row in queue.certain:
            self.factor[row.unit_id] = above
            self._add(row, "active", above)
            self._refuse_certain(row)
        for row in issued.active:
            self.factor[row.unit_id] = above * issued.active_factor
            self._add(row, "active", self.factor[row.unit_id])
        for row in issued.fallen:
            self.gone.add(row.unit_id)
            self._add(row, "replaced", above * issued.fallen_factor)
            self._tell(row, issued)
        if queue.stage <= len(self.draw.design.areas):
            for row in issued.active:
                if row.role == "reserve":
                    self._bring(row)
        if issued.fallen:
            self._note(queue, issued)

    def _in(self, queue: Queue, name: str) -> bool:
        return any(row.unit_id == name for row in (*queue.drawn, *queue.reserves))

    def _bring(self, row: Row) -> None:
        """Draw what lies within a reserve that comes in."""
        if len(self.draw.design.stages) == 1:
            return
        found = draw_within(self.draw, row.unit_id)
        self.all_rows += [*found.rows, *found.reserves]
        self.queues += queues_of(
            self.draw.design,
            [],
            [one.plain() for one in found.within],
            [*found.rows, *found.reserves],
        )

    def _add(self, row: Row, status: str, factor: Fraction) -> None:
        entry = self.log.get(row.unit_id) if status == "replaced" else None
        cells = dict(zip(SAMPLE_COLUMNS, row.cells(), strict=True))
        cells["design_weight"] = float(factor / row.chance)
        self.rows.append(
            {
                **cells,
                "status": status,
                "reason": entry.reason if entry else "",
                "disposition": REASONS[entry.reason].disposition if entry else "",
                "factor": float(factor),
            }
        )

    def _tell(self, row: Row, issued: Issued) -> None:
        entry = self.log[row.unit_id]
        self.replacements.append(
            {
                "unit_id": row.unit_id,
                "stage": row.stage,
                "reason": entry.reason,
                "disposition": REASONS[entry.reason].disposition,
                "date": entry.on.isoformat(),
                "replaced_by": issued.replaced_by.get(row.unit_id, ""),
            }
        )

    def _refuse_certain(self, row: Row) -> None:
        """Note that a unit taken with certainty cannot be replaced."""
        if row.unit_id in self.log:
            self.used.add(row.unit_id)
            self.faults.add(
                "revision-unit-certain",
                Words(
                    f"{row.unit_id} được chọn chắc chắn, không có đơn vị nào thay được.",
                    f"{row.unit_id} was taken with certainty; no other unit stands for it.",
                ),
                Words(
                    "Ghi nhận là không trả lời (hailong sample close-unit).",
                    "Record it as nonresponse (hailong sample close-unit).",
                ),
                row=self.log[row.unit_id].line,
                column="unit_id",
            )

    def check_unused(self) -> None:
        """Note entries of the log that replaced nobody."""
        known = {row.unit_id for row in self.all_rows}
        for name, entry in self.log.items():
            if name in self.used or name in self.gone:
                continue
            code, message = (
                (
                    "revision-reserve-not-active",
                    Words(
                        f"{name} là dự phòng chưa được gọi vào mẫu.",
                        f"{name} is a reserve that has not come in.",
                    ),
                )
                if name in known
                else (
                    "revision-case-unknown",
                    Words(f"Mẫu không có {name}.", f"The sample does not hold {name}."),
                )
            )
            self.faults.add(
                code,
                message,
                Words(
                    "Chỉ ghi trường hợp được chọn hoặc dự phòng đã vào mẫu, theo thứ tự.",
                    "Name drawn cases and reserves that came in, in their order.",
                ),
                row=entry.line,
                column="unit_id",
            )

    def _note(self, queue: Queue, issued: Issued) -> None:
        if issued.exhausted:
            self.faults.add(
                "revision-reserves-exhausted",
                Words(
                    f"{queue.place}: hết dự phòng, còn {len(issued.active)} trong "
                    f"{len(queue.drawn)} trường hợp.",
                    f"{queue.place}: no reserve is left, {len(issued.active)} of "
                    f"{len(queue.drawn)} cases remain.",
                ),
                Words(
                    "Trọng số đã tính theo số đã phát; không tự chọn người khác.",
                    "The weights count what was issued; choose nobody else.",
                ),
                severity="warning",
            )
        if not queue.exact or len(queue.drawn) < 2:
            self.faults.add(
                "revision-weights-approximate",
                Words(
                    f"{queue.place}: trọng số sau thay thế chỉ là xấp xỉ.",
                    f"{queue.place}: weights after replacement are an approximation.",
                ),
                Words(
                    "Chỉ chọn ngẫu nhiên đơn giản từ hai trường hợp trở lên mới cho trọng số "
                    "chính xác; ghi rõ điều này trong báo cáo.",
                    "Only simple random draws of two or more give exact ones; say so in the "
                    "report.",
                ),
                severity="warning",
            )


def _dicts(value: object) -> list[dict[str, object]]:
    return list(_each(value))


def _each(value: object) -> Iterator[dict[str, object]]:
    if isinstance(value, list):
        yield from value
