"""A fresh installation with one open round, for measurements."""

import subprocess
import sys
import time
from datetime import timedelta
from pathlib import Path
from urllib.request import urlopen

from sqlalchemy import insert

from survey_app.config import Settings
from survey_app.db import writing
from survey_app.db.fieldwork import OPEN, cell, survey_round
from survey_app.services.installation import local_day, make_installation, open_installation
from survey_app.services.invitations import issue_codes, link_of
from survey_app.services.key_marks import keep_marks
from survey_app.services.keys import make_keys
from survey_app.services.network import free_port

ROUND = "bench"


def settings_of(folder: Path, url: str | None = None) -> Settings:
    return Settings(
        data=folder,
        base_url="http://127.0.0.1:8000",
        database_url=url or f"sqlite:///{folder / 'hailong.sqlite3'}",
        trusted_hosts=(),
        lang="vi",
        two_person=False,
        organisation="Sở Nội vụ",
        province="31",
    )


def a_server_app(folder: Path):
    from survey_app.web import make_app

    settings = settings_of(folder)
    make_installation(settings, {})
    return make_app(open_installation(settings))


def links_of_open_round(
    folder: Path, count: int, url: str | None = None, questionnaire: str = "citizen"
) -> list[str]:
    """Make an installation with one open round and return fresh links."""
    settings = settings_of(folder, url)
    make_installation(settings, {})
    installation = open_installation(settings)
    keys = make_keys(settings, ROUND)
    today = local_day()
    with writing(installation.engine) as connection:
        keep_marks(connection, keys.by_file)
        connection.execute(
            insert(survey_round),
            {
                "round_id": ROUND,
                "questionnaire_id": questionnaire,
                "questionnaire_version": "2026-1",
                "opens": today,
                "closes": today + timedelta(days=9),
                "state": OPEN,
                "simulated": True,
                "inbox": "a",
                "frame_sha256": "",
                "draw_sha256": "",
            },
        )
        connection.execute(
            insert(cell),
            {
                "cell_id": "bench.1",
                "round_id": ROUND,
                "stratum": "s",
                "psu": "1",
                "unit_id": "1",
                "design_weight": 1.0,
                "expected": count,
            },
        )
    issued = issue_codes(installation.engine, keys, channel="P", counts={"bench.1": count})
    installation.engine.dispose()
    return [link_of(settings.base_url, one.code) for one in issued]


def start_server(folder: Path, environment: dict[str, str], workers: int = 1):
    """Start the real server on a free port; return it with its port."""
    port = free_port()
    command = [sys.executable, "-m", "survey_app.cli", "serve", "--host", "127.0.0.1"]
    server = subprocess.Popen(
        [*command, "--port", str(port), "--workers", str(workers)],
        env=environment | {"HAILONG_DATA": str(folder)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    for _ in range(300):
        try:
            urlopen(f"http://127.0.0.1:{port}/ready", timeout=1)
            break
        except OSError:
            time.sleep(0.1)
    return server, port
