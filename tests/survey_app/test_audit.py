"""The audit log and its checkpoints: what is written with an act, and whatever is done to it."""

import hashlib
import json
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest
from builders import TODAY, a_drawn_round, a_round, mixed
from sqlalchemy import delete, func, insert, inspect, select, text, update
from sqlalchemy.exc import DBAPIError

from intake.findings import HailongError
from survey_app.cli import main
from survey_app.db import reading, writing
from survey_app.db.answers import response
from survey_app.db.audit import APPEND_ONLY, audit, checkpoint, exclusion
from survey_app.db.fieldwork import cell, survey_round
from survey_app.db.installed import key_mark
from survey_app.services.integrity import find_faults, make_checkpoint
from survey_app.services.keys import make_lasting_key
from survey_app.services.rounds import require_round
from survey_app.services.trail.audit import record
from survey_app.services.trail.checkpoints import read_published
from survey_app.services.trail.merkle import root_of


@pytest.fixture
def drawn(installation, tmp_path):
    """A round from a real draw, open, with twelve answers in one of its cells: the cell's id."""
    return a_drawn_round(installation, tmp_path)


@contextmanager
def unguarded(installation):
    """A transaction of an intruder who owns the tables and puts the guards back afterwards."""
    with writing(installation.engine) as connection:
        if installation.engine.dialect.name == "sqlite":
            guards = connection.execute(
                text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            ).all()
            for name, _ in guards:
                connection.execute(text(f"DROP TRIGGER {name}"))
            yield connection
            for _, sql in guards:
                connection.exec_driver_sql(sql)
        else:
            for table in APPEND_ONLY:
                connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
            yield connection
            for table in APPEND_ONLY:
                connection.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))


def faults(installation, **also):
    return [(one.code, one.path) for one in find_faults(installation, **also)]


def rows_of(installation):
    with reading(installation.engine) as connection:
        return connection.execute(select(audit).order_by(audit.c.seq)).all()


