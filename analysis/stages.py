"""The stages of a draw: which clusters stand in which strata, and what share of them was drawn.

Kept as codes, so that every variance is a few sums over them; `analysis.stage_building` makes
them. Sampling fractions have no unit; counts are clusters of a stage.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from intake.findings import EstimationError

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Stage:
    """One stage of drawing, over the finest clusters that carry variance.

    ``cluster_of`` leads from a finest cluster to the cluster of this stage, ``stratum_of``
    from there to its stratum, ``parent_of`` from a stratum to the cluster of the stage
    before. ``counts`` are the drawn clusters of a stratum, ``free`` the share of it that
    was not drawn (1 without correction), ``carried`` the product of the sampling fractions
    of the stages before. ``cluster_free`` replaces ``free`` where clusters of one stratum
    were drawn with unequal probabilities. ``first_rows`` names a row of each stratum.
    """

    cluster_of: Integers
    stratum_of: Integers
    parent_of: Integers
    counts: Integers
    free: Floats
    carried: Floats
    first_rows: Integers
    cluster_free: Floats | None = None


def codes(data: pd.DataFrame, name: str, needed: Flags | None = None) -> Integers:
    """Return the values of a column as numbers from 0, in their order; none may be missing.

    Where not every row is ``needed``, the others are 0.
    """
    try:
        found, _ = pd.factorize(data[name], sort=True)
    except TypeError:
        # Labels of several kinds have no order, lists are no labels.
        found, _ = pd.factorize(data[name].astype(str).where(data[name].notna()), sort=True)
    if needed is not None:
        found = np.where(needed, found, 0)
    missing = np.flatnonzero(found < 0)
    if missing.size:
        raise EstimationError.of(
            "design-value-missing",
            f"Cột {name} thiếu giá trị.",
            f"Column {name} has a missing value.",
            "Mỗi dòng phải có tầng và đơn vị của mình.",
            "Every row needs its stratum and its unit.",
            row=int(missing[0]) + 1,
            column=name,
        )
    return np.asarray(found, dtype=np.int64)


def compressed(keys: Integers, size: int) -> tuple[Integers, Integers]:
    """Return the keys that occur, ascending, and the position of each key among them."""
    if size <= 8 * keys.size + 1024:
        held = np.zeros(size, dtype=bool)
        held[keys] = True
        present = np.flatnonzero(held).astype(np.int64)
        position = np.cumsum(held, dtype=np.int64) - 1
        return present, position[keys]
    present, inverse = np.unique(keys, return_inverse=True)
    return present.astype(np.int64), inverse.astype(np.int64)


def joint(parts: Sequence[Integers]) -> Integers:
    """Return one number, from 0, for each combination of codes."""
    whole = parts[0]
    for part in parts[1:]:
        width = int(part.max()) + 1
        _, whole = compressed(whole * np.int64(width) + part, (int(whole.max()) + 1) * width)
    return whole


def plain_numbers(data: pd.DataFrame, name: str) -> Floats:
    """Return a column as real numbers, NaN for what is none; refuse dates and complex ones."""
    kind = data[name].dtype
    dated = pd.api.types.is_datetime64_any_dtype(kind) or isinstance(kind, pd.PeriodDtype)
    if dated or pd.api.types.is_complex_dtype(kind) or pd.api.types.is_timedelta64_dtype(kind):
        raise EstimationError.of(
            "column-not-numeric",
            f"Cột {name} có kiểu {kind}, không phải số.",
            f"Column {name} is of type {kind} and holds no real numbers.",
            "Cần một cột số thực.",
            "Give a column of real numbers.",
            column=name,
        )
    try:
        found = pd.to_numeric(data[name], errors="coerce")
    except (TypeError, ValueError):
        return np.full(len(data), np.nan)
    return np.asarray(found.to_numpy(dtype=np.float64, na_value=np.nan, copy=True))


def positive(data: pd.DataFrame, name: str) -> Floats:
    """Return a column of numbers above zero."""
    column = plain_numbers(data, name)
    bad = np.flatnonzero(~(column > 0))
    if bad.size:
        raise EstimationError.of(
            "fpc-not-positive",
            f"Cột {name} thiếu giá trị hoặc không lớn hơn 0.",
            f"Column {name} has a value that is missing or not above zero.",
            "Ghi số đơn vị của tầng (count) hoặc tỷ lệ đã chọn (fraction).",
            "Give the units of the stratum (count) or the share drawn (fraction).",
            row=int(bad[0]) + 1,
            column=name,
        )
    return np.asarray(column)
