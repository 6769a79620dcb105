"""The command line, driven as province staff drive it: in a folder, on a small round.

Every refusal is one clear message with a remedy and an exit code; what was stored before stays
as it was. An exception that is no refusal ends the test, as a traceback would end the command.
"""

import csv
import io
import json
import os
import re
import shutil
import socket
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pandas as pd
import pytest
from builders import a_counter, a_round, an_installation

from questionnaires import load, parse_answers
from survey_app.cli import main
from survey_app.config import read_settings
from survey_app.services.answering import find_invitation, submit
from survey_app.services.codes import read_code
from survey_app.services.examinations import of_clock
from survey_app.services.installation import local_day, open_installation
from survey_app.services.registry import import_files

PLACES = {"file", "row", "column", "path"}
OPENS, CLOSES = (str(local_day() + timedelta(days=days)) for days in (-1, 30))
FRAME = """\
unit_id,unit_name,province,stratum,size,adults,urban
a1,Phường A1,31,urban,4000,3000,1
a2,Phường A2,31,urban,5000,3500,1
a3,Phường A3,31,urban,6000,4500,1
b1,Xã B1,31,rural,3000,2200,0
b2,Xã B2,31,rural,2500,1900,0
b3,Xã B3,31,rural,2000,1500,0
"""
DESIGN = """\
version: 1
name: small
frame: small
instrument: citizen@2026-1
stages:
  - {unit: commune, strata: stratum, method: pps_systematic, size: size,
     take: {urban: 2, rural: 2}}
  - {unit: person, method: srs, take: 4, size: adults}
reserves: {commune: 1, person: 1}
targets: {share: 0.8, level: 0.95, rho: 0.02, response: 0.6}
costs: {per_unit: 1, per_interview: 1}
seed_policy: opened before witnesses
"""
COUNTERS = """\
unit_id,unit_name,province,stratum,size
q1,Quầy 1,31,q1,500
q2,Quầy 2,31,q2,300
"""
VISITS = """\
version: 1
name: visits
frame: counters
instrument: transaction@2026-1
stages:
  - {unit: counter, strata: stratum, certainty: all}
  - {unit: visit, method: every_kth, take: 5, size: size}
targets: {share: 0.8, level: 0.95, response: 0.5}
costs: {per_interview: 1}
seed_policy: opened before witnesses
"""
WEIGHTS = "version: 1\nbase: design_weight\nnonresponse: {classes: cell}\ntrim: false\n"
ESTIMATE = """\
version: 1
questionnaire: citizen@2026-1
weights: final
design: {strata: stratum, lonely_psu: fail}
rules: [top2]
aggregation: {factor: mean, block: items, overall: items}
domains: [[]]
shares: false
"""


@dataclass(frozen=True)
class Ran:
    """What one command line did."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict:
        return json.loads(self.out, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))

    @property
    def codes(self) -> list[str]:
        return [finding["code"] for finding in self.document["findings"]]


def run_in(folder: Path, environment: dict[str, str], *arguments: object) -> Ran:
    """Run one command in a folder with exactly these settings."""
    script = "import sys; from survey_app.cli import main; sys.exit(main(sys.argv[1:]))"
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("HAILONG_") and name != "DATABASE_URL"
    }
    done = subprocess.run(
        [sys.executable, "-c", script, *map(str, arguments)], cwd=folder, env=kept | environment,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stderr, done.stderr
    return Ran(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def hailong(tmp_path, monkeypatch, capsys) -> Callable[..., Ran]:
    """The program, run in an empty folder whose ``data`` is the data folder of a trial."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("HAILONG_")]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("HAILONG_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("HAILONG_TWO_PERSON", "off")
    monkeypatch.setenv("HAILONG_LANG", "en")
    capsys.readouterr()

    def run(*arguments: object) -> Ran:
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as left:
            code = left.code
        said = capsys.readouterr()
        return Ran(code, said.out, said.err)

    return run


def write_inputs(folder: Path) -> None:
    for name, text in (
        ("frame.csv", FRAME),
        ("design.yaml", DESIGN),
        ("counters.csv", COUNTERS),
        ("visits.yaml", VISITS),
        ("weights.yaml", WEIGHTS),
        ("estimate.yaml", ESTIMATE),
    ):
        (folder / name).write_text(text, encoding="utf-8")


def create(hailong: Callable[..., Ran], round_id: str = "small", draw: str = "draw") -> Ran:
    questionnaire = "citizen@2026-1" if draw == "draw" else "transaction@2026-1"
    return hailong("round", "create", round_id, "--questionnaire", questionnaire,
                   "--sample", draw, "--opens", OPENS, "--closes", CLOSES)  # fmt: skip


def answer(data: Path, codes: Path) -> int:
    """Answer with every code of a folder of letters; return how many there were."""
    installation = open_installation(read_settings(data))
    questionnaire = load("citizen", "2026-1")
    with codes.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for number, row in enumerate(rows):
        code = read_code(row["link"].rsplit("/", 1)[1])
        invited = find_invitation(
            installation.engine, installation.keyring(), code, installation.today()
        )
        fields = {"gioi_tinh": ["1"], "do_tuoi": ["2"]} | {
            f"cau_9_{item:02}": [str(1 + (item + number) % 5)] for item in range(1, 40)
        }
        submit(installation.engine, installation.keyring(), code, invited,
               parse_answers(questionnaire, fields).answers.values,
               on=installation.today())  # fmt: skip
    installation.engine.dispose()
    return len(rows)


@pytest.fixture(scope="module")
def stages(tmp_path_factory) -> dict[str, Path]:
    """One small round at four stages of its life, each a folder of its own."""
    folders = {}
    base = tmp_path_factory.mktemp("stages")
    work = base / "work"
    work.mkdir()
    write_inputs(work)
    previous = Path.cwd()
    before = dict(os.environ)
    os.environ.pop("DATABASE_URL", None)
    os.environ |= {"HAILONG_DATA": "data", "HAILONG_TWO_PERSON": "off", "HAILONG_LANG": "en"}
    os.chdir(work)

    def run(*arguments: object) -> Ran:
        code = main([str(argument) for argument in arguments])
        assert code == 0, arguments
        return Ran(code, "", "")

    def keep(name: str) -> None:
        folders[name] = base / name
        shutil.copytree(work, folders[name])

    try:
        run("init")
        run("sample", "draw", "design.yaml", "--frame", "frame.csv", "--seed", 7, "--out", "draw")
        run("sample", "draw", "visits.yaml", "--frame", "counters.csv", "--seed", 7,
            "--out", "draw-visits")  # fmt: skip
        create(run)
        create(run, "visits", "draw-visits")
        keep("planned")
        run("codes", "issue", "small", "--out", "letters")
        run("codes", "issue", "visits", "--out", "tickets")
        run("round", "open", "small")
        run("round", "open", "visits")
        keep("open")
        answer(Path("data"), Path("letters/codes.csv"))
        run("round", "close", "small")
        run("round", "freeze", "small", "--out", "data/rounds/small/respondents.parquet")
        keep("frozen")
    finally:
        os.chdir(previous)
        os.environ.clear()
        os.environ.update(before)
    return folders


