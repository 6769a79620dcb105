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
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from intake.documents import path_text, read_document
from intake.findings import DesignError, Faults, Finding, IntakeError, Words, errors_of
from intake.text import ID_PATTERN, forbidden_character, normalized
from sampling.frame import Frame, FrameUnit

VERSION = 1
METHODS = ("srs", "systematic", "pps_systematic")
METHODS_WITHIN = ("srs", "every_kth")
ALLOCATIONS = ("fixed", "equal", "proportional", "square_root")
MAX_TAKE = 1_000_000
DEFAULT_TARGETS = {"share": 0.8, "level": 0.95, "rho": 0.05, "response": 1.0}

_KEYS = (
    "version",
    "name",
    "frame",
    "instrument",
    "stages",
    "reserves",
    "targets",
    "costs",
    "seed_policy",
)
_STAGE_KEYS = ("unit", "strata", "allocation", "take", "method", "size", "sort", "certainty")
_COSTS = ("per_unit", "per_interview")

Place = tuple[str | int, ...]


@dataclass(frozen=True)
class Stage:
    """One stage of a design; the module says what each field may hold."""

    unit: str
    method: str
    take: int | Mapping[str, int] | None = None
    strata: str = "stratum"
    allocation: str = "fixed"
    size: str = "size"
    sort: tuple[str, ...] = ()
    certainty: tuple[str, ...] | str = ()

    def as_dict(self) -> dict[str, object]:
        """Return the stage as plain values, defaults written out."""
        return {
            "unit": self.unit,
            "method": self.method,
            "take": dict(self.take) if isinstance(self.take, Mapping) else self.take,
            "strata": self.strata,
            "allocation": self.allocation,
            "size": self.size,
            "sort": list(self.sort),
            "certainty": self.certainty
            if isinstance(self.certainty, str)
            else list(self.certainty),
        }

    def is_certain(self, unit: FrameUnit) -> bool:
        """Tell whether the design takes this unit with certainty."""
        return self.certainty == "all" or unit.unit_id in self.certainty


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
        faults = Faults()
        _check_named_frame(self, frame, faults)
        _check_columns(self, frame, faults)
        if not errors_of(faults.findings):
            _check_takes(self, frame, faults)
        return faults.findings


def check_design(path: Path) -> tuple[SampleDesign | None, list[Finding]]:
    """Return the design of a file and its findings; no design where one is an error."""
    try:
        document = read_document(path)
    except IntakeError as error:
        return None, list(error.findings)
    return check_mapping(document.value, document.file, document.line)


def check_mapping(
    value: object, file: str | None = None, line: object = None
) -> tuple[SampleDesign | None, list[Finding]]:
    """Return the design that plain values describe and the findings about them."""
    checker = _Checker(Faults(file), line)
    design = checker.design(value)
    findings = checker.faults.findings
    return (None if errors_of(findings) else design), findings


def stratum_take(stage: Stage, stratum: str) -> int | None:
    """Return the take that the design itself names for a stratum, before any allocation."""
    if isinstance(stage.take, Mapping):
        return stage.take.get(stratum)
    return stage.take if stage.allocation == "fixed" else None


def column_size(unit: FrameUnit, column: str) -> int | None:
    """Return the whole positive number in a unit's column, or ``None``."""
    text = unit.cells.get(column, "")
    return int(text) if text.isascii() and text.isdecimal() and 0 < int(text) <= 10**9 else None


def check_stratum(
    stage: Stage, stratum: str, units: tuple[FrameUnit, ...], take: int, faults: Faults
) -> None:
    """Note where a take does not fit its stratum, by how much, and the nearest that does."""
    certain = sum(stage.is_certain(unit) for unit in units)
    held = len(units)
    if take > held:
        faults.add(
            "design-take-above-stratum",
            Words(
                f"Tầng “{stratum}” có {held} đơn vị, giai đoạn 1 lấy {take}: thừa {take - held}.",
                f"The stratum '{stratum}' holds {held} units, but stage 1 draws {take} from it: "
                f"{take - held} too many.",
            ),
            Words(
                f"Lấy nhiều nhất {held}, hoặc gộp với tầng bên cạnh.",
                f"Set its take to at most {held}, or merge it with a neighbour.",
            ),
            path="stages[0].take",
        )
        return
    if take < certain:
        faults.add(
            "design-take-below-certainty",
            Words(
                f"Tầng “{stratum}” có {certain} đơn vị chọn chắc chắn, số lấy là {take}.",
                f"The stratum '{stratum}' has {certain} units taken with certainty, but its "
                f"take is {take}.",
            ),
            Words(f"Lấy ít nhất {certain}.", f"Set its take to at least {certain}."),
            path="stages[0].take",
        )
        return
    rest = [unit for unit in units if not stage.is_certain(unit)]
    if stage.method == "pps_systematic" and take - certain < len(rest):
        _check_probabilities(stage, stratum, rest, take - certain, faults)
    if take - certain == 1 and len(rest) > 1:
        faults.add(
            "design-lonely-unit",
            Words(
                f"Tầng “{stratum}” chỉ chọn một trong {len(rest)} đơn vị.",
                f"Only one of the {len(rest)} units of the stratum '{stratum}' is drawn, so "
                "its sampling error cannot be estimated.",
            ),
            Words("Lấy từ 2 trở lên hoặc gộp tầng.", "Draw at least 2, or merge the stratum."),
            path="stages[0].take",
            severity="warning",
        )


