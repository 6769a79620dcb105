"""hailong retention: what is deleted when its time is over."""

from __future__ import annotations

from collections.abc import Mapping

import click

from survey_app.cli.opened import opened
from survey_app.cli.output import Said, json_option, language


@click.group(no_args_is_help=True)
def retention() -> None:
    """Delete what is past its time, or see what would be deleted.

    Example: hailong retention show
    """


@retention.command()
@json_option
def show() -> Said:
    """Show what a run would delete today, and what people must do; nothing is changed.

    Example: hailong retention show
    """
    from survey_app.services.privacy.retention_job import count_due
    from survey_app.services.reminders import find_reminders

    here = opened()
    found = count_due(here)
    return Said({"due": found}, _table(found), find_reminders(here))


@retention.command()
@json_option
def run() -> Said:
    """Delete what is past its time; the counts go into the log. Made for a timer, each day.

    Example: hailong retention run --json
    """
    from survey_app.services.privacy.retention_job import run_retention
    from survey_app.services.reminders import find_reminders

    here = opened()
    left = [one for one in find_reminders(here) if one.code != "retention-not-run"]
    done = run_retention(here, left)
    return Said({"deleted": done}, _table(done), left)


def _table(counts: Mapping[str, int]) -> str:
    from survey_app.services.privacy.inventory import read_inventory

    periods = read_inventory().periods
    return "\n".join(
        f"{count}\t{periods[rule].in_language(language())}" for rule, count in counts.items()
    )
