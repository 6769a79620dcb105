"""The analysis file: one row per valid response, its columns checked at the door.

A frozen round is one Parquet file. Its columns are

- the design: ``round, cell, unit, stratum, psu, mode, recruitment, design_weight``; an empty
  ``psu`` says that the response is a primary unit by itself;
- every answer as a whole number under the code of its item; an answer that is missing keeps
  its reason as a negative code.

The file's metadata, under the key ``hailong``, is a JSON object with at least ``round,
questionnaire, version, simulated, missing, cases, units``.

Voluntary answers of a round are a file of their own in the same form, with ``open`` under
``recruitment`` in every row; `read_respondents`, and with it every estimate, refuses that file.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from intake.findings import Faults, IntakeError, Words

DESIGN_COLUMNS = (
    "round",
    "cell",
    "unit",
    "stratum",
    "psu",
    "mode",
    "recruitment",
    "design_weight",
)
META_KEYS = ("round", "questionnaire", "version", "simulated")
_KEY = b"hailong"
_Redo = Words(
    "Hãy chốt lại đợt khảo sát để tạo tệp mới.", "Freeze the round again to make the file anew."
)


@dataclass(frozen=True, eq=False)
class Respondents:
    """A frozen round: the table of responses and what the file says about itself."""

    table: pd.DataFrame
    meta: Mapping[str, Any]

    @property
    def round(self) -> str:
        """The id of the round."""
        return str(self.meta["round"])

    @property
    def simulated(self) -> bool:
        """Whether the answers come from a simulation; every page must then say so."""
        return bool(self.meta["simulated"])

    @property
    def cases(self) -> pd.DataFrame:
        """The table of cells that came with the file; empty when it came without."""
        return pd.DataFrame(list(self.meta.get("cases") or []))

    @property
    def units(self) -> dict[str, str]:
        """The names of the units by their id."""
        return {str(key): str(name) for key, name in (self.meta.get("units") or {}).items()}

    @property
    def items(self) -> list[str]:
        """The columns that hold answers."""
        return [str(name) for name in self.table.columns if name not in DESIGN_COLUMNS]


def read_respondents(
    path: Path, rows: Callable[[Path, Sequence[str]], pd.DataFrame] | None = None
) -> Respondents:
    """Read a frozen round and check its columns.

    Parameters
    ----------
    path
        The Parquet file of the round.
    rows
        Reads these columns of the file, rows in their order; an engine may do so. Without it
        they are read here.

    Returns
    -------
    Respondents
        Table and metadata; answers are int16, larger numbers int64, missing ones negative.

    Raises
    ------
    IntakeError
        With all faults of the file: ``responses-unreadable``, ``metadata-missing``,
        ``metadata-incomplete``, or those of its rows: ``responses-…``, ``cell-torn`` ….
    """
    faults = Faults(path.name)
    try:
        schema = pq.read_schema(path)
        stored = pq.read_table(path) if rows is None else None
    except (OSError, pa.ArrowException):
        faults.add(
            "responses-unreadable",
            Words("Không đọc được tệp trả lời.", "The file of responses cannot be read."),
            Words(
                "Cần tệp Parquet của một đợt đã chốt.", "Give the Parquet file of a frozen round."
            ),
        )
        raise IntakeError(faults.findings) from None
    raw = (schema.metadata or {}).get(_KEY)
    try:
        meta = json.loads(raw) if raw else None
    except ValueError:
        meta = None
    if not isinstance(meta, dict):
        faults.add(
            "metadata-missing",
            Words(
                "Tệp không có thông tin “hailong” về đợt khảo sát.",
                "The file has no “hailong” metadata about its round.",
            ),
            _Redo,
        )
        raise IntakeError(faults.findings)
    if stored is not None:
        table = pd.DataFrame(stored.replace_schema_metadata(None).to_pandas())
    elif rows is not None:
        table = rows(path, schema.names)
    _check(table, meta, faults)
    faults.raise_as(IntakeError)
    return Respondents(table, meta)


def write_respondents(
    table: pd.DataFrame, meta: Mapping[str, Any], path: Path, *, recruitment: str = "drawn"
) -> str:
    """Write a frozen round and return the SHA-256 of the file's bytes.

    Equal tables and metadata give equal bytes. The table is checked before anything is
    written; see `read_respondents` for the errors.

    Parameters
    ----------
    recruitment
        How all respondents of the file came to answer: ``drawn`` or ``open``.
    """
    ready = table.reset_index(drop=True).copy()
    for name in ready.columns:
        if name not in DESIGN_COLUMNS and pd.api.types.is_integer_dtype(ready[name].dtype):
            ready[name] = _small(ready[name])
    faults = Faults(path.name)
    _check(ready, meta, faults, recruitment)
    faults.raise_as(IntakeError)
    stored = pa.Table.from_pandas(ready, preserve_index=False)
    text = json.dumps(meta, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    stored = stored.replace_schema_metadata({_KEY: text.encode("utf-8")})
    sink = pa.BufferOutputStream()
    pq.write_table(stored, sink, compression="zstd")
    data = sink.getvalue().to_pybytes()
    path.write_bytes(data)
    return hashlib.sha256(data).hexdigest()


def _small(column: pd.Series) -> pd.Series:
    """Return whole numbers as int16 where they fit, else as they are."""
    limits = np.iinfo(np.int16)
    fits = column.between(limits.min, limits.max).all()
    return column.astype(np.int16) if fits else column


def _check(
    table: pd.DataFrame, meta: Mapping[str, Any], faults: Faults, recruitment: str = "drawn"
) -> None:
    lacking = [key for key in META_KEYS if key not in meta]
    if lacking:
        faults.add(
            "metadata-incomplete",
            Words(
                f"Thiếu trong thông tin tệp: {', '.join(lacking)}.",
                f"The file's metadata lack: {', '.join(lacking)}.",
            ),
            _Redo,
        )
    elif not isinstance(meta["simulated"], bool):
        faults.add(
            "metadata-simulated",
            Words("“simulated” phải là true hoặc false.", "“simulated” must be true or false."),
            _Redo,
        )
    absent = [name for name in DESIGN_COLUMNS if name not in table.columns]
    for name in absent:
        faults.add(
            "responses-column-missing",
            Words(f"Thiếu cột “{name}”.", f"Column “{name}” is missing."),
            _Redo,
            column=name,
        )
    if absent:
        return
    _check_design(table, meta, faults, recruitment)
    for name in table.columns:
        if name in DESIGN_COLUMNS:
            continue
        column = table[name]
        if not pd.api.types.is_integer_dtype(column.dtype) or column.isna().any():
            faults.add(
                "answers-not-whole-numbers",
                Words(
                    f"Cột “{name}” có giá trị không phải số nguyên.",
                    f"Column “{name}” has a value that is not a whole number.",
                ),
                Words(
                    "Câu trả lời thiếu phải giữ mã lý do (số âm).",
                    "A missing answer must keep its reason as a negative code.",
                ),
                column=str(name),
            )


def _check_design(
    table: pd.DataFrame, meta: Mapping[str, Any], faults: Faults, recruitment: str
) -> None:
    weight = pd.to_numeric(table["design_weight"], errors="coerce").to_numpy(dtype=np.float64)
    bad = np.flatnonzero(~(np.isfinite(weight) & (weight > 0)))
    if bad.size:
        faults.add(
            "design-weight-not-positive",
            Words(
                f"{bad.size} dòng có trọng số thiết kế thiếu hoặc không lớn hơn 0.",
                f"{bad.size} rows have a design weight that is missing or not above zero.",
            ),
            Words(
                "Trọng số thiết kế là một chia cho xác suất chọn.",
                "A design weight is one over the probability of being drawn.",
            ),
            row=int(bad[0]) + 1,
            column="design_weight",
        )
    for name in ("round", "cell", "unit", "stratum"):
        empty = np.flatnonzero((table[name].fillna("").astype(str) == "").to_numpy())
        if empty.size:
            faults.add(
                "responses-value-missing",
                Words(f"{empty.size} dòng thiếu “{name}”.", f"{empty.size} rows lack “{name}”."),
                _Redo,
                row=int(empty[0]) + 1,
                column=name,
            )
    strangers = np.flatnonzero((table["recruitment"] != recruitment).to_numpy())
    if strangers.size:
        faults.add(
            "responses-not-drawn",
            Words(
                f"{strangers.size} dòng không thuộc mẫu được chọn.",
                f"{strangers.size} rows do not come from the drawn sample.",
            ),
            Words(
                "Phản hồi tự nguyện là chuỗi riêng, không vào ước lượng.",
                "Voluntary answers are a series of their own and enter no estimate.",
            ),
            row=int(strangers[0]) + 1,
            column="recruitment",
        )
    other = np.flatnonzero((table["round"] != meta.get("round", None)).to_numpy())
    if other.size and "round" in meta:
        faults.add(
            "responses-other-round",
            Words(f"{other.size} dòng thuộc đợt khác.", f"{other.size} rows are of another round."),
            _Redo,
            row=int(other[0]) + 1,
            column="round",
        )
    spread = table.groupby("cell")[["unit", "stratum", "psu"]].nunique(dropna=False)
    torn = spread.index[(spread > 1).any(axis=1)]
    for cell in torn[:20]:
        faults.add(
            "cell-torn",
            Words(
                f"Ô “{cell}” nằm trong nhiều đơn vị, tầng hoặc đơn vị chọn mẫu.",
                f"Cell “{cell}” lies in several units, strata or primary units.",
            ),
            _Redo,
            column="cell",
        )