def _required(checked: tuple[SampleDesign | None, list[Finding]]) -> SampleDesign:
    design, findings = checked
    if design is None:
        raise DesignError(findings)
    return design


def _check_probabilities(
    stage: Stage, stratum: str, rest: list[FrameUnit], take: int, faults: Faults
) -> None:
    sizes = {unit.unit_id: column_size(unit, stage.size) or 1 for unit in rest}
    total = sum(sizes.values())
    above = [name for name, size in sizes.items() if size * take > total]
    if not above:
        return
    largest = max(sizes.values())
    nearest = total // largest
    excess = largest * take / total
    faults.add(
        "design-probability-above-one",
        Words(
            f"Tầng “{stratum}”, lấy {take}: xác suất của {', '.join(above)} lên tới "
            f"{excess:.3f}; các đơn vị này được chọn chắc chắn.",
            f"With a take of {take} in the stratum '{stratum}' the probability of "
            f"{', '.join(above)} would reach {excess:.3f}; they are taken with certainty.",
        ),
        Words(
            f"Nếu không muốn, lấy nhiều nhất {nearest}.",
            f"If that is not meant, set the take to at most {nearest}.",
        ),
        path="stages[0].take",
        severity="warning",
    )


def _check_named_frame(design: SampleDesign, frame: Frame, faults: Faults) -> None:
    named = design.frame.lower()
    if len(named) == 64 and all(c in "0123456789abcdef" for c in named) and named != frame.sha256:
        faults.add(
            "design-frame-differs",
            Words(
                f"Thiết kế dành cho khung {named[:12]}…, khung này là {frame.sha256[:12]}….",
                f"The design was made for the frame {named[:12]}…, this one is "
                f"{frame.sha256[:12]}….",
            ),
            Words("Dùng đúng khung đã công bố.", "Use the frame that was published."),
            path="frame",
        )


def _check_columns(design: SampleDesign, frame: Frame, faults: Faults) -> None:
    first = design.stages[0]
    wanted: list[tuple[Place, str]] = [(("stages", 0, "strata"), first.strata)]
    wanted += [(("stages", 0, "sort"), column) for column in first.sort]
    if first.method == "pps_systematic":
        wanted.append((("stages", 0, "size"), first.size))
    if len(design.stages) > 1:
        wanted.append((("stages", 1, "size"), design.stages[1].size))
    missing = {column for _, column in wanted if column not in frame.columns}
    for place, column in wanted:
        if column in missing:
            faults.add(
                "design-column-missing",
                Words(f"Khung không có cột “{column}”.", f"The frame has no column '{column}'."),
                Words(
                    f"Các cột có: {', '.join(frame.columns)}.",
                    f"It has: {', '.join(frame.columns)}.",
                ),
                path=path_text(place),
            )
    for number, stage in enumerate(design.stages):
        measured = number == 1 or stage.method == "pps_systematic"
        if not measured or stage.size in missing:
            continue
        for unit in frame.units:
            if column_size(unit, stage.size) is None:
                faults.add(
                    "design-size-not-whole",
                    Words(
                        f"Đơn vị {unit.unit_id}: cột {stage.size} không phải số nguyên dương.",
                        f"The column '{stage.size}' of the unit {unit.unit_id} holds no whole "
                        "positive number.",
                    ),
                    Words("Sửa khung mẫu.", "Mend the frame."),
                    column=stage.size,
                    path=f"stages[{number}].size",
                )


