"""The nightly mix, which writes every table of answers anew: how long it keeps phones waiting.

A round that has stored so many responses takes in one more night's answers while a phone looks
and sends three times a second. The mix runs in a process of its own, whose memory is counted.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import secrets
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from sqlalchemy import Engine, insert, text

from bench.clients import Seen, walk
from bench.installed import ROUND, settings_of
from bench.loads.journeys import FORM, Respondents
from bench.loads.servers import Postgres, ours
from bench.loads.sizes import Size
from bench.processes import high_water, spent, written
from survey_app.db import writing
from survey_app.db.answers import inbox_a
from survey_app.db.fieldwork import USED
from survey_app.services.installation import local_day, open_installation
from survey_app.services.mixing import mix
from survey_app.services.sealing import seal

NIGHT = 2_000
AT_ONCE = 20_000
RATE = 3.0
CELL, VERSION = "bench.1", "citizen@2026-1"
# Columns and values of the rows of each table; CHANCE stands for 16 random bytes.
_STORED = {
    "response (id, questionnaire_version, cell_id, round_id, answers, n_fast_pages,"
    " duration_band, flags, nonce)": (
        f"CHANCE, '{VERSION}', :cell, :round, ANSWERS, 0, 2, 0, CHANCE"
    ),
    "invitation (code_mac, cell_id, channel, expires_on, state)": (
        f"CHANCE || CHANCE, :cell, 'P', :day, {USED}"
    ),
    "receipt (key_mac, receipt_mac)": "CHANCE || CHANCE, CHANCE || CHANCE",
}
_NUMBERS = (
    "WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < :count)"
    " SELECT n FROM counted"
)
ANSWERS = {name: int(value) for name, value in FORM}


@dataclass(frozen=True)
class Mixed:
    """What one mix took: seconds, CPU seconds of it alone, MiB of memory at most, MiB written."""

    taken: int
    wall: float
    cpu: float
    memory: float
    written: float
    fault: str = ""


def measure(size: Size) -> Callable[[str, Postgres | None], dict[str, float]]:
    """Return what measures all sizes on one database."""
    print(
        "answers that waited are mixed into those stored;"
        f" a phone sends {RATE:.0f} times a second\n"
        f"{'':11}{'stored':>9}{'waited':>8}{'wall s':>8}{'CPU s':>7}{'PostgreSQL CPU s':>18}"
        f"{'memory MiB':>12}{'written MiB':>13}{'KiB a response':>16}"
        "   the phone: slowest s, answers that were no success"
    )
    return lambda name, server: _all(name, server, size)


def _all(name: str, server: Postgres | None, size: Size) -> dict[str, float]:
    found = {
        f"{what}_{stored}": value
        for stored in size.stored
        for what, value in _one(name, server, stored, NIGHT).items()
    }
    if not size.night:
        return found
    few = _one(name, server, NIGHT, NIGHT)
    many = _one(name, server, NIGHT, size.night)
    grown = 1024 * (many["memory"] - few["memory"]) / (size.night - NIGHT)
    return found | {"night_memory": grown}


def _one(name: str, server: Postgres | None, stored: int, night: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as at:
        folder, url = Path(at), server.fresh() if server else None
        people = Respondents(folder, 2_000, url).take(2_000)
        settings = settings_of(folder, url)
        installation = open_installation(settings)
        before = _stored(installation.engine)
        fill(installation.engine, stored)
        each = (_stored(installation.engine) - before) / stored / 1024
        lay_in(installation.engine, installation.keyring()[ROUND].public, night)
        installation.engine.dispose()
        database = (spent(server.pids()), server.logged()) if server else None
        with ours(folder, url, 1) as (_, port):
            walk(port, people[:20], 1)
            mixed, seen = _beside_a_phone(folder, url, port, people[20:])
        beside, log = 0.0, mixed.written
        if server and database:
            beside = (spent(server.pids()) - database[0]).total
            log = (server.logged() - database[1]) / 2**20
    phone = f"{max(seen.seconds):.1f}, {len(seen.faults)} of {len(seen.seconds)}"
    said = f"   REFUSED: {mixed.fault}" if mixed.fault else ""
    print(
        f"{name:11}{stored:9}{night:8}{mixed.wall:8.1f}{mixed.cpu:7.1f}{beside:18.1f}{mixed.memory:12.0f}"
        f"{log:13.0f}{each:16.2f}   {phone}{said}",
        flush=True,
    )
    return {
        "open_ms": 1000 * mixed.cpu / night,
        "wall": mixed.wall,
        "cpu": mixed.cpu + beside,
        "memory": mixed.memory,
        "log": log,
        "kib": each,
    }


def fill(engine: Engine, count: int) -> None:
    """Store responses with their spent codes and receipts, as mixes of earlier nights left them."""
    sqlite = engine.dialect.name == "sqlite"
    chance = "randomblob(16)" if sqlite else "uuid_send(gen_random_uuid())"
    answers = ":answers" if sqlite else "CAST(:answers AS JSONB)"
    numbers = _NUMBERS if sqlite else "SELECT generate_series(1, :count)"
    given = {"answers": json.dumps(ANSWERS), "cell": CELL, "round": ROUND, "day": local_day()}
    for first in range(0, count, AT_ONCE):
        with writing(engine) as connection:
            for table, row in _STORED.items():
                values = row.replace("CHANCE", chance).replace("ANSWERS", answers)
                sql = f"INSERT INTO {table} SELECT {values} FROM ({numbers}) AS numbers"
                some = {name: value for name, value in given.items() if f":{name}" in values}
                connection.execute(text(sql), some | {"count": min(AT_ONCE, count - first)})


def lay_in(engine: Engine, public: X25519PublicKey, count: int) -> None:
    """Let so many sealed answers wait."""
    content = {
        "cell": CELL, "round": ROUND, "version": VERSION, "answers": ANSWERS,
        "n_fast_pages": 0, "duration_band": 2, "flags": 0,
    }  # fmt: skip
    message = json.dumps(content).encode()
    with writing(engine) as connection:
        connection.execute(
            insert(inbox_a),
            [
                {"id": secrets.token_bytes(16), "sealed": seal(message, public)}
                for _ in range(count)
            ],
        )


def _beside_a_phone(folder: Path, url: str | None, port: int, people: list) -> tuple[Mixed, Seen]:
    """Mix while a phone goes on; return both."""
    context = multiprocessing.get_context("spawn")
    ours_end, theirs = context.Pipe()
    process = context.Process(target=_mix_alone, args=(folder, url, theirs))
    seen, over = Seen(), threading.Event()

    def phone() -> None:
        turn = iter(range(0, len(people), 3))
        while not over.is_set() and (at := next(turn, None)) is not None:
            part = walk(port, people[at : at + 3], 64, RATE)
            seen.seconds += part.seconds
            seen.faults += part.faults

    going = threading.Thread(target=phone)
    going.start()
    process.start()
    mixed = ours_end.recv()
    process.join()
    over.set()
    going.join()
    return mixed, seen


def _mix_alone(folder: Path, url: str | None, answer: object) -> None:
    installation = open_installation(settings_of(folder, url))
    keys = installation.keyring()[ROUND]
    wall, cpu = time.perf_counter(), time.process_time()
    taken, fault = 0, ""
    try:
        taken = mix(installation.engine, keys).taken
    except Exception as error:  # told in the table
        fault = str(error).splitlines()[0]
    peak = high_water() / 2**20
    took = time.perf_counter() - wall, time.process_time() - cpu
    answer.send(Mixed(taken, *took, peak, written([os.getpid()]) / 2**20, fault))  # type: ignore[attr-defined]


def _stored(engine: Engine) -> int:
    """Bytes of the database."""
    size = (
        "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
        if engine.dialect.name == "sqlite"
        else "SELECT pg_database_size(current_database())"
    )
    with engine.connect() as connection:
        return int(connection.execute(text(size)).scalar_one())
