"""hailong privacy: what is kept about whom, and the impact-assessment file."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from survey_app.cli.opened import opened
from survey_app.cli.output import Said, json_option, language

if TYPE_CHECKING:
    from survey_app.services.privacy.impact_dates import ImpactDates

_ON = click.option(
    "--on",
    "noted",
    type=click.DateTime(formats=["%Y-%m-%d"]),
    help="Day it was done; today if not given.",
)


@click.group(no_args_is_help=True)
def privacy() -> None:
    """Write the inventory of data and the impact-assessment file; note when it was filed.

    Example: hailong privacy impact --out ho-so.docx
    """


@privacy.command()
@click.option(
    "--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="CSV file."
)
@json_option
def inventory(out: Path) -> Said:
    """Write every column of every table, and every place outside: why, whose, how long, seen by.

    Example: hailong privacy inventory --out inventory.csv
    """
    from survey_app.services.privacy.inventory import write_inventory

    lines = write_inventory(out, language())
    return Said({"file": str(out), "lines": lines}, f"{out}: {lines}")


@privacy.command()
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="File; .docx or .md.",
)
@json_option
def impact(out: Path) -> Said:
    """Write the impact-assessment file; what only the office knows is left to be filled in.

    Example: hailong privacy impact --out ho-so-danh-gia-tac-dong.docx
    """
    from survey_app.services.privacy.impact import write_impact

    write_impact(opened(), out, language())
    return Said({"file": str(out)}, str(out))


@privacy.command()
@_ON
@json_option
def filed(noted: datetime | None) -> Said:
    """Note that the impact-assessment file was filed with the authority.

    Example: hailong privacy filed --on 2026-04-20
    """
    from survey_app.services.privacy.impact_dates import note_filed

    here = opened()
    day = noted.date() if noted else here.today()
    return _dates(note_filed(here.engine, day, on=here.today()))


@privacy.command()
@_ON
@json_option
def reviewed(noted: datetime | None) -> Said:
    """Note that the impact-assessment file was reviewed, as every six months it must be.

    Example: hailong privacy reviewed --on 2026-10-20
    """
    from survey_app.services.privacy.impact_dates import note_reviewed

    here = opened()
    day = noted.date() if noted else here.today()
    return _dates(note_reviewed(here.engine, day, on=here.today()))


def _dates(found: ImpactDates) -> Said:
    words = "next review by" if language() == "en" else "rà soát tiếp theo trước"
    return Said(found, f"{words} {found.review_by:%d/%m/%Y}")
