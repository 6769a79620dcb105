"""A release beside earlier ones of the same rounds: what it withholds on their account."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from analysis.publication.content import ReleaseContent
from analysis.publication.disclosure import CONFIDENTIAL, changed_by_few, counts_of
from analysis.publication.disclosure.revision import KEY
from analysis.publication.tables.units import areas

WITH_EXCLUDED = "with_excluded"
"""Stands as the quantity of the index with the excluded responses still in."""


def withheld_beside(content: ReleaseContent, earlier: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return the keys of what a release may not show beside earlier ones, in order.

    Parameters
    ----------
    earlier
        Exact counts of each release, as `counts_of` returns them.
    """
    now = counts_of(content.estimates)
    keys = set(changed_by_few(now, earlier, areas(content.units)))
    if not content.sensitivity.empty:
        # With its excluded responses an index is one more figure that can be subtracted.
        whole = content.sensitivity[content.sensitivity["domain"].fillna("") == ""]
        counted = counts_of(whole.assign(n=whole["n_with"]))
        keys |= {
            (key[0], WITH_EXCLUDED, *key[2:])
            for key in changed_by_few(counted, [_only(one, counted) for one in earlier], {})
        }
    return pd.DataFrame(sorted(keys), columns=list(KEY), dtype=str)


def heads_withheld(content: ReleaseContent, withheld: pd.DataFrame) -> list[str]:
    """Return the rounds of which a figure of the whole is withheld that stands for the round.

    That is its overall index, and each figure that the points of the province come from.
    """
    heads = {(one.id, "overall") for one in content.rounds}
    points = content.province_points
    if points is not None and {"round", "quantity"} <= set(points.columns):
        heads |= set(points[["round", "quantity"]].itertuples(index=False, name=None))
    whole = withheld[withheld["domain"] == ""]
    found = set(whole[["round", "quantity"]].itertuples(index=False, name=None))
    return sorted({str(key[0]) for key in found & heads})


def without_withheld(estimates: pd.DataFrame, withheld: pd.DataFrame) -> pd.DataFrame:
    """Return the estimates with the flag ``c`` where a figure is withheld."""
    if withheld.empty:
        return estimates
    listed = set(withheld[list(KEY)].itertuples(index=False, name=None))
    keys = counts_of(estimates)[list(KEY)].itertuples(index=False, name=None)
    flags = [
        CONFIDENTIAL if tuple(key) in listed else flag
        for key, flag in zip(keys, estimates["flag"], strict=True)
    ]
    return estimates.assign(flag=flags)


def _only(earlier: pd.DataFrame, counted: pd.DataFrame) -> pd.DataFrame:
    return earlier.merge(counted[list(KEY)], on=list(KEY))
