"""Units as large as the sampling interval: drawn in proportion to size, they are certain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from intake.findings import Faults, Finding, FrameError, Words
from sampling.frame.listing import Frame
from sampling.given import require


@dataclass(frozen=True)
class Certainty:
    """A unit that a take would make certain.

    ``interval`` is total size over take of what was still open when the unit was found, in
    the round of the iteration that ``turn`` counts from 1; ``line`` its line of the file.
    """

    stratum: str
    unit_id: str
    size: int
    interval: Fraction
    turn: int
    line: int | None = None

    @property
    def finding(self) -> Finding:
        """The unit as a warning of the frame's check."""
        return Finding(
            "frame-unit-certain",
            Words(
                f"{self.unit_id} (quy mô {self.size}) không nhỏ hơn khoảng cách "
                f"{float(self.interval):.1f} của tầng “{self.stratum}”: chắc chắn được chọn.",
                f"{self.unit_id} (size {self.size}) is as large as the interval "
                f"{float(self.interval):.1f} of the stratum '{self.stratum}': it is drawn with "
                "certainty.",
            ),
            Words(
                "Nếu không muốn, chia đơn vị hoặc giảm số lấy.",
                "If that is not meant, divide the unit or lower the take.",
            ),
            "warning",
            row=self.line,
            column="size",
        )


def certainties_of(
    frame: Frame, takes: int | Mapping[str, int], size: str = "size", strata: str = "stratum"
) -> tuple[Certainty, ...]:
    """Return the units that drawing in proportion to size would take with certainty.

    In each stratum the interval is total size over take. Units at least as large as it are
    certain; they leave, the take is lowered by their number, and the interval is worked
    out anew until no unit reaches it (Särndal, Swensson and Wretman 1992, section 3.6).
    Sums and intervals are exact.

    Parameters
    ----------
    frame, strata
        The frame, and its column of strata.
    takes
        Units to draw: one number for every stratum, or by stratum; strata without a take
        are left out.
    size
        The column of sizes, whole numbers not below 0.

    Raises
    ------
    FrameError
        A stratum is not in the frame, a take is below 0 or above its stratum, a size is
        no whole number.

    Examples
    --------
    >>> frame = Frame.from_table({"unit_id": ["a", "b", "c", "d"], "unit_name": list("ABCD"),
    ...     "province": "31", "stratum": "s", "size": [100, 30, 10, 10]})
    >>> [(one.unit_id, str(one.interval), one.turn) for one in certainties_of(frame, 2)]
    [('a', '75', 1)]
    """
    require((frame, Frame))
    sizes = frame.numbers(size)
    if sizes.dtype.kind != "i" or (sizes < 0).any():
        raise FrameError.of(
            "frame-size-column",
            f"Cột “{size}” không chỉ có số nguyên không âm.",
            f"The column '{size}' holds more than whole numbers of at least 0.",
            "Dùng cột số đếm.",
            "Use a column of counts.",
            column=size,
        )
    groups = frame.rows_by(strata)
    found: list[Certainty] = []
    for stratum, take in _takes(takes, {name: len(rows) for name, rows in groups.items()}).items():
        rows = groups[stratum]
        left = {int(row): int(sizes[row]) for row in rows}
        turn = 1
        while take > 0 and (total := sum(left.values())):
            interval = Fraction(total, take)
            certain = [row for row, held in left.items() if held >= interval]
            if not certain:
                break
            found += [
                Certainty(stratum, frame.listed.text("unit_id", row), left.pop(row), interval,
                          turn, frame.listed.line(row))
                for row in certain
            ]  # fmt: skip
            take -= len(certain)
            turn += 1
    return tuple(found)


def _takes(takes: int | Mapping[str, int], held: Mapping[str, int]) -> dict[str, int]:
    given = dict(takes) if isinstance(takes, Mapping) else dict.fromkeys(held, takes)
    faults = Faults()
    for stratum, take in given.items():
        if stratum not in held:
            faults.add(
                "frame-stratum-empty",
                Words(f"Khung không có tầng “{stratum}”.", f"The frame lacks '{stratum}'."),
                Words(f"Các tầng: {', '.join(held)}.", f"Its strata: {', '.join(held)}."),
            )
        elif isinstance(take, bool) or not isinstance(take, int) or not 0 <= take <= held[stratum]:
            faults.add(
                "frame-take-invalid",
                Words(
                    f"Không thể lấy {take} trong {held[stratum]} đơn vị của tầng “{stratum}”.",
                    f"{take} units cannot be drawn from the {held[stratum]} of '{stratum}'.",
                ),
                Words(f"Lấy 0 đến {held[stratum]}.", f"Take 0 to {held[stratum]}."),
            )
    faults.raise_as(FrameError)
    return given