@pytest.fixture
def at_stage(stages, hailong, tmp_path) -> Callable[[str], Path]:
    """Bring the small round to a stage; returns the data folder."""

    def copy(name: str) -> Path:
        shutil.copytree(stages[name], tmp_path, dirs_exist_ok=True)
        return tmp_path / "data"

    return copy


def stored(data: Path) -> dict[str, object]:
    """All rows of the database and all files beside it: what a refusal must not change."""
    kept: dict[str, object] = {
        str(path.relative_to(data)): sha256(path.read_bytes()).hexdigest()
        for path in sorted(data.rglob("*"))
        if path.is_file() and not path.name.startswith("hailong.sqlite3")
    }
    if (data / "hailong.sqlite3").is_file():
        connection = sqlite3.connect(data / "hailong.sqlite3")
        names = [row[0] for row in connection.execute("SELECT name FROM sqlite_master "
                                                      "WHERE type = 'table'")]  # fmt: skip
        for name in names:
            kept[name] = sorted(map(repr, connection.execute(f'SELECT * FROM "{name}"')))
        connection.close()
    return kept


@pytest.fixture
def unchanged(tmp_path) -> Iterator[Callable[..., None]]:
    """Call it before the refusals; after the test nothing stored but what it names has changed."""
    before: list[dict[str, object]] = []
    spared: list[str] = []

    def call(*but: str) -> None:
        spared.extend(but)
        before.append(stored(tmp_path / "data"))

    yield call
    assert before, "call unchanged() before the refusals"
    after = stored(tmp_path / "data")
    for name in spared:
        after[name] = before[0][name]
    assert after == before[0]


def refused(ran: Ran, *words: str, code: int = 1) -> None:
    """One message on stderr that holds these words, nothing on stdout, this exit code."""
    assert ran.code == code, ran
    assert ran.out == ""
    assert ran.err.strip()
    assert "Traceback" not in ran.err
    for word in words:
        assert word in ran.err, ran.err


# One document on stdout


def test_a_good_frame_is_one_json_document_with_its_figures(hailong, tmp_path):
    write_inputs(tmp_path)
    ran = hailong("frame", "check", "frame.csv", "--json")
    assert ran.code == 0
    assert set(ran.document) == {"ok", "findings", "result"}
    assert ran.document["ok"] is True
    assert ran.document["findings"] == []
    result = ran.document["result"]
    assert (result["units"], result["total_size"], result["total_findings"]) == (6, 22500, 0)
    assert len(result["sha256"]) == 64


def test_every_fault_of_a_frame_comes_with_its_row_and_column(hailong, tmp_path):
    (tmp_path / "frame.csv").write_text(
        "unit_id,unit_name,province,stratum,size\na1,A,31,urban,0\na1,B,31,,x\nA1,C,31,u,1.000\n",
        encoding="utf-8",
    )
    ran = hailong("frame", "check", "frame.csv", "--json")
    assert ran.code == 1
    assert ran.document["ok"] is False
    found = {(one.get("row"), one.get("column")) for one in ran.document["findings"]}
    assert found >= {(2, "size"), (3, "unit_id"), (3, "stratum"), (3, "size"), (4, "size")}
    for finding in ran.document["findings"]:
        assert {"code", "severity", "message", "advice"} <= set(finding)
        assert set(finding) <= {"code", "severity", "message", "advice"} | PLACES
        assert None not in finding.values()


def test_the_first_fifty_faults_are_shown_and_all_are_counted(hailong, tmp_path):
    rows = "".join(f"u{number},U,31,s,0\n" for number in range(70))
    (tmp_path / "frame.csv").write_text(
        f"unit_id,unit_name,province,stratum,size\n{rows}", encoding="utf-8"
    )
    ran = hailong("frame", "check", "frame.csv", "--json")
    assert (ran.code, len(ran.document["findings"])) == (1, 50)
    assert ran.document["result"]["total_findings"] == 70
    assert len(hailong("frame", "check", "frame.csv").err.strip().splitlines()) <= 51


def test_warnings_alone_are_no_refusal(hailong, tmp_path):
    write_inputs(tmp_path)
    (tmp_path / "now.csv").write_text(FRAME.replace("6000", "9000"), encoding="utf-8")
    ran = hailong("frame", "check", "now.csv", "--against", "frame.csv", "--json")
    assert {one["severity"] for one in ran.document["findings"]} == {"warning"}
    assert (ran.code, ran.document["ok"]) == (0, True)


def test_a_refusal_is_the_same_document(hailong):
    ran = hailong("round", "status", "--json")
    assert (ran.code, ran.document["ok"]) == (1, False)
    assert ran.codes == ["data-folder-missing"]
    assert ran.document["result"] == {"total_findings": 1}
    assert ran.err == ""


def test_wrong_usage_is_exit_code_two(hailong):
    for arguments in (
        ("fly",),
        ("round",),
        ("round", "status", "--fly"),
        ("codes", "issue", "small"),
        ("codes", "issue", "small", "--out", "x", "--count", "0"),
        ("frame", "build", "--on", "2026-13-01", "--out", "x.csv"),
        ("round", "create", "x", "--opens", "soon"),
        ("serve", "--port", "99999"),
        ("--lang", "fr", "doctor"),
    ):
        assert hailong(*arguments).code == 2, arguments


def test_messages_are_vietnamese_unless_english_is_asked_for(hailong, monkeypatch, tmp_path):
    assert "There is no data folder" in hailong("round", "status").err
    assert "Không có thư mục dữ liệu" in hailong("--lang", "vi", "round", "status").err
    monkeypatch.delenv("HAILONG_LANG")
    assert "Không có thư mục dữ liệu" in hailong("round", "status").err
    assert "There is no data folder" in hailong("--lang", "en", "round", "status").err
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / ".env").write_text("HAILONG_LANG=en\n")
    assert "hailong db upgrade" in (said := hailong("round", "status").err)
    assert "this program needs" in said


# Checks need nothing


def test_checks_need_no_installation(hailong, monkeypatch, tmp_path):
    write_inputs(tmp_path)
    monkeypatch.setenv("HAILONG_DATA", str(tmp_path / "nowhere"))
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
    from survey_app.demo.files import questionnaire_files, registry_files

    tree = Path(sys.modules["analysis.par_index"].__file__ or "").parent / "years"
    for arguments in (
        ("frame", "check", "frame.csv"),
        ("registry", "check", *registry_files()[2:]),
        ("questionnaire", "check", questionnaire_files()[0]),
        ("index", "check", next(tree.glob("*.yaml"))),
        ("sample", "plan", "design.yaml", "--frame", "frame.csv"),
        ("sample", "draw", "design.yaml", "--frame", "frame.csv", "--seed", "1", "--out", "d"),
        ("sample", "verify", "d"),
    ):
        ran = hailong(*arguments, "--json")
        assert (ran.code, ran.document["ok"]) == (0, True), arguments
    assert not (tmp_path / "nowhere").exists()