def _check_takes(design: SampleDesign, frame: Frame, faults: Faults) -> None:
    stage = design.stages[0]
    strata = design.strata_of(frame)
    if isinstance(stage.take, Mapping):
        for stratum in stage.take:
            if stratum not in strata:
                faults.add(
                    "design-stratum-unknown",
                    Words(
                        f"Khung không có tầng “{stratum}”.",
                        f"The frame has no stratum '{stratum}'.",
                    ),
                    Words(f"Các tầng: {', '.join(strata)}.", f"It has: {', '.join(strata)}."),
                    path=f"stages[0].take.{stratum}",
                )
    for unit_id in () if isinstance(stage.certainty, str) else stage.certainty:
        if unit_id not in frame.by_id:
            faults.add(
                "design-certainty-unknown",
                Words(f"Khung không có đơn vị “{unit_id}”.", f"The frame has no unit '{unit_id}'."),
                Words("Sửa mã hoặc bỏ đi.", "Mend the id or leave it out."),
                path="stages[0].certainty",
            )
    for stratum, units in strata.items():
        if all(stage.is_certain(unit) for unit in units):
            continue
        take = stratum_take(stage, stratum)
        if take is not None:
            check_stratum(stage, stratum, units, take, faults)
        elif stage.allocation == "fixed":
            faults.add(
                "design-stratum-without-take",
                Words(
                    f"Tầng “{stratum}” ({len(units)} đơn vị) không có số lấy.",
                    f"The stratum '{stratum}' ({len(units)} units) has no take, so nobody in "
                    "it could be drawn.",
                ),
                Words(f"Ghi số từ 1 đến {len(units)}.", f"Give it a take of 1 to {len(units)}."),
                path="stages[0].take",
            )
    if len(design.stages) > 1:
        _check_lists(design, frame, faults)


def _check_lists(design: SampleDesign, frame: Frame, faults: Faults) -> None:
    """Note units whose list of persons is shorter than what stage 2 takes from it."""
    stage = design.stages[1]
    if stage.method == "every_kth" or not isinstance(stage.take, int):
        return
    for unit in frame.units:
        held = column_size(unit, stage.size) or 0
        if held < stage.take:
            faults.add(
                "design-take-above-list",
                Words(
                    f"{unit.unit_name} ({unit.unit_id}) có {held} {stage.size}, giai đoạn 2 lấy "
                    f"{stage.take}: thừa {stage.take - held}.",
                    f"{unit.unit_name} ({unit.unit_id}) lists {held} under '{stage.size}', but "
                    f"stage 2 draws {stage.take}: {stage.take - held} too many.",
                ),
                Words(
                    f"Lấy nhiều nhất {held}, hoặc gộp đơn vị.",
                    f"Set the take to at most {held}, or merge the unit with a neighbour.",
                ),
                path="stages[1].take",
            )


