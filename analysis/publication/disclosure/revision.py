"""Which figures tell of a few people because an earlier release showed the same groups.

Whoever holds both releases subtracts one from the other. So the people that a group lost between
them are treated as the people of a group are: nobody, or at least ten, also where a total minus
its parts would tell it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

import pandas as pd

from analysis.publication.disclosure.complements import complement
from analysis.publication.disclosure.rows import CONFIDENTIAL, SMALLEST_GROUP, number_of

KEY = ("round", "quantity", "rule", "domain", "category")
Key = tuple[str, ...]
_SERIES = 3
"""Round, quantity and rule: what is told of all groups alike."""


def counts_of(estimates: pd.DataFrame) -> pd.DataFrame:
    """Return ``round, quantity, rule, domain, category, n``: the exact people of each figure."""
    table = estimates.loc[:, list(KEY)].fillna("").astype(str)
    numbers = [number_of(n) for n in estimates["n"]]
    table["n"] = [0 if n != n else int(n) for n in numbers]
    return table


def changed_by_few(
    now: pd.DataFrame, earlier: Sequence[pd.DataFrame], urban_of: Mapping[str, str]
) -> frozenset[Key]:
    """Return the keys of the figures that may not be shown beside earlier releases.

    Withheld is a figure whose people are one to nine more or fewer than in an earlier release;
    what would tell it as a total minus parts; and, where a round lost responses, a figure that
    the earlier release did not have. Of groups that gained people, or that are not the groups of
    before, no change is told but that of the whole.

    Parameters
    ----------
    now, earlier
        Exact counts, as `counts_of` returns them.
    urban_of
        For every unit its category of the domain ``urban``.
    """
    mine = _counts(now)
    tables = [_counts(one) for one in earlier]
    hidden: frozenset[Key] = frozenset()
    while True:
        before = hidden
        for table in tables:
            hidden |= _beside(mine, table, hidden, urban_of)
        if hidden == before:
            return hidden


def _counts(table: pd.DataFrame) -> dict[Key, int]:
    keys = table.loc[:, list(KEY)].itertuples(index=False, name=None)
    return {tuple(key): int(n) for key, n in zip(keys, table["n"], strict=True)}


def _beside(
    now: Mapping[Key, int],
    before: Mapping[Key, int],
    hidden: frozenset[Key],
    urban_of: Mapping[str, str],
) -> set[Key]:
    # A rule that is new asks the same people as the others of its quantity.
    asked = {_without_rule(key): n for key, n in before.items()}
    known = {key: asked[_without_rule(key)] for key in now if _without_rule(key) in asked}
    before = known | dict(before)
    changed = {key[0] for key in now if key in before and now[key] != before[key]}
    keys = sorted(key for key in {*now, *before} if key[0] in changed)
    found: set[Key] = set()
    for _, series in groupby(keys, key=lambda key: key[:_SERIES]):
        rows = [_row(key, now, before, hidden) for key in series]
        unlike = any(row["n"] is None or row["n"] < 0 for row in rows)
        for row in rows:
            whole = row["domain"] == "" and abs(row["n"] or 0) >= SMALLEST_GROUP
            few = row["n"] is None or 0 < abs(row["n"]) < SMALLEST_GROUP
            if few or (unlike and row["n"] != 0 and not whole):
                row["flag"] = CONFIDENTIAL
        if not unlike:
            # Who lost nobody hides nobody: only the others can stand in for one another.
            complement([row for row in rows if row["n"]], urban_of)
        found |= {row["key"] for row in rows if row["flag"] and row["key"] in now}
    return found


def _without_rule(key: Key) -> Key:
    return (*key[:2], *key[3:])


def _row(
    key: Key, now: Mapping[Key, int], before: Mapping[Key, int], hidden: frozenset[Key]
) -> dict[str, Any]:
    """Return a figure with the people that it lost as its count, None where one side lacks it."""
    lost = before[key] - now[key] if key in now and key in before else None
    flag = CONFIDENTIAL if key in hidden else ""
    return {"key": key, "domain": key[3], "category": key[4], "n": lost, "flag": flag}
