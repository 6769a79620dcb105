"""A design carried out: who is drawn, with what probability, and how anyone redraws it.

``draw`` depends on the frame, the design and the secret alone; ``chance`` says how
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

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import accumulate
from typing import TYPE_CHECKING

from intake.findings import DrawError, Finding, Words
from intake.text import forbidden_character, normalized
from sampling import chance
from sampling.design import SampleDesign, Stage, column_size
from sampling.drawing.exact import certainties, exact_systematic
from sampling.frame import Frame, FrameUnit
from sampling.minutes import minutes_of
from sampling.planning import takes_of
from sampling.sample import Row, sample_csv, sample_table

if TYPE_CHECKING:
    import pandas as pd

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


@dataclass(frozen=True)
class Drawn:
    """A unit of stage 1 that was drawn, with the stratum its persons belong to."""

    unit: FrameUnit
    stratum: str
    psu_id: str
    chance: Fraction

    def row(self, order: int, role: str) -> Row:
        """Return the row of the unit in the sample file."""
        return Row(self.unit.unit_id, self.stratum, self.psu_id, 1, order, self.chance, role)


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
        return sample_table(self.rows)

    @property
    def reserves(self) -> pd.DataFrame:
        """The reserves, in the order in which they replace."""
        return sample_table(self.reserve_rows)

    def minutes(self, lang: str = "vi", *, operator: str = "", drawn_on: date | None = None) -> str:
        """Return the minutes of the draw (biên bản chọn mẫu) as Markdown."""
        return minutes_of(
            self.record,
            self.design,
            self.frame,
            (*self.rows, *self.reserve_rows),
            (*self.frame.findings, *self.findings),
            lang=lang,
            operator=operator,
            drawn_on=drawn_on,
        )


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
    key = chance.draw_seed(frame.sha256, design.sha256, secret, public)
    rows: list[Row] = []
    reserves: list[Row] = []
    strata: list[dict[str, object]] = []
    drawn: list[Drawn] = []
    for stratum, units in design.strata_of(frame).items():
        hit, spare, told = _draw_stratum(design, stratum, units, takes[stratum], key)
        rows += [one.row(order, "drawn") for order, one in enumerate(hit, start=1)]
        reserves += [one.row(order, "reserve") for order, one in enumerate(spare, len(hit) + 1)]
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
        "algorithm": chance.ALGORITHM,
        "encoding": _ENCODING,
        "H_frame": frame.sha256,
        "H_design": design.sha256,
        "commitment": chance.sha256_text(secret),
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
        "sample_sha256": chance.sha256_text(sample_csv(rows)),
        "reserves_sha256": chance.sha256_text(sample_csv(reserves)),
    }
    return Draw(frame, design, tuple(rows), tuple(reserves), record, tuple(findings))


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
        raise DrawError(
            Finding(
                "draw-seed-invalid",
                Words(f"Giá trị “{name}” không hợp lệ.", f"The value of '{name}' is not usable."),
                Words(
                    "Dùng số nguyên không âm hoặc một dòng chữ.",
                    "Use a whole number of at least 0, or a line of text.",
                ),
            )
        )
    return text


def _draw_stratum(
    design: SampleDesign, stratum: str, units: Sequence[FrameUnit], take: int, key: str
) -> tuple[list[Drawn], list[Drawn], dict[str, object]]:
    """Draw stage 1 in one stratum; return drawn units, reserves, and what is on record."""
    stage = design.stages[0]
    two_stages = len(design.stages) > 1
    by_id = {unit.unit_id: unit for unit in units}
    hashed = chance.hash_order(key, by_id)
    order = _ordered(stage, by_id, hashed)
    by_size = stage.method == "pps_systematic"
    sizes = {name: (column_size(by_id[name], stage.size) or 1) if by_size else 1 for name in order}
    whole = take == len(units)
    listed = _certainties(stage, by_id, order, sizes, take)
    certain = [str(one["unit_id"]) for one in listed]
    sure = set(certain)
    rest = [name for name in order if name not in sure]
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
    gone = {*certain, *hits}
    left = [name for name in hashed if name not in gone]
    spare = [Drawn(by_id[name], stratum, name, chances[name]) for name in left[:reserve]]
    told["drawn"] = [one.unit.unit_id for one in found]
    told["reserves"] = [one.unit.unit_id for one in spare]
    return found, spare, told


def _certainties(
    stage: Stage,
    by_id: Mapping[str, FrameUnit],
    order: Sequence[str],
    sizes: Mapping[str, int],
    take: int,
) -> list[dict[str, object]]:
    """Return the units taken with certainty, those that the design names first, and why."""
    named = [name for name in order if stage.is_certain(by_id[name])]
    listed: list[dict[str, object]] = [{"unit_id": name, "reason": "design"} for name in named]
    whole = take == len(order)
    if stage.method != "pps_systematic" and not whole:
        return listed
    left = [name for name in order if not stage.is_certain(by_id[name])]
    places, intervals = certainties([sizes[name] for name in left], take - len(named))
    reason = "whole stratum" if whole else "as large as the interval"
    listed += [
        {
            "unit_id": left[place],
            "reason": reason,
            "size": sizes[left[place]],
            "interval": _fraction(interval),
        }
        for place, interval in zip(places, intervals, strict=True)
    ]
    return listed


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
    start = chance.start_number(key, stratum)
    laid = [sizes[name] for name in rest]
    interval = Fraction(sum(laid), n)
    first = Fraction(start, chance.WHOLE) * interval
    told["total_size"] = sum(laid)
    told["interval"] = _fraction(interval)
    told["start_hash"] = f"{start:064x}"
    told["start"] = float(first)
    told["points"] = [float(first + step * interval) for step in range(n)]
    told["cumulated"] = list(accumulate(laid))
    return [rest[place] for place in exact_systematic(laid, n, start)]


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
        start = chance.start_number(key, unit_id)
        first = 1 + (start * step >> 256)
        positions = list(range(first, held + 1, step))
        odds = one.chance / step
        told |= {"expected": held, "target": take, "k": step}
        told |= {"start_hash": f"{start:064x}", "start": first}
        take = len(positions)
    else:
        positions = chance.first_positions(
            key, unit_id, held, min(held, take + design.reserve_of(stage))
        )
        odds = one.chance * Fraction(take, held)
        told |= {"held": held, "take": take, "reserves": len(positions) - take}
    rows = [
        Row(
            unit_id=f"{unit_id}-{position:06d}",
            stratum=one.stratum,
            psu_id=one.psu_id,
            stage=2,
            order=order,
            chance=odds,
            role="drawn" if order <= take else "reserve",
        )
        for order, position in enumerate(positions, start=1)
    ]
    return rows, told


def _fraction(value: Fraction) -> str:
    return f"{value.numerator}/{value.denominator}"