def test_a_questionnaire_with_errors_is_refused_with_the_path_of_each(hailong, tmp_path):
    (tmp_path / "q.yaml").write_text(
        """\
id: x
version: "1"
languages: [vi, en]
title: {vi: A, en: B}
source: s
questions:
  - id: q1
    type: single
    label: {vi: L, en: L}
    options:
      - {value: "1", label: {vi: a, en: a}}
      - {value: "1", label: {vi: b, en: b}}
    goto: [{when: {q1: "9"}, to: q0}]
  - id: q1
    type: nope
    label: {en: only}
""",
        encoding="utf-8",
    )
    ran = hailong("questionnaire", "check", "q.yaml", "--json")
    assert ran.code == 1
    assert [(one["code"], one["row"], one["path"]) for one in ran.document["findings"]] == [
        ("duplicate-option", 12, "questions[0].options[1].value"),
        ("unknown-condition-value", 13, "questions[0].goto[0].when.q1"),
        ("unknown-target", 13, "questions[0].goto[0].to"),
        ("duplicate-id", 14, "questions[1].id"),
        ("unknown-type", 15, "questions[1].type"),
        ("missing-text", 16, "questions[1].label.vi"),
    ]


BROKEN = {
    "empty": b"",
    "blank.csv": b"\n\n",
    "list.yaml": b"- a\n- b\n",
    "number.yaml": b"42\n",
    "nested.yaml": b"stages: {a: [1]}\nversion: []\nquestions: 7\n",
    "stages.yaml": b"version: 1\nname: x\nframe: {}\ninstrument: 7\nstages: [1, {unit: []}]\n",
    "alias.yaml": b"a: &a [1]\nb: *a\n",
    "bytes.csv": bytes(range(128, 256)),
    "other.csv": b"a,b\n1,2\n",
    "quotes.csv": b'unit_id,"size\n1,2\n',
    "book.xlsx": b"no workbook",
    "text.parquet": b"hello",
}


@pytest.fixture
def broken(tmp_path) -> list[Path]:
    """Files that are not what any command asks for, a folder and a missing file among them."""
    folder = tmp_path / "broken"
    (folder / "folder.csv").mkdir(parents=True)
    for name, content in BROKEN.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in (*BROKEN, "folder.csv", "missing.yaml")]


def test_no_broken_file_gets_past_a_check(hailong, broken, tmp_path):
    write_inputs(tmp_path)
    for path in broken:
        for arguments in (
            ("frame", "check", path),
            ("frame", "check", "frame.csv", "--against", path),
            ("questionnaire", "check", path),
            ("registry", "check", path),
            ("index", "check", path),
            ("sample", "plan", path, "--frame", "frame.csv"),
            ("sample", "plan", "design.yaml", "--frame", path),
            ("sample", "verify", path),
            ("verify", path),
        ):
            refused(hailong(*arguments))


# An installation


def test_init_can_be_repeated_and_keeps_what_there_is(hailong, tmp_path, unchanged):
    assert hailong("init").code == 0
    unchanged()
    key = tmp_path / "data" / "keys" / "application.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert hailong("init", "--json").document["result"]["data"] == str(tmp_path / "data")


@pytest.fixture
def vietnam(monkeypatch) -> Iterator[None]:
    """A machine that stands in Vietnam."""
    monkeypatch.setenv("TZ", "Asia/Ho_Chi_Minh")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def test_doctor_finds_nothing_wrong_with_a_new_installation(hailong, vietnam):
    hailong("init")
    ran = hailong("doctor", "--json")
    assert (ran.code, ran.document["ok"]) == (0, True)
    assert ran.codes == ["plain-http", "contact-missing"]
    settings = ran.document["result"]["settings"]
    assert settings["HAILONG_TWO_PERSON"] == ["off", "environment"]
    assert settings["HAILONG_PROVINCE"] == ["31", "default"]
    said = hailong("doctor").out
    assert "HAILONG_BASE_URL = http://127.0.0.1:8000  [default]" in said
    assert "good     rights to keys\n" in said
    assert "mind     base address: plain-http\n" in said
    checks = ran.document["result"]["checks"]
    assert {name for name, state in checks.items() if state == "ok"} == {
        "data folder", "database", "tables", "key files", "rights to keys",
        "rights to the folder", "disk", "clock", "what is due",
    }  # fmt: skip


def test_doctor_looks_at_rights_and_says_what_it_could_not_see(hailong, tmp_path):
    data = tmp_path / "data"
    hailong("init")
    data.chmod(0o755)
    (data / "keys").chmod(0o750)
    ran = hailong("doctor", "--json")
    found = {one["code"]: one for one in ran.document["findings"]}
    assert "chmod 700" in found["data-folder-open"]["advice"]
    assert found["key-readable"]["advice"].endswith(f"chmod 700 {data / 'keys'}")
    data.chmod(0o700)
    shutil.rmtree(data)
    said = hailong("doctor").out
    assert "fault    data folder: data-folder-missing" in said
    assert "not seen key files\n" in said


@pytest.mark.parametrize(
    ("now", "code"),
    [
        ("2001-01-01T00:00+07:00", "clock-wrong"),
        ("2026-03-01T00:00+07:00", "clock-wrong"),  # before what was written in this year
        ("2200-01-01T00:00+00:00", "clock-zone"),
    ],
)
def test_a_clock_that_cannot_be_right_is_told(hailong, tmp_path, now, code):
    hailong("init")
    written = datetime(2026, 6, 1, tzinfo=UTC).timestamp()
    os.utime(tmp_path / "data" / "hailong.sqlite3", (written, written))
    found = of_clock(read_settings(tmp_path / "data"), datetime.fromisoformat(now))
    assert [finding.code for finding in found] == [code]
    assert found[0].sentence("vi") != found[0].sentence("en")


def test_doctor_names_every_fault_and_its_remedy(hailong, at_stage, unchanged):
    data = at_stage("planned")
    (data / "keys" / "small" / "code.key").unlink()
    (data / "keys" / "small" / "survey.key").write_bytes(b"short")
    (data / "keys" / "small" / "idem.key").chmod(0o644)
    unchanged()
    ran = hailong("doctor", "--json")
    assert ran.code == 1
    found = {(one["code"], Path(one.get("file", "")).name) for one in ran.document["findings"]}
    assert found >= {("key-file", "code.key"), ("key-file", "survey.key"),
                     ("key-readable", "idem.key")}  # fmt: skip
    (data / "keys" / "application.key").rename(data / "gone")
    assert "application.key" in hailong("doctor").err
    (data / "gone").rename(data / "keys" / "application.key")


def test_a_missing_key_stops_every_step_and_no_key_is_made_anew(hailong, at_stage, unchanged):
    data = at_stage("open")
    (data / "keys" / "small" / "code.key").unlink()
    unchanged()
    for arguments in (
        ("round", "status"),
        ("round", "mix", "small"),
        ("round", "close", "small"),
        ("codes", "issue", "small", "--out", "more"),
        ("init",),
        ("serve",),
    ):
        ran = hailong(*arguments)
        if arguments != ("init",):
            refused(ran, "code.key", "backup of keys")
    assert not (data / "keys" / "small" / "code.key").exists()


