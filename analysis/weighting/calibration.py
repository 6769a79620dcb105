"""Weights that reproduce known totals of any auxiliaries, and stay close to what they were.

Post-stratification and raking know counts of categories. Calibration takes totals of numeric
columns as well, three ways of measuring how far weights moved, bounds on the factors, and one
factor per cluster (a household whose members all keep one weight). Totals are in the units of
their column, counts in persons.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from analysis.weighting.auxiliaries import Auxiliaries, Controls, auxiliaries, cluster_means
from analysis.weighting.columns import coded, label_of
from analysis.weighting.diagnostics import Floats, checked_weights
from analysis.weighting.distances import Bounds, Distance, chosen
from analysis.weighting.margins import Integers, weighted_counts
from analysis.weighting.newton import solved
from analysis.weighting.replicates import D, Rows, members, reweighted, spread
from analysis.weighting.steps import CalibrationStep, scattered
from intake.findings import WeightError


def calibrate(
    design: D,
    controls: Controls,
    distance: str = "linear",
    bounds: Bounds | None = None,
    cluster: str | None = None,
) -> D:
    """Return the design with weights that reproduce the totals of all auxiliaries.

    With d the weights before, x the auxiliaries and T their totals, the weights are
    w = d·F(x'λ), λ solving Σ d F(x'λ) x = T.

    Parameters
    ----------
    design
        A survey design or a replicate design, whose replicates are calibrated each on its
        own. After ``where`` the members alone are calibrated, to the totals of their part.
    controls
        ``{column: total}`` for a numeric column; ``{column: {category: count}}`` for a
        categorical one, which fixes the population size. ``"a*b"`` or a tuple of columns is an
        interaction, ``"(Intercept)"`` the population size alone.
    distance
        ``linear`` (the regression estimator), ``raking`` (weights stay positive), ``logit``
        (needs bounds and keeps between them).
    bounds
        ``(lower, upper)`` of the factor w / d; None on either side for no bound.
    cluster
        Column of clusters that get one factor each. Auxiliaries enter with their weighted
        mean in the cluster; with equal weights within clusters, this is R survey's
        ``aggregate.stage``.

    Raises
    ------
    WeightError
        The faults of `analysis.weighting.auxiliaries.auxiliaries` and
        `analysis.weighting.distances.chosen`; ``calibration-infeasible``, which says which
        totals and which bound cannot hold; ``calibration-weight-not-positive`` with the row;
        ``calibration-not-converged``; ``cluster-column-missing``, ``cluster-missing``.

    References
    ----------
    Deville, J.-C., Särndal, C.-E. (1992). Calibration estimators in survey sampling. Journal
    of the American Statistical Association 87, 376-382.

    Examples
    --------
    >>> import pandas as pd
    >>> from analysis.design import SurveyDesign
    >>> table = pd.DataFrame({"w": 1.0, "sex": ["f", "f", "m", "m"], "age": [20, 40, 30, 60]})
    >>> design = SurveyDesign(table, weights="w")
    >>> made = calibrate(design, {"sex": {"f": 6, "m": 4}, "age": 400})
    >>> made.weights.round(3).tolist()
    [2.385, 3.615, 1.077, 2.923]
    """
    how = chosen(distance, bounds)
    rows = members(design)
    before = checked_weights(design.weights[rows], positive=False)
    positions = None if isinstance(rows, slice) else rows
    groups = None if cluster is None else _clusters(design, cluster, rows)
    found = auxiliaries(design.data, before, controls, positions, groups)
    task = CalibrationTask(found, how, groups)
    after, done = task.weighed(before)
    length = len(design.data)
    moments, gram = task.moments(before)
    step = CalibrationStep(
        "calibration",
        spread(before, rows, length),
        spread(after, rows, length),
        rows,
        found.margins,
        found.numeric,
        settings={"distance": distance, "bounds": (how.lower, how.upper), "cluster": cluster},
        iterations=done,
        matrix=lambda: scattered(task.by_row(before), rows, length),
        gram=gram,
        weights_of_moments=spread(moments, rows, length),
    )
    try:
        return reweighted(design, step.after, step, rows, lambda own: task.weighed(own)[0])
    except WeightError as error:
        if error.code == "weight-not-positive":
            raise not_positive(after, rows, length) from error
        raise


def greg(design: D, controls: Controls) -> D:
    """Return the design with the weights of the generalised regression estimator.

    It is `calibrate` with the linear distance and without bounds: a total estimated with
    these weights equals the regression estimator N̂ȳ + (T - T̂)'B.

    References
    ----------
    Särndal, C.-E., Swensson, B., Wretman, J. (1992). Model Assisted Survey Sampling, ch. 6.

    Examples
    --------
    >>> import pandas as pd
    >>> from analysis.design import SurveyDesign
    >>> table = pd.DataFrame({"w": 2.0, "x": [1.0, 2.0, 3.0]})
    >>> made = greg(SurveyDesign(table, weights="w"), {"(Intercept)": 9, "x": 20})
    >>> round(float(made.weights @ table["x"]), 9)
    20.0
    """
    return calibrate(design, controls)


@dataclass(frozen=True, eq=False)
class CalibrationTask:
    """Calibration of given rows, ready for any weights."""

    found: Auxiliaries
    how: Distance
    clusters: Integers | None

    def weighed(self, weights: Floats, totals: Floats | None = None) -> tuple[Floats, int]:
        """Return the new weights and the number of rounds; ``totals`` replace those known."""
        system, own, of_row = self._collapsed(weights)
        wanted = self.found.totals(weights) if totals is None else totals
        factors, done = solved(system, own, wanted, self.how, self.found.names)
        return np.asarray(weights * factors[of_row]), done

    def moments(self, weights: Floats) -> tuple[Floats, Floats]:
        """Return the moment weights by row and the matrix of moments of the auxiliaries."""
        if self.clusters is None:
            held = self.found.condensed(weights)
            gram = self.found.matrix.T @ sparse.diags(held) @ self.found.matrix
            return weights, np.asarray(gram.todense())
        means, level = cluster_means(self.found.by_row(), weights, self.clusters)
        held = weighted_counts(self.clusters, weights, means.shape[0])
        gram = means.T @ sparse.diags(held) @ means
        return weights**2 / level[self.clusters], np.asarray(gram.todense())

    def by_row(self, weights: Floats) -> Any:  # noqa: ANN401
        """Return the auxiliaries by row as they enter the variance."""
        whole = self.found.by_row()
        if self.clusters is None:
            return whole
        means, level = cluster_means(whole, weights, self.clusters)
        return sparse.diags(level[self.clusters] / weights) @ means[self.clusters]

    def _collapsed(self, weights: Floats) -> tuple[Any, Floats, Integers | slice]:
        """Return auxiliaries and weights of what shares a factor, and the place of each row."""
        if self.clusters is not None:
            means, _ = cluster_means(self.found.by_row(), weights, self.clusters)
            held = weighted_counts(self.clusters, weights, means.shape[0])
            return means, held, self.clusters
        place = slice(None) if self.found.cell is None else self.found.cell
        return self.found.matrix, self.found.condensed(weights), place


def _clusters(design: D, name: str, rows: Rows) -> Integers:
    if name not in design.data.columns:
        raise WeightError.of(
            "cluster-column-missing",
            f"Bảng không có cột “{name}”.",
            f"The table has no column “{name}”.",
            "Hãy sửa tên cột của cụm.",
            "Mend the name of the column of clusters.",
            column=name,
        )
    values = design.data[name].iloc[rows]
    codes = coded(values, {label_of(value) for value in values.unique()}).codes
    gone = np.flatnonzero(codes < 0)
    if gone.size:
        row = int(np.arange(len(design.data))[rows][gone[0]]) + 1
        raise WeightError.of(
            "cluster-missing",
            f"Cột “{name}” thiếu giá trị ở dòng {row}.",
            f"Column “{name}” has no value in row {row}.",
            "Mỗi dòng cần mã cụm của mình.",
            "Every row needs its cluster.",
            row=row,
            column=name,
        )
    return codes


def not_positive(after: Floats, rows: Rows, length: int) -> WeightError:
    """Return the refusal of weights that calibration made zero or negative."""
    bad = np.flatnonzero(~(after > 0))
    row = int(np.arange(length)[rows][bad[0]]) + 1
    weight = float(after[bad[0]])
    return WeightError.of(
        "calibration-weight-not-positive",
        f"Hiệu chỉnh cho {bad.size} trọng số không dương, đầu tiên là dòng {row} ({weight:.6g}).",
        f"Calibration gives {bad.size} weights that are not positive, the first in row {row} "
        f"({weight:.6g}).",
        "Dùng distance='raking', hoặc đặt bounds với giới hạn dưới lớn hơn 0, hoặc bớt biến.",
        "Use distance='raking', or bounds with a lower one above 0, or fewer auxiliaries.",
        row=row,
    )
