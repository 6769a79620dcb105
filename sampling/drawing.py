"""A design carried out: who is drawn, with what probability, and how anyone redraws it.

``draw`` depends on the frame, the design and the secret alone; ``selection`` says how
the hashes are made. What is drawn, stage by stage:

- Stage 1 works stratum by stratum. ``srs`` takes the first units in hash order.
  ``systematic`` and ``pps_systematic`` lay the units end to end, by the design's ``sort``
  columns where given (ties in hash order), else in hash order, and step through them from
  the start in the stratum's name. Units as large as the interval are taken with certainty
  and the interval worked out anew without them.
- Stage 2, ``srs``: of each drawn unit the first list positions in hash order.
  ``every_kth``: every k-th visit from a start of 1 to k; k is the whole part of expected
  visits over target, at least 1, the start one more than the whole part of k times the
  start in the unit's id.

In a design of two stages, a unit drawn with certainty is a stratum of its own,
``<stratum>/<unit>`` (the stratum's own name where the unit is alone in it), and what is
drawn in it has no PSU (``psu_id`` empty): each row is its own. ``probability`` is the
inclusion probability of the row through all stages, ``design_weight`` one over it.
Reserves come next in the published order; their probability is the one they would have
had as drawn units.

interfaces.md wishes that a new stratum leave the other draws alone; since security.md
§9.2 puts the frame's hash into the seed, a changed frame changes them all. Security wins.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from intake.findings import (
    DesignError,
    DrawError,
    Faults,
    Finding,
    HailongError,
    Words,
)
from intake.text import forbidden_character, normalized
from sampling import allocation, selection, size
from sampling.design import SampleDesign, Stage, check_stratum, column_size, stratum_take
from sampling.frame import Frame, FrameUnit, read_frame, spreadsheet_safe, write_frame

if TYPE_CHECKING:
    import pandas as pd

SAMPLE_COLUMNS = (
    "unit_id",
    "stratum",
    "psu_id",
    "stage",
    "order",
    "probability",
    "design_weight",
    "role",
)
PLAN_COLUMNS = (
    "stratum",
    "units",
    "size",
    "take",
    "issued",
    "expected",
    "deff",
    "half_width",
    "cost",
)
FILES = ("sample.csv", "reserves.csv", "draw.json", "minutes.md", "frame.csv", "design.json")

_ENCODING = {
    "hashes": "SHA-256, 64 lower-case hexadecimal characters; texts are UTF-8",
    "H_frame": "sha256sum frame.csv",
    "H_design": "sha256sum design.json",
    "seed": "sha256 of draw-v1, H_frame, H_design, secret, public, without separators",
    "order": "sha256 of seed, a bar and the id, ascending",
    "start": "sha256 of seed, the word start and the name, as a number below 2^256",
    "systematic": "the points (start / 2^256 + j) * total / take, j = 0 … take − 1; a unit is "
    "drawn when cumulated before it <= point < cumulated with it",
    "person": "<unit>-<list position in six digits>, the first of each list in order",
    "every_kth": "k = max(1, expected // target); first = 1 + floor(k * start / 2^256)",
}

_MAX_RECORD = 200 * 1024 * 1024


@dataclass(frozen=True)
class Row:
    """One row of the sample file."""

    unit_id: str
    stratum: str
    psu_id: str
    stage: int
    order: int
    chance: Fraction
    role: str

    def cells(self) -> tuple[object, ...]:
        """Return the cells in the order of ``SAMPLE_COLUMNS``."""
        weight = float(1 / self.chance)
        return (
            self.unit_id,
            self.stratum,
            self.psu_id,
            self.stage,
            self.order,
            float(self.chance),
            weight,
            self.role,
        )


@dataclass(frozen=True)
class Drawn:
    """A unit of stage 1 that was drawn, with the stratum its persons belong to."""

    unit: FrameUnit
    stratum: str
    psu_id: str
    chance: Fraction


@dataclass(frozen=True)
class Draw:
    """A design carried out, with everything that is needed to carry it out again.

    ``record`` is what ``draw.json`` holds; ``findings`` are the warnings of the design.
    """

    frame: Frame
    design: SampleDesign
    rows: tuple[Row, ...]
    reserve_rows: tuple[Row, ...]
    record: Mapping[str, object]
    findings: tuple[Finding, ...] = ()

    @property
    def sample(self) -> pd.DataFrame:
        """The drawn rows of all stages, with the columns of the sample file."""
        return _table(self.rows)

    @property
    def reserves(self) -> pd.DataFrame:
        """The reserves, in the order in which they replace."""
        return _table(self.reserve_rows)

    def minutes(self, lang: str = "vi") -> str:
        """Return the minutes of the draw (biên bản chọn mẫu) as Markdown."""
        return _minutes(self, lang, "", None)


@dataclass(frozen=True)
class Plan:
    """What a design would bring and cost, before anything is spent.

    ``rows`` has one mapping per stratum with the keys of ``PLAN_COLUMNS``, ``total`` the
    same for all strata together; half-widths are for the share of the design's targets.
    """

    rows: tuple[Mapping[str, object], ...]
    total: Mapping[str, object]
    targets: Mapping[str, float]
    findings: tuple[Finding, ...] = ()

    @property
    def table(self) -> pd.DataFrame:
        """The strata and, last, their total."""
        import pandas as pd

        return pd.DataFrame([*self.rows, self.total], columns=list(PLAN_COLUMNS))


def plan(design: SampleDesign, frame: Frame) -> Plan:
    """Return takes, expected responses, expected precision and cost of a design.

    Per stratum: units held, their total size, units drawn, persons or visits issued,
    responses expected, design effect 1 + (b − 1) ρ with b expected responses in a drawn
    unit (1 where each response is its own PSU), and the half-width of the interval of the
    planned share. The total adds the variances of the strata by their share in the size.

    Raises
    ------
    DesignError
        The design cannot be carried out on the frame.
    """
    takes, findings = takes_of(design, frame)
    targets = design.planning
    rows = [
        _planned(design, stratum, units, takes[stratum])
        for stratum, units in design.strata_of(frame).items()
    ]
    total_size = sum(int(str(row["size"])) for row in rows)
    variance = sum(
        (int(str(row["size"])) / total_size * float(str(row["half_width"]))) ** 2 for row in rows
    )
    total: dict[str, object] = {
        "stratum": "",
        **{
            key: sum(int(str(row[key])) for row in rows)
            for key in ("units", "size", "take", "issued")
        },
        "expected": sum(float(str(row["expected"])) for row in rows),
        "half_width": math.sqrt(variance),
        "cost": sum(float(str(row["cost"])) for row in rows),
    }
    simple = size.half_width(
        targets["share"], float(str(total["expected"])), level=targets["level"]
    )
    total["deff"] = variance / simple**2
    return Plan(tuple(rows), {key: total[key] for key in PLAN_COLUMNS}, targets, tuple(findings))


def takes_of(design: SampleDesign, frame: Frame) -> tuple[dict[str, int], list[Finding]]:
    """Return how many units stage 1 draws in each stratum, and the warnings about it.

    Raises
    ------
    DesignError
        The design cannot be carried out on the frame; every reason is named.
    """
    faults = Faults(findings=design.check_against(frame))
    faults.raise_as(DesignError)
    stage = design.stages[0]
    takes: dict[str, int] = {}
    shared: dict[str, tuple[FrameUnit, ...]] = {}
    for stratum, units in design.strata_of(frame).items():
        take = stratum_take(stage, stratum)
        if all(stage.is_certain(unit) for unit in units):
            takes[stratum] = len(units)
        elif take is not None:
            takes[stratum] = take
        else:
            shared[stratum] = units
    if shared:
        for stratum, take in _allocated(stage, shared).items():
            check_stratum(stage, stratum, shared[stratum], take, faults)
            takes[stratum] = take
    faults.raise_as(DesignError)
    return takes, faults.findings


def draw(frame: Frame, design: SampleDesign, seed: int | str, *, public: str = "") -> Draw:
    """Carry out a design on a frame.

    Parameters
    ----------
    frame, design
        What can be drawn, and what will be.
    seed
        The secret: a whole number of at least 0, taken as its decimal digits, or a text.
    public
        The public value of a later time; empty in a draw without ceremony.

    Returns
    -------
    Draw
        The same for the same four inputs, in any year, on any machine.

    Raises
    ------
    DesignError
        The design does not fit the frame.
    DrawError
        Secret or public value are not plain texts.
    """
    secret = _secret(seed, "seed")
    public = _secret(public, "public")
    takes, findings = takes_of(design, frame)
    key = selection.draw_seed(frame.sha256, design.sha256, secret, public)
    rows: list[Row] = []
    reserves: list[Row] = []
    strata: list[dict[str, object]] = []
    drawn: list[Drawn] = []
    for stratum, units in design.strata_of(frame).items():
        hit, spare, told = _draw_stratum(design, stratum, units, takes[stratum], key)
        rows += [
            Row(one.unit.unit_id, one.stratum, one.psu_id, 1, order, one.chance, "drawn")
            for order, one in enumerate(hit, start=1)
        ]
        reserves += [
            Row(one.unit.unit_id, one.stratum, one.psu_id, 1, order, one.chance, "reserve")
            for order, one in enumerate(spare, start=len(hit) + 1)
        ]
        strata.append(told)
        drawn += hit
    within: list[dict[str, object]] = []
    if len(design.stages) > 1:
        for one in drawn:
            chosen, told = _draw_within(design, one, key)
            rows += [row for row in chosen if row.role == "drawn"]
            reserves += [row for row in chosen if row.role == "reserve"]
            within.append(told)
    record = {
        "algorithm": selection.ALGORITHM,
        "encoding": _ENCODING,
        "H_frame": frame.sha256,
        "H_design": design.sha256,
        "commitment": selection.sha256_text(secret),
        "secret": secret,
        "public": public,
        "seed": key,
        "seed_policy": design.seed_policy,
        "frame": frame.summary,
        "design": design.as_dict(),
        "strata": strata,
        "units": within,
        "drawn": len(rows),
        "reserves": len(reserves),
        "sample_sha256": selection.sha256_text(_csv(rows)),
        "reserves_sha256": selection.sha256_text(_csv(reserves)),
    }
    return Draw(frame, design, tuple(rows), tuple(reserves), record, tuple(findings))


def write_draw(
    draw: Draw, directory: Path, *, operator: str = "", drawn_on: date | None = None
) -> None:
    """Write the files of a draw into a new or empty directory.

    ``sample.csv``, ``reserves.csv``, ``draw.json``, ``minutes.md``, and the canonical
    ``frame.csv`` and ``design.json``, whose SHA-256 are the hashes of the record. Operator
    and day enter the minutes and the record; they are no part of the draw.

    Raises
    ------
    DrawError
        The directory holds something already.
    """
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise _refusal(
            "draw-directory-not-empty",
            Words(
                f"Thư mục {directory.name} đã có nội dung.",
                f"The directory {directory.name} is not empty.",
            ),
            Words("Chọn thư mục mới: không ghi đè kết quả.", "Name a new one: draws stay."),
        )
    directory.mkdir(parents=True, exist_ok=True)
    write_frame(draw.frame, directory / "frame.csv")
    (directory / "design.json").write_bytes(draw.design.canonical)
    for name, rows in (("sample.csv", draw.rows), ("reserves.csv", draw.reserve_rows)):
        (directory / name).write_bytes(_csv(rows).encode("utf-8"))
    occasion = {"operator": operator, "drawn_on": drawn_on.isoformat() if drawn_on else ""}
    record = {**draw.record, "occasion": occasion}
    text = json.dumps(record, ensure_ascii=False, indent=1) + "\n"
    (directory / "draw.json").write_text(text, encoding="utf-8")
    (directory / "minutes.md").write_text(
        _minutes(draw, "vi", operator, drawn_on), encoding="utf-8"
    )


def verify_draw(directory: Path) -> Draw:
    """Draw again from the files of a draw and compare; return the new draw when equal.

    Minutes are not compared: they are completed by hand and signed.

    Raises
    ------
    DrawError
        A file is missing or the first difference found, with its file and line.
    """
    stored = _stored_record(directory)
    try:
        frame = read_frame(directory / "frame.csv")
        design = SampleDesign.read(directory / "design.json")
    except DrawError:
        raise
    except HailongError as error:
        raise DrawError(error.findings) from None
    for name, mine in (("H_frame", frame.sha256), ("H_design", design.sha256)):
        file = "frame.csv" if name == "H_frame" else "design.json"
        on_disk = hashlib.sha256((directory / file).read_bytes()).hexdigest()
        if not stored.get(name) == mine == on_disk:
            raise _refusal(
                "draw-frame-changed" if name == "H_frame" else "draw-design-changed",
                Words(
                    f"{name} trong biên bản là {str(stored.get(name))[:16]}…, tệp cho "
                    f"{on_disk[:16]}….",
                    f"The record says {name} = {str(stored.get(name))[:16]}…, the file gives "
                    f"{on_disk[:16]}….",
                ),
                Words("Tệp đã bị sửa sau khi chọn mẫu.", "It was changed after the draw."),
                file=file,
            )
    try:
        again = draw(frame, design, str(stored.get("secret")), public=str(stored.get("public")))
    except DesignError as error:
        raise DrawError(error.findings) from None
    _compare_record(again, stored)
    for file, rows in (("sample.csv", again.rows), ("reserves.csv", again.reserve_rows)):
        _compare_rows(directory / file, rows)
    return again


def _allocated(stage: Stage, shared: Mapping[str, tuple[FrameUnit, ...]]) -> dict[str, int]:
    """Share out the stage's take among strata; by size where the draw is by size."""
    by_size = stage.method == "pps_systematic"
    counts = [len(units) for units in shared.values()]
    measures = [
        sum(column_size(unit, stage.size) or 1 for unit in units) if by_size else len(units)
        for units in shared.values()
    ]
    floors = [max(1, sum(map(stage.is_certain, units))) for units in shared.values()]
    rules = {
        "equal": allocation.equal,
        "proportional": allocation.proportional,
        "square_root": allocation.square_root,
    }
    total = stage.take if isinstance(stage.take, int) else 0
    numbers = rules[stage.allocation](total, measures, floor=floors, cap=counts)
    return {stratum: int(number) for stratum, number in zip(shared, numbers, strict=True)}


