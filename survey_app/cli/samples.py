"""hailong sample: plan, commit, draw, draw again."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import click

from survey_app.cli import commitments
from survey_app.cli.output import Said, json_option, language
from survey_app.cli.progress import steps_shown

_FRAME = click.option("--frame", "frame_file", required=True, type=click.Path(path_type=Path),
                      help="Frame (CSV, XLSX).")  # fmt: skip

_SECRET = click.option("--secret-file", type=click.Path(path_type=Path),
                       help="File that holds the secret.")  # fmt: skip


@click.group(no_args_is_help=True)
def sample() -> None:
    """Plan and draw samples that anybody can draw again.

    Example: hailong sample draw design.yaml --frame frame.csv --seed 7 --out draw
    """


@sample.command()
@click.argument("design", type=click.Path(path_type=Path))
@_FRAME
@click.option(
    "--domains",
    multiple=True,
    metavar="COLUMN",
    help="Frame column whose values are domains; repeatable.",
)
@click.option(
    "--earlier",
    type=click.Path(path_type=Path),
    help="Answers of an earlier round (Parquet, CSV), for mean and likeness.",
)
@click.option("--item", help="Its item.")
@click.option("--psu", help="Its column of primary units.")
@click.option("--stratum", help="Its column of strata.")
@click.option("--weights", help="Its column of weights.")
@click.option(
    "--rule",
    default="value",
    type=click.Choice(["value", "top2", "mean5", "mean04"]),
    help="What an answer counts.",
    show_default=True,
)
@click.option("--figure", type=click.Path(path_type=Path), help="Chart (.png, .svg, .pdf).")
@click.option(
    "--chart",
    default="cost",
    type=click.Choice(["cost", "take", "ranks", "pairs"]),
    help="Which chart.",
    show_default=True,
)
@click.option("--out", type=click.Path(path_type=Path), help="CSV of the plan.")
@json_option
def plan(
    design: Path,
    frame_file: Path,
    domains: tuple[str, ...],
    earlier: Path | None,
    figure: Path | None,
    chart: str,
    out: Path | None,
    **columns: str | None,
) -> Said:
    """Show takes, expected responses, expected precision and cost of a design.

    Example: hailong sample plan design.yaml --frame frame.csv --domains type
    """
    from intake.tables import write_data_frame
    from sampling import plan as plan_sample
    from sampling import read_inputs
    from survey_app.cli.plan_text import components_of, plan_result, plan_text, write_chart

    components = components_of(earlier, **columns)
    planned = plan_sample(*read_inputs(design, frame_file), domains=domains, components=components)
    if figure:
        write_chart(planned, figure, chart, language())
    if out:
        write_data_frame(out, planned.table)
    return Said(plan_result(planned, components), plan_text(planned, language()), planned.findings)


@sample.command()
@click.argument("design", type=click.Path(path_type=Path))
@_FRAME
@_SECRET
@click.option("--public-source", required=True, help="What the public value will be.")
@click.option("--public-at", required=True, help="From when it is known: 2026-07-02 18:30.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder to publish.")
@commitments.paper_options
@json_option
def commit(
    design: Path,
    frame_file: Path,
    secret_file: Path | None,
    public_source: str,
    public_at: str,
    out: Path,
    **paper: str,
) -> Said:
    """Commit to a draw before it: hashes of frame, design and secret, and a notice to publish.

    The secret is read from --secret-file, or made there; by default beside the folder.

    Example: hailong sample commit design.yaml --frame frame.csv
    --public-source "lottery of 2 July" --public-at "2026-07-02 18:30" --out commitment
    """
    from sampling import read_inputs
    from sampling.minutes import commit as commit_to
    from sampling.minutes import notice_files

    commitments.require_new(out)
    path = secret_file or out.with_name(out.name + ".secret")
    plan, frame = read_inputs(design, frame_file)
    at, known = commitments.now(), commitments.moment_of(public_at)
    fixed = partial(
        commit_to, frame, plan, public_source=public_source, public_at=known, made_at=at
    )
    known_secret, findings = commitments.read_secret(path) if path.exists() else ("", [])
    # Everything is checked before a secret is made.
    made = fixed(known_secret or "0")
    if not known_secret:
        made = fixed(commitments.new_secret(path))
    out.mkdir(parents=True, exist_ok=True)
    (out / commitments.COMMITMENT).write_bytes(made.canonical)
    for name, data in notice_files(made, **paper).items():
        (out / name).write_bytes(data)
    told = (
        "Publish {folder} before {public_at}. Keep {secret_file} safe and unseen until the draw."
        if language() == "en"
        else "Hãy công bố {folder} trước {public_at}. Giữ kín {secret_file} cho đến khi chọn mẫu."
    )
    result = {**made.as_dict(), "folder": str(out), "secret_file": str(path)}
    hashes = [f"{key} {result[key]}" for key in ("H_frame", "H_design", "commitment")]
    return Said(result, "\n".join([*hashes, told.format(**result)]), findings)


@sample.command()
@click.argument("design", type=click.Path(path_type=Path))
@_FRAME
@click.option("--seed", default="", help="The secret, a whole number.")
@_SECRET
@click.option("--public", default="", help="A public value of a later time.")
@click.option("--commitment", type=click.Path(path_type=Path), help="commitment.json to open.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder to make.")
@commitments.paper_options
@json_option
def draw(
    design: Path,
    frame_file: Path,
    seed: str,
    secret_file: Path | None,
    public: str,
    commitment: Path | None,
    out: Path,
    **paper: str,
) -> Said:
    """Draw a sample: sample.csv, reserves.csv, draw.json and the minutes.

    The secret is --seed or stands in --secret-file. With --commitment nothing is drawn
    unless frame, design and secret are those committed to, and the time has come.

    Example: hailong sample draw design.yaml --frame frame.csv --seed 7 --out draw
    """
    from sampling import draw as draw_sample
    from sampling import read_inputs, write_draw
    from sampling.minutes import check_opening, read_commitment
    from survey_app.cli.draw_text import drawn_result, drawn_text
    from survey_app.services.installation import local_day

    if bool(seed) == bool(secret_file):
        raise click.UsageError("give either --seed or --secret-file")
    secret, noticed = commitments.read_secret(secret_file) if secret_file else (seed, [])
    (plan, frame), day = read_inputs(design, frame_file), local_day()
    if commitment:
        at = commitments.now()
        opened = read_commitment(commitment)
        check_opening(opened, frame, plan, secret, public, drawn_at=at)
        day = at.astimezone(opened.public_at.tzinfo).date()
    with steps_shown("Drawing" if language() == "en" else "Đang chọn mẫu") as progress:
        made = draw_sample(frame, plan, secret, public=public, progress=progress)
    write_draw(made, out, operator=paper["operator"], drawn_on=day)
    commitments.write_papers(made, out, commitment=commitment, drawn_on=day, **paper)
    result, text = drawn_result(made, out), drawn_text(made, out, language())
    return Said(result, text, [*noticed, *made.findings])


@sample.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--commitment", type=click.Path(path_type=Path), help="The published commitment.")
@click.option("--earlier", multiple=True, type=click.Path(path_type=Path),
              help="Draw whose random numbers it goes by; repeatable.")  # fmt: skip
@json_option
def verify(folder: Path, commitment: Path | None, earlier: tuple[Path, ...]) -> Said:
    """Draw again from the record of a draw and compare, also its minutes and its commitment.

    Example: hailong sample verify draw
    """
    from survey_app.cli.earlier_draws import link_sentences, links_of, prove_earlier
    from survey_app.cli.proofs import prove, sentences

    proof, lang = prove(folder, commitment), language()
    before = prove_earlier(earlier)
    links, warnings = links_of(proof, before)
    lines = [
        *sentences(proof, lang),
        *(line for one in links for line in link_sentences(one, lang)),
    ]
    result = {**proof.as_dict(), "earlier": [link.as_dict() for link in links]}
    noted = [finding for one in (proof, *before) for finding in one.findings]
    return Said(result, "\n".join(lines), [*noted, *warnings])
