"""What excluding responses changed, as far as it tells nothing of the few who were excluded."""

from __future__ import annotations

from collections.abc import Collection

import pandas as pd

from analysis.publication.disclosure import CONFIDENTIAL, decimals_for
from analysis.publication.tables.printing import printed_digits

SMALL, LARGE = "small", "review"
_FEWEST = 10


def protect_sensitivity(
    sensitivity: pd.DataFrame,
    protected: pd.DataFrame,
    beside: Collection[tuple[str, ...]] = (),
) -> pd.DataFrame:
    """Return the table with the figures that may be shown, and a verdict for each row.

    The published index minus the one with the excluded responses tells of those alone. So the
    second figure is shown for the whole round only, and only from ten excluded on: of units the
    verdict is told, ``small`` up to half the width of the interval, ``review`` beyond. Where the
    published figure itself is withheld, nothing is told but the number of excluded. Of a round and
    rule in ``beside`` the second figure would tell of a few beside an earlier release.
    """
    flags = {
        tuple(key): str(flag)
        for *key, flag in protected.loc[
            protected["quantity"] == "overall", ["round", "rule", "domain", "category", "flag"]
        ]
        .to_numpy()
        .tolist()
    }
    rows = []
    for row in sensitivity.to_dict("records"):
        key = tuple(str(row[name]) for name in ("round", "rule", "domain", "category"))
        flag = flags.get(key, CONFIDENTIAL)
        change = float(row["with_excluded"]) - float(row["value"])
        verdict = LARGE if abs(change) > (float(row["high"]) - float(row["low"])) / 2 else SMALL
        shown = not flag and not row["domain"] and row["n_excluded"] >= _FEWEST
        shown = shown and key[:2] not in beside
        digits = decimals_for(float(row["n"]))
        rows.append(
            {
                **dict(zip(("round", "rule", "domain", "category"), key, strict=True)),
                "n_excluded": int(row["n_excluded"]),
                "value": "" if flag else printed_digits(row["value"], digits),
                "with_excluded": printed_digits(row["with_excluded"], digits) if shown else "",
                "verdict": "" if flag else verdict,
                "flag": flag if flag or shown else CONFIDENTIAL,
            }
        )
    return pd.DataFrame(rows)