def test_the_database_goes_back_and_forth_between_its_states(hailong):
    hailong("init")
    newest = hailong("db", "current", "--json").document["result"]["newest"]
    assert hailong("db", "downgrade", "base").code == 0
    ran = hailong("round", "status")
    refused(ran, "no state", newest, "hailong db upgrade")
    ran = hailong("db", "upgrade", "--json")
    assert ran.document["result"] == {"current": newest, "newest": newest, "total_findings": 0}
    assert hailong("round", "status").code == 0
    refused(hailong("db", "downgrade", "no-such-state"), "hailong db current")


def test_a_database_that_is_not_migrated_is_named_with_the_command_that_mends_it(
    hailong, at_stage, tmp_path
):
    data = at_stage("planned")
    (data / "hailong.sqlite3").rename(tmp_path / "kept")
    for arguments in (("round", "status"), ("serve",), ("registry", "check")):
        refused(hailong(*arguments), "hailong db upgrade")
    assert hailong("doctor", "--json").codes[0] == "database-not-migrated"


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("HAILONG_BASE_URL", "http://example.org", "https"),
        ("HAILONG_BASE_URL", "ftp://127.0.0.1", "https"),
        ("HAILONG_BASE_URL", "example", "https"),
        ("HAILONG_BASE_URL", "https://[bad", "https"),
        ("HAILONG_BASE_URL", "http://127.0.0.1:99999", "not the address"),
        ("HAILONG_TWO_PERSON", "maybe", "on or off"),
        ("HAILONG_LANG", "fr", "vi hoặc en"),
        ("DATABASE_URL", "nonsense", "PostgreSQL"),
        ("DATABASE_URL", "mysql://a/b", "PostgreSQL"),
        ("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/x", "DATABASE_URL"),
    ],
)
def test_a_setting_that_is_not_understood_is_refused_with_what_to_set(
    hailong, monkeypatch, unchanged, name, value, words
):
    hailong("init")
    unchanged()
    monkeypatch.setenv(name, value)
    for arguments in (("round", "status"), ("init",), ("serve",), ("db", "current")):
        refused(hailong(*arguments), words)
    assert hailong("doctor").code == 1
    assert hailong("round", "status", "--json").document["ok"] is False


def test_a_database_file_that_is_no_database_is_refused(hailong, tmp_path):
    hailong("init")
    for end in ("-wal", "-shm"):
        (tmp_path / "data" / f"hailong.sqlite3{end}").unlink(missing_ok=True)
    (tmp_path / "data" / "hailong.sqlite3").write_text("hello" * 1000)
    for arguments in (("round", "status"), ("init",), ("db", "upgrade"), ("doctor",)):
        assert hailong(*arguments).code == 1
        assert "database" in hailong(*arguments).err


def test_a_file_where_a_folder_is_needed_is_refused(hailong, at_stage, unchanged):
    at_stage("open")
    unchanged()
    Path("taken").write_text("x")
    Path("folder").mkdir()
    for arguments in (
        ("--data", "taken", "init"),
        ("init", "--data", "taken"),
        ("codes", "issue", "small", "--out", "taken"),
        ("codes", "issue", "small", "--out", "taken/in"),
        ("sample", "plan", "design.yaml", "--frame", "frame.csv", "--out", "folder"),
        ("sample", "draw", "design.yaml", "--frame", "frame.csv", "--seed", "1",
         "--out", "taken/in"),
    ):  # fmt: skip
        refused(hailong(*arguments))
        assert hailong(*arguments, "--json").document["ok"] is False


def test_a_taken_port_is_refused_before_anything_is_served(hailong):
    hailong("init")
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        refused(hailong("serve", "--host", "127.0.0.1", "--port", port), str(port), "--port")


# The registry


def test_a_registry_goes_in_and_comes_out(hailong, tmp_path):
    from survey_app.demo.files import registry_files

    hailong("init")
    ran = hailong("registry", "import", *registry_files(), "--json")
    assert (ran.code, ran.document["result"]["units"]) == (0, 34 + 3321)
    assert hailong("registry", "check", "--json").document["result"]["counters"] == 3
    assert hailong("registry", "export", "--out", "units.csv").code == 0
    assert len(Path("units.csv").read_text(encoding="utf-8").splitlines()) == 1 + 34 + 3321
    assert hailong("registry", "check", "units.csv").code == 0
    ran = hailong("frame", "build", "--of", "counters", "--on", "2026-03-01", "--out", "f.csv",
                  "--json")  # fmt: skip
    assert (ran.code, ran.document["result"]["units"]) == (0, 3)
    assert hailong("frame", "check", "f.csv").code == 0


def test_a_unit_file_with_errors_writes_nothing_and_names_each(hailong, tmp_path, unchanged):
    hailong("init")
    (tmp_path / "good.csv").write_text(UNITS, encoding="utf-8")
    assert hailong("registry", "import", "good.csv").code == 0
    unchanged()
    (tmp_path / "units.csv").write_text(
        UNITS.replace("2025-07-01", "2025-99-01", 1).replace("91.5", "many")
        + "31,Again,Tỉnh,,2025-07-01,,,,,,s\n90002,Lost,Xã,77,2025-07-01,,,,,,s\n",
        encoding="utf-8",
    )
    ran = hailong("registry", "import", "units.csv", "--json")
    assert ran.code == 1
    rows = {(one.get("row"), one.get("column")) for one in ran.document["findings"]}
    assert {row for row, _ in rows} >= {2, 4, 5}
    assert rows >= {(2, "valid_from"), (2, "area_km2")}
    refused(hailong("registry", "import", "good.csv", "units.csv"), "same list")
    refused(hailong("registry", "import", "good.csv", "missing.csv"), "missing.csv")


UNITS = """\
code,name,type,parent_code,valid_from,valid_to,population,area_km2,lat,lon,source
31,Thành phố Hải Phòng,Thành phố,,2025-07-01,,,91.5,20.8,106.6,a list
90001,Xã Một,Xã,31,2025-07-01,,1000,2.5,20.8,106.6,a list
"""


def test_an_empty_registry_says_how_to_fill_it(hailong):
    hailong("init")
    for arguments in (
        ("registry", "export", "--out", "x.csv"),
        ("frame", "build", "--on", "2026-03-01", "--out", "x.csv"),
        ("frame", "build", "--of", "counters", "--on", "2026-03-01", "--out", "x.csv"),
    ):
        refused(hailong(*arguments), "registry import")


# A draw


