"""A release: everything that was computed for a year, frozen, and shown.

This service gathers; what may be shown, and how, is decided in ``analysis.publication``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from intake.findings import Finding, ReleaseError, Words
from survey_app.db import writing
from survey_app.services.releases import counts, release_tables
from survey_app.services.releases.code_versions import code_versions
from survey_app.services.trail import checkpoints
from survey_app.services.trail.audit import OPERATOR, digests, record

if TYPE_CHECKING:
    import pandas as pd

    from analysis.publication import ReleaseContent, RoundFacts
    from questionnaires import Questionnaire
    from survey_app.config import Settings
    from survey_app.services.installation import Installation

_SIMULATION_ONLY = Words(
    "Chỉ đợt mô phỏng mới có giá trị thật để so sánh.",
    "Only a simulated round has true values to compare with.",
)


def publish(
    installation: Installation,
    rounds: Sequence[str],
    year: int,
    out: Path,
    *,
    truth: Path | None = None,
    corrects: Mapping[str, str] | None = None,
    actor: str = OPERATOR,
) -> dict[str, Any]:
    """Build and sign the release of some rounds and the index of a year; return its manifest.

    ``restricted/NAME/`` gets what nobody publishes: answers, scores, exact counts of the figures.

    Parameters
    ----------
    corrects
        ``manifest_sha256`` and ``reason`` where this release takes the place of an earlier one.

    Raises
    ------
    ReleaseError
        What is to be published does not follow from what was frozen and logged, or tells of few
        beside earlier releases: ``correction-small``, ``correction-uncounted``.
    InstallationError
        What a checkpoint covers is not as it was; nothing is published over it.
    """
    from analysis.publication import build_release
    from survey_app.services.integrity import make_checkpoint
    from survey_app.services.releases import bundles
    from survey_app.services.releases.corrections import published_before

    day, settings = installation.today(), installation.settings
    bundles.require_recorded(installation, rounds)
    before = published_before(installation, rounds, corrected=bool(corrects))
    earlier = counts.find_counts(settings.data / "restricted", before)
    make_checkpoint(installation)
    content = gather(installation, rounds, year, truth=truth, corrects=corrects, on=day)
    content = counts.beside_earlier(content, list(earlier.values()))
    with TemporaryDirectory() as place:
        more = bundles.bundle_files(installation, rounds, Path(place))
        more |= counts.withheld_file(content.withheld, Path(place)) if earlier else {}
        manifest = build_release(
            content, out, more=more, sign=lambda data: checkpoints.sign_bytes(settings, data)
        )
    files, kept = digests([out / "manifest.json"]), settings.data / "restricted" / out.name
    bundles.keep_restricted(installation, rounds, year, kept)
    counts.keep_counts(kept, files["manifest.json"], content.estimates, earlier)
    with writing(installation.engine) as connection:
        made = {"rounds": sorted(rounds), "files": files}
        made |= {"corrects": dict(corrects)} if corrects else {}
        record(connection, "release-built", str(year), made, actor=actor, on=day)
    return manifest


def frozen_digests(installation: Installation, rounds: Sequence[str]) -> dict[str, str]:
    """Return the hash of the frozen answers of rounds, which both who publish them must mean."""
    found = _rounds(installation, rounds)
    return {one.round_id: str(one.snapshot_sha256 or "") for one in found}


def gather(
    installation: Installation,
    rounds: Sequence[str],
    year: int,
    *,
    truth: Path | None,
    corrects: Mapping[str, str] | None = None,
    on: date,
) -> ReleaseContent:
    """Bring together what a release is built from."""
    import pandas as pd

    from analysis.publication import ReleaseContent
    from survey_app.services import registry, results, scoring

    settings = installation.settings
    blocks = scoring.compute_year(installation, year)
    province = registry.province_name(installation.engine, settings.province)
    facts, estimates, labels, weighting, changed = [], [], [], [], []
    files: dict[str, Path] = {}
    for round_id in rounds:
        respondents, table, record = results.read_round_files(settings, round_id)
        questionnaire = _questionnaire(installation, round_id)
        facts.append(_facts(installation, round_id, questionnaire, len(respondents.table), record))
        estimates.append(table)
        labels.append(release_tables.labels_of(round_id, questionnaire))
        weighting.append(release_tables.weighting_of(round_id, record))
        changed.append(_sensitivity(settings, round_id, table, questionnaire))
        files |= _files(settings, round_id)
    simulated = any(one.simulated for one in _rounds(installation, rounds))
    compared = (
        release_tables.truth_of(truth, pd.concat(estimates), release_tables.rule_of(blocks))
        if truth
        else None
    )
    if compared is not None and not simulated:
        raise ReleaseError(
            Finding(
                "truth-of-real-round",
                _SIMULATION_ONLY,
                Words("Hãy bỏ --truth.", "Leave --truth out."),
            )
        )
    names = registry.agency_names(installation.engine)
    return ReleaseContent(
        title=Words(
            f"Chỉ số hài lòng về sự phục vụ hành chính năm {year}",
            f"Satisfaction with public administration {year}",
        ),
        province=Words(province, province),
        simulated=simulated,
        two_person=settings.two_person,
        released_on=on,
        rule_in_force=release_tables.rule_of(blocks),
        rounds=tuple(facts),
        estimates=pd.concat(estimates, ignore_index=True),
        labels=pd.concat(labels, ignore_index=True),
        units=_units(installation, estimates),
        weighting=pd.concat(weighting, ignore_index=True),
        truth=compared,
        versions={
            **code_versions(),
            **{f"index_{name}": block.year.id for name, block in blocks.items()},
        },
        seeds=_seeds(settings, rounds),
        files=files,
        sensitivity=pd.concat(changed, ignore_index=True),
        corrects=corrects or {},
        key_sha256=checkpoints.fingerprint(checkpoints.own_public_key(settings)),
        **release_tables.index_tables(blocks, names | _counter_names(installation)),
        blocks={name: block.year.title for name, block in blocks.items()},
    )


def _sensitivity(
    settings: Settings, round_id: str, table: pd.DataFrame, questionnaire: Questionnaire
) -> pd.DataFrame:
    """Estimate a round again with its excluded responses, by the specifications of its results."""
    from survey_app.services import results, rounds
    from survey_app.services.releases import bundles, sensitivity

    frozen = rounds.round_folder(settings, round_id) / results.RESPONDENTS
    units = results.unit_columns(frozen)
    with TemporaryDirectory() as place:
        specs = bundles.write_specifications(settings, round_id, Path(place))
        weights = specs.get(bundles.WEIGHT_SPEC)
        estimate = specs[bundles.ESTIMATE_SPEC]
        return sensitivity.sensitivity(frozen, table, questionnaire, weights, estimate, units)


def _rounds(installation: Installation, rounds: Sequence[str]) -> list[Any]:
    from survey_app.db import reading
    from survey_app.services.rounds import require_round

    with reading(installation.engine) as connection:
        return [require_round(connection, round_id) for round_id in rounds]


def _questionnaire(installation: Installation, round_id: str) -> Questionnaire:
    from survey_app.services.rounds import questionnaire_of

    return questionnaire_of(_rounds(installation, [round_id])[0])


def _facts(
    installation: Installation,
    round_id: str,
    questionnaire: Questionnaire,
    valid: int,
    record: dict[str, Any],
) -> RoundFacts:
    from analysis.publication import RoundFacts
    from survey_app.services.rounds import SAMPLE_FOLDER, list_rounds, round_folder

    found = _rounds(installation, [round_id])[0]
    status = list_rounds(installation.engine, round_id)[0]
    draw = json.loads(
        (round_folder(installation.settings, round_id) / SAMPLE_FOLDER / "draw.json").read_text(
            encoding="utf-8"
        )
    )
    statement = record.get("statement", {})
    title = questionnaire.title
    return RoundFacts(
        id=round_id,
        title=Words(title.in_language("vi"), title.in_language("en")),
        instrument=questionnaire.id,
        questionnaire_version=questionnaire.version,
        design=release_tables.described(draw),
        issued=status.issued,
        used=status.used,
        valid=valid,
        opens=found.opens,
        closes=found.closes,
        frame_sha256=found.frame_sha256,
        draw_sha256=found.draw_sha256,
        snapshot_sha256=found.snapshot_sha256 or "",
        weight_status=Words(statement.get("vi", ""), statement.get("en", "")),
    )


def _files(settings: Settings, round_id: str) -> dict[str, Path]:
    """Return what a release carries of a round: its draw and its specifications, no answers."""
    from survey_app.services.rounds import SAMPLE_FOLDER, round_folder

    sample = round_folder(settings, round_id) / SAMPLE_FOLDER
    return {
        f"{round_id}/{SAMPLE_FOLDER}/{path.name}": path
        for path in sorted(sample.iterdir())
        if path.is_file()
    }


def _units(installation: Installation, estimates: Sequence[pd.DataFrame]) -> pd.DataFrame:
    import pandas as pd

    from survey_app.services.counters import list_counters
    from survey_app.services.registry import units_on

    drawn = {
        unit for table in estimates for unit in table.loc[table["domain"] == "unit", "category"]
    }
    standing = units_on(installation.engine, installation.settings.province, installation.today())
    rows: list[dict[str, object]] = [
        {
            "unit_id": unit.code,
            "name": unit.name,
            "type": unit.type,
            "lat": unit.lat,
            "lon": unit.lon,
            "kind": "commune",
            "drawn": unit.code in drawn,
            "urban": "1" if unit.is_urban else "0",
            "population": unit.population,
        }
        for unit in standing.values()
    ]
    rows += [
        {
            "unit_id": one.id,
            "name": one.name,
            "type": "",
            "kind": "counter",
            "drawn": one.id in drawn,
        }
        for one in list_counters(installation.engine)
    ]
    return pd.DataFrame(rows)


def _counter_names(installation: Installation) -> dict[str, tuple[str, str]]:
    from survey_app.services.counters import list_counters

    return {one.id: (one.name, one.id) for one in list_counters(installation.engine)}


def _seeds(settings: Settings, rounds: Sequence[str]) -> dict[str, str]:
    from survey_app.services.rounds import SAMPLE_FOLDER, round_folder

    seeds = {}
    for round_id in rounds:
        path = round_folder(settings, round_id) / SAMPLE_FOLDER / "draw.json"
        record = json.loads(path.read_text(encoding="utf-8"))
        seeds[round_id] = str(record.get("secret", ""))
    return seeds
