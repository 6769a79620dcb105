"""How likely two units are drawn together."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from intake.findings import DesignError, Words
from sampling.probabilities import pairs
from sampling.probabilities.certain import split
from sampling.probabilities.checks import check_probabilities, refusal

Floats = NDArray[np.float64]

# A matrix of 20,000 units holds 3.2 GB.
MOST_UNITS = 20_000

EXACT: dict[str, Callable[[Floats, int], Floats]] = {
    "sampford": pairs.sampford,
    "maximum_entropy": pairs.maximum_entropy,
    "systematic": pairs.systematic,
    "tille": pairs.tille,
    "midzuno": pairs.midzuno,
    "srs": pairs.srs,
}
APPROXIMATE: dict[str, Callable[[Floats, int], Floats]] = {
    "hajek": pairs.hajek,
    "brewer": pairs.brewer,
}
# Designs whose pairs have no simple exact form, and what stands in for them.
STAND_INS = {
    "pareto": "hajek",
    "rao_hartley_cochran": None,
    "chromy": "hajek",
    "cube": None,
    "local_pivotal": None,
    "scps": None,
    "systematic_random": "hajek",
}


def joint_probabilities(
    pi: ArrayLike, method: str = "sampford", *, tolerance: float | None = 1e-6
) -> NDArray[np.float64]:
    """Return the matrix of joint inclusion probabilities, πᵢ on its diagonal.

    Exact: ``sampford`` (Sampford 1967), ``maximum_entropy`` (conditional Poisson; Chen,
    Dempster and Liu 1994), ``systematic`` in the order given (Madow 1949), ``tille``
    (1996), ``midzuno`` (the draw that complements Tillé's), ``srs`` and ``poisson``.
    Approximations: ``hajek`` (1964) and ``brewer`` (Brewer and Donadio 2003, equation 18);
    the latter is named after the formula, not after Brewer's draw, whose pairs have no
    simple form except for n = 2, where they are Sampford's.

    Parameters
    ----------
    pi
        Shape (N,), 0 to 1; the sum is a whole number (any sum for ``poisson``). N at most
        20,000, since the matrix is dense.
    method
        One of the names above.
    tolerance
        For ``maximum_entropy`` alone, whose trials must be fitted. The default stops where R's
        ``sampling`` stops, so that its numbers come out; a pair is off by at most 1e-5 of
        itself. ``None`` fits to the last digit: rows sum to nπᵢ.

    Returns
    -------
    numpy.ndarray
        Shape (N, N), symmetric. A certain unit i has πᵢⱼ = πⱼ, a unit of probability 0 has
        0 everywhere; the design holds for the others. (R's ``sampling`` does the same for
        ``UPmaxentropypi2``, leaves rows of certain units at 0 in ``UPtillepi2``, cannot
        take them in ``UPsampfordpi2``, and multiplies πᵢπⱼ in ``UPsystematicpi2``, which
        is equal.)

    Raises
    ------
    DesignError
        ``selection-probabilities-invalid``, ``selection-method-unknown``,
        ``selection-pairs-unknown`` (no exact form; the advice names an approximation),
        ``selection-probabilities-unequal`` (``srs``), ``selection-matrix-too-large``.

    Examples
    --------
    >>> joint_probabilities([0.5, 0.5, 0.5, 0.5], "sampford").round(6)[0].tolist()
    [0.5, 0.166667, 0.166667, 0.166667]
    """
    if method == "poisson":
        values = check_probabilities(pi, whole=False)
        _check_held(len(values))
        found = np.outer(values, values)
        np.fill_diagonal(found, values)
        return found
    method = str(method)
    design = EXACT.get(method) or APPROXIMATE.get(method)
    if design is None:
        raise _no_pairs(method)
    values = check_probabilities(pi)
    _check_held(len(values))
    parts = split(values)
    found = np.zeros((len(values), len(values)))
    # One draw leaves no pair.
    if parts.n > 1:
        held = _fitted(design, parts.pi, parts.n, tolerance)
        # Pairs that all but never come can round to just below 0.
        found[np.ix_(parts.open, parts.open)] = np.maximum((held + held.T) / 2, 0.0)
    elif parts.n and method == "srs":
        design(parts.pi, parts.n)
    found[parts.certain, :] = values
    found[:, parts.certain] = values[:, None]
    np.fill_diagonal(found, values)
    return found


def _fitted(
    design: Callable[[Floats, int], Floats], pi: Floats, n: int, tolerance: float | None
) -> Floats:
    if design is not pairs.maximum_entropy or tolerance is None:
        return design(pi, n)
    if isinstance(tolerance, bool) or not 1e-15 <= float(tolerance) < 1:
        raise refusal(
            "selection-tolerance-invalid",
            Words(
                f"Ngưỡng {tolerance!r} không dùng được.",
                f"The tolerance {tolerance!r} is unusable.",
            ),
            Words("Ghi số từ 1e-15 đến dưới 1.", "Give 1e-15 up to 1, or None."),
            path="tolerance",
        )
    return pairs.maximum_entropy_nearly(pi, n, float(tolerance))


def _check_held(held: int) -> None:
    if held > MOST_UNITS:
        raise refusal(
            "selection-matrix-too-large",
            Words(
                f"Ma trận của {held} đơn vị cần {held * held * 8 / 1e9:.1f} GB; "
                f"nhiều nhất {MOST_UNITS} đơn vị.",
                f"A matrix of {held} units takes {held * held * 8 / 1e9:.1f} GB; at most "
                f"{MOST_UNITS} units.",
            ),
            Words(
                "Tính riêng từng tầng, hoặc dùng công thức phương sai không cần xác suất cặp.",
                "Work stratum by stratum, or use a variance formula that needs no pairs.",
            ),
            path="pi",
        )


def _no_pairs(method: str) -> DesignError:
    """Return the refusal of a design without known pairs, or of no design at all."""
    if method in STAND_INS:
        stand_in = STAND_INS[method]
        advice = (
            Words(
                f"Dùng xấp xỉ có tên của nó: method='{stand_in}'.",
                f"Use an approximation under its own name: method='{stand_in}'.",
            )
            if stand_in
            else Words(
                "Dùng công thức phương sai riêng của phương pháp này.",
                "Use this method's own variance formula.",
            )
        )
        return refusal(
            "selection-pairs-unknown",
            Words(
                f"Phương pháp '{method}' không có công thức chính xác cho xác suất cặp.",
                f"The method '{method}' has no exact joint probabilities.",
            ),
            advice,
            path="method",
        )
    known = ", ".join([*EXACT, "poisson", *APPROXIMATE])
    return refusal(
        "selection-method-unknown",
        Words(f"Không có phương pháp {method!r}.", f"There is no method {method!r}."),
        Words(f"Chọn một trong: {known}.", f"Choose one of: {known}."),
        path="method",
    )
