"""The pages that show results: their code runs, and gives what they show."""

import importlib.util
from pathlib import Path

import pytest

EXAMPLES = "../shared/data/survey_examples"


@pytest.fixture(scope="module")
def tool(root):
    script = root / "tools" / "worked_survey.py"
    spec = importlib.util.spec_from_file_location("worked_survey", script)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def with_code(root: Path) -> list[Path]:
    return sorted((root / "docs" / "analysis").glob("*.md"))


def test_the_worked_survey_shows_what_its_code_gives(tool, root):
    data = (root / EXAMPLES).resolve()
    if not (data / "nhis_2003.csv").is_file():
        pytest.skip("the survey of the page is not here")
    assert tool.differences(root / "docs" / "worked-survey.md", data) == []


def test_every_example_of_the_analysis_pages_gives_what_the_page_shows(tool, root):
    assert [found for page in with_code(root) for found in tool.differences(page)] == []


def test_every_page_of_the_analysis_has_an_example_that_runs(tool, root):
    pages = with_code(root)
    assert pages
    assert [page.name for page in pages if not tool.blocks_of(page.read_text("utf-8"))] == []


def test_pictures_of_the_worked_survey_are_small_files_and_none_is_left_over(tool, root):
    page = root / "docs" / "worked-survey.md"
    named = {page.parent / block.picture
             for block in tool.blocks_of(page.read_text("utf-8")) if block.picture}  # fmt: skip
    there = set((root / "docs" / "images").glob("worked-*.png"))
    assert named == there
    assert [path.name for path in there if path.stat().st_size > 60_000] == []


def test_a_page_whose_results_are_out_of_date_is_found(tool, tmp_path):
    page = tmp_path / "page.md"
    page.write_text("```python\n1 + 1\n```\n\n```text\n3\n```\n", encoding="utf-8")
    (found,) = tool.differences(page)
    assert found.startswith("page.md:2: prints\n2\n")
    tool.write(page)
    assert page.read_text(encoding="utf-8") == "```python\n1 + 1\n```\n\n```text\n2\n```\n"
    assert tool.differences(page) == []
