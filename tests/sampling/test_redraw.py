"""The program that comes with every draw draws it again, and shares nothing with the package."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest
from staged_designs import HOUSEHOLD, METHODS, PERSON, VILLAGE, a_design, by_method, villages

from sampling import Frame, SampleDesign, draw, redraw, write_draw


def at_a_rate(method):
    stage = {"unit": "village", "method": method, "rate": 0.3}
    return SampleDesign.from_dict({"version": 1, "stages": [stage]})


DESIGNS = {
    "four stages": a_design(VILLAGE, HOUSEHOLD, PERSON, reserves={"village": 1, "household": 2}),
    "strata within units": a_design(
        {**VILLAGE, "method": "pps_systematic", "strata": "terrain", "take": 1}, HOUSEHOLD
    ),
    "coordinated": by_method("srs", coordination={"seed": "0" * 64, "shift": 0.3}),
    "serpentine": by_method("systematic", sort=["parent_id", "size"], serpentine=True),
    "another method in one stratum": by_method(
        "srs", per_stratum={"a": {"method": "pps_systematic", "take": 4}}
    ),
    "short lists": a_design({**VILLAGE, "take": 4, "short": "all"}),
    **{f"{method} at a rate": at_a_rate(method) for method in ("srs", "systematic", "poisson")},
    **{method: by_method(method) for method in METHODS},
}


@pytest.mark.parametrize("name", DESIGNS)
def test_every_kind_of_draw_is_repeated_by_the_program_in_its_folder(name, tmp_path):
    for seed in (1, 2, 3):
        folder = tmp_path / str(seed)
        write_draw(draw(villages(), DESIGNS[name], seed), folder)
        assert redraw.difference(folder) == ""


def test_a_long_frame_flies_in_blocks_and_is_repeated_all_the_same(tmp_path):
    rows = [
        {
            "unit_id": f"u{number}",
            "unit_name": "Thôn",
            "province": "HP",
            "stratum": "a",
            "size": 50 + number * 37 % 101,
            "households": 20 + number * 13 % 59,
        }
        for number in range(1100)
    ]
    write_draw(draw(Frame.from_rows(rows), by_method("cube", take=60), 7), tmp_path / "draw")
    assert redraw.difference(tmp_path / "draw") == ""


def test_a_stranger_runs_the_program_in_the_folder_and_a_changed_line_is_named(tmp_path):
    folder = tmp_path / "draw"
    write_draw(draw(villages(), DESIGNS["four stages"], 7), folder)

    def ran():
        command = [sys.executable, "-I", str(folder / "redraw.py")]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout

    assert ran() == (0, "The draw repeats.\n")
    path = folder / "sample.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("drawn", "dawn", 1), encoding="utf-8")
    code, said = ran()
    assert code == 1
    assert said.startswith("sample.csv, line 2:")


def test_the_program_needs_nothing_but_the_standard_library():
    tree = ast.parse(Path(redraw.__file__).read_text(encoding="utf-8"))
    modules = {
        (node.module or "") if isinstance(node, ast.ImportFrom) else node.names[0].name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert {module.split(".")[0] for module in modules} <= sys.stdlib_module_names


def _lower_a_take(folder):
    """Lower a take on record, and make the files that follow from it."""
    path = folder / "draw.json"
    record = json.loads(path.read_text(encoding="utf-8"))
    record["strata"][0]["take"] -= 1
    path.write_text(json.dumps(record), encoding="utf-8")
    takes = {told["stratum"]: told["take"] for told in record["strata"]}
    shared_out, redraw.Redraw.shared_out = redraw.Redraw.shared_out, lambda _: takes
    try:
        made = redraw.Redraw(folder)
        made.run()
    finally:
        redraw.Redraw.shared_out = shared_out
    (folder / "sample.csv").write_text(redraw.text_of(made.drawn), encoding="utf-8")
    (folder / "reserves.csv").write_text(redraw.text_of(made.spare), encoding="utf-8")


@pytest.mark.parametrize(
    "first",
    [
        {"take": 3},
        {"take": {"a": 3, "b": 2}},
        {"take": 6, "allocation": "equal"},
        {"take": 3, "per_stratum": {"a": {"take": 4}}},
    ],
)
def test_a_take_that_the_design_contradicts_is_named_by_the_program(first, tmp_path):
    rows = [{"unit_id": f"{s}{i}", "unit_name": "x", "province": "HP", "stratum": s, "size": 9}
            for s in "ab" for i in range(6)]  # fmt: skip
    stage = {"unit": "commune", "method": "srs", **first}
    design = SampleDesign.from_dict({"version": 1, "stages": [stage]})
    write_draw(draw(Frame.from_rows(rows), design, 7), tmp_path / "draw")
    assert redraw.difference(tmp_path / "draw") == ""
    _lower_a_take(tmp_path / "draw")
    with pytest.raises(redraw.UnequalError, match="the record takes"):
        redraw.difference(tmp_path / "draw")


@pytest.mark.parametrize(
    ("name", "text"), [("draw.json", "[]"), ("draw.json", "{"), ("sample.csv", None)]
)
def test_broken_files_are_said_in_one_line(name, text, tmp_path, capsys):
    design = SampleDesign.from_dict(
        {"version": 1, "stages": [{"unit": "commune", "method": "srs", "take": 1}]}
    )
    row = {"unit_id": "a", "unit_name": "x", "province": "HP", "stratum": "s", "size": 9}
    write_draw(draw(Frame.from_rows([row]), design, 7), tmp_path / "draw")
    if text is None:
        (tmp_path / "draw" / name).unlink()
    else:
        (tmp_path / "draw" / name).write_text(text, encoding="utf-8")
    assert redraw.main([str(tmp_path / "draw")]) == 1
    assert capsys.readouterr().out.startswith("The files of the draw are incomplete or broken")
