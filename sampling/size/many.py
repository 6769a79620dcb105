"""How many for many domains at once, each with its own size, target and expectations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from intake.findings import DesignError, Faults, Words
from sampling.size.checks import as_numbers, check_one, quantile, refusal
from sampling.size.intervals import (
    Method,
    answers_for,
    check_method,
    limited,
    unlimited,
    width_of,
)
from sampling.size.results import DomainSizes

PerDomain: TypeAlias = ArrayLike | Mapping[str, float]


def domains(
    sizes: PerDomain,
    *,
    p: PerDomain | None = None,
    sd: PerDomain | None = None,
    mean: PerDomain | None = None,
    margin: PerDomain | None = None,
    relative_margin: PerDomain | None = None,
    cv: PerDomain | None = None,
    confidence: float = 0.95,
    method: Method = "wald",
    deff: PerDomain = 1.0,
    response: PerDomain = 1.0,
    eligible: PerDomain = 1.0,
) -> DomainSizes:
    """Return how many cases each of many domains needs for its own target.

    Each domain is worked out as :func:`share` (with ``p``) or :func:`mean` (with ``sd``)
    would, by the same formulas and the same rounding.

    Parameters
    ----------
    sizes
        Eligible persons of each domain: shape (D,), or a mapping from its name. All other
        values: one number for all, shape (D,), or a mapping with a value for every name.
    p, sd
        Share expected, or standard deviation of the values: exactly one of them.
    mean
        The mean expected, for ``relative_margin`` or ``cv`` with ``sd``.

    Returns
    -------
    DomainSizes
        Cases, exact sizes, which domains cannot be met and the nearest precision there.

    Raises
    ------
    DesignError
        All values outside their range are named together, with their domain.

    Examples
    --------
    >>> found = domains({"An Biên": 40_000, "Bạch Long Vĩ": 500}, p=0.8, margin=0.03,
    ...                 deff=1.5, response=0.6)
    >>> found.n.tolist(), found.unmet
    ([1679, 723], ('Bạch Long Vĩ',))
    >>> round(float(found.nearest[1]), 3)
    0.043
    """
    names = _names(sizes)
    said = check_one(margin=_given(margin), relative_margin=_given(relative_margin), cv=_given(cv))
    kind = check_one(p=_given(p), sd=_given(sd))
    check_method(method)
    reader = _Reader(names)
    size = reader.read("sizes", sizes, 0, np.inf)
    rates = [
        reader.read(name, value, 0, 1, True)
        for name, value in (("response", response), ("eligible", eligible))
    ]
    effect = reader.read("deff", deff, 0, np.inf)
    target = reader.read(said, {"margin": margin, "cv": cv}.get(said, relative_margin), 0, np.inf)
    share = reader.read("p", p, 0, 1) if kind == "p" else np.ones(len(names))
    spread = reader.read("sd", sd, 0, np.inf) if kind == "sd" else np.sqrt(share * (1 - share))
    middle = _middle(reader, kind, said, mean, share)
    limit = 0.5 if kind == "p" and method != "wald" and said != "cv" else np.inf
    reader.read("margin", target * middle, 0, limit)
    reader.faults.raise_as(DesignError)
    rule = _Rule(kind, said, method, quantile(confidence), share, spread, middle)
    respondents = rule.finite(rule.answers(target), size) * effect
    cases = respondents / (rates[0] * rates[1])
    possible = cases <= size / rates[1] * (1 + 1e-12)
    most = rule.error(rule.infinite(np.minimum(size * rates[0] / effect, size), size))
    return DomainSizes(
        names,
        np.ceil(cases - 1e-9).astype(np.int64),
        cases,
        respondents,
        possible,
        np.where(possible, target, most),
        said,
    )


class _Rule:
    """The formulas of one kind of target: answers for an error, and back."""

    def __init__(
        self,
        kind: str,
        said: str,
        method: str,
        z: float,
        share: NDArray[np.float64],
        spread: NDArray[np.float64],
        middle: NDArray[np.float64],
    ) -> None:
        self.share, self.spread, self.middle = share, spread, middle
        self.less = 1 if kind == "p" else 0
        self.z = 1.0 if said == "cv" else z
        self.method = method if kind == "p" and said != "cv" else "plain"

    def answers(self, target: NDArray[np.float64]) -> NDArray[np.float64]:
        error = target * self.middle
        if self.method == "plain":
            return np.asarray((self.z * self.spread / error) ** 2)
        return answers_for(self.share, error, self.z, self.method)

    def error(self, n: NDArray[np.float64]) -> NDArray[np.float64]:
        if self.method == "plain":
            return np.asarray(self.z * self.spread / np.sqrt(n) / self.middle)
        return np.asarray(width_of(self.share, n, self.z, self.method) / self.middle)

    def finite(self, n: NDArray[np.float64], size: NDArray[np.float64]) -> NDArray[np.float64]:
        if self.method == "logit":
            with np.errstate(divide="ignore"):
                return np.asarray(1 / (size / (size - 1) / n + 1 / size))
        return limited(n, self.less, size)

    def infinite(self, n: NDArray[np.float64], size: NDArray[np.float64]) -> NDArray[np.float64]:
        with np.errstate(divide="ignore", invalid="ignore"):
            if self.method == "logit":
                return np.asarray(size / (size - 1) / (1 / n - 1 / size))
            return np.where(n < size, unlimited(n, self.less, size), np.inf)


class _Reader:
    """Reads values per domain and collects what is wrong with them."""

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names
        self.faults = Faults()

    def read(
        self, name: str, value: object, low: float, high: float, closed: bool = False
    ) -> NDArray[np.float64]:
        numbers = self._numbers(name, value)
        with np.errstate(invalid="ignore"):
            good = (numbers > low) & ((numbers < high) | (closed & (numbers == high)))
        for at in np.flatnonzero(~good):
            self._note(
                "size-value-out-of-range",
                f"{name} của miền “{self.names[at]}” là {numbers[at]:g}, phải nằm giữa "
                f"{low:g} và {high:g}.",
                f"{name} of the domain '{self.names[at]}' is {numbers[at]:g}; it must lie "
                f"between {low:g} and {high:g}.",
                f"{name}.{self.names[at]}",
            )
        return np.where(good, numbers, 0.5)

    def _numbers(self, name: str, value: object) -> NDArray[np.float64]:
        if isinstance(value, Mapping):
            missing = [domain for domain in self.names if domain not in value]
            if missing or len(value) > len(self.names):
                extra = [str(key) for key in value if str(key) not in self.names]
                self._note(
                    "size-length-differs",
                    f"{name} thiếu hoặc thừa miền: {', '.join((missing + extra)[:10])}.",
                    f"{name} lacks or adds domains: {', '.join((missing + extra)[:10])}.",
                    name,
                )
            value = [value.get(domain, np.nan) for domain in self.names]
        numbers = as_numbers(value)
        if numbers.ndim and numbers.shape != (len(self.names),):
            self._note(
                "size-length-differs",
                f"{name} phải có {len(self.names)} giá trị.",
                f"{name} has the shape {numbers.shape}; there are {len(self.names)} domains.",
                name,
            )
            numbers = np.asarray(0.5)
        return np.broadcast_to(numbers, (len(self.names),)).astype(np.float64)

    def _note(self, code: str, vi: str, en: str, path: str) -> None:
        advice = Words("Sửa giá trị này.", "Mend this value.")
        self.faults.add(code, Words(vi, en), advice, path=path)


def _names(sizes: PerDomain) -> tuple[str, ...]:
    if isinstance(sizes, Mapping):
        names = tuple(str(name) for name in sizes)
    else:
        count = np.shape(sizes)
        names = tuple(str(at) for at in range(count[0])) if len(count) == 1 else ()
    if not names:
        raise refusal(
            "size-length-differs",
            "Chưa có miền nào.",
            "There is no domain: sizes must be a row or a mapping.",
            "Ghi quy mô của từng miền.",
            "Give the size of every domain.",
            path="sizes",
        )
    return names


def _given(value: PerDomain | None) -> float | None:
    return None if value is None else 1.0


def _middle(
    reader: _Reader, kind: str, said: str, mean: PerDomain | None, share: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return what a relative precision is a part of; ones for an absolute margin."""
    if said == "margin":
        return np.ones(len(reader.names))
    if kind == "p":
        return share
    if mean is None:
        raise refusal(
            "size-mean-missing",
            f"Muốn dùng {said} phải ghi số trung bình dự kiến.",
            f"A {said} is a part of the mean, which is not given.",
            "Ghi thêm mean=….",
            "Add mean=….",
            path="mean",
        )
    return reader.read("mean", mean, 0, np.inf)
