"""Segments as files: the plan of volumes that comes in, the segments that go out."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

from intake.findings import DesignError, Faults, HailongError
from intake.tables import Row, read_table, write_csv
from sampling.visits import checks
from sampling.visits.periods import SEGMENT_COLUMNS, Segment, by_key, segment_name, segments
from sampling.visits.steps import Number


def write_segments(path: Path, given: Iterable[Segment]) -> None:
    """Write segments as CSV: ``counter_id, period, window, expected, k, start``."""
    rows = ([*one.key, one.expected, str(one.k), str(one.start)] for one in given)
    write_csv(path, SEGMENT_COLUMNS, rows)


def read_segments(path: Path) -> list[Segment]:
    """Read segments as `write_segments` wrote them.

    Raises
    ------
    DesignError
        With every fault, its row and column; the codes are those of `ticket_list`.
    IntakeError
        The file breaks a limit or lacks a column.
    """
    table = read_table(path, required=("counter_id", "expected", "k", "start"))
    faults = Faults(table.file)
    found = [one for row in table.rows if (one := _segment(row, faults)) is not None]
    faults.raise_as(DesignError)
    by_key(found)
    return found


def read_volumes(path: Path) -> dict[str, dict[str, dict[str, int]]]:
    """Read the volumes expected: counter → period → window → transactions.

    Columns ``counter_id, period, expected``, optional ``window``.

    Raises
    ------
    DesignError
        With every fault: ``visits-count-invalid``, ``visits-id-invalid``,
        ``visits-volume-repeated``.
    """
    table = read_table(path, required=("counter_id", "period", "expected"))
    faults = Faults(table.file)
    found: dict[str, dict[str, dict[str, int]]] = {}
    for row in table.rows:
        counter, period, window = _key(row)
        try:
            segment_name(counter, period, window)
            volume = checks.whole(row.cells["expected"], "expected")
            own = found.setdefault(counter, {}).setdefault(period, {})
            if window in own or "" in own or (own and not window):
                raise _repeated()
            own[window] = volume
        except HailongError as error:
            _note(error, row, faults)
    faults.raise_as(DesignError)
    return found


def segments_of_volumes(
    volumes: dict[str, dict[str, dict[str, int]]],
    target: int,
    seed: str,
    *,
    rule: str = "same",
    fractional: bool = False,
) -> list[Segment]:
    """Return the segments of every counter, ``target`` tickets at each. See `segments`."""
    return [
        one
        for counter, expected in volumes.items()
        for one in segments(counter, expected, target, seed, rule=rule, fractional=fractional)
    ]


def segments_of_draw(record: dict[str, object]) -> list[Segment]:
    """Return the whole-round segments of a published draw, from its ``draw.json``.

    Raises
    ------
    DesignError
        ``visits-draw-without-visits``: the draw took no every k-th visit.
    """
    told = record.get("units")
    units = [one for one in told if isinstance(one, dict)] if isinstance(told, list) else []
    visits = [one for one in units if one.get("method") == "every_kth"]
    if not visits:
        raise DesignError.of(
            "visits-draw-without-visits",
            "Lần chọn mẫu này không có lượt giao dịch.",
            "This draw took no visits.",
            "Dùng thư mục của một lần chọn theo method: every_kth.",
            "Name the folder of a draw with method: every_kth.",
        )
    found = []
    for one in visits:
        k: Number = checks.step(one.get("k"))
        counter = str(one.get("unit_id"))
        segment_name(counter)
        start = checks.first(one.get("start"), Fraction(k))
        found.append(
            Segment(counter, checks.whole(one.get("expected"), "expected"), Fraction(k), start)
        )
    return found


def _key(row: Row) -> tuple[str, str, str]:
    cells = row.cells
    return cells["counter_id"], cells.get("period", ""), cells.get("window", "")


def _segment(row: Row, faults: Faults) -> Segment | None:
    """Return the segment of a row, or note the faults of all its cells."""
    key = _key(row)
    made: dict[str, Fraction | int] = {}
    try:
        segment_name(*key)
    except HailongError as error:
        _note(error, row, faults)
    try:
        made["expected"] = checks.whole(row.cells["expected"], "expected")
    except HailongError as error:
        _note(error, row, faults)
    try:
        made["k"] = checks.step(row.cells["k"])
        made["start"] = checks.first(row.cells["start"], Fraction(made["k"]))
    except HailongError as error:
        _note(error, row, faults)
    if len(made) < 3:
        return None
    k, start = Fraction(made["k"]), Fraction(made["start"])
    return Segment(key[0], int(made["expected"]), k, start, key[1], key[2])


def _note(error: HailongError, row: Row, faults: Faults) -> None:
    for one in error.findings:
        faults.add(one.code, one.message, one.advice, row=row.line, column=one.path)


def _repeated() -> DesignError:
    return DesignError.of(
        "visits-volume-repeated",
        "Kỳ này đã có ở dòng trên, hoặc vừa có vừa không có cửa riêng.",
        "This period stands above already, or is given both with and without windows.",
        "Mỗi quầy, kỳ và cửa một dòng.",
        "One row for each counter, period and window.",
    )
