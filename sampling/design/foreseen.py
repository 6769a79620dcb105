"""Stages whose outcome is known before the draw, because an earlier seed decides it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.findings import Faults, Finding, Words

if TYPE_CHECKING:
    from sampling.design import SampleDesign


def check_foreseen(design: SampleDesign) -> list[Finding]:
    """Warn of stages with permanent random numbers: secret and public value change nothing.

    Whoever may choose the earlier seed or the shift chooses among samples, so both must have
    been published with the earlier draw.
    """
    faults = Faults()
    for number, stage in enumerate(design.stages):
        if stage.coordination is None:
            continue
        seed, shift = stage.coordination.seed, stage.coordination.shift
        faults.add(
            "design-outcome-foreseen",
            Words(
                f"Giai đoạn {number + 1} dùng số ngẫu nhiên của lần chọn trước (hạt giống "
                f"{seed[:16]}…, dịch {shift:g}): ai cũng tính được kết quả trước khi chọn, giá trị "
                "bí mật và giá trị công khai không thay đổi được.",
                f"Stage {number + 1} uses the random numbers of an earlier draw (seed "
                f"{seed[:16]}…, shift {shift:g}): anybody can work out its outcome beforehand; "
                "secret and public value do not change it.",
            ),
            Words(
                "So hạt giống với tệp draw.json đã công bố của lần trước, và công bố độ dịch "
                "cùng với lần trước.",
                "Compare the seed with the published draw.json of the earlier draw, and publish "
                "the shift together with that one.",
            ),
            path=f"stages[{number}].coordination",
            severity="warning",
        )
    return faults.findings
