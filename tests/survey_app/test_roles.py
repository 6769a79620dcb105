"""Which accounts may take which step together; wrong ones are told what to do, and nothing is."""

import io
import json
from functools import partial

import pytest
from builders import a_counter, a_drawn_round, an_installation
from sqlalchemy import insert, select, update

from survey_app.cli import main
from survey_app.db import reading, writing
from survey_app.db.answers import response
from survey_app.db.audit import account, audit, pending_step
from survey_app.db.fieldwork import cell
from survey_app.db.registry import agency
from survey_app.services import accounts
from survey_app.services.accounts import ROLES
from survey_app.services.rounds import close_round
from survey_app.services.step_roles import RULES, refuse_pair, refuse_role

SECRET = "mot cau that dai de thu"


@pytest.fixture
def closed(tmp_path, monkeypatch):
    """A closed round on SQLite, where one account of each role may ask, without dear passwords."""
    installation = an_installation(tmp_path / "data")
    a_drawn_round(installation, tmp_path)
    close_round(installation.engine, installation.settings, "real")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HAILONG_DATA", str(installation.settings.data))
    monkeypatch.setenv("DATABASE_URL", installation.settings.database_url)
    monkeypatch.setenv("HAILONG_LANG", "en")
    monkeypatch.setenv("HAILONG_TWO_PERSON", "on")
    known = {role: role for role in ROLES} | {"second": "statistician", "third": "coordinator"}
    with writing(installation.engine) as connection:
        rows = [
            {"name": name, "role": role, "unit_code": None, "password": "-", "disabled": False}
            for name, role in known.items()
        ]
        connection.execute(insert(account), rows)
    signing = accounts.signed_in
    monkeypatch.setattr(
        accounts,
        "signed_in",
        lambda engine, name, password: (
            next(one for one in accounts.list_accounts(engine) if one.name == name)
            if password == SECRET
            else signing(engine, name, password)
        ),
    )
    yield installation
    installation.engine.dispose()


@pytest.fixture
def hailong(closed, monkeypatch, capsys):
    def call(name, *words, more=""):
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{SECRET}\n{more}\n"))
        capsys.readouterr()
        try:
            code = main([*map(str, words), "--json", "--as", name])
        except SystemExit as left:
            code = left.code
        said = json.loads(capsys.readouterr().out)
        return code, [one["code"] for one in said["findings"]], said["findings"]

    return call


def rows_of(installation, table):
    with reading(installation.engine) as connection:
        return connection.execute(select(table)).all()


def test_every_step_has_a_rule_whose_roles_there_are_and_two_can_meet():
    assert set(RULES) == {
        "freeze", "correction", "exclude", "release", "destroy-keys", "account",
    }  # fmt: skip
    for action, rule in RULES.items():
        assert set(rule.may) <= set(ROLES)
        assert rule.one_of_them in rule.may
        assert [role for role in ROLES if refuse_role(action, role) is None] == [
            role for role in ROLES if role in rule.may
        ]
        assert refuse_pair(action, {rule.one_of_them}) is None
        assert refuse_pair(action, set(rule.may) - {rule.one_of_them}).code == "pair-lacks-role"


def test_a_wrong_role_changes_nothing_and_is_told_whose_step_it_is(closed, hailong):
    freeze = ("round", "freeze", "real", "--out", "frozen.parquet")
    for role in ("operator", "home-affairs"):
        code, codes, findings = hailong(role, *freeze)
        assert (code, codes) == (3, ["role-may-not"])
        assert "coordinator, statistician, auditor" in findings[0]["advice"]
    assert rows_of(closed, pending_step) == []
    before = [row.action for row in rows_of(closed, audit)]
    place = min(row.id for row in rows_of(closed, response)).hex()
    for role, words in (
        ("operator", ("round", "exclude", "real", place, "--reason", "x")),
        ("home-affairs", ("round", "exclude", "real", place, "--reason", "x")),
        ("coordinator", ("release", "build", "real", "--year", 2026, "--out", "rel")),
        ("operator", (*freeze, "--correction", "x")),
        ("statistician", ("accounts", "add", "new", "--role", "auditor", "--password-stdin")),
    ):
        assert hailong(role, *words)[:2] == (3, ["role-may-not"]), words
    assert [row.action for row in rows_of(closed, audit)] == before


