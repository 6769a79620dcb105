"""Withhold and round every figure of an estimates table, and say which units remain."""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import groupby

import pandas as pd

from analysis.publication.disclosure.checks import check_estimates, refuse_unknown_nesting
from analysis.publication.disclosure.complements import complement
from analysis.publication.disclosure.proportions import reliability
from analysis.publication.disclosure.rounding import withhold_or_round
from analysis.publication.disclosure.rows import (
    COMPLEMENT,
    CONFIDENTIAL,
    ESTIMATE_COLUMNS,
    FIGURES,
    PROTECTED_COLUMNS,
    REVIEW,
    SMALLEST_GROUP,
    UNIT_DOMAIN,
    UNRELIABLE,
    number_of,
)

EXTREMES_FROM = 50
SHARE_RULES = frozenset({"top2", "share"})
_MANY_DF = 1e6


def protect(estimates: pd.DataFrame, *, urban_of: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Withhold and round every figure of an estimates table.

    Parameters
    ----------
    estimates
        Columns ``ESTIMATE_COLUMNS``. A flag ``c`` or ``u`` that a person has already set stays.
    urban_of
        For every unit its category of the domain ``urban``. Without it, results for urban and
        rural minus results of their units cannot be checked, so a table that holds both
        domains is refused.

    Returns
    -------
    pandas.DataFrame
        Columns ``PROTECTED_COLUMNS`` in the same row order. ``flag`` is ``c``, ``u`` or empty;
        all figures of a flagged row are missing, and of a confidential row the count too.
        ``note`` is ``r`` (few degrees of freedom, or 0 or 100 %: read with care) or ``k``
        (the complement is unreliable). ``bound`` is ``<5`` or ``>95`` where an exact 0 or 100 %
        of a small group is withheld.

    Raises
    ------
    ReleaseError
        A column is missing, a figure lies outside 0 to 100, or a figure stands twice.
    """
    check_estimates(estimates)
    rows: list[dict[str, object]] = [
        {str(name): value for name, value in record.items()}
        for record in estimates.loc[:, list(ESTIMATE_COLUMNS)].to_dict("records")
    ]
    for row in rows:
        _judge(row)
    refuse_unknown_nesting(rows, urban_of)

    def series_of(position: int) -> tuple[str, str, str]:
        row = rows[position]
        return str(row["round"]), str(row["quantity"]), str(row["rule"])

    order = sorted(range(len(rows)), key=series_of)
    for _, positions in groupby(order, key=series_of):
        complement([rows[position] for position in positions], urban_of or {})
    for row in rows:
        withhold_or_round(row)
    return pd.DataFrame(rows, columns=list(PROTECTED_COLUMNS))


def shown_units(protected: pd.DataFrame, rule: str) -> frozenset[str]:
    """Return the units whose own overall index is published under a rule: only they are ranked."""
    own = protected[
        (protected["domain"] == UNIT_DOMAIN)
        & (protected["level"] == "overall")
        & (protected["rule"] == rule)
    ]
    hidden = set(own.loc[own["flag"] != "", "category"].astype(str))
    return frozenset(set(own["category"].astype(str)) - hidden)


def _judge(row: dict[str, object]) -> None:
    """Set the flag, note and bound of one row by its own numbers."""
    value, se, n = number_of(row["value"]), number_of(row["se"]), number_of(row["n"])
    given = row["flag"] if row["flag"] in {CONFIDENTIAL, UNRELIABLE} else ""
    count = 0 if math.isnan(n) else int(n)
    row["n"] = count
    row["flag"], row["note"], row["bound"] = given, "", ""
    if row["df"] == math.inf:
        row["df"] = _MANY_DF
    for column in FIGURES:
        row[column] = number_of(row[column])
    value = min(max(round(value, 9), 0.0), 100.0) if not math.isnan(value) else value
    row["value"] = value
    if count < SMALLEST_GROUP:
        row["flag"] = CONFIDENTIAL
        return
    if given:
        return
    interval_known = not (math.isnan(number_of(row["low"])) or math.isnan(number_of(row["high"])))
    if math.isnan(value) or not interval_known:
        row["flag"] = UNRELIABLE
        return
    found = reliability(
        value / 100,
        (se / 100) ** 2,
        count,
        number_of(row["df"]),
        n_effective=None if row["rule"] in SHARE_RULES else number_of(row["n_effective"]),
    )
    if found.verdict == "hide":
        row["flag"] = UNRELIABLE
    elif value in {0.0, 100.0} and count < EXTREMES_FROM:
        # That everyone in a small group said the same is itself told about each of them.
        row["flag"], row["bound"] = CONFIDENTIAL, "<5" if value == 0 else ">95"
    elif found.verdict == "review":
        row["note"] = REVIEW
    elif found.complement and row["rule"] in SHARE_RULES:
        row["note"] = COMPLEMENT
