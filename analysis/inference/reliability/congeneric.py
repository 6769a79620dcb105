"""How much of a summed score is what its items measure in common: McDonald's omega.

Omega lets each item measure the common factor as well as it does; alpha is its special case of
equal loadings. It has no unit and lies between 0 and 1.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from analysis.design import Floats
from analysis.estimation.results import Design
from analysis.inference.reliability.association import associate
from analysis.inference.reliability.coefficient import Coefficient, coefficient
from analysis.inference.reliability.extraction import extract
from intake.findings import Finding, Words


def omega(
    design: Design,
    items: Sequence[str],
    level: float = 0.95,
    *,
    matrix: str = "linear",
    missing: str = "fail",
) -> Coefficient:
    """Estimate McDonald's omega (total) of a scale from a model of one factor.

    omega = (Σ λ)² / ((Σ λ)² + Σ ψ), with loadings λ and unique variances ψ.

    Parameters
    ----------
    design
        The table and how it was drawn, or replicate weights.
    items
        At least three columns, all coded in one direction.
    level
        Confidence level of the t interval.
    matrix
        ``linear``: the weighted covariances, fitted by maximum likelihood: omega of the sum of
        the answers. ``polychoric``: polychoric correlations, fitted by minres: omega of the
        sum of the normal variables beneath the answers.
    missing
        ``fail`` refuses missing answers; ``drop`` leaves out rows that miss any item.

    Returns
    -------
    Coefficient
        With a standard error by the implicit function theorem on the equations of the fit.
        Findings: ``item-without-remainder``, an item whose unique variance runs into its bound.

    Raises
    ------
    EstimationError
        ``items-too-few``, ``item-constant``, ``answers-missing``, ``matrix-singular``, …

    References
    ----------
    McDonald, R. P. (1999). Test theory: a unified treatment. Erlbaum. Raykov, T. (2002).
    Analytic estimation of standard error and confidence interval for scale reliability.
    Multivariate Behavioral Research 37, 89-103.

    Examples
    --------
    >>> from analysis import SurveyDesign
    >>> import pandas as pd
    >>> answers = {"a": [1, 2, 3, 4, 5, 3], "b": [1, 3, 2, 4, 4, 5], "c": [2, 2, 1, 4, 5, 5]}
    >>> design = SurveyDesign(pd.DataFrame(answers).assign(w=1.0), weights="w")
    >>> round(omega(design, ["a", "b", "c"]).value, 3)
    0.901
    """
    found = associate(design, items, matrix, missing, least=3, standard=False)
    method = "ml" if matrix == "linear" else "minres"
    fitted = extract(found.matrix, 1, method)
    value, gradient = fitted.derivative(_omega)

    def again(weights: Floats) -> Floats:
        new = extract(found.at(weights), 1, method, fitted.unique)
        return np.asarray(_omega(new.loadings[None], new.unique[None])[0])

    said = tuple(without_remainder(name) for name in np.array(found.names)[fitted.at_bound])
    scores = found.scores(gradient)
    return coefficient("omega", design, float(value[0]), scores, again, found.n, level, said)


def without_remainder(name: str) -> Finding:
    """Return the warning for an item whose unique variance runs into its bound."""
    return Finding(
        "item-without-remainder",
        Words(
            f"Phương sai riêng của câu “{name}” chạm giới hạn (trường hợp Heywood).",
            f"The unique variance of item “{name}” runs into its bound (a Heywood case).",
        ),
        Words(
            "Mô hình nhân tố không hợp với câu này; xem lại câu hoặc số nhân tố.",
            "The factor model does not suit it; look at the item or the number of factors.",
        ),
        severity="warning",
        column=str(name),
    )


def _omega(loadings: Floats, unique: Floats) -> Floats:
    common = loadings[:, :, 0].sum(axis=1) ** 2
    return np.asarray((common / (common + unique.sum(axis=1)))[:, None])
