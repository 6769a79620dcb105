"""Whether the units that a column names, such as communes of villages, can be drawn."""

from __future__ import annotations

from collections.abc import Mapping

from intake.findings import Finding, Words
from sampling.frame.columns import Column
from sampling.frame.listing import Frame
from sampling.frame.noting import Noting
from sampling.frame.parents import PARENT, note_missing, note_split
from sampling.given import require


def check_nesting(frame: Frame, parent: str = PARENT, strata: str = "stratum") -> list[Finding]:
    """Return what keeps the units that a column names from being drawn as units.

    Parameters
    ----------
    frame
        Units with the units they lie in.
    parent
        The column whose values are the units of the first stage.
    strata
        The column of their strata.

    Returns
    -------
    list of Finding
        ``frame-parent-missing`` and ``frame-parent-split`` (errors),
        ``frame-stratum-one-psu`` (a warning: one unit shows no variance between units).

    Raises
    ------
    FrameError
        The frame lacks one of the columns.
    """
    require((frame, Frame))
    listed = frame.listed
    for name in (parent, strata):
        frame.column(name)  # refuses a column that is not there
    faults = Noting(listed.file)
    for row in listed.columns[parent].rows_where(lambda text: not text):
        note_missing(listed.line(row), parent, faults, "error")
    note_split(listed.columns, listed.line, parent, strata, faults, "error")
    _note_single(listed.columns, parent, strata, faults)
    return faults.in_order()


def _note_single(columns: Mapping[str, Column], parent: str, strata: str, faults: Noting) -> None:
    members: dict[str, set[str]] = {}
    for name, stratum in zip(columns[parent].texts(), columns[strata].texts(), strict=True):
        members.setdefault(stratum, set()).add(name)
    for stratum in sorted(members):
        if len(members[stratum]) == 1:
            (only,) = members[stratum]
            faults.add(
                "frame-stratum-one-psu",
                Words(
                    f"Tầng “{stratum}” chỉ có một đơn vị sơ cấp: {only}.",
                    f"The stratum '{stratum}' holds a single primary unit: {only}.",
                ),
                Words(
                    "Gộp tầng, hoặc chọn chắc chắn đơn vị này và coi nó là tầng riêng.",
                    "Merge the stratum, or take the unit with certainty as a stratum of its own.",
                ),
                column=strata,
                severity="warning",
            )
