"""The pages about samples: their code runs, their designs can be drawn, their shell draws again."""

import importlib.util
import re
import shutil
import subprocess
from datetime import date

import pytest

from sampling import SampleDesign, draw, frame, load_registry, write_draw

YAML = re.compile(r"^```yaml\n(.*?)^```\n", re.MULTILINE | re.DOTALL)
SHELL = re.compile(r"^```sh\n(.*?)^```\n\n```text\n(.*?)^```\n", re.MULTILINE | re.DOTALL)
# Their frames hold villages, cells or counters.
ELSEWHERE = {"four-stages", "dossiers", "counters", "hai-phong-visits"}
WITH_DESIGNS = ("sampling/designs.md", "files.md")


@pytest.fixture(scope="module")
def tool(root):
    script = root / "tools" / "worked_survey.py"
    spec = importlib.util.spec_from_file_location("worked_survey", script)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def communes():
    return frame.build(load_registry(), date(2026, 3, 1))


@pytest.fixture(scope="module")
def ran(tool, root):
    """What the code of each page gives, and the names that it leaves behind."""
    pages = sorted((root / "docs" / "sampling").glob("*.md"))
    return {page.name: (tool.differences(page), tool.blocks_of(page.read_text("utf-8")))
            for page in pages}  # fmt: skip


def test_every_example_of_the_sampling_pages_gives_what_the_page_shows(ran):
    assert [found for differences, _ in ran.values() for found in differences] == []


def test_every_page_about_samples_has_an_example_that_runs(ran):
    assert ran
    assert [name for name, (_, blocks) in ran.items() if not blocks] == []


def designs_of(root, tmp_path):
    for name in WITH_DESIGNS:
        for number, text in enumerate(YAML.findall((root / "docs" / name).read_text("utf-8"))):
            if "stages:" in text:
                path = tmp_path / f"{number}.yaml"
                path.write_text(text, encoding="utf-8")
                yield SampleDesign.read(path)


def test_every_design_that_is_shown_can_be_read_and_those_of_communes_drawn(
    root, tmp_path, communes
):
    shown = list(designs_of(root, tmp_path))
    assert len(shown) > len(ELSEWHERE)
    for design in shown:
        if design.name not in ELSEWHERE:
            assert design.check_against(communes) == [], design.name
            if len(design.stages) == 1:
                assert len(draw(communes, design, 7).sample) > 20, design.name


@pytest.mark.skipif(not shutil.which("sha256sum"), reason="sha256sum is not here")
def test_the_shell_draws_the_same_units(root, tmp_path, tool):
    page = root / "docs" / "sampling" / "draw-rules.md"
    text = page.read_text("utf-8")
    names = {"__name__": "page"}
    for block in tool.blocks_of(text):
        tool.run_block(block.code, names, page.name, block.line)
    write_draw(names["equal"], tmp_path / "draw")
    ((script, shown),) = SHELL.findall(text)
    done = subprocess.run(["sh", "-c", script], cwd=tmp_path, capture_output=True, text=True,
                          check=False)  # fmt: skip
    assert (done.stdout, done.stderr) == (shown, "")
