"""Which segments a row of the tally counts, and what the list brings there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from intake.findings import Faults, Words
from sampling.visits.periods import Key, Segment
from sampling.visits.tally import Tally


@dataclass(frozen=True)
class Group:
    """Segments that share one row of the tally: one, or all of a counter that share k."""

    key: Key
    segments: tuple[Segment, ...]

    @property
    def k(self) -> Fraction:
        """The rhythm that all of them have."""
        return self.segments[0].k

    @property
    def expected(self) -> int:
        """Transactions expected in all of them."""
        return sum(one.expected for one in self.segments)

    def implied(self, finished: int) -> tuple[int | None, int, int]:
        """Return the tickets at this volume, and their fewest and most over all starts.

        Each of H segments brings more than N_h/k - 1 and fewer than N_h/k + 1.
        """
        many = len(self.segments)
        fewest, most = finished / self.k - many, finished / self.k + many
        low = fewest.numerator // fewest.denominator + 1
        high = -(-most.numerator // most.denominator) - 1
        exact = self.segments[0].count(finished) if many == 1 else None
        return exact, max(low, 0), min(high, finished)


def matched(
    rows: Sequence[Tally], known: Mapping[Key, Segment], faults: Faults
) -> dict[Key, Group]:
    """Return the segments of each row of the tally; note rows and segments without any."""
    groups: dict[Key, Group] = {}
    for row in rows:
        counter = row.key[0]
        own = tuple(one for one in known.values() if one.counter_id == counter)
        if row.key in known:
            groups[row.key] = Group(row.key, (known[row.key],))
        elif row.key == (counter, "", "") and own:
            if len({one.k for one in own}) > 1:
                _note_periods(row, own, faults)
            groups[row.key] = Group(row.key, own)
        elif own:
            _note_segment(row, own, faults)
    covered = {one.key for group in groups.values() for one in group.segments}
    named = {row.key[0] for row in rows}
    for key in known:
        if key not in covered and key[0] in named:
            _note_missing(key, faults)
    return groups


def _note_periods(row: Tally, own: Sequence[Segment], faults: Faults) -> None:
    rhythms = ", ".join(sorted({str(one.k) for one in own}))
    faults.add(
        "tally-period-missing",
        Words(
            f"Quầy {row.key[0]} có nhiều nhịp ({rhythms}) nhưng bảng đếm chỉ có một dòng.",
            f"The counter {row.key[0]} has several rhythms ({rhythms}) but one row.",
        ),
        Words("Thêm cột period, mỗi kỳ một dòng.", "Add the column 'period', a row for each."),
        row=row.line,
        column="period",
    )


def _note_segment(row: Tally, own: Sequence[Segment], faults: Faults) -> None:
    names = ["/".join(filter(None, one.key[1:])) or "(cả đợt)" for one in own[:12]]
    faults.add(
        "tally-segment-unknown",
        Words(
            f"Quầy {row.key[0]} không có kỳ “{'/'.join(filter(None, row.key[1:]))}”.",
            f"The counter {row.key[0]} has no segment '{'/'.join(filter(None, row.key[1:]))}'.",
        ),
        Words(f"Các kỳ: {', '.join(names)}.", f"Its segments: {', '.join(names)}."),
        row=row.line,
        column="period",
    )


def _note_missing(key: Key, faults: Faults) -> None:
    name = "/".join(filter(None, key))
    faults.add(
        "tally-segment-missing",
        Words(f"Thiếu kỳ {name}.", f"The segment {name} is missing."),
        Words(
            "Mỗi kỳ một dòng; kỳ quầy đóng cửa ghi finished = 0.",
            "A row for each segment; write finished = 0 where the counter was closed.",
        ),
    )
