"""The page of tables: items by factor, sex, age, urban and rural."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analysis.publication.content import DOMAINS
from analysis.publication.pages.grids import Cell, Grid
from analysis.publication.pages.view import View, column_heads


def tables_page(view: View) -> dict[str, Any]:
    """Return what the page of tables shows, round by round."""
    rounds = []
    for facts in view.frozen.facts["rounds"]:
        each = str(facts["id"])
        headline = view.headline(each)
        grids = []
        lines = view.quantities(each, "overall", "block", "factor", "item")
        if lines:
            grids.append(
                Grid(
                    f"items-{each}",
                    view.say(
                        "Mức độ hài lòng: chung, khối, yếu tố và từng tiêu chí",
                        "Satisfaction: overall, blocks, factors and each item",
                    ),
                    view.note(facts, headline),
                    column_heads(view, view.say("Nội dung", "What is measured")),
                    tuple(
                        (
                            Cell(view.label(each, row["quantity"]), head=True),
                            *view.figure_cells(row),
                        )
                        for row in lines
                    ),
                    headings=frozenset(
                        number for number, row in enumerate(lines) if row["level"] != "item"
                    ),
                )
            )
        grids += [_domain_grid(view, facts, domain) for domain in _domains(view, each)]
        shares = view.quantities(each, "share")
        if shares:
            grids.append(
                Grid(
                    f"shares-{each}",
                    view.say(
                        "Nhận định và mong đợi: tỷ lệ trả lời", "Perceptions: shares of answers"
                    ),
                    view.note(facts, None, "share"),
                    (
                        (view.say("Câu trả lời", "Answer"), False),
                        (view.say("Tỷ lệ (%)", "Share (%)"), True),
                        *column_heads(view, "-")[2:],
                    ),
                    tuple(
                        (
                            Cell(_share_label(view, each, row), head=True),
                            *view.figure_cells(row),
                        )
                        for row in shares
                    ),
                )
            )
        rounds.append({"facts": facts, "grids": grids})
    return {"rounds": rounds}


def _share_label(view: View, round_id: str, row: Mapping[str, str]) -> str:
    label = view.label(round_id, row["quantity"])
    return f"{label}: {row['category']}" if row["category"] else label


def _domains(view: View, round_id: str) -> list[str]:
    found = {
        row["domain"]
        for row in view.estimates
        if row["round"] == round_id and row["domain"] not in {"", "unit"}
    }
    known = [domain for domain in DOMAINS if domain in found]
    return known + sorted(found - set(known))


def _domain_grid(view: View, facts: Mapping[str, Any], domain: str) -> Grid:
    each = str(facts["id"])
    headline = view.headline(each)
    own = [row for row in view.estimates if row["round"] == each]
    categories = list(dict.fromkeys(row["category"] for row in own if row["domain"] == domain))
    lines = view.quantities(each, "overall", "block", "factor")
    known = DOMAINS.get(domain)
    name = view.words(known) if known else domain
    rows: list[tuple[Cell, ...]] = []
    for line in lines:
        cells = [Cell(view.label(each, line["quantity"]), head=True)]
        for category in categories:
            row = view.row(each, line["quantity"], "", domain, category)
            value, interval, _ = view.figure_cells(row)
            text = value.text if value.mark in {"c", "u"} else f"{value.text} {interval.text}"
            cells.append(Cell(text, value.key, value.mark, number=True))
        rows.append(tuple(cells))
    if headline is not None:
        counts = [view.row(each, headline["quantity"], "", domain, code) for code in categories]
        rows.append(
            (
                Cell(
                    view.say("Số phiếu (n), chỉ số chung", "Answers (n), overall index"), head=True
                ),
                *(Cell(view.number(row["n"]) if row else "–", number=True) for row in counts),
            )
        )
    return Grid(
        f"{domain}-{each}",
        view.say(
            f"Chỉ số theo {name.lower()}, kèm khoảng tin cậy 95%",
            f"Index by {name.lower()}, with 95% intervals",
        ),
        view.note(facts, headline),
        (
            (view.say("Nội dung", "What is measured"), False),
            *((view.category(each, domain, category), True) for category in categories),
        ),
        tuple(rows),
        headings=frozenset({0, len(lines)}),
    )
