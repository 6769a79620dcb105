"""The page that plans a round: its code runs, gives what it shows, and draws what it names."""

import importlib.util

import pytest


@pytest.fixture(scope="module")
def tool(root):
    script = root / "tools" / "worked_survey.py"
    spec = importlib.util.spec_from_file_location("worked_survey", script)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_planning_page_shows_what_its_code_gives(tool, root):
    assert tool.differences(root / "docs" / "planning.md") == []


def test_its_pictures_are_small_files_and_none_is_left_over(tool, root):
    page = root / "docs" / "planning.md"
    named = {page.parent / block.picture
             for block in tool.blocks_of(page.read_text("utf-8")) if block.picture}  # fmt: skip
    there = set((root / "docs" / "images").glob("planning-*.png"))
    assert named == there
    assert [path.name for path in there if path.stat().st_size > 60_000] == []
