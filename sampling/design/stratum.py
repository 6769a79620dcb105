"""How a take fits its stratum: by how much it does not, and the nearest that does."""

from __future__ import annotations

from intake.findings import Faults, Words
from sampling.design.stages import Stage, column_size
from sampling.frame import FrameUnit


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
    if rest and take == certain:
        faults.add(
            "design-units-without-chance",
            Words(
                f"Tầng “{stratum}”: {certain} đơn vị chọn chắc chắn chiếm hết số lấy {take}, "
                f"{len(rest)} đơn vị còn lại không thể được chọn.",
                f"In the stratum '{stratum}' the {certain} units taken with certainty use up the "
                f"take of {take}: its other {len(rest)} units could never be drawn.",
            ),
            Words(
                f"Lấy ít nhất {certain + 1}; từ {min(held, certain + 2)} trở lên thì ước lượng "
                "được sai số.",
                f"Set its take to at least {certain + 1}; {min(held, certain + 2)} or more lets "
                "its sampling error be estimated.",
            ),
            path="stages[0].take",
        )
        return
    if stage.by_size and take - certain < len(rest):
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


def _check_probabilities(
    stage: Stage, stratum: str, rest: list[FrameUnit], take: int, faults: Faults
) -> None:
    held = [column_size(unit, stage.size) for unit in rest]
    sizes = [size for size in held if size is not None]
    if len(sizes) < len(rest):  # a fault of its own: no probability is known
        return
    total, largest = sum(sizes), max(sizes)
    if largest * take <= total:
        return
    sized = zip(rest, sizes, strict=True)
    above = [unit.unit_id for unit, size in sized if size * take > total]
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
