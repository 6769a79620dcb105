"""PostgreSQL's roles: the server takes answers, the mixer mixes, neither can change any."""

import dataclasses
import json

import pytest
from builders import TODAY, a_form, a_round, an_installation, some_codes
from sqlalchemy import func, make_url, select, text
from sqlalchemy.exc import DBAPIError

from survey_app.cli import main
from survey_app.db import open_database, reading, writing
from survey_app.db.answers import response
from survey_app.db.audit import account, pending_step
from survey_app.db.installed import key_mark, served_state
from survey_app.db.subject_requests import subject_request
from survey_app.services.installation import open_installation
from survey_app.services.integrity import find_faults, make_checkpoint
from survey_app.services.mixing import mix
from survey_app.services.privacy.retention_job import run_retention
from survey_app.services.privacy.subject_requests import add_request
from survey_app.services.privacy.working_days import WorkingDays
from survey_app.web import make_app
from survey_app.web.notices import note_open_rounds

APP, MIXER = "hailong_test_app", "hailong_test_mixer"
SEALED = ("response", "audit", "checkpoint", "exclusion")


@pytest.fixture
def grant(monkeypatch, capsys):
    def call(installation, *words):
        monkeypatch.setenv("HAILONG_DATA", str(installation.settings.data))
        monkeypatch.setenv("DATABASE_URL", installation.settings.database_url)
        monkeypatch.setenv("HAILONG_LANG", "en")
        try:
            code = main(["db", "grant", *words, "--json"])
        except SystemExit as left:
            code = left.code
        said = json.loads(capsys.readouterr().out)
        return code, [one["code"] for one in said["findings"]]

    return call


def as_role(installation, role):
    """The same installation as a process that signs in as a role finds it."""
    url = make_url(installation.settings.database_url).set(username=role)
    settings = dataclasses.replace(
        installation.settings, database_url=url.render_as_string(hide_password=False)
    )
    return open_installation(settings, lambda: TODAY)


@pytest.fixture
def owned(postgres_server, tmp_path):
    made = an_installation(tmp_path / "data", postgres_server)
    with writing(made.engine) as connection:
        for role in (APP, MIXER):
            if not connection.scalar(text(f"SELECT 1 FROM pg_roles WHERE rolname = '{role}'")):
                connection.execute(text(f"CREATE ROLE {role} LOGIN"))
    yield made
    with writing(made.engine) as connection:
        for role in (APP, MIXER):
            connection.execute(text(f"DROP OWNED BY {role}"))
            connection.execute(text(f"DROP ROLE {role}"))
    made.engine.dispose()


def refused(engine, statement):
    with pytest.raises(DBAPIError) as error, writing(engine) as connection:
        connection.execute(text(statement))
    return error.value.orig.sqlstate


@pytest.mark.postgres
@pytest.mark.xdist_group("postgres")
def test_the_server_takes_answers_the_mixer_mixes_and_neither_changes_any(owned, grant):
    assert grant(owned, "--app", APP, "--mixer", MIXER) == (0, [])
    a_round(owned)
    code, *others = some_codes(owned, "demo", {"demo.10507": 12})
    server, mixer = as_role(owned, APP), as_role(owned, MIXER)
    phone = make_app(server).test_client()
    for one in (code, *others):
        place = phone.get(f"/s/{one}").headers["Location"].split("#")[0]
        sent = phone.post(place, data=a_form(), headers={"Sec-Fetch-Site": "same-origin"})
        assert sent.status_code == 303
    mixed = mix(mixer.engine, mixer.keyring()["demo"], every_cell=True, on=TODAY)
    assert mixed.taken == 12
    make_checkpoint(mixer)
    assert find_faults(server) == []
    for engine in (server.engine, mixer.engine):
        for table in SEALED:
            for statement in (f"UPDATE {table} SET {{}}", f"DELETE FROM {table}"):
                column = "answers = answers" if table == "response" else "round_id = round_id"
                if table in {"audit", "checkpoint"}:
                    column = "seq = seq"
                assert refused(engine, statement.format(column)) == "42501"
            assert refused(engine, f"ALTER TABLE {table} DISABLE TRIGGER ALL") == "42501"
        for table in ("audit", "checkpoint", "exclusion", key_mark.name, served_state.name):
            assert refused(engine, f"TRUNCATE {table}") == "42501"
        assert refused(engine, f"UPDATE {key_mark.name} SET mark = ''") == "42501"
        assert refused(engine, f"DELETE FROM {key_mark.name}") == "42501"
    for statement in (
        "TRUNCATE response",
        "INSERT INTO response SELECT * FROM response",
        f"SELECT * FROM {account.name}",
        f"DELETE FROM {pending_step.name}",
        f"DELETE FROM {subject_request.name}",
        "UPDATE alembic_version SET version_num = '0001'",
        f"INSERT INTO {served_state.name} VALUES ('x')",
        f"INSERT INTO {key_mark.name} VALUES ('x', '')",
        f"SET ROLE {MIXER}",
    ):
        assert refused(server.engine, statement) == "42501", statement
    with reading(server.engine) as connection:
        assert connection.scalar(select(func.count()).select_from(response)) == 12
    asked = {"received": TODAY, "on": TODAY}
    add_request(mixer.engine, WorkingDays(), "access", "contact", **asked)
    assert 'hailong_subject_requests{state="due"} 1' in phone.get("/metrics").text
    assert note_open_rounds(server) == ["demo"]
    assert set(run_retention(mixer, []).values()) == {0}
    for one in (server, mixer):
        one.engine.dispose()


@pytest.mark.postgres
@pytest.mark.xdist_group("postgres")
def test_a_role_that_no_right_binds_is_refused(owned, grant):
    owner = make_url(owned.settings.database_url).username
    assert grant(owned, "--app", owner, "--mixer", MIXER) == (1, ["role-too-strong"])
    assert grant(owned, "--app", APP, "--mixer", "nobody-here") == (1, ["role-unknown"])
    engine = open_database(owned.settings.database_url)
    with writing(engine) as connection:
        assert not connection.scalar(
            text(f"SELECT has_table_privilege('{APP}', 'receipt', 'INSERT')")
        )
    engine.dispose()


def test_sqlite_has_triggers_and_no_roles(tmp_path, grant):
    made = an_installation(tmp_path / "data")
    assert grant(made, "--app", "a", "--mixer", "b") == (1, ["rights-of-sqlite"])
