"""After a mix every answer is there once, and nothing tells whose it is."""

import sqlite3

import pytest
from builders import TODAY, a_round, an_installation, some_codes
from sqlalchemy import event, select

from questionnaires import load, parse_answers
from survey_app.db import reading
from survey_app.db.answers import INBOXES, response
from survey_app.db.fieldwork import invitation, receipt
from survey_app.services.answering import find_invitation, submit
from survey_app.services.freezing import freeze_round
from survey_app.services.installation import Installation
from survey_app.services.mixing import Mixed, _draw, count_waiting, empty_log, mix
from survey_app.services.rounds import close_round
from survey_app.services.sealing import PADDED, seal, unseal


def answered(installation: Installation, round_id: str, cell: str, count: int) -> None:
    keyring = installation.keyring()
    for number, code in enumerate(some_codes(installation, round_id, {cell: count})):
        invited = find_invitation(installation.engine, keyring, code, TODAY)
        submit(installation.engine, keyring, code, invited, {"number": number}, on=TODAY)


def answers_of(installation: Installation, round_id: str) -> list[int]:
    with reading(installation.engine) as connection:
        rows = connection.execute(
            select(response.c.answers).where(response.c.round_id == round_id)
        ).scalars()
        return sorted(row["number"] for row in rows)


def test_a_cell_gives_ten_at_least_and_keeps_ten_until_the_close(installation):
    a_round(installation)
    answered(installation, "demo", "demo.10507", 23)
    answered(installation, "demo", "demo.10525", 19)
    keys = installation.keyring()["demo"]
    assert mix(installation.engine, keys) == Mixed(13, 29)
    assert count_waiting(installation.engine) == 29
    assert mix(installation.engine, keys) == Mixed(0, 29)
    assert mix(installation.engine, keys, every_cell=True) == Mixed(29, 0)
    assert count_waiting(installation.engine) == 0
    assert answers_of(installation, "demo") == sorted([*range(23), *range(19)])


def test_who_answers_alone_after_a_mix_leaves_with_ten_others(installation):
    a_round(installation)
    answered(installation, "demo", "demo.10507", 20)
    keys = installation.keyring()["demo"]
    assert mix(installation.engine, keys) == Mixed(10, 10)
    answered(installation, "demo", "demo.10507", 1)
    assert mix(installation.engine, keys) == Mixed(0, 11)
    assert mix(installation.engine, keys, every_cell=True) == Mixed(11, 0)


def test_what_stays_in_the_inbox_is_sealed_anew(installation):
    a_round(installation)
    answered(installation, "demo", "demo.10507", 25)

    def sealed() -> set[bytes]:
        with reading(installation.engine) as connection:
            return {
                value
                for inbox in INBOXES.values()
                for row in connection.execute(select(inbox))
                for value in row
            }

    before = sealed()
    mix(installation.engine, installation.keyring()["demo"])
    after = sealed()
    assert (len(before), len(after)) == (50, 20)
    assert not before & after


def test_answers_of_another_round_stay_sealed(installation):
    a_round(installation, "one")
    a_round(installation, "two")
    answered(installation, "one", "one.10507", 10)
    answered(installation, "two", "two.10507", 10)
    mixed = mix(installation.engine, installation.keyring()["one"], every_cell=True)
    assert (mixed.taken, mixed.waiting) == (10, 0)
    assert count_waiting(installation.engine) == 10
    assert answers_of(installation, "two") == []
    mix(installation.engine, installation.keyring()["two"], every_cell=True)
    assert answers_of(installation, "two") == list(range(10))
    assert answers_of(installation, "one") == list(range(10))


def test_receipts_and_codes_are_kept_through_a_mix(installation):
    a_round(installation)
    answered(installation, "demo", "demo.10507", 10)

    def kept() -> list[object]:
        with reading(installation.engine) as connection:
            return [
                sorted(map(tuple, connection.execute(select(table)).all()))
                for table in (invitation, receipt)
            ]

    before = kept()
    mix(installation.engine, installation.keyring()["demo"], every_cell=True)
    assert kept() == before


