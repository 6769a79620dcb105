"""How communes' figures are made to agree with the published figure of the whole.

A province that publishes 84.2 % cannot publish communes whose weighted mean is 83.1 %. The
figures are moved as little as a simple rule allows, and the move is part of their error.
Figures and target are means in the same unit; shares are those of the population.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from analysis.inference.small_area.area_level import AreaModel
from analysis.inference.small_area.area_variance import Floats
from analysis.inference.small_area.refusals import refusal
from analysis.inference.small_area.unit_level import UnitModel
from intake.findings import Words

METHODS = ("ratio", "difference")


@dataclass(frozen=True, eq=False)
class Benchmarked:
    """Figures that agree with the target, and how far they were moved.

    ``estimates`` and ``mse`` by area; ``before`` the weighted mean of the figures as they
    were; ``change`` the factor (ratio) or the summand (difference); ``note`` what to print.
    """

    estimates: Floats
    mse: Floats
    before: float
    target: float
    change: float
    method: str

    @property
    def note(self) -> Words:
        """What a page with these figures has to say."""
        return Words(
            f"Các ước lượng được điều chỉnh để trung bình theo dân số bằng {self.target:g} "
            f"(trước điều chỉnh: {self.before:g}); sai số gồm cả phần điều chỉnh.",
            f"The figures were adjusted so that their population mean equals {self.target:g} "
            f"(before: {self.before:g}); their error includes the adjustment.",
        )


def benchmark(
    model: AreaModel | UnitModel | ArrayLike,
    target: float,
    shares: ArrayLike,
    *,
    method: str = "ratio",
    mse: ArrayLike | None = None,
) -> Benchmarked:
    """Move the figures of areas so that their population mean is the published one.

    ``ratio`` multiplies all by the same factor, ``difference`` adds the same to all. The mean
    squared error becomes that of the model plus the square of the move: the move is taken as a
    bias that might be the model's, which is on the safe side, its own chance being small.

    Parameters
    ----------
    model
        A fitted model, or figures by area (then with ``mse``).
    target
        The published mean of the whole.
    shares
        Population of each area, or its share; above zero.
    method
        ``ratio`` or ``difference``.
    mse
        Mean squared errors where ``model`` is an array; missing without.

    Returns
    -------
    Benchmarked

    Raises
    ------
    EstimationError
        ``area-choice``, ``area-shape``, ``benchmark-total``.

    References
    ----------
    Wang, J., Fuller, W. A., Qu, Y. (2008). Small area estimation under a restriction. Survey
    Methodology 34, 29-36. Rao, J. N. K., Molina, I. (2015), section 6.4.6.

    Examples
    --------
    >>> benchmark([80.0, 90.0], 84.0, [3_000, 1_000], method="difference").estimates.tolist()
    [81.5, 91.5]
    """
    if method not in METHODS:
        raise refusal("area-choice", f"method={method!r}", ", ".join(METHODS))
    if isinstance(model, AreaModel | UnitModel):
        figures, error = model.eblup, model.mse
    else:
        figures = np.asarray(model, dtype=np.float64)
        error = np.full(figures.shape, np.nan) if mse is None else np.asarray(mse, dtype=np.float64)
    people = np.asarray(shares, dtype=np.float64)
    if people.shape != figures.shape or error.shape != figures.shape:
        raise refusal("area-shape", people.shape, figures.shape)
    usable = np.isfinite(people).all() and (people > 0).all() and np.isfinite(figures).all()
    if not usable or not np.isfinite(target):
        raise refusal("benchmark-total", target, "Σ > 0")
    before = float(people @ figures / people.sum())
    if method == "ratio":
        if before == 0:
            raise refusal("benchmark-total", before, target)
        change = target / before
        moved = figures * change
    else:
        change = target - before
        moved = figures + change
    return Benchmarked(
        moved, error + (moved - figures) ** 2, before, float(target), float(change), method
    )
