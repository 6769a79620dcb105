"""What a design may be written as: the keys of its form, and what each may hold."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TypedDict

from intake.documents import path_text
from intake.findings import Faults, Words, errors_of
from intake.text import ID_PATTERN, forbidden_character, normalized
from sampling.design.stages import ALLOCATIONS, METHODS, METHODS_WITHIN, Stage

VERSION = 1
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
Line = Callable[[Place], int | None]


class Parts(TypedDict):
    """The parts of a design, found to be right."""

    stages: tuple[Stage, ...]
    name: str
    frame: str
    instrument: str
    reserves: dict[str, int]
    targets: dict[str, float]
    costs: dict[str, float]
    seed_policy: str


class Form:
    """One design as it was written; every fault is noted while its parts are taken."""

    def __init__(self, faults: Faults, line: Line | None) -> None:
        self.faults = faults
        self._line = line

    def parts(self, value: object) -> Parts | None:
        """Return the parts of the design, or None where a finding is an error."""
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
        return Parts(
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
        method = self._method(value.get("method", "srs" if certainty == "all" else None), path)
        allocation = self._allocation(value.get("allocation") or "fixed", path)
        return Stage(
            unit=unit,
            method=method,
            take=self._take(value, place, certainty, allocation),
            strata=self._column(value, "strata", "stratum", path),
            allocation=allocation,
            size=self._column(value, "size", "size", path),
            sort=self._sort(value.get("sort"), path),
            certainty=certainty,
        )

    def _method(self, method: object, path: Place) -> str:
        methods = METHODS_WITHIN if path[1] else METHODS
        if method not in methods:
            self._fault(
                "design-method-unknown",
                Words(f"Không hiểu phương pháp {method!r}.", f"The method {method!r} is unknown."),
                Words(f"Dùng: {', '.join(methods)}.", f"Here one of: {', '.join(methods)}."),
                (*path, "method"),
            )
        return str(method)

    def _allocation(self, allocation: object, path: Place) -> str:
        if allocation not in ALLOCATIONS or (path[1] and allocation != "fixed"):
            self._fault(
                "design-allocation-unknown",
                Words(f"Không hiểu phân bổ {allocation!r}.", f"{allocation!r} is no allocation."),
                Words(
                    f"Dùng: {', '.join(ALLOCATIONS)} (giai đoạn 1).",
                    f"Stage 1 knows: {', '.join(ALLOCATIONS)}.",
                ),
                (*path, "allocation"),
            )
        return str(allocation)

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
        row = self._line(path) if self._line else None
        self.faults.add(code, message, advice, row=row, path=path_text(path) or None)
