"""Draws a published sample again with the standard library of Python alone.

Usage: ``python redraw.py FOLDER`` (or inside the folder: ``python redraw.py``), where the
folder holds ``frame.csv``, ``design.json``, ``draw.json``, ``sample.csv`` and
``reserves.csv``. It prints one line, ``The draw repeats.`` or the first difference, and ends
with 0 or 1. This file needs nothing of Hailong and shares no code with it: it was written
from the rules (the part ``encoding`` of ``draw.json``, decision 2 and
``docs/sampling/draw-rules.md``) so that an error in the one is not an error in the other. The
takes that an allocation shared out are read from ``draw.json``; the steps of each draw are not.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

WHOLE = 2**256
COLUMNS = (
    *("unit_id", "stratum", "psu_id", "stage", "order"),
    *("probability", "design_weight", "role"),
)
WALKS = ("systematic", "systematic_circular", "pps_systematic", "chromy")
EQUAL = ("srs", "systematic", "systematic_circular")
MOST_ELIGIBLE = 12
BIRTHDAYS = ("kish", "birthday")


def sha(text: str) -> str:
    """Return a SHA-256 in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


class UnequalError(Exception):
    """A part of the record that the design contradicts."""


class Unit(NamedTuple):
    """A unit of a stage: its id, its columns, the rows of the frame in it."""

    id: str
    cells: dict[str, str]
    rows: list[dict[str, str]]


class Pick(NamedTuple):
    """A drawn unit: its probability in its group, and whether it was certain."""

    unit: Unit
    chance: Fraction
    certain: bool


class Way(NamedTuple):
    """A drawn unit with the stratum, the PSU and the probability through all stages."""

    unit: Unit
    stratum: str
    psu: str
    chance: Fraction


class Task(NamedTuple):
    """What a method works on: units in order, probabilities, sizes, take, uniform numbers."""

    stage: dict[str, Any]
    units: list[Unit]
    ps: list[float]
    sizes: list[int]
    n: int
    numbers: Iterator[float]


