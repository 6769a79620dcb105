"""hailong requests: what persons ask for about their own data, with its clocks."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

from intake.findings import Finding, Words
from survey_app.cli.opened import opened
from survey_app.cli.output import Said, json_option, language

if TYPE_CHECKING:
    from datetime import date

    from survey_app.services.privacy.subject_requests import SubjectRequest
    from survey_app.services.privacy.working_days import WorkingDays

_DAY = click.DateTime(formats=["%Y-%m-%d"])
_KINDS = ("question", "complaint", "access", "correction", "deletion", "withdrawal",
          "restriction", "objection")  # fmt: skip
_ABOUT = ("contact", "account", "response")
_OUTCOMES = ("accepted", "done", "refused", "not-found")
_STATES = {
    "open": Words("còn hạn", "in time"),
    "due": Words("sắp đến hạn", "due soon"),
    "late": Words("QUÁ HẠN", "LATE"),
    "closed": Words("đã khép", "closed"),
}


@click.group(no_args_is_help=True)
def requests() -> None:
    """Keep the days of requests that persons make about their own data; no names stand here.

    Example: hailong requests list
    """


@requests.command()
@click.option("--kind", required=True, type=click.Choice(_KINDS), help="What is asked for.")
@click.option(
    "--about", required=True, type=click.Choice(_ABOUT),
    help="Contact data of a sample, an account of staff, or a response.",
)  # fmt: skip
@click.option("--third-parties", is_flag=True, help="Others hold the data too: 20 days, not 15.")
@click.option("--received", type=_DAY, help="Day it came, YYYY-MM-DD; today if not given.")
@json_option
def add(kind: str, about: str, third_parties: bool, received: datetime | None) -> Said:
    """Enter a request and print its number and days; note the number in the office's own file.

    Example: hailong requests add --kind deletion --about contact
    """
    from survey_app.services.privacy import subject_requests as service
    from survey_app.services.privacy.working_days import read_working_days

    here = opened()
    calendar, day = read_working_days(here.settings), here.today()
    came = received.date() if received else day
    made = service.add_request(
        here.engine, calendar, kind, about, received=came, on=day, third_parties=third_parties
    )
    result = _plain(made, day)
    text = _line(made, day)
    if about == service.RESPONSE:
        result["answer"] = service.CANNOT_BE_FOUND.in_language(language())
        text += f"\n{result['answer']}"
    return Said(result, text, _unlisted(calendar, came))


@requests.command("list")
@click.option("--open", "still_open", is_flag=True, help="Only those that are not closed.")
@json_option
def list_command(still_open: bool) -> Said:
    """List requests: number, kind, about what, received, answer by, carry out by, state.

    Example: hailong requests list --open
    """
    from survey_app.services.privacy.subject_requests import list_requests
    from survey_app.services.privacy.working_days import read_working_days

    here = opened()
    found = list_requests(here.engine, read_working_days(here.settings), closed=not still_open)
    day = here.today()
    text = "\n".join(_line(one, day) for one in found)
    return Said({"requests": [_plain(one, day) for one in found]}, text)


@requests.command()
@click.argument("number")
@click.option("--outcome", required=True, type=click.Choice(_OUTCOMES), help="What was said.")
@click.option("--on", "answered", type=_DAY, help="Day of the answer; today if not given.")
@json_option
def answer(number: str, outcome: str, answered: datetime | None) -> Said:
    """Note that the person was answered; all but `accepted` closes the request.

    Example: hailong requests answer 2026-00001 --outcome done
    """
    from survey_app.services.privacy.subject_requests import answer_request
    from survey_app.services.privacy.working_days import read_working_days

    here = opened()
    calendar, today = read_working_days(here.settings), here.today()
    day = answered.date() if answered else today
    found = answer_request(here.engine, calendar, number, outcome, day=day, on=today)
    return Said(_plain(found, today), _line(found, today))


@requests.command()
@click.argument("number")
@json_option
def extend(number: str) -> Said:
    """Put off the last day of a request by 15 days, once; tell the person why.

    Example: hailong requests extend 2026-00001
    """
    from survey_app.services.privacy.subject_requests import extend_request
    from survey_app.services.privacy.working_days import read_working_days

    here = opened()
    found = extend_request(here.engine, read_working_days(here.settings), number, on=here.today())
    return Said(_plain(found, here.today()), _line(found, here.today()))


def _plain(found: SubjectRequest, on: date) -> dict[str, object]:
    from dataclasses import asdict

    return asdict(found) | {"state": found.state(on)}


def _line(found: SubjectRequest, on: date) -> str:
    """Return a request on one line: number, kind, about what, its days, its state."""
    from survey_app.services.privacy.subject_requests import ABOUT, KINDS

    def day(one: date | None) -> str:
        return f"{one:%d/%m/%Y}" if one else "-"

    lang = language()
    words = [KINDS[found.kind], ABOUT[found.about], _STATES[found.state(on)]]
    kind, about, state = (one.in_language(lang) for one in words)
    days = (day(found.received), day(found.answer_by), day(found.finish_by))
    return "\t".join((found.number, kind, about, *days, state))


def _unlisted(calendar: WorkingDays, day: date) -> list[Finding]:
    """Warn where no holiday of a year is listed, so that the clock may end too early."""
    if calendar.knows(day.year):
        return []
    return [
        Finding(
            "holidays-unlisted",
            Words(
                f"Chưa có ngày nghỉ nào của năm {day.year}; hạn chỉ trừ thứ Bảy, Chủ nhật.",
                f"No holiday of {day.year} is listed; only Saturdays and Sundays are left out.",
            ),
            Words(
                "Hãy ghi ngày nghỉ, kèm nguồn, vào holidays.csv trong thư mục dữ liệu.",
                "List holidays with their source in holidays.csv of the data folder.",
            ),
            severity="warning",
        )
    ]
