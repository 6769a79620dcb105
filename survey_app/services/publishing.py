"""A release: everything that was computed for a year, frozen, and shown.

This service gathers; what may be shown, and how, is decided in ``analysis.publication``.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from intake.findings import Finding, ReleaseError, Words
from intake.tables import read_table
from survey_app.db import writing
from survey_app.services.audit import OPERATOR, digests, record

if TYPE_CHECKING:
    import pandas as pd

    from analysis.publication import ReleaseContent, RoundFacts
    from questionnaires import Questionnaire
    from survey_app.config import Settings
    from survey_app.services.installation import Installation
    from survey_app.services.scoring import Block

_SIMULATION_ONLY = Words(
    "Chỉ đợt mô phỏng mới có giá trị thật để so sánh.",
    "Only a simulated round has true values to compare with.",
)


def newest_release(settings: Settings) -> Path | None:
    """Return the folder of the newest release, by its day and name, or None."""
    found = []
    for manifest in settings.releases.glob("*/manifest.json"):
        day = str(json.loads(manifest.read_text(encoding="utf-8")).get("released_on", ""))
        found.append((day, manifest.parent))
    return max(found)[1] if found else None


def publish(
    installation: Installation,
    rounds: Sequence[str],
    year: int,
    out: Path,
    *,
    truth: Path | None = None,
    actor: str = OPERATOR,
) -> dict[str, Any]:
    """Build the release of some rounds and the index of a year; return its manifest."""
    from analysis.publication import build_release

    day = installation.today()
    manifest = build_release(gather(installation, rounds, year, truth=truth, on=day), out)
    with writing(installation.engine) as connection:
        made = {"rounds": sorted(rounds), "files": digests([out / "manifest.json"])}
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
    on: date,
) -> ReleaseContent:
    """Bring together what a release is built from."""
    import pandas as pd

    from analysis.publication import ReleaseContent
    from survey_app.services import registry, results, scoring

    settings = installation.settings
    blocks = scoring.compute_year(installation, year)
    province = registry.province_name(installation.engine, settings.province)
    facts, estimates, labels, weighting = [], [], [], []
    files: dict[str, Path] = {}
    for round_id in rounds:
        respondents, table, record = results.read_round_files(settings, round_id)
        questionnaire = _questionnaire(installation, round_id)
        facts.append(_facts(installation, round_id, questionnaire, len(respondents.table), record))
        estimates.append(table)
        labels.append(_labels(round_id, questionnaire))
        weighting.append(_weighting(round_id, record))
        files |= _files(settings, round_id)
    simulated = any(one.simulated for one in _rounds(installation, rounds))
    compared = _truth(truth, pd.concat(estimates), _rule(blocks)) if truth else None
    if compared is not None and not simulated:
        raise ReleaseError(
            Finding(
                "truth-of-real-round",
                _SIMULATION_ONLY,
                Words("Hãy bỏ --truth.", "Leave --truth out."),
            )
        )
    names = registry.agency_names(installation.engine)
    counters = _counter_names(installation)
    return ReleaseContent(
        title=Words(
            f"Chỉ số hài lòng về sự phục vụ hành chính năm {year}",
            f"Satisfaction with public administration {year}",
        ),
        province=Words(province, province),
        simulated=simulated,
        two_person=settings.two_person,
        released_on=on,
        rule_in_force=_rule(blocks),
        rounds=tuple(facts),
        estimates=pd.concat(estimates, ignore_index=True),
        labels=pd.concat(labels, ignore_index=True),
        units=_units(installation, estimates),
        standings={
            name: _standing(block, names, counters)
            for name, block in blocks.items()
            if name != scoring.PROVINCE
        },
        points={name: _points(block) for name, block in blocks.items() if name != scoring.PROVINCE},
        duties=pd.concat([_duties(block, names, counters) for block in blocks.values()]),
        province_points=_points(blocks[scoring.PROVINCE]) if scoring.PROVINCE in blocks else None,
        weighting=pd.concat(weighting, ignore_index=True),
        truth=compared,
        versions={
            "hailong": version("hailong"),
            **{f"index_{name}": block.year.id for name, block in blocks.items()},
        },
        seeds=_seeds(settings, rounds),
        files=files,
        blocks={name: block.year.title for name, block in blocks.items()},
    )


def _rounds(installation: Installation, rounds: Sequence[str]) -> list[Any]:
    from survey_app.db import reading
    from survey_app.services.rounds import require_round

    with reading(installation.engine) as connection:
        return [require_round(connection, round_id) for round_id in rounds]


def _questionnaire(installation: Installation, round_id: str) -> Questionnaire:
    from survey_app.services.rounds import questionnaire_of

    return questionnaire_of(_rounds(installation, [round_id])[0])


def _rule(blocks: dict[str, Block]) -> str:
    """Return the rule under which the year's survey criteria are scored."""
    rules = {
        leaf.expression.rule
        for block in blocks.values()
        for leaf in block.year.leaves()
        if leaf.expression and leaf.expression.kind == "survey"
    }
    if len(rules) != 1:
        raise ReleaseError(
            Finding(
                "rule-not-one",
                Words(
                    f"Bộ tiêu chí dùng nhiều quy tắc: {', '.join(sorted(rules))}.",
                    f"The rules of the year use several index rules: {', '.join(sorted(rules))}.",
                ),
                Words("Hãy thống nhất index_rule.", "Set one index_rule."),
            )
        )
    return rules.pop()


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
        design=_described(draw),
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


