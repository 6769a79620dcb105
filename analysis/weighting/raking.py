"""Weights that reproduce the population counts of several margins at once: raking.

Raking scales the weights to one margin after the other until all hold. It keeps weights
positive and changes them by one factor per category of each margin. The rows are summed into
the joint cells of the margins once; the rounds run on cells. Margins are those of
`analysis.weighting.margins`; counts and weights are in persons.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from analysis.weighting.cells import JointCells, joint_cells
from analysis.weighting.diagnostics import Floats, checked_weights
from analysis.weighting.feasibility import unattainable
from analysis.weighting.margins import Margin, Targets, prepare_margins, without_weight
from analysis.weighting.replicates import D, members, reweighted, spread
from analysis.weighting.steps import RakingStep
from intake.findings import WeightError

TOLERANCE = 1e-10
ROUNDS = 1000


def rake(
    design: D,
    margins: Targets,
    *,
    tolerance: float = TOLERANCE,
    rounds: int = ROUNDS,
) -> D:
    """Return the design with weights that reproduce every margin.

    Parameters
    ----------
    design
        A survey design or a replicate design, whose replicates are raked each on its own.
        After ``where`` the members alone are raked, and the counts are those of their part of
        the population.
    margins
        Population count of each category of each column; ``"a*b"`` or a tuple of columns is
        an interaction, with keys ``"x*y"`` or tuples. All margins have the same total.
    tolerance
        Largest relative error of a count that is left.
    rounds
        Rounds after which raking gives up.

    Raises
    ------
    WeightError
        The faults of `prepare_margins`; ``raking-not-converged``, which names margins that
        contradict each other over the groups that answered; ``margins-absent``.

    References
    ----------
    Deming, W. E., Stephan, F. F. (1940). On a least squares adjustment of a sampled frequency
    table when the expected marginal totals are known. Ann. Math. Stat. 11, 427-444.

    Examples
    --------
    >>> import pandas as pd
    >>> from analysis.design import SurveyDesign
    >>> table = pd.DataFrame({"w": [1.0, 1.0, 1.0], "sex": [1, 2, 2], "urban": [1, 1, 0]})
    >>> design = SurveyDesign(table, weights="w")
    >>> targets = {"sex": {"1": 40, "2": 60}, "urban": {"0": 30, "1": 70}}
    >>> rake(design, targets).weights.round(3).tolist()
    [40.0, 30.0, 30.0]
    """
    if not margins:
        raise _absent()
    rows = members(design)
    before = checked_weights(design.weights[rows])
    positions = None if isinstance(rows, slice) else rows
    prepared = prepare_margins(design.data, before, margins, positions)
    cells = joint_cells(prepared)

    def weigh(weights: Floats) -> tuple[Floats, int]:
        own = [margin.retargeted(weights) for margin in prepared]
        return _raked(weights, own, cells, tolerance, rounds)

    after, done = weigh(before)
    length = len(design.data)
    step = RakingStep(
        "raking",
        spread(before, rows, length),
        spread(after, rows, length),
        rows,
        prepared,
        iterations=done,
    )
    return reweighted(design, step.after, step, rows, lambda weights: weigh(weights)[0])


def raked(
    weights: Floats,
    margins: Sequence[Margin],
    *,
    tolerance: float = TOLERANCE,
    rounds: int = ROUNDS,
) -> Floats:
    """Scale weights to each margin in turn until the largest relative error is small enough."""
    return _raked(weights, margins, joint_cells(margins), tolerance, rounds)[0]


def _raked(
    weights: Floats,
    margins: Sequence[Margin],
    cells: JointCells,
    tolerance: float,
    rounds: int,
) -> tuple[Floats, int]:
    start = cells.sums(weights)
    _need_all_categories(start, margins, cells)
    current = start.copy()
    pairs = [
        (category, margin.targets)
        for category, margin in zip(cells.categories, margins, strict=True)
    ]
    done, near = 0, False
    while not near:
        if done == rounds:
            raise _not_converged(start, current, margins, cells, rounds)
        done += 1
        for category, targets in pairs:
            sums = np.bincount(category, weights=current, minlength=len(targets))
            factor = np.divide(targets, sums, out=np.ones_like(sums), where=sums > 0)
            current *= factor[category]
        near = _error(current, pairs) <= tolerance
    factor = np.divide(current, start, out=np.ones_like(start), where=start > 0)
    return np.asarray(weights * factor[cells.of_row]), done


def _error(current: Floats, pairs: Sequence[tuple[np.ndarray, Floats]]) -> float:
    worst = 0.0
    for category, targets in pairs:
        sums = np.bincount(category, weights=current, minlength=len(targets))
        worst = max(worst, float((np.abs(sums - targets) / np.maximum(targets, 1e-300)).max()))
    return worst


def _need_all_categories(start: Floats, margins: Sequence[Margin], cells: JointCells) -> None:
    """Refuse a category without weight, as a set of replicate weights may have it."""
    for margin, category in zip(margins, cells.categories, strict=True):
        sums = np.bincount(category, weights=start, minlength=len(margin.targets))
        empty = np.flatnonzero((sums <= 0) & (margin.targets > 0))
        if empty.size:
            raise without_weight(margin, empty)


def _not_converged(
    start: Floats,
    current: Floats,
    margins: Sequence[Margin],
    cells: JointCells,
    rounds: int,
) -> WeightError:
    pairs = list(zip(cells.categories, margins, strict=True))
    errors = [_error(current, [(category, margin.targets)]) for category, margin in pairs]
    worst, error = margins[int(np.argmax(errors))], max(errors)
    conflict = unattainable(start, margins, cells)
    vi = f" Các số dân này không thể cùng đúng: {conflict}." if conflict else ""
    en = f" These counts cannot hold together: {conflict}." if conflict else ""
    return WeightError.of(
        "raking-not-converged",
        f"Hiệu chỉnh không hội tụ sau {rounds} vòng; biên “{worst.name}” còn lệch "
        f"{100 * error:.4g} %.{vi}",
        f"Raking did not converge in {rounds} rounds; margin “{worst.name}” is still "
        f"{100 * error:.4g} % off.{en}",
        "Các biên mâu thuẫn trên các nhóm có người trả lời; hãy gộp nhóm hoặc bỏ bớt biên.",
        "The margins contradict each other over the groups that answered; "
        "merge categories or leave a margin out.",
    )


def _absent() -> WeightError:
    return WeightError.of(
        "margins-absent",
        "Không có biên nào.",
        "There are no margins.",
        "Hãy ghi ít nhất một biên.",
        "Give at least one margin.",
    )
