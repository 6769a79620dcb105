"""hailong frame: what can be drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from intake.findings import Finding, HailongError, errors_of
from survey_app.cli.opened import opened
from survey_app.cli.output import Said, json_option, language

if TYPE_CHECKING:
    from sampling.frame import Frame

Answer = TypeVar("Answer")


@click.group(no_args_is_help=True)
def frame() -> None:
    """Build and check sampling frames.

    Example: hailong frame check frame.csv
    """


_PATH = click.Path(path_type=Path)
_DAY = click.DateTime(formats=["%Y-%m-%d"])


@frame.command()
@click.argument("file", type=_PATH)
@click.option("--against", type=_PATH, help="An earlier frame to compare.")
@click.option("--on", type=_DAY, help="Day on which the units must stand in the registry.")
@click.option("--totals", type=_PATH, help="Known totals to compare: CSV with group, total.")
@click.option("--by", default="stratum", show_default=True, help="Column of the groups.")
@click.option("--strata", help="Strata that there must be, with commas between them.")
@click.option("--design", type=_PATH, help="Design that is to be drawn from the frame.")
@json_option
def check(
    file: Path,
    against: Path | None,
    on: datetime | None,
    totals: Path | None,
    by: str,
    strata: str | None,
    design: Path | None,
) -> Said:
    """Report every fault of a frame (CSV, XLSX), alone and against what else is known.

    Example: hailong frame check frame.csv --on 2026-03-01 --totals census.csv --by province
    """
    from sampling.frame import (
        check_frame,
        check_registry,
        check_strata,
        compare_frames,
        coverage,
        read_frame,
        read_totals,
    )
    from sampling.inputs import check_beside
    from sampling.units import load_registry
    from survey_app.cli.frame_designs import check_design_on

    found, findings = check_frame(file)
    asked = _Asked(findings)
    known = asked.of(lambda: read_totals(totals)) if totals else None
    if found is None:
        return Said({}, "", [*findings, *(check_beside(design, file) if design else ())])
    made = found
    result: dict[str, object] = dict(made.summary)
    if against:
        asked.more(lambda: compare_frames(made, read_frame(against)))
    if on:
        asked.more(lambda: check_registry(made, load_registry(), on.date()))
    if strata is not None:
        names = [name.strip() for name in strata.split(",")]
        asked.more(lambda: check_strata(made, names))
    if known is not None:
        covered = asked.of(lambda: coverage(made, known, by))
        if covered:
            findings += covered.findings
            result["coverage"] = [asdict(row) for row in covered.rows]
    if design:
        result["certainties"] = check_design_on(made, design, findings)
    # A refusal has nothing to say to whoever reads the answer on stdout.
    return Said(result, "" if errors_of(findings) else _said(made), findings)


class _Asked:
    """Takes what further checks find, their refusals like any other finding."""

    def __init__(self, findings: list[Finding]) -> None:
        self._findings = findings

    def of(self, question: Callable[[], Answer]) -> Answer | None:
        """Return the answer, or nothing where it is refused."""
        try:
            return question()
        except HailongError as refusal:
            self._findings += refusal.findings
            return None

    def more(self, question: Callable[[], list[Finding]]) -> None:
        """Take the findings that a check returns."""
        self._findings += self.of(question) or []


def _said(made: Frame) -> str:
    summary = made.summary
    if language() == "en":
        words = "{units} units in {strata} strata, size {total_size}, SHA-256 {sha256}"
    else:
        words = "{units} đơn vị trong {strata} tầng, quy mô {total_size}, SHA-256 {sha256}"
    return words.format(**summary)


@frame.command()
@click.option("--on", required=True, type=_DAY, help="Reference day.")
@click.option("--out", required=True, type=_PATH, help="CSV to write.")
@click.option(
    "--of",
    "kind",
    type=click.Choice(["communes", "counters", "dossiers"]),
    default="communes",
    show_default=True,
    help="Residents' communes, counters with their expected visits, or finished dossiers.",
)
@click.option("--with", "extra", type=_PATH, help="CSV with unit_id and more columns.")
@click.option("--from", "counts", type=_PATH,
              help="Dossiers: CSV with unit_code, field, finished.")  # fmt: skip
@click.option("--strata", type=click.Choice(["unit", "field"]), default="unit",
              show_default=True, help="Dossiers: what the strata are.")  # fmt: skip
@json_option
def build(
    on: datetime, out: Path, kind: str, extra: Path | None, counts: Path | None, strata: str
) -> Said:
    """Write the frame of the province's communes, of its counters, or of finished dossiers.

    Example: hailong frame build --on 2026-03-01 --out frame.csv
    """
    from intake.tables import read_table
    from sampling.frame import build as build_frame
    from sampling.frame import build_dossiers, build_visits, read_dossiers, write_frame
    from survey_app.services.registry import stored_counters, stored_registry

    if (kind == "dossiers") != (counts is not None):
        raise click.UsageError("--of dossiers and --from FILE go together.")
    installation = opened()
    registry = stored_registry(installation.engine)
    if kind == "counters":
        made = build_visits(stored_counters(installation.engine), registry)
    elif counts is not None:
        made = build_dossiers(read_dossiers(counts), registry, on.date(), stratum=strata)
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
