"""A small release from end to end: drawn, answered, frozen, weighed, estimated, published."""

from __future__ import annotations

import random
from datetime import datetime
from pathlib import Path

import pytest
from builders import DESIGN, FRAME, TODAY, some_codes
from sqlalchemy import insert

from analysis.par_index import rule_files
from survey_app.cli import commitments, main
from survey_app.db import writing
from survey_app.db.registry import agency
from survey_app.services import scoring
from survey_app.services.answering import find_invitation, submit
from survey_app.services.exclusions import exclude
from survey_app.services.freezing import freeze_round
from survey_app.services.installation import Installation
from survey_app.services.mixing import mix
from survey_app.services.registry import import_files
from survey_app.services.releases import publishing
from survey_app.services.results import make_estimates, make_weights
from survey_app.services.rounds import close_round, create_round, open_round
from survey_app.services.steps import Pair

ROUND, YEAR = "hai-phong-2026-p", 2026
BLOCKS = ("2026-communes", "2026-province")
"""Rules of the year that this round alone feeds."""

WEIGHTS = """\
version: 1
base: design_weight
nonresponse: {classes: cell}
calibrate:
  method: raking
  source: "a made-up population"
  simulated: true
  margins: {gioi_tinh: {"1": 70, "2": 50}}
trim: false
"""
ESTIMATE = """\
version: 1
questionnaire: citizen@2026-1
weights: final
design: {strata: stratum, lonely_psu: fail}
rules: [top2, mean5, mean04]
aggregation: {factor: mean, block: items, overall: items}
domains: [[], [gioi_tinh]]
units: unit
shares: false
"""


def only_its_rules(monkeypatch) -> None:
    """Let the year have only the blocks that the one round feeds."""
    monkeypatch.setattr(scoring, "index_years", lambda _: [rule_files.load(one) for one in BLOCKS])


def an_answered_round(installation: Installation, folder: Path, count: int = 24) -> list[str]:
    """A closed round with so many answers in each drawn commune; the communes."""
    (folder / "frame.csv").write_text(FRAME, encoding="utf-8")
    (folder / "design.yaml").write_text(DESIGN, encoding="utf-8")
    draw = folder / "draw"
    _draw(folder, draw)
    engine, settings, kind = installation.engine, installation.settings, ("citizen", "2026-1")
    create_round(engine, settings, ROUND, kind, draw, opens=TODAY, closes=TODAY, simulated=True)
    open_round(engine, settings, ROUND)
    installation._read_at = None
    keyring, dice = installation.keyring(), random.Random(5)
    units = sorted({one for one in FRAME.split() for one in one.split(",")[:1]} & _drawn(draw))
    for unit in units:
        for place, code in enumerate(some_codes(installation, ROUND, {f"{ROUND}.{unit}": count})):
            given = {f"cau_9_{item:02}": dice.choice((2, 3, 4, 4, 5)) for item in range(1, 40)}
            given |= {"gioi_tinh": 1 + place % 2, "do_tuoi": 1 + place % 5}
            invited = find_invitation(engine, keyring, code, TODAY)
            submit(engine, keyring, code, invited, given, on=TODAY)
    mix(engine, keyring[ROUND], every_cell=True, on=TODAY)
    close_round(engine, settings, ROUND)
    _register(installation, folder, units)
    return units


def _draw(folder: Path, draw: Path) -> None:
    """A draw that opens a commitment: the secret is fixed before the public value is known."""
    given = (folder / "design.yaml", "--frame", folder / "frame.csv")
    public = ("--public-source", "lottery", "--public-at", "2026-02-02 18:30")
    secret, promise = folder / "promise.secret", folder / "promise"
    secret.write_text("a secret of a test, the same in each run of it", encoding="utf-8")
    secret.chmod(0o600)
    opening = ("--secret-file", secret, "--commitment", promise / "commitment.json")
    with pytest.MonkeyPatch.context() as patch:
        for hour, words in (
            ("2026-02-01 09:00", ("commit", *given, *public, "--out", promise)),
            ("2026-02-03 09:00", ("draw", *given, *opening, "--public", "12345", "--out", draw)),
        ):
            moment = datetime.fromisoformat(f"{hour}+07:00")
            patch.setattr(commitments, "now", lambda moment=moment: moment)
            assert main(["sample", *map(str, words)]) == 0


def _register(installation: Installation, folder: Path, units: list[str]) -> None:
    head = "code,name,type,parent_code,valid_from,valid_to,population,area_km2,lat,lon,source\n"
    rest = ",2025-07-01,,1000,2.5,20.8,106.6,test\n"
    lines = [f"{unit},Xã {unit},Xã,31{rest}" for unit in units]
    text = f"{head}31,Thành phố Hải Phòng,Thành phố,{rest}{''.join(lines)}"
    (folder / "units.csv").write_text(text, encoding="utf-8")
    import_files(installation.engine, [folder / "units.csv"])
    with writing(installation.engine) as connection:
        rows = [
            {"agency_code": f"ub-{unit}", "name": f"UBND {unit}", "type": "commune",
             "unit_code": unit, "source": "test"}
            for unit in units
        ]  # fmt: skip
        connection.execute(insert(agency), rows)


def results(installation: Installation, correction: str = "") -> None:
    """The frozen file of the round, its weights and its estimates."""
    engine, settings = installation.engine, installation.settings
    folder = settings.rounds / ROUND
    frozen = folder / "respondents.parquet"
    freeze_round(engine, settings, ROUND, frozen, correction=correction)
    estimates(installation)


def estimates(installation: Installation) -> None:
    """The weights and estimates of the frozen file."""
    folder = installation.settings.rounds / ROUND
    frozen = folder / "respondents.parquet"
    for name, text in (("weights.yaml", WEIGHTS), ("estimate.yaml", ESTIMATE)):
        (folder / name).write_text(text, encoding="utf-8")
    make_weights(frozen, folder / "weights.yaml", folder / "weights.parquet")
    make_estimates(folder / "estimate.yaml", frozen, folder / "estimates.parquet")


def scores(installation: Installation, folder: Path, units: list[str]) -> None:
    """What the agencies scored: half of the points of each criterion that no survey feeds."""
    rows, heads = ["agency_code,criterion,self_scored,appraised"], ["agency_code,rating"]
    for code in (*(f"ub-{unit}" for unit in units), "province"):
        rules = rule_files.load(BLOCKS[code == "province"])
        for leaf in rules.leaves():
            if leaf.expression and leaf.expression.kind == "points":
                half = round(leaf.maximum / 2, 2)
                rows.append(f"{code},{leaf.code},{half},{half}")
        heads.append(f"{code},hoan-thanh")
    (folder / "scores.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    scoring.import_scores(installation.engine, YEAR, [folder / "scores.csv"])


def an_exclusion(installation: Installation, response_id: str) -> None:
    """One response that counts no longer."""
    exclude(installation.engine, ROUND, response_id, "Điền hộ", Pair("lan", "minh"))


def a_release(installation: Installation, out: Path, **more: object) -> dict:
    """The release of the round, and its manifest."""
    return publishing.publish(installation, [ROUND], YEAR, out, **more)


def _drawn(draw: Path) -> set[str]:
    lines = (draw / "sample.csv").read_text(encoding="utf-8").splitlines()[1:]
    return {line.split(",")[0].rsplit("-", 1)[0] for line in lines if line.split(",")[3] == "2"}
