"""The cheapest allocation that meets the cv of several variables in several domains.

The problem is that of Bethel (1989) and Chromy (1987); the solver is another one (see
``interior``), because theirs may stall where constraints are nearly alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sampling.allocation import checks, interior
from sampling.allocation.checks import Row
from sampling.allocation.optimum import lowered
from sampling.allocation.targets import (
    Labels,
    Targets,
    check_reachable,
    constraints,
)

if TYPE_CHECKING:
    import pandas as pd

Rounding: TypeAlias = Literal["nearest_up"] | None


@dataclass(frozen=True)
class BethelSolution:
    """An allocation under several constraints, and why no cheaper one exists.

    Strata in the order given, shape (H,); constraints in the order of ``domains`` and
    ``variables``, shape (K,).

    ``exact`` is the optimum in fractions and ``n`` in whole numbers; ``cost`` and
    ``cost_exact`` their costs. ``targets`` and ``reached`` are cvs (``reached`` of ``n``).
    ``multipliers`` are the Lagrange multipliers in units of cost, ``binding`` those that
    cost anything, ``saving`` the cost saved if that target alone were one hundredth of
    itself larger. ``kkt_residual`` is the largest relative violation of the Kuhn-Tucker
    conditions by ``exact``, and ``lower_bound`` a cost that no allocation can undercut.
    """

    n: NDArray[np.int64]
    exact: Row
    cost: float
    cost_exact: float
    domains: tuple[str, ...]
    variables: tuple[str, ...]
    targets: Row
    reached: Row
    multipliers: Row
    binding: NDArray[np.bool_]
    saving: Row
    kkt_residual: float
    lower_bound: float

    @property
    def table(self) -> pd.DataFrame:
        """One row a constraint, the dearest first."""
        import pandas as pd

        rows = pd.DataFrame(
            {
                "domain": self.domains,
                "variable": self.variables,
                "target": self.targets,
                "reached": self.reached,
                "multiplier": self.multipliers,
                "binding": self.binding,
                "saving": self.saving,
            }
        )
        return rows.sort_values("saving", ascending=False, kind="stable", ignore_index=True)


def bethel(
    sizes: ArrayLike,
    means: ArrayLike,
    sds: ArrayLike,
    cv: Targets,
    *,
    domains: Labels = None,
    variables: Sequence[str] | None = None,
    costs: ArrayLike = 1.0,
    floor: ArrayLike | None = None,
    cap: ArrayLike | None = None,
    rounding: Rounding = "nearest_up",
) -> NDArray[np.int64] | NDArray[np.float64]:
    """Return the cheapest allocation whose cvs are all at most their targets.

    Minimise Σ c_h n_h subject to, for every domain D and variable j,
    Σ_{h in D} N_h² S_hj² (1 / n_h − 1 / N_h) ≤ (cv_Dj · Σ_{h in D} N_h mean_hj)².

    Parameters
    ----------
    sizes
        N_h, shape (H,), above 0.
    means, sds
        Shape (H,) for one variable or (H, J) for several, in the variables' own units.
    cv
        Targets: one number, or shape (J,), for every domain; or a mapping from the domain
        to either (domains not in it have no target). An infinite target is none.
    domains
        Labels of the strata, shape (H,); or a list of several such rows, one for each way
        of dividing the whole; without it the whole is the one domain. A row with one label
        for all adds the whole to other domains.
    variables
        Names of the variables, for messages and tables; 1 … J unless given.
    costs
        Cost of one more case, one number or shape (H,); 1 makes the total least.
    floor, cap
        One number or shape (H,). The floor is 2, from which a variance can be estimated,
        or the size where that is 1; the cap is the size: a stratum that reaches it is
        taken as a whole.
    rounding
        ``"nearest_up"``: rounded up, then each number lowered by one, the costliest
        rounding first, as long as every target is still met. None: fractions.

    Returns
    -------
    ndarray
        Shape (H,), whole numbers by default. :func:`bethel_solution` also tells which
        constraints bind and what they cost.

    Raises
    ------
    DesignError
        A target that not even the caps reach (each such domain and variable, by how much,
        with the nearest cv), a total of zero, or a value that is no number.

    References
    ----------
    Bethel, J. (1989). Sample allocation in multivariate surveys. Survey Methodology 15,
    47-57.
    Chromy, J. R. (1987). Design optimization with multiple objectives. Proceedings of the
    Survey Research Methods Section, American Statistical Association, 194-199.

    Examples
    --------
    >>> bethel([1000, 1000], [[50, 5], [50, 5]], [[10, 5], [20, 1]], [0.02, 0.05]).tolist()
    [94, 117]
    """
    checks.check_rounding(rounding, "nearest_up")
    found = bethel_solution(
        sizes, means, sds, cv, domains=domains, variables=variables, costs=costs, floor=floor,
        cap=cap,
    )  # fmt: skip
    return found.exact if rounding is None else found.n


def bethel_solution(
    sizes: ArrayLike,
    means: ArrayLike,
    sds: ArrayLike,
    cv: Targets,
    *,
    domains: Labels = None,
    variables: Sequence[str] | None = None,
    costs: ArrayLike = 1.0,
    floor: ArrayLike | None = None,
    cap: ArrayLike | None = None,
) -> BethelSolution:
    """Return the allocation of :func:`bethel` with its multipliers and its proof.

    Examples
    --------
    >>> found = bethel_solution([1000, 500], [50, 80], [10, 30], 0.02)
    >>> found.n.tolist(), found.binding.tolist(), found.kkt_residual < 1e-8
    ([66, 99], [True], True)
    """
    held = checks.row(sizes, "sizes", positive=True)
    price = checks.row(costs, "costs", len(held), positive=True)
    low, high = checks.bounds(
        np.minimum(2.0, np.floor(held)) if floor is None else floor,
        held if cap is None else cap,
        len(held),
    )
    found = constraints(held, means, sds, cv, domains, variables)
    check_reachable(found, high)
    slack = np.maximum(found.allowed - found.variance(high), 0.0)
    # What only the caps reach leaves no choice: those strata are fixed, and so are those that
    # one constraint alone holds within a billionth of their cap.
    tight = slack <= 1e-10 * found.allowed
    usage = found.squares / np.where(tight, np.inf, slack)[:, None]
    held_up = (found.squares[tight] > 0).any(axis=0) | (usage > 1e9 * high).any(axis=0)
    forced = np.where(held_up, high, low)
    exact, multipliers = _optimum(usage, price, forced, high)
    n = lowered(exact, usage, 1 / high, price, forced, high)
    spent = float((price * exact).sum())
    with np.errstate(divide="ignore", invalid="ignore"):
        saving = np.where(tight, 0.0, 0.02 * multipliers * found.allowed / slack)
    return BethelSolution(
        n,
        exact,
        float((price * n).sum()),
        spent,
        found.domains,
        found.variables,
        found.targets,
        found.reached(n.astype(np.float64)),
        multipliers,
        multipliers > 1e-7 * spent,
        saving,
        interior.kkt_residual(exact, multipliers, usage, price, forced, high),
        interior.lower_bound(multipliers, usage, price, forced, high),
    )


def _optimum(usage: Row, price: Row, low: Row, high: Row) -> tuple[Row, Row]:
    """Return the optimum in fractions and the multipliers of the constraints.

    Strata that no constraint touches stay at their floor; the rest goes to the solver.
    """
    touched = usage.any(axis=0)
    n = np.where(touched, high, low)
    free = (low < high) & touched
    multipliers = np.zeros(len(usage))
    rows = (usage[:, free] > 0).any(axis=1)
    if rows.any():
        n[free], multipliers[rows] = interior.cheapest(
            usage[np.ix_(rows, free)], price[free], low[free], high[free]
        )
    return np.clip(n, low, high), multipliers
