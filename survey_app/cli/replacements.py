"""hailong sample replace, extend, join: the sample after the draw."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

import click

from survey_app.cli.commitments import require_new
from survey_app.cli.output import Said, json_option, language
from survey_app.cli.revision_files import write_record, write_table

_OUT = click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder to make.")
_FOLDER = click.argument("folder", type=click.Path(path_type=Path))


@click.command()
@_FOLDER
@click.option("--log", "log_file", required=True, type=click.Path(path_type=Path),
              help="unit_id, reason, date, note (CSV, XLSX).")  # fmt: skip
@_OUT
@json_option
def replace(folder: Path, log_file: Path, out: Path) -> Said:
    """Let the next reserves come in for the cases of a log; weights are corrected.

    Example: hailong sample replace draw --log replacements.csv --out draw-revised
    """
    from sampling import verify_draw
    from sampling.revision import REPLACEMENT_COLUMNS, read_log
    from sampling.revision import replace as replaced
    from sampling.revision.replacement import COLUMNS

    require_new(out)
    made = replaced(verify_draw(folder), read_log(log_file), file=log_file.name)
    out.mkdir(parents=True, exist_ok=True)
    write_table(out / "sample.csv", COLUMNS, made.rows)
    write_table(out / "replacements.csv", REPLACEMENT_COLUMNS, made.replacements)
    result = write_record(out, "replacement", folder, log_file)
    active = sum(row["status"] == "active" for row in made.rows)
    result |= {"active": active, "replaced": len(made.replacements)}
    words = (
        "{replaced} replaced, {active} active rows in {folder}"
        if language() == "en"
        else "thay {replaced}, còn {active} dòng đang dùng, trong {folder}"
    )
    return Said(result, words.format(**result), made.findings)


@click.command()
@_FOLDER
@click.option("--take", "takes", multiple=True, required=True, metavar="UNIT=N",
              help="New take of a stage: person=150, commune.rural=8; repeatable.")  # fmt: skip
@_OUT
@json_option
def extend(folder: Path, takes: Sequence[str], out: Path) -> Said:
    """Go on with a draw in its published order, to larger takes (simple random stages).

    Example: hailong sample extend draw --take person=150 --out draw-larger
    """
    from sampling import verify_draw
    from sampling.revision import extend as extended
    from sampling.sample import sample_csv

    require_new(out)
    made = extended(verify_draw(folder), _takes(takes))
    out.mkdir(parents=True, exist_ok=True)
    (out / "sample.csv").write_text(sample_csv(made.rows), encoding="utf-8")
    (out / "reserves.csv").write_text(sample_csv(made.reserves), encoding="utf-8")
    (out / "added.csv").write_text(sample_csv(made.added), encoding="utf-8")
    (out / "design.json").write_bytes(made.design.canonical)
    result = write_record(out, "extension", folder) | {
        "rows": len(made.rows),
        "added": len(made.added),
    }
    words = (
        "{added} rows added, {rows} in all, in {folder}"
        if language() == "en"
        else "thêm {added} dòng, tất cả {rows} dòng, trong {folder}"
    )
    return Said(result, words.format(**result), [])


@click.command()
@click.argument("first", type=click.Path(path_type=Path))
@click.argument("second", type=click.Path(path_type=Path))
@_OUT
@json_option
def join(first: Path, second: Path, out: Path) -> Said:
    """Join two independent draws of one frame; probabilities are those of the union.

    Example: hailong sample join draw draw-second --out draw-joined
    """
    from sampling import verify_draw
    from sampling.revision import join as joined
    from sampling.sample import sample_csv

    require_new(out)
    rows = joined(verify_draw(first), verify_draw(second))
    out.mkdir(parents=True, exist_ok=True)
    (out / "sample.csv").write_text(sample_csv(rows), encoding="utf-8")
    result = write_record(out, "union", first, second / "draw.json") | {"rows": len(rows)}
    words = "{rows} rows in {folder}" if language() == "en" else "{rows} dòng trong {folder}"
    return Said(result, words.format(**result), [])


def _takes(given: Iterable[str]) -> dict[str, int | dict[str, int]]:
    """Return takes by unit, or by unit and stratum."""
    takes: dict[str, int | dict[str, int]] = {}
    for text in given:
        name, equals, number = text.rpartition("=")
        if not (equals and number.isascii() and number.isdecimal()):
            raise click.BadParameter(f"{text!r} is not like person=150", param_hint="--take")
        unit, dot, stratum = name.partition(".")
        held = takes.get(unit)
        if dot:
            takes[unit] = {**(held if isinstance(held, dict) else {}), stratum: int(number)}
        else:
            takes[unit] = int(number)
    return takes
