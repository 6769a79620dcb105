"""What a draw brought, as tables: strata, drawn units, reserves, and what lies within them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from sampling.design import SampleDesign
from sampling.frame import Frame
from sampling.minutes.figures import decimal, probability, whole
from sampling.minutes.papers import Block, Column, Fact, Facts, Lines, Table, shown
from sampling.minutes.terms import METHODS, REASONS, SHORT_METHODS, term
from sampling.sample import Row

_LONGEST_CELL = 12


def results(
    record: Mapping[str, object],
    design: SampleDesign,
    frame: Frame,
    rows: Sequence[Row],
    said: Mapping[str, str],
    lang: str,
    longest: int | None,
) -> tuple[Block, ...]:
    """Return the blocks that tell who was drawn; ``longest`` as in `minutes_paper`."""
    names = _names(design, frame)
    listed = [row for row in rows if row.stage <= len(design.areas)]
    drawn = [row for row in listed if row.role == "drawn"]
    spare = [row for row in listed if row.role == "reserve"]
    within = listed_of(record.get("units"))
    blocks: list[Block] = [
        Facts(_counts(record, said, lang)),
        _strata(listed_of(record.get("strata")), said, lang),
        _units(drawn, names, said, lang, "drawn"),
    ]
    if spare:
        blocks.append(_units(spare, names, said, lang, "reserves"))
    blocks += _within(within, names, said, lang)
    return tuple(_short_enough(block, said, lang, longest) for block in blocks)


def _names(design: SampleDesign, frame: Frame) -> dict[str, str]:
    """Return the names of the units that can be drawn, those made of several rows included."""
    units = (*frame.units, *(unit for group in design.strata_of(frame).values() for unit in group))
    return {
        unit.unit_id: "" if unit.unit_name == unit.unit_id else shown(unit.unit_name)
        for unit in units
    }


def listed_of(value: object) -> list[Mapping[str, object]]:
    """Return the mappings in a list of plain values."""
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []


def _counts(record: Mapping[str, object], said: Mapping[str, str], lang: str) -> tuple[Fact, ...]:
    counts = [
        Fact(said[f"count_{key}"], whole(value, lang))
        for key in ("drawn", "reserves")
        if isinstance(value := record.get(key), int)
    ]
    hashes = [
        Fact(said[key], shown(record[key]), exact=True)
        for key in ("sample_sha256", "reserves_sha256")
        if record.get(key)
    ]
    return (*counts, *hashes)


def _strata(strata: Sequence[Mapping[str, object]], said: Mapping[str, str], lang: str) -> Table:
    columns = (
        Column(said["stratum"], 24),
        Column(said["method"], 24),
        Column(said["units"], 12, right=True),
        Column(said["take"], 12, right=True),
        Column(said["interval"], 18, right=True),
        Column(said["certain"], 26),
    )
    rows = tuple(
        (
            shown(told.get("stratum", "")),
            shown(term(SHORT_METHODS, told.get("method", ""), lang)),
            _number(told.get("units"), lang),
            _number(told.get("take"), lang),
            _interval(told.get("interval"), lang),
            _certainties(listed_of(told.get("certainties")), said, lang),
        )
        for told in strata
    )
    return Table(said["strata"], columns, rows)


def _units(
    rows: Sequence[Row], names: Mapping[str, str], said: Mapping[str, str], lang: str, key: str
) -> Table:
    """Return the drawn units, counted through, or the reserves, each with its rank."""
    stages = len({row.stage for row in rows}) > 1
    columns = [
        Column(said["number"] if key == "drawn" else said["rank"], 10, right=True),
        Column(said["id"], 18),
        Column(said["name"], 44),
        Column(said["stratum"], 28),
        Column(said["probability"], 18, right=True),
    ]
    if stages:
        columns.insert(1, Column(said["stage"], 10, right=True))
    table = []
    for number, row in enumerate(rows, start=1):
        cells = [
            str(number if key == "drawn" else row.order),
            row.unit_id,
            names.get(row.unit_id, ""),
            shown(row.stratum),
            probability(row.chance, lang),
        ]
        table.append((*cells[:1], *([str(row.stage)] if stages else []), *cells[1:]))
    return Table(said[key], tuple(columns), tuple(table))


def _within(
    within: Sequence[Mapping[str, object]],
    names: Mapping[str, str],
    said: Mapping[str, str],
    lang: str,
) -> list[Block]:
    """Return what was drawn inside the units: visits as sentences, all else as tables."""
    visits = [told for told in within if told.get("method") == "every_kth"]
    tables: dict[tuple[str, str], list[Mapping[str, object]]] = {}
    for told in within:
        groups = listed_of(told.get("strata")) or [told]
        for group in groups:
            method = str(group.get("method", ""))
            if method != "every_kth":
                place = str(told.get("stage", 2)), method
                tables.setdefault(place, []).append({**group, "unit_id": told.get("unit_id", "")})
    blocks: list[Block] = [
        _inside(told, names, said, lang, *place) for place, told in tables.items()
    ]
    if visits:
        blocks.append(Lines((said["visits"],), listed=False))
        blocks.append(Lines(tuple(_visits(told, names, said, lang) for told in visits)))
    return blocks


def _inside(
    within: Sequence[Mapping[str, object]],
    names: Mapping[str, str],
    said: Mapping[str, str],
    lang: str,
    stage: str,
    method: str,
) -> Table:
    """Return what was drawn by one method in each unit of the stage before."""
    columns = (
        Column(said["id"], 18),
        Column(said["name"], 44),
        Column(said["stratum"], 28),
        Column(said["held"], 16, right=True),
        Column(said["take"], 12, right=True),
        Column(said["spare"], 14, right=True),
    )
    rows = tuple(
        (
            shown(told["unit_id"]),
            names.get(str(told["unit_id"]), ""),
            shown(told.get("stratum", "")),
            _number(told.get("held", told.get("units")), lang),
            _number(told.get("take"), lang),
            _number(_count(told.get("reserves")), lang),
        )
        for told in within
    )
    words = shown(term(METHODS, method, lang))
    return Table(said["within"].format(stage=stage, method=words), columns, rows)


def _count(value: object) -> object:
    return len(value) if isinstance(value, list) else value


def _visits(
    told: Mapping[str, object], names: Mapping[str, str], said: Mapping[str, str], lang: str
) -> str:
    unit_id = shown(told.get("unit_id", ""))
    name = names.get(unit_id, "")
    return said["visits_of"].format(
        name=f"{name} ({unit_id})" if name else unit_id,
        **{key: _number(told.get(key), lang) for key in ("k", "start", "expected")},
    )


def _certainties(
    certain: Sequence[Mapping[str, object]], said: Mapping[str, str], lang: str
) -> str:
    """Return the units taken with certainty, by their reason."""
    if not certain:
        return "–"
    by_reason: dict[str, list[str]] = {}
    for one in certain:
        by_reason.setdefault(str(one.get("reason", "")), []).append(shown(one.get("unit_id", "")))
    told = []
    for reason, ids in by_reason.items():
        more = len(ids) - _LONGEST_CELL
        text = ", ".join(ids[:_LONGEST_CELL])
        text += f" {said['more'].format(count=whole(more, lang))}" if more > 0 else ""
        words = shown(term(REASONS, reason, lang))
        told.append(f"{text} ({words})" if words else text)
    return "; ".join(told)


def _interval(value: object, lang: str) -> str:
    try:
        interval = Fraction(str(value))
    except (ValueError, ZeroDivisionError):
        return "–"
    if interval.denominator == 1:
        return whole(interval.numerator, lang)
    return decimal(float(interval), 2, lang)


def _number(value: object, lang: str) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "–" if value is None else shown(value)
    return whole(value, lang) if isinstance(value, int) else decimal(value, 2, lang)


def _short_enough(block: Block, said: Mapping[str, str], lang: str, longest: int | None) -> Block:
    """Return the block, or where its table is too long for paper, what tells of it."""
    if longest is None or not isinstance(block, Table) or len(block.rows) <= longest:
        return block
    count = whole(len(block.rows), lang)
    return Lines((said["too_long"].format(title=block.title, count=count),), listed=False)
