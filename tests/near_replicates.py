"""Replicate weights that hardly differ from the weights of a design.

The spread of a smooth statistic over them is its linearised error, so that one test compares
what the two ways of counting errors give.
"""

from __future__ import annotations

import numpy as np

from analysis import SurveyDesign
from analysis.replication import ReplicateDesign, given

STEP = 1e-3


def nearly_the_same_weights(design: SurveyDesign) -> ReplicateDesign:
    """Raise or lower one unit (column ``psu``) a little in each replicate of weights ``w``."""
    table, names = design.data.copy(), []
    units = table["psu"].unique()
    for unit in units:
        for sign in (1, -1):
            names.append(f"r{unit}{sign:+d}")
            table[names[-1]] = table["w"] * np.where(table["psu"] == unit, 1 + sign * STEP, 1.0)
    free = len(units) - 1
    return given(
        table,
        weights="w",
        columns=names,
        kind="other",
        scale=len(units) / free / (2 * STEP**2),
        rscales=1.0,
        mse=True,
        df=free,
    )
