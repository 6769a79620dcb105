"""The retention job: what goes, what stays, what people are reminded of, and the report.

Covered: security.md section 10, retention job and requests; section 2, drafts.
"""

import json
import os
from dataclasses import replace
from datetime import timedelta

import pytest
from builders import TODAY, a_round, an_installation, some_codes, some_settings
from sqlalchemy import func, insert, select, update

from intake.findings import HailongError
from survey_app.cli import main
from survey_app.db import reading, writing
from survey_app.db.audit import account, audit, pending_step
from survey_app.db.devices import assignment
from survey_app.db.fieldwork import CLOSED, FROZEN, draft, invitation, start_count, survey_round
from survey_app.services import drafts
from survey_app.services.accounts import NO_PASSWORD, signed_in
from survey_app.services.doctor import examine
from survey_app.services.privacy.inventory import read_inventory
from survey_app.services.privacy.retention_job import KEYINGS, RULES, RUN, count_due, run_retention
from survey_app.services.privacy.subject_requests import add_request
from survey_app.services.privacy.working_days import WorkingDays
from survey_app.services.reminders import find_reminders

NOTHING = {rule.id: 0 for rule in RULES} | {KEYINGS: 0}
LONG_AGO = TODAY - timedelta(days=31)


def later(installation, days):
    return replace(installation, today=lambda: TODAY + timedelta(days=days))


def rows(installation, table):
    with reading(installation.engine) as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def reports(installation):
    with reading(installation.engine) as connection:
        query = select(audit.c.payload).where(audit.c.action == RUN).order_by(audit.c.seq)
        return [json.loads(one) for one in connection.execute(query).scalars()]


def a_draft(installation, code):
    drafts.save(installation.engine, installation.keyring(), code, b"sealed", 0, on=TODAY)


def end(installation, round_id, state, closes=LONG_AGO):
    with writing(installation.engine) as connection:
        connection.execute(
            update(survey_round)
            .where(survey_round.c.round_id == round_id)
            .values(state=state, closes=closes)
        )


def test_drafts_go_after_seven_days_and_with_their_round_and_used_code(installation):
    kept, used = some_codes(installation, a_round(installation), {"demo.10507": 2})
    (ended,) = some_codes(installation, a_round(installation, "old"), {"old.10507": 1})
    for code in (kept, used, ended):
        a_draft(installation, code)
    assert count_due(installation) == NOTHING
    with writing(installation.engine) as connection:
        one = select(invitation.c.code_mac).where(
            invitation.c.cell_id == "demo.10507",
            invitation.c.code_mac.in_(select(draft.c.code_mac)),
        )
        mac = connection.execute(one.limit(1)).scalar_one()
        connection.execute(update(invitation).where(invitation.c.code_mac == mac).values(state=1))
    end(installation, "old", CLOSED, TODAY)
    assert count_due(installation)["drafts"] == 2
    assert rows(installation, draft) == 3
    assert run_retention(installation, [])["drafts"] == 2
    assert rows(installation, draft) == 1
    assert count_due(later(installation, 7)) == NOTHING
    assert run_retention(later(installation, 8), [])["drafts"] == 1


