"""Weighted sums of squares between and within primary units, also with each PSU left out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Squares:
    """Sums over the PSUs of each stratum, from which the components follow.

    ``parts`` has one row per PSU and the columns w_i, w_i ȳ_i, w_i ȳ_i², w_i², q_i, q_i / w_i,
    Σ w (y − ȳ_i)²; ``layer`` is the stratum of each PSU.
    """

    parts: Floats
    layer: NDArray[np.intp]
    answers: int
    balanced: bool

    @classmethod
    def of(cls, y: Floats, units: NDArray[np.intp], layer: NDArray[np.intp], w: Floats) -> Squares:
        """Sum up answers; weights are first brought to a mean of one."""
        _, first, psu, counts = np.unique(
            units, return_index=True, return_inverse=True, return_counts=True
        )
        w = w / w.mean() if len(w) else w
        total = np.bincount(psu, w)
        mean = np.bincount(psu, w * y) / total
        # A constant item must give 0 and not the rounding of its mean.
        squares = np.bincount(psu, w * w)
        inside = np.bincount(psu, w * (y - mean[psu]) ** 2)
        mean = mean - (w @ y / w.sum() if len(w) else 0.0)
        columns = (total, total * mean, total * mean**2, total**2, squares, squares / total, inside)
        balanced = len(set(counts.tolist())) == 1 and bool(np.ptp(w) < 1e-12) if len(w) else False
        _, strata = np.unique(layer[first], return_inverse=True)
        return cls(np.column_stack(columns), strata, len(y), balanced)

    @property
    def psus(self) -> int:
        """How many PSUs hold answers."""
        return len(self.parts)

    @property
    def strata(self) -> int:
        """How many strata hold answers."""
        return int(self.layer.max(initial=-1)) + 1

    @property
    def df(self) -> int:
        """PSUs less strata."""
        return self.psus - self.strata

    @property
    def take(self) -> float:
        """n0: how many answers a PSU holds, in the sense that E MSB = σ²_w + n0 σ²_b."""
        return float(_coefficients(self._sums())[3])

    def components(self) -> tuple[float, float]:
        """Return the variance between and within PSUs; the first may come out negative."""
        between, within, *_ = _coefficients(self._sums())
        return float(between), float(within)

    def ratio(self) -> float:
        """Return F = MSB / MSW of the weighted layout: 1 + n0 σ²_b / σ²_w."""
        return float(_coefficients(self._sums())[2])

    def ratios_left_out(self) -> tuple[Floats, Floats]:
        """Return F with each PSU left out in turn (PSUs alone in a stratum cannot be).

        The others of its stratum get its weight, as in the stratified jackknife. Also returned
        is (n_h − 1) / n_h of each.
        """
        held = np.bincount(self.layer)
        able = np.flatnonzero(held[self.layer] > 1)
        own = self.layer[able]
        sums = self._sums()
        kept = (sums[own] - self.parts[able]) * (held[own] / (held[own] - 1))[:, None]
        # Σ w² has the square of that factor, as has Σ q.
        kept[:, 3] *= held[own] / (held[own] - 1)
        kept[:, 4] *= held[own] / (held[own] - 1)
        linear = _linear(sums)
        whole = linear.sum(axis=0)
        found = _solved(whole - linear[own] + _linear(kept))
        return found[2], (held[own] - 1) / held[own]

    def _sums(self) -> Floats:
        columns = [np.bincount(self.layer, column) for column in self.parts.T]
        return np.column_stack(columns)


def intraclass(squares: Squares, level: float) -> tuple[float, float]:
    """Return the ends of the interval of the intraclass correlation, cut at 0 and 1.

    Notes
    -----
    ρ = (F − 1) / (F − 1 + n0). Balanced: the ends of F are F / F_{1−α/2} and F / F_{α/2} with
    PSUs − strata and answers − PSUs degrees of freedom. Else log F ± t times its jackknife
    standard error; with fewer than two degrees of freedom nothing is known (0 to 1).
    """
    from scipy import stats

    ratio, take, tail = squares.ratio(), squares.take, (1 - level) / 2
    if not ratio > 0 or not np.isfinite(ratio):
        return (0.0, 1.0) if not np.isfinite(ratio) else (0.0, 0.0)
    if squares.balanced:
        inner = squares.answers - squares.psus
        ends = [ratio / stats.f.ppf(at, squares.df, inner) for at in (1 - tail, tail)]
    elif squares.df < 2:
        return 0.0, 1.0
    else:
        left, factor = squares.ratios_left_out()
        logs = np.log(np.maximum(left, 1e-12))
        spread = float(np.sqrt((factor * (logs - np.log(ratio)) ** 2).sum()))
        reach = float(stats.t.ppf(1 - tail, squares.df)) * spread
        ends = [ratio * np.exp(-reach), ratio * np.exp(reach)]
    low, high = (float(np.clip((end - 1) / (end - 1 + take), 0, 1)) for end in ends)
    return low, high


def _linear(sums: Floats) -> Floats:
    """Return SSB, SSW and what multiplies σ²_b in SSB, σ²_w in SSB and σ²_w in SSW by stratum."""
    w, wy, wyy, ww, q, ratio, inside = sums.T
    return np.column_stack([wyy - wy**2 / w, inside, w - ww / w, ratio - q / w, w - ratio])


def _coefficients(sums: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    return _solved(_linear(sums).sum(axis=0))


def _solved(linear: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Return σ²_b, σ²_w, F and n0 from the sums over all strata."""
    outer, inside, of_between, of_within, free = linear.T
    with np.errstate(divide="ignore", invalid="ignore"):
        within = inside / free
        between = (outer - of_within * within) / of_between
        ratio = outer / (of_within * within)
        take = of_between / of_within
    return between, within, ratio, take
