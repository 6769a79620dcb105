"""The program ``hailong`` explains itself, at once and in the documentation."""

import json
import subprocess
import sys

import click
import pytest

HEAVY = ("pandas", "numpy", "scipy", "sqlalchemy", "flask", "pydantic", "pyarrow", "altair")


def test_every_command_shows_an_example_of_itself(commands):
    for words, command in commands.items():
        context = click.Context(command, info_name=words)
        said = " ".join(command.get_help(context).split())
        assert "Example: hailong" in said, words
        if not isinstance(command, click.Group):
            assert f"Example: {words}" in said, words


def test_every_option_says_what_it_is_for(commands):
    silent = [
        f"{words} {option.opts[0]}"
        for words, command in commands.items()
        for option in command.params
        if isinstance(option, click.Option) and not option.help
    ]
    assert silent == []


def test_every_command_stands_in_the_documentation(root, commands):
    page = root / "docs" / "commands.md"
    if not page.is_file():
        pytest.skip("docs/commands.md is not written yet")
    text = " ".join(page.read_text(encoding="utf-8").split())
    missing = [
        words
        for words, command in commands.items()
        if words not in text and not isinstance(command, click.Group)
    ]
    assert missing == []


def test_every_setting_stands_in_the_documentation(root):
    from survey_app.config import _Values

    if not (root / "docs" / "commands.md").is_file():
        pytest.skip("docs/commands.md is not written yet")
    text = "\n".join(
        path.read_text(encoding="utf-8") for path in sorted((root / "docs").rglob("*.md"))
    )
    names = {"HAILONG_DATA", "DATABASE_URL"} | {
        f"HAILONG_{name.upper()}" for name in _Values.model_fields if name != "database_url"
    }
    assert {name for name in names if name not in text} == set()


def test_doctor_prints_every_setting(tmp_path):
    from builders import some_settings

    from survey_app.config import _Values
    from survey_app.services.doctor import examine

    shown = {name for name, _, _ in examine(some_settings(tmp_path)).settings}
    assert shown == {"HAILONG_DATA", "DATABASE_URL"} | {
        f"HAILONG_{name.upper()}" for name in _Values.model_fields if name != "database_url"
    }


def test_help_comes_without_loading_the_science(root):
    script = (
        "import sys, time, json, contextlib, io\n"
        "from survey_app.cli import main\n"
        "with contextlib.redirect_stdout(io.StringIO()):\n"
        "    code = main(['--help'])\n"
        f"heavy = [name for name in {HEAVY!r} if name in sys.modules]\n"
        "print(json.dumps([code, heavy, time.process_time()]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=root
    )
    code, heavy, seconds = json.loads(done.stdout)
    print(f"hailong --help: {seconds:.2f} s CPU")
    assert (code, heavy) == (0, [])
