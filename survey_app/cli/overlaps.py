"""hailong sample overlap: what the draws of several rounds share, and whom they burden."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import click

from survey_app.cli.output import Said, json_option, language

if TYPE_CHECKING:
    import pandas as pd


@click.command()
@click.argument("folders", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--last", type=click.IntRange(min=1), help="Count so many of the latest draws alone.")
@click.option(
    "--out", type=click.Path(path_type=Path), help="CSV of how often each unit was drawn."
)
@json_option
def overlap(folders: Sequence[Path], last: int | None, out: Path | None) -> Said:
    """Show what draws share, from the earliest to the latest, and how often units were drawn.

    Each draw is repeated first; of a revised sample the active rows count. Expected is what
    two independent draws would share.

    Example: hailong sample overlap draws/2026-1 draws/2026-2 --out burden.csv
    """
    from intake.tables import write_data_frame
    from sampling.coordination import burden
    from sampling.coordination import overlap as shared

    read = [_drawn(folder) for folder in folders]
    samples, frames = [one[0] for one in read], [one[1] for one in read]
    tables = [
        shared(samples[a], samples[b], frame_a=frames[a], frame_b=frames[b])
        for a, b in pairwise(range(len(read)))
    ]
    times = burden(samples, last=last)
    if out:
        write_data_frame(out, times)
    counts = times.groupby(["stage", "times"]).size().reset_index(name="units")
    names = [folder.name for folder in folders]
    pairs = [
        {"earlier": a, "later": b, "strata": _records(table)}
        for (a, b), table in zip(pairwise(names), tables, strict=True)
    ]
    parts = [
        f"{a} → {b}\n{table.to_string(index=False, float_format='{:.2f}'.format, na_rep='')}"
        for (a, b), table in zip(pairwise(names), tables, strict=True)
    ]
    parts += [_counted(row, language()) for row in _records(counts)]
    return Said({"pairs": pairs, "burden": _records(counts)}, "\n".join(parts))


def _drawn(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame | None]:
    """Return the sample in a folder, and of a draw the probabilities of all its units."""
    import pandas as pd

    from intake.tables import read_table
    from sampling import verify_draw
    from sampling.revision import chance_table

    if (folder / "draw.json").exists() or not (folder / "revision.json").exists():
        draw = verify_draw(folder)
        return draw.sample, chance_table(draw)
    table = read_table(folder / "sample.csv", required=("unit_id", "stratum", "stage"))
    kept = [row.cells for row in table.rows if row.cells.get("status", "active") == "active"]
    found = pd.DataFrame(kept, columns=list(table.columns))
    return found.assign(stage=pd.to_numeric(found["stage"])), None


def _records(table: pd.DataFrame) -> list[dict[str, object]]:
    """Return rows as plain values, nothing where a value is missing."""
    plain = table.astype(object).where(table.notna(), None)
    return [{str(key): value for key, value in row.items()} for row in plain.to_dict("records")]


def _counted(row: dict[str, object], lang: str) -> str:
    words = (
        "stage {stage}: {units} units drawn {times} times"
        if lang == "en"
        else "giai đoạn {stage}: {units} đơn vị được chọn {times} lần"
    )
    return words.format(**row)