def test_a_draw_is_planned_made_and_drawn_again(hailong, tmp_path):
    write_inputs(tmp_path)
    plan = hailong("sample", "plan", "design.yaml", "--frame", "frame.csv", "--out",
                   "new/plan.csv", "--json")  # fmt: skip
    assert plan.document["result"]["total"]["issued"] == 16
    assert len(Path("new/plan.csv").read_text().splitlines()) >= 3
    ran = hailong("sample", "draw", "design.yaml", "--frame", "frame.csv", "--seed", "7",
                  "--out", "draw", "--json")  # fmt: skip
    assert (ran.document["result"]["units"], ran.document["result"]["cases"]) == (4, 16)
    assert hailong("sample", "verify", "draw").code == 0
    refused(
        hailong("sample", "draw", "design.yaml", "--frame", "frame.csv", "--seed", "8",
                "--out", "draw"), "not empty",
    )  # fmt: skip
    assert hailong("sample", "verify", "draw").code == 0


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("sample.csv", "drawn", "reserve"),
        ("frame.csv", "4000", "4001"),
        ("design.json", '"srs"', '"systematic"'),
        ("draw.json", '"7"', '"8"'),
        ("sample.csv", None, None),
        ("draw.json", None, None),
    ],
)
def test_a_draw_that_was_changed_makes_no_round(hailong, at_stage, unchanged, name, before, after):
    at_stage("planned")
    unchanged()
    path = Path("draw") / name
    text = path.read_text(encoding="utf-8")
    if before is None:
        path.unlink()
    else:
        assert before in text
        path.write_text(text.replace(before, after, 1), encoding="utf-8")
    refused(hailong("sample", "verify", "draw"))
    refused(create(hailong, "other"))
    refused(hailong("round", "status", "other"), "other")


# A round


def test_a_round_runs_from_its_draw_to_its_frozen_answers(
    hailong, installation, monkeypatch, tmp_path
):
    # The same commands on SQLite and PostgreSQL: only DATABASE_URL differs.
    write_inputs(tmp_path)
    monkeypatch.setenv("DATABASE_URL", installation.settings.database_url)
    assert installation.settings.data == tmp_path / "data"
    draw = ("sample", "draw", "design.yaml", "--frame", "frame.csv", "--seed", 7, "--out", "draw")
    assert hailong(*draw).code == 0
    assert create(hailong).code == 0
    assert hailong("codes", "issue", "small", "--out", "letters").code == 0
    assert hailong("round", "open", "small").code == 0
    assert answer(tmp_path / "data", Path("letters/codes.csv")) == 16
    (waiting,) = hailong("round", "status", "--json").document["result"]["rounds"]
    assert waiting == {"id": "small", "state": "open", "issued": 16, "used": 16, "receipts": 16,
                       "inbox": 16, "responses": 0, "open_issued": 0, "open_used": 0,
                       "open_responses": 0}  # fmt: skip
    mixed = hailong("round", "mix", "small", "--json").document["result"]
    assert (mixed["taken"], mixed["waiting"]) == (0, 16)  # no cell has ten
    closed = hailong("round", "close", "small", "--json").document["result"]["rounds"][0]
    assert (closed["state"], closed["inbox"], closed["responses"]) == ("closed", 0, 16)
    first = hailong("round", "freeze", "small", "--out", "a.parquet", "--json").document["result"]
    again = hailong("round", "freeze", "small", "--out", "b.parquet", "--json").document["result"]
    assert (first["rows"], first["sha256"]) == (16, again["sha256"])
    assert sha256(Path("a.parquet").read_bytes()).hexdigest() == first["sha256"]


def test_letters_and_tickets_are_printed_on_their_own_papers(hailong, at_stage):
    at_stage("open")
    before = hailong("round", "status", "--json").document["result"]["rounds"]
    for round_id, paper in (("small", "80mm"), ("visits", "a5")):
        ran = hailong("codes", "issue", round_id, "--paper", paper, "--out", "no", "--json")
        assert (ran.code, ran.codes) == (1, ["paper-unknown"])
    assert not Path("no").exists()
    assert hailong("round", "status", "--json").document["result"]["rounds"] == before
    for round_id, paper, kind in (("small", "a5", "letters"), ("visits", "80mm", "tickets")):
        ran = hailong("codes", "issue", round_id, "--count", 1, "--paper", paper, "--out", paper)
        assert ran.code == 0
        assert list(Path(paper).glob(f"{kind}-*.pdf"))


def test_a_round_id_names_one_folder_and_nothing_else(hailong, at_stage, unchanged):
    at_stage("planned")
    unchanged()
    for round_id in ("../x", "a/b", "/x", ".", "", "a b", "ă", "x" * 41, "a\n"):
        refused(hailong("round", "create", "--questionnaire", "citizen@2026-1", "--sample",
                        "draw", "--opens", OPENS, "--closes", CLOSES, "--", round_id),
                "round id")  # fmt: skip


def test_a_round_needs_a_questionnaire_dates_and_a_draw_that_exist(hailong, at_stage, unchanged):
    at_stage("planned")
    unchanged()
    given = {"--questionnaire": "citizen@2026-1", "--sample": "draw", "--opens": OPENS,
             "--closes": CLOSES}  # fmt: skip
    for change, word in (
        ({"--questionnaire": "citizen"}, "citizen@2026-1"),
        ({"--questionnaire": "../x@1"}, "citizen@2026-1"),
        ({"--opens": CLOSES, "--closes": OPENS}, "--closes"),
        ({"--sample": "nowhere"}, "missing"),
        ({"--sample": "frame.csv"}, "missing"),
    ):
        options = [part for pair in (given | change).items() for part in pair]
        refused(hailong("round", "create", "other", *options), word)
    refused(create(hailong), "exists")


def test_steps_out_of_order_say_the_order(hailong, at_stage, unchanged):
    at_stage("planned")
    unchanged()
    for arguments in (
        ("round", "close", "small"),
        ("round", "freeze", "small", "--out", "x.parquet"),
    ):
        refused(hailong(*arguments), "planned", "create, open, close, freeze")
    for arguments in (
        ("round", "status", "nobody"),
        ("round", "mix", "nobody"),
        ("round", "freeze", "nobody", "--out", "x.parquet"),
        ("codes", "issue", "nobody", "--out", "x"),
    ):
        refused(hailong(*arguments), "There is no round nobody")
    assert not Path("x.parquet").exists()
    assert not Path("x").exists()


def test_a_second_run_of_each_step_is_refused(hailong, at_stage, unchanged):
    at_stage("frozen")
    unchanged()
    for arguments in (
        ("round", "open", "small"),
        ("round", "close", "small"),
        ("codes", "issue", "small", "--out", "more"),
    ):
        refused(hailong(*arguments), "frozen")
    refused(create(hailong), "exists")


def test_a_round_without_answers_is_not_frozen(hailong, at_stage):
    data = at_stage("open")
    hailong("round", "close", "small")
    before = stored(data)
    refused(hailong("round", "freeze", "small", "--out", "x.parquet"), "no answers")
    assert stored(data) == before
    assert not Path("x.parquet").exists()


def test_two_people_are_needed_where_the_installation_is_no_trial(
    hailong, at_stage, monkeypatch, unchanged
):
    at_stage("frozen")
    unchanged()
    monkeypatch.setenv("HAILONG_TWO_PERSON", "on")
    freeze = ("round", "freeze", "small", "--out", "x.parquet")
    refused(hailong(*freeze), "two people", code=3)
    monkeypatch.setattr("sys.stdin", io.StringIO("no password\n"))
    refused(hailong(*freeze, "--as", "lan"), "lan", code=1)
    ran = hailong(*freeze, "--json")
    assert (ran.code, ran.document["ok"], ran.codes) == (3, False, ["second-person-needed"])
    refused(hailong("release", "build", "small", "--out", "rel"), "two people", code=3)
    assert not Path("x.parquet").exists()


