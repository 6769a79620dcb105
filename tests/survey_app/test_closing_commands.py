"""``hailong sample close-unit`` and ``reform``: new folders, and a record of what they rest on."""

import csv
import hashlib
import json
from pathlib import Path

import pytest

from survey_app.cli import main

CODES = ["10507", "10510", "10516", "10525", "10528", "10532"]


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HAILONG_LANG", "en")

    def call(*arguments):
        try:
            code = main([*arguments, "--json"])
        except SystemExit as left:
            code = left.code
        out = capsys.readouterr().out
        return code, json.loads(out) if out else {}

    return call


def make_draw(run, codes, stage="{unit: commune, method: srs, take: 3}", reserves=2):
    header = "unit_id,unit_name,province,stratum,size\n"
    rows = "".join(f"{one},Xã {one},30,s,{50 + place}\n" for place, one in enumerate(codes))
    Path("frame.csv").write_text(header + rows, encoding="utf-8")
    person = "{unit: person, method: srs, take: 4}"
    Path("design.yaml").write_text(
        f"version: 1\nstages: [{stage}, {person}]\nreserves: {{commune: {reserves}}}\n",
        encoding="utf-8",
    )
    made = run("sample", "draw", "design.yaml", "--frame", "frame.csv", "--seed", "7",
               "--out", "draw")  # fmt: skip
    assert made[0] == 0
    return rows_of("draw/sample.csv")


def rows_of(name):
    with Path(name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def sha256(name):
    return hashlib.sha256(Path(name).read_bytes()).hexdigest()


@pytest.fixture
def flooded(run):
    drawn = make_draw(run, [f"a{one}" for one in range(8)])
    text = f"unit_id,date,reason\n{drawn[0]['unit_id']},2026-03-02,flood\n"
    Path("closed.csv").write_text(text, encoding="utf-8")
    return drawn


def test_a_flooded_commune_is_closed_and_the_record_names_what_it_rests_on(run, flooded):
    code, said = run("sample", "close-unit", "draw", "--closures", "closed.csv", "--rule",
                     "nonresponse", "--on", "2026-03-05", "--out", "closed")  # fmt: skip
    assert code == 0
    assert said["result"]["rows"] == {"active": 10, "closed": 5}
    record = json.loads(Path("closed/revision.json").read_text(encoding="utf-8"))
    assert (record["kind"], record["rule"], record["on"]) == (
        "closure",
        "nonresponse",
        "2026-03-05",
    )
    assert record["draw_sha256"] == sha256("draw/draw.json")
    assert record["input_sha256"] == sha256("closed.csv")
    assert record["sample_sha256"] == sha256("closed/sample.csv")
    weights = {row["unit_id"]: float(row["design_weight"]) for row in rows_of("closed/sample.csv")}
    assert weights[flooded[0]["unit_id"]] == 0
    assert weights[flooded[1]["unit_id"]] == pytest.approx(8 / 2)


def test_nothing_is_overwritten(run, flooded):
    arguments = ("sample", "close-unit", "draw", "--closures", "closed.csv", "--rule",
                 "out_of_scope", "--out")  # fmt: skip
    before = sha256("draw/sample.csv")
    code, said = run(*arguments, "draw")
    assert (code, said["findings"][0]["code"]) == (1, "draw-directory-not-empty")
    assert sha256("draw/sample.csv") == before
    code, said = run(*arguments, "scope")
    assert said["result"]["rows"] == {"active": 10, "out_of_scope": 5}


def test_a_reserve_comes_in_with_its_persons(run, flooded):
    code, said = run("sample", "close-unit", "draw", "--closures", "closed.csv", "--rule",
                     "reserve", "--by-size", "--out", "closed")  # fmt: skip
    assert code == 0
    assert said["result"]["rows"] == {"active": 15, "closed": 5}
    assert said["findings"] == []


def test_answers_from_before_the_flood_stand_for_their_commune(run, flooded):
    home = flooded[0]["unit_id"]
    done = [row["unit_id"] for row in flooded if row["unit_id"].startswith(f"{home}-")][:1]
    Path("done.csv").write_text("unit_id\n" + "\n".join(done), encoding="utf-8")
    code, said = run("sample", "close-unit", "draw", "--closures", "closed.csv", "--rule",
                     "nonresponse", "--done", "done.csv", "--out", "closed")  # fmt: skip
    assert code == 0
    assert said["result"]["rows"] == {"active": 11, "closed": 3, "done": 1}


def test_a_stratum_to_merge_is_named_with_the_other(run, flooded):
    code, _ = run("sample", "close-unit", "draw", "--closures", "closed.csv", "--rule",
                  "nonresponse", "--merge", "s", "--out", "closed")  # fmt: skip
    assert code == 2


@pytest.mark.parametrize("shares", [(), ("--shares", "population"), ("--shares", "area")])
def test_a_sample_of_former_communes_is_carried_over_to_those_of_today(run, shares):
    make_draw(run, CODES)
    code, said = run("sample", "reform", "draw", "--on", "2025-07-01", *shares, "--out", "new")
    assert code == 0
    units = rows_of("new/units.csv")
    assert len(units) == said["result"]["units"] > 0
    assert all(row["unit_name"].startswith(("Phường", "Xã")) for row in units)
    assert {row["note"] for row in units} == ({"quy đổi"} if shares else {""})
    before, after = rows_of("draw/sample.csv"), rows_of("new/sample.csv")
    assert [row["unit_id"] for row in after] == [row["unit_id"] for row in before]
    assert [float(row["design_weight"]) for row in after] == [
        float(row["design_weight"]) for row in before
    ]
    record = json.loads(Path("new/revision.json").read_text(encoding="utf-8"))
    assert (record["kind"], record["on"]) == ("reform", "2025-07-01")
    assert record["sample_sha256"] == sha256("new/sample.csv")


def test_a_day_before_the_reform_is_refused_with_the_earliest(run):
    make_draw(run, CODES)
    code, said = run("sample", "reform", "draw", "--on", "2025-06-30", "--out", "new")
    assert (code, said["findings"][0]["code"]) == (1, "revision-reform-not-yet")
    assert "2025-07-01" in said["findings"][0]["advice"]
    assert not Path("new").exists()
