"""Ranks of units: answers in each, what they tell apart, and what asking every unit costs."""

from __future__ import annotations

import math

import numpy as np

from sampling.precision.expected import critical
from sampling.precision.separation import share_separable, smallest_difference
from sampling.precision.trial import Trial

TAKES = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
COLUMNS = ("take", "answers", "cost", "se", "half_width", "difference", "told_apart", "joint")


def unit_separation(trial: Trial, takes: tuple[float, ...] | None = None) -> list[dict[str, float]]:
    """Return what a ranking of all units needs.

    Parameters
    ----------
    trial
        The design on its frame.
    takes
        Cases in each list; those of the design times ``TAKES`` where not given.

    Returns
    -------
    list
        One mapping per take with the keys of ``COLUMNS``: ``take``; ``answers`` expected in a
        unit; ``cost`` of asking in every unit of the frame; ``se`` and ``half_width`` (z) of a
        unit's own figure; ``difference`` between two units found with a chance of 80 %;
        ``told_apart``, the expected share of pairs that a test tells apart, and ``joint``, by
        joint intervals of all units. Empty where the units of stage 1 are the respondents.
    """
    rows: list[dict[str, float]] = []
    stages = len(trial.design.stages)
    if stages > 1:
        least, most = 1, trial.layout.longest
        asked = takes or tuple(trial.take * each for each in TAKES)
        every = float(trial.layout.counts.sum())
        sd = trial.between
        for take in sorted({min(max(round(each), least), most) for each in asked}):
            found = trial.with_takes(trial.layout.counts.astype(np.int64), float(take))
            se = math.sqrt(max(float(found.inner.mean()) * (1 + found.relvariance), 1e-300))
            level = found.level
            rows.append(
                {
                    "take": take,
                    "answers": float(found.answers.mean()),
                    "cost": trial.cost(found),
                    "se": se,
                    "half_width": se * float(critical(np.array(1.0), level, "z")),
                    "difference": float(smallest_difference(se, level=level)),
                    "told_apart": float(share_separable(sd, se, level=level)),
                    "joint": float(
                        share_separable(
                            sd, se, method="joint", level=level, units=max(int(every), 2)
                        )
                    ),
                }
            )
    return rows
