"""What will be drawn, as data: stages, strata, takes, methods, reserves, planning figures.

A design has one to four stages: units of the frame first (communes, then perhaps villages
of each drawn commune), then places on a list that each of them holds (households, persons,
visits), last perhaps one person of a drawn household. It is read from YAML, checked whole,
and hashed in a canonical form (JSON with sorted keys and no blanks, UTF-8), so that it can
be published before the draw.

Keys of a stage
    ``unit`` (what is drawn), ``id`` (frame column that names the units of this stage; rows
    that share a value are one unit; stage 1 draws rows where it is left out, a later stage
    without it draws places on a list), ``strata`` (frame column, default ``stratum``; in a
    later stage it divides each drawn unit), ``method``, ``take`` or ``rate``,
    ``allocation`` with ``sharing``, ``size`` (frame column, or ``equal``), ``sort`` (frame
    columns) with ``serpentine``, ``balance`` (columns whose totals a ``cube`` sample
    reproduces), ``spread`` (coordinates of ``local_pivotal`` and ``scps``), ``certainty``
    (list of unit ids, or ``all``), ``coordination`` (``seed`` of an earlier draw and a
    ``shift``), ``per_stratum`` (what is different in one stratum).
``take`` of units of the frame
    ``{stratum: n}``; or a number: with an ``allocation`` the total to be shared out (and
    under ``sharing`` its ``floor``, ``cap``, ``exponent``, or ``sds`` by stratum), without
    it (or with ``fixed``) the number in every stratum. Units taken with certainty count in
    it; a stratum that holds nothing else needs none. ``poisson`` takes it as an expectation.
``take`` of places on a list
    a number, or ``{stratum: n}``: persons or households of each drawn unit, or the target
    of visits per counter (``every_kth``), from which the step k is worked out.
``short``
    ``all``: where a drawn unit holds less than a later stage takes, take all of it; without
    it such a unit is refused.
``rate``
    the probability itself, for ``srs``, ``systematic`` and ``poisson``: a fixed rate in
    place of a fixed take.
``reserves``
    ``{unit: n}`` or a number for the last drawn stage: further units per stratum, further
    persons per drawn unit, in the published order.
``targets``
    planning figures: ``share``, ``level``, ``rho`` (intracluster correlation),
    ``response`` and ``eligible`` (expected rates), ``relvariance`` (of the weights),
    ``spread`` (standard deviation of the units' true shares), ``margin`` and
    ``domain_margin`` (half-widths that must be met overall and in each domain).
``domains``
    frame columns whose values are domains with results of their own.
``costs``
    ``fixed``, ``per_unit``, ``per_secondary`` (a unit of the second stage),
    ``per_interview`` and ``budget``, in any currency.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from intake.documents import read_document
from intake.findings import DesignError, Faults, Finding, IntakeError
from sampling.design.columns import check_missing
from sampling.design.entries import Line
from sampling.design.fit import check_fit, units_known, unknown_at_first
from sampling.design.foreseen import check_foreseen
from sampling.design.form import DEFAULT_TARGETS, VERSION, Form
from sampling.design.grouping import Member, members_by, members_of
from sampling.design.names import check_shared_names
from sampling.design.stages import (
    METHODS_OF_PERSONS,
    Stage,
    column_number,
    column_size,
    measure,
    stratum_take,
)
from sampling.design.stratum import check_stratum
from sampling.design.written import Written
from sampling.frame import Frame, FrameUnit
from sampling.given import require

__all__ = [
    "DEFAULT_TARGETS",
    "Member",
    "SampleDesign",
    "Stage",
    "check_design",
    "check_mapping",
    "check_missing",
    "check_stratum",
    "column_number",
    "column_size",
    "measure",
    "members_by",
    "members_of",
    "stratum_take",
    "unknown_at_first",
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
    domains: tuple[str, ...] = ()
    written: Written | None = field(default=None, compare=False, repr=False)

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
    def read(cls, path: Path | str) -> SampleDesign:
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
            **({"domains": list(self.domains)} if self.domains else {}),
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

    @property
    def areas(self) -> tuple[Stage, ...]:
        """The stages that draw units of the frame."""
        return (self.stages[0], *(stage for stage in self.stages[1:] if stage.id))

    @property
    def listing(self) -> Stage | None:
        """The stage that draws places on a list, where there is one."""
        within = [
            stage
            for stage in self.stages[len(self.areas) :]
            if stage.method not in METHODS_OF_PERSONS
        ]
        return within[0] if within else None

    @property
    def person(self) -> Stage | None:
        """The stage that chooses one person of a household, where there is one."""
        return self.stages[-1] if self.stages[-1].method in METHODS_OF_PERSONS else None

    @property
    def quantities(self) -> frozenset[str]:
        """The columns that are added up in units made of several rows."""
        used: set[str] = set()
        for stage in self.stages:
            for one in (stage, *stage.per_stratum.values()):
                used |= {one.size, *one.balance}
        return frozenset(used)

    def members(self, frame: Frame) -> dict[str, tuple[Member, ...]]:
        """Return the units of stage 1 with their rows, by stratum, both sorted by name."""
        require((frame, Frame))
        stage = self.stages[0]
        return dict(members_by(frame, stage.strata, stage.id, self.quantities))

    def names_of(self, frame: Frame) -> dict[str, str]:
        """Return the name of every unit of the frame that some stage can draw, by its id."""
        require((frame, Frame))
        columns = dict.fromkeys(stage.id for stage in self.areas)
        return {
            one.unit.unit_id: one.unit.unit_name
            for column in columns
            for one in members_of(frame.units, column)
        }

    def strata_of(self, frame: Frame) -> dict[str, tuple[FrameUnit, ...]]:
        """Return the units of stage 1 by stratum, both sorted by name."""
        return {
            stratum: tuple(one.unit for one in members)
            for stratum, members in self.members(frame).items()
        }

    def reserve_of(self, stage: Stage) -> int:
        """Return how many reserves this stage sets aside per stratum or drawn unit."""
        return self.reserves.get(stage.unit, 0)

    def check_against(self, frame: Frame) -> list[Finding]:
        """Return what keeps the design from being carried out on a frame, and what to note.

        Checked are strata, takes, columns, certainties and names, all that can be known at
        once. Takes that an allocation shares out are checked when it has shared them.
        """
        require((frame, Frame))
        found = check_fit(self, frame)
        if units_known(found):
            found += check_shared_names(self, frame)
        return self.placed([*found, *check_foreseen(self)])

    def placed(self, findings: Iterable[Finding]) -> list[Finding]:
        """Return findings about this design with its file and line, where it has them."""
        return self.written.placed(findings) if self.written else list(findings)


def check_design(path: Path | str) -> tuple[SampleDesign | None, list[Finding]]:
    """Return the design of a file and its findings; no design where one is an error."""
    try:
        document = read_document(path)
    except IntakeError as error:
        return None, list(error.findings)
    design, findings = check_mapping(document.value, document.file, document.line)
    if design is not None:
        design = replace(design, written=Written.of(document))
    return design, findings


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
