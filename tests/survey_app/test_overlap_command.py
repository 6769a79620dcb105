"""``hailong sample overlap``: what two rounds share, beside what chance alone would share."""

import csv
import json
from pathlib import Path

import pytest

from survey_app.cli import main

HEADER = "unit_id,unit_name,province,stratum,size\n"


def a_frame(*numbers):
    return HEADER + "".join(f"a{one},Xã {one},31,s,{one}00\n" for one in numbers)


def a_design(more=""):
    return f"version: 1\nstages:\n  - {{unit: commune, method: srs, take: 4{more}}}\n"


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HAILONG_LANG", "en")

    def call(*arguments):
        try:
            code = main(list(arguments))
        except SystemExit as left:
            code = left.code
        return code, capsys.readouterr()

    def drawn(name, frame, design, seed):
        Path("frame.csv").write_text(frame, encoding="utf-8")
        Path("design.yaml").write_text(design, encoding="utf-8")
        told = call("sample", "draw", "design.yaml", "--frame", "frame.csv", "--seed", seed,
                    "--out", name)  # fmt: skip
        assert told[0] == 0
        return json.loads(Path(name, "draw.json").read_text(encoding="utf-8"))

    first = drawn("first", a_frame(*range(1, 9)), a_design(), "7")
    kept = ", coordination: {seed: " + first["seed"] + ", shift: 0}"
    # One commune is gone, two are new; coordinated, but for these, with the first draw.
    drawn("second", a_frame(*range(2, 11)), a_design(kept), "8")
    drawn("third", a_frame(*range(1, 9)), a_design(), "9")
    return call


def ids(folder):
    with Path(folder, "sample.csv").open(encoding="utf-8", newline="") as file:
        return {row["unit_id"] for row in csv.DictReader(file)}


def test_shared_units_are_counted_beside_what_independent_draws_would_share(run):
    code, said = run("sample", "overlap", "first", "second", "third", "--json")
    result = json.loads(said.out)["result"]
    assert code == 0
    row = result["pairs"][0]["strata"][0]
    assert (result["pairs"][0]["earlier"], result["pairs"][0]["later"]) == ("first", "second")
    assert row["both"] == len(ids("first") & ids("second"))
    assert row["expected"] == pytest.approx(7 * 4 / 8 * 4 / 9)
    assert (row["common"], row["gone"], row["born"]) == (7, 1, 2)
    times = {one["times"]: one["units"] for one in result["burden"]}
    assert sum(number * units for number, units in times.items()) == 12
    thrice = ids("first") & ids("second") & ids("third")
    assert times.get(3, 0) == len(thrice)


def test_the_text_shows_the_table_and_the_file_each_unit(run):
    code, said = run("sample", "overlap", "first", "third", "--out", "burden.csv")
    assert code == 0
    assert "first → third" in said.out
    assert "expected" in said.out
    assert "2.00" in said.out
    with Path("burden.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["unit_id"] for row in rows} == ids("first") | ids("third")
    code, said = run("sample", "overlap", "first", "second", "third", "--last", "1", "--json")
    assert [one["times"] for one in json.loads(said.out)["result"]["burden"]] == [1]


def test_a_folder_that_holds_no_draw_is_refused(run):
    code, said = run("sample", "overlap", "first", "nowhere", "--json")
    assert (code, json.loads(said.out)["findings"][0]["code"]) == (1, "draw-file-missing")


def test_of_a_revised_sample_the_active_rows_count(run):
    Path("log.csv").write_text(
        f"unit_id,reason,date\n{min(ids('first'))},refused,2026-03-02\n", encoding="utf-8"
    )
    told = run("sample", "replace", "first", "--log", "log.csv", "--out", "revised")
    assert told[0] == 0
    code, said = run("sample", "overlap", "first", "revised", "--json")
    row = json.loads(said.out)["result"]["pairs"][0]["strata"][0]
    assert (code, row["a"], row["b"], row["both"], row["expected"]) == (0, 4, 3, 3, None)
