"""A build of the results that is killed at any step leaves the old ones whole (FI-22)."""

import importlib.util
import json
import multiprocessing
import os
import shutil
import signal
import time
from pathlib import Path

import pytest
from builders import some_settings

from analysis.publication import build_release
from analysis.publication.release import verify_release
from survey_app.services.publishing import newest_release

_BUILDERS = Path(__file__).parents[1] / "analysis" / "publication" / "conftest.py"


def a_content(folder: Path):
    """The release that the tests of publication build."""
    spec = importlib.util.spec_from_file_location("publication_builders", _BUILDERS)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    folder.mkdir(exist_ok=True)
    return module.make_content(folder)


def _build(content, out: Path, step: int, steps) -> None:
    """Build, and die before a step of writing; count the steps in a shared number."""
    replaced = {
        "write_text": Path.write_text,
        "rename": Path.rename,
        "write_bytes": Path.write_bytes,
    }

    def stepwise(name):
        def one(*values, **named):
            if steps.value == step:
                os.kill(os.getpid(), signal.SIGKILL)
            steps.value += 1
            return replaced[name](*values, **named)

        return one

    for name in replaced:
        setattr(Path, name, stepwise(name))
    tree = shutil.rmtree
    shutil.rmtree = lambda *values, **named: stepwise_tree(tree, *values, **named)

    def stepwise_tree(work, *values, **named):
        if steps.value == step:
            os.kill(os.getpid(), signal.SIGKILL)
        steps.value += 1
        return work(*values, **named)

    build_release(content, out)


@pytest.mark.faults
def test_a_killed_build_leaves_whole_results(tmp_path):
    begun = time.monotonic()
    settings = some_settings(tmp_path)
    content = a_content(tmp_path / "content")
    out = settings.releases / "2026"
    build_release(content, out)
    context = multiprocessing.get_context("forkserver")

    def killed_at(step: int) -> tuple[bool, int]:
        steps = context.Value("i", 0)
        process = context.Process(target=_build, args=(content, out, step, steps))
        process.start()
        process.join(120)
        return process.exitcode == -signal.SIGKILL, steps.value

    _, total = killed_at(-1)
    wanted = sorted({1, total // 2, *range(max(0, total - 4), total)})
    for step in wanted:
        died, _ = killed_at(step)
        assert died
        shown = newest_release(settings)
        assert shown is not None
        assert verify_release(shown) == []
        assert json.loads((shown / "manifest.json").read_text())["format"] == "hailong-release-1"
    build_release(content, out)
    assert newest_release(settings) == out
    assert [one.name for one in settings.releases.iterdir()] == ["2026"]
    print(
        f"\nFI-22 build killed at steps {wanted} of {total}: a whole release was shown each time  "
        f"{time.monotonic() - begun:.0f} s",
        end="",
    )
