"""YAML and JSON from outside: plain values with their lines, or refused."""

from pathlib import Path

import pytest

from intake.documents import path_text, read_document
from intake.findings import HailongError


def test_what_looks_like_text_stays_text_and_every_place_has_its_line(tmp_path: Path):
    file = tmp_path / "a.yaml"
    file.write_text('a: no\nb: 2026-1\nc: [1, 2.5, true, null, "3"]\n07: 0x1f\n', encoding="utf-8")
    document = read_document(file)
    assert document.value == {
        "a": "no",
        "b": "2026-1",
        "c": [1, 2.5, True, None, "3"],
        "07": "0x1f",
    }
    assert document.line(("c", 1)) == 3
    assert document.line(("c", 9, "x")) == 3


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("a: &x [1]\nb: *x\n", "document-syntax"),
        ("a: !!python/object:os.system x\n", "tag-refused"),
        ("a: !!binary x\n", "tag-refused"),
        ("a: 1\na: 2\n", "key-repeated"),
        ("? [1]\n: 2\n", "key-not-text"),
        ("a: [1\n", "document-syntax"),
        ("--- 1\n--- 2\n", "document-syntax"),
        ("a: 'x\u202e'\n", "character-forbidden"),
        ("[" * 5000, "document-too-deep"),
        ("- a\n" * 60_001, "document-too-many-values"),
        ("? a\n? b\n--- c", "document-syntax"),
        ("a: !!str x\n", "tag-refused"),
        ("a: ! x\n", "tag-refused"),
        ("!!binary a: x\n", "tag-refused"),
        ("!!set {a, b}\n", "tag-refused"),
        ("[" * 40 + "]" * 40, "document-too-deep"),
        ("# " + "x" * (1 << 20), "file-too-large"),
    ],
)
def test_a_hostile_document_is_refused_by_name(tmp_path: Path, content: str, code: str):
    file = tmp_path / "a.yaml"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(HailongError) as error:
        read_document(file)
    assert error.value.code == code


def test_a_nest_of_aliases_costs_no_time(tmp_path: Path):
    file = tmp_path / "bomb.yaml"
    lines = ["a0: &a0 [x,x,x,x,x,x,x,x,x]"]
    lines += [f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    file.write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(HailongError) as error:
        read_document(file)
    assert "alias" in str(error.value)


def test_a_place_is_written_as_people_write_it():
    assert path_text(("questions", 2, "goto", 0, "to")) == "questions[2].goto[0].to"
