"""The program that comes with every draw draws it again, and shares nothing with the package."""

import ast
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
