"""What the house tests look at: the repository, its tracked files, the tree of commands."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import click
import pytest
from builders import an_installation
from flask import Flask

# Names of formats, not addresses: nothing is fetched from them.
NAMESPACES = ("http://www.w3.org/2000/svg", "http://www.w3.org/1999/xhtml")


@pytest.fixture(scope="session")
def root() -> Path:
    """The top folder of the repository."""
    return Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def tracked(root: Path) -> list[str]:
    """Every file that git keeps, as its path from the top folder."""
    try:
        listed = subprocess.run(
            ["git", "-C", str(root), "ls-files", "-z"], capture_output=True, check=True, text=True
        )
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("git does not know this folder, so there are no tracked files to look at")
    names = [name for name in listed.stdout.split("\0") if name]
    return [name for name in names if (root / name).is_file()]


@pytest.fixture(scope="session")
def texts(root: Path, tracked: list[str]) -> dict[str, str]:
    """Every tracked text by its path; fonts, pictures and compiled catalogues are no texts."""
    return {
        name: (root / name).read_bytes().decode("utf-8")
        for name in tracked
        if Path(name).suffix not in {".ttf", ".mo", ".png", ".jpg", ".ico", ".woff2", ".xlsx"}
    }


@pytest.fixture(scope="session")
def commands() -> dict[str, click.Command]:
    """Every command and group of ``hailong`` by the words that call it."""
    from survey_app.cli import hailong

    def walk(words: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
        yield words, command
        if isinstance(command, click.Group):
            for name, inner in command.commands.items():
                yield from walk(f"{words} {name}", inner)

    return dict(walk("hailong", hailong))


@pytest.fixture
def house_app(tmp_path: Path) -> Iterator[Flask]:
    """The application on an empty installation, for looking at what it is made of."""
    from survey_app.web import make_app

    made = an_installation(tmp_path / "data")
    app = make_app(made)
    yield app
    made.engine.dispose()
    app.extensions["hailong"].engine.dispose()


@pytest.fixture
def hosts_in() -> Callable[[str], list[str]]:
    """A function that lists the hosts a page or a style sheet names."""

    def found(text: str) -> list[str]:
        for name in NAMESPACES:
            text = text.replace(name, "")
        return re.findall(
            r"(?:https?:)?//(?:[a-z0-9-]+\.)+[a-z]{2,}[^\s\"')]*", text, re.IGNORECASE
        )

    return found
