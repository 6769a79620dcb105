"""hailong frame: what can be drawn."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from survey_app.cli.opened import opened
from survey_app.cli.output import Said, json_option


@click.group(no_args_is_help=True)
def frame() -> None:
    """Build and check sampling frames.

    Example: hailong frame check frame.csv
    """


@frame.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--against", type=click.Path(path_type=Path), help="An earlier frame to compare.")
@json_option
def check(file: Path, against: Path | None) -> Said:
    """Report every fault of a frame (CSV, XLSX).

    Example: hailong frame check frame.csv --json
    """
    from sampling.frame import check_frame, compare_frames, read_frame

    found, findings = check_frame(file)
    if found is None:
        return Said({}, "", findings)
    if against:
        findings = [*findings, *compare_frames(found, read_frame(against))]
    summary = found.summary
    text = (
        f"{summary['units']} units in {len(found.strata)} strata, size {summary['total_size']}, "
        f"SHA-256 {summary['sha256']}"
    )
    return Said(summary, text, findings)


@frame.command()
@click.option(
    "--on", required=True, type=click.DateTime(formats=["%Y-%m-%d"]), help="Reference day."
)
@click.option("--out", required=True, type=click.Path(path_type=Path), help="CSV to write.")
@click.option(
    "--of",
    "kind",
    type=click.Choice(["communes", "counters"]),
    default="communes",
    show_default=True,
    help="Residents' communes, or counters with their expected visits.",
)
@click.option(
    "--with", "extra", type=click.Path(path_type=Path), help="CSV with unit_id and more columns."
)
@json_option
def build(on: datetime, out: Path, kind: str, extra: Path | None) -> Said:
    """Write the frame of the province's communes, or of its counters, as they stand on a day.

    Example: hailong frame build --on 2026-03-01 --out frame.csv
    """
    from intake.tables import read_table
    from sampling.frame import build as build_frame
    from sampling.frame import build_visits, write_frame
    from survey_app.services.registry import stored_counters, stored_registry

    installation = opened()
    registry = stored_registry(installation.engine)
    if kind == "counters":
        made = build_visits(stored_counters(installation.engine), registry)
    else:
        table = read_table(extra, required=["unit_id"]) if extra else None
        province = installation.settings.province
        made = build_frame(registry, on.date(), province=province, extra=table)
    out.parent.mkdir(parents=True, exist_ok=True)
    write_frame(made, out)
    summary = made.summary
    return Said(
        summary,
        f"{summary['units']} units, SHA-256 {summary['sha256']}",
        made.findings,
    )
