"""Worked answers of R survey and the data sets they were made on.

Both lie outside the repository (``../shared/reference``; its README names versions and script).
A module of tests that needs them says ``pytestmark = needed`` and is skipped without them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analysis import SurveyDesign
from analysis.replication import ReplicateDesign, given

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "reference"
needed = pytest.mark.skipif(not FOLDER.is_dir(), reason="the reference of R survey is not here")

# Replicate weights by name: what kind they are of, and the table they belong to.
REPLICATES = {
    "rjk1": ("jk1", "apiclus1.csv"),
    "rjkn": ("jkn", "apistrat.csv"),
    "rjkn_hosp": ("jkn", "hospital.csv"),
    "rbrr": ("brr", "scd.csv"),
    "rfay": ("fay", "scd.csv"),
    "rboot": ("bootstrap", "apiclus1.csv"),
    "rcanty": ("bootstrap", "apiclus1.csv"),
    "rmrb": ("other", "apiclus2.csv"),
    "rjcrowd": ("jkn", "crowd.csv"),
}


@cache
def reference() -> dict[str, Any]:
    """Return the whole file; without it, one that holds no cases."""
    if not FOLDER.is_dir():
        return {"cases": []}
    return json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))


def case(name: str) -> dict[str, Any]:
    return next(entry for entry in reference()["cases"] if entry["id"] == name)


def expected(name: str) -> dict[str, Any]:
    return case(name)["expected"]


@cache
def data(name: str) -> pd.DataFrame:
    return pd.read_csv(FOLDER / "data" / name)


def design(name: str, columns: Mapping[str, Any] | None = None, **further: Any) -> SurveyDesign:
    """Return a design of the file, its table with further ``columns`` (see `DataFrame.assign`)."""
    says = reference()["designs"][name]
    table = data(says["data"]).assign(one=1.0, **(columns or {}))
    weight = "one" if says["weight"] == "1" else says["weight"]
    return SurveyDesign(
        table,
        weights=weight if weight in table.columns else None,
        strata=says.get("strata"),
        psu=[says[key] for key in ("psu", "ssu") if key in says] or None,
        fpc=says.get("fpc"),
        nest=says.get("nest", False),
        **further,
    )


def replicated(name: str, columns: Mapping[str, Any] | None = None) -> ReplicateDesign:
    """Return a table of the file with the replicate weights that R made for it."""
    says = reference()["designs"][name]
    kind, table = REPLICATES[name]
    weights = data(says["replicate_weights"]).add_prefix("weight_")
    return given(
        pd.concat([data(table).assign(**(columns or {})), weights], axis=1),
        weights="weight_w",
        columns=[column for column in weights if column != "weight_w"],
        kind=kind,
        scale=says["scale"],
        rscales=says["rscales"],
        mse=says["mse"],
    )
