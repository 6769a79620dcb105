"""hailong interviewer: batches of drawn cases for interviewers' phones."""

from __future__ import annotations

from datetime import datetime

import click

from survey_app.cli.opened import opened
from survey_app.cli.output import Said, json_option, language


@click.group(no_args_is_help=True)
def interviewer() -> None:
    """Give drawn cases to interviewers and see what became of them.

    Example: hailong interviewer assign hp-2026 --name "Tổ 3" --cell hp-2026.10507 --count 10
    """


@interviewer.command()
@click.argument("round_id")
@click.option("--name", "label", required=True, help="Label of the batch; no person's name.")
@click.option("--cell", "cell_id", required=True, help="Cell that the cases were drawn in.")
@click.option("--count", required=True, type=click.IntRange(1, 200), help="Number of cases.")
@click.option("--expires", type=click.DateTime(formats=["%Y-%m-%d"]), help="Last day.")
@json_option
def assign(round_id: str, label: str, cell_id: str, count: int, expires: datetime | None) -> Said:
    """Make a batch of cases 1 to N of a cell and the link that opens it on a phone.

    The link is told once; whoever has it has the codes of all its cases. Cases are numbers: who
    is case 3 stands on the interviewer's paper and nowhere else.

    Example: hailong interviewer assign hp-2026 --name "Tổ 3" --cell hp-2026.10507 --count 10
    """
    from survey_app.services.assignments import assign as make

    link = make(
        opened(),
        round_id,
        label=label,
        cell_id=cell_id,
        count=count,
        expires_on=expires.date() if expires else None,
    )
    text = (
        f"{count} cases: {link}\nThe link cannot be shown again."
        if language() == "en"
        else f"{count} trường hợp: {link}\nKhông thể xem lại đường dẫn này."
    )
    return Said({"cases": count, "link": link}, text)


@interviewer.command()
@click.argument("round_id")
@json_option
def status(round_id: str) -> Said:
    """Show for each cell how many cases were assigned and how many ended in which way.

    Example: hailong interviewer status hp-2026
    """
    from survey_app.services.outcomes import OUTCOMES, outcomes_of_round

    cells = outcomes_of_round(opened().engine, round_id)
    lines = ["\t".join(("cell", "assigned", *OUTCOMES))] if cells else []
    lines += [
        "\t".join((one.cell_id, str(one.assigned), *(str(n) for n in one.outcomes.values())))
        for one in cells
    ]
    return Said({"cells": cells}, "\n".join(lines))


@interviewer.command()
@click.argument("link")
@json_option
def withdraw(link: str) -> Said:
    """Take back the codes of a batch that were not used, as when a phone is lost.

    Example: hailong interviewer withdraw https://haiphong.example/i/4F7K-9Q2M-X3DA-81TB-C
    """
    from survey_app.services.assignments import withdraw as take_back

    taken, counted = take_back(opened(), link)
    text = (
        f"{taken} codes withdrawn, {counted} were used"
        if language() == "en"
        else f"Đã thu hồi {taken} mã, {counted} mã đã dùng"
    )
    return Said({"withdrawn": taken, "used": counted}, text)
