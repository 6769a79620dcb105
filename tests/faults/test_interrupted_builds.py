"""A build of the results that is killed leaves the old ones whole and shown (FI-22)."""

import hashlib
import json
import multiprocessing
import os
import shutil
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest
from builders import an_installation, some_settings
from small_release import (
    ROUND,
    YEAR,
    a_release,
    an_answered_round,
    only_its_rules,
    results,
    scores,
)

from analysis.publication.release import verify_release
from survey_app.services.releases.corrections import newest_release
from survey_app.web import make_app

FRESH = multiprocessing.get_context("forkserver")
WRITES = os.O_WRONLY | os.O_RDWR
MOMENTS = 3
EXCHANGE = 10
"""Changes of files before the end of which the exchange of the folders is one."""

CHANGES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "shutil.copyfile"}


def build(data: Path, step: int, steps, watched=None) -> None:
    """The command that builds a correction, which dies before the given change of a file.

    What it writes is heard from the interpreter itself; nothing in the product knows of this. Where
    it is watched, it waits before each change until somebody has looked.
    """
    from survey_app.cli import main

    def hear(event: str, values: tuple) -> None:
        writes = event == "open" and isinstance(values[2], int) and values[2] & WRITES
        place = str(values[1] if event == "shutil.copyfile" else values[0]) if values else ""
        if (event in CHANGES or writes) and place.startswith(str(data)):
            if steps.value == step:
                os.kill(os.getpid(), signal.SIGKILL)
            steps.value += 1
            if watched:
                watched.send(step)
                watched.recv()

    patch = pytest.MonkeyPatch()
    patch.setenv("HAILONG_TWO_PERSON", "off")
    only_its_rules(patch)
    sys.addaudithook(hear)
    sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115 - until the process ends
    folder = data / "releases"
    old = hashlib.sha256((folder / "2026" / "manifest.json").read_bytes()).hexdigest()
    words = ("release", "build", ROUND, "--year", str(YEAR), "--out", str(folder / "2026-b"))
    more = ("--corrects", old, "--reason", "Tính lại.")
    sys.exit(main(["--data", str(data), *words, *more]))


class Published:
    """An installation with one release, of which a correction is being built."""

    def __init__(self, folder: Path) -> None:
        self.installation = an_installation(folder / "data")
        self.settings = self.installation.settings
        units = an_answered_round(self.installation, folder)
        results(self.installation)
        scores(self.installation, folder, units)
        self.old, self.new = (self.settings.releases / one for one in ("2026", "2026-b"))
        a_release(self.installation, self.old)
        self.client = make_app(self.installation).test_client()

    def shown(self) -> Path:
        """The release that is shown, after a look that it is whole and its pages are its bytes."""
        release = newest_release(self.settings)
        assert release in {self.old, self.new}
        assert verify_release(release) == []
        assert (release / "manifest.sig").is_file()
        files = json.loads((release / "manifest.json").read_text(encoding="utf-8"))["files"]
        for name in ("index.html", "en/index.html"):
            page = self.client.get(f"/ket-qua/{name}")
            assert page.status_code == 200
            digest = hashlib.sha256(page.data).hexdigest()
            page.close()
            assert digest == files[f"site/{name}"]
        return release

    def watched_build(self) -> tuple[int, float]:
        """Build, and look before each change of a file, when a kill would leave just that.

        Returns how many changes there were, and the seconds without the looks.
        """
        begun, looking, looks = time.monotonic(), 0.0, 0
        here, there = FRESH.Pipe()
        steps = FRESH.Value("i", 0)
        process = FRESH.Process(target=build, args=(self.settings.data, -1, steps, there))
        process.start()
        there.close()
        with suppress(EOFError):
            while here.recv():
                at = time.monotonic()
                self.shown()
                looks += 1
                looking += time.monotonic() - at
                here.send(True)
        process.join(60)
        assert (process.exitcode, looks) == (0, steps.value)
        return looks, time.monotonic() - begun - looking

    def build(self, step: int = -1, seconds: float | None = None) -> tuple[bool, int]:
        """Build until a step or a moment; return whether it died, and how many steps it took."""
        steps = FRESH.Value("i", 0)
        process = FRESH.Process(target=build, args=(self.settings.data, step, steps))
        process.start()
        if seconds is not None:
            time.sleep(seconds)
            process.kill()
        process.join(300)
        assert process.exitcode in {0, -signal.SIGKILL}
        return process.exitcode != 0, steps.value


@pytest.mark.faults
def test_a_killed_build_leaves_the_old_results_whole_and_shown(tmp_path, monkeypatch):
    begun = time.monotonic()
    only_its_rules(monkeypatch)
    here = Published(tmp_path)
    FRESH.set_forkserver_preload(
        ["survey_app.services.releases.publishing", "analysis.publication"]
    )
    assert here.shown() == here.old
    total, took = here.watched_build()
    assert here.shown() == here.new
    shutil.rmtree(here.new)
    chance, exchanged, deaths = Random(22), 0, 0
    steps = sorted({0, total // 2, *range(total - EXCHANGE, total, 2), total - 1})
    kills = [(step, None) for step in steps]
    kills += [(-1, took * chance.uniform(0.1, 0.7)) for _ in range(MOMENTS)]
    for step, seconds in kills:
        died, _ = here.build(step, seconds)
        deaths += died
        if here.shown() == here.new:  # it was in its place already: whole, and shown
            exchanged += died
            shutil.rmtree(here.new)
            assert here.shown() == here.old
    assert deaths >= len(steps)
    assert 0 < exchanged < len(steps)
    died, _ = here.build()
    assert (died, here.shown()) == (False, here.new)
    assert sorted(one.name for one in here.settings.releases.iterdir()) == ["2026", "2026-b"]
    here.installation.engine.dispose()
    print(
        f"\nFI-22 build seen whole before each of {total} changes of files; killed {deaths} times, "
        f"before {len(steps)} of them and at {MOMENTS} moments: whole old results shown "
        f"{deaths - exchanged} times, whole new ones "
        f"{exchanged}, repeated: new  {time.monotonic() - begun:.0f} s",
        end="",
    )


def a_folder(releases: Path, name: str, day: str) -> Path:
    folder = releases / name
    folder.mkdir(parents=True)
    text = json.dumps({"released_on": day})
    (folder / "manifest.json").write_text(text, encoding="utf-8")
    return folder


def test_what_is_being_built_or_taken_away_is_never_shown(tmp_path):
    settings = some_settings(tmp_path)
    stands = a_folder(settings.releases, "2026", "2026-03-01")
    half = a_folder(settings.releases, ".2026-b.building-x", "2026-04-01")
    a_folder(settings.releases, ".2026.old", "2026-05-01")
    assert newest_release(settings) == stands
    (half / "manifest.json").write_text('{"released', encoding="utf-8")
    assert newest_release(settings) == stands


def test_a_build_that_died_in_the_exchange_leaves_the_release_before_shown(tmp_path):
    settings = some_settings(tmp_path)
    old = a_folder(settings.releases, ".2026.old", "2026-03-01")
    a_folder(settings.releases, ".2026.building-x", "2026-04-01")
    assert newest_release(settings) == old
