"""How a weight may move: the three distances of calibration and their factors.

With u = x'λ the factor of a weight is g = F(u), the inverse derivative of the distance that
calibration makes small:

    linear    F(u) = 1 + u, cut to the bounds
    raking    F(u) = exp(u), cut to the bounds
    logit     F(u) = (L(U-1) + U(1-L)e) / (U-1 + (1-L)e),  e = exp(u(U-L)/((U-1)(1-L)))

``potential`` is the integral of F, whose weighted sum less λ'T is smallest at the solution.

References
----------
Deville, J.-C., Särndal, C.-E. (1992). Calibration estimators in survey sampling. Journal of
the American Statistical Association 87, 376-382.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.choices import one_of
from analysis.weighting.diagnostics import Floats
from intake.findings import WeightError

DISTANCES = ("linear", "raking", "logit")
Bounds = tuple[float | None, float | None]
_FAR = 300.0


@dataclass(frozen=True)
class Distance:
    """A distance with bounds of the factor; infinite for none.

    Examples
    --------
    >>> Distance("linear", 0.5, 1.5).factors(np.array([-1.0, 0.0, 0.25])).tolist()
    [0.5, 1.0, 1.25]
    """

    kind: str
    lower: float
    upper: float

    @property
    def bounded(self) -> bool:
        """Whether one of the bounds is finite."""
        return bool(np.isfinite(self.lower) or np.isfinite(self.upper))

    def factors(self, u: Floats) -> Floats:
        """Return F(u)."""
        if self.kind == "linear":
            return np.asarray(np.clip(1.0 + u, self.lower, self.upper))
        if self.kind == "raking":
            return np.asarray(np.clip(np.exp(np.minimum(u, _FAR)), self.lower, self.upper))
        share = self._share(u)
        return np.asarray(self.lower + (self.upper - self.lower) * share)

    def slopes(self, u: Floats) -> Floats:
        """Return the derivative of F, zero where a bound holds."""
        if self.kind == "logit":
            share = self._share(u)
            return np.asarray(self._rate * (self.upper - self.lower) * share * (1 - share))
        free = 1.0 + u if self.kind == "linear" else np.exp(np.minimum(u, _FAR))
        slope = np.ones_like(u) if self.kind == "linear" else free
        return np.asarray(np.where((free > self.lower) & (free < self.upper), slope, 0.0))

    def potential(self, u: Floats) -> Floats:
        """Return the integral of F from where it is simplest; constants do not matter."""
        if self.kind == "logit":
            width = (self.upper - 1) * (1 - self.lower)
            odds = np.log((1 - self.lower) / (self.upper - 1))
            return np.asarray(self.lower * u + width * np.logaddexp(0.0, self._rate * u + odds))
        if self.kind == "linear":
            low, high = self.lower - 1.0, self.upper - 1.0
            inside = np.clip(u, low, high)
            return np.asarray(inside + inside**2 / 2 + self.factors(u) * (u - inside))
        low = np.log(self.lower) if self.lower > 0 else -np.inf
        inside = np.clip(np.minimum(u, _FAR), low, np.log(self.upper))
        beyond = np.where(u == inside, 0.0, self.factors(u) * (u - inside))
        return np.asarray(np.exp(inside) + beyond)

    @property
    def _rate(self) -> float:
        return (self.upper - self.lower) / ((self.upper - 1) * (1 - self.lower))

    def _share(self, u: Floats) -> Floats:
        from scipy.special import expit

        odds = np.log((1 - self.lower) / (self.upper - 1))
        return np.asarray(expit(self._rate * u + odds))


def chosen(distance: str, bounds: Bounds | None) -> Distance:
    """Check what a caller asks for.

    Raises
    ------
    WeightError
        ``distance-unknown``, ``bounds-order``, ``bounds-needed`` (logit without finite
        bounds), ``bounds-exclude-one`` (logit needs L < 1 < U).
    """
    one_of("distance-unknown", "distance", distance, DISTANCES, WeightError)
    try:
        low, high = bounds if bounds is not None else (None, None)
        lower = -np.inf if low is None else float(low)
        upper = np.inf if high is None else float(high)
    except (TypeError, ValueError):
        lower, upper = 1.0, 0.0
    if not (lower < upper and upper > 0):
        raise WeightError.of(
            "bounds-order",
            f"Giới hạn {bounds} không phải là (dưới, trên) với dưới nhỏ hơn trên.",
            f"The bounds {bounds} are not (lower, upper) with lower below upper.",
            "Ghi hai số, ví dụ bounds=(0.3, 3).",
            "Give two numbers, such as bounds=(0.3, 3).",
        )
    if distance == "logit" and not (np.isfinite(lower) and np.isfinite(upper)):
        raise WeightError.of(
            "bounds-needed",
            "Khoảng cách logit cần hai giới hạn hữu hạn.",
            "The logit distance needs two finite bounds.",
            "Ghi hai số, ví dụ bounds=(0.3, 3).",
            "Give two numbers, such as bounds=(0.3, 3).",
        )
    if distance == "logit" and not lower < 1 < upper:
        raise WeightError.of(
            "bounds-exclude-one",
            f"Với logit, 1 phải nằm giữa hai giới hạn ({lower:g}; {upper:g}).",
            f"With logit, 1 must lie between the bounds ({lower:g}; {upper:g}).",
            "Đặt giới hạn dưới nhỏ hơn 1 và giới hạn trên lớn hơn 1.",
            "Set the lower bound below 1 and the upper one above 1.",
        )
    return Distance(distance, lower, upper)
