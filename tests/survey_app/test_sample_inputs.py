"""``hailong sample``: faults of two files told at once, and what a draw says that it has drawn."""

import json
from pathlib import Path

import pytest

from intake.findings import DesignError, FrameError
from sampling import read_inputs
from survey_app.cli import main

HEAD = "unit_id,unit_name,province,stratum,size,parent_id,households\n"
FRAME = HEAD + "".join(
    f"c{commune}v{village},Thôn {village},31,s,300,c{commune},40\n"
    for commune in range(1, 4)
    for village in range(1, 4)
)
BROKEN_FRAME = HEAD + "c1v1,A,31,s,many,c1,40\nc1v1,B,31,,300,c1,40\n"
COMMUNE = "  - {unit: commune, id: parent_id, method: srs, take: 2}\n"
VILLAGE = "  - {unit: village, id: unit_id, method: srs, take: 1}\n"
HOUSEHOLD = "  - {unit: household, method: srs, take: 5, size: households}\n"
PERSON = "  - {unit: person, method: birthday}\n"
HEADING, RESERVES = "version: 1\nstages:\n", "reserves: {village: 1}\n"
BROKEN_DESIGN = "version: 2\nstages:\n  - {unit: commune, method: guess, take: 2}\n"
DRAW = ("--frame", "frame.csv", "--seed", "7", "--out", "draw")
COMMANDS = {
    "plan": ("--frame", "frame.csv"),
    "draw": DRAW,
    "commit": ("--frame", "frame.csv", "--public-source", "lottery", "--public-at",
               "2099-07-02 18:30", "--out", "draw"),
}  # fmt: skip


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Runs a command on these files in a folder of their own; returns exit code and output."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HAILONG_DATA", str(tmp_path / "nowhere"))

    def call(design, frame, command, *more, lang="en"):
        monkeypatch.setenv("HAILONG_LANG", lang)
        Path("design.yaml").write_text(design, encoding="utf-8")
        Path("frame.csv").write_text(frame, encoding="utf-8")
        capsys.readouterr()
        try:
            code = main(["sample", command, "design.yaml", *COMMANDS[command], *more])
        except SystemExit as left:
            code = left.code
        return code, capsys.readouterr()

    return call


def found(out):
    return {
        (one.get("file"), one.get("row"), one.get("column"), one.get("path"), one["code"])
        for one in json.loads(out)["findings"]
        if one["severity"] == "error"
    }


@pytest.mark.parametrize("command", COMMANDS)
def test_faults_of_design_and_frame_are_told_at_once_and_nothing_is_drawn(run, command):
    code, said = run(BROKEN_DESIGN, BROKEN_FRAME, command, "--json")
    assert code == 1
    assert found(said.out) == {
        ("design.yaml", 1, None, "version", "design-version-unknown"),
        ("design.yaml", 3, None, "stages[0].method", "design-method-unknown"),
        ("frame.csv", 2, "size", None, "frame-size-not-whole"),
        ("frame.csv", 3, "stratum", None, "frame-stratum-missing"),
        ("frame.csv", 3, "unit_id", None, "frame-id-repeated"),
    }
    assert not Path("draw").exists()


def test_a_column_that_the_header_lacks_stands_beside_the_faults_of_the_rows(run):
    design = HEADING + "  - {unit: commune, method: sampford, take: 1, size: adults}\n"
    code, said = run(design, BROKEN_FRAME, "draw", "--json")
    assert code == 1
    assert ("design.yaml", 3, None, "stages[0].size", "design-column-missing") in found(said.out)
    assert ("frame.csv", 2, "size", None, "frame-size-not-whole") in found(said.out)


def test_a_missing_file_is_told_beside_the_faults_of_the_other(run):
    code, said = run(BROKEN_DESIGN, FRAME, "plan", "--frame", "none.csv", "--json")
    assert code == 1
    assert {one[4] for one in found(said.out)} == {
        "design-version-unknown", "design-method-unknown", "file-missing"}  # fmt: skip


