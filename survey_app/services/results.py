"""Weights and estimates of a frozen round: files in, files out.

The science is in ``analysis``; here the frozen file, the specification and the frame's
columns are brought together and the results are laid down.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.respondents import Respondents, read_respondents
from analysis.satisfaction import EstimateSpec, estimate_round, read_estimate_spec
from analysis.weighting.spec import Weighting, read_weight_spec, weigh
from intake.findings import EstimationError, Finding, Words
from intake.tables import read_table
from questionnaires import load
from survey_app.config import Settings
from survey_app.services.rounds import SAMPLE_FOLDER, round_folder

RESPONDENTS, WEIGHTS, ESTIMATES = "respondents.parquet", "weights.parquet", "estimates.parquet"
RECORD = "weights.json"
_UNIT_COLUMNS = ("urban", "former_province")


def frozen_file(settings: Settings, source: str) -> Path:
    """Return the frozen file that a round id or a path stands for."""
    return Path(source) if source.endswith(".parquet") else (
        round_folder(settings, source) / RESPONDENTS
    )  # fmt: skip


def make_weights(frozen: Path, spec: Path, out: Path) -> Weighting:
    """Weigh a frozen round as a specification says; write the table and, beside it, the record."""
    respondents = read_respondents(frozen)
    made = weigh(respondents, read_weight_spec(spec), units=unit_columns(frozen))
    write_table(made.table, out)
    out.with_suffix(".json").write_text(
        json.dumps(made.record, ensure_ascii=False, indent=2), encoding="utf-8"
    )
    return made


def make_estimates(spec_file: Path, frozen: Path, out: Path) -> pd.DataFrame:
    """Estimate a frozen round as a specification says and write the table."""
    spec = read_estimate_spec(spec_file)
    respondents = read_respondents(frozen)
    identifier, _, version = spec.questionnaire.partition("@")
    table = estimate_round(
        respondents,
        load(identifier, version),
        spec,
        weights=_weights(spec, spec_file, frozen),
        units=unit_columns(frozen),
    )
    write_table(table, out)
    return table


def unit_columns(frozen: Path) -> pd.DataFrame | None:
    """Return the frame's columns of each unit, from the draw beside the frozen file."""
    frame = frozen.parent / SAMPLE_FOLDER / "frame.csv"
    if not frame.is_file():
        return None
    table = read_table(frame, required=["unit_id"])
    kept = [name for name in _UNIT_COLUMNS if name in table.columns]
    return pd.DataFrame(
        [{name: row.cells[name] for name in ("unit_id", *kept)} for row in table.rows]
    )


def read_round_files(settings: Settings, round_id: str) -> tuple[Respondents, pd.DataFrame, Any]:
    """Return the frozen answers, the estimates and the record of weights of a round."""
    folder = round_folder(settings, round_id)
    for name, command in ((RESPONDENTS, "round freeze"), (ESTIMATES, "estimate")):
        if not (folder / name).is_file():
            raise EstimationError(
                Finding(
                    "round-file-missing",
                    Words(
                        f"Đợt {round_id} chưa có tệp {name}.", f"Round {round_id} has no {name}."
                    ),
                    Words(f"Hãy chạy: hailong {command}", f"Run: hailong {command}"),
                    file=str(folder / name),
                )
            )
    record = folder / RECORD
    steps = json.loads(record.read_text(encoding="utf-8")) if record.is_file() else {}
    return (
        read_respondents(folder / RESPONDENTS),
        pd.read_parquet(folder / ESTIMATES),
        steps,
    )


def write_table(table: pd.DataFrame, out: Path) -> None:
    """Write a table as Parquet or, by its ending, as CSV."""
    out.parent.mkdir(parents=True, exist_ok=True)
    if out.suffix == ".csv":
        table.to_csv(out, index=False)
    else:
        table.to_parquet(out, index=False)


def _weights(spec: EstimateSpec, spec_file: Path, frozen: Path) -> pd.DataFrame | None:
    """Return the table of weights: the file the specification names, else the one beside."""
    if spec.weights == "unweighted":
        return None
    named = spec_file.parent / spec.weights_file if spec.weights_file else frozen.parent / WEIGHTS
    if not named.is_file():
        raise EstimationError(
            Finding(
                "weights-missing",
                Words("Không có tệp quyền số.", "There is no file of weights."),
                Words(
                    "Hãy chạy: hailong weights, hoặc đặt weights: unweighted.",
                    "Run: hailong weights, or set weights: unweighted.",
                ),
                file=str(named),
            )
        )
    return pd.read_parquet(named)
