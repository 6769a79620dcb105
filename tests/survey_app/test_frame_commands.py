"""hailong frame: all that a frame is held against, in one answer, without an installation."""

import json
import os
from datetime import date

import pytest

from sampling import DESIGNS, frame, load_registry
from sampling.frame import write_frame
from survey_app.cli import main

DAY = "2026-03-01"
VILLAGES = """\
unit_id,unit_name,province,stratum,size,parent_id
a1,A1,31,rural,5,c1
a2,A2,31,urban,5,c1
b1,B1,31,rural,5,c2
"""
DESIGN = """\
version: 1
name: small
frame: small
instrument: citizen@2026-1
stages:
  - {unit: commune, id: parent_id, method: pps_systematic, take: 1}
  - {unit: village, method: srs, take: 1}
"""


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Run one command in a folder without installation and give code and JSON document."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("HAILONG_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HAILONG_DATA", str(tmp_path / "none"))
    monkeypatch.setenv("HAILONG_LANG", "en")
    capsys.readouterr()

    def once(*arguments):
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as left:
            code = left.code
        return code, json.loads(capsys.readouterr().out)

    write_frame(frame.build(load_registry(), date.fromisoformat(DAY)), tmp_path / "frame.csv")
    return once


def codes(document):
    return [finding["code"] for finding in document["findings"]]


def test_a_frame_is_held_against_registry_totals_strata_and_design_at_once(run, tmp_path):
    lines = (tmp_path / "frame.csv").read_text(encoding="utf-8").splitlines()
    (tmp_path / "less.csv").write_text("\n".join(lines[:-2]) + "\n", encoding="utf-8")
    (tmp_path / "totals.csv").write_text("group,total\nurban-hai-duong,500000\n", encoding="utf-8")
    code, document = run(
        "frame", "check", "less.csv", "--on", DAY, "--totals", "totals.csv", "--strata",
        "highland", "--design", DESIGNS / "hai-phong-population.yaml", "--json",
    )  # fmt: skip
    assert (code, document["ok"]) == (1, False)
    assert set(codes(document)) == {
        "frame-unit-uncovered",
        "frame-stratum-empty",
        "frame-stratum-unnamed",
        "frame-coverage-off",
        "frame-group-unknown",
        "design-certainty-unknown",
    }
    result = document["result"]
    assert (result["units"], result["total_findings"]) == (112, len(document["findings"]))
    assert {"units", "total_size", "strata", "sha256", "coverage", "certainties"} <= set(result)
    assert result["coverage"][0]["ratio"] > 1.05


def test_a_sound_frame_and_design_name_the_units_that_become_certain(run, tmp_path):
    text = (tmp_path / "frame.csv").read_text(encoding="utf-8")
    code, document = run("frame", "check", "frame.csv", "--on", DAY, "--json")
    assert (code, codes(document)) == (0, ["frame-stratum-single"] * 2)
    unit = frame.build(load_registry(), date.fromisoformat(DAY)).strata["rural-hai-phong"][0]
    grown = text.replace(f",rural-hai-phong,{unit.size},", ",rural-hai-phong,200000,")
    (tmp_path / "grown.csv").write_text(grown, encoding="utf-8")
    code, document = run("frame", "check", "grown.csv", "--design",
                         DESIGNS / "hai-phong-population.yaml", "--json")  # fmt: skip
    assert code == 0
    (certain,) = document["result"]["certainties"]
    assert (certain["unit_id"], certain["size"], certain["turn"]) == (unit.unit_id, 200_000, 1)
    assert "frame-unit-certain" in codes(document)


def test_parents_that_a_design_draws_must_lie_in_one_stratum(run, tmp_path):
    (tmp_path / "villages.csv").write_text(VILLAGES, encoding="utf-8")
    (tmp_path / "design.yaml").write_text(DESIGN, encoding="utf-8")
    code, document = run("frame", "check", "villages.csv", "--json")
    assert (code, document["ok"]) == (0, True)
    code, document = run("frame", "check", "villages.csv", "--design", "design.yaml", "--json")
    assert code == 1
    split = [one for one in document["findings"] if one["code"] == "frame-parent-split"]
    assert [(one["row"], one["severity"]) for one in split][-1] == (3, "error")


def test_what_cannot_be_asked_is_a_finding_and_hides_no_other(run, tmp_path):
    (tmp_path / "bad.csv").write_text("group,total\nx,-\n", encoding="utf-8")
    (tmp_path / "frame2.csv").write_text(VILLAGES.replace(",5,c2", ",0,c2"), encoding="utf-8")
    code, document = run("frame", "check", "frame2.csv", "--totals", "bad.csv", "--json")
    assert code == 1
    assert {"frame-size-not-positive", "frame-total-invalid"} <= set(codes(document))
    code, document = run("frame", "check", "frame.csv", "--against", "none.csv", "--design",
                         "none.yaml", "--json")  # fmt: skip
    assert code == 1
    assert "file-missing" in codes(document)
    assert document["result"]["units"] == 114


def test_counts_of_dossiers_become_a_frame(run, tmp_path, monkeypatch, capsys):
    from survey_app.demo.files import registry_files

    monkeypatch.setenv("HAILONG_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("HAILONG_TWO_PERSON", "off")
    assert main(["init"]) == 0
    capsys.readouterr()
    assert run("registry", "import", *registry_files(), "--json")[0] == 0
    (tmp_path / "dossiers.csv").write_text(
        "unit_code,field,finished\n10507,Đất đai,120\n10507,Hộ tịch,80\n", encoding="utf-8"
    )
    code, document = run("frame", "build", "--of", "dossiers", "--from", "dossiers.csv", "--on",
                         DAY, "--strata", "field", "--out", "visits.csv", "--json")  # fmt: skip
    assert (code, document["result"]["units"], document["result"]["total_size"]) == (0, 2, 200)
    assert run("frame", "check", "visits.csv", "--on", DAY, "--json")[0] == 0
    assert main(["frame", "build", "--of", "dossiers", "--on", DAY, "--out", "x.csv"]) == 2
