"""The register of requests that persons make: numbers, days, no person.

Covered: security.md section 10, requests and their clocks (2 working days; withdrawal, limits and
objection 15 days, 20 with third parties; extension once 15).
"""

import io
import json
import subprocess
import sys
from datetime import date

import pytest
from builders import TODAY
from sqlalchemy import select

from intake.findings import HailongError
from survey_app.cli import main
from survey_app.db import reading
from survey_app.db.audit import audit
from survey_app.services import installation as opening
from survey_app.services.privacy.subject_requests import (
    ABOUT,
    KINDS,
    OUTCOMES,
    add_request,
    answer_request,
    extend_request,
    list_requests,
)
from survey_app.services.privacy.working_days import WorkingDays, read_working_days

MONDAY_TO_FRIDAY = WorkingDays()


@pytest.fixture
def hailong(installation, monkeypatch, capsys):
    monkeypatch.setenv("HAILONG_DATA", str(installation.settings.data))
    monkeypatch.setenv("DATABASE_URL", installation.settings.database_url)
    monkeypatch.setattr(opening, "local_day", lambda: TODAY)
    monkeypatch.setattr(opening.open_installation, "__defaults__", (lambda: TODAY,))

    def call(*words, lang="en"):
        monkeypatch.setenv("HAILONG_LANG", lang)
        monkeypatch.setattr("sys.stdin", io.StringIO())
        capsys.readouterr()
        try:
            code = main([*map(str, words), "--json"])
        except SystemExit as left:
            code = left.code
        said = json.loads(capsys.readouterr().out)
        return code, [one["code"] for one in said["findings"]], said["result"]

    return call


def added(installation, kind="objection", about="contact", received=TODAY, **more):
    return add_request(
        installation.engine, MONDAY_TO_FRIDAY, kind, about, received=received, on=TODAY, **more
    )


@pytest.mark.parametrize(
    ("day", "after_two"),
    [
        (date(2026, 3, 10), date(2026, 3, 12)),  # Tuesday
        (date(2026, 3, 12), date(2026, 3, 16)),  # Thursday: Friday and Monday
        (date(2026, 3, 14), date(2026, 3, 17)),  # Saturday
    ],
)
def test_saturdays_and_sundays_are_no_working_days(day, after_two):
    assert MONDAY_TO_FRIDAY.after(day, 2) == after_two


def test_the_offices_own_list_takes_days_out_and_puts_moved_ones_in(tmp_path, installation):
    listed = installation.settings.data / "holidays.csv"
    listed.write_text(
        "day,kind,source\n2026-03-11,off,a decision\n2026-03-14,work,the same\n", encoding="utf-8"
    )
    calendar = read_working_days(installation.settings)
    assert calendar.after(TODAY, 2) == date(2026, 3, 13)
    assert calendar.after(date(2026, 3, 13), 1) == date(2026, 3, 14)
    assert (calendar.knows(2026), calendar.knows(2027)) == (True, False)
    listed.write_text(
        "day,kind,source\n11/03/2026,off,x\n2026-03-12,maybe,x\n2026-03-13,off,\n2026-03-13,off,x\n",
        encoding="utf-8",
    )
    with pytest.raises(HailongError) as error:
        read_working_days(installation.settings)
    assert [(one.code, one.row) for one in error.value.findings] == [
        ("holiday-day", 2),
        ("holiday-kind", 3),
        ("holiday-source", 4),
        ("holiday-repeated", 5),
    ]


@pytest.mark.parametrize(
    ("kind", "third_parties", "finish_by"),
    [
        ("withdrawal", False, date(2026, 3, 25)),
        ("restriction", False, date(2026, 3, 25)),
        ("objection", True, date(2026, 3, 30)),
        ("access", True, None),
    ],
)
def test_each_kind_has_the_days_that_the_design_gives_it(
    installation, kind, third_parties, finish_by
):
    found = added(installation, kind, third_parties=third_parties)
    assert (found.answer_by, found.finish_by) == (date(2026, 3, 12), finish_by)


