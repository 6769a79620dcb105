"""What will be drawn, as data: stages, strata, takes, methods, reserves, planning figures.

A design has one stage, or two: units of the frame first, then persons or visits within
each drawn unit. It is read from YAML, checked whole, and hashed in a canonical form
(JSON with sorted keys and no blanks, UTF-8), so that it can be published before the draw.

Keys of a stage
    ``unit`` (what is drawn), ``strata`` (frame column, default ``stratum``), ``method``,
    ``take``, ``allocation``, ``size`` (frame column), ``sort`` (frame columns),
    ``certainty`` (list of unit ids, or ``all``).
``take`` in stage 1
    ``{stratum: n}``; or a number: with ``allocation`` ``equal``, ``proportional`` or
    ``square_root`` the total to be shared out, without it (or with ``fixed``) the number
    in every stratum. Units taken with certainty count in it; a stratum that holds
    nothing else needs none.
``take`` in stage 2
    a number: persons of each drawn unit (``srs``), or the target of visits per counter
    (``every_kth``), from which the step k is worked out.
``reserves``
    ``{unit: n}`` or a number for the last stage: further units per stratum, further
    persons per drawn unit, in the published order.
``targets``
    planning figures: ``share``, ``level``, ``rho`` (intracluster correlation),
    ``response`` (expected response rate).
``costs``
    ``per_unit`` and ``per_interview``, in any currency.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from intake.documents import read_document
from intake.findings import DesignError, Faults, Finding, IntakeError
from sampling.design.fit import check_fit, check_stratum
from sampling.design.form import DEFAULT_TARGETS, VERSION, Form, Line
from sampling.design.stages import Stage, column_size, stratum_take
from sampling.frame import Frame, FrameUnit

__all__ = [
    "DEFAULT_TARGETS",
    "SampleDesign",
    "Stage",
    "check_design",
    "check_mapping",
    "check_stratum",
    "column_size",
    "stratum_take",
]


@dataclass(frozen=True)
class SampleDesign:
    """Stages, strata, takes and method, as data.

    Examples
    --------
    >>> design = SampleDesign.from_dict(
    ...     {"version": 1, "stages": [{"unit": "commune", "method": "srs", "take": 2}]}
    ... )
    >>> design.stages[0].take
    2
    """

    stages: tuple[Stage, ...]
    name: str = "design"
    frame: str = ""
    instrument: str = ""
    reserves: Mapping[str, int] = field(default_factory=dict)
    targets: Mapping[str, float] = field(default_factory=dict)
    costs: Mapping[str, float] = field(default_factory=dict)
    seed_policy: str = ""
    version: int = VERSION

    @classmethod
    def from_dict(cls, mapping: Mapping[str, object]) -> SampleDesign:
        """Make a design from plain values.

        Raises
        ------
        DesignError
            With every fault; ``path`` says where, such as ``stages[0].take``.
        """
        return _required(check_mapping(mapping))

    @classmethod
    def read(cls, path: Path) -> SampleDesign:
        """Read a design from a YAML or JSON file.

        Raises
        ------
        DesignError
            With every fault, its line and its path.
        """
        return _required(check_design(path))

    def as_dict(self) -> dict[str, object]:
        """Return the design as plain values, defaults written out."""
        return {
            "version": self.version,
            "name": self.name,
            "frame": self.frame,
            "instrument": self.instrument,
            "stages": [stage.as_dict() for stage in self.stages],
            "reserves": dict(self.reserves),
            "targets": dict(self.targets),
            "costs": dict(self.costs),
            "seed_policy": self.seed_policy,
        }

    @cached_property
    def canonical(self) -> bytes:
        """The canonical JSON: keys sorted, no blanks, UTF-8, a line feed at the end."""
        text = json.dumps(self.as_dict(), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return (text + "\n").encode("utf-8")

    @cached_property
    def sha256(self) -> str:
        """``H_design``: the SHA-256 of the canonical JSON, in lower-case hexadecimal."""
        return hashlib.sha256(self.canonical).hexdigest()

    @property
    def planning(self) -> dict[str, float]:
        """The planning figures, with the defaults where the design has none."""
        return {**DEFAULT_TARGETS, **self.targets}

    def strata_of(self, frame: Frame) -> dict[str, tuple[FrameUnit, ...]]:
        """Return the units of the frame by the strata of stage 1, sorted by name."""
        return frame.by_column(self.stages[0].strata)

    def reserve_of(self, stage: Stage) -> int:
        """Return how many reserves this stage sets aside per stratum or drawn unit."""
        return self.reserves.get(stage.unit, 0)

    def check_against(self, frame: Frame) -> list[Finding]:
        """Return what keeps the design from being carried out on a frame, and what to note.

        Checked are strata, takes, columns and certainties. Takes that an allocation
        shares out are checked when it has shared them.
        """
        return check_fit(self.stages, self.frame, frame)


def check_design(path: Path) -> tuple[SampleDesign | None, list[Finding]]:
    """Return the design of a file and its findings; no design where one is an error."""
    try:
        document = read_document(path)
    except IntakeError as error:
        return None, list(error.findings)
    return check_mapping(document.value, document.file, document.line)


def check_mapping(
    value: object, file: str | None = None, line: Line | None = None
) -> tuple[SampleDesign | None, list[Finding]]:
    """Return the design that plain values describe and the findings about them."""
    form = Form(Faults(file), line)
    parts = form.parts(value)
    return (None if parts is None else SampleDesign(**parts)), form.faults.findings


def _required(checked: tuple[SampleDesign | None, list[Finding]]) -> SampleDesign:
    design, findings = checked
    if design is None:
        raise DesignError(findings)
    return design
