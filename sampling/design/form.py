"""What a design may be written as: the keys of its form, and what each may hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypedDict

from intake.findings import Faults, Words, errors_of
from sampling.design.entries import Entries, Line
from sampling.design.plain import plain
from sampling.design.stage_form import StageForm
from sampling.design.stages import METHODS_OF_PERSONS, Stage

VERSION = 1
MAX_STAGES = 4
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
    "domains",
)
# Least, most, and whether the ends themselves are left out.
_TARGETS = {
    "share": (0.0, 1.0, True),
    "level": (0.0, 1.0, True),
    "rho": (0.0, 1.0, False),
    "response": (1e-9, 1.0, False),
    "eligible": (1e-9, 1.0, False),
    "relvariance": (0.0, 100.0, False),
    "spread": (0.0, 1.0, False),
    "margin": (0.0, 1.0, True),
    "domain_margin": (0.0, 1.0, True),
}
_MOST = 1e15
_COSTS = dict.fromkeys(
    ("fixed", "per_unit", "per_secondary", "per_interview", "budget"), (0.0, _MOST, False)
)


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
    domains: tuple[str, ...]


class Form:
    """One design as it was written; every fault is noted while its parts are taken."""

    def __init__(self, faults: Faults, line: Line | None) -> None:
        self.faults = faults
        self._entries = Entries(faults, line)

    def parts(self, value: object) -> Parts | None:
        """Return the parts of the design, or None where a finding is an error."""
        entries = self._entries
        value = plain(value, entries)
        if not isinstance(value, Mapping):
            entries.fault(
                "design-not-a-mapping",
                Words("Thiết kế phải gồm các khóa và giá trị.", "A design is keys with values."),
                Words("Bắt đầu bằng “version: 1”.", "Begin with 'version: 1'."),
                (),
            )
            return None
        entries.unknown_keys(value, _KEYS, ())
        self._check_version(value.get("version"))
        stages = self._stages(value.get("stages"))
        reserves = self._reserves(value.get("reserves"), stages)
        targets = entries.numbers(value, "targets", _TARGETS)
        costs = entries.numbers(value, "costs", _COSTS)
        texts = {key: entries.text(value, key) for key in ("name", "frame", "instrument")}
        policy = entries.text(value, "seed_policy")
        domains = entries.columns(value, "domains", ())
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
            domains=domains,
        )

    def _check_version(self, version: object) -> None:
        if version not in (VERSION, str(VERSION)) or isinstance(version, bool):
            self._entries.fault(
                "design-version-unknown",
                Words(f"Không hiểu phiên bản {version!r}.", f"The version {version!r} is unknown."),
                Words(f"Ghi “version: {VERSION}”.", f"Write 'version: {VERSION}'."),
                ("version",),
            )

    def _stages(self, value: object) -> list[Stage]:
        if not isinstance(value, list | tuple) or not value:
            self._entries.fault(
                "design-stages-missing",
                Words("Thiết kế chưa có giai đoạn nào.", "The design has no stage."),
                Words(
                    "Liệt kê từ một đến bốn giai đoạn dưới khóa stages.",
                    "List one to four under 'stages'.",
                ),
                ("stages",),
            )
            return []
        if len(value) > MAX_STAGES:
            self._entries.fault(
                "design-stages-too-many",
                Words(f"Thiết kế có {len(value)} giai đoạn.", f"There are {len(value)} stages."),
                Words(f"Tối đa {MAX_STAGES} giai đoạn.", f"At most {MAX_STAGES} are carried out."),
                ("stages",),
            )
        form = StageForm(self._entries)
        read = [form.stage(stage, place) for place, stage in enumerate(value[:MAX_STAGES])]
        stages = [stage for stage in read if stage is not None]
        if len(stages) == len(read):
            self._check_order(stages)
        return stages

    def _check_order(self, stages: list[Stage]) -> None:
        """Units of the frame come first, one list of them next, a person of it last."""
        seen: set[str] = set()
        lists = 0
        for place, stage in enumerate(stages):
            person = stage.method in METHODS_OF_PERSONS
            area = place == 0 or bool(stage.id)
            out_of_order = (area and lists > 0) or (person and lists != 1) or lists > 1
            if out_of_order or (not area and not person and lists):
                self._entries.fault(
                    "design-stages-out-of-order",
                    Words(
                        f"Giai đoạn “{stage.unit}” không đứng được ở vị trí {place + 1}.",
                        f"The stage '{stage.unit}' cannot stand in place {place + 1}.",
                    ),
                    Words(
                        "Trước hết các đơn vị của khung (khóa id), rồi một danh sách, cuối cùng "
                        "một người (kish hoặc birthday).",
                        "Units of the frame come first (key id), then one list, last a person "
                        "(kish or birthday).",
                    ),
                    ("stages", place),
                )
            lists += not area
            if stage.unit in seen:
                self._entries.fault(
                    "design-unit-repeated",
                    Words(
                        f"Hai giai đoạn cùng chọn “{stage.unit}”.",
                        f"Two stages draw '{stage.unit}'.",
                    ),
                    Words("Đặt tên khác.", "Give one of them another name."),
                    ("stages", place, "unit"),
                )
            seen.add(stage.unit)

    def _reserves(self, value: object, stages: list[Stage]) -> dict[str, int]:
        if value is None or not stages:
            return {}
        drawn = [stage.unit for stage in stages if stage.method not in METHODS_OF_PERSONS]
        if isinstance(value, int) and not isinstance(value, bool) and drawn:
            value = {drawn[-1]: value}
        if not isinstance(value, Mapping) or any(key not in drawn for key in value):
            self._entries.fault(
                "design-reserves-invalid",
                Words("Số dự phòng không hợp lệ.", "The reserves do not name stages."),
                Words(
                    f"Ghi số, hoặc số theo: {', '.join(drawn)}.",
                    f"Give a number, or one for each of: {', '.join(drawn)}.",
                ),
                ("reserves",),
            )
            return {}
        return {
            str(key): self._entries.count(
                number, ("reserves", str(key)), "design-reserves-invalid", 0
            )
            for key, number in sorted(value.items())
        }