def test_what_staff_leave_behind_goes_in_time(installation):
    engine = installation.engine
    a_round(installation)
    person = {"role": "auditor", "unit_code": None, "password": "a hash"}
    batch = {"key_mac": b"k" * 32, "cell_id": "demo.10507", "label": "Tổ 1", "cases": 5}
    step = {"object": "demo", "details_sha256": "0" * 64, "asked_by": "lan"}
    start = {"counter_id": "q1", "quarter_hour": 30, "starts": 4}
    with writing(engine) as connection:
        for name, disabled in (("lan", False), ("minh", True)):
            connection.execute(insert(account), person | {"name": name, "disabled": disabled})
        connection.execute(insert(assignment), batch)
        for action, days in (("freeze", 7), ("release", 8)):
            day = TODAY - timedelta(days=days)
            connection.execute(insert(pending_step), step | {"action": action, "day": day})
        for days in (365, 366):
            connection.execute(insert(start_count), start | {"day": TODAY - timedelta(days=days)})
    assert run_retention(installation, []) == NOTHING | {"passwords": 1, "steps": 1, "starts": 1}
    with reading(engine) as connection:
        kept = dict(connection.execute(select(account.c.name, account.c.password)).all())
        assert kept == {"lan": "a hash", "minh": NO_PASSWORD}
        assert connection.execute(select(pending_step.c.action)).scalar_one() == "freeze"
    end(installation, "demo", FROZEN, TODAY - timedelta(days=30))
    assert count_due(installation) == NOTHING
    end(installation, "demo", FROZEN)
    assert run_retention(installation, []) == NOTHING | {"labels": 1}
    with reading(engine) as connection:
        assert connection.execute(select(assignment.c.label, assignment.c.cases)).all() == [("", 5)]
    assert run_retention(installation, []) == NOTHING


def test_nobody_signs_in_with_what_is_left_of_a_password(tmp_path):
    made = an_installation(tmp_path / "data")
    person = {"name": "minh", "role": "auditor", "password": NO_PASSWORD, "disabled": False}
    with writing(made.engine) as connection:
        connection.execute(insert(account), person)
    with pytest.raises(HailongError) as error:
        signed_in(made.engine, "minh", "")
    assert error.value.code == "sign-in-refused"


def test_the_report_is_a_row_of_counts_that_names_nobody(installation):
    (code,) = some_codes(installation, a_round(installation))[:1]
    a_draft(installation, code)
    end(installation, "demo", FROZEN)
    run_retention(installation, find_reminders(installation))
    (said,) = reports(installation)
    assert said["deleted"] == NOTHING | {"drafts": 1}
    assert said["reminders"] == {"keys-due": 1, "retention-not-run": 1}
    assert not {"demo", code} & set(json.dumps(said).split('"'))


def test_keyings_of_paper_go_after_a_fortnight(tmp_path):
    made = an_installation(tmp_path / "data")
    folder = made.settings.data / "entry" / "demo"
    folder.mkdir(parents=True)
    for name, days in (("new", 13), ("old", 16)):
        (folder / f"{name}.sealed").write_bytes(b"sealed")
        day = (TODAY - timedelta(days=days)).toordinal() - 719163
        os.utime(folder / f"{name}.sealed", (day * 86400, day * 86400))
    assert count_due(made) == NOTHING | {KEYINGS: 1}
    assert run_retention(made, []) == NOTHING | {KEYINGS: 1}
    assert [one.stem for one in folder.iterdir()] == ["new"]


def test_on_sqlite_no_file_holds_a_draft_that_is_gone(tmp_path):
    made = an_installation(tmp_path / "data")
    (code,) = some_codes(made, a_round(made))[:1]
    mark = b"unmistakable-sealed-draft"
    drafts.save(made.engine, made.keyring(), code, mark, 0, on=TODAY)

    def held():
        return any(mark in path.read_bytes() for path in tmp_path.rglob("hailong.sqlite3*"))

    assert held()
    run_retention(later(made, 8), [])
    assert not held()


@pytest.mark.parametrize(
    ("column", "warned"),
    [("Số điện thoại", True), ("họ và tên", True), ("E-mail", True), ("unit_name", False)],
)
def test_contact_data_in_a_draw_are_seen(tmp_path, column, warned):
    made = an_installation(tmp_path / "data")
    folder = made.settings.rounds / a_round(made) / "sample"
    folder.mkdir(parents=True)
    (folder / "frame.csv").write_text(f"unit_id,{column}\n1,x\n", encoding="utf-8")
    found = "sample-names-people" in {one.code for one in find_reminders(made)}
    assert found == warned


