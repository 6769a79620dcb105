"""The pieces that `make load` measures and reckons with."""

import os
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import func, select

from bench.clients import look, walk
from bench.installed import ROUND, links_of_open_round, settings_of
from bench.loads import day, hosts, mixes, reading
from bench.loads.servers import NGINX, nginx
from bench.loads.sizes import SHORT
from bench.processes import held, high_water, spent, tree
from survey_app.db import reading as looking
from survey_app.db.answers import response
from survey_app.db.fieldwork import USED, invitation, receipt
from survey_app.services.installation import open_installation
from survey_app.services.mixing import mix
from survey_app.services.network import free_port

ROOT = Path(__file__).parents[2]
EACH = day.Each(application=3.0, database=0.5, opening=0.2, waiting=9.0, logged=10.0, mixed=2.0)
FIGURES = {
    "journeys": {"PostgreSQL": {"stored": 9 * 1024, "log": 10 * 1024}},
    "workers": {"PostgreSQL": {"cpu_ms_1": 2.8, "cpu_ms_2": 3.2, "database_ms_1": 0.5}},
    "mix": {
        "SQLite": {"wall_100000": 6.0, "kib_100000": 1.4},
        "PostgreSQL": {
            "wall_100000": 4.0,
            "wall_300000": 13.0,
            "kib_300000": 2.0,
            "open_ms_300000": 0.2,
            "night_memory": 20.0,
        },
    },
}


def test_a_day_of_the_country_is_reckoned_line_by_line():
    found = day.need(0.3, EACH, day.Assumed())
    assert found.responses == 90_000
    assert found.second == pytest.approx(15.0)  # 18,000 in the busiest hour, three times as dense
    assert found.application == pytest.approx(0.09)  # 45 ms a second, cores half busy
    assert found.database == pytest.approx(0.015)
    assert found.waiting == pytest.approx(90_000 * 9 / 2**20)
    assert found.stored == pytest.approx(30 * 90_000 * 2 / 2**20)
    assert day.each_of(FIGURES) == EACH


def test_a_mix_that_was_not_measured_is_marked_so():
    known = FIGURES["mix"]["PostgreSQL"]
    assert day.mix_seconds(known, 100_000) == (4.0, True)
    assert day.mix_seconds(known, 600_000) == (26.0, False)
    said = "\n".join(day.lines(FIGURES, day.Assumed()))
    assert "100,000: 4 s;" in said
    assert "1,000,000: 43 s (extrapolated)" in said
    assert "feeds 6.0 cores" in said
    assert "18 s of a night" in said
    assert "52 MiB of a province" in said


def test_without_figures_nothing_is_reckoned(capsys):
    day.show({"mix": {}})
    assert "journeys, workers" in capsys.readouterr().out


class Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.send_response(404 if "none" in self.path else 200)
        if "chunks" in self.path:
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"3\r\nabc\r\n")
            self.wfile.flush()
            self.wfile.write(b"0\r\n\r\n")
        else:
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

    def log_message(self, *_):
        pass


def test_readers_read_answers_to_the_end_and_count_the_wrong_ones():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    Thread(target=server.serve_forever, daemon=True).start()
    looks = [look("/chunks"), look("/whole"), look("/none")] * 5
    seen = walk(server.server_port, looks, 2)
    paced = walk(server.server_port, looks[:2], 2, 20.0, hosts=("127.0.0.1", "localhost"))
    server.shutdown()
    server.server_close()
    assert (len(seen.seconds), len(seen.faults)) == (15, 5)
    assert {one.split()[1] for one in seen.faults} == {b"404"}
    assert paced.wall >= 0.05
    assert paced.faults == []


def test_a_tree_of_processes_is_counted_with_those_that_have_ended():
    work = "sum(range(4_000_000))"
    inner = f"import subprocess, sys; subprocess.run([sys.executable, '-c', '{work}'])"
    process = subprocess.Popen(
        [sys.executable, "-c", f"{inner}; print(flush=True); input()"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    process.stdout.readline()
    assert process.pid in tree(os.getpid())
    own = tree(process.pid)
    assert own == [process.pid]
    assert spent(own).total > 0.02
    memory = held(own)
    assert memory.rss >= memory.pss > 2**20
    assert memory.handles >= 3
    assert high_water() >= held([os.getpid()]).rss / 2
    process.communicate(b"\n")
    assert (spent(own).total, held(own).handles) == (0, 0)


def test_what_is_stored_for_a_mix_is_what_a_mix_leaves(tmp_path):
    links_of_open_round(tmp_path, 5)
    installation = open_installation(settings_of(tmp_path))
    mixes.fill(installation.engine, 30)
    mixes.lay_in(installation.engine, installation.keyring()[ROUND].public, 25)
    assert mix(installation.engine, installation.keyring()[ROUND]).taken == 15
    with looking(installation.engine) as connection:
        rows = connection.execute(select(response.c.answers, response.c.flags)).all()
        used = select(func.count()).select_from(invitation).where(invitation.c.state == USED)
        assert connection.execute(used).scalar() == 30
        assert connection.execute(select(func.count()).select_from(receipt)).scalar() == 30
    assert len(rows) == 45
    assert all(row.answers == mixes.ANSWERS for row in rows)
    installation.engine.dispose()


def test_nginx_reads_the_deployed_configuration_without_its_certificates():
    if NGINX is None:
        pytest.skip("nginx is not installed")
    front, behind = free_port(), free_port()
    server = ThreadingHTTPServer(("127.0.0.1", behind), Answers)
    Thread(target=server.serve_forever, daemon=True).start()
    text = reading.site_of((ROOT / reading.DEPLOYED).read_text(encoding="utf-8"), front, behind)
    assert "ssl_" not in text
    assert "limit_" not in text
    with nginx(text, front):
        seen = walk(front, [look("/ket-qua/a"), look("/f/a")] * 3, 2)
    server.shutdown()
    server.server_close()
    assert (len(seen.seconds), seen.faults) == (6, [])


def test_hosts_are_left_out_where_no_namespace_is_to_be_had(monkeypatch, capsys):
    monkeypatch.setattr(hosts, "APART", ("false",))
    assert hosts.measure(SHORT) == {}
    assert "left out" in capsys.readouterr().out


def test_pages_of_a_release_are_asked_for_with_what_they_bring(tmp_path: Path):
    (tmp_path / "assets").mkdir()
    for name in ("index.html", "xa.html", "assets/site.css", "assets/sort.js", "data.csv"):
        (tmp_path / name).write_text("x")
    asked = [one.ask.split()[1] for one in reading.pages(tmp_path)]
    assert asked == [
        b"/ket-qua/index.html", b"/ket-qua/xa.html",
        b"/ket-qua/assets/site.css", b"/ket-qua/assets/sort.js",
    ]  # fmt: skip