TALLY = "counter_id,finished,served,refused,ineligible\n"


@pytest.mark.parametrize(
    ("rows", "codes"),
    [
        ("q1,500,4,1,0\n", ["tally-counter-missing"]),
        ("q1,500,4,1,0\nq2,300,5,0,0\nq9,1,1,0,0\n", ["tally-counter-unknown"]),
        ("q1,500,four,1,0\nq2,1.000,5,-1,0\n", ["tally-not-a-count"] * 3),
        ("q1,500,0,0,0\nq2,3,5,0,0\n", ["tally-impossible"] * 2),
        ("q1,500,4,1,0\nq1,500,4,1,0\nq2,300,5,0,0\n", ["tally-row-repeated"]),
        ("", ["tally-counter-missing"]),
    ],
)
def test_a_tally_with_faults_closes_nothing(hailong, at_stage, unchanged, rows, codes):
    at_stage("open")
    unchanged()
    Path("tally.csv").write_text(TALLY + rows, encoding="utf-8")
    ran = hailong("round", "close", "visits", "--tally", "tally.csv", "--json")
    assert ran.code == 1
    assert ran.codes[: len(codes)] == codes
    refused(hailong("round", "close", "visits"), "--tally")
    refused(hailong("round", "close", "visits", "--tally", "missing.csv"), "missing.csv")


def test_a_tally_weighs_the_visits_of_each_counter(hailong, at_stage):
    data = at_stage("open")
    Path("tally.csv").write_text(f"{TALLY}q1,500,4,1,0\nq2,300,5,0,0\n", encoding="utf-8")
    assert hailong("round", "close", "visits", "--tally", "tally.csv").code == 0
    connection = sqlite3.connect(data / "hailong.sqlite3")
    weights = dict(connection.execute("SELECT unit_id, design_weight FROM cell "
                                      "WHERE round_id = 'visits'"))  # fmt: skip
    connection.close()
    assert weights == {"q1": 100.0, "q2": 60.0}


def test_the_periods_of_a_counter_are_added_up(hailong, at_stage):
    data = at_stage("open")
    rows = "q1,am,300,4,0,0\nq1,pm,200,0,1,0\nq2,,300,5,0,0\n"
    Path("tally.csv").write_text(TALLY.replace(",", ",period,", 1) + rows, encoding="utf-8")
    assert hailong("round", "close", "visits", "--tally", "tally.csv").code == 0
    connection = sqlite3.connect(data / "hailong.sqlite3")
    weights = dict(connection.execute("SELECT unit_id, design_weight FROM cell "
                                      "WHERE round_id = 'visits'"))  # fmt: skip
    connection.close()
    assert weights == {"q1": 100.0, "q2": 60.0}


# Codes


