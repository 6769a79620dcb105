"""Which further figures are withheld because a total minus the others would give one away."""

from __future__ import annotations

from collections.abc import Mapping

from analysis.publication.disclosure.rows import (
    CONFIDENTIAL,
    SMALLEST_GROUP,
    UNIT_DOMAIN,
    URBAN_DOMAIN,
    count_of,
)


def complement(rows: list[dict[str, object]], urban_of: Mapping[str, str]) -> None:
    """Withhold further categories until no total minus the shown ones stands on a small group."""
    by_domain: dict[str, list[dict[str, object]]] = {}
    for row in rows:
        by_domain.setdefault(str(row["domain"]), []).append(row)
    totals = by_domain.pop("", [])
    total = count_of(totals[0]) if totals else None
    units, areas = by_domain.get(UNIT_DOMAIN, []), by_domain.get(URBAN_DOMAIN, [])
    settled = False
    while not settled:
        settled = True
        for categories in by_domain.values():
            whole = total if total is not None else sum(count_of(row) for row in categories)
            settled &= not _hide_until_safe(whole, categories, categories)
        for area in areas:
            code = str(area["category"])
            inside = [row for row in units if urban_of.get(str(row["category"])) == code]
            settled &= not _hide_until_safe(count_of(area), inside, inside)
        if total is not None and areas:
            # A withheld area can be put together from its units, beside the area that is shown.
            closed = {str(area["category"]) for area in areas if area["flag"]}
            loose = [row for row in units if urban_of.get(str(row["category"])) in closed]
            shown_areas = [area for area in areas if not area["flag"]]
            settled &= not _hide_until_safe(total, [*shown_areas, *loose], loose, pair=False)


def _hide_until_safe(
    whole: int,
    categories: list[dict[str, object]],
    candidates: list[dict[str, object]],
    *,
    pair: bool = True,
) -> bool:
    """Hide the smallest shown candidates until the rest is nobody or at least ten; say if any."""
    changed = False
    while True:
        shown = [row for row in candidates if not row["flag"]]
        rest = whole - sum(count_of(row) for row in categories if not row["flag"])
        hidden = [row for row in categories if row["flag"]]
        small = [row for row in hidden if count_of(row) < SMALLEST_GROUP]
        alone = pair and len(hidden) == 1 and len(small) == 1
        if not shown or not (0 < rest < SMALLEST_GROUP or alone):
            return changed
        smallest = min(shown, key=lambda row: (count_of(row), str(row["category"])))
        smallest["flag"], smallest["note"] = CONFIDENTIAL, ""
        changed = True
