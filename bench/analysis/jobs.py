"""The work that is measured: this project's call beside the plain formulation of the same.

Designs are made once, outside the timed part. Only the public interface is called.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from analysis import SurveyDesign, estimate, weighting
from analysis import replication as replicate
from analysis.inference import models
from bench.analysis import generator, plain
from bench.analysis.generator import DOMAINS, MARGINS, NAMES, X_NAMES, Survey

SEED = 7


@dataclass(frozen=True)
class Work:
    """One row of the table."""

    title: str
    rows: int
    ours: Callable[[], Any]
    plain: Callable[[], Any]
    limit: float
    same: float = 1e-9
    peers: dict[str, float | None] = field(default_factory=dict)
    peer_job: str = ""


def design_of(survey: Survey, layout: str = "columns") -> SurveyDesign:
    return SurveyDesign(survey.frame(layout), weights="w", strata="stratum", psu="psu")


def strata_of_psus(survey: Survey) -> np.ndarray:
    psu = survey.columns["psu"]
    stratum = np.zeros(psu.max() + 1, dtype=np.int64)
    stratum[psu] = survey.columns["stratum"]
    return stratum


def targets_of(survey: Survey) -> dict[str, np.ndarray]:
    """Margins that lie up to 10 % beside what the sample has."""
    targets = {}
    for name, size in MARGINS.items():
        have = np.bincount(survey.columns[name], minlength=size) * np.linspace(0.9, 1.1, size)
        targets[name] = have / have.sum() * survey.columns["w"].sum()
    return targets


def _table(found: Any) -> np.ndarray:
    return found.table[["value", "se"]].to_numpy()


def _flat(answer: plain.Answer) -> np.ndarray:
    """Order as the tables of `estimate.mean`: by domain, then item."""
    return np.column_stack([part.ravel() for part in answer])


def means(survey: Survey, layout: str = "columns") -> Work:
    c, stratum = survey.columns, strata_of_psus(survey)
    design = design_of(survey, layout)
    return Work(
        f"25 means + SE ({'one block' if layout == 'block' else '25 separate columns'})",
        len(c["w"]),
        lambda: _table(estimate.mean(design, NAMES)),
        lambda: _flat(plain.means(c["psu"], stratum, c["w"], survey.items)),
        1.5,
        peers={"svy": 5, "samplics": None, "R survey": 50},
        peer_job="overall",
    )


def by_domain(survey: Survey, design: SurveyDesign, name: str, size: int) -> Work:
    c, stratum = survey.columns, strata_of_psus(survey)
    return Work(
        f"the same by {size} domains ({name})",
        len(c["w"]),
        lambda: _table(estimate.mean(design, NAMES, by=name)),
        lambda: _flat(plain.means(c["psu"], stratum, c["w"], survey.items, c[name], size)),
        1.5,
        peers={"svy": 100, "samplics": None, "R survey": 50} if size == 12 else {},
        peer_job="by12",
    )


def raking(survey: Survey) -> Work:
    c, targets, design = survey.columns, targets_of(survey), design_of(survey)
    margins = {name: dict(enumerate(total.tolist())) for name, total in targets.items()}
    codes = [c[name] for name in MARGINS]
    return Work(
        "raking, 4 margins",
        len(c["w"]),
        lambda: weighting.rake(design, margins).weights,
        lambda: plain.rake(c["w"], codes, [targets[name] for name in MARGINS]),
        2.0,
        same=1e-6,
        peers={
            "rimpy": 5,
            "weightipy": 5,
            "balance": 5,
            "ipfn": None,
            "svy": None,
            "samplics": None,
            "R survey": None,
        },
        peer_job="raking",
    )


def replicates(survey: Survey) -> Work:
    c, stratum, design = survey.columns, strata_of_psus(survey), design_of(survey)

    def ours() -> np.ndarray:
        made = replicate.make(design, kind="rao_wu", replicates=200, seed=SEED)
        return _table(estimate.mean(made, NAMES))[:, :1]

    def beside() -> np.ndarray:
        rng = np.random.Generator(np.random.PCG64(SEED))
        made = plain.rao_wu(c["psu"], stratum, c["w"], survey.items, 200, rng)
        return made[0][:, None]  # the draws differ, so the standard errors do, too

    return Work(
        "200 Rao–Wu replicates × 25 items",
        len(c["w"]),
        ours,
        beside,
        2.0,
        peers={"svy": 5, "samplics": None, "R survey": None},
        peer_job="replicates",
    )


def logistic(survey: Survey) -> Work:
    c, design = survey.columns, design_of(survey)
    x = np.column_stack([c[name] for name in X_NAMES])
    formula = "satisfied ~ " + " + ".join(X_NAMES)
    return Work(
        "logistic, 8 drivers, design SE (plain: bare Newton, no SE)",
        len(c["w"]),
        lambda: models.logistic(design, formula).table["value"].to_numpy(),
        lambda: plain.logistic(x, c["satisfied"], c["w"]),
        3.0,
        same=1e-6,
        peers={"R survey": 4, "svy": None, "samplics": None},
        peer_job="logistic",
    )


def ordinal(survey: Survey) -> Work:
    c, design = survey.columns, design_of(survey)
    x = np.column_stack([c[name] for name in X_NAMES])
    formula = "rating ~ " + " + ".join(X_NAMES)
    return Work(
        "ordinal, 8 drivers, design SE (plain: bare Newton, no SE)",
        len(c["w"]),
        lambda: models.ordinal(design, formula).table["value"].to_numpy(),
        lambda: plain.ordinal(x, c["rating"] - 1, c["w"]),
        3.0,
        same=1e-6,
        peers={"R survey": 15},
        peer_job="ordinal",
    )


def all_work(names: set[str]):
    """Yield the rows of the table one after the other; a survey is freed after its rows."""
    if names & {"means", "domains", "raking"}:
        survey = generator.make(1_000_000)
        if "means" in names:
            yield means(survey)
            yield means(survey, "block")
        if "domains" in names:
            design = design_of(survey)
            for name, size in [*DOMAINS.items(), ("commune", 3000)]:
                yield by_domain(survey, design, name, size)
        if "raking" in names:
            yield raking(survey)
        del survey
    if names & {"replicates", "models"}:
        survey = generator.make(100_000)
        if "replicates" in names:
            yield replicates(survey)
        if "models" in names:
            yield logistic(survey)
            yield ordinal(survey)
