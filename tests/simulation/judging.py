"""Judges repeated draws: bias, inclusion probabilities, coverage, standard errors.

Inclusion is judged by Q = Σ (f − Rπ)² / (Rπ(1 − π)) over the units that chance may draw. Its
counts f are sums of R independent draws, so nearly normal with the covariance that the design
gives to the indicators of one draw; Q then is distributed like Σ λ χ²₁ with λ the eigenvalues
of their correlation matrix. Counts of a draw of fixed size are negatively correlated: a
chi-square with as many degrees of freedom as units would be the wrong reference.

- Units of a stage: the covariance is that of the draws themselves, zero between strata
  (or communes), which are drawn independently; λ are exact for simple random draws, which
  `test_designs` compares. Tails by 200,000 simulated sums.
- Places of a list drawn at random: the exact covariance of simple random sampling given the lists
  drawn; at a step: that over all starts. The tail is that of a multiple of a chi-square with
  the same mean and variance (Satterthwaite 1946).
- Starts at a counter, and persons of a household by Kish: equal chances, Pearson's chi-square.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from math import gcd

import numpy as np
from scipy import stats
from simulation.catalogue import Case
from simulation.reading import Reader
from simulation.repeating import Found

SIMULATED = 200_000
LEVEL = 0.95
LOW, HIGH = 0.935, 0.965
MANY_UNITS = 10


@dataclass(frozen=True)
class Verdict:
    """What repeated draws say of a case; arrays hold both answers."""

    case: Case
    draws: int
    bias_ht: np.ndarray
    bias_hajek: np.ndarray
    inclusion: dict[str, float]
    coverage_ht: np.ndarray
    coverage: np.ndarray
    error: np.ndarray
    ratio: np.ndarray
    empirical: np.ndarray
    units: float
    df: float
    seconds: float

    @property
    def name(self) -> str:
        return f"{self.case.group}: {self.case.name}"

    @property
    def biased(self) -> bool:
        """Whether a mean of the estimates is more than three Monte-Carlo errors off."""
        return bool((np.abs([self.bias_ht, self.bias_hajek]) > 3).any())

    @property
    def totals_outside(self) -> bool:
        """Whether intervals of the Horvitz–Thompson mean leave the band of the Hájek mean's."""
        play = 2 * np.sqrt(self.coverage_ht * (1 - self.coverage_ht) / self.draws)
        low, high = self.coverage_ht < LOW - play, self.coverage_ht > HIGH + play
        return bool((low | high).any())

    @property
    def few(self) -> bool:
        """Whether there are too few primary units to hold an interval to its promise."""
        return self.units < MANY_UNITS


def judge(case: Case, reader: Reader, found: Found) -> Verdict:
    """Return the verdict on the draws of a case."""
    truth = np.tile(reader.people.truth, 2)
    apart = found.estimates - truth
    draws = len(apart)
    spread = apart.std(axis=0, ddof=1)
    bias = apart.mean(axis=0) / (spread / np.sqrt(draws))
    reach = stats.t.ppf((1 + LEVEL) / 2, found.df)[:, None] * np.sqrt(found.variances)
    held = (np.abs(apart) <= reach).mean(axis=0)
    # Primary units that chance draws; where none is, rows of the lists are their own.
    free = reader.nominal < 1
    drawn = float(reader.nominal[free].sum()) if free.any() else float(np.mean(found.df))
    ratio = np.sqrt(found.variances.mean(axis=0)) / spread
    return Verdict(
        case,
        draws,
        bias[:2],
        bias[2:],
        inclusion(reader, found),
        held[:2],
        held[2:],
        np.sqrt(np.maximum(held * (1 - held), 1e-4) / draws)[2:],
        ratio[2:],
        spread,
        drawn,
        float(np.mean(found.df)),
        found.seconds,
    )


def inclusion(reader: Reader, found: Found) -> dict[str, float]:
    """Return the p-value of every stage that chance had a part in."""
    made: dict[str, float] = {}
    if (found.spread > 0).any():
        made["units"] = of_units(found.residual, found.spread, reader.stratum)
    if len(found.below):
        chance = reader.nominal_below * (1 - reader.nominal_below)
        spread = len(found.below) * reader.nominal[reader.parent] * chance
        made["villages"] = of_units(found.below, spread, reader.parent)
    if reader.listing is not None:
        made["list"] = of_lists(reader, found)
    if found.asked.any():
        made["persons"] = of_persons(found.asked)
    return made


def of_units(residual: np.ndarray, spread: np.ndarray, stratum: np.ndarray) -> float:
    """Return P(Q or more) of indicators less chances (draws × units), zero on average.

    ``spread`` is the sum over draws of chance × (1 − chance); ``stratum`` tells which units may
    depend on each other.
    """
    free = spread > 0
    scaled = residual[:, free] / np.sqrt(spread[free])
    q = float((scaled.sum(axis=0, dtype=float) ** 2).sum())
    return tail(q, eigenvalues(scaled, stratum[free]))