class _Checker:
    """Turns plain values into a design and notes every fault on the way."""

    def __init__(self, faults: Faults, line: object) -> None:
        self.faults = faults
        self._line = line

    def design(self, value: object) -> SampleDesign | None:
        if not isinstance(value, Mapping):
            self._fault(
                "design-not-a-mapping",
                Words("Thiết kế phải gồm các khóa và giá trị.", "A design is keys with values."),
                Words("Bắt đầu bằng “version: 1”.", "Begin with 'version: 1'."),
                (),
            )
            return None
        self._unknown_keys(value, _KEYS, ())
        version = value.get("version")
        if version not in (VERSION, str(VERSION)) or isinstance(version, bool):
            self._fault(
                "design-version-unknown",
                Words(f"Không hiểu phiên bản {version!r}.", f"The version {version!r} is unknown."),
                Words(f"Ghi “version: {VERSION}”.", f"Write 'version: {VERSION}'."),
                ("version",),
            )
        stages = self._stages(value.get("stages"))
        reserves = self._reserves(value.get("reserves"), stages)
        targets = self._numbers(value, "targets", tuple(DEFAULT_TARGETS), 1.0)
        costs = self._numbers(value, "costs", _COSTS, 1e12)
        texts = {key: self._text(value, key) for key in ("name", "frame", "instrument")}
        policy = self._text(value, "seed_policy")
        if errors_of(self.faults.findings):
            return None
        return SampleDesign(
            stages=tuple(stages),
            name=texts["name"] or "design",
            frame=texts["frame"],
            instrument=texts["instrument"],
            reserves=reserves,
            targets=targets,
            costs=costs,
            seed_policy=policy,
        )

    def _stages(self, value: object) -> list[Stage]:
        if not isinstance(value, list | tuple) or not value:
            self._fault(
                "design-stages-missing",
                Words("Thiết kế chưa có giai đoạn nào.", "The design has no stage."),
                Words("Liệt kê dưới khóa stages.", "List one or two under 'stages'."),
                ("stages",),
            )
            return []
        if len(value) > 2:
            self._fault(
                "design-stages-too-many",
                Words(f"Thiết kế có {len(value)} giai đoạn.", f"There are {len(value)} stages."),
                Words("Tối đa 2 giai đoạn.", "At most two are carried out."),
                ("stages",),
            )
        stages = [self._stage(stage, place) for place, stage in enumerate(value[:2])]
        return [stage for stage in stages if stage is not None]

    def _stage(self, value: object, place: int) -> Stage | None:
        path: Place = ("stages", place)
        if not isinstance(value, Mapping):
            self._fault(
                "design-stage-not-a-mapping",
                Words("Giai đoạn phải gồm khóa và giá trị.", "A stage is keys with values."),
                Words("Ví dụ: unit, method, take.", "Such as: unit, method, take."),
                path,
            )
            return None
        self._unknown_keys(value, _STAGE_KEYS, path)
        unit = value.get("unit")
        if not isinstance(unit, str) or not ID_PATTERN.match(unit):
            self._fault(
                "design-unit-invalid",
                Words(f"Đơn vị {unit!r} không hợp lệ.", f"{unit!r} does not name what is drawn."),
                Words("Ví dụ: commune, person.", "Such as: commune, person, counter, visit."),
                (*path, "unit"),
            )
            unit = "unit"
        certainty = self._certainty(value.get("certainty"), path)
        methods = METHODS_WITHIN if place else METHODS
        method = value.get("method", "srs" if certainty == "all" else None)
        if method not in methods:
            self._fault(
                "design-method-unknown",
                Words(f"Không hiểu phương pháp {method!r}.", f"The method {method!r} is unknown."),
                Words(f"Dùng: {', '.join(methods)}.", f"Here one of: {', '.join(methods)}."),
                (*path, "method"),
            )
        allocation = value.get("allocation") or "fixed"
        if allocation not in ALLOCATIONS or (place and allocation != "fixed"):
            self._fault(
                "design-allocation-unknown",
                Words(f"Không hiểu phân bổ {allocation!r}.", f"{allocation!r} is no allocation."),
                Words(
                    f"Dùng: {', '.join(ALLOCATIONS)} (giai đoạn 1).",
                    f"Stage 1 knows: {', '.join(ALLOCATIONS)}.",
                ),
                (*path, "allocation"),
            )
        return Stage(
            unit=unit,
            method=str(method),
            take=self._take(value, place, certainty, str(allocation)),
            strata=self._column(value, "strata", "stratum", path),
            allocation=str(allocation),
            size=self._column(value, "size", "size", path),
            sort=self._sort(value.get("sort"), path),
            certainty=certainty,
        )

    def _take(
        self, value: Mapping[str, object], place: int, certainty: object, allocation: str
    ) -> int | dict[str, int] | None:
        path: Place = ("stages", place, "take")
        take = value.get("take")
        if take is None:
            if place or certainty != "all":
                self._fault(
                    "design-take-missing",
                    Words("Chưa có số lấy.", "The stage has no take."),
                    Words("Ghi số hoặc số theo tầng.", "Give a number, or one for each stratum."),
                    path,
                )
            return None
        if isinstance(take, Mapping) and not place and allocation == "fixed":
            takes = {
                str(stratum): self._count(number, (*path, str(stratum)), "design-take-invalid", 1)
                for stratum, number in take.items()
            }
            return dict(sorted(takes.items()))
        return self._count(take, path, "design-take-invalid", 1)

    def _certainty(self, value: object, path: Place) -> tuple[str, ...] | str:
        if value is None:
            return ()
        if value == "all":
            return "all"
        if isinstance(value, list | tuple) and (path[1] == 0 or not value):
            plain = all(isinstance(item, str | int) for item in value)
            ids = sorted({str(item) for item in value})
            if plain and all(ID_PATTERN.match(name) for name in ids):
                return tuple(ids)
        self._fault(
            "design-certainty-invalid",
            Words("Danh sách chọn chắc chắn không hợp lệ.", "The certainties are not unit ids."),
            Words(
                "Ghi “all” hoặc danh sách mã trong dấu nháy (giai đoạn 1).",
                "In stage 1, write 'all' or a list of quoted ids.",
            ),
            (*path, "certainty"),
        )
        return ()

    def _sort(self, value: object, path: Place) -> tuple[str, ...]:
        listed = [value] if isinstance(value, str) else value
        if listed is None:
            return ()
        if isinstance(listed, list | tuple) and all(isinstance(item, str) for item in listed):
            return tuple(str(item) for item in listed)
        self._fault(
            "design-sort-invalid",
            Words("“sort” phải là tên cột.", "'sort' must name columns of the frame."),
            Words("Ví dụ: [lat, lon].", "Such as: [lat, lon]."),
            (*path, "sort"),
        )
        return ()

    def _column(self, value: Mapping[str, object], key: str, default: str, path: Place) -> str:
        column = value.get(key)
        if column is None:
            return default
        if isinstance(column, str) and column and not forbidden_character(column):
            return normalized(column)
        self._fault(
            "design-column-invalid",
            Words(f"“{key}” phải là tên cột.", f"'{key}' must name a column of the frame."),
            Words(f"Mặc định: {default}.", f"Leave it out for '{default}'."),
            (*path, key),
        )
        return default

    def _reserves(self, value: object, stages: list[Stage]) -> dict[str, int]:
        if value is None or not stages:
            return {}
        if isinstance(value, int) and not isinstance(value, bool):
            value = {stages[-1].unit: value}
        units = [stage.unit for stage in stages]
        if not isinstance(value, Mapping) or any(key not in units for key in value):
            self._fault(
                "design-reserves-invalid",
                Words("Số dự phòng không hợp lệ.", "The reserves do not name stages."),
                Words(
                    f"Ghi số, hoặc số theo: {', '.join(units)}.",
                    f"Give a number, or one for each of: {', '.join(units)}.",
                ),
                ("reserves",),
            )
            return {}
        return {
            str(key): self._count(number, ("reserves", str(key)), "design-reserves-invalid", 0)
            for key, number in sorted(value.items())
        }

    def _numbers(
        self, mapping: Mapping[str, object], key: str, known: tuple[str, ...], most: float
    ) -> dict[str, float]:
        value = mapping.get(key)
        if value is None:
            return {}
        code = f"design-{key}-invalid"
        advice = Words(
            f"Các khóa: {', '.join(known)}; số từ 0 đến {most:g}.",
            f"It knows {', '.join(known)}: numbers from 0 to {most:g}.",
        )
        wrong = Words(f"Khóa “{key}” không hợp lệ.", f"'{key}' is not understood.")
        if not isinstance(value, Mapping):
            self._fault(code, wrong, advice, (key,))
            return {}
        numbers: dict[str, float] = {}
        for name, number in sorted(value.items()):
            open_ended = key == "targets" and name in ("share", "level", "response")
            if (
                name not in known
                or isinstance(number, bool)
                or not isinstance(number, int | float)
                or not math.isfinite(number)
                or not 0 <= number <= most
                or (open_ended and number == 0)
                or (key == "targets" and name in ("share", "level") and number == 1)
            ):
                self._fault(code, wrong, advice, (key, str(name)))
            else:
                numbers[str(name)] = float(number)
        return numbers

    def _text(self, mapping: Mapping[str, object], key: str) -> str:
        value = mapping.get(key)
        if value is None:
            return ""
        text = normalized(str(value)).strip()
        if isinstance(value, Mapping | list) or len(text) > 1000 or forbidden_character(text):
            self._fault(
                "design-text-invalid",
                Words(f"“{key}” phải là một câu ngắn.", f"'{key}' must be a short text."),
                Words("Viết lại.", "Write it anew."),
                (key,),
            )
            return ""
        return text

    def _count(self, value: object, path: Place, code: str, least: int) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= MAX_TAKE:
            return value
        self._fault(
            code,
            Words(
                f"{value!r} không phải số nguyên từ {least}.",
                f"{value!r} is not a whole number of at least {least}.",
            ),
            Words(f"Ghi số từ {least} đến {MAX_TAKE}.", f"Write {least} to {MAX_TAKE}."),
            path,
        )
        return least

    def _unknown_keys(
        self, mapping: Mapping[str, object], known: tuple[str, ...], path: Place
    ) -> None:
        for key in mapping:
            if key not in known:
                self._fault(
                    "design-key-unknown",
                    Words(f"Không hiểu khóa “{key}”.", f"The key '{key}' is unknown."),
                    Words(f"Các khóa: {', '.join(known)}.", f"Known are: {', '.join(known)}."),
                    (*path, str(key)),
                )

    def _fault(self, code: str, message: Words, advice: Words, path: Place) -> None:
        row = self._line(path) if callable(self._line) else None
        self.faults.add(code, message, advice, row=row, path=path_text(path) or None)
