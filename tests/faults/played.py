"""Every statement that the respondents' pages send to the database, kept with the state it fits.

``played/STATE.DIALECT.sql`` is what the program of a state said for one course of events, values
and all, a statement a line. Played again on the tables of a later state it shows whether servers
of the version before can go on there. After a change of such a statement:

    PYTHONPATH=tests python -m faults.played
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

import psycopg
from builders import TODAY, a_counter, a_form, a_round, an_installation, some_codes, still_limits
from faults.servers import own_postgres
from sqlalchemy import Engine, event

from survey_app.migrations import head
from survey_app.services import drafts
from survey_app.services.counters import find_counter
from survey_app.services.installation import Installation
from survey_app.services.screen_switch import switch_on
from survey_app.services.screens import Screen, code_of, exchange, window_of
from survey_app.web import make_app

FORMS, REMARKS = 3, 2
SAME = {"Sec-Fetch-Site": "same-origin"}
NOW = datetime(2026, 3, 10, 9, 20, 30).timestamp()  # noqa: DTZ001 - opening hours are local
FOLDER = Path(__file__).with_name("played")
_VALUES = re.compile(r"""'(?:[^']|'')*'|X'[0-9A-F]*'|\\x[0-9a-f]*|\b\d+(?:\.\d+)?\b""", re.I)
_LISTS = re.compile(r"\((?:\s*\?(?:::\w+)?\s*,?)+\)(?:\s*,\s*\((?:\s*\?(?:::\w+)?\s*,?)+\))*")


def file_of(state: str, dialect: str) -> Path:
    return FOLDER / f"{state}.{dialect}.sql"


def states() -> list[str]:
    return sorted({path.name.split(".")[0] for path in FOLDER.glob("*.sqlite.sql")})


def read(state: str, dialect: str) -> list[str]:
    return file_of(state, dialect).read_text(encoding="utf-8").splitlines()


def shapes(statements: list[str]) -> set[str]:
    """The statements without their values."""
    return {_LISTS.sub("(?)", _VALUES.sub("?", one)) for one in statements}


def respond(installation: Installation) -> None:
    """One course of events on the pages of respondents: so many `FORMS`, so many `REMARKS`."""
    a_counter(installation)
    a_round(installation)
    (screen,) = switch_on(installation.engine, "demo", ["q1"])
    plain, scripted, other = some_codes(installation, "demo", {"demo.10507": 3})
    client = make_app(installation, still_limits()).test_client()
    write_drafts(installation, scripted, other)
    place = urlsplit(client.get(f"/s/{plain}").headers["Location"]).path
    for _ in range(2):
        sent = client.post(place, data=a_form(y_kien_khac="Cảm ơn."), headers=SAME)
        assert sent.status_code == 303
        assert client.get(sent.headers["Location"]).status_code == 200
    keyed = SAME | {"Idempotency-Key": "key", "Accept": "application/json"}
    for status in (201, 200):
        sent = client.post("/s/f/x", data=a_form(code=scripted), headers=keyed)
        assert sent.status_code == status
    written = {"kind": "question", "text": "Bao giờ xong?"}
    sent = client.post("/q/q1/gop-y", data=written, headers=SAME)
    assert client.get(sent.headers["Location"]).status_code == 200
    given = a_code_of_the_screen(installation, screen)
    assert client.post("/s/f/x", data=a_form(code=given), headers=SAME).status_code == 303
    assert client.get("/ready").status_code == 200


def write_drafts(installation: Installation, code: str, other: str) -> None:
    engine, keyring = installation.engine, installation.keyring()
    for base, text in ((0, b"one"), (1, b"two")):
        drafts.save(engine, keyring, code, text, base, on=TODAY)
    drafts.read(engine, keyring, code, on=TODAY)
    drafts.save(engine, keyring, other, b"three", 0, on=TODAY)
    drafts.forget(engine, keyring, other, on=TODAY)


def a_code_of_the_screen(installation: Installation, screen: Screen) -> str:
    engine, keyring = installation.engine, installation.keyring()
    shown = code_of(keyring["demo"], screen, window_of(NOW))
    starts, counter = still_limits().starts, find_counter(engine, "q1")
    return exchange(engine, keyring, starts, counter, shown, at=NOW, on=TODAY).code


@contextmanager
def heard(engine: Engine) -> Iterator[list[str]]:
    """Collect the statements that go to the database, with their values in place."""
    statements: list[str] = []
    engine.dispose()
    if engine.dialect.name == "sqlite":

        def listen(connection, _record) -> None:
            connection.set_trace_callback(statements.append)

        event.listen(engine, "connect", listen)
        yield statements
        event.remove(engine, "connect", listen)
        engine.dispose()
        return
    execute, many = psycopg.Cursor.execute, psycopg.Cursor.executemany

    def note(cursor, query, values) -> None:
        client = psycopg.ClientCursor(cursor.connection)
        statements.append(client.mogrify(query, values))

    def one(cursor, query, params=None, **more):
        note(cursor, query, params)
        return execute(cursor, query, params, **more)

    def several(cursor, query, params_seq, **more):
        rows = list(params_seq)
        for row in rows:
            note(cursor, query, row)
        return many(cursor, query, rows, **more)

    psycopg.Cursor.execute, psycopg.Cursor.executemany = one, several
    try:
        yield statements
    finally:
        psycopg.Cursor.execute, psycopg.Cursor.executemany = execute, many


def record(installation) -> list[str]:
    """What the pages of respondents say to the database, a statement a line."""
    with heard(installation.engine) as statements:
        respond(installation)
    quiet = ("PRAGMA", "SELECT pg_catalog", "SELECT CURRENT", "show ", "SHOW ")
    lines = [_without_bulk(re.sub(r"\s*\n\s*", " ", one).strip()) for one in statements]
    return [one for one in lines if not one.startswith(quiet) and not one.startswith("--")]


def _without_bulk(statement: str) -> str:
    """The statement with as many zeros in place of what is sealed."""
    statement = re.sub(
        "[xX]'([0-9a-fA-F]{200,})'", lambda long: f"zeroblob({len(long[1]) // 2})", statement
    )
    return re.sub(
        r"'\\x([0-9a-f]{200,})'(::bytea)?",
        lambda long: f"decode(repeat('00', {len(long[1]) // 2}), 'hex')",
        statement,
    )


def play(engine: Engine, statements: list[str]) -> None:
    """Say again what was said; an error of the database is an error here."""
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
        if engine.dialect.name == "postgresql":
            driver.autocommit = True
        for one in statements:
            driver.execute(one)
        if engine.dialect.name == "postgresql":
            driver.autocommit = False


def _write(here: Installation) -> None:
    file = file_of(head(), here.engine.dialect.name)
    file.write_text("\n".join(record(here)) + "\n", encoding="utf-8")
    here.engine.dispose()


if __name__ == "__main__":
    with (
        TemporaryDirectory() as one,
        TemporaryDirectory() as two,
        own_postgres(Path(two)) as server,
    ):
        _write(an_installation(Path(one) / "a"))
        _write(an_installation(Path(one) / "b", server.url))
