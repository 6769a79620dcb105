"""The picture of a driver analysis: importance against performance, with both intervals.

Points carry numbers, which lead to the list beside the picture, since items have long names.
Numbers are placed where they touch neither each other nor a point. A full point lies surely in
its quadrant; a hollow one may lie there by chance.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from analysis.design import Floats
from analysis.inference.drivers.quadrants import QUADRANTS
from analysis.looks import BLUE, FONTS, INK, LINE, QUIET, decimals
from intake.findings import Words

WIDTH, LEAST_HEIGHT, LINE_STEP, NAME_LENGTH = 460, 380, 17, 60
_NUMBER = (17.0, 13.0)  # pixels that a number takes
_POINT = 4.5

TITLE = Words("Tầm quan trọng và mức đạt được", "Importance and performance")
IMPORTANCE = {
    "standardized": Words(
        "Tầm quan trọng (hệ số hồi quy chuẩn hóa)", "Importance (standardized regression weight)"
    ),
    "relative_weights": Words(
        "Tầm quan trọng (phần của R², Johnson)", "Importance (share of R², Johnson)"
    ),
    "shapley": Words("Tầm quan trọng (phần của R², Shapley)", "Importance (share of R², Shapley)"),
    "ordinal": Words(
        "Tầm quan trọng (log tỷ số chênh cho một độ lệch chuẩn)",
        "Importance (log odds per standard deviation)",
    ),
}
PERFORMANCE = Words("Mức đạt được (0–100 điểm)", "Performance (0–100 points)")
SURE = Words("chắc chắn thuộc ô của mình", "surely in its quadrant")
CHANCE = Words("có thể do ngẫu nhiên", "may lie there by chance")


def chart(table: pd.DataFrame, method: str, lang: str, labels: dict[str, str]) -> Any:  # noqa: ANN401
    """Return the Altair chart of the table of a driver analysis; see its ``plot``."""
    import altair as alt

    rows = len(table)
    height = max(LEAST_HEIGHT, LINE_STEP * rows + 8)
    ranges = {
        head: _range(table[f"{head}_low"], table[f"{head}_high"], table[head])
        for head in ("performance", "importance")
    }
    ranges["performance"] = (max(ranges["performance"][0], 0), min(ranges["performance"][1], 100))
    points = _points(table, ranges, height, labels, lang)
    x = alt.X(
        "performance:Q",
        title=_nfc(PERFORMANCE.in_language(lang)),
        scale=alt.Scale(domain=list(ranges["performance"]), nice=False, zero=False),
        axis=alt.Axis(tickCount=6, labelExpr=decimals(".0f", lang)),
    )
    y = alt.Y(
        "importance:Q",
        title=_nfc(IMPORTANCE[method].in_language(lang)),
        scale=alt.Scale(domain=list(ranges["importance"]), nice=False, zero=False),
        axis=alt.Axis(tickCount=6, labelExpr=decimals(".2f", lang)),
    )
    base = alt.Chart(alt.InlineData(values=points))
    rule: dict[str, Any] = {"color": BLUE, "opacity": 0.35, "strokeWidth": 2}
    layers = [
        *_dividers(table, x, y),
        *_corners(height, lang),
        base.mark_rule(clip=True, **rule).encode(
            x=alt.X("performance_low:Q"), x2="performance_high:Q", y=y
        ),
        base.mark_rule(clip=True, **rule).encode(
            x=x, y=alt.Y("importance_low:Q"), y2="importance_high:Q"
        ),
        base.mark_point(size=60, strokeWidth=1.8, opacity=1, color=BLUE).encode(
            x=x,
            y=y,
            fill=_signs(lang),
            tooltip=[alt.Tooltip("name:N"), alt.Tooltip("importance:Q"), "performance:Q"],
        ),
    ]
    picture = alt.layer(alt.layer(*layers), alt.layer(*_numbers(base, height))).resolve_scale(
        x="independent", y="independent"
    )
    whole = alt.hconcat(
        picture.properties(width=WIDTH, height=height), _names(base, points, height), spacing=18
    )
    return _dressed(whole, lang)


def _numbers(base: Any, height: int) -> list[Any]:  # noqa: ANN401
    """Return the numbers of the points, each with a line to its point where that is far."""
    import altair as alt

    pixels = {
        "x": alt.X("at_x:Q", scale=alt.Scale(domain=[0, WIDTH], nice=False), axis=None),
        "y": alt.Y("at_y:Q", scale=alt.Scale(domain=[height, 0], nice=False), axis=None),
    }
    text: dict[str, Any] = {"fontSize": 11, "fontWeight": 600, "baseline": "middle"}
    return [
        base.mark_rule(color=QUIET, strokeWidth=1).encode(
            **pixels,
            x2="from_x",
            y2="from_y",
            opacity=alt.condition("datum.far", alt.value(1), alt.value(0)),
        ),
        base.mark_text(stroke="#ffffff", strokeWidth=3, **text).encode(text="number:N", **pixels),
        base.mark_text(color=INK, **text).encode(text="number:N", **pixels),
    ]


def _names(base: Any, points: Sequence[dict[str, Any]], height: int) -> Any:  # noqa: ANN401
    """Return the list beside the picture: each number with the name it stands for."""
    import altair as alt

    return (
        base.mark_text(align="left", baseline="middle", color=INK, fontSize=11, limit=0)
        .encode(
            x=alt.value(0),
            y=alt.Y("line:Q", scale=alt.Scale(domain=[height, 0], nice=False), axis=None),
            text="entry:N",
        )
        .properties(
            width=round(6.3 * max(len(point["entry"]) for point in points)) + 8,
            height=height,
            view=alt.ViewBackground(stroke=None),
        )
    )


def _points(
    table: pd.DataFrame,
    ranges: dict[str, tuple[float, float]],
    height: int,
    labels: dict[str, str],
    lang: str,
) -> list[dict[str, Any]]:
    """Return one record per driver: values, interval ends, where its number and name stand."""
    across, up = (
        (table[head].to_numpy(dtype=np.float64) - ranges[head][0])
        / (ranges[head][1] - ranges[head][0])
        for head in ("performance", "importance")
    )
    own = np.column_stack([across * WIDTH, (1 - up) * height])
    spots = _places(own, height)
    records = []
    for at, row in enumerate(table.to_dict("records")):
        name = _nfc(labels.get(str(row["quantity"]), str(row["quantity"])))
        record: dict[str, Any] = {"number": str(at + 1), "name": name}
        record["sign"] = _nfc((SURE if row["sure"] else CHANCE).in_language(lang))
        record["entry"] = f"{at + 1} – {_shortened(name)}"
        record["at_x"], record["at_y"] = float(spots[at, 0]), float(spots[at, 1])
        record["from_x"], record["from_y"] = float(own[at, 0]), float(own[at, 1])
        record["far"] = bool(np.hypot(*(spots[at] - own[at])) > 20)
        record["line"] = LINE_STEP * (at + 0.5)
        for head in ("performance", "importance"):
            value = float(row[head])
            record[head] = value
            for end in ("low", "high"):
                limit = float(row[f"{head}_{end}"])
                record[f"{head}_{end}"] = limit if np.isfinite(limit) else value
        records.append(record)
    return records


def _places(points: Floats, height: int) -> Floats:
    """Return where the numbers stand: the nearest place that nothing else takes."""
    taken = [(x, y, _POINT * 2, _POINT * 2) for x, y in points]
    found = np.zeros_like(points)
    wide, tall = _NUMBER
    for at in np.argsort(points[:, 0], kind="stable"):
        best, least = points[at], np.inf
        for reach in (16.0, 24.0, 34.0, 46.0, 60.0, 76.0):
            for angle in np.arange(12) * np.pi / 6 - np.pi / 4:
                x, y = points[at] + reach * np.array([np.cos(angle), np.sin(angle)])
                outside = not (wide / 2 < x < WIDTH - wide / 2 and tall / 2 < y < height - tall / 2)
                crowd = sum(_overlap((x, y, wide, tall), box) for box in taken) + 1e6 * outside
                if crowd < least - 1e-9:
                    best, least = np.array([x, y]), crowd
            if least <= 0:
                break
        found[at] = best
        taken.append((float(best[0]), float(best[1]), wide, tall))
    return found


def _overlap(a: Sequence[float], b: Sequence[float]) -> float:
    """Return the area that two boxes (middle, width, height) share."""
    across = (a[2] + b[2]) / 2 - abs(a[0] - b[0])
    down = (a[3] + b[3]) / 2 - abs(a[1] - b[1])
    return max(across, 0.0) * max(down, 0.0)


def _signs(lang: str) -> Any:  # noqa: ANN401
    """Return the fill of the points, with a legend of drawn points: few fonts have such signs."""
    import altair as alt

    return alt.Fill(
        "sign:N",
        scale=alt.Scale(
            domain=[_nfc(words.in_language(lang)) for words in (SURE, CHANCE)],
            range=[BLUE, "#ffffff"],
        ),
        legend=alt.Legend(
            title=None,
            orient="top",
            direction="horizontal",
            labelColor=INK,
            labelFontSize=11,
            labelLimit=0,
            symbolStrokeColor=BLUE,
            symbolStrokeWidth=1.8,
            symbolSize=60,
            columnPadding=24,
            offset=18,
        ),
    )


def _dividers(table: Any, x: Any, y: Any) -> list[Any]:  # noqa: ANN401
    import altair as alt

    middle = alt.InlineData(
        values=[{head: float(table[head].mean()) for head in ("performance", "importance")}]
    )
    look: dict[str, Any] = {"color": QUIET, "strokeDash": [4, 3], "strokeWidth": 1.2}
    return [
        alt.Chart(middle).mark_rule(**look).encode(x=x),
        alt.Chart(middle).mark_rule(**look).encode(y=y),
    ]


def _corners(height: int, lang: str) -> list[Any]:
    """Return the words of the quadrants, above and below the picture's corners."""
    import altair as alt

    places = {
        "improve-first": (0, -9),
        "maintain": (WIDTH, -9),
        "low-priority": (0, height - 8),
        "possible-overkill": (WIDTH, height - 8),
    }
    one = alt.InlineData(values=[{}])
    return [
        alt.Chart(one)
        .mark_text(
            align="right" if x else "left",
            dx=-5 if x else 5,
            color=QUIET,
            fontSize=11,
            fontStyle="italic",
        )
        .encode(
            x=alt.value(x), y=alt.value(y), text=alt.value(_nfc(QUADRANTS[name].in_language(lang)))
        )
        for name, (x, y) in places.items()
    ]


def _range(low: Any, high: Any, value: Any) -> tuple[float, float]:  # noqa: ANN401
    ends = np.concatenate([np.asarray(part, dtype=np.float64) for part in (low, high, value)])
    ends = ends[np.isfinite(ends)]
    least, most = float(ends.min()), float(ends.max())
    spare = 0.08 * (most - least) or 0.5
    return least - spare, most + spare


def _shortened(text: str) -> str:
    return text if len(text) <= NAME_LENGTH else text[: NAME_LENGTH - 1].rstrip() + "…"


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _dressed(picture: Any, lang: str) -> Any:  # noqa: ANN401
    import altair as alt

    title = alt.TitleParams(
        text=_nfc(TITLE.in_language(lang)),
        anchor="start",
        color=INK,
        fontSize=15,
        offset=10,
    )
    return (
        picture.properties(title=title, background="#ffffff", padding=10)
        .configure(font=FONTS)
        .configure_view(stroke=LINE)
        .configure_axis(
            gridColor=LINE,
            domainColor=LINE,
            tickColor=LINE,
            labelColor=QUIET,
            titleColor=INK,
            titleFontWeight="normal",
        )
    )
