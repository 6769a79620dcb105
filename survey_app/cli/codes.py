"""hailong codes: one-time codes on letters, tickets and posters."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from survey_app.cli.opened import opened
from survey_app.cli.output import Said, json_option, language


@click.group(no_args_is_help=True)
def codes() -> None:
    """Issue one-time codes and print them.

    Example: hailong codes issue hp-2026 --out letters
    """


@codes.command()
@click.argument("round_id")
@click.option(
    "--channel",
    type=click.Choice(["P", "T"]),
    help="P letters, T tickets of drawn visits; what the draw asks for where not given.",
)
@click.option("--cell", help="Only this cell.")
@click.option("--count", type=click.IntRange(1, 100_000), help="Codes per cell; else all drawn.")
@click.option("--expires", type=click.DateTime(formats=["%Y-%m-%d"]), help="Last day.")
@click.option("--qr", "images", type=click.Choice(["svg", "png"]), help="Each QR code as an image.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder to write to.")
@json_option
def issue(
    round_id: str,
    channel: str | None,
    cell: str | None,
    count: int | None,
    expires: datetime | None,
    images: str | None,
    out: Path,
) -> Said:
    """Make codes for the drawn cases of a round and print letters, tickets and posters.

    The codes are stored nowhere: keep the folder until the envelopes are filled, then delete
    it. The command can be repeated for further codes.

    Example: hailong codes issue hp-2026 --channel P --out letters
    """
    from survey_app.services.issuing import issue as issue_and_print

    installation = opened()
    made = issue_and_print(
        installation,
        round_id,
        channel=channel,
        cell=cell,
        count=count,
        expires_on=expires.date() if expires else None,
        images=images,
        out=out,
        progress=lambda name: click.echo(name, err=True),
    )
    text = (
        f"{made.codes} codes, {len(made.files)} files in {out}"
        if language() == "en"
        else f"{made.codes} mã, {len(made.files)} tệp trong {out}"
    )
    return Said({"codes": made.codes, "files": [str(path) for path in made.files]}, text)