def test_the_order_of_answers_is_not_the_order_of_arrival(installation):
    a_round(installation)
    answered(installation, "demo", "demo.10507", 40)
    mix(installation.engine, installation.keyring()["demo"], every_cell=True)
    with reading(installation.engine) as connection:
        order = [row["number"] for row in connection.execute(select(response.c.answers)).scalars()]
    assert sorted(order) == list(range(40))
    # Forty answers come out in their order of arrival once in 40! times.
    assert order != list(range(40))


def test_a_log_that_somebody_reads_is_told_and_emptied_the_next_time(tmp_path, caplog):
    made = an_installation(tmp_path / "data")
    answered(made, a_round(made), "demo.10507", 30)
    log = made.settings.data / "hailong.sqlite3-wal"
    with sqlite3.connect(made.settings.data / "hailong.sqlite3") as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM receipt").fetchone()
        impatient = made.engine.raw_connection()
        impatient.cursor().execute("PRAGMA busy_timeout=10")
        impatient.close()
        mix(made.engine, made.keyring()["demo"])
        assert "is being read" in caplog.text
        assert log.stat().st_size > 0
        reader.execute("COMMIT")
    empty_log(made.engine)
    assert log.stat().st_size == 0
    made.engine.dispose()


def test_answers_reach_the_first_statement_of_a_mix_in_random_order():
    # PostgreSQL's log keeps the order of the first statement; `make faults` reads that log.
    arrived = [{"number": number, "duration_band": 1} for number in range(40)]
    taken, left = _draw({"a": arrived[:20], "b": arrived[20:]}, every_cell=True)
    assert (sorted(one["number"] for one in taken), left) == (list(range(40)), [])
    assert [one["number"] for one in taken] != list(range(40))


def test_a_mix_takes_its_time_and_pages_do_not(installation):
    if installation.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has no limit of time")
    a_round(installation)
    answered(installation, "demo", "demo.10507", 20)
    limits = []

    def note(connection, _cursor, statement, *_):
        if statement.startswith("TRUNCATE response"):
            limits.append(connection.exec_driver_sql("SHOW statement_timeout").scalar())

    event.listen(installation.engine, "before_cursor_execute", note)
    assert mix(installation.engine, installation.keyring()["demo"]).taken == 10
    with reading(installation.engine) as connection:
        limits.append(connection.exec_driver_sql("SHOW statement_timeout").scalar())
    assert limits == ["0", "10s"]


def test_a_sealed_answer_opens_with_its_own_key_alone_and_shows_no_length(installation):
    a_round(installation, "one")
    a_round(installation, "two")
    ours, theirs = (installation.keyring()[name] for name in ("one", "two"))
    short, long = seal(b"a", ours.public), seal(b"b" * 5000, ours.public)
    assert unseal(short, ours.private) == b"a"
    assert unseal(short, theirs.private) is None
    assert unseal(short[:-1] + bytes([short[-1] ^ 1]), ours.private) is None
    assert len(short) == len(long) == PADDED + 32 + 16


def test_an_answer_written_after_the_mix_of_the_close_is_counted_by_the_freeze(installation):
    engine, settings = installation.engine, installation.settings
    codes = some_codes(installation, a_round(installation), {"demo.10507": 3})
    keyring = installation.keyring()
    looked = [find_invitation(engine, keyring, code, TODAY) for code in codes]

    def send(number: int) -> None:
        answers = parse_answers(load("citizen", "2026-1"), {"cau_9_01": ["4"]}).answers.values
        submit(engine, keyring, codes[number], looked[number], answers, on=TODAY)

    send(0)
    send(1)
    close_round(engine, settings, "demo")
    send(2)
    assert count_waiting(engine) == 1
    folder = settings.rounds / "demo"
    (folder / "sample").mkdir(parents=True)
    (folder / "sample" / "frame.csv").write_text("unit_id\n10507\n10525\n", encoding="utf-8")
    assert freeze_round(engine, settings, "demo", folder / "respondents.parquet")[0] == 3
    assert count_waiting(engine) == 0
