"""The two files that a draw begins with, read together so that both are mended at once."""

from __future__ import annotations

from pathlib import Path

from intake.findings import DesignError, Faults, Finding, FrameError, IntakeError
from intake.tables import open_table
from sampling.design import SampleDesign, check_design, check_missing
from sampling.frame import Frame, check_frame


def read_inputs(design: Path | str, frame: Path | str) -> tuple[SampleDesign, Frame]:
    """Read a design (YAML, JSON) and the frame (CSV, XLSX) that it is for.

    Raises
    ------
    DesignError
        The design has faults; those of the frame stand beside them.
    FrameError
        The frame alone has faults; columns that the design misses in it stand beside them.
    """
    made, of_design = check_design(design)
    units, of_frame = check_frame(frame)
    if made is None:
        raise DesignError([*of_design, *(of_frame if units is None else ())])
    if units is None:
        raise FrameError([*of_frame, *_missing(made, Path(frame))])
    return made, units


def check_beside(design: Path | str, frame: Path | str) -> list[Finding]:
    """Return what is wrong with a design beside a frame whose rows have faults.

    That is its form, or the columns that the header of the frame lacks.
    """
    made, findings = check_design(design)
    return findings if made is None else _missing(made, Path(frame))


def _missing(design: SampleDesign, frame: Path) -> list[Finding]:
    """Return the columns that a design needs and that the header of a faulty frame lacks."""
    missing = Faults()
    try:
        columns, _ = open_table(frame, required=(), faults=Faults())
    except IntakeError:
        return []
    check_missing(design, columns, missing)
    return design.placed(missing.findings)
