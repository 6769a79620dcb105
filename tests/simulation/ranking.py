"""Repeated surveys of every commune of a part of the city: do joint sets hold all true ranks?

Each commune is a stratum and persons are drawn in it by simple random sampling, as where a
province asks in every commune. Ranks are those of the true means.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from simulation.city import City

from analysis import SurveyDesign, estimate, ranks
from sampling import select

STRATUM, PERSONS = "urban-hai-phong", 400


class Ranking:
    """True ranks, and how often each method's sets have held all of them."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.codes = np.flatnonzero(city.communes["stratum"].to_numpy() == STRATUM)
        answers = city.rounds[0].column("q01")
        means = []
        for code in self.codes:
            own = answers[city.start[code] : city.start[code] + city.communes["adults"].iloc[code]]
            means.append(own[own > 0].mean())
        self.true_rank = len(means) - np.argsort(np.argsort(means))
        self.held: dict[str, list[bool]] = {"kww": [], "max_t": []}
        self.width: dict[str, list[float]] = {"kww": [], "max_t": []}

    def one_round(self, rng: np.random.Generator) -> None:
        """Survey every commune once and note which sets hold all true ranks."""
        answers, communes = self.city.rounds[0].column("q01"), self.city.communes
        parts = []
        for code in self.codes:
            adults = int(communes["adults"].iloc[code])
            at = self.city.start[code] + select.srs(adults, PERSONS, rng)
            y = answers[at].astype(float)
            parts.append(
                pd.DataFrame(
                    {"commune": f"{code:03d}", "w": adults / PERSONS, "q01": y, "N": adults}
                )
            )
        table = pd.concat(parts, ignore_index=True).assign(
            q01=lambda made: made["q01"].where(made["q01"] > 0)
        )
        design = SurveyDesign(table, weights="w", strata="commune", fpc="N")
        found = estimate.mean(design, "q01", by="commune", missing="drop")
        for method in self.held:
            sets = ranks.joint_intervals(found, method=method, seed=int(rng.integers(1 << 31)))
            low, high = sets["rank_low"].to_numpy(), sets["rank_high"].to_numpy()
            self.held[method].append(
                bool(((low <= self.true_rank) & (self.true_rank <= high)).all())
            )
            self.width[method].append(float((high - low + 1).mean()))

    def show(self) -> None:
        rounds = len(self.held["kww"])
        print(f"\nJoint sets of ranks of {len(self.codes)} communes: {rounds} surveys, simulated")
        for method, held in self.held.items():
            share = float(np.mean(held))
            error = np.sqrt(max(share * (1 - share), 1e-4) / len(held))
            print(
                f"{method:6} all true ranks held {share:.1%} ± {error:.1%}, "
                f"mean width {np.mean(self.width[method]):.1f} places"
            )
