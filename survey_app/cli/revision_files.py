"""The files of a revision: tables, and the record of what it rests on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path


def write_table(path: Path, columns: Sequence[str], rows: Sequence[Mapping[str, object]]) -> None:
    """Write rows as CSV."""
    from intake.tables import write_csv

    write_csv(path, columns, [[row[column] for column in columns] for row in rows])


def write_record(
    out: Path, kind: str, folder: Path, other: Path | None = None, **more: object
) -> dict[str, object]:
    """Write what a revision rests on: hashes of what went in and of what came out.

    ``more`` says by which rule it was made.
    """
    record: dict[str, object] = {"kind": kind, "draw_sha256": _sha256(folder / "draw.json")}
    if other is not None:
        record |= {"input": other.name, "input_sha256": _sha256(other)}
    record |= {**more, "sample_sha256": _sha256(out / "sample.csv")}
    text = json.dumps(record, ensure_ascii=False, indent=1) + "\n"
    (out / "revision.json").write_text(text, encoding="utf-8")
    return {**record, "folder": str(out)}


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