def test_codes_leave_in_files_that_only_their_owner_reads(hailong, at_stage):
    at_stage("planned")
    ran = hailong("codes", "issue", "small", "--qr", "svg", "--out", "letters", "--json")
    assert (ran.code, ran.document["result"]["codes"]) == (0, 16)
    files = [Path(name) for name in ran.document["result"]["files"]]
    assert {path for path in Path("letters").rglob("*") if path.is_file()} == set(files)
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert len(list(Path("letters/qr").glob("*.svg"))) == 16
    with Path("letters/codes.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {tuple(row) for row in rows} == {("cell_id", "link")}
    assert len({row["link"] for row in rows}) == 16
    assert {row["cell_id"].split(".")[0] for row in rows} == {"small"}


def test_codes_are_never_printed_over_earlier_codes(hailong, at_stage, unchanged):
    data = at_stage("open")
    unchanged()
    letters = stored(Path("letters"))
    refused(hailong("codes", "issue", "small", "--out", "letters"), "letters", "new one")
    assert stored(Path("letters")) == letters
    assert stored(data)


def test_codes_that_reach_no_paper_are_not_issued(hailong, at_stage, unchanged, monkeypatch):
    data = at_stage("planned")
    # All kinds of failure: before anything is written, without the draw, in the middle of it.
    unchanged("audit")
    Path("taken").write_text("x")
    refused(hailong("codes", "issue", "small", "--out", "taken"), "taken")
    design = data / "rounds" / "small" / "sample" / "design.json"
    design.rename("kept.json")
    refused(hailong("codes", "issue", "small", "--out", "letters"), "design.json")
    Path("kept.json").rename(design)
    monkeypatch.setenv("HAILONG_ORGANISATION", "\U00012000")
    assert hailong("codes", "issue", "small", "--out", "letters").code == 1
    assert not list(Path("letters").glob("*.pdf"))
    # The log does not forget that there were codes for a moment.
    rows = hailong("audit", "show", "--json").document["result"]["rows"]
    assert [row["action"] for row in rows[-2:]] == ["codes-issued", "codes-taken-back"]


def test_codes_for_an_unknown_cell_a_past_day_or_another_channel_are_refused(
    hailong, at_stage, unchanged
):
    at_stage("open")
    unchanged()
    refused(hailong("codes", "issue", "small", "--cell", "small.zz", "--out", "x"), "small.a")
    refused(hailong("codes", "issue", "small", "--expires", "2020-01-01", "--out", "x"),
            "--expires")  # fmt: skip
    refused(hailong("codes", "issue", "small", "--channel", "T", "--out", "x"), "--channel P")
    refused(hailong("codes", "issue", "visits", "--channel", "P", "--out", "x"), "--channel T")
    assert not Path("x").exists()


# Weights and estimates


def test_a_frozen_round_is_weighed_and_estimated(hailong, at_stage, unchanged):
    at_stage("frozen")
    unchanged()
    assert hailong("weights", "small", "--spec", "weights.yaml", "--out", "w.csv").code == 0
    assert hailong("weights", "small", "--spec", "weights.yaml", "--out", "w.parquet").code == 0
    weights = pd.read_csv("w.csv")
    assert list(weights.columns) == ["cell", "design", "nonresponse", "calibrated", "final"]
    assert len(weights) == 16
    assert "not calibrated" in json.loads(Path("w.json").read_text())["statement"]["en"]
    Path("estimate.yaml").write_text(
        ESTIMATE.replace("weights: final", "weights: w.parquet"), encoding="utf-8"
    )
    ran = hailong("estimate", "estimate.yaml", "--data", "data/rounds/small/respondents.parquet",
                  "--out", "e.csv", "--json")  # fmt: skip
    (overall,) = [row for row in ran.document["result"]["overall"] if row["rule"] == "top2"]
    assert overall["n"] == 16
    assert overall["low"] < overall["value"] < overall["high"]
    assert len(pd.read_csv("e.csv")) == ran.document["result"]["rows"]


def test_calibrated_weights_say_to_what_and_their_estimates_take_account_of_it(hailong, at_stage):
    at_stage("frozen")
    frozen = "data/rounds/small/respondents.parquet"
    sexes = pd.read_parquet(frozen)["gioi_tinh"]
    counts = {str(sex): 100.0 * int(sex) for sex in sorted(sexes[sexes > 0].unique())}
    Path("calibrated.yaml").write_text(
        f"{WEIGHTS}calibrate: {{method: raking, source: s, margins: {{gioi_tinh: {counts}}}}}\n",
        encoding="utf-8",
    )
    assert hailong("weights", "small", "--spec", "calibrated.yaml", "--out", "w.parquet").code == 0
    record = json.loads(Path("w.json").read_text(encoding="utf-8"))
    assert record["calibration"]["margins"] == {"gioi_tinh": counts}
    Path("estimate.yaml").write_text(
        ESTIMATE.replace("weights: final", "weights: w.parquet"), encoding="utf-8"
    )
    estimate = ("estimate", "estimate.yaml", "--data", frozen, "--out")
    assert hailong(*estimate, "known.csv").code == 0
    # Without the record the weights are taken as they stand; with another one they are refused.
    Path("w.json").unlink()
    assert hailong(*estimate, "plain.csv").code == 0
    known, plain = pd.read_csv("known.csv"), pd.read_csv("plain.csv")
    assert known["value"].to_list() == pytest.approx(plain["value"].to_list(), nan_ok=True)
    assert (known["se"] != plain["se"])[known["se"].notna()].any()
    record["calibration"]["margins"]["gioi_tinh"]["1"] += 50
    Path("w.json").write_text(json.dumps(record), encoding="utf-8")
    refused(hailong(*estimate, "e.csv"), "gioi_tinh", "miss the count")
    Path("w.json").write_text("no record", encoding="utf-8")
    refused(hailong(*estimate, "e.csv"), "hailong weights")


def test_an_engine_may_bring_the_rows_where_it_keeps_their_order(hailong, at_stage):
    at_stage("frozen")
    frozen = "data/rounds/small/respondents.parquet"
    assert hailong("weights", "small", "--spec", "weights.yaml", "--out", "w.parquet").code == 0
    Path("estimate.yaml").write_text(
        ESTIMATE.replace("weights: final", "weights: w.parquet"), encoding="utf-8"
    )
    estimate = ("estimate", "estimate.yaml", "--data", frozen, "--out")
    for engine, out in (("memory", "a.csv"), ("duckdb://?threads=1", "b.csv")):
        assert hailong(*estimate, out, "--engine", engine).code == 0
    assert Path("a.csv").read_text() == Path("b.csv").read_text()
    said = hailong(*estimate, "c.csv", "--engine", "postgres://me:secret@host/db")
    refused(said, "order of the file")
    assert "secret" not in said.err + said.out
    refused(hailong(*estimate, "c.csv", "--engine", "abacus"), "abacus")
    assert not Path("c.csv").exists()


def test_what_is_not_a_frozen_round_has_no_weights_and_no_estimates(
    hailong, at_stage, broken, unchanged
):
    data = at_stage("open")
    unchanged()
    refused(hailong("weights", "small", "--spec", "weights.yaml", "--out", "w.csv"),
            "round freeze")  # fmt: skip
    refused(hailong("weights", "nobody", "--spec", "weights.yaml", "--out", "w.csv"), "nobody")
    refused(hailong("weights", "../small", "--spec", "weights.yaml", "--out", "w.csv"))
    for path in broken:
        refused(hailong("weights", path, "--spec", "weights.yaml", "--out", "w.csv"))
        refused(hailong("estimate", "estimate.yaml", "--data", path, "--out", "e.csv"))
    assert not Path("w.csv").exists()
    assert not Path("e.csv").exists()
    assert stored(data)


SEXES = "margins: {gioi_tinh: {'1': 100, '2': 100}}"


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        (f"calibrate: {{method: raking, {SEXES}}}\n", "source"),
        (f"calibrate: {{method: raking, source: '', {SEXES}}}\n", "source"),
        (f"calibrate: {{method: raking, source: s, simulated: true, {SEXES}}}\n", "Simulated"),
        ("calibrate: {method: raking, source: s, margins: {height: {'1': 5}}}\n", "height"),
        ("base: guess\n", "design_weight"),
        ("trimming: hard\n", "trimming"),
        ("- base\n", "mapping"),
    ],
)
def test_a_weight_spec_that_cannot_be_defended_is_refused(
    hailong, at_stage, unchanged, spec, words
):
    at_stage("frozen")
    unchanged()
    Path("bad.yaml").write_text(spec, encoding="utf-8")
    refused(hailong("weights", "small", "--spec", "bad.yaml", "--out", "w.csv"), words)
    assert not Path("w.csv").exists()


def test_results_never_overwrite_what_they_are_made_from(hailong, at_stage, unchanged):
    at_stage("frozen")
    unchanged()
    frozen = "data/rounds/small/respondents.parquet"
    for out in (frozen, "data/rounds/../rounds/small/respondents.parquet"):
        refused(hailong("weights", "small", "--spec", "weights.yaml", "--out", out), "--out")
        refused(hailong("estimate", "estimate.yaml", "--data", frozen, "--out", out), "--out")
    for out in ("weights.json", "weights", "weights.yaml"):
        refused(hailong("weights", "small", "--spec", "weights.yaml", "--out", out))
    Path("spec.json").write_text("{}", encoding="utf-8")
    refused(hailong("weights", "small", "--spec", "spec.json", "--out", "spec.csv"), "--out")
    assert Path("spec.json").read_text(encoding="utf-8") == "{}"
    Path("folder.csv").mkdir()
    refused(hailong("weights", "small", "--spec", "weights.yaml", "--out", "folder.csv"))


def test_estimates_ask_for_the_weights_they_need(hailong, at_stage, broken):
    at_stage("frozen")
    frozen = "data/rounds/small/respondents.parquet"
    estimate = ("estimate", "estimate.yaml", "--data", frozen, "--out", "e.csv")
    refused(hailong(*estimate), "hailong weights")
    Path("data/rounds/small/weights.parquet").write_text("no table")
    refused(hailong(*estimate), "hailong weights")
    for path in broken:
        refused(hailong("estimate", path, "--data", frozen, "--out", "e.csv"))


# The index and the release


def test_scores_with_faults_write_nothing(hailong, tmp_path, unchanged):
    hailong("init")
    unchanged()
    head = "agency_code,criterion,self_scored,appraised\n"
    (tmp_path / "a.csv").write_text(f"{head}x,no-such,1,1\nx,no-such,2,many\n", encoding="utf-8")
    ran = hailong("index", "import", "2026", "a.csv", "--json")
    assert ran.code == 1
    assert {"assessment-number", "assessment-repeated", "criterion-unknown"} & set(ran.codes)
    assert {one.get("row") for one in ran.document["findings"]} <= {2, 3}
    refused(hailong("index", "import", "1999", "a.csv"), "2026-communes")
    refused(hailong("index", "compute", "1999"), "2026-communes")
    refused(hailong("index", "compute", "2026"), "hailong estimate")
    refused(hailong("index", "duties", "2026"), "hailong estimate")
    refused(hailong("release", "build", "small", "--year", "2026", "--out", "rel"))
    assert not (tmp_path / "rel").exists()


