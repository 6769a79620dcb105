"""The workbook of a release made again from its frozen tables."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

from analysis.publication.tables.columns import FACTS
from analysis.publication.tables.workbook import write_workbook

NEUTRALISED = re.compile("^'\\s*[=+\\-@\t\r\x00＝]")
"""A cell that could be a formula, with the sign before it that keeps it from being one."""

_ORDER = (
    "estimates", "labels", "units", "rounds", "standing-", "points-", "province-points", "duties",
    "weighting", "sensitivity", "truth",
)  # fmt: skip


def rewrite_workbook(tables: Path, path: Path) -> None:
    """Write the workbook of the tables in a folder: the same bytes, with the same libraries."""
    facts = json.loads((tables / FACTS).read_text(encoding="utf-8"))
    held = {}
    for file in sorted(tables.glob("*.csv"), key=lambda file: (_place(file.stem), file.stem)):
        with file.open(encoding="utf-8-sig", newline="") as lines:
            head, *rows = csv.reader(lines)
        held[file.stem] = (
            head,
            [[cell[1:] if NEUTRALISED.match(cell) else cell for cell in row] for row in rows],
        )
    write_workbook(path, facts, held)


def _place(name: str) -> int:
    found = (at for at, start in enumerate(_ORDER) if name.startswith(start))
    return next(found, len(_ORDER))
