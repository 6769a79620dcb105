"""Files of a draw that somebody has tampered with."""

import json

import pytest

from intake.findings import DrawError
from sampling import Frame, SampleDesign, draw, verify_draw, write_draw


@pytest.fixture
def folder(tmp_path):
    rows = [
        {"unit_id": f"a{i}", "unit_name": "x", "province": "HP", "stratum": "s", "size": 9}
        for i in range(6)
    ]
    stage = {"unit": "commune", "method": "srs", "take": 2}
    design = SampleDesign.from_dict({"version": 1, "stages": [stage]})
    write_draw(draw(Frame.from_rows(rows), design, 7), tmp_path / "draw")
    return tmp_path / "draw"


def refusal(folder):
    with pytest.raises(DrawError) as refused:
        verify_draw(folder)
    return refused.value


def test_a_key_that_stands_twice_in_the_record_is_refused(folder):
    path = folder / "draw.json"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('"secret": "7"', '"secret": "8", "secret": "7"'), encoding="utf-8")
    assert refusal(folder).code == "draw-record-broken"


@pytest.mark.parametrize("version", [True, 1.0])
def test_a_value_of_another_kind_is_another_value(folder, version):
    path = folder / "draw.json"
    record = json.loads(path.read_text(encoding="utf-8"))
    record["design"]["version"] = version
    path.write_text(json.dumps(record), encoding="utf-8")
    assert refusal(folder).findings[0].path == "design.version"


def test_persons_that_no_stage_chose_are_refused(folder):
    (folder / "persons.csv").write_text("unit_id,eligible_1\na0,1\n", encoding="utf-8")
    assert refusal(folder).code == "draw-persons-differ"


@pytest.mark.parametrize("program", ["print('The draw repeats.')", None])
def test_another_program_in_the_folder_is_a_warning(folder, program):
    assert verify_draw(folder).findings == ()
    (folder / "redraw.py").unlink()
    if program is not None:
        (folder / "redraw.py").write_text(program, encoding="utf-8")
    found = verify_draw(folder).findings
    assert [(one.code, one.severity, one.file) for one in found] == [
        ("draw-program-differs", "warning", "redraw.py")
    ]
