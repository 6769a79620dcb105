"""What a design does, stage by stage, in sentences that a witness can read."""

from __future__ import annotations

from collections.abc import Mapping

from sampling.design.stages import BY_SIZE, EQUAL, METHODS_OF_PERSONS
from sampling.minutes.figures import decimal, whole
from sampling.minutes.papers import shown
from sampling.minutes.terms import ALLOCATIONS, METHODS, UNITS, term

_LONGEST_LIST = 30


def stage_sentences(design: Mapping[str, object], lang: str) -> list[str]:
    """Return one sentence for each stage of a design given as plain values."""
    stages = design.get("stages")
    held = [one for one in stages if isinstance(one, Mapping)] if isinstance(stages, list) else []
    reserves = design.get("reserves")
    spare = reserves if isinstance(reserves, Mapping) else {}
    return [
        _sentence(number, stage, spare.get(stage.get("unit")), lang)
        for number, stage in enumerate(held, start=1)
    ]


def _sentence(number: int, stage: Mapping[str, object], reserve: object, lang: str) -> str:
    said = _EN if lang == "en" else _VI
    unit = shown(term(UNITS, stage.get("unit"), lang))
    if stage.get("certainty") == "all":
        parts = [said["all"].format(unit=unit)]
    else:
        parts = [shown(term(METHODS, stage.get("method"), lang))]
    parts += _size(number, stage, said)
    if number == 1 and stage.get("strata"):
        parts.append(said["strata"].format(column=shown(stage["strata"])))
    parts += _how_many(number, stage, said, lang)
    parts += [
        said[key].format(value=_listed(stage[key], said))
        for key in ("sort", "certainty", "balance", "spread", "id")
        if stage.get(key) and stage.get("certainty") != "all"
    ]
    parts += [said[key] for key in ("serpentine",) if stage.get(key)]
    own = stage.get("per_stratum")
    if isinstance(own, Mapping) and own:
        parts.append(said["per_stratum"].format(value=_own_designs(own, lang)))
    coordination = stage.get("coordination")
    if isinstance(coordination, Mapping):
        seed, shift = shown(coordination.get("seed")), shown(coordination.get("shift", 0))
        parts.append(said["coordination"].format(seed=seed[:16], shift=shift))
    if isinstance(reserve, int) and reserve:
        key = "reserve" if number == 1 else "reserve_within"
        parts.append(said[key].format(count=whole(reserve, lang)))
    return said["stage"].format(number=number, unit=unit) + "; ".join(parts) + "."


def _size(number: int, stage: Mapping[str, object], said: Mapping[str, str]) -> list[str]:
    """Return what the size column is for: probabilities, or the length of a list."""
    method, column = str(stage.get("method")), shown(stage.get("size") or "")
    if not column or stage.get("certainty") == "all" or method in METHODS_OF_PERSONS:
        return []
    if method in BY_SIZE:
        return [said["equal"] if column == EQUAL else said["size"].format(column=column)]
    return [said["list"].format(column=column)] if number > 1 and not stage.get("id") else []


def _how_many(
    number: int, stage: Mapping[str, object], said: Mapping[str, str], lang: str
) -> list[str]:
    """Return how many are taken: per stratum, in all, per drawn unit, or at what rate."""
    take, rate = stage.get("take"), stage.get("rate")
    allocation = str(stage.get("allocation") or "fixed")
    parts = []
    if isinstance(take, Mapping):
        total = sum(value for value in take.values() if isinstance(value, int))
        parts.append(said["takes"].format(count=whole(total, lang)))
    elif isinstance(take, int):
        key = "take_within" if number > 1 else "take_each" if allocation == "fixed" else "take_all"
        key = "take_kth" if stage.get("method") == "every_kth" else key
        parts.append(said[key].format(count=whole(take, lang)))
    if isinstance(rate, int | float):
        parts.append(said["rate"].format(value=decimal(100 * rate, 2, lang)))
    if allocation != "fixed":
        parts.append(shown(term(ALLOCATIONS, allocation, lang)))
    return parts


def _own_designs(own: Mapping[str, object], lang: str) -> str:
    told = []
    for stratum, design in own.items():
        method = design.get("method") if isinstance(design, Mapping) else None
        words = f" ({term(METHODS, method, lang)})" if method else ""
        told.append(shown(stratum) + shown(words and " " + words))
    return ", ".join(told)


def _listed(value: object, said: Mapping[str, str]) -> str:
    items = [shown(item) for item in value] if isinstance(value, list | tuple) else [shown(value)]
    more = len(items) - _LONGEST_LIST
    text = ", ".join(items[:_LONGEST_LIST])
    return f"{text} {said['more'].format(count=more)}" if more > 0 else text


_VI = {
    "stage": "Giai đoạn {number}, chọn {unit}: ",
    "all": "lấy toàn bộ {unit}",
    "size": "quy mô theo cột “{column}” của khung mẫu",
    "equal": "xác suất như nhau",
    "list": "danh sách dài theo cột “{column}” của khung mẫu",
    "strata": "phân tầng theo cột “{column}”",
    "takes": "số chọn ấn định cho từng tầng, tổng cộng {count}",
    "take_each": "mỗi tầng chọn {count}",
    "take_all": "tổng cộng chọn {count}",
    "take_within": "mỗi đơn vị được chọn lấy {count}",
    "take_kth": "dự kiến mỗi đơn vị lấy khoảng {count}",
    "rate": "tỷ lệ chọn cố định {value} %",
    "sort": "xếp thứ tự theo {value} trước khi chọn",
    "certainty": "chọn chắc chắn {value}",
    "balance": "cân bằng theo {value}",
    "spread": "trải đều theo tọa độ {value}",
    "id": "các dòng cùng giá trị ở cột {value} là một đơn vị",
    "serpentine": "xếp theo kiểu rắn bò (chiều đảo ở mỗi nhóm)",
    "per_stratum": "thiết kế riêng cho tầng {value}",
    "coordination": "phối hợp với lần chọn trước bằng số ngẫu nhiên cố định (hạt giống {seed}…, "
    "dịch {shift})",
    "reserve": "dự phòng {count} đơn vị mỗi tầng",
    "reserve_within": "dự phòng {count} trong mỗi đơn vị được chọn",
    "more": "và {count} đơn vị khác",
}
_EN = {
    "stage": "Stage {number}, {unit}: ",
    "all": "all {unit} are taken",
    "size": "size from the frame's column '{column}'",
    "equal": "equal probabilities",
    "list": "length of the lists from the frame's column '{column}'",
    "strata": "strata from the column '{column}'",
    "takes": "a number set for each stratum, {count} in all",
    "take_each": "{count} of each stratum",
    "take_all": "{count} in all",
    "take_within": "{count} of each drawn unit",
    "take_kth": "about {count} expected of each unit",
    "rate": "a fixed rate of {value} %",
    "sort": "sorted by {value} before the draw",
    "certainty": "taken with certainty: {value}",
    "balance": "balanced on {value}",
    "spread": "spread over the coordinates {value}",
    "id": "rows alike in the column {value} are one unit",
    "serpentine": "sorted in serpentine order",
    "per_stratum": "a design of its own for {value}",
    "coordination": "coordinated with an earlier draw by permanent random numbers (seed {seed}…, "
    "shift {shift})",
    "reserve": "{count} in reserve in each stratum",
    "reserve_within": "{count} in reserve in each drawn unit",
    "more": "and {count} more",
}
