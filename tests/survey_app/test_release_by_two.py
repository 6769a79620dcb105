"""A release from its freeze to its publication by two people, and one that one person froze."""

import io
import json
from hashlib import sha256

import pytest
from builders import an_installation
from small_release import ROUND, an_answered_round, estimates, only_its_rules, results, scores
from sqlalchemy import insert

from survey_app.cli import main
from survey_app.db import writing
from survey_app.db.audit import account
from survey_app.services import accounts
from survey_app.services.verification import verify_bundle

pytestmark = [pytest.mark.long, pytest.mark.xdist_group("verification")]

PEOPLE = {"lan": "statistician", "minh": "home-affairs", "hoa": "auditor"}


@pytest.fixture
def answered(tmp_path, monkeypatch):
    """A closed round and three accounts that need no password here; two people for each step."""
    installation = an_installation(tmp_path / "data")
    only_its_rules(monkeypatch)
    units = an_answered_round(installation, tmp_path)
    scores(installation, tmp_path, units)
    with writing(installation.engine) as connection:
        rows = [
            {"name": name, "role": role, "unit_code": None, "password": "-", "disabled": False}
            for name, role in PEOPLE.items()
        ]
        connection.execute(insert(account), rows)
    held = {one.name: one for one in accounts.list_accounts(installation.engine)}
    monkeypatch.setattr(accounts, "signed_in", lambda _, name, __: held[name])
    for name, value in (
        ("HAILONG_DATA", str(installation.settings.data)),
        ("DATABASE_URL", installation.settings.database_url),
        ("HAILONG_TWO_PERSON", "on"),
    ):
        monkeypatch.setenv(name, value)
    yield installation
    installation.engine.dispose()


@pytest.fixture
def hailong(answered, monkeypatch, capsys):
    def call(name, *words):
        monkeypatch.setattr("sys.stdin", io.StringIO("\n"))
        capsys.readouterr()
        try:
            code = main([*map(str, words), "--json", "--as", name])
        except SystemExit as left:
            code = left.code
        said = json.loads(capsys.readouterr().out)
        return code, [one["code"] for one in said["findings"]]

    return call


def test_two_freeze_two_publish_and_the_release_says_so(answered, hailong, tmp_path):
    frozen = answered.settings.rounds / ROUND / "respondents.parquet"
    freeze = ("round", "freeze", ROUND, "--out", frozen)
    assert hailong("hoa", *freeze) == (3, ["second-person-waits"])
    assert hailong("lan", *freeze) == (0, [])
    estimates(answered)
    out = tmp_path / "release"
    build = ("release", "build", ROUND, "--year", 2026, "--out", out)
    assert hailong("lan", *build) == (3, ["second-person-waits"])
    assert hailong("hoa", *build) == (3, ["pair-lacks-role"])
    assert not out.exists()
    assert hailong("minh", *build) == (0, [])
    assert hailong("lan", *build) == (1, ["release-stands", "release-kept"])
    found = verify_bundle(out)
    assert [one.code for one in found.findings] == ["signature-own-key"]
    held = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
    assert held["two_person"] is True
    # Whoever switches two people off for a freeze publishes nothing with it.
    results(answered)
    later, corrects = tmp_path / "later", sha256((out / "manifest.json").read_bytes()).hexdigest()
    build = ("release", "build", ROUND, "--year", 2026, "--out", later, "--corrects", corrects)
    assert hailong("lan", *build, "--reason", "chốt lại") == (3, ["second-person-waits"])
    assert hailong("minh", *build, "--reason", "chốt khác") == (1, ["step-differs"])
    assert hailong("minh", *build, "--reason", "chốt lại") == (1, ["frozen-by-one"])
    assert not later.exists()
    freeze = (*freeze, "--correction", "chốt lại bằng hai người")
    hailong("hoa", *freeze)
    assert hailong("lan", *freeze) == (0, [])
    assert hailong("minh", *build, "--reason", "chốt lại")[0] == 0
    assert verify_bundle(later).corrects == {"manifest_sha256": corrects, "reason": "chốt lại"}
