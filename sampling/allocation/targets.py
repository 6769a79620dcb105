"""The variance constraints of several variables and domains, read and checked.

Constraint k belongs to one domain and one variable: the cv of the estimated total of the
domain is at most its target. With T the total, it reads Σ_h s_h (1 / n_h − 1 / N_h) ≤ (cv T)²
where s_h = N_h² S_h² in the strata of the domain and 0 elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from intake.findings import DesignError, Faults, Words
from sampling.allocation import checks
from sampling.allocation.checks import Row

Targets: TypeAlias = ArrayLike | Mapping[str, ArrayLike]
Labels: TypeAlias = Sequence[object] | Sequence[Sequence[object]] | NDArray[np.generic] | None


@dataclass(frozen=True)
class Constraints:
    """K constraints on H strata; ``squares`` has shape (K, H), all others K entries."""

    sizes: Row
    squares: Row
    domains: tuple[str, ...]
    variables: tuple[str, ...]
    targets: Row
    totals: Row

    @property
    def allowed(self) -> Row:
        """The largest variance of each total."""
        return np.asarray((self.targets * self.totals) ** 2)

    def variance(self, n: Row) -> Row:
        """Return the variance of each total under an allocation; infinite without a case."""
        with np.errstate(divide="ignore", invalid="ignore"):
            each = np.where(self.squares > 0, self.squares * (1 / n - 1 / self.sizes), 0.0)
        return np.asarray(np.maximum(each, 0.0).sum(axis=1))

    def reached(self, n: Row) -> Row:
        """Return the cv of each constraint under an allocation."""
        return np.asarray(np.sqrt(self.variance(n)) / np.abs(self.totals))


def constraints(
    sizes: Row,
    means: ArrayLike,
    sds: ArrayLike,
    cv: Targets,
    domains: Labels,
    variables: Sequence[str] | None,
) -> Constraints:
    """Return the constraints; every total of zero or missing target is named at once."""
    middle, spread = _variables(means, "means", len(sizes)), _variables(sds, "sds", len(sizes))
    if middle.shape != spread.shape:
        raise checks.wrong_length("sds", spread.shape[1], middle.shape[1])
    checks.check_numbers(np.abs(middle), "means")
    checks.check_numbers(spread, "sds")
    count = middle.shape[1]
    names = tuple(variables) if variables is not None else tuple(map(str, range(1, count + 1)))
    if len(names) != count:
        raise checks.wrong_length("variables", len(names), count)
    rows, faults = [], Faults()
    for domain, mask in _domains(domains, len(sizes)):
        wanted = _wanted(cv, domain, count)
        totals = (sizes[:, None] * middle)[mask].sum(axis=0)
        squares = (sizes[:, None] ** 2 * spread**2) * mask[:, None]
        for j in np.flatnonzero(np.isfinite(wanted) & squares.any(axis=0)):
            if totals[j] == 0:
                _note_zero(faults, domain, names[j])
            else:
                rows.append((squares[:, j], domain, names[j], wanted[j], totals[j]))
    faults.raise_as(DesignError)
    tables, owners, kinds, targets, sums = zip(*rows, strict=True) if rows else ((),) * 5
    return Constraints(
        sizes,
        np.array(tables, dtype=np.float64).reshape(len(rows), len(sizes)),
        owners,
        kinds,
        np.array(targets, dtype=np.float64),
        np.array(sums, dtype=np.float64),
    )


def check_reachable(found: Constraints, caps: Row) -> None:
    """Refuse targets that not even all caps reach; each is named with the nearest cv."""
    nearest = found.reached(caps)
    faults = Faults()
    for k in np.flatnonzero(nearest > found.targets * (1 + 1e-9)):
        domain, variable = found.domains[k], found.variables[k]
        target, best = found.targets[k], nearest[k]
        faults.add(
            "allocation-target-unreachable",
            Words(
                f"Miền “{domain}”, biến {variable}: cv {target:.6g} không thể đạt; lấy hết mức "
                f"trần vẫn còn {best:.6g}, hơn {best - target:.6g}.",
                f"In the domain '{domain}' no allocation brings the cv of the variable "
                f"{variable} to {target:.6g}: all caps leave {best:.6g}, {best - target:.6g} "
                "more.",
            ),
            Words(
                f"Đặt cv từ {_up(best)} trở lên, hoặc nâng mức trần.",
                f"Ask for a cv of {_up(best)} or more, or raise the caps.",
            ),
            path=f"cv.{domain}.{variable}",
        )
    faults.raise_as(DesignError)


def _up(value: float) -> str:
    """Return four decimals, rounded up, so that what is advised can be had."""
    return f"{np.ceil(value * 1e4 - 1e-6) / 1e4:.4f}"


def _variables(values: ArrayLike, name: str, strata: int) -> Row:
    """Return shape (H, J); one row of numbers is one variable."""
    numbers = checks.table(values, name)
    if numbers.ndim == 1:
        numbers = numbers[:, None]
    if numbers.ndim != 2 or numbers.shape[1] == 0:
        raise checks.refusal(
            "allocation-sizes-invalid",
            f"“{name}” phải có dạng (số tầng,) hoặc (số tầng, số biến).",
            f"'{name}' must have the shape (strata,) or (strata, variables).",
            "Mỗi dòng một tầng, mỗi cột một biến.",
            "One row for each stratum, one column for each variable.",
            path=name,
        )
    if len(numbers) != strata:
        raise checks.wrong_length(name, len(numbers), strata)
    return numbers


def _domains(labels: Labels, strata: int) -> list[tuple[str, NDArray[np.bool_]]]:
    """Return each domain's name and its strata, system by system, in order of appearance."""
    if labels is None:
        return [("all", np.ones(strata, dtype=np.bool_))]
    listed = list(labels)
    several = bool(listed) and isinstance(listed[0], Sequence | np.ndarray)
    several = several and not isinstance(listed[0], str | bytes)
    found = []
    for system in listed if several else [listed]:
        held = [str(label) for label in system]
        if len(held) != strata:
            raise checks.wrong_length("domains", len(held), strata)
        found += [
            (domain, np.array([label == domain for label in held]))
            for domain in dict.fromkeys(held)
        ]
    return found


def _wanted(cv: Targets, domain: str, count: int) -> Row:
    """Return the targets of one domain for each variable; infinite where none is set."""
    given = cv.get(domain, np.inf) if isinstance(cv, Mapping) else cv
    numbers = checks.table(given, "cv")
    if numbers.ndim > 1 or (numbers.ndim == 1 and len(numbers) != count):
        raise checks.refusal(
            "allocation-length-differs",
            f"“cv” phải là một số hoặc {count} số, mỗi biến một số.",
            f"'cv' must be one number or {count}, one for each variable.",
            "Ghi một giá trị cho mỗi biến.",
            "Give one value for each variable.",
            path="cv",
        )
    wanted = np.broadcast_to(numbers, (count,)).astype(np.float64)
    checks.check_numbers(np.where(wanted == np.inf, 0.0, wanted), "cv")
    return wanted


def _note_zero(faults: Faults, domain: str, variable: str) -> None:
    faults.add(
        "allocation-mean-zero",
        Words(
            f"Miền “{domain}”, biến {variable}: tổng bằng 0 nên không có cv.",
            f"The variable {variable} has the total 0 in the domain '{domain}', so it has no cv.",
        ),
        Words("Bỏ yêu cầu này (cv vô cùng).", "Leave this target out (an infinite cv)."),
        path=f"means.{domain}.{variable}",
    )
