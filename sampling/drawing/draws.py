"""A design carried out: who is drawn, with what probability, and how anyone redraws it.

``draw`` depends on the frame, the design and the secret alone; ``sampling.chance`` says how
the hashes are made. Units of the frame are drawn group by group (``groups``): in stage 1 the
strata, in a later stage the strata within each drawn unit. What a unit lists (persons,
households, visits) is drawn by places (``places``). ``srs`` takes the first in hash order;
methods that walk along a list lay the units out by the design's ``sort`` columns, ties in
hash order. Where probabilities follow sizes, units as large as the interval are taken with
certainty and the interval is worked out anew without them.

In a design of several stages, a unit drawn with certainty is a stratum of its own,
``<stratum>/<unit>`` (the stratum's own name where the unit is alone in it), and what is
drawn in it has no PSU (``psu_id`` empty): each row is its own. ``probability`` is the
inclusion probability of the row through all stages, ``design_weight`` one over it. Who
draws one person of each household by a Kish grid multiplies the household's weight by the
number of its eligible persons. Reserves come next in the published order; their
probability is the one they would have had as drawn units.

interfaces.md wishes that a new stratum leave the other draws alone; since security.md
§9.2 puts the frame's hash into the seed, a changed frame changes them all. Security wins.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from numbers import Integral
from typing import TYPE_CHECKING

from intake.findings import DesignError, DrawError, Finding, Words, errors_of
from intake.text import forbidden_character, normalized
from sampling import chance
from sampling.design import Member, SampleDesign, Stage, members_of, stratum_take
from sampling.design.grouping import members_by
from sampling.drawing.encoding import encoding_of
from sampling.drawing.groups import Group, draw_group
from sampling.drawing.path import Drawn, first_stage, later_stage
from sampling.drawing.places import draw_places, person_sheet
from sampling.drawing.told import Told, record_of
from sampling.frame import Frame
from sampling.minutes import minutes_of
from sampling.sample import Row, sample_csv, sample_table
from sampling.takes import takes_of

if TYPE_CHECKING:
    import pandas as pd


Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Draw:
    """A design carried out, with everything that is needed to carry it out again.

    ``findings`` are the warnings of the design; ``told`` is the record with what it tells of
    each stratum (``strata``) and drawn unit (``units``) as text.
    """

    frame: Frame
    design: SampleDesign
    rows: tuple[Row, ...]
    reserve_rows: tuple[Row, ...]
    told: Mapping[str, object]
    findings: tuple[Finding, ...] = ()

    @property
    def record(self) -> dict[str, object]:
        """What ``draw.json`` holds, made when it is asked for: it names every unit of the frame."""
        return record_of(self.told)

    @property
    def seed(self) -> str:
        """The seed of the draw, as 64 hexadecimal characters."""
        return str(self.told["seed"])

    @property
    def sample(self) -> pd.DataFrame:
        """The drawn rows of all stages, with the columns of the sample file."""
        return sample_table(self.rows)

    @property
    def reserves(self) -> pd.DataFrame:
        """The reserves, in the order in which they replace."""
        return sample_table(self.reserve_rows)

    @property
    def persons(self) -> pd.DataFrame:
        """Whom to ask in each household with 1, 2, … eligible persons, listed by age.

        One row for each household, drawn or in reserve; empty where the design has no
        stage ``kish``. ``eligible_3`` is the place, from the oldest, in a household of 3.
        """
        import pandas as pd

        sheet: list[tuple[str, list[int]]] = []
        if self.design.person is not None and self.design.person.method == "kish":
            number = len(self.design.stages) - 1
            sheet = person_sheet(self.seed, (*self.rows, *self.reserve_rows), number)
        columns = [f"eligible_{count + 1}" for count in range(len(sheet[0][1]) if sheet else 0)]
        rows = [[name, *places] for name, places in sheet]
        return pd.DataFrame(rows, columns=["unit_id", *columns])

    def minutes(self, lang: str = "vi", *, operator: str = "", drawn_on: date | None = None) -> str:
        """Return the minutes of the draw (biên bản chọn mẫu) as Markdown."""
        return minutes_of(
            self.record,
            self.design,
            self.frame,
            (*self.rows, *self.reserve_rows),
            (*self.frame.findings, *self.findings),
            lang=lang,
            operator=operator,
            drawn_on=drawn_on,
        )


def draw(
    frame: Frame,
    design: SampleDesign,
    seed: int | str,
    *,
    public: str = "",
    progress: Progress | None = None,
) -> Draw:
    """Carry out a design on a frame.

    Parameters
    ----------
    frame, design
        What can be drawn, and what will be.
    seed
        The secret: a whole number of at least 0, taken as its decimal digits, or a text.
    public
        The public value of a later time; empty in a draw without ceremony.
    progress
        Called now and then with the steps done and all steps known so far.

    Returns
    -------
    Draw
        The same for the same four inputs, in any year, on any machine.

    Raises
    ------
    DesignError
        The design does not fit the frame, or no allocation meets one of its margins.
    DrawError
        Secret or public value are not plain texts.
    """
    return prepare(frame, design).draw(seed, public=public, progress=progress)


@dataclass(frozen=True)
class Prepared:
    """A design that fits its frame: what all its draws share.

    ``takes`` are the units of stage 1 to draw by stratum; ``findings`` the warnings.
    """

    frame: Frame
    design: SampleDesign
    takes: Mapping[str, int]
    findings: tuple[Finding, ...]

    def draw(self, seed: int | str, *, public: str = "", progress: Progress | None = None) -> Draw:
        """Carry out the design with one secret: what ``draw`` returns."""
        secret = _secret(seed, "seed")
        public = _secret(public, "public")
        frame, design = self.frame, self.design
        key = chance.draw_seed(frame.sha256, design.sha256, secret, public)
        found = Found(design, key, progress or _silent)
        found.draw_all(frame, self.takes)
        told: dict[str, object] = {
            "algorithm": chance.ALGORITHM,
            "encoding": encoding_of(design),
            "H_frame": frame.sha256,
            "H_design": design.sha256,
            "commitment": chance.sha256_text(secret),
            "secret": secret,
            "public": public,
            "seed": key,
            "seed_policy": design.seed_policy,
            "frame": frame.summary,
            "design": design.as_dict(),
            "strata": found.strata,
            "units": found.within,
            "drawn": len(found.rows),
            "reserves": len(found.reserves),
            "sample_sha256": chance.sha256_text(sample_csv(found.rows)),
            "reserves_sha256": chance.sha256_text(sample_csv(found.reserves)),
        }
        made = Draw(frame, design, tuple(found.rows), tuple(found.reserves), told, self.findings)
        if design.person is not None and design.person.method == "kish":
            told["persons_sha256"] = chance.sha256_text(persons_csv(made.persons))
        return made


def prepare(frame: Frame, design: SampleDesign) -> Prepared:
    """Hold a design against its frame and share out its takes, once for any number of draws.

    Raises
    ------
    DesignError
        The design does not fit the frame, or no allocation meets one of its margins.
    """
    takes, findings = takes_of(design, frame)
    return Prepared(frame, design, takes, (*findings, *_target_findings(design, frame)))


def persons_csv(persons: pd.DataFrame) -> str:
    """Return the text of the file of persons, as it is written and as it is hashed."""
    return str(persons.to_csv(index=False, lineterminator="\n"))


@dataclass
class Found:
    """What was drawn so far; ``drawn`` are the units of the last stage that was drawn."""

    design: SampleDesign
    key: str
    progress: Progress
    done: int = 0
    steps: int = 0
    rows: list[Row] = field(default_factory=list)
    reserves: list[Row] = field(default_factory=list)
    strata: list[Told] = field(default_factory=list)
    within: list[Told] = field(default_factory=list)
    drawn: list[Drawn] = field(default_factory=list)

    def draw_all(self, frame: Frame, takes: Mapping[str, int]) -> None:
        """Draw every stage."""
        self.expect(len(takes))
        stage, added = self.design.stages[0], self.design.quantities
        for stratum, members in members_by(frame, stage.strata, stage.id, added):
            self.draw_stratum(stratum, members, takes[stratum])
        self.draw_rest(1)

    def draw_rest(self, number: int) -> None:
        """Draw the stages after stage ``number`` in what that stage drew."""
        for stage in range(number + 1, len(self.design.areas) + 1):
            self.draw_below(stage)
        if self.design.listing is not None:
            self.draw_lists(self.design.listing)

    def draw_stratum(self, stratum: str, members: tuple[Member, ...], take: int) -> None:
        """Draw stage 1 in one stratum."""
        stage = self.design.stages[0]
        last = len(self.design.stages) == 1
        group = draw_group(
            stage.within(stratum),
            stratum,
            members,
            take,
            self.key,
            stream=stratum,
            reserve=self.design.reserve_of(stage),
        )
        hit = [first_stage(stratum, group, pick, last=last) for pick in group.drawn]
        spare = [first_stage(stratum, group, pick, last=last) for pick in group.reserves]
        self._keep(1, hit, spare)
        if not last:
            self.drawn += hit
        self.strata.append(Told.of(group.told))
        self.step()

    def draw_below(self, number: int) -> None:
        """Draw a later stage of the frame in every unit of the stage before."""
        above, self.drawn = self.drawn, []
        self.expect(len(above))
        stage = self.design.areas[number - 1]
        last = len(self.design.stages) == number
        for parent in above:
            groups = _groups(stage, parent, self.design)
            told: list[dict[str, object]] = []
            for name, members in groups.items():
                group = self._group_below(number, stage, parent, name, members)
                inner = name if len(groups) > 1 else ""
                hit = [later_stage(parent, inner, group, one, last=last) for one in group.drawn]
                spare = [
                    later_stage(parent, inner, group, one, last=last) for one in group.reserves
                ]
                self._keep(number, hit, spare)
                if not last:
                    self.drawn += hit
                told.append(group.told)
            self.step()
            held = {"unit_id": parent.unit.unit_id, "stage": number, "strata": told}
            self.within.append(Told.of(held))

    def _group_below(
        self, number: int, stage: Stage, parent: Drawn, name: str, members: list[Member]
    ) -> Group:
        return draw_group(
            stage.within(name),
            name,
            members,
            stage.within(name).fitting(stratum_take(stage, name) or 0, len(members)),
            self.key,
            stream=f"{number}|{parent.unit.unit_id}|{name}",
            reserve=self.design.reserve_of(stage),
        )

    def draw_lists(self, stage: Stage) -> None:
        """Draw places on the list of every drawn unit."""
        number = self.design.stages.index(stage) + 1
        self.expect(len(self.drawn))
        for one in self.drawn:
            rows, told = draw_places(
                stage, one, self.key, number=number, reserve=self.design.reserve_of(stage)
            )
            self.rows += [row for row in rows if row.role == "drawn"]
            self.reserves += [row for row in rows if row.role == "reserve"]
            self.within.append(Told.of(told))
            self.step()

    def expect(self, steps: int) -> None:
        """Count on further steps."""
        self.steps += steps

    def step(self) -> None:
        """Count one step as done."""
        self.done += 1
        self.progress(self.done, self.steps)

    def _keep(self, number: int, hit: list[Drawn], spare: list[Drawn]) -> None:
        self.rows += [one.row(number, order, "drawn") for order, one in enumerate(hit, start=1)]
        self.reserves += [
            one.row(number, order, "reserve") for order, one in enumerate(spare, len(hit) + 1)
        ]


def _groups(stage: Stage, parent: Drawn, design: SampleDesign) -> dict[str, list[Member]]:
    """Return the units within a drawn unit by the stage's strata, both sorted by name."""
    groups: dict[str, list[Member]] = {}
    members = members_of(parent.member.rows, stage.id, design.quantities)
    for one in sorted(members, key=lambda member: member.unit.unit_id):
        groups.setdefault(one.unit.cells.get(stage.strata, ""), []).append(one)
    return {name: groups[name] for name in sorted(groups)}


