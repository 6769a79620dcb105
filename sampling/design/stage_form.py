"""How one stage of a design may be written, and what each of its keys may hold."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from intake.findings import Words
from intake.text import ID_PATTERN
from sampling.design.entries import Entries, Place
from sampling.design.stages import (
    ALLOCATIONS,
    AT_A_RATE,
    COORDINATED,
    METHODS,
    METHODS_OF_PERSONS,
    METHODS_WITHIN,
    Coordination,
    Stage,
)

STAGE_KEYS = (
    *("unit", "id", "strata", "allocation", "sharing", "take", "rate", "short", "method", "size"),
    *("sort", "serpentine", "balance", "spread", "certainty", "coordination", "per_stratum"),
)
_OF_A_STRATUM = ("method", "take", "rate", "size", "sort", "serpentine", "balance", "spread")
_SEED = re.compile(r"[0-9a-f]{64}")


class StageForm:
    """Reads stages; ``entries`` collects what is wrong with them."""

    def __init__(self, entries: Entries) -> None:
        self.entries = entries

    def stage(self, value: object, place: int, path: Place = ()) -> Stage | None:
        """Return the stage that a mapping describes; place 0 is the first stage."""
        path = path or ("stages", place)
        if not isinstance(value, Mapping):
            self.entries.fault(
                "design-stage-not-a-mapping",
                Words("Giai đoạn phải gồm khóa và giá trị.", "A stage is keys with values."),
                Words("Ví dụ: unit, method, take.", "Such as: unit, method, take."),
                path,
            )
            return None
        self.entries.unknown_keys(value, STAGE_KEYS, path)
        certainty = self._certainty(value.get("certainty"), place, path)
        area = place == 0 or bool(value.get("id"))
        method = self._method(
            value.get("method", "srs" if certainty == "all" else None), area, path
        )
        allocation = self._allocation(value.get("allocation") or "fixed", place, path)
        rate = self._rate(value.get("rate"), method, path)
        return Stage(
            unit=self._unit(value.get("unit"), path),
            method=method,
            take=self._take(value, place, allocation, path),
            strata=self.entries.column(value, "strata", "stratum", path),
            allocation=allocation,
            size=self.entries.column(value, "size", "size", path),
            sort=self.entries.columns(value, "sort", path),
            certainty=certainty,
            id=self.entries.column(value, "id", "", path),
            rate=rate,
            short=self._short(value.get("short"), place, path),
            serpentine=self._flag(value.get("serpentine"), (*path, "serpentine")),
            balance=self.entries.columns(value, "balance", path),
            spread=self.entries.columns(value, "spread", path),
            sharing=self._sharing(value.get("sharing"), allocation, path),
            coordination=self._coordination(value.get("coordination"), method, path),
            per_stratum=self._per_stratum(value, place, path),
        )

    def _unit(self, unit: object, path: Place) -> str:
        if isinstance(unit, str) and ID_PATTERN.fullmatch(unit):
            return unit
        self.entries.fault(
            "design-unit-invalid",
            Words(f"Đơn vị {unit!r} không hợp lệ.", f"{unit!r} does not name what is drawn."),
            Words("Ví dụ: commune, person.", "Such as: commune, person, counter, visit."),
            (*path, "unit"),
        )
        return "unit"

    def _method(self, method: object, area: bool, path: Place) -> str:
        methods = METHODS if area else (*METHODS_WITHIN, *METHODS_OF_PERSONS)
        if method not in methods:
            self.entries.fault(
                "design-method-unknown",
                Words(f"Không hiểu phương pháp {method!r}.", f"The method {method!r} is unknown."),
                Words(f"Dùng: {', '.join(methods)}.", f"Here one of: {', '.join(methods)}."),
                (*path, "method"),
            )
        return str(method)

    def _allocation(self, allocation: object, place: int, path: Place) -> str:
        if allocation not in ALLOCATIONS or (place and allocation != "fixed"):
            self.entries.fault(
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
        self, value: Mapping[str, object], place: int, allocation: str, path: Place
    ) -> int | dict[str, int] | None:
        take, where = value.get("take"), (*path, "take")
        given = [key for key in ("take", "rate") if value.get(key) is not None]
        person = value.get("method") in METHODS_OF_PERSONS
        if len(given) > 1:
            self.entries.fault(
                "design-take-and-rate",
                Words("Ghi cả số lấy và tỷ lệ lấy.", "The stage gives both a take and a rate."),
                Words("Chỉ ghi một trong hai.", "Keep one of them."),
                where,
            )
        if take is None:
            certain = place == 0 and value.get("certainty") == "all"
            if not (given or certain or person or value.get("per_stratum")):
                self.entries.fault(
                    "design-take-missing",
                    Words("Chưa có số lấy.", "The stage has no take."),
                    Words("Ghi số hoặc số theo tầng.", "Give a number, or one for each stratum."),
                    where,
                )
            return None
        if isinstance(take, Mapping) and allocation == "fixed":
            takes = {
                str(stratum): self.entries.count(
                    number, (*where, str(stratum)), "design-take-invalid", 1
                )
                for stratum, number in take.items()
            }
            return dict(sorted(takes.items()))
        return self.entries.count(take, where, "design-take-invalid", 1)

    def _rate(self, rate: object, method: str, path: Place) -> float | None:
        if rate is None:
            return None
        number = isinstance(rate, int | float) and not isinstance(rate, bool)
        if number and 0 < float(str(rate)) <= 1 and method in AT_A_RATE:
            return float(str(rate))
        self.entries.fault(
            "design-rate-invalid",
            Words(
                f"Tỷ lệ lấy {rate!r} không dùng được với “{method}”.",
                f"The rate {rate!r} cannot be used with '{method}'.",
            ),
            Words(
                f"Ghi số trên 0, không quá 1, với: {', '.join(AT_A_RATE)}.",
                f"Write a number above 0, at most 1, with: {', '.join(AT_A_RATE)}.",
            ),
            (*path, "rate"),
        )
        return None

    def _short(self, short: object, place: int, path: Place) -> str:
        if short is None or (short == "all" and place):
            return str(short or "")
        self.entries.fault(
            "design-short-invalid",
            Words(f"“short: {short!r}” không hợp lệ.", f"'short: {short!r}' is not understood."),
            Words(
                "Từ giai đoạn 2, ghi “short: all” để lấy hết danh sách ngắn hơn số lấy.",
                "From stage 2 on, write 'short: all' to take the whole of a list that is "
                "shorter than the take.",
            ),
            (*path, "short"),
        )
        return ""

    def _certainty(self, value: object, place: int, path: Place) -> tuple[str, ...] | str:
        if value is None:
            return ()
        if value == "all":
            return "all"
        if isinstance(value, list | tuple) and (place == 0 or not value):
            plain = all(isinstance(item, str | int) for item in value)
            ids = sorted({str(item) for item in value})
            if plain and all(ID_PATTERN.fullmatch(name) for name in ids):
                return tuple(ids)
        self.entries.fault(
            "design-certainty-invalid",
            Words("Danh sách chọn chắc chắn không hợp lệ.", "The certainties are not unit ids."),
            Words(
                "Ghi “all” hoặc danh sách mã trong dấu nháy (giai đoạn 1).",
                "In stage 1, write 'all' or a list of quoted ids.",
            ),
            (*path, "certainty"),
        )
        return ()

    def _flag(self, value: object, path: Place) -> bool:
        if value is None or isinstance(value, bool):
            return bool(value)
        self.entries.fault(
            "design-flag-invalid",
            Words(f"{value!r} không phải true hay false.", f"{value!r} is neither true nor false."),
            Words("Ghi true hoặc bỏ đi.", "Write true, or leave it out."),
            path,
        )
        return False

    def _sharing(self, value: object, allocation: str, path: Place) -> dict[str, object]:
        """Return what an allocation needs: floor, cap, exponent, sds by stratum."""
        if value is None:
            return {}
        known = {"floor", "cap", "exponent", "sds"}
        plain = isinstance(value, Mapping) and set(value) <= known and allocation != "fixed"
        if plain and isinstance(value, Mapping):
            sds = value.get("sds") or {}
            numbers = [one for key, one in value.items() if key != "sds"]
            if isinstance(sds, Mapping):
                numbers += list(sds.values())
                if all(_is_number(one) and one >= 0 for one in numbers):
                    return {str(key): value[key] for key in sorted(value)}
        self.entries.fault(
            "design-sharing-invalid",
            Words("“sharing” không hợp lệ.", "'sharing' is not understood."),
            Words(
                "Ghi floor, cap, exponent hoặc sds theo tầng, cùng với allocation.",
                "Beside an allocation, write floor, cap, exponent, or sds by stratum.",
            ),
            (*path, "sharing"),
        )
        return {}

    def _coordination(self, value: object, method: str, path: Place) -> Coordination | None:
        if value is None:
            return None
        if isinstance(value, Mapping) and set(value) <= {"seed", "shift"}:
            seed, shift = value.get("seed"), value.get("shift", 0.0)
            if (
                isinstance(seed, str)
                and _SEED.fullmatch(seed)
                and _is_number(shift)
                and 0 <= float(str(shift)) < 1
                and method in COORDINATED
            ):
                return Coordination(seed, float(str(shift)))
        self.entries.fault(
            "design-coordination-invalid",
            Words("“coordination” không hợp lệ.", "'coordination' is not understood."),
            Words(
                "Ghi seed (64 ký tự của lần chọn trước) và shift từ 0 đến dưới 1, với: "
                f"{', '.join(COORDINATED)}.",
                "Write seed (64 characters, of the earlier draw) and a shift of 0 up to 1, with: "
                f"{', '.join(COORDINATED)}.",
            ),
            (*path, "coordination"),
        )
        return None

    def _per_stratum(
        self, value: Mapping[str, object], place: int, path: Place
    ) -> dict[str, Stage]:
        given = value.get("per_stratum")
        if given is None:
            return {}
        where = (*path, "per_stratum")
        if not isinstance(given, Mapping):
            self.entries.fault(
                "design-per-stratum-invalid",
                Words("“per_stratum” phải theo tầng.", "'per_stratum' must name strata."),
                Words("Ví dụ: {rural: {method: srs}}.", "Such as: {rural: {method: srs}}."),
                where,
            )
            return {}
        found: dict[str, Stage] = {}
        for stratum, other in sorted(given.items()):
            here = (*where, str(stratum))
            if not isinstance(other, Mapping):
                self.stage(other, place, here)
                continue
            self.entries.unknown_keys(other, _OF_A_STRATUM, here)
            stage = self.stage(_merged(value, other), place, here)
            if stage is not None:
                found[str(stratum)] = stage
        return found


def _merged(value: Mapping[str, object], other: Mapping[str, object]) -> dict[str, object]:
    base = {key: one for key, one in value.items() if key != "per_stratum"}
    if other.get("take") is not None or other.get("rate") is not None:
        base = {
            key: one
            for key, one in base.items()
            if key not in ("take", "rate", "allocation", "sharing")
        }
    known = {key: one for key, one in other.items() if key in _OF_A_STRATUM}
    return {**base, **known}


def _is_number(value: object) -> bool:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return number and math.isfinite(float(str(value)))
