"""The version before on the tables of the next one: no error on submit (FI-17).

The program of this tree is the version before; `next_version` is the same with one migration more.
And of every state that was ever served, what its pages say to the database is played again on the
tables of today.
"""

import os
import subprocess
import sys
import time
from itertools import pairwise

import pytest
from builders import a_form, a_round, an_installation, some_codes, still_limits
from faults import played
from faults.conftest import a_ledger
from faults.next_version import PROGRAM, upgrade_to_next
from faults.phones import phones
from faults.servers import served
from sqlalchemy import func, select, text

from intake.findings import HailongError
from survey_app import migrations
from survey_app.db import reading, writing
from survey_app.db.answers import feedback_inbox, inbox_a
from survey_app.db.fieldwork import USED, invitation, receipt
from survey_app.db.installed import served_state
from survey_app.services.installation import open_installation
from survey_app.web import make_app

NEXT = {"NEXT": "additions"}


def upgrade_beside(installation) -> float:
    """Run `hailong db upgrade` of the next version while servers work; return its seconds."""
    settings, begun = installation.settings, time.monotonic()
    ran = subprocess.run(
        [sys.executable, *PROGRAM, "db", "upgrade"],
        env=os.environ
        | {"HAILONG_DATA": str(settings.data), "DATABASE_URL": settings.database_url}
        | NEXT,
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
    return time.monotonic() - begun


@pytest.mark.faults
def test_servers_are_upgraded_in_turn_without_an_error(installation, nothing_is_lost):
    ledger, counted = a_ledger(installation, 40_000), []

    def a_while() -> None:
        time.sleep(1)
        counted.append(len(ledger.got))

    with served(installation) as old, phones(ports := [old.port], ledger):
        a_while()
        took = upgrade_beside(installation)
        a_while()
        # A server of the version before that stops for any reason starts again.
        with served(installation) as again:
            ports[:] = [old.port, again.port]
            a_while()
            with served(installation, environment=NEXT, program=PROGRAM) as new:
                ports[:] = [again.port, new.port]
                time.sleep(0.5)
                old.stop()
                a_while()
                ports[:] = [new.port]
                time.sleep(0.5)
                again.stop()
                a_while()
                # And back again: who finds the new version wanting starts the one before.
                old.start()
                ports[:] = [old.port]
                a_while()
    assert all(one < two for one, two in pairwise([0, *counted]))
    assert set(ledger.answers) == {201}
    also = (
        f"errors 0  upgrade under load {took:.1f} s  slowest answer {ledger.longest:.2f} s  "
        f"counted before, on newer tables, restarted, mixed versions, next version, back: {counted}"
    )
    nothing_is_lost(installation, ledger, "FI-17 upgraded in turn", also)


def test_newer_tables_with_additions_are_served_and_commands_wait_for_their_program(installation):
    a_round(installation)
    codes = some_codes(installation, "demo", {"demo.10507": 2})
    running = make_app(installation, still_limits()).test_client()
    upgrade_to_next(installation.engine, "additions")
    with pytest.raises(HailongError) as error:
        open_installation(installation.settings)
    assert error.value.code == "database-newer"
    assert "9001" in error.value.text("vi")
    started = open_installation(installation.settings, installation.today, pages_only=True)
    for client, code in zip((running, make_app(started).test_client()), codes, strict=True):
        assert client.get("/ready").status_code == 200
        sent = client.post(
            "/s/f/x", data=a_form(code=code), headers={"Sec-Fetch-Site": "same-origin"}
        )
        assert sent.status_code == 303
    started.engine.dispose()


def test_newer_tables_that_took_something_away_are_not_served(installation):
    running = make_app(installation, still_limits()).test_client()
    assert running.get("/ready").status_code == 200
    upgrade_to_next(installation.engine, "changes")
    assert running.get("/ready").status_code == 503
    for pages_only in (True, False):
        with pytest.raises(HailongError) as error:
            open_installation(installation.settings, pages_only=pages_only)
        assert error.value.code == "database-newer"


def test_tables_of_an_unknown_program_are_not_served(tmp_path):
    made = an_installation(tmp_path / "data")
    with writing(made.engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'elsewhere'"))
        connection.execute(text(f"DROP TABLE {served_state.name}"))
    with pytest.raises(HailongError) as error:
        open_installation(made.settings, pages_only=True)
    assert error.value.code == "database-newer"
    made.engine.dispose()


def states_served(engine) -> set[str]:
    with reading(engine) as connection:
        return set(connection.execute(select(served_state.c.state)).scalars())


@pytest.mark.parametrize("state", played.states())
def test_what_pages_of_a_served_state_say_is_understood_by_the_tables_of_today(installation, state):
    engine = installation.engine
    migrations.downgrade(engine, state)
    migrations.upgrade(engine)
    if state not in states_served(engine):
        return  # its servers refuse these tables
    played.play(engine, played.read(state, engine.dialect.name))
    with reading(engine) as connection:
        used = select(func.count()).where(invitation.c.state == USED)
        found = [connection.scalar(used)] + [
            connection.scalar(select(func.count()).select_from(table))
            for table in (receipt, inbox_a, feedback_inbox)
        ]
    assert found == [played.FORMS] * 3 + [played.REMARKS]


def test_of_every_served_state_the_statements_are_kept(installation):
    served_here = states_served(installation.engine)
    assert migrations.head() in served_here
    assert served_here <= set(played.states())


def test_what_is_kept_of_this_state_is_what_its_pages_say(installation):
    """After a change of such a statement: PYTHONPATH=tests python -m faults.played."""
    kept = played.read(migrations.head(), installation.engine.dialect.name)
    assert played.shapes(played.record(installation)) == played.shapes(kept)


def test_a_column_that_must_be_given_would_be_seen(tmp_path):
    made = an_installation(tmp_path / "data")
    with writing(made.engine) as connection:
        connection.execute(text("DROP TABLE receipt"))
        connection.execute(
            text("CREATE TABLE receipt (key_mac BLOB, receipt_mac BLOB, kind TEXT NOT NULL)")
        )
    with pytest.raises(Exception, match=r"NOT NULL constraint failed: receipt\.kind"):
        played.play(made.engine, played.read(migrations.head(), "sqlite"))
    made.engine.dispose()
