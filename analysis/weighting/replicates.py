"""One rule for the weights of a design, carried out on its replicate weights as well.

Calibrating only the main weights would leave out of the variance that calibration makes
totals certain. Here the same function of the weights is applied to the main weights and to
every set of replicate weights, as R survey does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Protocol, Self, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.design import Flags
from analysis.tables import need_design
from analysis.weighting.diagnostics import Floats
from intake.findings import WeightError, Words


class Weighted(Protocol):
    """What a design must offer to be given new weights: a survey or a replicate design."""

    @property
    def data(self) -> pd.DataFrame:
        """The whole table."""
        ...

    @property
    def weights(self) -> Floats:
        """Weights in row order, zero outside ``member``."""
        ...

    @property
    def member(self) -> Flags:
        """Which rows belong to the part picked by `where`."""
        ...

    @property
    def history(self) -> tuple[Any, ...]:
        """What was done to the weights."""
        ...

    def where(self, condition: Any) -> Self:  # noqa: ANN401 - the designs say what they take
        """Return the design narrowed to some rows."""
        ...

    def reweighted(self, weights: Floats, step: Any) -> Self:  # noqa: ANN401
        """Return the design with new weights."""
        ...


D = TypeVar("D", bound=Weighted)
Values = TypeVar("Values", NDArray[np.float64], NDArray[np.int64])
Rows = NDArray[np.int64] | slice


def members(design: Weighted) -> Rows:
    """Return the rows that belong to a design: positions, or all of them."""
    need_design(design)
    return slice(None) if design.member.all() else np.flatnonzero(design.member)


def spread(values: Values, rows: Rows, length: int, fill: float = 0.0) -> Values:
    """Return values of some rows in row order, ``fill`` elsewhere."""
    if isinstance(rows, slice):
        return values
    whole = np.full((length, *values.shape[1:]), fill, dtype=values.dtype)
    whole[rows] = values
    return whole


def reweighted(
    design: D,
    after: Floats,
    step: object,
    rows: Rows,
    weigh: Callable[[Floats], Floats],
    *,
    narrowed: D | None = None,
) -> D:
    """Return the design with new weights, and every replicate weighed in the same way.

    Parameters
    ----------
    design
        A survey design, or one with replicate weights (rows × R, complete weights).
    after
        The new weights in row order.
    step
        What was done.
    rows
        The rows that were weighed.
    weigh
        From the weights of these rows, some of which may be zero, to the new ones.
    narrowed
        The design that is given the new weights, where it holds fewer rows.

    Raises
    ------
    WeightError
        What ``weigh`` raises; the message says in which replicate.
    """
    replicates = getattr(design, "replicate_weights", None)
    if replicates is None:
        return (narrowed or design).reweighted(after, step)
    old = np.asarray(replicates, dtype=np.float64)
    new = np.zeros_like(old)
    for number in range(old.shape[1]):
        try:
            new[rows, number] = weigh(old[rows, number])
        except WeightError as refusal:
            raise _in_replicate(refusal, number + 1) from refusal
    again: Any = (narrowed or design).reweighted
    made: D = again(after, step, replicate_weights=new)
    return made


def _in_replicate(refusal: WeightError, number: int) -> WeightError:
    found = []
    for finding in refusal.findings:
        said = Words(
            f"Bộ trọng số lặp {number}: {finding.message.vi}",
            f"Replicate {number}: {finding.message.en}",
        )
        found.append(replace(finding, message=said))
    return WeightError(found)
