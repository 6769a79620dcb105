"""hailong index: criteria, points, standings and duties of an index year."""

from __future__ import annotations

from pathlib import Path

import click

from survey_app.cli.opened import opened
from survey_app.cli.output import Said, json_option, language


@click.group(no_args_is_help=True)
def index() -> None:
    """Turn scores and survey results into points, bands, ranks and duties.

    Example: hailong index compute 2026
    """


@index.command()
@click.argument("tree", type=click.Path(path_type=Path))
@json_option
def check(tree: Path) -> Said:
    """Report every fault of a criteria tree.

    Example: hailong index check 2026-communes.yaml
    """
    from analysis.par_index.rule_files import read_index_year

    found = read_index_year(tree)
    unverified = len(found.unverified())
    result = {
        "id": found.id,
        "block": found.block,
        "criteria": len(found.leaves()),
        "maximum": found.maximum,
        "unverified": unverified,
    }
    text = (
        f"{found.id}: {len(found.leaves())} criteria, {found.maximum:g} points, "
        f"{unverified} unverified"
    )
    return Said(result, text)


@index.command("import")
@click.argument("year", type=int)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@json_option
def import_(year: int, files: tuple[Path, ...]) -> Said:
    """Take in assessments (agency_code, criterion, self_scored, appraised) and head ratings.

    Example: hailong index import 2026 assessments.csv heads.csv
    """
    from survey_app.services.scoring import import_scores

    counts = import_scores(opened().engine, year, files)
    return Said(counts, ", ".join(f"{name} {count}" for name, count in counts.items()))


@index.command()
@click.argument("year", type=int)
@json_option
def compute(year: int) -> Said:
    """Compute points, bands and ranks of every block of a year.

    Example: hailong index compute 2026
    """
    from survey_app.services.scoring import compute_year

    blocks = compute_year(opened(), year)
    lines, result = [], {}
    for name, block in blocks.items():
        result[name] = block.standing.astype(object).to_dict("records")
        ranked = block.standing.dropna(subset=["rank"])
        lines.append(
            f"{name}: {len(block.standing)} agencies, {len(ranked)} ranked, "
            f"{len(block.duties)} duties"
        )
        lines += [
            f"  {row.rank:>3} [{row.rank_low}–{row.rank_high}] {row.agency_code:<24} "
            f"{row.total:6.2f} [{row.low:.2f}; {row.high:.2f}] {row.band}"
            for row in ranked.head(3).itertuples()
        ]
    return Said(result, "\n".join(lines))


@index.command()
@click.argument("year", type=int)
@json_option
def duties(year: int) -> Said:
    """List the agencies that owe a review report, with the reason and the day it is due.

    Example: hailong index duties 2026 --json
    """
    from survey_app.services.registry import agency_names
    from survey_app.services.scoring import compute_year

    installation = opened()
    names = agency_names(installation.engine)
    rows = [
        {"block": name, **row}
        for name, block in compute_year(installation, year).items()
        for row in block.duties.astype(object).to_dict("records")
    ]
    due = "due" if language() == "en" else "trước"
    lines = [
        f"{names.get(row['agency_code'], (row['agency_code'],))[0]}: {row['reason']} "
        f"{row['domain']} {_percent(row['percent'])} – {due} {row['due_on']:%d/%m/%Y}"
        for row in rows
    ]
    return Said({"duties": rows}, "\n".join(lines))


def _percent(value: object) -> str:
    return f"{value:.1f} %" if isinstance(value, float) and value == value else ""