def eigenvalues(scaled: np.ndarray, stratum: np.ndarray) -> np.ndarray:
    """Return the eigenvalues of the covariance of a sum of draws, stratum by stratum."""
    made = []
    for one in np.unique(stratum):
        part = np.atleast_2d(np.cov(scaled[:, stratum == one], rowvar=False))
        made.append(np.linalg.eigvalsh(part * len(scaled)))
    return np.concatenate(made).clip(0)


def tail(q: float, weights: np.ndarray) -> float:
    """Return P(Σ λ χ²₁ ≥ q), by simulation with a fixed seed."""
    rng = np.random.Generator(np.random.PCG64(20261126))
    weights = weights[weights > 1e-9]
    above, done = 0, 0
    while done < SIMULATED:
        count = max(1, min(SIMULATED - done, 4_000_000 // max(len(weights), 1)))
        sums = np.square(rng.standard_normal((count, len(weights)), dtype=np.float32)) @ weights
        above += int((sums >= q).sum())
        done += count
    return (above + 1) / (SIMULATED + 1)


def matched(q: float, mean: float, variance: float) -> float:
    """Return P(Q ≥ q) by a multiple of a chi-square with this mean and variance."""
    return float(stats.chi2.sf(q * 2 * mean / variance, 2 * mean**2 / variance))


def of_lists(reader: Reader, found: Found) -> float:
    """Return the p-value of list places, given how often each list was drawn from."""
    stage = reader.listing
    q = mean = variance = 0.0
    for at in np.flatnonzero(found.listed):
        held, times = int(reader.held[at]), int(found.listed[at])
        counts = found.counts[reader.places[at] : reader.places[at] + held]
        take = held * stage.rate if stage.rate is not None else stage.fitting(stage.take, held)
        if stage.method == "every_kth":
            step = max(1, held // int(take))
            q += stats.chisquare(counts[:step]).statistic
            mean, variance = mean + step - 1, variance + 2 * (step - 1)
            continue
        chance = take / held
        if chance >= 1:
            continue
        of = at_a_step if stage.method == "systematic" else at_random
        first, second = of(held, float(take))
        q += float(((counts - times * chance) ** 2).sum() / (times * chance * (1 - chance)))
        mean, variance = mean + first, variance + 2 * second
    return matched(q, mean, variance)


@cache
def at_random(held: int, take: float) -> tuple[float, float]:
    """Return Σλ and Σλ² of a simple random draw whose size is ``take``, rounded by chance."""
    low = int(np.floor(take))
    rest = take - low
    pairs = ((1 - rest) * low * (low - 1) + rest * (low + 1) * low) / (held * (held - 1))
    chance = take / held
    own = chance * (1 - chance)
    apart, along = (own - (pairs - chance**2)) / own, (own + (held - 1) * (pairs - chance**2)) / own
    return (held - 1) * apart + along, (held - 1) * apart**2 + along**2


@cache
def at_a_step(held: int, take: float) -> tuple[float, float]:
    """Return Σλ and Σλ² of a systematic draw, over all its different starts."""
    n = round(take)
    starts = held // gcd(held, n)
    hit = np.zeros((starts, held))
    for number in range(starts):
        points = ((number + 0.5) / starts + np.arange(n)) * held / n
        hit[number, points.astype(int)] = 1.0
    own = n / held * (1 - n / held)
    covariance = np.cov(hit, rowvar=False, ddof=0) / own
    return float(np.trace(covariance)), float((covariance**2).sum())


def of_persons(asked: np.ndarray) -> float:
    """Return the p-value of who was asked in households of 2, 3, … eligible persons."""
    q = df = 0.0
    for eligible in range(2, len(asked)):
        counts = asked[eligible, 1 : eligible + 1]
        if counts.sum() >= 5 * eligible:
            q, df = q + stats.chisquare(counts).statistic, df + eligible - 1
    return float(stats.chi2.sf(q, df))


HEAD = (
    f"{'design':<43}{'draws':>6}{'bias HT':>13}{'bias Hájek':>13}{'chi² p':>8}"
    f"{'coverage':>13}{'HT':>13}{'se/sd':>10}{'units':>7}{'CPU s':>6}  remark"
)


def line(verdict: Verdict) -> str:
    """Return a verdict as a line of the table; pairs are satisfied and score."""
    v = verdict

    def two(values: np.ndarray, form: Callable[[float], str]) -> str:
        return " ".join(form(float(value)) for value in values)

    remark = f"may be wide: {v.case.wide}" if v.case.wide else ""
    remark = "few units: coverage not asserted" if v.few else remark
    if v.totals_outside and not v.case.wide:
        remark = f"{remark} HT outside".strip()
    return (
        f"{v.name:<43}{v.draws:>6}{two(v.bias_ht, '{:+.2f}'.format):>13}"
        f"{two(v.bias_hajek, '{:+.2f}'.format):>13}{min(v.inclusion.values()):>8.4f}"
        f"{two(v.coverage, '{:.1%}'.format):>13}{two(v.coverage_ht, '{:.1%}'.format):>13}"
        f"{two(v.ratio, '{:.2f}'.format):>10}{v.units:>7.0f}{v.seconds:>6.0f}  {remark}"
    ).rstrip()
