"""Columns of text become those of a frame: checked, made safe, put in the order of ids."""

from __future__ import annotations

from array import array

from intake.findings import Finding, FrameError, errors_of
from sampling.frame.cells import spreadsheet_safe
from sampling.frame.checks import REQUIRED, check_columns
from sampling.frame.columns import Column, Whole
from sampling.frame.rows import Listed
from sampling.frame.sheets import Sheet, check_texts


def listed_of(sheet: Sheet) -> tuple[Listed | None, list[Finding]]:
    """Return the columns of a frame and the findings; none where one of them is an error."""
    findings = check_columns(sheet)
    if errors_of(findings):
        return None, findings
    # Neutralised here and not when written, so that a frame read back is the same frame.
    sizes = array("i", map(int, sheet.columns["size"].texts()))
    safe: dict[str, Column] = {
        spreadsheet_safe(name): column.mapped(spreadsheet_safe)
        for name, column in sheet.columns.items()
        if name != "size"
    }
    safe["size"] = Whole(sizes)
    names = (*REQUIRED, *sorted(set(safe) - set(REQUIRED)))
    held = {name: safe[name] for name in names}
    return _in_order(Listed(held, sizes, sheet.file, sheet.lines)), findings


def listed_of_values(sheet: Sheet) -> tuple[Listed, list[Finding]]:
    """Return the columns of a frame that was made from values and not read from a file.

    Raises
    ------
    FrameError
        With every fault, those that no file may hold either among them.
    """
    texts = check_texts(sheet)
    if texts:
        raise FrameError([*texts, *also_wrong(sheet)])
    listed, findings = listed_of(sheet)
    if listed is None:
        raise FrameError(findings)
    return listed, findings


def also_wrong(sheet: Sheet) -> list[Finding]:
    """Return what else is wrong in rows that could be read, beside what the table lacks."""
    # A frame whose rows could not be read is not an empty one.
    return [finding for finding in check_columns(sheet) if finding.code != "frame-empty"]


def _in_order(listed: Listed) -> Listed:
    """Return the columns with their rows sorted by id."""
    import numpy as np

    # Ids are letters of one byte each; side by side they take a sixth of as many texts.
    column = listed.columns["unit_id"]
    longest = max(map(len, column), default=1)
    ids = np.fromiter(column, dtype=f"S{longest}", count=len(column))
    if (ids[:-1] < ids[1:]).all():
        return listed
    order = array("I", ids.argsort().astype(np.uint32).tobytes())
    del ids
    sizes = Whole(listed.sizes).taken(order)
    columns: dict[str, Column] = {
        name: sizes if name == "size" else column.taken(order)
        for name, column in listed.columns.items()
    }
    lines = array("I", map(listed.lines.__getitem__, order)) if listed.lines else ()
    return Listed(columns, sizes.numbers, listed.file, lines)
