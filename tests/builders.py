"""Things that tests need, each with every field open to change."""

from __future__ import annotations

import atexit
import dataclasses
import shutil
import tempfile
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import psycopg
from sqlalchemy import func, insert, make_url, select

from survey_app.config import Settings
from survey_app.db import reading, writing
from survey_app.db.fieldwork import OPEN, cell, survey_round
from survey_app.db.registry import agency, service_point
from survey_app.services.answering import find_invitation, submit
from survey_app.services.attempts import FEEDBACKS, Attempts, Limits
from survey_app.services.installation import Installation, make_installation, open_installation
from survey_app.services.invitations import issue_codes
from survey_app.services.key_marks import keep_marks
from survey_app.services.keys import make_keys
from survey_app.services.mixing import mix
from survey_app.services.rounds import create_round, open_round
from survey_app.services.shared_counts import SharedCounts

TODAY = date(2026, 3, 10)


def some_settings(data: Path, **changes: object) -> Settings:
    """Settings of a trial on this machine."""
    settings = Settings(
        data=data,
        base_url="http://127.0.0.1:8000",
        database_url=f"sqlite:///{data / 'hailong.sqlite3'}",
        trusted_hosts=(),
        lang="vi",
        two_person=False,
        organisation="Sở Nội vụ",
        province="31",
    )
    return dataclasses.replace(settings, **changes)


@cache
def _template(url: str | None) -> Path:
    """The folder of a new installation, made once in a process, beside its database."""
    folder = Path(tempfile.mkdtemp())
    atexit.register(shutil.rmtree, folder)
    settings = some_settings(folder / "data")
    if url:
        settings = dataclasses.replace(settings, database_url=_new_database(url, "template"))
    make_installation(settings, {})
    return folder / "data"


def an_installation(data: Path, url: str | None = None) -> Installation:
    """A migrated installation; on a given server it takes the place of the one before."""
    settings = some_settings(data)
    shutil.copytree(_template(url), data)
    if url:
        database = _new_database(url, "installation", "TEMPLATE hailong_template")
        settings = dataclasses.replace(settings, database_url=database)
    return open_installation(settings, lambda: TODAY)


