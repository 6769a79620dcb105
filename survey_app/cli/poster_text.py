"""What the poster preview asks and shows: the reading distance, and a table of code sizes."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from survey_app.cli.output import language

if TYPE_CHECKING:
    from survey_app.services.poster_orders import SheetSize

LEAST_CM, MOST_CM = 10, 1000

_HEADS = {
    "vi": ("tờ in", "khổ", "phiên bản QR", "cạnh (mm)", "ô (mm)", "quét được từ (cm)"),
    "en": ("sheet", "paper", "QR version", "side (mm)", "module (mm)", "scanned from (cm)"),
}
_SHEETS = {"poster": "áp phích", "letter": "thư mời", "ticket": "phiếu"}
_TOO_FAR = {"vi": "không đủ", "en": "not enough"}


def ask_distance() -> int | None:
    """Ask on a terminal how far readers stand, in cm; elsewhere nothing is known."""
    if not sys.stdin.isatty():
        return None
    words = {
        "vi": "Người đọc đứng cách áp phích bao nhiêu cm?",
        "en": "How far from the poster do readers stand, in cm?",
    }[language()]
    kind = click.IntRange(LEAST_CM, MOST_CM)
    return int(click.prompt(words, default=100, type=kind, err=True))


def size_rows(sizes: Sequence[SheetSize], distance_mm: float | None) -> list[dict[str, object]]:
    """Return the sizes as plain values; posters say whether they serve the distance."""
    return [
        {
            "sheet": one.sheet,
            "paper": one.paper,
            "version": one.size.version,
            "modules": one.size.modules,
            "side_mm": round(one.size.side_mm, 1),
            "module_mm": round(one.size.module_mm, 2),
            "reach_cm": int(one.size.reach_mm / 10 + 1e-6),
            "serves": one.serves(distance_mm) if distance_mm and one.sheet == "poster" else None,
        }
        for one in sizes
    ]


def size_text(sizes: Sequence[SheetSize], distance_mm: float | None) -> str:
    """Return the table that a person reads."""
    lang = language()
    lines = [_HEADS[lang]]
    for row in size_rows(sizes, distance_mm):
        name = str(row["sheet"])
        note = f"  {_TOO_FAR[lang]}" if row["serves"] is False else ""
        numbers = f"{row['side_mm']:.1f}", f"{row['module_mm']:.2f}"
        side, module = numbers if lang == "en" else [one.replace(".", ",") for one in numbers]
        lines.append(
            (
                name if lang == "en" else _SHEETS[name],
                str(row["paper"]).upper().replace("MM", " mm"),
                str(row["version"]),
                side,
                module,
                f"{row['reach_cm']}{note}",
            )
        )
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column in {0, 1, 5} else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )
