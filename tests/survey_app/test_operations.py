"""What operators see of a running server: enough to mend it, too little to find anybody."""

import re
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from urllib.parse import urlsplit

import pytest
from builders import a_form, a_round, some_codes
from sqlalchemy import text

from survey_app.services import installation as installations
from survey_app.services.examinations import of_database_clock
from survey_app.services.tallies import Tallies

SAME = {"Sec-Fetch-Site": "same-origin"}
KINDS = ("accepted", "repeated", "used", "expired")
LINE = re.compile(r'(hailong_[a-z_]+)(\{[a-z]+="[a-z0-9.+I-]+n?f?"(,[a-z]+="[^"]+")*\})? \d+')


def answer(client, code, **change):
    place = urlsplit(client.get(f"/s/{code}").headers["Location"]).path
    return client.post(place, data=a_form(), headers=SAME, **change)


def metric(client, name):
    (line,) = [
        line for line in client.get("/metrics").text.splitlines() if line.startswith(f"{name} ")
    ]
    return int(line.split()[-1])


def test_forms_show_in_tens_so_that_no_one_form_has_a_time(client, installation):
    codes = some_codes(installation, a_round(installation), {"demo.10507": 10})
    accepted, seen = 'hailong_forms_total{result="accepted"}', []
    for code in codes:
        assert answer(client, code).status_code == 303
        names = (accepted, "hailong_inbox_waiting")
        seen.append(tuple(metric(client, name) for name in names))
    assert seen == [(0, 0)] * 9 + [(10, 10)]
    twice, used = {"code": codes[0]}, SAME | {"Idempotency-Key": "another"}
    for _ in range(10):
        again = client.post("/s/f/x", data=a_form(**twice), headers=SAME)
        assert "again=1" in again.headers["Location"]
        assert client.post("/s/f/x", data=a_form(**twice), headers=used).status_code == 409
    found = [metric(client, f'hailong_forms_total{{result="{kind}"}}') for kind in KINDS]
    assert found == [10, 10, 10, 0]


def test_every_line_is_of_prometheus_and_names_no_code_cell_counter_or_address(
    client, installation
):
    code = some_codes(installation, a_round(installation))[0]
    answer(client, code, environ_overrides={"REMOTE_ADDR": "203.0.113.77"})
    shown = client.get("/metrics")
    assert shown.content_type == "text/plain; version=0.0.4; charset=utf-8"
    lines = [line for line in shown.text.splitlines() if not line.startswith("# ")]
    assert [line for line in lines if not LINE.fullmatch(line)] == []
    assert len(lines) == len({line.rsplit(" ", 1)[0] for line in lines})
    for trace in (code, "10507", "demo", "203.0.113"):
        assert trace not in shown.text
    buckets = re.findall(r'_bucket\{group="home",le="([^"]+)"\} (\d+)', shown.text)
    assert buckets[-1][0] == "+Inf"
    assert [int(count) for _, count in buckets] == sorted(int(count) for _, count in buckets)


@pytest.mark.parametrize(
    "change",
    [
        {"environ_overrides": {"REMOTE_ADDR": "203.0.113.7"}},
        {"environ_overrides": {"REMOTE_ADDR": ""}},
        {"headers": {"X-Forwarded-For": "127.0.0.1"}},
        {"headers": {"X-Real-IP": "127.0.0.1"}},
        {"base_url": "http://khaosat.example"},
    ],
)
def test_who_is_not_on_this_machine_finds_no_metrics(client, app, change):
    app.config["TRUSTED_HOSTS"].append("khaosat.example")
    shown = client.get("/metrics", **change)
    assert shown.status_code == 404
    assert "hailong_" not in shown.text
    assert client.get("/metrics").status_code == 200


def test_a_database_that_is_gone_is_told_exactly_and_nobody_is_sent_there(client, installation):
    before = metric(client, "hailong_database_errors_total")
    with installation.engine.begin() as connection:
        connection.execute(text("ALTER TABLE inbox_a RENAME TO away"))
        connection.execute(text("ALTER TABLE round RENAME TO gone"))
    assert client.get("/ready").status_code == 503
    assert client.get("/health").status_code == 200
    assert metric(client, "hailong_database_up") == 0
    assert metric(client, "hailong_database_errors_total") == before + 1
    assert metric(client, 'hailong_requests_total{group="operations",status="5xx"}') == 1


def test_a_server_without_keys_or_space_says_that_it_is_not_ready(
    client, installation, monkeypatch
):
    a_round(installation)
    assert client.get("/ready").status_code == 200
    monkeypatch.setattr(installations, "SPACE_TO_ANSWER", 1 << 62)
    assert client.get("/ready").status_code == 503
    monkeypatch.undo()
    (installation.settings.keys / "demo" / "code.key").unlink()
    installation._read_at = None
    installation._keyring = {}
    assert client.get("/ready").status_code == 503


def test_workers_count_together():
    tallies, series = Tallies(), ("forms", "accepted", "")
    fork = get_context("fork")
    workers = [fork.Process(target=count, args=(tallies, series)) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert tallies.read()[series] == 600


def count(tallies, series):
    for _ in range(200):
        tallies.add([series])


def test_a_server_of_the_database_with_another_time_is_told(installation):
    now = datetime.now(UTC)
    assert of_database_clock(installation.engine, now) == []
    told = of_database_clock(installation.engine, now + timedelta(minutes=5))
    if installation.engine.dialect.name == "sqlite":
        assert told == []
    else:
        assert [finding.code for finding in told] == ["clock-differs"]
        assert re.search(r"(299|300|301) seconds", told[0].message.en)
