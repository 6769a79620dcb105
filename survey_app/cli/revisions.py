"""hailong sample close-unit, reform, remaining: units that close or change, and those left."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from survey_app.cli.commitments import require_new
from survey_app.cli.output import Said, json_option, language
from survey_app.cli.revision_files import write_record, write_table

if TYPE_CHECKING:
    import pandas as pd

    from sampling.drawing import Draw

_PATH = click.Path(path_type=Path)
_DAY = click.DateTime(formats=["%Y-%m-%d"])
_OUT = click.option("--out", required=True, type=_PATH, help="Folder to make.")
_FOLDER = click.argument("folder", type=_PATH)


@click.command()
@_FOLDER
@click.option("--closures", required=True, type=_PATH, help="unit_id, date, reason (CSV, XLSX).")
@click.option("--rule", required=True, help="What closed units count as.",
              type=click.Choice(["nonresponse", "reserve", "out_of_scope"]))  # fmt: skip
@click.option("--done", type=_PATH, help="Cases answered before: CSV with unit_id.")
@click.option("--by-size", is_flag=True, help="Units stand for each other by their sizes.")
@click.option("--merge", multiple=True, metavar="STRATUM=OTHER",
              help="OTHER stands for a stratum that closed whole; repeatable.")  # fmt: skip
@click.option("--on", type=_DAY, help="Day of the decision, for the record.")
@_OUT
@json_option
def close_unit(
    folder: Path,
    closures: Path,
    rule: str,
    done: Path | None,
    by_size: bool,
    merge: Sequence[str],
    on: datetime | None,
    out: Path,
) -> Said:
    """Mark units of stage 1 that closed in mid-fieldwork, and correct the weights by a rule.

    Example: hailong sample close-unit draw --closures flood.csv --rule reserve --out draw-closed
    """
    from sampling import verify_draw
    from sampling.drawing import draw_within
    from sampling.revision import close_units, read_closures
    from sampling.sample import sample_table

    require_new(out)
    draw = verify_draw(folder)
    made = close_units(
        draw.sample,
        read_closures(closures),
        rule=rule,
        reserves=draw.reserves if rule == "reserve" else None,
        within=lambda name: sample_table(
            draw_within(draw, name).rows if len(draw.design.stages) > 1 else ()
        ),
        sizes=_sizes(draw) if by_size else None,
        methods=_methods(draw),
        merge=dict(_pair(text) for text in merge),
        done=_ids(done) if done else (),
        file=closures.name,
    )
    out.mkdir(parents=True, exist_ok=True)
    _write(out / "sample.csv", made.table)
    said = made.statement.in_language(language())
    result = write_record(
        out,
        "closure",
        folder,
        closures,
        rule=rule,
        by_size=by_size,
        merge=list(merge),
        on=_day(on),
        statement=made.statement._asdict(),
    )
    counts = made.table["status"].value_counts().to_dict()
    return Said(result | {"rows": counts}, said, made.findings)


@click.command()
@_FOLDER
@click.option("--on", required=True, type=_DAY, help="Day of which the units are wanted.")
@click.option("--shares", type=click.Choice(["population", "area"]),
              help="Link by shares of people, unknown ones assumed so.")  # fmt: skip
@_OUT
@json_option
def reform(folder: Path, on: datetime, shares: str | None, out: Path) -> Said:
    """Carry a sample of former communes over to those of a day, after mergers and splits.

    Example: hailong sample reform draw --on 2025-07-01 --out draw-reformed
    """
    from sampling import load_registry, verify_draw
    from sampling.revision import links_of, reform_sample, with_shares

    require_new(out)
    sample = verify_draw(folder).sample
    registry = load_registry()
    links = links_of(registry, on.date())
    if shares:
        drawn = set(sample.loc[sample["stage"] == 1, "unit_id"])
        near = {link.new for link in links if link.old in drawn}
        olds = {link.old for link in links if link.new in near}
        column = {"population": "population", "area": "area_km2"}[shares]
        measures = {unit.code: getattr(unit, column) for unit in registry.units}
        links = with_shares([link for link in links if link.old in olds], measures)
    made = reform_sample(sample, links, shares=bool(shares))
    names = {unit.code: unit.name for unit in registry.on(on.date()).units}
    table = made.table.assign(unit_name=[names[code] for code in made.table["unit_id"]])
    out.mkdir(parents=True, exist_ok=True)
    _write(out / "sample.csv", made.cases)
    _write(out / "units.csv", table)
    said = made.statement.in_language(language())
    rule = f"shares by {shares}" if shares else "each link 1"
    result = write_record(
        out, "reform", folder, rule=rule, on=_day(on), statement=made.statement._asdict()
    )
    return Said(result | {"units": len(table)}, said, made.findings)


@click.command()
@_FOLDER
@click.option("--out", required=True, type=_PATH, help="CSV to write.")
@json_option
def remaining(folder: Path, out: Path) -> Said:
    """Write the frame without the units of stage 1 that a draw took, to draw more of them.

    Example: hailong sample remaining draw --out rest.csv
    """
    from sampling import verify_draw, write_frame
    from sampling.revision import remaining as left

    frame = left(verify_draw(folder))
    out.parent.mkdir(parents=True, exist_ok=True)
    out.touch(exist_ok=False)  # nothing is overwritten
    write_frame(frame, out)
    words = (
        "{units} units left, SHA-256 {sha256}"
        if language() == "en"
        else "còn {units} đơn vị, SHA-256 {sha256}"
    )
    result = {"units": len(frame.units), "sha256": frame.sha256, "file": str(out)}
    return Said(result, words.format(**result))


def _write(path: Path, table: pd.DataFrame) -> None:
    rows = [{str(name): cell for name, cell in row.items()} for row in table.to_dict("records")]
    write_table(path, list(table.columns), rows)


def _day(on: datetime | None) -> str | None:
    return on.date().isoformat() if on else None


def _pair(text: str) -> tuple[str, str]:
    stratum, equals, other = text.partition("=")
    if not (stratum and equals and other):
        raise click.BadParameter(f"{text!r} is not like island=coast", param_hint="--merge")
    return stratum, other


def _ids(path: Path) -> list[str]:
    from intake.tables import read_table

    return [row.cells["unit_id"] for row in read_table(path, required=["unit_id"]).rows]


def _sizes(draw: Draw) -> dict[str, int]:
    members = draw.design.members(draw.frame).values()
    return {one.unit.unit_id: one.unit.size for held in members for one in held}


def _methods(draw: Draw) -> dict[str, str]:
    strata = draw.record["strata"]
    told = strata if isinstance(strata, list) else []
    return {str(one["stratum"]): str(one["method"]) for one in told}
