"""The program ``hailong``: every step of a round as one command.

A command is a few lines around one service function. What it needs is imported inside it,
so that help comes at once.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from survey_app.cli import (
    accounts,
    audit,
    codes,
    database,
    feedback,
    frames,
    index,
    installation,
    interviewers,
    kiosks,
    notices,
    overlaps,
    paper,
    privacy,
    questionnaires,
    registry,
    releases,
    replacements,
    requests,
    results,
    retention,
    revisions,
    rounds,
    samples,
    visits,
)
from survey_app.cli.output import run


@dataclass
class Call:
    """What every command of one call knows."""

    data: Path | None
    lang: str


@click.group(no_args_is_help=True)
@click.option("--data", type=click.Path(path_type=Path), help="Data folder (HAILONG_DATA).")
@click.option("--lang", type=click.Choice(["vi", "en"]), help="Language of messages.")
@click.version_option(package_name="hailong")
@click.pass_context
def hailong(context: click.Context, data: Path | None, lang: str | None) -> None:
    """Measure satisfaction with a province's administration, from draw to published index.

    Example: hailong round status --json
    """
    chosen = lang or os.environ.get("HAILONG_LANG") or _kept_language(data) or "vi"
    context.obj = Call(data, chosen)
    hailong.chosen_language = chosen  # type: ignore[attr-defined]


def _kept_language(data: Path | None) -> str | None:
    """Return the language that the settings file of the data folder asks for."""
    kept = (data or Path(os.environ.get("HAILONG_DATA", "var/hailong"))) / ".env"
    if not kept.is_file():
        return None
    from dotenv import dotenv_values

    return dotenv_values(kept).get("HAILONG_LANG")


for command in (
    installation.init,
    installation.doctor,
    installation.demo,
    installation.serve,
    database.db,
    registry.registry,
    frames.frame,
    questionnaires.questionnaire,
    samples.sample,
    rounds.round_group,
    codes.codes,
    kiosks.kiosk,
    feedback.feedback,
    interviewers.interviewer,
    paper.paper,
    results.weights,
    results.estimate,
    index.index,
    releases.release,
    releases.verify,
    accounts.accounts,
    audit.audit,
    requests.requests,
    retention.retention,
    notices.notices,
    privacy.privacy,
):
    hailong.add_command(command)
for later in (
    visits.visits,
    replacements.replace,
    replacements.extend,
    replacements.join,
    revisions.close_unit,
    revisions.reform,
    revisions.remaining,
    overlaps.overlap,
):
    samples.sample.add_command(later)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code."""
    return run(hailong, arguments)
