"""Steps for two people: accounts, the first call, the second, and what they leave in the log."""

import io
import json
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from builders import TODAY, a_drawn_round
from sqlalchemy import insert, select, update

from survey_app.cli import main
from survey_app.db import reading, writing
from survey_app.db.answers import response
from survey_app.db.audit import account, audit, exclusion, pending_step
from survey_app.services import accounts
from survey_app.services import installation as opening
from survey_app.services.integrity import find_faults
from survey_app.services.rounds import close_round

SECRET = {"lan": "mot cau that dai cua lan", "minh": "mot cau that dai cua minh"}


@pytest.fixture
def hailong(installation, monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HAILONG_DATA", str(installation.settings.data))
    monkeypatch.setenv("DATABASE_URL", installation.settings.database_url)
    monkeypatch.setenv("HAILONG_LANG", "en")
    monkeypatch.setenv("HAILONG_TWO_PERSON", "on")

    def call(*words, says=""):
        monkeypatch.setattr("sys.stdin", io.StringIO(says + "\n"))
        capsys.readouterr()
        try:
            code = main([*map(str, words), "--json"])
        except SystemExit as left:
            code = left.code
        said = json.loads(capsys.readouterr().out)
        return code, [one["code"] for one in said["findings"]], said["result"]

    return call


@pytest.fixture
def people(hailong, monkeypatch):
    """Two accounts, whose passwords cost little to try; what they cost in truth is seen above."""
    cheap = partial(accounts.COSTLY, iterations=1, memory_cost=32)
    monkeypatch.setattr(accounts, "COSTLY", cheap)
    monkeypatch.setattr(
        accounts, "NO_PASSWORD", accounts.NO_PASSWORD.replace("m=65536,t=3", "m=32,t=1")
    )
    for name, secret in SECRET.items():
        words = ("accounts", "add", name, "--role", "statistician", "--password-stdin")
        assert hailong(*words, says=secret)[:2] == (0, [])

    def call(name, *words):
        return hailong(*words, "--as", name, says=SECRET[name])[:2]

    return call


@pytest.fixture
def closed(installation, tmp_path):
    first = a_drawn_round(installation, tmp_path)
    close_round(installation.engine, installation.settings, "real")
    return first


def rows_of(installation, table):
    with reading(installation.engine) as connection:
        return connection.execute(select(table)).all()


def test_accounts_are_added_listed_disabled_and_their_passwords_never_kept(installation, hailong):
    add = ("accounts", "add", "lan", "--role", "auditor", "--unit", "10507", "--password-stdin")
    assert hailong(*add, says=SECRET["lan"])[0] == 0
    wrong = ("accounts", "add", "LAN", "--role", "king", "--password-stdin")
    assert hailong(*wrong, says="short")[:2] == (
        1,
        ["role-unknown", "password-short", "account-exists"],
    )
    odd = ("accounts", "add", "a b", "--role", "auditor", "--password-stdin")
    assert hailong(*odd, says=SECRET["lan"])[:2] == (1, ["account-name"])
    (row,) = rows_of(installation, account)
    assert row.password.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert SECRET["lan"] not in repr(row)
    assert hailong("accounts", "disable", "lan")[0] == 0
    assert hailong("accounts", "disable", "nobody")[:2] == (1, ["account-unknown"])
    (listed,) = hailong("accounts", "list")[2]["accounts"]
    assert listed == {"name": "lan", "role": "auditor", "unit": "10507", "disabled": True}
    assert [row.action for row in rows_of(installation, audit)] == [
        "account-added",
        "account-disabled",
    ]


def test_one_person_freezes_nothing_and_two_do(installation, hailong, people, closed):
    freeze = ("round", "freeze", "real", "--out", "frozen.parquet")
    assert hailong(*freeze)[:2] == (3, ["second-person-needed"])
    assert hailong(*freeze, "--as", "lan", says="wrong")[:2] == (1, ["sign-in-refused"])
    assert hailong(*freeze, "--as", "nobody", says="wrong")[:2] == (1, ["sign-in-refused"])
    for _ in range(2):
        assert people("lan", *freeze) == (3, ["second-person-waits"])
    assert not Path("frozen.parquet").exists()
    hailong("accounts", "disable", "minh")
    assert people("minh", *freeze) == (1, ["sign-in-refused"])
    hailong("accounts", "add", "hoa", "--role", "auditor", "--password-stdin", says=SECRET["minh"])
    assert hailong(*freeze, "--as", "hoa", says=SECRET["minh"])[0] == 0
    assert rows_of(installation, pending_step) == []
    rows = {row.action: row for row in rows_of(installation, audit)}
    frozen, agreed = rows["round-frozen"], rows["step-agreed"]
    assert (frozen.actor, agreed.actor) == ("hoa", "hoa")
    assert json.loads(agreed.payload)["asked_by"] == rows["step-asked"].actor == "lan"
    assert len(json.loads(frozen.payload)["sha256"]) == 64
    assert find_faults(installation) == []


def test_what_was_asked_for_waits_seven_days(installation, hailong, people, closed):
    row = {"action": "freeze", "object": "real", "details_sha256": "0" * 64, "asked_by": "hoa"}
    with writing(installation.engine) as connection:
        day = opening.local_day() - timedelta(days=8)
        connection.execute(insert(pending_step), row | {"day": day})
    freeze = ("round", "freeze", "real", "--out", "frozen.parquet")
    assert people("lan", *freeze) == (3, ["second-person-waits"])
    (waits,) = rows_of(installation, pending_step)
    assert waits.asked_by == "lan"


def test_an_exclusion_has_a_reason_and_two_people_and_leaves_the_estimates(
    installation, hailong, people, closed
):
    place = min(row.id for row in rows_of(installation, response)).hex()
    exclude = ("round", "exclude", "real", place, "--reason", "Điền hộ, gọi lại xác nhận")
    freeze = ("round", "freeze", "real", "--out", "frozen.parquet")
    people("lan", *freeze)
    assert people("minh", *freeze) == (0, [])
    assert people("lan", "round", "exclude", "real", "ff", "--reason", "x") == (
        1,
        ["response-unknown"],
    )
    assert people("lan", *exclude[:-1], " ") == (1, ["reason-unusable"])
    assert people("lan", *exclude) == (3, ["second-person-waits"])
    assert people("minh", *exclude[:-1], "lý do khác") == (1, ["step-differs"])
    assert people("minh", *exclude) == (0, [])
    assert people("minh", *exclude) == (1, ["response-excluded"])
    (row,) = rows_of(installation, exclusion)
    assert (row.reason, row.asked_by, row.agreed_by) == (exclude[-1], "lan", "minh")
    # The response stays; what was frozen before is replaced by a correction of two people alone.
    assert len(rows_of(installation, response)) == 12
    people("lan", *freeze)
    assert people("minh", *freeze) == (1, ["snapshot-differs"])
    correct = (*freeze, "--correction", "một phiếu bị loại")
    assert people("lan", *correct) == (3, ["second-person-waits"])
    assert people("minh", *correct) == (0, [])
    first, second = [
        json.loads(row.payload)
        for row in rows_of(installation, audit)
        if row.action == "round-frozen"
    ]
    assert (first["answers"], second["answers"], second["excluded"]) == (12, 11, 1)
    assert second["replaces"] == first["sha256"] != second["sha256"]
    assert find_faults(installation) == []


def test_nobody_decides_on_their_own_unit(installation, hailong, closed):
    unit = closed.split(".")[1]
    words = ("accounts", "add", "lan", "--role", "coordinator", "--unit", unit, "--password-stdin")
    hailong(*words, says=SECRET["lan"])
    place = min(row.id for row in rows_of(installation, response)).hex()
    exclude = ("round", "exclude", "real", place, "--reason", "x", "--as", "lan")
    assert hailong(*exclude, says=SECRET["lan"])[:2] == (1, ["own-unit"])
    assert rows_of(installation, pending_step) == []


def test_keys_go_by_two_people_after_thirty_days_and_the_program_still_opens(
    installation, hailong, people, closed, monkeypatch
):
    destroy = ("round", "destroy-keys", "real")
    assert people("lan", *destroy) == (1, ["round-state"])
    freeze = ("round", "freeze", "real", "--out", "frozen.parquet")
    people("lan", *freeze)
    people("minh", *freeze)
    for name, role in (("lan", "operator"), ("minh", "home-affairs")):
        with writing(installation.engine) as connection:
            own = account.c.name == name
            connection.execute(update(account).where(own).values(role=role))
    folder = installation.settings.keys / "real"
    day = TODAY + timedelta(days=29)
    monkeypatch.setattr("survey_app.services.installation.date", Day(lambda: day))
    assert people("lan", *destroy) == (1, ["keys-needed"])
    monkeypatch.setattr("survey_app.services.installation.date", Day(lambda: TODAY + timedelta(30)))
    assert people("lan", *destroy) == (3, ["second-person-waits"])
    assert folder.is_dir()
    assert people("minh", *destroy) == (0, [])
    assert not folder.exists()
    assert people("minh", *destroy) == (1, ["keys-destroyed"])
    assert hailong("round", "status")[0] == 0


class Day:
    """A calendar that stands still."""

    def __init__(self, today):
        self.today = today


def test_a_trial_takes_one_person(installation, hailong, closed, monkeypatch):
    monkeypatch.setenv("HAILONG_TWO_PERSON", "off")
    assert hailong("round", "freeze", "real", "--out", "frozen.parquet")[0] == 0
    actions = [row.action for row in rows_of(installation, audit)]
    assert "round-frozen" in actions
    assert "step-agreed" not in actions
