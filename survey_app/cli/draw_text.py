"""How many a draw has drawn, in one sentence: units stage by stage, then what their lists gave."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sampling import Draw


def drawn_result(made: Draw, folder: Path) -> dict[str, object]:
    """Return the numbers of a draw: ``units`` of the frame, ``cases`` from lists, ``reserves``."""
    by_stage = _by_stage(made)
    areas = len(made.design.areas)
    return {
        "units": sum(by_stage[:areas]),
        "cases": sum(by_stage[areas:]),
        "reserves": len(made.reserve_rows),
        "folder": str(folder),
    }


def drawn_text(made: Draw, folder: Path, lang: str) -> str:
    """Return the sentence for a terminal.

    ``30 units, 3300 cases, 908 reserves in draw``; without cases where no list was drawn
    from, and stage by stage where more than one drew units of the frame.
    """
    numbers = drawn_result(made, folder)
    parts = [_counted(numbers, "units", lang) + _apart(made, lang)]
    if made.design.listing is not None:
        parts.append(_counted(numbers, "cases", lang))
    parts.append(_counted(numbers, "reserves", lang))
    return f"{', '.join(parts)} {'in' if lang == 'en' else 'trong'} {folder}"


_WORDS = {"units": "đơn vị", "cases": "trường hợp", "reserves": "dự phòng"}


def _counted(numbers: Mapping[str, object], key: str, lang: str) -> str:
    count = numbers[key]
    if lang == "en":
        return f"{count} {key.removesuffix('s') if count == 1 else key}"
    return f"{count} {_WORDS[key]}"


def _apart(made: Draw, lang: str) -> str:
    areas = len(made.design.areas)
    if areas == 1:
        return ""
    stage = "stage" if lang == "en" else "giai đoạn"
    told = [f"{stage} {at}: {count}" for at, count in enumerate(_by_stage(made)[:areas], start=1)]
    return f" ({', '.join(told)})"


def _by_stage(made: Draw) -> list[int]:
    counts = [0] * len(made.design.stages)
    for row in made.rows:
        counts[row.stage - 1] += 1
    return counts
