"""hailong sample: plan, draw, draw again."""

from __future__ import annotations

from pathlib import Path

import click

from survey_app.cli.output import Said, json_option, language

_FRAME = click.option("--frame", "frame_file", required=True, type=click.Path(path_type=Path),
                      help="Frame (CSV, XLSX).")  # fmt: skip


@click.group(no_args_is_help=True)
def sample() -> None:
    """Plan and draw samples that anybody can draw again.

    Example: hailong sample draw design.yaml --frame frame.csv --seed 7 --out draw
    """


@sample.command()
@click.argument("design", type=click.Path(path_type=Path))
@_FRAME
@click.option("--out", type=click.Path(path_type=Path), help="CSV of the plan.")
@json_option
def plan(design: Path, frame_file: Path, out: Path | None) -> Said:
    """Show takes, expected responses, expected precision and cost of a design.

    Example: hailong sample plan design.yaml --frame frame.csv
    """
    from sampling import SampleDesign, read_frame
    from sampling import plan as plan_sample

    planned = plan_sample(SampleDesign.read(design), read_frame(frame_file))
    if out:
        out.parent.mkdir(parents=True, exist_ok=True)
        planned.table.to_csv(out, index=False)
    rows = [*planned.rows, planned.total]
    head = ("stratum", "units", "take", "issued", "expected", "half_width")
    lines = ["  ".join(f"{name:>12}" for name in head)]
    lines += ["  ".join(f"{_shown(row.get(name)):>12}" for name in head) for row in rows]
    return Said({"strata": planned.rows, "total": planned.total}, "\n".join(lines),
                planned.findings)  # fmt: skip


@sample.command()
@click.argument("design", type=click.Path(path_type=Path))
@_FRAME
@click.option("--seed", required=True, help="The secret, a whole number.")
@click.option("--public", default="", help="A public value of a later time.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder to make.")
@json_option
def draw(design: Path, frame_file: Path, seed: str, public: str, out: Path) -> Said:
    """Draw a sample: sample.csv, reserves.csv, draw.json and the minutes.

    Example: hailong sample draw design.yaml --frame frame.csv --seed 7 --out draw
    """
    from sampling import SampleDesign, read_frame, write_draw
    from sampling import draw as draw_sample
    from survey_app.services.installation import local_day

    made = draw_sample(read_frame(frame_file), SampleDesign.read(design), seed, public=public)
    write_draw(made, out, drawn_on=local_day())
    last = max(row.stage for row in made.rows)
    cases = sum(row.stage == last for row in made.rows)
    result = {
        "units": len(made.rows) - cases,
        "cases": cases,
        "reserves": len(made.reserve_rows),
        "folder": str(out),
    }
    words = (
        "{units} units, {cases} cases, {reserves} reserves in {folder}"
        if language() == "en"
        else "{units} đơn vị, {cases} trường hợp, {reserves} dự phòng trong {folder}"
    )
    return Said(result, words.format(**result), made.findings)


@sample.command()
@click.argument("folder", type=click.Path(path_type=Path))
@json_option
def verify(folder: Path) -> Said:
    """Draw again from the record of a draw and compare.

    Example: hailong sample verify draw
    """
    from sampling import verify_draw

    verify_draw(folder)
    return Said({"folder": str(folder)},
                "The draw repeats." if language() == "en" else "Chọn lại cho kết quả giống hệt.",
                )  # fmt: skip


def _shown(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value if value is not None else "")
