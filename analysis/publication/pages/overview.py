"""The first page: the headline figures and the factors."""

from __future__ import annotations

from typing import Any

from analysis.publication.pages.grids import Cell, Grid
from analysis.publication.pages.view import View, column_heads, interval_picture, interval_rows


def overview_page(view: View) -> dict[str, Any]:
    """Return what the first page shows: headline figures and factors."""
    rounds = []
    for facts in view.frozen.facts["rounds"]:
        each = str(facts["id"])
        headline = view.headline(each)
        if headline is None:
            continue
        factors = view.quantities(each, "factor")
        rows = interval_rows(view, [(view.label(each, row["quantity"]), row) for row in factors])
        title = view.say("Mức độ hài lòng theo yếu tố", "Satisfaction by factor")
        picture = None
        if rows:
            best, worst = max(rows, key=lambda r: r.value), min(rows, key=lambda r: r.value)
            alt = view.say(
                f"Biểu đồ điểm kèm khoảng tin cậy của {len(rows)} yếu tố: cao nhất là {best.label} "
                f"({best.printed}), thấp nhất là {worst.label} ({worst.printed}). "
                "Số liệu đầy đủ ở bảng kế bên.",
                f"Points with intervals for {len(rows)} factors: highest {best.label} "
                f"({best.printed}), lowest {worst.label} ({worst.printed}). "
                "All figures are in the table beside it.",
            )
            picture = interval_picture(view, f"factors-{each}", title, facts, rows, alt)
        lines = [headline, *view.quantities(each, "block"), *factors]
        grid = Grid(
            f"factors-{each}",
            title,
            view.note(facts, headline),
            column_heads(view, view.say("Nội dung", "What is measured")),
            tuple(
                (Cell(view.label(each, row["quantity"]), head=True), *view.figure_cells(row))
                for row in lines
            ),
            headings=frozenset(
                number for number, row in enumerate(lines) if row["level"] in {"overall", "block"}
            ),
        )
        ends = None
        if len(rows) >= 2:
            ends = (max(rows, key=lambda r: r.value), min(rows, key=lambda r: r.value))
        rounds.append(
            {
                "facts": facts,
                "headline": headline,
                "value": view.percent(headline["value"]),
                "interval": view.interval(headline),
                "n": view.number(headline["n"]),
                "picture": picture,
                "grid": grid,
                "ends": ends,
            }
        )
    return {"rounds": rounds}