def _described(draw: dict[str, Any]) -> Words:
    """Say in one sentence how a sample was drawn."""
    name = draw.get("design", {}).get("title")
    if isinstance(name, dict):
        return Words(name.get("vi", ""), name.get("en", ""))
    strata = len(draw.get("strata", draw.get("counters", {})))
    return Words(
        f"Chọn mẫu ngẫu nhiên theo {strata} tầng; thiết kế và kết quả chọn trong phần tải về.",
        f"Random sample in {strata} strata; design and draw are among the downloads.",
    )


def _labels(round_id: str, questionnaire: Questionnaire) -> pd.DataFrame:
    import pandas as pd

    rows: list[tuple[str, str, str, str]] = [
        ("overall", "overall", "Chỉ số hài lòng chung", "Overall satisfaction index")
    ]
    rows += [
        (part.code, level, part.title.in_language("vi"), part.title.in_language("en"))
        for level, parts in (("block", questionnaire.blocks), ("factor", questionnaire.factors))
        for part in parts
    ]
    for item in questionnaire.items:
        label = (item.label.in_language("vi"), item.label.in_language("en"))
        level = "item" if item.factor else "share"
        rows.append((item.code, level, *label))
        rows += [
            (f"{item.code}={option.code}", "share", *_option_label(label, option.label))
            for option in item.options
            if not item.factor
        ]
    return pd.DataFrame(
        [
            (round_id, quantity, level, vi, en, order)
            for order, (quantity, level, vi, en) in enumerate(rows)
        ],
        columns=["round", "quantity", "level", "label_vi", "label_en", "order"],
    )


def _option_label(label: tuple[str, str], option: Any) -> tuple[str, str]:  # noqa: ANN401
    return (
        f"{label[0]}: {option.in_language('vi')}",
        f"{label[1]}: {option.in_language('en')}",
    )


_STEPS = {
    "base": Words("Trọng số gốc", "Base weight"),
    "nonresponse": Words("Điều chỉnh không trả lời", "Non-response adjustment"),
    "calibrate": Words("Hiệu chỉnh theo số dân", "Calibration"),
    "trim": Words("Cắt trọng số", "Trimming"),
}
# Each figure with its name and the decimals that mean something.
_DIAGNOSTICS = {
    "total": (Words("Tổng", "Total"), 0),
    "smallest": (Words("Nhỏ nhất", "Smallest"), 1),
    "median": (Words("Trung vị", "Median"), 1),
    "largest": (Words("Lớn nhất", "Largest"), 1),
    "deff": (Words("Hệ số thiết kế do trọng số", "Design effect of the weights"), 3),
    "n_effective": (Words("Cỡ mẫu hiệu dụng", "Effective sample size"), 0),
    "margin_error": (Words("Sai lệch biên lớn nhất", "Largest relative margin error"), 6),
    "trimmed": (Words("Số trọng số bị cắt", "Weights cut"), 0),
}


