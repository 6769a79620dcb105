"""A frame held against what is known: totals by group, strata that a design names."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from intake.findings import Faults, Finding, FrameError, IntakeError, Words
from intake.tables import read_table
from intake.text import folded
from sampling.frame.listing import Frame
from sampling.given import require

TOTAL_COLUMNS = ("group", "total")
TOLERANCE = 0.05
_TOTAL = re.compile(r"^[0-9]{1,12}(\.[0-9]{1,6})?$")


@dataclass(frozen=True)
class Covered:
    """One group: what the frame holds, what is known, and the one over the other.

    ``ratio`` is ``None`` where nothing is known, or nothing but 0.
    """

    group: str
    units: int
    held: float
    known: float | None
    ratio: float | None


@dataclass(frozen=True)
class Coverage:
    """The groups of a frame against known totals, and where the two are apart."""

    rows: tuple[Covered, ...]
    findings: tuple[Finding, ...]


def read_totals(path: Path) -> dict[str, float]:
    """Read known totals from CSV or XLSX with the columns ``group`` and ``total``.

    Raises
    ------
    FrameError
        With every fault: limits, missing or repeated groups, totals that are no numbers.
    """
    try:
        table = read_table(path, required=TOTAL_COLUMNS, optional=None)
    except IntakeError as error:
        raise FrameError(error.findings) from None
    faults = Faults(table.file)
    totals: dict[str, float] = {}
    seen: dict[str, int] = {}
    for row in table.rows:
        group, total = row.cells["group"], row.cells["total"]
        first = seen.setdefault(folded(group), row.line)
        if first != row.line:
            faults.add(
                "frame-total-repeated",
                Words(
                    f"Nhóm “{group}” đã có ở dòng {first}.",
                    f"The group '{group}' already stands on line {first}.",
                ),
                Words("Mỗi nhóm một dòng.", "Give each group one line."),
                row=row.line,
                column="group",
            )
        if _TOTAL.match(total):
            totals[group] = float(total)
        else:
            faults.add(
                "frame-total-invalid",
                Words(f"“{total}” không phải tổng số.", f"'{total}' is not a total."),
                Words("Ghi chữ số, không dấu phân cách.", "Write digits without separators."),
                row=row.line,
                column="total",
            )
    if not table.rows:
        faults.add(
            "frame-totals-empty",
            Words("Tệp không có tổng số nào.", "The file holds no total."),
            Words("Mỗi nhóm một dòng: group,total.", "Write one group a line: group,total."),
        )
    faults.raise_as(FrameError)
    return totals


def coverage(
    frame: Frame,
    totals: Mapping[str, float],
    by: str = "stratum",
    size: str = "size",
    tolerance: float = TOLERANCE,
) -> Coverage:
    """Compare the sizes of a frame with totals known from elsewhere.

    Parameters
    ----------
    frame
        The frame.
    totals
        Known totals by group, in the unit of ``size``.
    by
        The column of the frame whose values are the groups.
    size
        The column added up.
    tolerance
        How far the ratio of frame to known total may be from 1 before it is a finding;
        0.05 by default.

    Returns
    -------
    Coverage
        One row a group, those of the totals first. Findings are warnings:
        ``frame-coverage-off``, ``frame-group-empty`` (known, but not in the frame) and
        ``frame-group-unknown`` (in the frame, but no total is known).

    Raises
    ------
    FrameError
        A column is missing or holds no numbers; totals or tolerance are no numbers.

    Examples
    --------
    >>> frame = Frame.from_table({"unit_id": ["a", "b"], "unit_name": ["A", "B"],
    ...     "province": "31", "stratum": ["s", "t"], "size": [90, 50]})
    >>> [(row.group, row.held, row.ratio) for row in coverage(frame, {"s": 100, "t": 50}).rows]
    [('s', 90, 0.9), ('t', 50, 1.0)]
    """
    require((frame, Frame))
    _check_totals(totals, tolerance)
    frame.column(by)
    sizes = frame.numbers(size)
    groups = frame.rows_by(by)
    faults = Faults(frame.listed.file)
    rows: list[Covered] = []
    for group in dict.fromkeys((*totals, *groups)):
        places = groups.get(group, ())
        held = sizes[places].sum().item() if len(places) else 0
        known = totals.get(group)
        ratio = held / known if known else None
        rows.append(Covered(group, len(places), held, known, ratio))
        _note(rows[-1], by, tolerance, faults)
    return Coverage(tuple(rows), tuple(faults.findings))


def check_strata(frame: Frame, strata: Collection[str], column: str = "stratum") -> list[Finding]:
    """Return the strata that are named but empty (errors), and those left out (warnings)."""
    require((frame, Frame))
    faults = Faults(frame.listed.file)
    frame.column(column)
    groups = frame.rows_by(column)
    for stratum in dict.fromkeys(strata):
        if stratum not in groups:
            near = [name for name in groups if folded(name) == folded(stratum.strip())]
            faults.add(
                "frame-stratum-empty",
                Words(
                    f"Tầng “{stratum}” không có đơn vị nào trong khung.",
                    f"The stratum '{stratum}' is empty: the frame holds no unit of it.",
                ),
                Words(
                    f"Các tầng của khung: {', '.join(near or groups)}.",
                    f"The frame has: {', '.join(near or groups)}.",
                ),
                column=column,
            )
    for name, rows in groups.items():
        if name not in strata:
            faults.add(
                "frame-stratum-unnamed",
                Words(
                    f"Tầng “{name}” ({len(rows)} đơn vị) không được nêu.",
                    f"The stratum '{name}' ({len(rows)} units) is not named.",
                ),
                Words("Thêm vào danh sách hoặc bỏ khỏi khung.", "Name it, or take it out."),
                column=column,
                severity="warning",
            )
    return faults.findings


def _note(row: Covered, by: str, tolerance: float, faults: Faults) -> None:
    if row.known is None:
        code = "frame-group-unknown"
        message = Words(
            f"Không có tổng số cho nhóm “{row.group}” (khung: {row.held:.15g}).",
            f"No total is known for the group '{row.group}' (the frame holds {row.held:.15g}).",
        )
    elif not row.units:
        code = "frame-group-empty"
        message = Words(
            f"Khung không có nhóm “{row.group}” (biết {row.known:.15g}).",
            f"The frame holds nobody of the group '{row.group}' ({row.known:.15g} are known).",
        )
    elif row.ratio is None or abs(row.ratio - 1) > tolerance:
        code = "frame-coverage-off"
        told = "–" if row.ratio is None else f"{row.ratio:.1%}"
        message = Words(
            f"Nhóm “{row.group}”: khung có {row.held:.15g}, biết {row.known:.15g} ({told}).",
            f"Group '{row.group}': the frame holds {row.held:.15g} of {row.known:.15g} ({told}).",
        )
    else:
        return
    advice = Words(
        "Tìm đơn vị thiếu hoặc thừa, hoặc nêu trong báo cáo.",
        "Look for units that are missing or surplus, or say it in the report.",
    )
    faults.add(code, message, advice, column=by, severity="warning")


def _check_totals(totals: Mapping[str, float], tolerance: float) -> None:
    faults = Faults()
    for name, value in (*totals.items(), ("tolerance", tolerance)):
        if (
            isinstance(value, bool)
            or not isinstance(value, (int, float))
            or not (0 <= value < float("inf"))
        ):
            faults.add(
                "frame-total-invalid",
                Words(f"“{name}”: {value!r} không dùng được.", f"'{name}': {value!r} is no total."),
                Words("Ghi số không âm.", "Give a number of at least 0."),
            )
    faults.raise_as(FrameError)
