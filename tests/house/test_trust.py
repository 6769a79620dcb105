"""Every claim of docs/trust.md has a test that exists and a figure that was measured."""

import re

import pytest

# [`test_name`](../tests/file.py) and [a figure](measurements.md#row)
TEST = re.compile(r"\[`(test_\w+)`\]\(\.\./(tests/[\w/]+\.py)\)")
FIGURE = re.compile(r"\[([^][]+)\]\(measurements\.md#([\w-]+)\)")


@pytest.fixture(scope="module")
def page(root):
    return (root / "docs" / "trust.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def measured(root):
    """The row of each anchor, as its words alone."""
    text = (root / "docs" / "measurements.md").read_text(encoding="utf-8")
    return {
        anchor: row.replace("**", "")
        for anchor, row in re.findall(r'^\| <a id="([\w-]+)"></a>(.+)$', text, re.M)
    }


def test_every_test_that_is_named_exists(page, root):
    named = TEST.findall(page)
    assert len(named) > 50
    missing = [
        f"{file}: {name}"
        for name, file in named
        if not (root / file).is_file()
        or not re.search(rf"^def {name}\(", (root / file).read_text(encoding="utf-8"), re.M)
    ]
    assert missing == []
    assert page.count("](../tests/") == len(named)


def test_every_figure_stands_in_its_row_of_the_measurements(page, measured):
    figures = [(words, row) for words, row in FIGURE.findall(page) if re.search(r"\d", words)]
    assert len(figures) > 25
    assert [
        (words, row) for words, row in figures if words not in measured.get(row, "no such row")
    ] == []


def test_every_promise_and_every_fault_has_a_test_or_says_that_it_has_none(page):
    promises = re.split(r"^### (?=G\d)", page.partition("\n## The faults")[0], flags=re.M)[1:]
    faults = re.findall(r"^\| FI-(\d\d) (.+)$", page, re.M)
    assert [promise.split(".")[0] for promise in promises] == [f"G{n}" for n in range(1, 13)]
    assert [number for number, _ in faults] == [f"{n:02}" for n in range(1, 25)]
    for text in (*promises, *(row for _, row in faults)):
        assert TEST.search(text) or "not shown yet" in text
    assert all("*Not covered" in promise for promise in promises)


def test_every_source_that_a_cell_names_is_listed(page):
    beside, listed = page.partition("\n## Beside four others")[2].split("\n### Sources", 1)
    cited = set(re.findall(r"\b[LOFK]\d+\b", beside))
    assert cited == set(re.findall(r"\b([LOFK]\d+)\s", listed))
    rows = [line.split("|")[1:-1] for line in beside.splitlines() if line.startswith("|")]
    assert {len(row) for row in rows} == {6}


def test_the_tables_marks_are_those_of_the_tests(page, root):
    for name, file, mark in re.findall(
        r"\[`(test_\w+)`\]\(\.\./(tests/[\w/]+\.py)\) ?([†‡]?)", page
    ):
        above = (root / file).read_text(encoding="utf-8").partition(f"def {name}(")[0]
        marks = re.findall(r"@pytest\.mark\.(faults|long)\b", above.rsplit("\n\n\n", 1)[-1])
        assert (name, mark) == (name, {"faults": "†", "long": "‡"}.get((marks or [""])[0], ""))
