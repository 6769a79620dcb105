"""After a submission nothing tells from where, by which program and with which code (G5)."""

import secrets
from http.client import HTTPConnection
from urllib.parse import urlencode

import pytest
from builders import an_installation
from faults.conftest import a_ledger
from faults.ledger import numbered
from faults.servers import served
from sqlalchemy import select, text

from survey_app.db import metadata, reading
from survey_app.services.codes import display

ADDRESS = "127.77.66.55"
AGENT = "Wandering-Phone/7.31 (one of a kind)"


def ask(port: int, method: str, path: str, body: str | None = None, **headers: str):
    """Send one request from an address and with a program of which there is only one."""
    line = HTTPConnection("127.0.0.1", port, timeout=15, source_address=(ADDRESS, 0))
    line.request(method, path, body, {"User-Agent": AGENT, "X-Forwarded-For": ADDRESS, **headers})
    answer = line.getresponse()
    answer.read()
    line.close()
    return answer


def test_no_file_and_no_table_of_sqlite_holds_a_trace_of_the_sender(tmp_path):
    made = an_installation(tmp_path / "data")
    look_for_traces(made)
    made.engine.dispose()


@pytest.mark.faults
@pytest.mark.postgres
def test_no_file_and_no_table_of_postgresql_holds_a_trace_of_the_sender(
    on_restartable, restartable
):
    look_for_traces(on_restartable, restartable.data)


def look_for_traces(installation, *more):
    """Send as the only phone of its kind; read every file and every table afterwards."""
    ledger = a_ledger(installation, 12)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    keys = []
    with served(installation) as server:
        for number, code in enumerate(ledger.codes):
            keys.append(secrets.token_hex(16))
            # With script, without script, sent twice, a wrong code, and a fault of the sender.
            ask(server.port, "GET", f"/s/{code}")
            ask(server.port, "GET", "/s/f/x", Cookie=f"hailong_code={code}")
            head = form | ({"Idempotency-Key": keys[-1]} if number % 2 else {})
            body = urlencode({**numbered(number), "code": display(code)}, doseq=True)
            assert ask(server.port, "POST", "/s/f/x", body, **head).status == 303
            ask(server.port, "POST", "/s/f/x", body, **head)
            ask(server.port, "POST", "/s/f/x", f"code={code[::-1]}", **form)
            ask(server.port, "POST", "/s/f/x", "{}", **{"Content-Type": "application/json"})
    traces = [ADDRESS, AGENT, *ledger.codes, *map(display, ledger.codes), *keys]
    raw = [*(one.encode() for one in traces), bytes(map(int, ADDRESS.split(".")))]
    folder = installation.settings.data.parent
    files = [one for place in (folder, *more) for one in place.rglob("*") if one.is_file()]
    assert len(files) > 5
    found = {one.name for one in files for trace in raw if trace in one.read_bytes()}
    assert found == set()
    # What is there would have been found.
    assert any(b"demo.10507" in one.read_bytes() for one in files)
    with reading(installation.engine) as connection:
        tables = {
            name: repr(connection.execute(select(table)).all())
            for name, table in metadata.tables.items()
        }
        if installation.engine.dialect.name == "postgresql":
            # What the server itself remembers of its sessions and statements.
            for view in ("pg_stat_activity", "pg_settings"):
                tables[view] = repr(connection.execute(text(f"SELECT * FROM {view}")).all())
    assert {name for name, rows in tables.items() if any(one in rows for one in traces)} == set()
    print(
        f"\nG5 {installation.engine.dialect.name}: {len(raw)} traces, {len(files)} files, "
        f"{len(tables)} tables: 0 hits",
        end="",
    )
