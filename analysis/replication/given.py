"""Replicate weights that come with the data, as a producer supplies them.

The weights are complete: each column is used in place of the weights of the full sample.
Scale and rscales say how the producer's replicates turn into a variance; without them they
follow from the kind where that is possible, and are asked for where it is not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import ArrayLike

from analysis.design import Floats, SurveyDesign
from analysis.replication.designs import ReplicateDesign
from analysis.replication.refusals import refuse_unless
from analysis.tables import need_columns
from intake.findings import WeightError

KINDS = ("jk1", "jkn", "brr", "fay", "rao_wu", "bootstrap", "other")


def given(
    data: pd.DataFrame | pa.Table | str | Path,
    *,
    weights: str,
    columns: str | Sequence[str],
    kind: str,
    scale: float | None = None,
    rscales: ArrayLike | None = None,
    mse: bool = False,
    df: int | None = None,
    rho: float | None = None,
) -> ReplicateDesign:
    """Return the design of a table that brings its replicate weights.

    Parameters
    ----------
    data
        A pandas data frame, a pyarrow table, or the path of a CSV or Parquet file.
    weights
        Column of the full-sample weights, all above zero.
    columns
        Columns of complete replicate weights (the full-sample weight is already in them), in
        order; or a pattern such as ``"r[0-9]*"`` (as of file names, or a regular expression
        such as ``"^r[0-9]+$"``).
    kind
        ``jk1`` (scale (R - 1)/R), ``jkn`` (``rscales`` needed), ``brr`` (scale 1/R), ``fay``
        (scale 1/(R (1 - rho)²)), ``rao_wu`` and ``bootstrap`` (scale 1/(R - 1)), ``other``
        (``scale`` or ``rscales`` needed).
    scale, rscales
        Variance = scale · Σ rscales (θ_r - centre)²; ``rscales`` one number per replicate.
    mse
        True where the centre is the full-sample estimate, not the mean of the replicates.
    df
        Degrees of freedom that the producer states; without it the rank of the replicate
        weights in use minus one.
    rho
        Fay's coefficient, for kind ``fay`` without ``scale``.

    Raises
    ------
    EstimationError
        ``replicate-kind-unknown``, ``columns-absent``, ``column-missing``, ``scale-absent``,
        ``rscales-absent``, ``rscales-length``, ``scale-out-of-range``, ``rho-out-of-range``,
        ``df-out-of-range``.
    WeightError
        ``weight-missing``, ``weight-not-positive``, ``replicate-weight-missing``.

    References
    ----------
    Wolter, K. M. (2007). Introduction to Variance Estimation, 2nd ed. Springer.

    Examples
    --------
    >>> table = pd.DataFrame({"w": [2.0, 2.0], "r1": [0.0, 4.0], "r2": [4.0, 0.0]})
    >>> given(table, weights="w", columns=["r1", "r2"], kind="jk1").scale
    0.5
    """
    refuse_unless(kind in KINDS, "replicate-kind-unknown", repr(kind), ", ".join(KINDS))
    refuse_unless(df is None or df >= 1, "df-out-of-range", df)
    table = SurveyDesign(data, weights=weights)
    names = _columns(table.data, columns)
    by_row = _weights(table.data, names)
    count = len(names)
    by_replicate = _rscales(rscales, kind, count)
    whole = _scale(scale, kind, count, rho, rscales is not None)
    rows = len(table.data)
    return ReplicateDesign(
        data=table.data,
        unit_of=np.arange(rows, dtype=np.int64),
        multipliers=None,
        scale=whole,
        rscales=by_replicate,
        mse=mse,
        kind=kind,
        given_df=df,
        _weights=np.array(table.weights),
        _member=np.ones(rows, dtype=bool),
        _by_row=by_row,
    )


def _columns(data: pd.DataFrame, columns: str | Sequence[str]) -> list[str]:
    listed = ", ".join(str(name) for name in data.columns)
    if isinstance(columns, str):
        labels = [str(name) for name in data.columns]
        names = [name for name in labels if fnmatchcase(name, columns)]
        names = names or [name for name in labels if _spelled(columns, name)]
    else:
        names = list(columns) if isinstance(columns, Iterable) else []
    refuse_unless(len(names) > 1, "columns-absent", repr(columns), listed)
    need_columns(data, names)
    return names


def _spelled(pattern: str, name: str) -> bool:
    """Say whether a regular expression, where the pattern is one, spells the name."""
    try:
        return re.fullmatch(pattern, name) is not None
    except re.error:
        return False


def _weights(data: pd.DataFrame, names: Sequence[str]) -> Floats:
    numbers = data[list(names)].apply(pd.to_numeric, errors="coerce")
    by_row = np.ascontiguousarray(numbers.to_numpy(dtype=np.float64, na_value=np.nan))
    bad = np.argwhere(~np.isfinite(by_row))
    if bad.size:
        row, column = int(bad[0][0]), names[int(bad[0][1])]
        raise WeightError.of(
            "replicate-weight-missing",
            f"Dòng {row + 1}: trọng số lặp “{column}” bị thiếu hoặc không phải số.",
            f"Row {row + 1}: replicate weight “{column}” is missing or no number.",
            "Dòng không thuộc bản lặp có trọng số 0.",
            "A row that a replicate leaves out has weight zero.",
            row=row + 1,
            column=column,
        )
    return by_row


def _rscales(rscales: ArrayLike | None, kind: str, count: int) -> Floats:
    if rscales is None:
        refuse_unless(kind != "jkn", "rscales-absent")
        return np.ones(count)
    values = np.asarray(rscales, dtype=np.float64)
    values = np.full(count, values) if values.ndim == 0 else values
    refuse_unless(values.shape == (count,), "rscales-length", values.shape, f"({count},)")
    fine = bool((np.isfinite(values) & (values >= 0)).all())
    refuse_unless(fine, "scale-out-of-range", f"rscales={rscales!r}")
    return np.array(values)


def _scale(scale: float | None, kind: str, count: int, rho: float | None, scaled: bool) -> float:
    if scale is not None:
        fine = isinstance(scale, int | float | np.number) and 0 <= scale < np.inf
        refuse_unless(fine, "scale-out-of-range", f"scale={scale!r}")
        return float(scale)
    if kind == "fay":
        refuse_unless(rho is not None, "scale-absent", "'fay'", "scale=, rho=")
        refuse_unless(rho is not None and 0 <= rho < 1, "rho-out-of-range", rho)
        return 1 / (count * (1 - float(rho or 0.0)) ** 2)
    refuse_unless(kind != "other" or scaled, "scale-absent", "'other'", "scale=, rscales=")
    if scaled:
        # Where the producer gives a factor for each replicate, nothing is left to multiply.
        return 1.0
    return {"jk1": (count - 1) / count, "brr": 1 / count}.get(kind, 1 / (count - 1))