def _new_database(url: str, name: str, like: str = "") -> str:
    """The URL of a database made anew on a server, where nobody uses one of that name any more."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS hailong_{name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE hailong_{name} {like}")
    return (
        make_url(url)
        .set(drivername="postgresql+psycopg", database=f"hailong_{name}")
        .render_as_string(hide_password=False)
    )


def a_round(
    installation: Installation,
    round_id: str = "demo",
    *,
    questionnaire: tuple[str, str] = ("citizen", "2026-1"),
    cells: tuple[str, ...] = ("10507", "10525"),
    state: str = OPEN,
    opens: date = TODAY - timedelta(days=5),
    closes: date = TODAY + timedelta(days=20),
    simulated: bool = True,
    psu: bool = True,
) -> str:
    """An open round with one cell per commune."""
    keys = make_keys(installation.settings, round_id)
    with writing(installation.engine) as connection:
        keep_marks(connection, keys.by_file)
        connection.execute(
            insert(survey_round),
            {
                "round_id": round_id,
                "questionnaire_id": questionnaire[0],
                "questionnaire_version": questionnaire[1],
                "opens": opens,
                "closes": closes,
                "state": state,
                "simulated": simulated,
                "inbox": "a",
                "frame_sha256": "0" * 64,
                "draw_sha256": "1" * 64,
            },
        )
        connection.execute(
            insert(cell),
            [
                {
                    "cell_id": f"{round_id}.{unit}",
                    "round_id": round_id,
                    "stratum": "urban-hai-duong",
                    "psu": unit if psu else None,
                    "unit_id": unit,
                    "design_weight": 250.0,
                    "expected": 90,
                }
                for unit in cells
            ],
        )
    installation._read_at = None
    return round_id


def a_counter(installation: Installation, counter_id: str = "q1", **changes: object) -> None:
    """A counter of the registry and its agency, ``a-<counter>``."""
    row = {
        "counter_id": counter_id,
        "name": f"Bộ phận Một cửa {counter_id}",
        "agency_code": f"a-{counter_id}",
        "unit_code": "10507",
        "address": "",
        "opens": "07:30",
        "closes": "16:30",
        "source": "test",
    }
    with writing(installation.engine) as connection:
        connection.execute(
            insert(agency),
            {
                "agency_code": f"a-{counter_id}",
                "name": "Ủy ban nhân dân phường",
                "type": "commune",
                "source": "test",
            },
        )
        connection.execute(insert(service_point), row | changes)


def some_codes(
    installation: Installation,
    round_id: str,
    counts: Mapping[str, int] | None = None,
    *,
    channel: str = "P",
    expires_on: date | None = None,
) -> list[str]:
    """Codes of a round in the order in which they were handed over."""
    keys = installation.keyring()[round_id]
    counts = counts or {f"{round_id}.10507": 3}
    return [
        one.code
        for one in issue_codes(
            installation.engine, keys, channel=channel, counts=counts, expires_on=expires_on
        )
    ]


def a_form(**changes: str | list[str]) -> dict[str, str | list[str]]:
    """Fields of a population questionnaire that was answered."""
    fields: dict[str, str | list[str]] = {"gioi_tinh": "2", "do_tuoi": "3"}
    fields |= {f"cau_9_{number:02}": "4" for number in range(1, 40)}
    return fields | changes


FRAME = "unit_id,unit_name,province,stratum,size\n" + "".join(
    f"{unit},Xã {unit},31,s,60\n" for unit in ("10507", "10510", "10516", "10525")
)
DESIGN = """\
version: 1
stages: [{unit: commune, method: srs, take: 2}, {unit: person, method: srs, take: 30}]
"""


def a_drawn_round(installation: Installation, folder: Path) -> str:
    """A round ``real`` from a real draw, open, twelve answers in its first cell: the cell's id."""
    from survey_app.cli import main

    (folder / "frame.csv").write_text(FRAME, encoding="utf-8")
    (folder / "design.yaml").write_text(DESIGN, encoding="utf-8")
    design, frame, draw = (str(folder / one) for one in ("design.yaml", "frame.csv", "draw"))
    assert main(["sample", "draw", design, "--frame", frame, "--seed", "7", "--out", draw]) == 0
    engine, settings, kind = installation.engine, installation.settings, ("citizen", "2026-1")
    create_round(engine, settings, "real", kind, Path(draw), opens=TODAY, closes=TODAY)
    open_round(engine, settings, "real")
    installation._read_at = None
    with reading(engine) as connection:
        first = str(connection.scalar(select(func.min(cell.c.cell_id))))
    mixed(installation, 12, first)
    return first


def answered(installation: Installation, count: int, cell_id: str = "demo.10507") -> None:
    """Answer so many forms in a cell."""
    keyring, round_id = installation.keyring(), cell_id.split(".")[0]
    for code in some_codes(installation, round_id, {cell_id: count}):
        invited = find_invitation(installation.engine, keyring, code, TODAY)
        submit(installation.engine, keyring, code, invited, {"gioi_tinh": 1}, on=TODAY)


def mixed(installation: Installation, count: int, cell_id: str) -> None:
    """Answer so many forms in a cell, and mix them."""
    answered(installation, count, cell_id)
    keyring, round_id = installation.keyring(), cell_id.split(".")[0]
    mix(installation.engine, keyring[round_id], every_cell=True, on=TODAY)


def still_limits(**more: SharedCounts) -> Limits:
    """What hosts count, in a minute that does not end while a test counts to its limit."""
    return Limits(
        wrong_codes=Attempts(clock=lambda: 30.0),
        feedbacks=Attempts(FEEDBACKS, clock=lambda: 30.0),
        **more,
    )
