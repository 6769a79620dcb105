"""hailong audit: what was done, checkpoints of it, and whether anything was tampered with."""

from __future__ import annotations

from pathlib import Path

import click

from survey_app.cli.opened import opened
from survey_app.cli.output import Said, json_option, language


@click.group(no_args_is_help=True)
def audit() -> None:
    """Show the log of what was done, sign checkpoints, look for tampering.

    Example: hailong audit verify
    """


@audit.command()
@click.option("--last", default=20, show_default=True, type=click.IntRange(1), help="Rows.")
@json_option
def show(last: int) -> Said:
    """Show the newest rows of the log: number, day, who, what, of what, details.

    Example: hailong audit show --last 50
    """
    from survey_app.services.trail.audit import newest

    rows = newest(opened().engine, last)
    text = "\n".join(
        "\t".join((str(one["seq"]), f"{one['day']:%d/%m/%Y}", one["actor"], one["action"],
                   one["object"], _short(one["payload"])))
        for one in rows
    )  # fmt: skip
    return Said({"rows": rows}, text)


@audit.command()
@json_option
def checkpoint() -> Said:
    """Sign how far the log goes and all responses; publish the file and send it on.

    Example: hailong audit checkpoint
    """
    from survey_app.services.integrity import make_checkpoint

    made, file = make_checkpoint(opened())
    words = (
        "{0} rows, {1} answers, root {2}" if language() == "en" else "{0} dòng, {1} phiếu, gốc {2}"
    )
    text = f"{words.format(made.seq, made.count, made.root)}\n{file}"
    return Said({"checkpoint": made, "file": str(file)}, text)


@audit.command()
@click.option(
    "--checkpoint",
    "published",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A checkpoint that was published or sent on; repeatable.",
)
@click.option(
    "--key",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The published public key; the installation's own if not given.",
)
@json_option
def verify(published: tuple[Path, ...], key: Path | None) -> Said:
    """Look whether anything was changed, added, removed or reordered; name the first bad item.

    Example: hailong audit verify --checkpoint from-the-second-body/00000123.json
    """
    from survey_app.services.integrity import find_faults
    from survey_app.services.trail.checkpoints import read_public_key

    public = read_public_key(key) if key else None
    findings = find_faults(opened(), key=public, published=published)
    good = "All is as it was signed." if language() == "en" else "Mọi thứ đúng như đã ký."
    return Said({}, "" if findings else good, findings)


def _short(payload: str) -> str:
    return payload if len(payload) <= 120 else payload[:119] + "…"
