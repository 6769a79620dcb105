"""hailong registry: units, agencies, counters and procedures."""

from __future__ import annotations

from pathlib import Path

import click

from survey_app.cli.opened import opened
from survey_app.cli.output import Said, json_option

_FILES = click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))


@click.group(no_args_is_help=True)
def registry() -> None:
    """Keep the lists of what exists.

    Example: hailong registry import units.csv counters.csv
    """


@registry.command("import")
@_FILES
@json_option
def import_(files: tuple[Path, ...]) -> Said:
    """Take in lists (CSV, XLSX), told apart by their columns; one fault and nothing is written.

    Example: hailong registry import units.csv agencies.csv counters.csv procedures.csv
    """
    from survey_app.services.registry import import_files

    counts, findings = import_files(opened().engine, files)
    return Said(counts, _listed(counts), findings)


@registry.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path))
@json_option
def check(files: tuple[Path, ...]) -> Said:
    """Report every fault of registry files, or count what the registry holds.

    Example: hailong registry check units.csv --json
    """
    from survey_app.services.registry import check_files, count_registry

    if not files:
        counts = count_registry(opened().engine)
        return Said(counts, _listed(counts))
    held, findings = check_files(files)
    counts = {kind: len(things) for kind, things in held.items()}
    return Said(counts, _listed(counts), findings)


@registry.command()
@click.option("--out", required=True, type=click.Path(path_type=Path), help="CSV file of units.")
@json_option
def export(out: Path) -> Said:
    """Write the units of this installation as CSV.

    Example: hailong registry export --out units.csv
    """
    from sampling.units import write_units
    from survey_app.services.registry import stored_registry

    found = stored_registry(opened().engine)
    write_units(found, out)
    return Said({"units": len(found.units), "file": str(out)}, f"{len(found.units)}: {out}")


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{kind} {count}" for kind, count in counts.items())
