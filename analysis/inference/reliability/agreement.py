"""Do two codings of the same rows agree more than chance would have it: Cohen's kappa.

For two raters, an answer and its back-check (phúc tra), or two questions with the same
answers. Kappa has no unit: 1 is full agreement, 0 that of chance.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from analysis.choices import one_of
from analysis.design import Floats
from analysis.estimation.columns import factorized
from analysis.estimation.results import Design
from analysis.inference.reliability.coefficient import Coefficient, coefficient
from analysis.inference.variances import answered, listed
from intake.findings import EstimationError

DISTANCES = ("nominal", "linear", "quadratic")


def kappa(
    design: Design,
    a: str,
    b: str,
    level: float = 0.95,
    *,
    distance: str = "nominal",
    missing: str = "fail",
) -> Coefficient:
    """Estimate Cohen's kappa of two columns with the same categories.

    kappa = (observed − expected agreement) / (1 − expected agreement), from weighted shares.

    Parameters
    ----------
    design
        The table and how it was drawn, or replicate weights.
    a, b
        Columns with numbers, text or categories.
    level
        Confidence level of the t interval.
    distance
        ``nominal``: agreement is all or nothing (R's svykappa); ``linear`` or ``quadratic``:
        categories in their order count as agreeing in part, by their distance in ranks.
    missing
        ``fail`` refuses missing answers; ``drop`` leaves out rows that miss either.

    Raises
    ------
    EstimationError
        ``distance-unknown``, ``categories-differ``, ``item-constant``, ``answers-missing``, …

    References
    ----------
    Cohen, J. (1960). A coefficient of agreement for nominal scales. Educational and
    Psychological Measurement 20, 37-46; (1968), Psychological Bulletin 70, 213-220.
    Lin, H.-M. et al. (2008). Kappa statistic for clustered data. Statistics in Medicine 27.

    Examples
    --------
    >>> from analysis import SurveyDesign
    >>> import pandas as pd
    >>> table = pd.DataFrame({"a": list("yyyn"), "b": list("yynn"), "w": 1.0})
    >>> kappa(SurveyDesign(table, weights="w"), "a", "b").value
    0.5
    """
    one_of("distance-unknown", "distance", distance, DISTANCES)
    names = listed(design, (a, b), 2)
    known = design.data[list(names)].notna().to_numpy(dtype=bool)
    kept = answered(design, known, names, missing)
    first, second, size = _codes(design, a, b, kept)
    cell = first * size + second
    agreement = _agreement(size, distance)

    weights = design.weights[kept]
    mass = np.bincount(cell, weights=weights, minlength=size * size).reshape(size, size)
    value, effect = _kappa(mass / mass.sum(), agreement)

    def again(weights: Floats) -> Floats:
        # Replicates vary the shares; kappa follows them linearly, as in R's svycontrast.
        mass = np.bincount(cell, weights=weights[kept], minlength=size * size)
        return np.array([value + effect.ravel() @ mass / mass.sum()])

    scores = np.zeros((len(kept), 1))
    scores[kept, 0] = weights / weights.sum() * effect.ravel()[cell]
    return coefficient("kappa", design, value, scores, again, int(kept.sum()), level)


def _kappa(share: Floats, agreement: Floats) -> tuple[float, Floats]:
    """Return kappa of a table of shares, and the linearised value of each cell."""
    rows, columns = share.sum(axis=1), share.sum(axis=0)
    observed = float(np.sum(agreement * share))
    chance = float(rows @ agreement @ columns)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = (observed - chance) / np.float64(1 - chance)
        of_chance = (agreement @ columns)[:, None] + (rows @ agreement)[None, :] - 2 * chance
        effect = (agreement - observed - (1 - value) * of_chance) / (1 - chance)
    return float(value), effect


def _agreement(size: int, distance: str) -> Floats:
    rank = np.arange(size)
    apart = np.abs(rank[:, None] - rank[None, :]) / max(size - 1, 1)
    if distance == "nominal":
        return np.asarray((apart == 0).astype(np.float64))
    return np.asarray(1.0 - (apart if distance == "linear" else apart**2))


def _codes(design: Design, a: str, b: str, kept: Any) -> tuple[Any, Any, int]:  # noqa: ANN401
    """Return the category numbers of both columns, from one list of categories."""
    left, right = design.data[a][kept], design.data[b][kept]
    held = [set(factorized(name, part)[1]) for name, part in ((a, left), (b, right))]
    if not held[0] & held[1]:
        raise EstimationError.of(
            "categories-differ",
            f"Cột “{a}” và “{b}” không có loại trả lời nào chung: "
            f"{_shown(held[0])} và {_shown(held[1])}.",
            f"Columns “{a}” and “{b}” share no category: {_shown(held[0])} and {_shown(held[1])}.",
            "Mã hóa hai cột như nhau.",
            "Code both columns alike.",
            column=b,
        )
    if len(held[0] | held[1]) < 2:
        raise EstimationError.of(
            "item-constant",
            f"Mọi dòng của “{a}” và “{b}” đều là {_shown(held[0])}.",
            f"Every row of “{a}” and “{b}” is {_shown(held[0])}.",
            "Không có gì thay đổi thì không đo được sự thống nhất.",
            "Agreement cannot be told from chance where nothing varies.",
            column=a,
        )
    categories = _in_order(design.data[a], design.data[b], held[0] | held[1])
    place = {value: at for at, value in enumerate(categories)}
    return (
        left.map(place).to_numpy(dtype=np.int64),
        right.map(place).to_numpy(dtype=np.int64),
        len(categories),
    )


def _in_order(left: Any, right: Any, found: set[Any]) -> list[Any]:  # noqa: ANN401
    for column in (left, right):
        declared = getattr(column.dtype, "categories", None)
        if declared is not None and found <= set(declared):
            return [value for value in declared if value in found]
    return sorted(found, key=lambda value: (isinstance(value, str), value))


def _shown(values: set[Any]) -> str:
    return ", ".join(sorted(str(value) for value in values))
