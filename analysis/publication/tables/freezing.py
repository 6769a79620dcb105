"""A release laid down: every table protected, rounded and written, with the facts beside.

Every figure passes through ``disclosure`` here and is written with the digits that its
sample carries.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path

import pandas as pd

from analysis.publication.content import BLOCKS, ReleaseContent
from analysis.publication.disclosure import (
    CONFIDENTIAL,
    PROTECTED_COLUMNS,
    REVIEW,
    UNRELIABLE,
    protect,
)
from analysis.publication.tables.columns import (
    DUTY_COLUMNS,
    FACTS,
    LABEL_COLUMNS,
    POINT_COLUMNS,
    ROUND_COLUMNS,
    SENSITIVITY_COLUMNS,
    STANDING_COLUMNS,
    TRUTH_COLUMNS,
    UNIT_COLUMNS,
    WEIGHTING_COLUMNS,
    WORKBOOK,
)
from analysis.publication.tables.excluded import protect_sensitivity
from analysis.publication.tables.points import protect_duties, protect_points
from analysis.publication.tables.printing import (
    cell_text,
    fixed_decimals,
    printed_estimates,
    printed_points,
    printed_truth,
)
from analysis.publication.tables.revised import WITH_EXCLUDED, without_withheld
from analysis.publication.tables.standing import protect_standing
from analysis.publication.tables.units import areas, ordered_units
from analysis.publication.tables.workbook import write_workbook
from intake.findings import ReleaseError, Words
from intake.tables import write_csv

_BLOCK = re.compile(r"^[a-z0-9][a-z0-9_-]{0,20}$")


def freeze(content: ReleaseContent, folder: Path) -> None:
    """Write every table of the release into ``folder``, protected and rounded."""
    folder.mkdir(parents=True, exist_ok=True)
    protected = protect(
        without_withheld(content.estimates, content.withheld), urban_of=areas(content.units)
    )
    written: dict[str, tuple[Sequence[str], list[list[str]]]] = {}

    def put(name: str, table: pd.DataFrame, columns: Sequence[str]) -> None:
        rows = [
            [cell_text(cell) for cell in row]
            for row in table.reindex(columns=list(columns)).to_numpy()
        ]
        written[name] = (columns, rows)

    put("estimates", printed_estimates(protected), PROTECTED_COLUMNS)
    put("labels", content.labels.sort_values(["round", "order", "quantity"]), LABEL_COLUMNS)
    put("units", ordered_units(content.units), UNIT_COLUMNS)
    rounds = pd.DataFrame([asdict(each) for each in content.rounds], columns=list(ROUND_COLUMNS))
    put("rounds", rounds, ROUND_COLUMNS)
    withheld: dict[str, str] = {}
    for block, standing in _checked_blocks(content.standings):
        table = protect_standing(standing, protected, content.rule, content.points.get(block))
        withheld |= {
            str(code): str(flag)
            for code, flag in zip(table["agency_code"], table["flag"], strict=True)
            if flag
        }
        put(
            f"standing-{block}",
            fixed_decimals(table, 2, ("total", "se", "low", "high")),
            STANDING_COLUMNS,
        )
    for block, points in _checked_blocks(content.points):
        put(f"points-{block}", printed_points(protect_points(points, withheld)), POINT_COLUMNS)
    if content.province_points is not None:
        put("province-points", printed_points(content.province_points), POINT_COLUMNS[1:])
    duties = protect_duties(content.duties, withheld, content.points.values())
    put("duties", fixed_decimals(duties, 2, ("percent",)), DUTY_COLUMNS)
    put("weighting", fixed_decimals(content.weighting, 4, ("value",), trim=True), WEIGHTING_COLUMNS)
    if not content.sensitivity.empty:
        listed = content.withheld[content.withheld["quantity"] == WITH_EXCLUDED]
        beside = set(listed[["round", "rule"]].itertuples(index=False, name=None))
        sensitivity = protect_sensitivity(content.sensitivity, protected, beside)
        put("sensitivity", sensitivity, SENSITIVITY_COLUMNS)
    if content.truth is not None:
        put("truth", printed_truth(content.truth, protected, content.rule), TRUTH_COLUMNS)
    for name, (columns, rows) in written.items():
        write_csv(folder / f"{name}.csv", columns, rows)
    facts = _facts(content, protected)
    (folder / FACTS).write_text(
        json.dumps(facts, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8"
    )
    write_workbook(folder / WORKBOOK, facts, written)


def _checked_blocks(tables: Mapping[str, pd.DataFrame]) -> Iterable[tuple[str, pd.DataFrame]]:
    for block in sorted(tables):
        if not _BLOCK.match(block):
            raise ReleaseError.of(
                "block-name",
                f"Tên khối '{block}' không dùng được làm tên tệp.",
                f"The block name '{block}' cannot name a file.",
                "Chỉ dùng chữ thường không dấu, số và gạch nối, tối đa 21 ký tự.",
                "Use small letters, digits and hyphens only, at most 21 of them.",
            )
        yield block, tables[block]


def _facts(content: ReleaseContent, protected: pd.DataFrame) -> dict[str, object]:
    names = {**BLOCKS, **content.blocks}
    return {
        "title": content.title._asdict(),
        "province": content.province._asdict(),
        "simulated": content.simulated,
        "two_person": content.two_person,
        "released_on": content.released_on.isoformat(),
        "rule": content.rule,
        "rule_version": content.rule_version,
        "rounds": [
            {
                key: value.isoformat() if isinstance(value, date) else value
                for key, value in asdict(each).items()
            }
            | {name: getattr(each, name)._asdict() for name in ("title", "design", "weight_status")}
            for each in content.rounds
        ],
        "blocks": {
            block: names.get(block, Words(block, block))._asdict()
            for block in sorted({*content.standings, *content.points})
        },
        "standing": sorted(content.standings),
        "points": sorted(content.points),
        "province_points": content.province_points is not None,
        "truth": content.truth is not None,
        "sensitivity": not content.sensitivity.empty,
        "versions": {str(name): str(text) for name, text in content.versions.items()},
        "seeds": {str(name): str(seed) for name, seed in content.seeds.items()},
        "files": sorted(content.files),
        "corrects": dict(content.corrects),
        "key_sha256": content.key_sha256,
        "withheld": {
            "confidential": int((protected["flag"] == CONFIDENTIAL).sum()),
            "unreliable": int((protected["flag"] == UNRELIABLE).sum()),
            "read_with_care": int((protected["note"] == REVIEW).sum()),
            "figures": len(protected),
        },
    }