def test_the_rules_of_a_year_are_checked_as_a_file(hailong):
    years = Path(sys.modules["analysis.par_index"].__file__ or "").parent / "years"
    ran = hailong("index", "check", years / "2026-communes.yaml", "--json")
    assert (ran.code, ran.document["result"]["id"]) == (0, "2026-communes")
    Path("tree.yaml").write_text(
        (years / "2026-communes.yaml").read_text(encoding="utf-8").replace("block:", "blok:", 1),
        encoding="utf-8",
    )
    assert hailong("index", "check", "tree.yaml", "--json").codes


def test_a_release_never_replaces_a_folder_of_other_things(hailong, at_stage, unchanged):
    data = at_stage("frozen")
    unchanged()
    for out in (data, "letters", "frame.csv", "."):
        refused(hailong("release", "build", "small", "--out", out), "something else")
    assert Path("letters/codes.csv").exists()


def test_a_release_without_its_manifest_is_not_verified(hailong, tmp_path):
    refused(hailong("verify", "nowhere"), "manifest.json")
    (tmp_path / "rel").mkdir()
    for manifest in ("", "[]", "{}", '{"files": 1}', '{"files": {"../x": 1}}', "not json"):
        (tmp_path / "rel" / "manifest.json").write_text(manifest)
        assert hailong("verify", "rel").code == 1


# The program as a process


def test_the_environment_chooses_folder_and_language(tmp_path):
    data = {"HAILONG_DATA": str(tmp_path / "there")}
    assert run_in(tmp_path, data, "init").out.strip() == str(tmp_path / "there")
    english = {"HAILONG_DATA": str(tmp_path / "nowhere"), "HAILONG_LANG": "en"}
    ran = run_in(tmp_path, english, "round", "status")
    assert (ran.code, ran.out) == (1, "")
    assert "There is no data folder" in ran.err
    given = run_in(tmp_path, english, "--data", tmp_path / "there", "round", "status", "--json")
    assert json.loads(given.out)["result"] == {"rounds": [], "total_findings": 0}


def test_the_registry_import_is_whole_on_both_databases(installation, tmp_path):
    # The service behind the command, since a fault in the last file comes after good ones.
    from intake.findings import RegistryError
    from survey_app.services.registry import count_registry

    (tmp_path / "units.csv").write_text(UNITS, encoding="utf-8")
    import_files(installation.engine, [tmp_path / "units.csv"])
    before = count_registry(installation.engine)
    (tmp_path / "agencies.csv").write_text("agency_code,name,kind,unit_code,source\nx,,?,0,\n")
    with pytest.raises(RegistryError):
        import_files(installation.engine, [tmp_path / "units.csv", tmp_path / "agencies.csv"])
    assert count_registry(installation.engine) == before
    assert before["units"] == 2


def test_a_database_with_rounds_is_taken_back_only_when_that_is_confirmed(tmp_path, capsys):
    made = an_installation(tmp_path / "data")
    a_round(made)
    made.engine.dispose()
    place = ["--data", str(tmp_path / "data"), "db", "downgrade", "base"]
    assert main(place) == 1
    assert "--yes" in capsys.readouterr().err
    assert main([*place, "--yes"]) == 0


def test_an_error_is_shown_before_any_number_of_warnings():
    from intake.findings import Finding, HailongError, Words

    none = Words("", "")
    warnings = [Finding(f"w{n}", none, none, severity="warning") for n in range(60)]
    error = HailongError([*warnings, Finding("real", Words("sai", "wrong"), none)])
    assert error.code == "real"
    assert error.text("en").startswith("wrong")


def test_scores_given_again_replace_their_own_and_leave_the_rest(tmp_path):
    from survey_app.services.scoring import import_scores, stored_scores

    made = an_installation(tmp_path / "data")
    file = tmp_path / "scores.csv"
    head = "agency_code,criterion,self_scored,appraised,evidence,source\n"
    file.write_text(head + "a,1.1,1,1,e,s\nb,1.1,1,1,e,s\n", encoding="utf-8")
    import_scores(made.engine, 2026, [file])
    file.write_text(head + "a,1.1,0.5,0.5,e,s\n", encoding="utf-8")
    import_scores(made.engine, 2026, [file])
    stored = stored_scores(made.engine, 2026)[0].set_index("agency_code")["appraised"]
    made.engine.dispose()
    assert stored.to_dict() == {"a": 0.5, "b": 1.0}


# Tablets and interviewers


def test_cases_are_assigned_to_an_interviewer_and_taken_back_by_command(hailong, at_stage):
    at_stage("open")
    unit = hailong("interviewer", "status", "small", "--json").document["result"]["cells"]
    assert unit == []
    with sqlite3.connect("data/hailong.sqlite3") as connection:
        (cell,) = connection.execute("SELECT cell_id FROM cell WHERE round_id='small'").fetchone()
    made = hailong("interviewer", "assign", "small", "--name", "Tổ 3", "--cell", cell,
                   "--count", 3, "--json").document["result"]  # fmt: skip
    assert made["cases"] == 3
    (found,) = hailong("interviewer", "status", "small", "--json").document["result"]["cells"]
    assert (found["cell_id"], found["assigned"], found["outcomes"]["refusal"]) == (cell, 3, 0)
    taken = hailong("interviewer", "withdraw", made["link"], "--json").document["result"]
    assert (taken["withdrawn"], taken["used"]) == (3, 0)
    refused(hailong("interviewer", "withdraw", "x"), "No batch has this link")
    refused(hailong("interviewer", "assign", "visits", "--name", "a", "--cell", cell,
                    "--count", 1), "channel")  # fmt: skip
    refused(hailong("interviewer", "assign", "small", "--name", "a", "--cell", "none",
                    "--count", 1), "no cell none")  # fmt: skip
    for label in ("a" * 41, "two\nlines", "tab\x00"):
        refused(hailong("interviewer", "assign", "small", "--name", label, "--cell", cell,
                        "--count", 1), "label of the batch")  # fmt: skip


def test_a_tablet_is_added_listed_and_removed_by_command(hailong, at_stage):
    installation = open_installation(read_settings(at_stage("open")))
    a_counter(installation, "q1")
    installation.engine.dispose()
    made = hailong("kiosk", "add", "Q1", "--json").document["result"]
    assert re.fullmatch(r"[0-9]{6}", made["pin"])
    assert re.search(r"/k/(\w{4}-){4}\w$", made["link"])
    assert hailong("kiosk", "list").out.split() == ["q1", "1"]
    assert hailong("kiosk", "remove", "q1", "--json").document["result"]["removed"] == 1
    refused(hailong("kiosk", "remove", "q1"), "has no tablet")
    refused(hailong("kiosk", "add", "nowhere"), "no counter nowhere")
