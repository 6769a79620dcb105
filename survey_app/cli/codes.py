"""hailong codes: one-time codes on paper, and the rotating code of a counter's screen."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from survey_app.cli.opened import opened
from survey_app.cli.output import Said, json_option, language


@click.group(no_args_is_help=True)
def codes() -> None:
    """Issue one-time codes and print them; see the code of a counter's screen.

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


@codes.command()
@click.argument("counter_id")
@click.option("--round", "round_id", help="Round, where the counter has screens in several.")
@click.option(
    "--at",
    type=click.DateTime(formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]),
    help="Moment in local time, YYYY-MM-DDTHH:MM; now where not given.",
)
@json_option
def screen(counter_id: str, round_id: str | None, at: datetime | None) -> Said:
    """Print the code that a counter's screen shows, its link, and the address of the monitor.

    Whoever knows the monitor's address can read the screen from anywhere: hand it to the counter
    alone.

    Example: hailong codes screen tt-le-chan --at 2026-03-10T09:30
    """
    import time

    from survey_app.services import screens
    from survey_app.services.codes import display
    from survey_app.services.counters import require_counter

    installation = opened()
    counter = require_counter(installation.engine, counter_id)
    shown = screens.the_screen(installation.engine, counter, round_id)
    keys, base = installation.keyring()[shown.round_id], installation.settings.base_url
    code = screens.code_of(keys, shown, screens.window_of(at.timestamp() if at else time.time()))
    said = {
        "round": shown.round_id,
        "counter": counter.id,
        "code": display(code),
        "link": screens.link_of(base, counter, code),
        "monitor": screens.monitor_link(base, keys, shown),
    }
    words = (
        "code:    {code}\nlink:    {link}\nmonitor: {monitor}"
        if language() == "en"
        else "mã:        {code}\nliên kết:  {link}\nmàn hình:  {monitor}"
    )
    return Said(said, words.format(**said))