class Redraw:
    """One draw, made anew from the files."""

    def __init__(self, folder: Path) -> None:
        self.record = json.loads((folder / "draw.json").read_text(encoding="utf-8"))
        design = (folder / "design.json").read_bytes()
        frame = (folder / "frame.csv").read_bytes()
        self.design = json.loads(design)
        self.rows = list(csv.DictReader(io.StringIO(frame.decode("utf-8"))))
        self.hashes = (hashlib.sha256(frame).hexdigest(), hashlib.sha256(design).hexdigest())
        secret, public = self.record["secret"], self.record["public"]
        self.seed = sha("draw-v1" + "".join(self.hashes) + secret + public)
        self.stages: list[dict[str, Any]] = self.design["stages"]
        self.areas = [s for number, s in enumerate(self.stages) if number == 0 or s.get("id")]
        self.drawn: list[list[object]] = []
        self.spare: list[list[object]] = []
        self.takes = self.shared_out()

    def shared_out(self) -> dict[str, int]:
        """Return the takes of stage 1 on record; those that the design itself says must agree."""
        takes = {told["stratum"]: told["take"] for told in self.record["strata"]}
        first, shared, left = self.stages[0], 0, first_total(self.stages[0])
        for name, units in grouped(first, self.units(first, self.rows)).items():
            stage = variant(first, name)
            if first["certainty"] == "all" or {u.id for u in units} <= {*first["certainty"]}:
                said: int | None = len(units)
            elif stage.get("rate"):
                continue
            elif isinstance(stage["take"], dict) or stage.get("allocation", "fixed") == "fixed":
                said = wanted(stage, name, len(units))
            else:
                said, shared = None, shared + takes[name]
            if said not in (None, takes[name]):
                raise UnequalError(
                    f"the record takes {takes[name]} in '{name}', the design {said}."
                )
        if shared and left and shared != left:
            raise UnequalError(f"the record takes {shared} in all, the design {left}.")
        return takes

    # ---- numbers

    def start(self, name: str) -> int:
        """Return the start in a name, below 2^256."""
        return int(sha(f"{self.seed}start{name}"), 16)

    def number(self, stage: dict[str, Any], unit_id: str) -> int:
        """Return the number of a unit, below 2^256."""
        earlier = stage.get("coordination")
        if not earlier:
            return int(sha(f"{self.seed}|{unit_id}"), 16)
        turned = int(Fraction(str(earlier["shift"])) * WHOLE)
        return (int(sha(f"{earlier['seed']}|{unit_id}"), 16) - turned) % WHOLE

    def uniforms(self, name: str) -> Iterator[float]:
        """Yield the uniform numbers of a name."""
        k = 0
        while True:
            k += 1
            digest = sha(f"{self.seed}uniform{name}|{k}")
            yield (int(digest, 16) >> 203) / 2**53

    # ---- stages

    def run(self) -> None:
        """Draw all stages."""
        first = self.stages[0]
        paths: list[Way] = []
        for name, units in grouped(first, self.units(first, self.rows)).items():
            last = len(self.stages) == 1
            stage = variant(first, name)
            picks, spare, whole = self.group(stage, name, units, self.takes[name], first["unit"])
            made = [outer(name, len(units), whole, pick, last) for pick in picks]
            self.keep(1, made, [outer(name, len(units), whole, one, last) for one in spare])
            paths += made
        for number, stage in enumerate(self.areas[1:], start=2):
            paths = self.below(number, stage, paths)
        rest = [s for s in self.stages[len(self.areas) :] if s["method"] not in BIRTHDAYS]
        for stage in rest:
            number = self.stages.index(stage) + 1
            for path in paths:
                self.places(number, stage, path)

    def below(self, number: int, stage: dict[str, Any], paths: list[Way]) -> list[Way]:
        """Draw a later stage of the frame."""
        found: list[Way] = []
        last = len(self.stages) == number
        for path in paths:
            groups = grouped(stage, self.units(stage, path.unit.rows))
            for name, units in groups.items():
                here = variant(stage, name)
                take = wanted(here, name, len(units))
                stream = f"{number}|{path.unit.id}|{name}"
                picks, spare, whole = self.group(here, stream, units, take, stage["unit"])
                inner = name if len(groups) > 1 else ""
                made = [deeper(path, inner, len(units), whole, pick, last) for pick in picks]
                self.keep(
                    number,
                    made,
                    [deeper(path, inner, len(units), whole, pick, last) for pick in spare],
                )
                found += made
        return found

    def units(self, stage: dict[str, Any], rows: list[dict[str, str]]) -> list[Unit]:
        """Return the units of a stage; rows that share its id are one."""
        column = stage.get("id") or "unit_id"
        if column == "unit_id":
            return [Unit(row["unit_id"], row, [row]) for row in rows]
        added = {"size"}
        for one in self.stages:
            for other in (one, *({**one, **o} for o in one.get("per_stratum", {}).values())):
                added |= {other["size"], *other.get("balance", [])}
        by_id: dict[str, list[dict[str, str]]] = {}
        for row in rows:
            by_id.setdefault(row[column], []).append(row)
        return [Unit(name, merged(name, own, added), own) for name, own in by_id.items()]

    def keep(self, number: int, made: list[Way], spare: list[Way]) -> None:
        """Keep the rows of drawn units and reserves."""
        for order, path in enumerate(made + spare, start=1):
            role = "drawn" if order <= len(made) else "reserve"
            kept = self.drawn if role == "drawn" else self.spare
            kept.append(line(path.unit.id, path, number, order, path.chance, role))

    def places(self, number: int, stage: dict[str, Any], path: Way) -> None:
        """Draw places on the list of one unit."""
        name = path.unit.cells.get(stage["strata"], "")
        here = variant(stage, name)
        held = int(path.unit.cells[here["size"]])
        start, rate = self.start(path.unit.id), fraction(here.get("rate"))
        take = wanted(here, name, held)
        if here["method"] == "every_kth":
            step = max(1, held // take)
            hit = list(range(1 + start * step // WHOLE, held + 1, step))
            odds, take = Fraction(1, step), len(hit)
        elif here["method"] == "systematic":
            points = at_rate(held, rate, start) if rate else systematic([1] * held, take, start)
            hit = [1 + place for place in points]
            odds, take = rate or Fraction(take, held), len(hit)
        else:
            if rate:
                take = rounded(rate * held, self.start(f"{path.unit.id}|take"))
            reserve = self.design["reserves"].get(stage["unit"], 0)
            every = range(1, held + 1)
            hit = sorted(every, key=lambda p: sha(f"{self.seed}|{path.unit.id}-{p:06d}"))
            hit = hit[: min(held, take + reserve)]
            odds = rate or Fraction(take, held)
        for order, place in enumerate(hit, start=1):
            role = "drawn" if order <= take else "reserve"
            kept = self.drawn if role == "drawn" else self.spare
            unit_id = f"{path.unit.id}-{place:06d}"
            kept.append(line(unit_id, path, number, order, path.chance * odds, role))

    def persons(self) -> str:
        """Return the sheet of whom to ask in each household, as text."""
        lines = ["unit_id," + ",".join(f"eligible_{a}" for a in range(1, MOST_ELIGIBLE + 1))]
        households = [row[0] for row in self.drawn + self.spare if row[3] == len(self.stages) - 1]
        for one in households:
            places = [
                1 + self.start(f"{one}|{a}") * a // WHOLE for a in range(1, MOST_ELIGIBLE + 1)
            ]
            lines.append(",".join(map(str, [one, *places])))
        return "\n".join(lines) + "\n"

    # ---- one group

    def group(
        self, stage: dict[str, Any], stream: str, units: list[Unit], take: int, what: str
    ) -> tuple[list[Pick], list[Pick], bool]:
        """Draw one group; return its picks, its reserves, and whether all were taken."""
        numbers = {unit.id: self.number(stage, unit.id) for unit in units}
        hashed = sorted(units, key=lambda unit: (numbers[unit.id], unit.id))
        order = walk(stage, hashed)
        by_size = stage["method"] not in EQUAL and stage["size"] != "equal"
        size = {u.id: int(u.cells[stage["size"]]) if by_size else 1 for u in units}
        listed = stage["certainty"]
        sure = [u for u in order if listed == "all" or u.id in listed]
        rate = fraction(stage.get("rate"))
        if rate:
            left = len(units) - len(sure)
            take = len(sure) + rounded(rate * left, self.start(f"{stream}|take"))
        elif by_size or take == len(units):
            sure += certain([u for u in order if u not in sure], size, take - len(sure))
        rest = [u for u in order if u not in sure]
        n = take - len(sure)
        chances = {
            u.id: rate or Fraction(n * size[u.id], sum(size[v.id] for v in rest)) for u in rest
        }
        hits: list[Unit] = []
        if rest and (n or rate):
            hits, chances = self.hits(stage, stream, rest, size, numbers, n, chances)
        else:
            chances = {}
        picks = [Pick(u, Fraction(1), True) for u in sure]
        picks += [Pick(u, chances[u.id], False) for u in hits]
        gone = {pick.unit.id for pick in picks}
        left_over = [u for u in hashed if u.id not in gone and u.id in chances]
        if stage["method"] == "pareto":
            left_over.sort(key=lambda u: pareto(numbers[u.id], chances[u.id]))
        elif stage["method"] == "poisson":
            left_over.sort(key=lambda u: numbers[u.id] / chances[u.id])
        reserve = self.design["reserves"].get(what, 0)
        spare = [Pick(u, chances[u.id], False) for u in left_over[:reserve]]
        return picks, spare, take == len(units) and not rate

    def hits(
        self,
        stage: dict[str, Any],
        stream: str,
        rest: list[Unit],
        size: dict[str, int],
        numbers: dict[str, int],
        n: int,
        chances: dict[str, Fraction],
    ) -> tuple[list[Unit], dict[str, Fraction]]:
        """Draw by the method of the stage."""
        method, start = stage["method"], self.start(stream)
        sizes = [size[u.id] for u in rest]
        ps = [chances[u.id] for u in rest]
        us = [numbers[u.id] for u in rest]
        if method == "srs":
            places: Sequence[int] = range(n)
        elif method == "systematic" and stage.get("rate"):
            places = at_rate(len(rest), fraction(stage["rate"]) or Fraction(1), start)
        elif method in ("systematic", "pps_systematic"):
            places = systematic(sizes, n, start)
        elif method == "systematic_circular":
            first = start * len(rest) // WHOLE
            places = sorted((first + j * (len(rest) // n)) % len(rest) for j in range(n))
        elif method == "poisson":
            places = [i for i, p in enumerate(ps) if us[i] < p * WHOLE]
        elif method == "pareto":
            ranks = [pareto(u, p) for u, p in zip(us, ps, strict=True)]
            places = sorted(sorted(range(len(rest)), key=lambda i: ranks[i])[:n])
        elif method == "rao_hartley_cochran":
            return self.random_groups(stream, rest, size, n)
        else:
            floats = [float(p) for p in ps]
            task = Task(stage, rest, floats, sizes, n, self.uniforms(stream))
            places = BY_UNIFORMS[method](task)
        return [rest[i] for i in places], chances

    def random_groups(
        self, stream: str, rest: list[Unit], size: dict[str, int], n: int
    ) -> tuple[list[Unit], dict[str, Fraction]]:
        """Draw one unit of each random group."""
        hits: list[Unit] = []
        chances: dict[str, Fraction] = {}
        first = 0
        for g in range(1, n + 1):
            length = len(rest) // n + (g <= len(rest) % n)
            group, first = rest[first : first + length], first + length
            total = sum(size[u.id] for u in group)
            point = self.start(f"{stream}|group {g}") * total
            reached = 0
            for u in group:
                reached += size[u.id]
                if point < reached * WHOLE:
                    hits.append(u)
                    break
            chances |= {u.id: Fraction(size[u.id], total) for u in group}
        return hits, chances


# ---- small rules


def first_total(stage: dict[str, Any]) -> int:
    """Return the take that an allocation shares out; 0 where there is none."""
    take = stage["take"]
    return take if isinstance(take, int) and stage["allocation"] != "fixed" else 0


def fraction(rate: object) -> Fraction | None:
    """Return the rate that its digits say."""
    return None if rate is None else Fraction(str(rate))


def variant(stage: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the stage as it is carried out in one stratum."""
    other = stage.get("per_stratum", {}).get(name)
    if other is None:
        return stage
    kept = {key: one for key, one in stage.items() if key != "per_stratum"}
    if other.get("take") is not None or other.get("rate") is not None:
        kept = {key: one for key, one in kept.items() if key not in ("take", "rate")}
    return {**kept, **other}


def wanted(stage: dict[str, Any], name: str, held: int) -> int:
    """Return the take of a group of a later stage."""
    take = stage.get("take")
    number = int(take[name] if isinstance(take, dict) else take or 0)
    return min(number, held) if stage.get("short") == "all" else number


def grouped(stage: dict[str, Any], units: list[Unit]) -> dict[str, list[Unit]]:
    """Return units by stratum, sorted."""
    groups: dict[str, list[Unit]] = {}
    for unit in units:
        groups.setdefault(unit.cells.get(stage["strata"], ""), []).append(unit)
    return {name: groups[name] for name in sorted(groups)}


def merged(name: str, rows: list[dict[str, str]], added: set[str]) -> dict[str, str]:
    """Return the columns of a unit of several rows."""
    cells: dict[str, str] = {"unit_id": name}
    for key in rows[0]:
        texts = [row[key] for row in rows]
        if key in added:
            cells[key] = added_up(texts)
        elif len(set(texts)) == 1:
            cells[key] = texts[0]
        elif key in ("lat", "lon"):
            cells[key] = repr(sum(float(text) for text in texts) / len(texts))
        else:
            cells[key] = ""
    return {**cells, "unit_id": name}


def added_up(texts: list[str]) -> str:
    """Return the sum of numbers written as text."""
    try:
        if all(text.isdecimal() for text in texts):
            return str(sum(int(text) for text in texts))
        return repr(sum(float(text) for text in texts))
    except ValueError:
        return ""


def walk(stage: dict[str, Any], hashed: list[Unit]) -> list[Unit]:
    """Return the units in the order in which the method walks along them."""
    if stage["method"] not in WALKS or not stage["sort"]:
        return hashed
    if stage.get("serpentine"):
        return snake(stage["sort"], hashed, 0)
    for column in reversed(stage["sort"]):
        hashed = sorted(hashed, key=value_of(column, hashed))
    return hashed


def snake(columns: list[str], units: list[Unit], turn: int) -> list[Unit]:
    """Return units by columns, every second group backwards."""
    if not columns:
        return units
    value = value_of(columns[0], units)
    found: list[Unit] = []
    for place, one in enumerate(sorted({value(u) for u in units}, reverse=bool(turn % 2))):
        found += snake(columns[1:], [u for u in units if value(u) == one], place)
    return found


def value_of(column: str, units: list[Unit]) -> Callable[[Unit], Any]:
    """Return what a column sorts by: numbers where all are numbers, else text."""
    try:
        numbers = {u.id: Fraction(u.cells.get(column, "")) for u in units}
        return lambda u: numbers[u.id]
    except (ValueError, ZeroDivisionError):
        return lambda u: u.cells.get(column, "")


def certain(units: list[Unit], size: dict[str, int], n: int) -> list[Unit]:
    """Return the units as large as the interval, worked out anew until there is none."""
    sure: list[Unit] = []
    while units and n > len(sure):
        interval = Fraction(sum(size[u.id] for u in units), n - len(sure))
        large = [u for u in units if size[u.id] >= interval]
        if not large:
            break
        sure += large
        units = [u for u in units if u not in large]
    return sure


def systematic(sizes: Sequence[int], n: int, start: int) -> list[int]:
    """Return the positions that equally distant points hit."""
    total, reached, position = sum(sizes), 0, -1
    hit: list[int] = []
    for j in range(n):
        while Fraction(reached) <= Fraction((start + j * WHOLE) * total, n * WHOLE):
            position += 1
            reached += sizes[position]
        hit.append(position)
    return hit


def at_rate(held: int, rate: Fraction, start: int) -> list[int]:
    """Return the positions at equal distances of one over the rate."""
    hit, j = [], 0
    while math.floor((Fraction(start, WHOLE) + j) / rate) < held:
        hit.append(math.floor((Fraction(start, WHOLE) + j) / rate))
        j += 1
    return hit


def pareto(u: int, p: Fraction) -> Fraction:
    """Return the rank of a unit in a Pareto sample."""
    return u * (1 - p) / (p * (WHOLE - u))


def rounded(exact: Fraction, start: int) -> int:
    """Return a number rounded up with a chance of its fraction."""
    whole = math.floor(exact)
    return whole + (Fraction(start, WHOLE) < exact - whole)


def outer(stratum: str, held: int, whole: bool, pick: Pick, last: bool) -> Way:
    """Return a unit of stage 1 with its stratum and PSU."""
    if not pick.certain:
        return Way(pick.unit, stratum, pick.unit.id, pick.chance)
    alone = held == 1 or (whole and last)
    own = stratum if alone else f"{stratum}/{pick.unit.id}"
    return Way(pick.unit, own, pick.unit.id if last else "", pick.chance)


def deeper(above: Way, name: str, held: int, whole: bool, pick: Pick, last: bool) -> Way:
    """Return a unit of a later stage with what it takes over."""
    chance = above.chance * pick.chance
    if above.psu:
        return Way(pick.unit, above.stratum, above.psu, chance)
    stratum = f"{above.stratum}/{name}" if name else above.stratum
    return outer(stratum, held, whole, pick, last)._replace(chance=chance)


def line(
    unit_id: str, path: Way, number: int, order: int, chance: Fraction, role: str
) -> list[object]:
    """Return one line of the sample file."""
    weight = float(1 / chance)
    return [unit_id, path.stratum, path.psu, number, order, float(chance), weight, role]


# ---- methods that take uniform numbers


def by_weight(weights: Sequence[float], u: float) -> int:
    """Return a position in proportion to weight."""
    total, reached = sum(weights), 0.0
    for place, weight in enumerate(weights):
        reached += weight
        if u * total < reached:
            return place
    return max(place for place, weight in enumerate(weights) if weight > 0)


def successes(ps: Sequence[float], n: int) -> list[float]:
    """Return the probabilities of 0 … n successes in independent trials."""
    found = [1.0] + [0.0] * n
    for p in ps:
        for m in range(n, 0, -1):
            found[m] = found[m] * (1 - p) + found[m - 1] * p
        found[0] *= 1 - p
    return found


def sampford(task: Task) -> list[int]:
    """Take a first unit, then the others as trials given their number, down the list (Sampford)."""
    ps, n = task.ps, task.n
    first, us = next(task.numbers), [next(task.numbers) for _ in ps]
    weights = []
    for k, p in enumerate(ps):
        others = [q for i, q in enumerate(ps) if i != k]
        weights.append((1 - p) * p * successes(others, n - 1)[n - 1])
    k = by_weight(weights, first)
    left, wanted, hit = [i for i in range(len(ps)) if i != k], n - 1, [k]
    while left and wanted:
        i, left = left[0], left[1:]
        rest = successes([ps[j] for j in left], wanted)
        yes, no = ps[i] * rest[wanted - 1], (1 - ps[i]) * rest[wanted]
        if us[i] * (yes + no) < yes:
            hit.append(i)
            wanted -= 1
    return sorted(hit)


def brewer(task: Task) -> list[int]:
    """Take one unit a step (Brewer), in proportion to p (R − p) / (R − p (n − r + 1))."""
    rest, n, hit = list(task.ps), task.n, []
    for step in range(n):
        left = sum(rest)
        weights = [p * (left - p) / (left - p * (n - step)) for p in rest]
        hit.append(by_weight(weights, next(task.numbers)))
        rest[hit[-1]] = 0.0
    return sorted(hit)


def chromy(task: Task) -> list[int]:
    """Go round the circle from an entry by size, one more or not at every unit (Chromy)."""
    sizes, n, held = task.sizes, task.n, len(task.sizes)
    total = sum(sizes)
    entry = by_weight([float(size) for size in sizes], next(task.numbers))
    us = [next(task.numbers) for _ in sizes]
    hit, reached, before, more, count = [], 0, Fraction(0), 0, 0
    for turn in range(held):
        place = (entry + turn) % held
        reached += sizes[place]
        whole, part = divmod(Fraction(reached * n, total), 1)
        u = Fraction(us[turn])
        if part < before:
            more = more and int(u * before < part)
        elif not more:
            more = int(u * (1 - before) < part - before)
        hit += [place] * (int(whole) + more - count)
        count, before = int(whole) + more, part
    return sorted(hit)


def settled(value: float) -> float:
    """Return 0 or 1 for what is within 1e-12 of it."""
    return 0.0 if value < 1e-12 else 1.0 if value > 1 - 1e-12 else value


def numbers_in(task: Task, columns: Sequence[str]) -> list[list[float]]:
    """Return the numbers of some columns, a row for each unit."""
    return [[float(unit.cells[column]) for column in columns] for unit in task.units]


def points_of(task: Task) -> list[list[float]]:
    """Return coordinates; latitude and longitude as kilometres east and north."""
    points = numbers_in(task, task.stage["spread"])
    if task.stage["spread"] != ["lat", "lon"]:
        return points
    middle = math.fsum(lat for lat, _ in points) / len(points)
    east = 111.195 * math.cos(math.radians(middle))
    return [[lon * east, lat * 111.195] for lat, lon in points]


def apart(a: Sequence[float], b: Sequence[float]) -> float:
    """Return a squared distance."""
    return sum((x - y) ** 2 for x, y in zip(a, b, strict=True))


def local_pivotal(task: Task) -> list[int]:
    """Let mutual neighbours fight for their probability until all are decided."""
    psi, points = list(task.ps), points_of(task)
    left = [i for i, p in enumerate(psi) if 0 < p < 1]

    def nearest(i: int) -> tuple[float, int]:
        return min((apart(points[i], points[j]), j) for j in left if j != i)

    while len(left) > 1:
        i = left[min(int(next(task.numbers) * len(left)), len(left) - 1)]
        distance, j = nearest(i)
        if nearest(j)[0] < distance:
            continue
        w, a, b = next(task.numbers), psi[i], psi[j]
        if a + b < 1:
            kept = settled(a + b)
            psi[i], psi[j] = (0.0, kept) if w < b / (a + b) else (kept, 0.0)
        else:
            kept = settled(a + b - 1)
            psi[i], psi[j] = (1.0, kept) if w < (1 - b) / (2 - a - b) else (kept, 1.0)
        for one in (i, j):
            if psi[one] in (0.0, 1.0):
                place, last = left.index(one), left.pop()
                if last != one:
                    left[place] = last
    for i in left:
        psi[i] = float(next(task.numbers) < psi[i])
    return [i for i, p in enumerate(psi) if p == 1]


def scps(task: Task) -> list[int]:
    """Decide unit by unit; what a decision changes, the nearest give back (SCPS)."""
    psi, points = list(task.ps), points_of(task)
    held = range(len(psi))
    decided = {i for i in held if psi[i] in (0.0, 1.0)}
    for i in held:
        if i in decided:
            continue
        a, given = psi[i], 0.0
        drawn = next(task.numbers) < a
        decided.add(i)
        others = [j for j in held if j not in decided]
        for j in sorted(others, key=lambda j: (apart(points[i], points[j]), j)):
            b = psi[j]
            weight = min(b / (1 - a), (1 - b) / a)
            full = given + weight >= 1
            weight = 1 - given if full else weight
            psi[j] = settled(b - (1 - a) * weight if drawn else b + a * weight)
            if psi[j] in (0.0, 1.0):
                decided.add(j)
            if full:
                break
            given += weight
        psi[i] = float(drawn)
    return [i for i, p in enumerate(psi) if p == 1]


def cube(task: Task) -> list[int]:
    """Fly while the totals can be kept, then land by giving them up in turn."""
    psi = list(task.ps)
    table = [
        [1.0, *(x / p for x in row)]
        for p, row in zip(psi, numbers_in(task, task.stage["balance"]), strict=True)
    ]
    largest = [max(abs(row[j]) for row in table) or 1.0 for j in range(len(table[0]))]
    table = [[x / most for x, most in zip(row, largest, strict=True)] for row in table]
    for p in range(len(largest), -1, -1):
        cut = [row[:p] for row in table]
        left = undecided(psi, range(len(psi)))
        while p == len(largest) and len(left) > max(1000, 10 * (p + 1)):
            size = 10 * (p + 1)
            fly(psi, cut, [left[at : at + size] for at in range(0, len(left), size)], task)
            left = undecided(psi, left)
        fly(psi, cut, [left], task)
    return [i for i, one in enumerate(psi) if one == 1]


def undecided(psi: Sequence[float], units: Iterable[int]) -> list[int]:
    """Return the units that are neither in the sample nor out of it."""
    return [i for i in units if 0 < psi[i] < 1]


def fly(psi: list[float], table: list[list[float]], groups: list[list[int]], task: Task) -> None:
    """Let each group fly alone; the uniform numbers of all are taken before the first step."""
    taken = [[next(task.numbers) for _ in group] for group in groups]
    for group, us in zip(groups, taken, strict=True):
        for u in us:
            window = undecided(psi, group)[: len(table[0]) + 1] if group else []
            direction = kernel([list(table[i]) for i in window])
            if direction is None:
                break
            move(psi, window, direction, u)


def kernel(rows: list[list[float]]) -> list[float] | None:
    """Return a direction in which no total changes, by elimination with complete pivoting."""
    pivots: dict[int, int] = {}
    variables = range(len(rows[0]) if rows else 0)
    for _ in range(min(len(rows), len(variables))):
        places = [(i, j) for i in range(len(rows)) for j in variables if j not in pivots.values()]
        k, v = max(places, key=lambda at: (abs(rows[at[0]][at[1]]), -at[0], -at[1]))
        m = rows[k][v]
        if abs(m) <= 1e-12:
            break
        e = [row[v] / m for row in rows]
        f = list(rows[k])
        for i, row in enumerate(rows):
            for w in variables:
                row[w] = e[i] if w == v else row[w] - e[i] * f[w]
        pivots[k] = v
    free = [i for i in range(len(rows)) if i not in pivots]
    if not free:
        return None
    direction = [0.0] * len(rows)
    for k, v in pivots.items():
        direction[k] = -rows[free[0]][v]
    direction[free[0]] = 1.0
    return direction


def move(psi: list[float], window: list[int], direction: list[float], u: float) -> None:
    """Take one step up or down, as far as 0 and 1 allow."""
    moving = [(i, d) for i, d in zip(window, direction, strict=True) if d != 0]
    ups = [((1 - psi[i]) / d if d > 0 else psi[i] / -d, i, d) for i, d in moving]
    downs = [(psi[i] / d if d > 0 else (1 - psi[i]) / -d, i, d) for i, d in moving]
    up, down = min(ups, key=lambda one: one[0]), min(downs, key=lambda one: one[0])
    goes_up = u < down[0] / (up[0] + down[0])
    far, bound, d = up if goes_up else down
    for i, e in moving:
        psi[i] = settled(psi[i] + (far if goes_up else -far) * e)
    psi[bound] = float(goes_up == (d > 0))


BY_UNIFORMS: dict[str, Callable[[Task], list[int]]] = {
    "sampford": sampford,
    "brewer": brewer,
    "chromy": chromy,
    "cube": cube,
    "local_pivotal": local_pivotal,
    "scps": scps,
}


# ---- the files


def text_of(rows: list[list[object]]) -> str:
    """Return the text of a sample file."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(rows)
    return out.getvalue()


def difference(folder: Path) -> str:
    """Return the first difference between the files and the draw made anew, or nothing."""
    made = Redraw(folder)
    for name, mine in (
        *zip(("H_frame", "H_design"), made.hashes, strict=True),
        ("commitment", sha(made.record["secret"])),
        ("seed", made.seed),
    ):
        if made.record[name] != mine:
            return f"draw.json, {name}: the record has {made.record[name]}, the files give {mine}."
    made.run()
    texts = {"sample.csv": text_of(made.drawn), "reserves.csv": text_of(made.spare)}
    if made.stages[-1]["method"] == "kish":
        texts["persons.csv"] = made.persons()
    for name, text in texts.items():
        theirs = (folder / name).read_bytes().decode("utf-8").split("\n")
        mine_lines = text.split("\n")
        for number, pair in enumerate(zip(theirs, mine_lines, strict=False), start=1):
            if pair[0] != pair[1]:
                return f"{name}, line {number}: '{pair[0]}', drawn again '{pair[1]}'."
        if len(theirs) != len(mine_lines):
            return f"{name}: {len(theirs)} lines, drawn again {len(mine_lines)}."
    return ""


def main(arguments: Sequence[str]) -> int:
    """Compare one folder; return 0 when the draw repeats."""
    folder = Path(arguments[0]) if arguments else Path(__file__).parent
    try:
        found = difference(folder)
    except UnequalError as error:
        found = f"draw.json: {error}"
    except (OSError, ValueError, TypeError, LookupError, AttributeError) as error:
        found = f"The files of the draw are incomplete or broken: {error!r}."
    sys.stdout.write((found or "The draw repeats.") + "\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
