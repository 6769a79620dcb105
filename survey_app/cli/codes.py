"""hailong codes: one-time codes on paper, and the rotating code of a counter's screen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal

import click

from intake.findings import Finding
from survey_app.cli.opened import opened
from survey_app.cli.output import Said, json_option, language
from survey_app.cli.poster_text import LEAST_CM, MOST_CM, ask_distance, size_rows, size_text
from survey_app.cli.progress import steps_shown


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
@click.option(
    "--paper",
    type=click.Choice(["a4", "a5", "80mm"]),
    default="a4",
    help="Letters a4 or a5; tickets a4, eight on a page, or 80mm, a thermal roll.",
)
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder to write to.")
@json_option
def issue(
    round_id: str,
    channel: str | None,
    cell: str | None,
    count: int | None,
    expires: datetime | None,
    images: str | None,
    paper: str,
    out: Path,
) -> Said:
    """Make codes for the drawn cases of a round and print letters, tickets and posters.

    The codes are stored nowhere: keep the folder until the envelopes are filled, then delete
    it. The command can be repeated for further codes.

    Example: hailong codes issue hp-2026 --channel P --out letters
    """
    from survey_app.services.issuing import issue as issue_and_print

    installation = opened()
    with steps_shown("Printing" if language() == "en" else "Đang in") as progress:
        made = issue_and_print(
            installation,
            round_id,
            channel=channel,
            cell=cell,
            count=count,
            expires_on=expires.date() if expires else None,
            images=images,
            out=out,
            paper=paper,
            progress=progress,
        )
    text = (
        f"{made.codes} codes, {len(made.files)} files in {out}"
        if language() == "en"
        else f"{made.codes} mã, {len(made.files)} tệp trong {out}"
    )
    return Said({"codes": made.codes, "files": [str(path) for path in made.files]}, text)


@codes.command()
@click.argument("round_id")
@click.option("--counter", "counters", multiple=True, help="Only this counter; may be repeated.")
@click.option("--paper", type=click.Choice(["a3", "a4", "a5"]), default="a4", help="Size of paper.")
@click.option(
    "--distance",
    type=click.IntRange(LEAST_CM, MOST_CM),
    metavar="CM",
    help="How far readers stand, in cm; asked for on a terminal, else what the paper serves.",
)
@click.option("--preview", is_flag=True, help="Measure and draw preview.png; print nothing.")
@click.option("--together", is_flag=True, help="All posters in one file.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder to write to.")
@json_option
def poster(
    round_id: str,
    counters: tuple[str, ...],
    paper: Literal["a3", "a4", "a5"],
    distance: int | None,
    preview: bool,
    together: bool,
    out: Path,
) -> Said:
    """Print the posters of counters, their QR codes as large as the reading distance asks for.

    A poster holds no code of a person: it leads to the counter's page, where anyone may give
    voluntary feedback. It can be printed again at any time.

    Example: hailong codes poster hp-2026 --distance 100 --preview --out posters
    """
    from survey_app.services import poster_orders

    installation = opened()
    distance = ask_distance() if distance is None else distance
    far = None if distance is None else distance * 10.0
    sizes = poster_orders.sheet_sizes(installation, counters, far)
    asked = poster_orders.Order(round_id, counters, paper, far)
    findings: Sequence[Finding] = ()
    if preview:
        files, findings = poster_orders.write_preview(installation, asked, out)
        text = "\n\n".join([size_text(sizes, far), *map(str, files)])
    else:
        with steps_shown("Posters" if language() == "en" else "Áp phích") as progress:
            files = poster_orders.print_posters(
                installation, asked, out, together=together, progress=progress
            )
        text = f"{len(files)} {'files in' if language() == 'en' else 'tệp trong'} {out}"
    return Said(
        {"sizes": size_rows(sizes, far), "files": [str(path) for path in files]}, text, findings
    )


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

    from survey_app.services import screen_switch, screens
    from survey_app.services.codes import display
    from survey_app.services.counters import require_counter

    installation = opened()
    counter = require_counter(installation.engine, counter_id)
    shown = screen_switch.the_screen(installation.engine, counter, round_id)
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