def test_each_row_is_sealed_by_the_next_and_can_be_worked_out_by_hand(installation, drawn):
    before = "0" * 64
    for place, row in enumerate(rows_of(installation), 1):
        sealed = {
            "seq": place,
            "day": row.day.isoformat(),
            "actor": row.actor,
            "action": row.action,
            "object": row.object,
            "payload_sha256": hashlib.sha256(row.payload.encode()).hexdigest(),
            "prev": before,
        }
        line = json.dumps(sealed, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        before = hashlib.sha256(line.encode()).hexdigest()
        assert row.hash == before
    assert faults(installation) == []


def test_the_log_says_what_was_done_and_of_respondents_counts_alone(installation, drawn):
    rows = rows_of(installation)
    assert [(row.action, row.object) for row in rows] == [
        ("round-created", "real"),
        ("keys-made", "real"),
        ("round-opened", "real"),
        ("codes-issued", "real"),
        ("answers-mixed", "real"),
    ]
    created, mix_row = json.loads(rows[0].payload), json.loads(rows[-1].payload)
    with reading(installation.engine) as connection:
        kept = connection.execute(select(survey_round)).one()
    assert created["files"]["sample.csv"] == kept.draw_sha256
    assert len(created["cells"]) == 2
    assert mix_row == {"taken": 12}


def open_round_and_fail(installation):
    with writing(installation.engine) as connection:
        record(connection, "round-opened", "x")
        require_round(connection, "none")


def test_a_row_goes_with_its_act(installation):
    with pytest.raises(HailongError):
        open_round_and_fail(installation)
    assert rows_of(installation) == []


def test_eight_at_once_make_one_chain(installation):
    def add(number):
        for _ in range(5):
            with writing(installation.engine) as connection:
                record(connection, "counted", str(number), on=TODAY)

    threads = [threading.Thread(target=add, args=(number,)) for number in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert [row.seq for row in rows_of(installation)] == list(range(1, 41))
    assert faults(installation) == []


def test_no_row_can_be_changed_or_removed_even_by_the_owner(installation, drawn):
    make_checkpoint(installation)
    with writing(installation.engine) as connection:
        added_exclusion(connection)
    for table in APPEND_ONLY:
        column = inspect(installation.engine).get_columns(table)[-1]["name"]
        for change in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"):
            with (
                pytest.raises(DBAPIError, match=f"{table} is append-only"),
                writing(installation.engine) as connection,
            ):
                connection.execute(text(change))


def test_checkpoints_cover_what_came_since_and_the_day_gives_one(installation, drawn):
    first, file = make_checkpoint(installation)
    assert (first.seq, first.count) == (5, 12)
    assert json.loads(file.read_text())["root"] == first.root
    assert make_checkpoint(installation)[0] == first
    mixed(installation, 3, drawn)
    second, _ = make_checkpoint(installation)
    assert (second.seq, second.count) == (8, 15)
    with reading(installation.engine) as connection:
        kept = connection.execute(select(checkpoint).order_by(checkpoint.c.seq)).all()
    assert [len(row.leaves) // 48 for row in kept] == [12, 3]
    mixed(installation, 3, drawn)
    assert faults(installation) == []


def one_response(connection):
    return connection.scalar(select(func.min(response.c.id)))


def changed_response(connection):
    own = response.c.id == (place := one_response(connection))
    connection.execute(update(response).where(own).values(answers={"gioi_tinh": 2}))
    return "response-changed", f"response {place.hex()}"


def moved_response(connection):
    own = response.c.id == (place := one_response(connection))
    other = connection.scalar(select(func.max(cell.c.cell_id)))
    connection.execute(update(response).where(own).values(cell_id=other))
    return "response-changed", f"response {place.hex()}"


def removed_response(connection):
    own = response.c.id == (place := one_response(connection))
    connection.execute(delete(response).where(own))
    return "response-removed", f"response {place.hex()}"


def added_response(connection):
    like = connection.execute(select(response)).first()
    connection.execute(insert(response), dict(like._mapping) | {"id": b"\x01" * 16})
    return "response-count", f"response {'01' * 16}"


def swapped_responses(connection):
    first, second = connection.execute(select(response).order_by(response.c.id).limit(2)).all()
    for one, other in ((first, second), (second, first)):
        own = response.c.id == one.id
        connection.execute(update(response).where(own).values(nonce=other.nonce))
    return "response-changed", f"response {first.id.hex()}"


def added_exclusion(connection):
    place = one_response(connection)
    row = {"response_id": place, "round_id": "real", "reason": "x", "asked_by": "a"}
    connection.execute(insert(exclusion), row | {"agreed_by": "b"})
    return "exclusion", f"exclusion {place.hex()}"


def changed_row(connection):
    connection.execute(update(audit).where(audit.c.seq == 3).values(actor="nobody"))
    return "audit-row", "audit 3"


def changed_payload(connection):
    connection.execute(update(audit).where(audit.c.seq == 5).values(payload='{"taken":13}'))
    return "audit-row", "audit 5"


def removed_row(connection):
    connection.execute(delete(audit).where(audit.c.seq == 2))
    return "audit-row", "audit 2"


def swapped_rows(connection):
    for old, new in ((2, 99), (3, 2), (99, 3)):
        connection.execute(update(audit).where(audit.c.seq == old).values(seq=new))
    return "audit-row", "audit 2"


def added_row(connection):
    like = connection.execute(select(audit).where(audit.c.seq == 5)).one()
    connection.execute(insert(audit), dict(like._mapping) | {"seq": 7})
    return "audit-row", "audit 7"


def cut_log(connection):
    connection.execute(delete(audit).where(audit.c.seq >= 5))
    return "audit-row", "audit 5"


def changed_checkpoint(connection):
    connection.execute(update(checkpoint).values(count=11))
    return "checkpoint", "checkpoint 5"


def removed_checkpoint(connection):
    connection.execute(delete(checkpoint))
    return "checkpoint", "checkpoint 5"


def changed_weight(connection):
    name = connection.scalar(select(func.max(cell.c.cell_id)))
    connection.execute(update(cell).where(cell.c.cell_id == name).values(design_weight=1.5))
    return "cell", f"cell {name}"


def cut_log_and_checkpoint(connection):
    connection.execute(delete(audit).where(audit.c.seq >= 5))
    connection.execute(delete(checkpoint))
    return "checkpoint-published", "00000005.json"


TAMPERINGS = (
    changed_response, moved_response, removed_response, added_response, swapped_responses,
    added_exclusion, changed_row, changed_payload, removed_row, swapped_rows, added_row, cut_log,
    changed_checkpoint, removed_checkpoint, changed_weight, cut_log_and_checkpoint,
)  # fmt: skip


def test_tampering_is_found_and_the_first_bad_item_named(installation, drawn):
    make_checkpoint(installation)
    tables = (response, audit, checkpoint, exclusion)
    with reading(installation.engine) as connection:
        sound = {one: connection.execute(select(one)).mappings().all() for one in tables}
        weights = connection.execute(select(cell.c.cell_id, cell.c.design_weight)).all()
    for tamper in TAMPERINGS:
        assert faults(installation) == [], tamper.__name__
        with unguarded(installation) as connection:
            expected = tamper(connection)
        assert faults(installation)[0] == expected, tamper.__name__
        # Nothing is signed over it, so no later checkpoint can cover it up.
        with pytest.raises(HailongError) as error:
            make_checkpoint(installation)
        assert error.value.findings[0].path == expected[1], tamper.__name__
        with unguarded(installation) as connection:
            for table, rows in sound.items():
                connection.execute(delete(table))
                if rows:
                    connection.execute(insert(table), rows)
            for name, weight in weights:
                own = cell.c.cell_id == name
                connection.execute(update(cell).where(own).values(design_weight=weight))


def test_a_changed_frame_row_is_found(installation, drawn):
    file = installation.settings.rounds / "real" / "sample" / "frame.csv"
    file.write_text(file.read_text(encoding="utf-8").replace(",60", ",61", 1), encoding="utf-8")
    assert faults(installation) == [("draw-file", "real frame.csv")]


def test_a_changed_snapshot_hash_is_found(installation, drawn):
    with writing(installation.engine) as connection:
        record(connection, "round-frozen", "real", {"sha256": "ab"})
    assert faults(installation) == [("snapshot", "round real")]


def test_a_guard_that_was_taken_away_is_named(installation):
    name = "response_append_only ON response"
    if installation.engine.dialect.name == "sqlite":
        name = "response_no_delete"
    with writing(installation.engine) as connection:
        connection.execute(text(f"DROP TRIGGER {name}"))
    assert faults(installation) == [("guard-missing", "response")]


def test_a_checkpoint_kept_elsewhere_and_the_printed_key_are_enough(installation, drawn, tmp_path):
    _, file = make_checkpoint(installation)
    away, printed = tmp_path / "away.json", tmp_path / "key.pub"
    away.write_bytes(file.read_bytes())
    printed.write_bytes((file.parent / "checkpoint.pub").read_bytes())
    # Whoever has the server makes another history with another key, and its own checkpoints.
    with unguarded(installation) as connection:
        connection.execute(delete(audit).where(audit.c.seq >= 6))
        connection.execute(delete(checkpoint))
        connection.execute(delete(key_mark).where(key_mark.c.name == "audit"))
        connection.execute(delete(response).where(response.c.id == one_response(connection)))
    (installation.settings.keys / "audit.key").unlink()
    file.unlink()
    make_checkpoint(installation)
    assert faults(installation) == []
    assert faults(installation, published=[away]) == [("checkpoint-published", "away.json")]
    from survey_app.services.trail.checkpoints import read_public_key

    assert faults(installation, key=read_public_key(printed))[0][0] == "checkpoint"


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"\xff", b"[" * 100_000])
def test_what_is_no_checkpoint_is_none(tmp_path, content):
    (tmp_path / "1.json").write_bytes(content)
    assert read_published(tmp_path / "1.json") is None


def test_a_missing_signing_key_is_named_and_never_made_anew(installation):
    make_checkpoint(installation)
    key = installation.settings.keys / "audit.key"
    assert key.stat().st_mode & 0o077 == 0
    key.unlink()
    for look in (find_faults, make_checkpoint):
        with pytest.raises(HailongError) as error:
            look(installation)
        assert (error.value.code, error.value.findings[0].file) == ("key-file", str(key))
    assert not key.exists()
    make_lasting_key(installation.settings, "audit")
    assert faults(installation)[0] == ("checkpoint", "checkpoint 0")


@pytest.mark.parametrize("count", [0, 1, 2, 3, 5, 8, 13])
def test_the_root_is_that_of_rfc_9162(count):
    leaves = sorted(hashlib.sha256(b"\0" + bytes([one])).digest() for one in range(count))

    def tree(part):
        if not part:
            return hashlib.sha256(b"").digest()
        if len(part) == 1:
            return part[0]
        split = 1
        while split * 2 < len(part):
            split *= 2
        return hashlib.sha256(b"\1" + tree(part[:split]) + tree(part[split:])).digest()

    assert root_of(reversed(leaves)) == tree(leaves).hex()


def test_the_commands_show_sign_and_verify(installation, drawn, monkeypatch, capsys):
    monkeypatch.setenv("HAILONG_DATA", str(installation.settings.data))
    monkeypatch.setenv("DATABASE_URL", installation.settings.database_url)
    monkeypatch.setenv("HAILONG_LANG", "en")

    def run(*words):
        capsys.readouterr()
        try:
            code = main(["audit", *words, "--json"])
        except SystemExit as left:
            code = left.code
        return code, json.loads(capsys.readouterr().out)

    code, said = run("checkpoint")
    assert (code, said["result"]["checkpoint"]["count"]) == (0, 12)
    file = said["result"]["file"]
    code, said = run("show", "--last", "2")
    assert [row["action"] for row in said["result"]["rows"]] == ["answers-mixed", "checkpoint-made"]
    assert run("verify", "--checkpoint", file)[0] == 0
    a_round(installation, "other")  # past the services
    with unguarded(installation) as connection:
        _, item = removed_response(connection)
    code, said = run("verify")
    assert (code, said["findings"][0]["path"]) == (1, item)
    Path(file).write_text("no key", encoding="utf-8")
    code, said = run("verify", "--key", file)
    assert (code, said["findings"][0]["code"]) == (1, "public-key-unreadable")