def test_a_request_runs_from_its_answer_to_its_end_with_one_extension(installation):
    engine = installation.engine
    first = added(installation)
    assert first.number == "2026-00001"
    assert added(installation, received=date(2026, 3, 9)).number == "2026-00002"
    assert [first.state(day) for day in (TODAY, date(2026, 3, 12), date(2026, 3, 13))] == [
        "due", "due", "late",
    ]  # fmt: skip
    said = {"day": TODAY, "on": TODAY}
    answered = answer_request(engine, MONDAY_TO_FRIDAY, first.number, "accepted", **said)
    assert (answered.next_day, answered.state(date(2026, 3, 21))) == (date(2026, 3, 25), "open")
    longer = extend_request(engine, MONDAY_TO_FRIDAY, first.number, on=TODAY)
    assert longer.finish_by == date(2026, 4, 9)
    done = answer_request(engine, MONDAY_TO_FRIDAY, first.number, "done", **said)
    assert (done.state(date(2027, 1, 1)), done.answered, done.outcome) == ("closed", TODAY, "done")
    still = list_requests(engine, MONDAY_TO_FRIDAY, closed=False)
    assert [one.number for one in still] == ["2026-00002"]
    with reading(engine) as connection:
        log = connection.execute(select(audit.c.action, audit.c.object)).all()
    assert [tuple(row) for row in log if row.object == first.number] == [
        ("request-added", first.number),
        ("request-answered", first.number),
        ("request-extended", first.number),
        ("request-answered", first.number),
    ]


def refusal(call, *given, **named):
    with pytest.raises(HailongError) as error:
        call(*given, **named)
    return error.value.code


def test_what_cannot_be_is_refused(installation):
    engine, calendar = installation.engine, MONDAY_TO_FRIDAY
    objection, own = added(installation), added(installation, "access", "response")
    said = {"day": TODAY, "on": TODAY}
    assert refusal(added, installation, received=date(2026, 3, 11)) == "request-day"
    early = {"day": date(2026, 3, 9), "on": TODAY}
    assert refusal(answer_request, engine, calendar, objection.number, "done", **early) == (
        "request-day"
    )
    for one, outcome in ((objection, "not-found"), (own, "done")):
        assert refusal(answer_request, engine, calendar, one.number, outcome, **said) == (
            "request-outcome"
        )
    assert refusal(extend_request, engine, calendar, "2026-9", on=TODAY) == "request-unknown"
    assert refusal(extend_request, engine, calendar, own.number, on=TODAY) == (
        "request-not-extendable"
    )
    too_late = date(2026, 3, 26)
    assert refusal(extend_request, engine, calendar, objection.number, on=too_late) == (
        "request-not-extendable"
    )
    extend_request(engine, calendar, objection.number, on=TODAY)
    assert refusal(extend_request, engine, calendar, objection.number, on=TODAY) == (
        "request-not-extendable"
    )
    answer_request(engine, calendar, own.number, "not-found", **said)
    assert refusal(extend_request, engine, calendar, own.number, on=TODAY) == "request-closed"


def test_the_commands_say_the_days_and_the_plain_answer_about_a_response(hailong, capsys):
    code, warned, made = hailong("requests", "add", "--kind", "deletion", "--about", "response")
    assert (code, warned) == (0, ["holidays-unlisted"])
    assert "nobody" in made["answer"]
    assert (made["answer_by"], made["state"]) == ("2026-03-12", "due")
    wrong = ("requests", "answer", made["number"], "--outcome", "done")
    assert hailong(*wrong)[:2] == (1, ["request-outcome"])
    closing = ("requests", "answer", made["number"], "--outcome", "not-found")
    assert hailong(*closing)[2]["closed"] == "2026-03-10"
    hailong("requests", "add", "--kind", "objection", "--about", "contact", "--third-parties")
    assert hailong("requests", "extend", "2026-00002")[2]["finish_by"] == "2026-04-14"
    (left,) = hailong("requests", "list", "--open")[2]["requests"]
    assert left["number"] == "2026-00002"
    assert main(["--lang", "vi", "requests", "list"]) == 0
    assert capsys.readouterr().out.splitlines()[1] == (
        "2026-00002\tphản đối\tdữ liệu liên hệ của mẫu\t10/03/2026\t12/03/2026\t14/04/2026\t"
        "sắp đến hạn"
    )


def test_the_command_offers_what_the_register_knows():
    from survey_app.cli import requests

    assert (tuple(KINDS), tuple(ABOUT)) == (requests._KINDS, requests._ABOUT)
    assert tuple(OUTCOMES) == requests._OUTCOMES


def test_whoever_goes_through_all_tables_finds_each_one_whatever_else_is_loaded():
    script = "from survey_app.services import rights; print(*rights.metadata.tables)"
    said = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert {"kiosk", "assignment", "head_rating", "subject_request"} <= set(said.stdout.split())
