"""Samples from one number per unit: Poisson, and order sampling with Pareto's ranks."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sampling.chance import Chance
from sampling.probabilities.certain import split
from sampling.probabilities.checks import check_probabilities


def poisson(pi: ArrayLike, rng: Chance) -> NDArray[np.int64]:
    """Return the positions whose own uniform number lies below their probability.

    Units are drawn independently of each other, πᵢⱼ = πᵢπⱼ; how many is left to chance,
    Σπ on average (Hájek 1964). Takes one uniform number per unit.

    Parameters
    ----------
    pi
        Shape (N,), 0 to 1; the sum need not be whole.

    Raises
    ------
    DesignError
        ``selection-probabilities-invalid``.

    Examples
    --------
    >>> from sampling.chance import Uniforms
    >>> poisson([0.9, 0.0, 1.0], Uniforms("0" * 64, "a")).tolist()
    [0, 2]
    """
    values = check_probabilities(pi, whole=False)
    return np.flatnonzero(rng.random(len(values)) < values).astype(np.int64)


def pareto(pi: ArrayLike, rng: Chance) -> NDArray[np.int64]:
    """Return the n positions with the smallest Pareto ranks u (1 − π) / ((1 − u) π).

    Order sampling (Rosén 1997): a fixed size, one number per unit, and probabilities that
    come near ``pi`` but are not equal to it: closer the larger Σπ(1 − π). For exact
    probabilities take ``sampford`` or ``maximum_entropy``. Takes one uniform number per
    unit that is neither certain nor impossible.

    Parameters
    ----------
    pi
        Shape (N,), 0 to 1, summing to a whole number.

    Raises
    ------
    DesignError
        ``selection-probabilities-invalid``.

    Examples
    --------
    >>> from sampling.chance import Uniforms
    >>> pareto([0.2, 0.4, 0.6, 0.8], Uniforms("0" * 64, "a")).tolist()
    [1, 2]
    """
    parts = split(pi)
    u = rng.random(len(parts.pi))
    ranks = u * (1 - parts.pi) / ((1 - u) * parts.pi)
    return parts.join(np.argsort(ranks, kind="stable")[: parts.n])