def _planned(
    design: SampleDesign, stratum: str, units: Sequence[FrameUnit], take: int
) -> dict[str, object]:
    targets = design.planning
    certain = take == len(units)
    issued = take
    if len(design.stages) > 1:
        within = design.stages[1]
        wanted = within.take if isinstance(within.take, int) else 1
        if within.method == "every_kth":
            counts = [_visits(column_size(unit, within.size) or 1, wanted) for unit in units]
            issued = round(sum(counts) / len(units) * take)
        else:
            issued = wanted * take
    expected = issued * targets["response"]
    deff = 1.0
    if len(design.stages) > 1 and not certain:
        deff = size.design_effect(expected / take, targets["rho"])
    return {
        "stratum": stratum,
        "units": len(units),
        "size": sum(unit.size for unit in units),
        "take": take,
        "issued": issued,
        "expected": expected,
        "deff": deff,
        "half_width": size.half_width(
            targets["share"], expected, deff=deff, level=targets["level"]
        ),
        "cost": take * design.costs.get("per_unit", 0.0)
        + expected * design.costs.get("per_interview", 0.0),
    }


def _visits(expected: int, target: int) -> int:
    return round(expected / max(1, expected // target))


def _secret(value: int | str, name: str) -> str:
    text = str(value) if not isinstance(value, bool) else ""
    needed = name == "seed"
    if (
        (needed and not text)
        or (isinstance(value, int) and value < 0)
        or len(text) > 1000
        or text != normalized(text).strip()
        or forbidden_character(text)
    ):
        raise _refusal(
            "draw-seed-invalid",
            Words(f"Giá trị “{name}” không hợp lệ.", f"The value of '{name}' is not usable."),
            Words(
                "Dùng số nguyên không âm hoặc một dòng chữ.",
                "Use a whole number of at least 0, or a line of text.",
            ),
        )
    return text


def _draw_stratum(
    design: SampleDesign, stratum: str, units: Sequence[FrameUnit], take: int, key: str
) -> tuple[list[Drawn], list[Drawn], dict[str, object]]:
    """Draw stage 1 in one stratum; return drawn units, reserves, and what is on record."""
    stage = design.stages[0]
    two_stages = len(design.stages) > 1
    by_id = {unit.unit_id: unit for unit in units}
    order = _ordered(stage, by_id, selection.hash_order(key, by_id))
    named = [name for name in order if stage.is_certain(by_id[name])]
    sure = set(named)
    open_ids = [name for name in order if name not in sure]
    by_size = stage.method == "pps_systematic"
    sizes = {
        name: (column_size(by_id[name], stage.size) or 1) if by_size else 1 for name in open_ids
    }
    whole = take == len(units)
    listed: list[dict[str, object]] = [{"unit_id": name, "reason": "design"} for name in named]
    certain = list(named)
    if by_size or whole:
        places, intervals = selection.certainties(
            [sizes[name] for name in open_ids], take - len(named)
        )
        for place, interval in zip(places, intervals, strict=True):
            name = open_ids[place]
            reason = "whole stratum" if whole else "as large as the interval"
            listed.append(
                {
                    "unit_id": name,
                    "reason": reason,
                    "size": sizes[name],
                    "interval": _fraction(interval),
                }
            )
            certain.append(name)
    sure.update(certain)
    rest = [name for name in open_ids if name not in sure]
    n = take - len(certain)
    told: dict[str, object] = {
        "stratum": stratum,
        "method": stage.method,
        "units": len(units),
        "take": take,
        "certainties": listed,
        "order": rest,
    }
    hits = _hits(stage, stratum, rest, sizes, n, key, told)
    total = sum(sizes[name] for name in rest)
    chances = {name: Fraction(n * sizes[name], total) for name in rest if n}
    found = []
    for name in certain:
        own = stratum if len(units) == 1 or (whole and not two_stages) else f"{stratum}/{name}"
        psu = "" if two_stages else name
        found.append(Drawn(by_id[name], own, psu, Fraction(1)))
    found += [Drawn(by_id[name], stratum, name, chances[name]) for name in hits]
    reserve = design.reserve_of(stage) if n else 0
    hit = set(hits)
    left = [name for name in selection.hash_order(key, rest) if name not in hit]
    spare = [Drawn(by_id[name], stratum, name, chances[name]) for name in left[:reserve]]
    told["drawn"] = [one.unit.unit_id for one in found]
    told["reserves"] = [one.unit.unit_id for one in spare]
    return found, spare, told


def _hits(
    stage: Stage,
    stratum: str,
    rest: Sequence[str],
    sizes: Mapping[str, int],
    n: int,
    key: str,
    told: dict[str, object],
) -> list[str]:
    """Return the units drawn by chance, and put on record how they were found."""
    if not n:
        return []
    if stage.method == "srs":
        return list(rest[:n])
    start = selection.start_number(key, stratum)
    laid = [sizes[name] for name in rest]
    interval = Fraction(sum(laid), n)
    first = Fraction(start, selection.WHOLE) * interval
    told["total_size"] = sum(laid)
    told["interval"] = _fraction(interval)
    told["start_hash"] = f"{start:064x}"
    told["start"] = float(first)
    told["points"] = [float(first + step * interval) for step in range(n)]
    told["cumulated"] = _cumulated(laid)
    return [rest[place] for place in selection.exact_systematic(laid, n, start)]


def _ordered(stage: Stage, by_id: Mapping[str, FrameUnit], hashed: Sequence[str]) -> list[str]:
    """Return the ids by the sort columns (numbers by value), ties in hash order."""
    ordered = list(hashed)
    if stage.method == "srs":
        return ordered
    for column in reversed(stage.sort):
        texts = {name: by_id[name].cells.get(column, "") for name in ordered}
        try:
            numbers = {name: Fraction(text) for name, text in texts.items()}
        except (ValueError, ZeroDivisionError):
            ordered.sort(key=texts.__getitem__)
        else:
            ordered.sort(key=numbers.__getitem__)
    return ordered


def _draw_within(design: SampleDesign, one: Drawn, key: str) -> tuple[list[Row], dict[str, object]]:
    """Draw stage 2 in one unit; return its rows and what is on record."""
    stage = design.stages[1]
    unit_id = one.unit.unit_id
    held = column_size(one.unit, stage.size) or 1
    take = stage.take if isinstance(stage.take, int) else 1
    told: dict[str, object] = {"unit_id": unit_id, "stratum": one.stratum, "method": stage.method}
    if stage.method == "every_kth":
        step = max(1, held // take)
        start = selection.start_number(key, unit_id)
        first = 1 + (start * step >> 256)
        positions = list(range(first, held + 1, step))
        chance = one.chance / step
        told |= {"expected": held, "target": take, "k": step}
        told |= {"start_hash": f"{start:064x}", "start": first}
        take = len(positions)
    else:
        positions = selection.first_positions(
            key, unit_id, held, min(held, take + design.reserve_of(stage))
        )
        chance = one.chance * Fraction(take, held)
        told |= {"held": held, "take": take, "reserves": len(positions) - take}
    rows = [
        Row(
            unit_id=f"{unit_id}-{position:06d}",
            stratum=one.stratum,
            psu_id=one.psu_id,
            stage=2,
            order=order,
            chance=chance,
            role="drawn" if order <= take else "reserve",
        )
        for order, position in enumerate(positions, start=1)
    ]
    return rows, told


def _table(rows: Iterable[Row]) -> pd.DataFrame:
    import pandas as pd

    table = pd.DataFrame([row.cells() for row in rows], columns=list(SAMPLE_COLUMNS))
    kinds = {"stage": "int64", "order": "int64", "probability": "float64"}
    return table.astype({**kinds, "design_weight": "float64"})


def _csv(rows: Iterable[Row]) -> str:
    """Return the text of a sample file, as it is written and as it is hashed."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(SAMPLE_COLUMNS)
    writer.writerows([spreadsheet_safe(str(cell)) for cell in row.cells()] for row in rows)
    return text.getvalue()


def _cumulated(sizes: Iterable[int]) -> list[int]:
    reached, ends = 0, []
    for one in sizes:
        reached += one
        ends.append(reached)
    return ends


def _fraction(value: Fraction) -> str:
    return f"{value.numerator}/{value.denominator}"


def _stored_record(directory: Path) -> Mapping[str, object]:
    for name in FILES:
        if name != "minutes.md" and not (directory / name).is_file():
            raise _refusal(
                "draw-file-missing",
                Words(f"Thiếu tệp {name}.", f"The file {name} is missing."),
                Words("Cần đủ các tệp của lần chọn mẫu.", "All files of the draw are needed."),
                file=name,
            )
    path = directory / "draw.json"
    try:
        if path.stat().st_size > _MAX_RECORD:
            raise ValueError
        stored = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        stored = None
    if not isinstance(stored, dict):
        raise _refusal(
            "draw-record-broken",
            Words("Không đọc được draw.json.", "draw.json cannot be read."),
            Words("Lấy lại bản gốc.", "Fetch the original."),
            file="draw.json",
        )
    if stored.get("algorithm") != selection.ALGORITHM:
        raise _refusal(
            "draw-algorithm-unknown",
            Words(
                f"Không hiểu thuật toán {stored.get('algorithm')!r}.",
                f"The algorithm {stored.get('algorithm')!r} is unknown.",
            ),
            Words(f"Bản này biết {selection.ALGORITHM}.", f"Known is {selection.ALGORITHM}."),
            file="draw.json",
        )
    return stored


def _compare_record(again: Draw, stored: Mapping[str, object]) -> None:
    mine = json.loads(json.dumps(again.record))
    theirs = {key: value for key, value in stored.items() if key != "occasion"}
    # Hashes of whole files come last: what differs inside them says more.
    late = ("sample_sha256", "reserves_sha256", "drawn", "reserves")
    for key in (*(key for key in {**mine, **theirs} if key not in late), *late):
        difference = _difference(theirs.get(key), mine.get(key), key)
        if difference:
            path, there, here = difference
            raise _refusal(
                "draw-record-differs",
                Words(
                    f"draw.json ghi {_short(there)}, chọn lại cho {_short(here)}.",
                    f"draw.json says {_short(there)}, drawing again gives {_short(here)}.",
                ),
                Words("Kết quả đã bị sửa.", "The record was changed after the draw."),
                file="draw.json",
                path=path,
            )


def _difference(there: object, here: object, path: str) -> tuple[str, object, object] | None:
    """Return the first place where two plain values differ, and both values."""
    if isinstance(there, dict) and isinstance(here, dict):
        for key in {**here, **there}:
            found = _difference(there.get(key), here.get(key), f"{path}.{key}")
            if found:
                return found
        return None
    if isinstance(there, list) and isinstance(here, list) and len(there) == len(here):
        for place, (one, other) in enumerate(zip(there, here, strict=True)):
            found = _difference(one, other, f"{path}[{place}]")
            if found:
                return found
        return None
    return None if there == here else (path, there, here)


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:60] + "…"


def _compare_rows(path: Path, rows: Sequence[Row]) -> None:
    mine = _csv(rows).split("\n")
    theirs = path.read_bytes().decode("utf-8", errors="replace").split("\n")
    for number in range(max(len(mine), len(theirs))):
        here = mine[number] if number < len(mine) else "—"
        there = theirs[number] if number < len(theirs) else "—"
        if here != there:
            raise _refusal(
                "draw-sample-differs" if path.name == "sample.csv" else "draw-reserves-differ",
                Words(
                    f"Tệp ghi “{there[:120]}”, chọn lại cho “{here}”.",
                    f"The file has '{there[:120]}', drawing again gives '{here}'.",
                ),
                Words("Kết quả đã bị sửa.", "The file was changed after the draw."),
                file=path.name,
                row=number + 1,
            )


def _refusal(
    code: str,
    message: Words,
    advice: Words,
    *,
    file: str | None = None,
    row: int | None = None,
    path: str | None = None,
) -> DrawError:
    return DrawError(Finding(code, message, advice, file=file, row=row, path=path))


def _minutes(draw: Draw, lang: str, operator: str, drawn_on: date | None) -> str:
    said = _EN if lang == "en" else _VI
    record, frame = draw.record, draw.frame
    blank = "……………………"
    day = drawn_on.strftime("%d/%m/%Y") if drawn_on else blank
    lines = [f"# {said['title']}", ""]
    facts = [
        ("design", _plain(draw.design.name)),
        ("instrument", _plain(draw.design.instrument) or blank),
        ("day", day),
        ("operator", _plain(operator) or blank),
        ("present", blank),
        ("frame", said["frame_of"].format(units=len(frame.units), total=_grouped(frame, said))),
        ("H_frame", f"`{record['H_frame']}`"),
        ("H_design", f"`{record['H_design']}`"),
        ("commitment", f"`{record['commitment']}`"),
        ("secret", f"`{record['secret']}`"),
        ("public", f"`{record['public']}`" if record["public"] else said["none"]),
        ("seed", f"`{record['seed']}`"),
        ("algorithm", str(record["algorithm"])),
    ]
    lines += [f"- {said[key]}: {value}" for key, value in facts]
    lines += ["", f"## {said['strata']}", "", said["strata_head"], "|---|---|--:|--:|---|---|"]
    first = [row for row in draw.rows if row.stage == 1]
    for told in _listed(record["strata"]):
        sure = ", ".join(str(one["unit_id"]) for one in _listed(told["certainties"]))
        interval = str(told.get("interval", "")).removesuffix("/1") or "–"
        lines.append(
            f"| {_plain(told['stratum'])} | {told['method']} | {told['units']} | {told['take']} "
            f"| {interval} | {sure or '–'} |"
        )
    lines += ["", f"## {said['drawn']}", "", said["drawn_head"], "|--:|---|---|---|--:|"]
    lines += [_unit_line(number, row, frame, said) for number, row in enumerate(first, start=1)]
    spare = [row for row in draw.reserve_rows if row.stage == 1]
    if spare:
        lines += ["", f"## {said['reserves']}", "", said["drawn_head"], "|--:|---|---|---|--:|"]
        lines += [_unit_line(row.order, row, frame, said) for row in spare]
    within = _listed(record["units"])
    if within:
        lines += ["", f"## {said['within']}", ""]
        lines += [_within_line(told, frame, said) for told in within]
    notes = [finding.message.in_language(lang) for finding in (*frame.findings, *draw.findings)]
    if notes:
        lines += ["", f"## {said['notes']}", "", *(f"- {_plain(note)}" for note in notes)]
    lines += ["", f"## {said['check']}", "", said["check_text"], "", said["signatures"], ""]
    return "\n".join(lines)


def _listed(value: object) -> list[dict[str, object]]:
    return list(value) if isinstance(value, list) else []


def _unit_line(number: int, row: Row, frame: Frame, said: Mapping[str, str]) -> str:
    name = _plain(frame.by_id[row.unit_id].unit_name)
    chance = f"{float(row.chance):.4f}".replace(".", said["point"])
    return f"| {number} | {row.unit_id} | {name} | {_plain(row.stratum)} | {chance} |"


def _within_line(told: Mapping[str, object], frame: Frame, said: Mapping[str, str]) -> str:
    key = "visits_of" if told["method"] == "every_kth" else "persons_of"
    unit = frame.by_id[str(told["unit_id"])]
    return "- " + said[key].format(name=f"{_plain(unit.unit_name)} ({unit.unit_id})", **told)


def _plain(text: object) -> str:
    """Return a name that cannot break out of a table cell or become markup."""
    return " ".join(re.sub(r"[|<>`\\\[\]]", "/", str(text)).split())


def _grouped(frame: Frame, said: Mapping[str, str]) -> str:
    return f"{frame.total_size:,}".replace(",", said["thousands"])


_VI = {
    "title": "BIÊN BẢN CHỌN MẪU",
    "design": "Thiết kế mẫu",
    "instrument": "Phiếu khảo sát",
    "day": "Ngày chọn mẫu",
    "operator": "Người thực hiện",
    "present": "Người chứng kiến",
    "frame": "Khung mẫu",
    "frame_of": "{units} đơn vị, tổng quy mô {total}",
    "H_frame": "Mã băm khung mẫu (SHA-256 của frame.csv)",
    "H_design": "Mã băm thiết kế (SHA-256 của design.json)",
    "commitment": "Cam kết (SHA-256 của giá trị bí mật)",
    "secret": "Giá trị bí mật, nay công bố",
    "public": "Giá trị công khai",
    "none": "không dùng",
    "seed": "Hạt giống",
    "algorithm": "Thuật toán",
    "strata": "Các tầng ở giai đoạn 1",
    "strata_head": "| Tầng | Phương pháp | Số đơn vị | Số chọn | Khoảng cách | Chọn chắc chắn |",
    "drawn": "Đơn vị được chọn",
    "drawn_head": "| TT | Mã | Tên | Tầng | Xác suất |",
    "reserves": "Đơn vị dự phòng, theo thứ tự thay thế",
    "within": "Chọn trong từng đơn vị",
    "persons_of": "{name}: {take} trong {held} người của danh sách, {reserves} dự phòng",
    "visits_of": "{name}: cứ {k} giao dịch hoàn thành lấy một, bắt đầu từ giao dịch thứ {start}, "
    "dự kiến {expected} giao dịch",
    "notes": "Lưu ý",
    "check": "Kiểm tra lại",
    "check_text": "Bất kỳ ai cũng chọn lại được bằng các tệp kèm theo: `hailong sample verify` "
    "hoặc các lệnh `sha256sum` và `sort` theo mục “encoding” của draw.json.",
    "signatures": "Người thực hiện: ……………………    Người chứng kiến: ……………………",
    "point": ",",
    "thousands": ".",
}
_EN = {
    "title": "MINUTES OF THE DRAW",
    "design": "Sample design",
    "instrument": "Questionnaire",
    "day": "Day of the draw",
    "operator": "Carried out by",
    "present": "Witnesses",
    "frame": "Frame",
    "frame_of": "{units} units, total size {total}",
    "H_frame": "Hash of the frame (SHA-256 of frame.csv)",
    "H_design": "Hash of the design (SHA-256 of design.json)",
    "commitment": "Commitment (SHA-256 of the secret)",
    "secret": "Secret, now opened",
    "public": "Public value",
    "none": "not used",
    "seed": "Seed",
    "algorithm": "Algorithm",
    "strata": "Strata of stage 1",
    "strata_head": "| Stratum | Method | Units | Drawn | Interval | Certainties |",
    "drawn": "Units drawn",
    "drawn_head": "| No. | Id | Name | Stratum | Probability |",
    "reserves": "Reserves, in the order in which they replace",
    "within": "Drawn within the units",
    "persons_of": "{name}: {take} of the {held} persons on the list, {reserves} in reserve",
    "visits_of": "{name}: one in {k} finished transactions, from number {start}, {expected} "
    "expected",
    "notes": "To note",
    "check": "To check",
    "check_text": "Anyone can draw again from the files: `hailong sample verify`, or "
    "`sha256sum` and `sort` as draw.json says under 'encoding'.",
    "signatures": "Carried out by: ……………………    Witness: ……………………",
    "point": ".",
    "thousands": ",",
}
