"""Common factors of a covariance or correlation matrix, and how they move with it.

Loadings Λ and unique variances Ψ such that ΛΛ' + Ψ comes close to the matrix: by maximum
likelihood, which does not depend on the items' units, or by least squares of the residuals
(minres), which needs no positive definite matrix. Both are found over Ψ alone, since the
loadings follow from it by an eigendecomposition.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from analysis.choices import one_of
from analysis.design import Flags, Floats
from analysis.inference.variances import derivative
from intake.findings import EstimationError

METHODS = ("ml", "minres")
# The least share of its variance that an item keeps for itself (as in R's factanal).
LEAST_UNIQUE = 0.005


@dataclass(frozen=True, eq=False)
class Factors:
    """Loadings (p, m), unique variances (p,), and the items whose Ψ runs into its bound."""

    matrix: Floats
    loadings: Floats
    unique: Floats
    at_bound: Flags
    method: str

    def derivative(
        self, outcome: Callable[[Floats, Floats], Floats], step: float = 1e-4
    ) -> tuple[Floats, Floats]:
        """Return a statistic of loadings and unique variances, and its derivative.

        Parameters
        ----------
        outcome
            From loadings (q, p, m) and unique variances (q, p) to statistics (q, k).

        Returns
        -------
        tuple
            Values (k,) and derivatives with respect to the matrix (k, p, p): by the implicit
            function theorem on the equations that Ψ solves, dΨ = −(∂g/∂Ψ)⁻¹ ∂g/∂S dS.
        """
        number, free = self.loadings.shape[1], ~self.at_bound

        def solved(unique: Floats, matrix: Floats) -> Floats:
            slope, loadings = _equations(unique, matrix, number, self.method)
            turned = loadings * np.sign(np.einsum("qpm,pm->qm", loadings, self.loadings))[:, None]
            return np.concatenate([slope[:, free], outcome(turned, unique)], axis=1)

        equations = int(free.sum())
        value, by_matrix = derivative(
            lambda stack: solved(np.broadcast_to(self.unique, stack.shape[:2]), stack),
            self.matrix,
            step,
        )
        by_unique = _by_unique(solved, self.unique, self.matrix, step)[free]
        inverse = np.linalg.pinv(by_unique[:, :equations].T)
        moved = -np.einsum("ij,jab->iab", inverse, by_matrix[:equations])
        through = np.einsum("ik,iab->kab", by_unique[:, equations:], moved)
        return value[equations:], by_matrix[equations:] + through


def extract(matrix: Floats, number: int, method: str, start: Floats | None = None) -> Factors:
    """Fit ``number`` common factors to a matrix.

    Parameters
    ----------
    matrix
        Shape (p, p), covariances or correlations.
    number
        At least 1, and few enough to leave degrees of freedom: (p − m)² ≥ p + m.
    method
        ``ml`` or ``minres``.
    start
        Unique variances to start from.

    Raises
    ------
    EstimationError
        ``extraction-unknown``, ``factors-too-many``, ``matrix-singular``,
        ``factors-not-found``.

    References
    ----------
    Jöreskog, K. G. (1967). Some contributions to maximum likelihood factor analysis.
    Psychometrika 32. Harman, H. H., Jones, W. H. (1966). Factor analysis by minimizing
    residuals (minres). Psychometrika 31.

    Examples
    --------
    >>> loadings = np.array([0.8, 0.7, 0.6, 0.5])
    >>> matrix = np.outer(loadings, loadings) + np.diag(1 - loadings**2)
    >>> extract(matrix, 1, "ml").loadings[:, 0].round(6)
    array([0.8, 0.7, 0.6, 0.5])
    """
    size = len(matrix)
    _check(size, number, method)
    own = np.diag(matrix)
    values = np.linalg.eigvalsh(matrix / np.sqrt(np.outer(own, own)))
    if method == "ml" and values[0] <= 1e-10:
        raise EstimationError.of(
            "matrix-singular",
            "Có câu suy ra được từ các câu khác, nên không dùng được phương pháp ml.",
            "An item follows from others, so that maximum likelihood cannot be used.",
            "Bỏ câu thừa hoặc thêm người trả lời; factors còn có method='minres'.",
            "Leave it out or add respondents; for factors there is method='minres' too.",
        )
    if start is None:
        inverse = np.linalg.pinv(matrix)
        start = (1 - 0.5 * number / size) / np.maximum(np.diag(inverse), 1e-12)
    start = np.clip(start / own, LEAST_UNIQUE, 1.0)

    def target(share: Floats) -> tuple[float, Floats]:
        unique = share * own
        slope, _ = _equations(unique[None], matrix[None], number, method)
        return _discrepancy(unique, matrix, number, method), slope[0] * own

    unique, settled = _newton(start * own, np.ones(size, dtype=bool), matrix, number, method)
    at_bound = np.zeros(size, dtype=bool)
    if not settled:
        from scipy import optimize

        bounds = [(LEAST_UNIQUE, 1.0)] * size
        options = {"maxiter": 2000, "ftol": 1e-15, "gtol": 1e-9}
        result = optimize.minimize(
            target, start, jac=True, bounds=bounds, method="L-BFGS-B", options=options
        )
        share = np.asarray(result.x)
        at_bound = (share <= LEAST_UNIQUE * (1 + 1e-6)) | (share >= 1 - 1e-9)
        unique, _ = _newton(share * own, ~at_bound, matrix, number, method)
    slope, loadings = _equations(unique[None], matrix[None], number, method)
    if np.max(np.abs((slope[0] * own)[~at_bound]), initial=0.0) > 1e-5:
        raise EstimationError.of(
            "factors-not-found",
            f"Không tìm được {number} nhân tố: phép tính không hội tụ.",
            f"{number} factors could not be found: the fit does not settle.",
            "Giảm số nhân tố hoặc bỏ bớt câu.",
            "Ask for fewer factors or drop items.",
        )
    turned = loadings[0] * np.where(loadings[0].sum(axis=0) < 0, -1.0, 1.0)
    return Factors(matrix, turned, unique, at_bound, method)


def _check(size: int, number: int, method: str) -> None:
    one_of("extraction-unknown", "method", method, METHODS)
    if number < 1 or (size - number) ** 2 < size + number:
        raise EstimationError.of(
            "factors-too-many",
            f"Không tách được {number} nhân tố từ {size} câu.",
            f"{number} factors cannot be told apart with {size} items.",
            "Số nhân tố m và số câu p phải thỏa (p − m)² ≥ p + m, m ≥ 1.",
            "With m factors and p items, (p − m)² ≥ p + m and m ≥ 1 are needed.",
        )


def _equations(unique: Floats, matrix: Floats, number: int, method: str) -> tuple[Floats, Floats]:
    """Return the derivative of the discrepancy by Ψ (q, p), and the loadings (q, p, m)."""
    size = matrix.shape[-1]
    each = np.arange(size)
    if method == "minres":
        reduced = matrix.copy()
        reduced[:, each, each] -= unique
        values, vectors = np.linalg.eigh(reduced)
        rest = values[:, : size - number]
        slope = -np.einsum("qpj,qj->qp", vectors[:, :, : size - number] ** 2, rest)
        strength = np.sqrt(np.maximum(values[:, size - number :], 0.0))
        loadings = (vectors[:, :, size - number :] * strength[:, None, :])[:, :, ::-1]
        return slope, loadings
    root = np.sqrt(unique)
    values, vectors = np.linalg.eigh(matrix / (root[:, :, None] * root[:, None, :]))
    strength = np.sqrt(np.maximum(values[:, size - number :] - 1.0, 0.0))
    loadings = vectors[:, :, size - number :] * strength[:, None, :] * root[:, :, None]
    fitted = np.sum(loadings**2, axis=2) + unique
    slope = (fitted - matrix[:, each, each]) / unique**2
    return slope, loadings[:, :, ::-1]


def _discrepancy(unique: Floats, matrix: Floats, number: int, method: str) -> float:
    size = len(matrix)
    if method == "minres":
        rest = np.linalg.eigvalsh(matrix - np.diag(unique))[: size - number]
        return float(np.sum(rest**2) / 2)
    root = np.sqrt(unique)
    rest = np.linalg.eigvalsh(matrix / np.outer(root, root))[: size - number]
    return float(np.sum(rest - np.log(rest) - 1))


def _by_unique(
    function: Callable[[Floats, Floats], Floats], unique: Floats, matrix: Floats, step: float
) -> Floats:
    """Return derivatives (p, k) of a function by each unique variance."""
    size = len(unique)
    width = step * unique
    move = np.diag(width)
    stack = np.broadcast_to(matrix, (size, size, size))
    near = function(unique + move, stack) - function(unique - move, stack)
    far = function(unique + 2 * move, stack) - function(unique - 2 * move, stack)
    return np.asarray((8 * near - far) / (12 * width[:, None]))


def _newton(
    unique: Floats, free: Flags, matrix: Floats, number: int, method: str
) -> tuple[Floats, bool]:
    """Return Ψ after Newton's steps downhill, and whether they ended inside the bounds."""
    own = np.diag(matrix)

    def slopes(values: Floats, stack: Floats) -> Floats:
        return _equations(values, stack, number, method)[0][:, free]

    value = _discrepancy(unique, matrix, number, method)
    for _ in range(40):
        slope = slopes(unique[None], matrix[None])[0]
        if np.max(np.abs(slope * own[free]), initial=0.0) < 1e-12:
            return unique, True
        curve = _by_unique(slopes, unique, matrix, 1e-4)[free]
        if np.linalg.eigvalsh((curve + curve.T) / 2)[0] <= 0:
            return unique, False
        step = np.zeros_like(unique)
        step[free] = np.linalg.solve((curve + curve.T) / 2, slope)
        reach = 1.0
        while reach > 1e-4:
            tried = unique - reach * step
            inside = (tried > LEAST_UNIQUE * own).all() or not free.all()
            if inside and (tried > 0).all():
                new = _discrepancy(tried, matrix, number, method)
                if new <= value + 1e-14 * (1 + abs(value)):
                    break
            reach /= 2
        else:
            return unique, False
        unique, value = tried, new
        if np.max(np.abs(step) / own) < 1e-13:
            return unique, True
    return unique, False