def _weighting(round_id: str, record: dict[str, Any]) -> pd.DataFrame:
    """Return what each step of the weighting did, one row per step and figure."""
    import pandas as pd

    rows = [
        (round_id, *_STEPS[step["step"]], *words, round(step["diagnostics"][name], digits))
        for step in record.get("steps", [])
        for name, (words, digits) in _DIAGNOSTICS.items()
        if step["diagnostics"].get(name) is not None
        # How many weights were cut is all that trimming adds; a step left out adds nothing.
        and (name == "trimmed" if step["step"] == "trim" else step["done"] and name != "trimmed")
    ]
    return pd.DataFrame(
        rows, columns=["round", "step", "step_en", "quantity", "quantity_en", "value"]
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


def _truth(path: Path, estimates: pd.DataFrame, rule: str) -> pd.DataFrame:
    """Hold estimates against the true values of a simulated population."""
    import pandas as pd

    table = read_table(path, required=["round", "quantity", "rule", "truth"])
    shown = estimates[(estimates["domain"] == "") & (estimates["rule"] == rule)]
    found = shown.set_index(["round", "quantity"])[["value", "low", "high"]].to_dict("index")
    rows = []
    for row in table.rows:
        estimate = found.get((row.cells["round"], row.cells["quantity"]))
        if row.cells["rule"] != rule or estimate is None:
            continue
        truth = float(row.cells["truth"])
        rows.append(
            {
                "round": row.cells["round"],
                "quantity": row.cells["quantity"],
                "truth": truth,
                "estimate": estimate["value"],
                "low": estimate["low"],
                "high": estimate["high"],
                "covered": estimate["low"] <= truth <= estimate["high"],
            }
        )
    return pd.DataFrame(
        rows, columns=["round", "quantity", "truth", "estimate", "low", "high", "covered"]
    )


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


def _standing(
    block: Block, names: dict[str, tuple[str, str]], counters: dict[str, tuple[str, str]]
) -> pd.DataFrame:
    known = names | counters
    table = block.standing.copy()
    bands = {band.code: band.name for band in block.year.bands}
    table["name"] = [known.get(code, (code, code))[0] for code in table["agency_code"]]
    table["unit_id"] = [known.get(code, (code, code))[1] for code in table["agency_code"]]
    table["band_en"] = [bands[code].en if code in bands else "" for code in table["band"]]
    table["band"] = [bands[code].vi if code in bands else "" for code in table["band"]]
    return table


def _points(block: Block) -> pd.DataFrame:
    table = block.points.copy()
    parts = {part.code: part for domain in block.year.domains for part in domain.walk()}
    total = Words("Tổng điểm", "Total")
    titles = [parts[code].name if code in parts else total for code in table["criterion"]]
    table["title_vi"] = [title.vi for title in titles]
    table["title_en"] = [title.en for title in titles]
    surveyed = [
        rule if (rule := parts[code].expression if code in parts else None)
        and rule.kind == "survey" else None
        for code in table["criterion"]
    ]  # fmt: skip
    table["quantity"] = [one.quantity if one else "" for one in surveyed]
    table["round"] = [
        block.year.rounds.get(one.round, one.round) if one else "" for one in surveyed
    ]
    return table


def _duties(
    block: Block, names: dict[str, tuple[str, str]], counters: dict[str, tuple[str, str]]
) -> pd.DataFrame:
    known = names | counters
    table = block.duties.copy()
    parts = {part.code: part for domain in block.year.domains for part in domain.walk()}
    reasons = []
    for domain in table["domain"]:
        if domain in parts:
            name = parts[domain].name
            reasons.append(
                Words(
                    f"Điểm thành phần “{name.vi}” dưới ngưỡng",
                    f"Component '{name.en}' below the threshold",
                )
            )
        else:
            reasons.append(Words("Xếp loại của người đứng đầu", "Rating of the head"))
    table["name"] = [known.get(code, (code, code))[0] for code in table["agency_code"]]
    table["reason_vi"] = [words.vi for words in reasons]
    table["reason_en"] = [words.en for words in reasons]
    return table


def _seeds(settings: Settings, rounds: Sequence[str]) -> dict[str, str]:
    from survey_app.services.rounds import SAMPLE_FOLDER, round_folder

    seeds = {}
    for round_id in rounds:
        path = round_folder(settings, round_id) / SAMPLE_FOLDER / "draw.json"
        record = json.loads(path.read_text(encoding="utf-8"))
        seeds[round_id] = str(record.get("secret", ""))
    return seeds
