"""A plan as text: a table of strata and domains with aligned columns, then what to note."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from sampling import Plan
    from sampling.precision import VarianceComponents

_FONTS = Path(__file__).parents[1] / "static" / "fonts"

_HEADS = {
    "vi": ("tầng", "đơn vị", "chọn", "phát ra", "trả lời", "deff", "±", "kinh phí"),
    "en": ("stratum", "units", "take", "issued", "answers", "deff", "±", "cost"),
}
_DOMAIN_HEADS = {
    "vi": ("miền", "đơn vị chọn", "trả lời", "deff", "±"),
    "en": ("domain", "units drawn", "answers", "deff", "±"),
}


def components_of(
    earlier: Path | None,
    *,
    item: str | None,
    psu: str | None,
    stratum: str | None,
    weights: str | None,
    rule: str | None,
) -> VarianceComponents | None:
    """Return what the answers of an earlier round say, where a file of them is given."""
    from sampling.precision import components_from_file

    if earlier is None:
        if item or psu or stratum or weights:
            raise click.UsageError("--item, --psu, --stratum and --weights need --earlier.")
        return None
    if not item or not psu:
        raise click.UsageError("--earlier needs --item and --psu.")
    return components_from_file(
        earlier, item, psu, stratum=stratum, weights=weights, rule=rule or "value"
    )


def write_chart(plan: Plan, path: Path, kind: str, lang: str) -> None:
    """Write a chart of the plan with the letters of the program."""
    from sampling.precision.figures import write_figure

    write_figure(plan.figure(lang, kind), path, fonts=_FONTS)


def plan_result(plan: Plan, components: VarianceComponents | None) -> dict[str, object]:
    """Return the plan as plain values."""
    return {
        "strata": plan.rows,
        "total": plan.total,
        "h_design": plan.h_design,
        "h_frame": plan.h_frame,
        "take": plan.trial.take,
        "optimal_take": plan.optimal_take,
        "domains": plan.domain_rows,
        "curve": plan.curve.rows,
        "takes": plan.curve.take_rows,
        "separation": plan.separation.to_dict("records"),
        "components": components.rows if components else (),
    }


def plan_text(plan: Plan, lang: str) -> str:
    """Return the whole plan as lines for a terminal."""
    from sampling.precision.chart_looks import number

    def shown(value: object, digits: int) -> str:
        known = isinstance(value, int | float) and value == value
        return number(float(str(value)), digits, lang) if known else "–"

    points = 100.0 if plan.trial.spread.share else 1.0
    rows = [_stratum(row, shown, points, lang) for row in [*plan.rows, plan.total]]
    parts = [_aligned([_HEADS[lang], *rows], total=True)]
    if plan.domain_rows:
        named = [_domain(row, shown, points) for row in plan.domain_rows]
        parts.append(_aligned([_DOMAIN_HEADS[lang], *named]))
    parts.append("\n".join(_notes(plan, shown, points, lang)))
    return "\n\n".join(parts)


Shown = Callable[[object, int], str]


def _stratum(row: Mapping[str, object], shown: Shown, points: float, lang: str) -> tuple[str, ...]:
    whole = "cả mẫu" if lang == "vi" else "all"
    return (
        str(row["stratum"]) or whole,
        *(shown(row[key], 0) for key in ("units", "take", "issued", "expected")),
        shown(row["deff"], 2),
        shown(points * float(str(row["half_width"])), 2),
        shown(row["cost"], 0),
    )


def _domain(row: Mapping[str, object], shown: Shown, points: float) -> tuple[str, ...]:
    return (
        f"{row['column']} = {row['domain']}",
        shown(row["units"], 1),
        shown(row["expected"], 0),
        shown(row["deff"], 2),
        shown(points * float(str(row["half_width"])), 2),
    )


def _notes(plan: Plan, shown: Shown, points: float, lang: str) -> list[str]:
    """Return level, optimal take, chance to tell ranks apart, and the two hashes."""
    level = shown(100 * plan.trial.base.level, 0)
    optimum, take = plan.optimal_take, plan.trial.take
    apart, least = float(str(plan.total["told_apart"])), float(str(plan.total["difference"]))
    unit = {"vi": "điểm phần trăm", "en": "points"}[lang]
    if points == 1.0:
        unit = {"vi": "điểm", "en": "points"}[lang]
    best, gap, pairs = shown(optimum, 0), shown(points * least, 1), shown(100 * apart, 0)
    if lang == "vi":
        lines = [f"±: nửa khoảng tin cậy {level} %, {unit}."]
        if optimum == optimum:
            lines.append(f"Số phiếu tối ưu mỗi đơn vị: {best}; thiết kế: {shown(take, 0)}.")
        if apart == apart:
            lines.append(
                f"Hai đơn vị được chọn phải chênh {gap} {unit} mới phân biệt được với khả năng "
                f"80 %; dự kiến phân biệt được {pairs} % số cặp."
            )
        return [*lines, f"H_design {plan.h_design}", f"H_frame  {plan.h_frame}"]
    lines = [f"±: half-width of the {level} % interval, {unit}."]
    if optimum == optimum:
        lines.append(f"Optimal take in a unit: {best}; the design's: {shown(take, 0)}.")
    if apart == apart:
        lines.append(
            f"Two drawn units must differ by {gap} {unit} to be told apart with a chance of 80 %; "
            f"{pairs} % of pairs are expected to be."
        )
    return [*lines, f"H_design {plan.h_design}", f"H_frame  {plan.h_frame}"]


def _aligned(rows: Sequence[Sequence[str]], *, total: bool = False) -> str:
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    lines = [
        "  ".join(
            cell.rjust(width) if at else cell.ljust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]
    if total:
        lines.insert(len(lines) - 1, "  ".join("-" * width for width in widths))
    return "\n".join(line.rstrip() for line in lines)