def test_people_are_reminded_of_what_only_they_can_do(tmp_path):
    made = an_installation(tmp_path / "data")
    assert find_reminders(made) == []
    a_round(made)
    assert [one.code for one in find_reminders(made)] == ["retention-not-run"]
    run_retention(made, [])
    assert find_reminders(later(made, 2)) == []
    assert [one.code for one in find_reminders(later(made, 3))] == ["retention-not-run"]
    end(made, "demo", FROZEN, TODAY - timedelta(days=29))
    assert find_reminders(made) == []
    end(made, "demo", FROZEN, TODAY - timedelta(days=30))
    assert [one.code for one in find_reminders(made)] == ["keys-due"]
    add_request(made.engine, WorkingDays(), "access", "account", received=TODAY, on=TODAY)
    assert [one.code for one in find_reminders(made)][1:] == ["request-due"]
    late = later(made, 3)
    assert "request-late" in [one.code for one in find_reminders(late)]
    (made.settings.data / "holidays.csv").write_text("day\n", encoding="utf-8")
    assert "column-missing" in [one.code for one in find_reminders(made)]


def test_the_office_is_told_for_a_fortnight_to_delete_its_contact_list(tmp_path):
    made = an_installation(tmp_path / "data")
    a_round(made, "real", simulated=False)
    end(made, "real", CLOSED, TODAY - timedelta(days=30))
    told = {
        days
        for days in (-1, 0, 13, 14)
        if "contacts-due" in {one.code for one in find_reminders(later(made, days))}
    }
    assert told == {0, 13}


def test_sealed_answers_that_nobody_will_mix_are_seen(tmp_path):
    from survey_app.db.answers import inbox_a

    made = an_installation(tmp_path / "data")
    a_round(made)
    with writing(made.engine) as connection:
        connection.execute(insert(inbox_a), {"id": b"i" * 16, "sealed": b"s"})
    run_retention(made, [])
    assert find_reminders(made) == []
    end(made, "demo", CLOSED, TODAY)
    assert [one.code for one in find_reminders(made)] == ["inbox-waits"]


def test_doctor_tells_what_is_due_as_a_warning(tmp_path):
    made = an_installation(tmp_path / "data")
    a_round(made)
    (check,) = [
        one for one in examine(some_settings(made.settings.data)).checks
        if one.name.en == "what is due"
    ]  # fmt: skip
    assert check.state == "warning"
    assert "retention-not-run" in {one.code for one in check.findings}
    missing = examine(some_settings(tmp_path / "none")).checks
    assert [one.state for one in missing if one.name.en == "what is due"] == ["skipped"]


def test_every_rule_has_the_words_of_a_period():
    assert {*(rule.id for rule in RULES), KEYINGS} <= set(read_inventory().periods)


def test_metrics_count_requests_that_are_due(client, installation):
    add_request(installation.engine, WorkingDays(), "access", "account", received=TODAY, on=TODAY)
    shown = client.get("/metrics").text
    assert 'hailong_subject_requests{state="due"} 1' in shown
    assert 'hailong_subject_requests{state="late"} 0' in shown


def test_the_commands_show_and_run_the_same(tmp_path, monkeypatch, capsys):
    made = an_installation(tmp_path / "data")
    a_round(made)
    with writing(made.engine) as connection:
        row = {"code_mac": b"m" * 32, "sealed": b"s", "until": LONG_AGO, "version": 1}
        connection.execute(insert(draft), row)
    monkeypatch.setenv("HAILONG_DATA", str(made.settings.data))
    monkeypatch.setenv("HAILONG_LANG", "en")
    assert main(["retention", "show", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["result"]["due"] == NOTHING | {"drafts": 1}
    assert "retention-not-run" in [one["code"] for one in said["findings"]]
    assert main(["--lang", "vi", "retention", "run"]) == 0
    assert "1\tđến khi gửi, xóa, đóng đợt, hoặc 7 ngày" in capsys.readouterr().out.splitlines()
    assert main(["retention", "run", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["result"]["deleted"] == NOTHING
    assert len(reports(made)) == 2
