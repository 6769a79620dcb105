"""Weights and estimates of a frozen round: files in, files out.

The science is in ``analysis``; here the frozen file, the specification and the frame's
columns are brought together and the results are laid down.
"""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.respondents import Respondents, read_respondents
from analysis.satisfaction import EstimateSpec, estimate_round, read_estimate_spec
from analysis.weighting.spec import (
    CalibrationTarget,
    Weighting,
    read_weight_spec,
    weigh,
    weight_spec,
)
from intake.findings import EstimationError, Finding, Words
from intake.tables import read_table, write_data_frame
from intake.text import ID_PATTERN
from questionnaires import load
from survey_app.config import Settings
from survey_app.services.rounds import SAMPLE_FOLDER, round_folder

RESPONDENTS, WEIGHTS, ESTIMATES = "respondents.parquet", "weights.parquet", "estimates.parquet"
RECORD, ESTIMATED = "weights.json", "estimates.json"
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
    """Weigh a frozen round as a specification says; write the table and, beside it, the record.

    The record holds what the weights were calibrated to (``calibration``), so that estimates
    can take account of it, the specification, and which frozen file was weighed.
    """
    _refuse_place(out, frozen, spec)
    record = out.with_suffix(".json")
    _refuse_over(record, frozen, spec)
    respondents = read_respondents(frozen)
    steps = read_weight_spec(spec)
    made = weigh(respondents, steps, units=unit_columns(frozen))
    target = None if steps.calibrate is None else _without_none(asdict(steps.calibrate))
    source = {"frozen_sha256": _sha256(frozen), "specification": spec.read_text(encoding="utf-8")}
    made = replace(made, record=made.record | {"calibration": target} | source)
    write_table(made.table, out)
    record.write_text(json.dumps(made.record, ensure_ascii=False, indent=2), encoding="utf-8")
    return made


def make_estimates(spec_file: Path, frozen: Path, out: Path, engine: str = "auto") -> pd.DataFrame:
    """Estimate a frozen round as a specification says; write the table and, beside it, a record.

    The record (JSON) holds the specification and the SHA-256 of the frozen file and of the table,
    so that a release can tell what was estimated from what.

    Every response is needed, row by row: ``engine`` says what brings the rows here (``auto``
    and ``memory`` read the file, DuckDB keeps the order of rows as well).

    Raises
    ------
    EstimationError
        ``engine-unknown``; ``engine-rows-needed`` for an engine that does not keep the order
        of rows; and those of `estimate_round`.
    """
    _refuse_place(out, frozen, spec_file)
    beside = out.with_suffix(".json")
    _refuse_over(beside, frozen, spec_file)
    spec = read_estimate_spec(spec_file)
    respondents = _respondents(frozen, engine)
    identifier, _, version = spec.questionnaire.partition("@")
    weights = _weights_file(spec, spec_file, frozen)
    if weights is not None:
        _refuse_over(out, weights)
        _refuse_over(beside, weights.with_suffix(".json"))
    table = estimate_round(
        respondents,
        load(identifier, version),
        spec,
        weights=None if weights is None else read_made_table(weights, "weights"),
        units=unit_columns(frozen),
        calibration=None if weights is None else _calibration(weights.with_suffix(".json")),
    )
    write_table(table, out)
    source = {"frozen_sha256": _sha256(frozen), "specification": spec_file.read_text("utf-8")}
    record = source | {"estimates_sha256": _sha256(out)}
    beside.write_text(json.dumps(record, ensure_ascii=False, indent=2), encoding="utf-8")
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
    if out.suffix == ".csv":
        write_data_frame(out, table)
    else:
        out.parent.mkdir(parents=True, exist_ok=True)
        table.to_parquet(out, index=False)


def _respondents(frozen: Path, engine: str) -> Respondents:
    if engine in ("auto", "memory"):
        return read_respondents(frozen)
    from analysis.engines import read_columns
    from analysis.engines.places import read_engine

    # An address may hold a password; the name of the engine is all that is said.
    name = read_engine(engine).name
    if name != "duckdb":
        raise EstimationError(
            Finding(
                "engine-rows-needed",
                Words(
                    f"Lệnh này cần từng phiếu trả lời theo đúng thứ tự của tệp; {name} không "
                    "giữ thứ tự đó.",
                    "This command needs every response in the order of the file, which "
                    f"{name} does not keep.",
                ),
                Words(
                    "Dùng --engine auto, memory hoặc duckdb. Trong Python, analysis.engines tính "
                    "tổng ngay tại nơi chứa dữ liệu.",
                    "Use --engine auto, memory or duckdb. In Python, analysis.engines takes "
                    "sums where the data live.",
                ),
                file=str(frozen),
            )
        )
    return read_respondents(
        frozen, lambda path, names: read_columns(str(path), names, engine=engine)
    )


def _calibration(record: Path) -> CalibrationTarget | None:
    """Return what weights were calibrated to, from the record beside their file.

    None where there is no record, or one that does not say it.
    """
    if not record.is_file():
        return None
    try:
        held = json.loads(record.read_text(encoding="utf-8"))
    except ValueError:
        raise _unreadable(record, "weights") from None
    target = held.get("calibration") if isinstance(held, dict) else None
    return None if target is None else weight_spec({"calibrate": target}, str(record)).calibrate


def _sha256(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


def _without_none(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _weights_file(spec: EstimateSpec, spec_file: Path, frozen: Path) -> Path | None:
    """Return the file of weights: the one the specification names, else the one beside."""
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
    return named


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
    _refuse_over(out, *read)
    if out.suffix not in {".parquet", ".csv"}:
        raise EstimationError(
            Finding(
                "out-form-unknown",
                Words("Không rõ dạng tệp kết quả.", "The form of the result is not clear."),
                Words("Đuôi tệp là .parquet hoặc .csv.", "End its name in .parquet or .csv."),
                file=str(out),
            )
        )


def _refuse_over(out: Path, *read: Path) -> None:
    if out.resolve() in {path.resolve() for path in read}:
        raise EstimationError(
            Finding(
                "out-is-input",
                Words("Kết quả sẽ ghi đè lên tệp đầu vào.", "It would write over its own input."),
                Words("Hãy đặt tên khác cho --out.", "Give --out another name."),
                file=str(out),
            )
        )
