"""The rules of architecture that prose cannot keep: imports, migrations, templates, wheel."""

import ast
import contextlib
import io
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from importlinter.application.use_cases import lint_imports
from importlinter.configuration import configure
from jinja2 import Environment

PACKAGES = ("intake", "questionnaires", "sampling", "analysis", "survey_app")


def test_every_import_goes_the_way_that_the_contracts_allow(root, monkeypatch):
    monkeypatch.chdir(root)
    configure()
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        kept = lint_imports(config_filename=str(root / "pyproject.toml"), cache_dir=None)
    assert kept, said.getvalue()


def test_every_module_says_first_what_it_is(root):
    # Migrations are left out by ruff, empty packages by nobody.
    silent = [
        str(path.relative_to(root))
        for package in PACKAGES
        for path in (root / package).rglob("*.py")
        if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert silent == []


def test_the_migrations_end_in_one_state():
    from alembic.script import ScriptDirectory

    from survey_app.migrations import _config, head

    assert ScriptDirectory.from_config(_config()).get_heads() == [head()]


def test_every_template_of_the_application_parses(house_app, root):
    environment = house_app.jinja_env
    folder = root / "survey_app" / "templates"
    names = [str(path.relative_to(folder)) for path in folder.rglob("*.html")]
    assert names
    for name in names:
        environment.get_template(name)


def test_every_template_of_a_release_parses(root):
    folder = root / "analysis" / "publication" / "templates"
    files = list(folder.rglob("*.html"))
    assert files
    for path in files:
        Environment(autoescape=True).parse(path.read_text(encoding="utf-8"), filename=str(path))


def test_no_template_switches_escaping_off(root):
    loose = [
        str(path.relative_to(root))
        for folder in ("survey_app/templates", "analysis/publication/templates")
        for path in (root / folder).rglob("*.html")
        if "autoescape false" in path.read_text(encoding="utf-8")
    ]
    assert loose == []


@pytest.fixture(scope="module")
def wheel(root, tracked, tmp_path_factory) -> set[str]:
    """The names in a wheel built from the tracked files alone."""
    source = tmp_path_factory.mktemp("source")
    for name in tracked:
        if name.startswith((*(f"{package}/" for package in PACKAGES), "pyproject", "README")):
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(root / name, source / name)
    out = source / "out"
    built = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--no-index",
         "--disable-pip-version-check", "-q", "-w", str(out), str(source)],
        capture_output=True, text=True, check=False,
        env=os.environ | {"PYTHONPATH": ""},
    )  # fmt: skip
    assert built.returncode == 0, built.stderr
    with zipfile.ZipFile(next(out.glob("*.whl"))) as archive:
        return set(archive.namelist())


@pytest.mark.xdist_group("wheel")
def test_the_wheel_carries_every_file_that_the_packages_read(wheel, tracked):
    build_tools = {".cfg"}  # tells where the texts to be translated stand
    wanted = {
        name
        for name in tracked
        if name.split("/")[0] in PACKAGES and Path(name).suffix not in build_tools
    }
    assert wanted - wheel == set()
    kinds = {Path(name).suffix for name in wheel}
    assert kinds >= {".yaml", ".csv", ".html", ".css", ".js", ".typ", ".ttf", ".mo", ".mako"}


@pytest.mark.xdist_group("wheel")
def test_the_wheel_carries_neither_tests_nor_what_a_run_has_made(wheel):
    tops = {name.split("/")[0] for name in wheel}
    assert {top for top in tops if not top.endswith(".dist-info")} == set(PACKAGES)