def test_a_pair_without_the_role_that_must_be_there_waits_for_it(closed, hailong):
    freeze = ("round", "freeze", "real", "--out", "frozen.parquet")
    assert hailong("coordinator", *freeze)[:2] == (3, ["second-person-waits"])
    assert hailong("third", *freeze)[:2] == (3, ["pair-lacks-role"])
    assert hailong("auditor", *freeze)[:2] == (3, ["pair-lacks-role"])
    (waits,) = rows_of(closed, pending_step)
    assert waits.asked_by == "coordinator"
    assert hailong("statistician", *freeze)[:2] == (0, [])
    assert rows_of(closed, pending_step) == []


def test_what_a_disabled_account_asked_for_nobody_can_agree_to(closed, hailong):
    freeze = ("round", "freeze", "real", "--out", "frozen.parquet")
    hailong("statistician", *freeze)
    accounts.disable_account(closed.engine, "statistician")
    assert hailong("second", *freeze)[:2] == (3, ["second-person-waits"])
    (waits,) = rows_of(closed, pending_step)
    assert waits.asked_by == "second"
    assert hailong("auditor", *freeze)[:2] == (0, [])


def test_nobody_judges_a_response_about_their_own_unit_whatever_its_code_says(closed, hailong):
    place = min(row.id for row in rows_of(closed, response))
    with reading(closed.engine) as connection:
        own = select(cell.c.unit_id).join(response, response.c.cell_id == cell.c.cell_id)
        unit = connection.scalar(own.where(response.c.id == place))
    a_counter(closed, "q9", unit_code="10525")
    with writing(closed.engine) as connection:
        mine = {"agency_code": "UB-1", "name": "UBND", "type": "commune", "source": "test"}
        connection.execute(insert(agency), mine | {"unit_code": unit})
    exclude = ("round", "exclude", "real", place.hex(), "--reason", "x")

    def of(code, name="statistician"):
        with writing(closed.engine) as connection:
            connection.execute(update(account).where(account.c.name == name).values(unit_code=code))
        return hailong(name, *exclude)[:2]

    for code in (unit, "UB-1", "ub-1"):
        assert of(code) == (1, ["own-unit"])
    assert rows_of(closed, pending_step) == []
    assert of("elsewhere") == (3, ["second-person-waits"])
    # Neither of the two: the one who would agree is looked at as well.
    assert of(unit, "auditor") == (1, ["own-unit"])
    assert of(None, "auditor") == (0, [])


def test_a_further_account_takes_two_once_there_are_two_to_give_it(closed, hailong, monkeypatch):
    add = ("accounts", "add", "new", "--role", "auditor", "--password-stdin")
    cheap = partial(accounts.COSTLY, iterations=1, memory_cost=32)
    monkeypatch.setattr(accounts, "COSTLY", cheap)
    assert hailong("auditor", *add)[:2] == (3, ["second-person-waits"])
    assert "new" not in {row.name for row in rows_of(closed, account)}
    wrong = ("accounts", "add", "auditor", "--role", "king")
    assert hailong("home-affairs", *wrong)[:2] == (1, ["role-unknown", "account-exists"])
    other = ("accounts", "add", "new", "--role", "statistician", "--password-stdin")
    assert hailong("home-affairs", *other)[:2] == (1, ["step-differs"])
    assert hailong("home-affairs", *add, more="another long phrase")[:2] == (0, [])
    last = [row for row in rows_of(closed, audit) if row.action == "account-added"][-1]
    assert (last.actor, last.object) == ("home-affairs", "new")
    # With one left who may give accounts, the first of a new pair is again the operator's to add.
    for name in ("auditor", "new"):
        accounts.disable_account(closed.engine, name)
    assert not accounts.adding_takes_two(closed.engine)
