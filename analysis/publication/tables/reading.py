"""The tables of a release as they stand in its folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.publication.tables.columns import FACTS
from analysis.publication.tables.rewriting import NEUTRALISED
from intake.findings import ReleaseError


@dataclass(frozen=True)
class Frozen:
    """The tables of a release as they stand in its folder: cells are the printed text."""

    facts: Mapping[str, Any]
    estimates: pd.DataFrame
    labels: pd.DataFrame
    units: pd.DataFrame
    standings: Mapping[str, pd.DataFrame]
    points: Mapping[str, pd.DataFrame]
    duties: pd.DataFrame
    province_points: pd.DataFrame | None
    weighting: pd.DataFrame
    truth: pd.DataFrame | None
    sensitivity: pd.DataFrame | None = None


def read_frozen(folder: Path) -> Frozen:
    """Read the tables of a release folder back, each cell as its printed text."""
    tables = folder / "tables"

    def table(name: str) -> pd.DataFrame:
        found = pd.read_csv(tables / f"{name}.csv", dtype=str, keep_default_na=False)
        return found.map(lambda cell: cell[1:] if NEUTRALISED.match(cell) else cell)

    def blocks(prefix: str) -> dict[str, pd.DataFrame]:
        names = [str(name) for name in facts[prefix]]
        return {name: table(f"{prefix}-{name}") for name in names}

    try:
        facts = json.loads((tables / FACTS).read_text(encoding="utf-8"))
        return Frozen(
            facts=facts,
            estimates=table("estimates"),
            labels=table("labels"),
            units=table("units"),
            standings=blocks("standing"),
            points=blocks("points"),
            duties=table("duties"),
            province_points=table("province-points") if facts["province_points"] else None,
            weighting=table("weighting"),
            truth=table("truth") if facts["truth"] else None,
            sensitivity=table("sensitivity") if facts.get("sensitivity") else None,
        )
    except (OSError, ValueError, KeyError) as error:
        raise ReleaseError.of(
            "release-tables-unreadable",
            "Không đọc được các bảng của bản công bố.",
            "The tables of the release cannot be read.",
            "Hãy lập lại bản công bố.",
            "Build the release again.",
            file=str(tables),
        ) from error
