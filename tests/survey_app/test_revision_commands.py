"""``hailong sample replace``, ``extend`` and ``join``: files in, files out, nothing overwritten."""

import csv
import json
from pathlib import Path

import pytest

from survey_app.cli import main

FRAME = "unit_id,unit_name,province,stratum,size\n" + "".join(
    f"a{number},Xã {number},31,s,{number}00\n" for number in range(1, 9)
)
DESIGN = """\
version: 1
name: small
stages:
  - {unit: commune, method: srs, take: 3}
reserves: {commune: 2}
"""


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HAILONG_LANG", "en")
    Path("frame.csv").write_text(FRAME, encoding="utf-8")
    Path("design.yaml").write_text(DESIGN, encoding="utf-8")

    def call(*arguments):
        try:
            code = main([*arguments, "--json"])
        except SystemExit as left:
            code = left.code
        out = capsys.readouterr().out
        return code, json.loads(out) if out else {}

    for seed in ("7", "8"):
        made = call("sample", "draw", "design.yaml", "--frame", "frame.csv", "--seed", seed,
                    "--out", f"draw{seed}")  # fmt: skip
        assert made[0] == 0
    return call


def rows_of(name):
    with Path(name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_a_log_lets_the_next_reserve_in_and_the_files_name_what_they_rest_on(run):
    drawn, spare = rows_of("draw7/sample.csv"), rows_of("draw7/reserves.csv")
    Path("log.csv").write_text(
        f"unit_id,reason,date\n{drawn[0]['unit_id']},refused,2026-03-02\n", encoding="utf-8"
    )
    code, said = run("sample", "replace", "draw7", "--log", "log.csv", "--out", "revised")
    assert (code, said["result"]["active"], said["result"]["replaced"]) == (0, 3, 1)
    table = rows_of("revised/sample.csv")
    assert [row["unit_id"] for row in table if row["status"] == "active"][-1] == spare[0]["unit_id"]
    assert rows_of("revised/replacements.csv")[0]["replaced_by"] == spare[0]["unit_id"]
    record = json.loads(Path("revised/revision.json").read_text(encoding="utf-8"))
    assert set(record) == {"kind", "draw_sha256", "input", "input_sha256", "sample_sha256"}
    code, said = run("sample", "replace", "draw7", "--log", "log.csv", "--out", "revised")
    assert (code, said["findings"][0]["code"]) == (1, "draw-directory-not-empty")


def test_an_altered_draw_is_not_revised(run):
    path = Path("draw7/sample.csv")
    path.write_text(path.read_text(encoding="utf-8").replace("drawn", "reserve", 1), "utf-8")
    Path("log.csv").write_text("unit_id,reason,date\na1,moved,2026-03-02\n", encoding="utf-8")
    code, said = run("sample", "replace", "draw7", "--log", "log.csv", "--out", "revised")
    assert (code, said["findings"][0]["code"]) == (1, "draw-sample-differs")
    assert not Path("revised").exists()


def test_a_draw_goes_on_in_order_and_two_draws_are_joined(run):
    code, said = run("sample", "extend", "draw7", "--take", "commune=5", "--out", "larger")
    assert (code, said["result"]["rows"], said["result"]["added"]) == (0, 5, 2)
    first = [row["unit_id"] for row in rows_of("draw7/sample.csv")]
    assert [row["unit_id"] for row in rows_of("larger/sample.csv")][:3] == first
    code, said = run("sample", "join", "draw7", "draw8", "--out", "joined")
    assert code == 0
    assert {float(row["probability"]) for row in rows_of("joined/sample.csv")} == {1 - (5 / 8) ** 2}
    code, said = run("sample", "join", "draw7", "draw7", "--out", "twice")
    assert (code, said["findings"][0]["code"]) == (1, "revision-draws-not-joinable")


@pytest.mark.parametrize("take", ["commune", "commune=", "=5", "commune=-1"])
def test_a_take_that_cannot_be_read_is_wrong_usage_or_refused(run, take):
    assert run("sample", "extend", "draw7", "--take", take, "--out", "larger")[0] in (1, 2)
    assert not Path("larger").exists()


def test_more_units_come_from_those_that_a_draw_by_size_left(run):
    Path("sized.yaml").write_text(DESIGN.replace("srs", "pps_systematic"), encoding="utf-8")
    run("sample", "draw", "sized.yaml", "--frame", "frame.csv", "--seed", "1", "--out", "sized")
    code, said = run("sample", "remaining", "sized", "--out", "rest.csv")
    assert (code, said["result"]["units"]) == (0, 5)
    drawn = {row["unit_id"] for row in rows_of("sized/sample.csv")}
    assert {row["unit_id"] for row in rows_of("rest.csv")} == {f"a{n}" for n in range(1, 9)} - drawn
    assert run("sample", "remaining", "sized", "--out", "rest.csv")[0] == 1, "it exists"
    Path("more.yaml").write_text(DESIGN.replace("take: 3", "take: 2"), encoding="utf-8")
    run("sample", "draw", "more.yaml", "--frame", "rest.csv", "--seed", "2", "--out", "more")
    code, said = run("sample", "join", "sized", "more", "--out", "five")
    assert (code, said["result"]["rows"]) == (0, 5)
    for row in rows_of("five/sample.csv"):
        p = min(1, 3 * int(row["unit_id"][1:]) / 36)  # sizes 100 … 800; two of the five left
        assert float(row["probability"]) == pytest.approx(p + (1 - p) * 2 / 5)
