"""What every chart shares: colours, fonts, its rows, and how it becomes an SVG file.

The same rows give the same bytes. A simulated release carries its notice inside every chart,
since charts travel without their page.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.looks import FONTS, INK, LINE, QUIET

WARNING = "#8a4b00"
_IDS = re.compile(r'(id="|url\(#|href="#)([A-Za-z_]+[0-9]+)')


@dataclass(frozen=True)
class Spelling:
    """The words of one chart, in one language."""

    title: str
    axis: str
    notice: str = ""


def use_fonts(folder: Path) -> None:
    """Measure texts with the fonts of a folder; without it, with those of the machine."""
    import vl_convert

    vl_convert.register_font_directory(str(folder))


class Rows(dict[str, list[dict[str, Any]]]):
    """The rows of a chart, kept beside its layers: Altair would copy them into each."""

    def add(self, values: Sequence[dict[str, Any]]) -> Any:  # noqa: ANN401
        """Keep the rows and return the reference that a layer draws from."""
        import altair as alt

        name = f"rows{len(self)}"
        self[name] = list(values)
        return alt.NamedData(name=name)


def nfc(text: str) -> str:
    """Return a text with its letters composed."""
    return unicodedata.normalize("NFC", text)


def svg_of(chart: Any, words: Spelling, sets: Rows, *, narrow: bool) -> str:  # noqa: ANN401
    """Return a chart as SVG text, with title, notice and the look that all share."""
    import vl_convert

    # Altair copies the whole chart for each setting of these, so they join the finished spec.
    spec = chart.to_dict(validate=False)
    spec["datasets"] = dict(sets)
    spec["background"] = "#ffffff"
    spec["padding"] = {"left": 8, "right": 12, "top": 8, "bottom": 8}
    spec["title"] = {
        "text": _wrapped(words.title, 44 if narrow else 96),
        "subtitle": _wrapped(words.notice, 52 if narrow else 110),
        "anchor": "start",
        "frame": "bounds",
        "color": INK,
        "fontSize": 13 if narrow else 15,
        "fontWeight": 600,
        "subtitleColor": WARNING,
        "subtitleFontSize": 11 if narrow else 12,
        "subtitleFontWeight": "bold",
        "subtitlePadding": 5,
        "offset": 14 if narrow else 18,
    }
    spec["config"] = {
        "font": FONTS,
        "view": {"stroke": None},
        "axis": {
            "gridColor": LINE,
            "domainColor": LINE,
            "tickColor": LINE,
            "labelColor": QUIET,
            "titleColor": QUIET,
            "titleFontWeight": "normal",
            "labelFontSize": 11,
            "titleFontSize": 11,
        },
        "legend": {
            "labelColor": INK,
            "titleColor": INK,
            "titleFontSize": 11,
            "labelFontSize": 11,
            "titleFontWeight": 600,
            "rowPadding": 4,
            "layout": {"bottom": {"direction": "vertical", "anchor": "start", "margin": 14}},
        },
    }
    return _settled_ids(str(vl_convert.vegalite_to_svg(spec)))


def _wrapped(text: str, limit: int) -> list[str]:
    lines: list[str] = []
    for word in nfc(text).split():
        if lines and len(lines[-1]) + 1 + len(word) <= limit:
            lines[-1] += " " + word
        else:
            lines.append(word)
    return lines


def _settled_ids(svg: str) -> str:
    """Return the chart with ids counted from one; the renderer counts on through all."""
    names: dict[str, str] = {}

    def settled(match: re.Match[str]) -> str:
        name = names.setdefault(match[2], f"c{len(names) + 1}")
        return match[1] + name

    return _IDS.sub(settled, svg)
