"""hailong notices: the words before the first question, and which round showed which."""

from __future__ import annotations

import click

from survey_app.cli.opened import opened
from survey_app.cli.output import Said, json_option


@click.group(no_args_is_help=True)
def notices() -> None:
    """Show which notices there have been, their words, and which round showed which.

    Example: hailong notices shown hp-2026
    """


@notices.command("list")
@click.argument("questionnaire", required=False)
@json_option
def list_command(questionnaire: str | None) -> Said:
    """List notices: questionnaire, language and way of answering, number, day, SHA-256.

    Example: hailong notices list citizen@2026-1
    """
    from survey_app.services.notices import list_notices

    found = list_notices(opened().engine, questionnaire)
    text = "\n".join(
        "\t".join(
            (one.questionnaire, one.name, str(one.number), f"{one.since:%d/%m/%Y}", one.sha256)
        )
        for one in found
    )
    return Said({"notices": found}, text)


@notices.command()
@click.argument("questionnaire")
@click.argument("name")
@click.option("--number", type=click.IntRange(1), help="Number; the newest if not given.")
@json_option
def show(questionnaire: str, name: str, number: int | None) -> Said:
    """Show the words of a notice by its NAME, such as vi-phone, en-kiosk, vi-interviewer.

    Example: hailong notices show citizen@2026-1 vi-phone --number 1
    """
    from survey_app.services.notices import read_notice

    here = opened()
    found, text = read_notice(here.engine, here.settings, questionnaire, name, number)
    return Said({"notice": found, "text": text}, text.rstrip())


@notices.command()
@click.argument("round_id")
@json_option
def shown(round_id: str) -> Said:
    """Show which notices a round showed: from which day on, name, number.

    Example: hailong notices shown hp-2026
    """
    from survey_app.services.notices import list_shown
    from survey_app.services.rounds import asked_in

    here = opened()
    asked, _ = asked_in(here.engine, round_id)
    found = list_shown(here.engine, round_id)
    text = "\n".join(
        f"{one.since:%d/%m/%Y}\t{'@'.join(asked)}\t{name}\t{number}"
        for one in found
        for name, number in one.numbers.items()
    )
    return Said({"round": round_id, "questionnaire": "@".join(asked), "shown": found}, text)
