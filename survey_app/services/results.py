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
from intake.text import ID_PATTERN
from questionnaires import load
from survey_app.config import Settings
from survey_app.services.rounds import SAMPLE_FOLDER, round_folder

RESPONDENTS, WEIGHTS, ESTIMATES = "respondents.parquet", "weights.parquet", "estimates.parquet"
RECORD = "weights.json"
_UNIT_COLUMNS = ("urban", "former_province")


def frozen_file(settings: Settings, source: str) -> Path:
    """Return the frozen file that a round id or a path stands for.

    Raises
    ------
    EstimationError
        There is neither such a file nor such a frozen round.
    """
    given = Path(source)
    if given.suffix == ".parquet" or given.is_file():
        return given
    if not ID_PATTERN.fullmatch(source):
        raise _missing_round_file(source, RESPONDENTS, "round freeze", given)
    return _round_file(settings, source, RESPONDENTS, "round freeze")


def make_weights(frozen: Path, spec: Path, out: Path) -> Weighting:
    """Weigh a frozen round as a specification says; write the table and, beside it, the record."""
    _refuse_place(out, frozen, spec)
    respondents = read_respondents(frozen)
    made = weigh(respondents, read_weight_spec(spec), units=unit_columns(frozen))
    write_table(made.table, out)
    out.with_suffix(".json").write_text(
        json.dumps(made.record, ensure_ascii=False, indent=2), encoding="utf-8"
    )
    return made


def make_estimates(spec_file: Path, frozen: Path, out: Path) -> pd.DataFrame:
    """Estimate a frozen round as a specification says and write the table."""
    _refuse_place(out, frozen, spec_file)
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
    frozen = _round_file(settings, round_id, RESPONDENTS, "round freeze")
    estimated = _round_file(settings, round_id, ESTIMATES, "estimate")
    record = folder / RECORD
    try:
        steps = json.loads(record.read_text(encoding="utf-8")) if record.is_file() else {}
    except ValueError:
        raise _unreadable(record, "weights") from None
    return read_respondents(frozen), read_made_table(estimated, "estimate"), steps


def read_made_table(path: Path, command: str) -> pd.DataFrame:
    """Read a table that a command wrote.

    Parameters
    ----------
    command
        The command that makes the table anew, for the message.

    Raises
    ------
    EstimationError
        The file is not that table any more.
    """
    try:
        return pd.read_csv(path) if path.suffix == ".csv" else pd.read_parquet(path)
    except (OSError, ValueError):  # pyarrow's errors and pandas' parser errors are ValueErrors
        raise _unreadable(path, command) from None


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
                Words("Không có tệp trọng số.", "There is no file of weights."),
                Words(
                    "Hãy chạy: hailong weights, hoặc đặt weights: unweighted.",
                    "Run: hailong weights, or set weights: unweighted.",
                ),
                file=str(named),
            )
        )
    return read_made_table(named, "weights")


def _round_file(settings: Settings, round_id: str, name: str, command: str) -> Path:
    path = round_folder(settings, round_id) / name
    if not path.is_file():
        raise _missing_round_file(round_id, name, command, path)
    return path


def _missing_round_file(round_id: str, name: str, command: str, path: Path) -> EstimationError:
    return EstimationError(
        Finding(
            "round-file-missing",
            Words(f"Đợt {round_id} chưa có tệp {name}.", f"Round {round_id} has no {name}."),
            Words(f"Hãy chạy: hailong {command}", f"Run: hailong {command}"),
            file=str(path),
        )
    )


def _unreadable(path: Path, command: str) -> EstimationError:
    return EstimationError(
        Finding(
            "result-unreadable",
            Words("Tệp kết quả không đọc được.", "The file of results cannot be read."),
            Words(f"Hãy chạy lại: hailong {command}", f"Run again: hailong {command}"),
            file=str(path),
        )
    )


def _refuse_place(out: Path, *read: Path) -> None:
    """Refuse to write over what is read, or to a file whose form its ending does not tell."""
    if out.resolve() in {path.resolve() for path in read}:
        raise EstimationError(
            Finding(
                "out-is-input",
                Words("Kết quả sẽ ghi đè lên tệp đầu vào.", "It would write over its own input."),
                Words("Hãy đặt tên khác cho --out.", "Give --out another name."),
                file=str(out),
            )
        )
    if out.suffix not in {".parquet", ".csv"}:
        raise EstimationError(
            Finding(
                "out-form-unknown",
                Words("Không rõ dạng tệp kết quả.", "The form of the result is not clear."),
                Words("Đuôi tệp là .parquet hoặc .csv.", "End its name in .parquet or .csv."),
                file=str(out),
            )
        )
