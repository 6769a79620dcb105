"""Which columns of a table say how its rows were drawn.

Names are checked as they are given; what stands in the columns is left to the design.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.stages import Integers
from intake.findings import EstimationError


@dataclass(frozen=True)
class DesignColumns:
    """The columns that say how rows were drawn."""

    weights: str | None
    probabilities: tuple[str, ...]
    strata: tuple[str, ...]
    psu: tuple[str, ...]
    fpc: tuple[str, ...]

    def names(self) -> list[str]:
        """Return every column of the design, each once."""
        own = [self.weights] if self.weights else []
        together = [*self.strata, *self.psu, *self.fpc, *self.probabilities, *own]
        return list(dict.fromkeys(together))


def names_of(given: str | Sequence[str] | None) -> list[str]:
    """Return one name or several as a list; nothing as an empty one."""
    if given is None:
        return []
    names = [given] if isinstance(given, str) else given
    fine = isinstance(names, Sequence | np.ndarray | pd.Index) and len(names) > 0
    if not fine or not all(isinstance(name, str) for name in names):
        raise EstimationError.of(
            "names-unclear",
            f"{given!r} không phải tên cột.",
            f"{given!r} is no name of a column.",
            "Ghi một tên cột, hoặc một danh sách tên, mỗi giai đoạn một tên.",
            "Give the name of a column, or a list of names, one per stage.",
        )
    return list(names)


def one_name(given: str | Sequence[str] | None) -> str | None:
    """Return the one name that was given, or None."""
    names = names_of(given)
    if len(names) > 1:
        raise EstimationError.of(
            "names-unclear",
            f"Có nhiều cột trọng số: {', '.join(names)}.",
            f"There are several columns of weights: {', '.join(names)}.",
            "Ghi một cột; trọng số lặp thuộc về replicate.given.",
            "Give one column; replicate weights belong to replicate.given.",
        )
    return names[0] if names else None


def check_stages(strata: Sequence[str], psu: Sequence[str], fpc: Sequence[str]) -> None:
    """Refuse more columns of strata or corrections than there are stages."""
    if len(fpc) > max(1, len(psu)) or len(strata) > max(1, len(psu)):
        raise EstimationError.of(
            "stages-differ",
            "Số cột tầng hoặc hiệu chỉnh nhiều hơn số giai đoạn chọn mẫu.",
            "There are more stratum or correction columns than stages.",
            "Mỗi giai đoạn có một cột psu; bỏ các cột thừa.",
            "Give one psu column for each stage, or leave the further columns out.",
        )


def check_one_stage(found: Sequence[Integers], probabilities: Sequence[str]) -> None:
    """Refuse unequal probabilities over several stages."""
    if len(found) > 1 or len(probabilities) != 1:
        raise EstimationError.of(
            "pps-stages",
            "pps cần một giai đoạn và một cột xác suất.",
            "pps takes one stage and one column of probabilities.",
            "Ghi probabilities= một cột; với nhiều giai đoạn, bỏ pps (coi như chọn có hoàn lại).",
            "Give probabilities= one column; with several stages leave pps out (the draw then "
            "counts as one with replacement).",
        )