def _target_findings(design: SampleDesign, frame: Frame) -> list[Finding]:
    """Return what is to be said of the design's margins; refuse those that nothing meets."""
    if not {"margin", "domain_margin"} & set(design.targets):
        return []
    from sampling.planning import plan

    told = [one for one in plan(design, frame).findings if "margin" in one.code]
    if errors_of(told):
        raise DesignError(told)
    return told


def _silent(done: int, steps: int) -> None:
    """Say nothing of the progress of a draw."""


_MOST_SEED = 10**1000


def _secret(value: object, name: str) -> str:
    whole = isinstance(value, Integral) and not isinstance(value, bool)
    number = int(value) if whole else -1  # type: ignore[call-overload]
    text = value if isinstance(value, str) else ""
    text = str(number) if 0 <= number < _MOST_SEED else text
    if (
        (not text and (name == "seed" or value != ""))
        or len(text) > 1000
        or "\n" in text
        or text != normalized(text).strip()
        or forbidden_character(text)
    ):
        raise DrawError(
            Finding(
                "draw-seed-invalid",
                Words(f"Giá trị “{name}” không hợp lệ.", f"The value of '{name}' is not usable."),
                Words(
                    "Dùng số nguyên không âm hoặc một dòng chữ.",
                    "Use a whole number of at least 0, or a line of text.",
                ),
            )
        )
    return text