def test_faults_that_design_and_frame_have_together_name_the_line_of_the_design(run):
    design = HEADING + COMMUNE.replace("take: 2", "take: 9") + HOUSEHOLD.replace("5", "500")
    code, said = run(design, FRAME, "draw", "--json")
    assert code == 1
    assert {(one[0], one[1], one[4]) for one in found(said.out)} == {
        ("design.yaml", 3, "design-take-above-stratum"),
        ("design.yaml", 4, "design-take-above-list"),
    }


def test_in_python_the_kind_of_error_is_that_of_the_faulty_file(tmp_path):
    design, frame = tmp_path / "d.yaml", tmp_path / "f.csv"
    design.write_text(HEADING + COMMUNE, encoding="utf-8")
    frame.write_text(FRAME, encoding="utf-8")
    made, units = read_inputs(design, frame)
    assert (len(made.stages), len(units)) == (1, 9)
    frame.write_text(BROKEN_FRAME, encoding="utf-8")
    with pytest.raises(FrameError):
        read_inputs(design, frame)
    design.write_text(BROKEN_DESIGN, encoding="utf-8")
    with pytest.raises(DesignError):
        read_inputs(design, frame)


@pytest.mark.parametrize(
    ("stages", "en", "vi"),
    [
        (COMMUNE, "2 units, 0 reserves in draw", "2 đơn vị, 0 dự phòng trong draw"),
        (
            COMMUNE.replace("take: 2", "take: 1") + HOUSEHOLD,
            "1 unit, 5 cases, 0 reserves in draw",
            "1 đơn vị, 5 trường hợp, 0 dự phòng trong draw",
        ),
        (
            COMMUNE + VILLAGE,
            "4 units (stage 1: 2, stage 2: 2), 2 reserves in draw",
            "4 đơn vị (giai đoạn 1: 2, giai đoạn 2: 2), 2 dự phòng trong draw",
        ),
        (
            COMMUNE + VILLAGE + HOUSEHOLD + PERSON,
            "4 units (stage 1: 2, stage 2: 2), 10 cases, 2 reserves in draw",
            "4 đơn vị (giai đoạn 1: 2, giai đoạn 2: 2), 10 trường hợp, 2 dự phòng trong draw",
        ),
    ],
)
@pytest.mark.parametrize("lang", ["vi", "en"])
def test_a_draw_says_its_units_and_what_their_lists_gave(run, lang, stages, en, vi):
    reserves = RESERVES if VILLAGE in stages else ""
    code, said = run(HEADING + stages + reserves, FRAME, "draw", lang=lang)
    assert code == 0, said.err
    assert said.out.splitlines()[-1] == (en if lang == "en" else vi)


def test_the_numbers_of_a_draw_of_one_stage_are_units(run):
    code, said = run(HEADING + COMMUNE, FRAME, "draw", "--json")
    result = json.loads(said.out)["result"]
    assert (code, result["units"], result["cases"], result["reserves"]) == (0, 2, 0, 0)


def test_checking_a_frame_tells_of_its_design_too_whatever_the_frame_is_like(run, capsys):
    run(BROKEN_DESIGN, BROKEN_FRAME, "plan")
    check = ["frame", "check", "frame.csv", "--design", "design.yaml", "--json"]
    with pytest.raises(SystemExit, match="1"):
        main(check)
    codes = {one[4] for one in found(capsys.readouterr().out)}
    assert codes >= {"frame-size-not-whole", "design-version-unknown", "design-method-unknown"}
    divided = FRAME.replace("c1v1,Thôn 1,31,s,", "c1v1,Thôn 1,31,t,")
    run(HEADING + COMMUNE + VILLAGE.replace("1", "4"), divided, "plan")
    with pytest.raises(SystemExit, match="1"):
        main(check)
    codes = {one[4] for one in found(capsys.readouterr().out)}
    assert codes == {"frame-parent-split", "design-take-above-list"}
