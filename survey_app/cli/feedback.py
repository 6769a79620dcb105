"""hailong feedback: what people wrote behind the posters of counters, and what became of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from survey_app.cli.opened import opened
from survey_app.cli.output import Said, json_option, language

if TYPE_CHECKING:
    from collections.abc import Sequence

    from survey_app.services.feedback_desk import Feedback

_NAMES = click.option(
    "--names",
    "names_file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Names of staff that are masked too: a text file, one name a line.",
)


@click.group(no_args_is_help=True)
def feedback() -> None:
    """Read voluntary feedback, say how far it has come, switch its pages off and on.

    Example: hailong feedback list --quarter 2026-Q1
    """


@feedback.command("list")
@click.option("--quarter", help="Only this quarter, as 2026-Q1.")
@_NAMES
@json_option
def list_command(quarter: str | None, names_file: Path | None) -> Said:
    """List feedback in a random order: name, state, agency, quarter, kind, text.

    Telephone and card numbers, mail addresses and the names of a list are masked. The texts are
    for those who deal with them; agencies get theirs by `hailong feedback agency`.

    Example: hailong feedback list --quarter 2026-Q1
    """
    from survey_app.services.feedback import read_feedback_keys
    from survey_app.services.feedback_desk import list_feedback

    here = opened()
    keys, names = read_feedback_keys(here.settings), _names(names_file)
    return _listed(list_feedback(here.engine, keys, quarter=quarter, names=names))


@feedback.command()
@click.argument("agency")
@click.argument("quarter")
@_NAMES
@json_option
def agency(agency: str, quarter: str, names_file: Path | None) -> Said:
    """Print what an agency is handed over of a quarter: at least twenty texts, or none.

    Example: hailong feedback agency ubnd-le-chan 2026-Q1
    """
    from survey_app.services.feedback import read_feedback_keys
    from survey_app.services.feedback_desk import for_agency

    here = opened()
    keys = read_feedback_keys(here.settings)
    found = for_agency(here.engine, keys, agency, quarter, _names(names_file))
    texts = [{"kind": one.kind, "text": one.text} for one in found]
    text = "\n".join(f"{one['kind']}\t{_one_line(one['text'])}" for one in texts)
    return Said({"agency": agency, "quarter": quarter, "feedback": texts}, text)


@feedback.command()
@click.argument("name")
@click.argument("state", type=click.Choice(["received", "read", "forwarded", "answered"]))
@click.option("--reply", default="", help="Shown to whoever has the code; with answered only.")
@json_option
def mark(name: str, state: str, reply: str) -> Said:
    """Say how far a feedback has come; its sender sees it at /f/CODE.

    Example: hailong feedback mark 3fa29c01d7be answered --reply "Đã sửa lịch tiếp dân."
    """
    from survey_app.services.feedback import read_feedback_keys
    from survey_app.services.feedback_desk import mark as change

    here = opened()
    change(here.engine, read_feedback_keys(here.settings), name, state, reply)
    return Said({"name": name, "state": state}, f"{name}: {state}")


@feedback.command()
@click.argument("counter_ids", metavar="COUNTER_ID...", nargs=-1, required=True)
@json_option
def off(counter_ids: tuple[str, ...]) -> Said:
    """Take no more feedback behind the posters of these counters; their pages say so.

    Example: hailong feedback off tt-le-chan
    """
    return _switched(counter_ids, off=True)


@feedback.command()
@click.argument("counter_ids", metavar="COUNTER_ID...", nargs=-1, required=True)
@json_option
def on(counter_ids: tuple[str, ...]) -> Said:
    """Take feedback again behind the posters of these counters.

    Example: hailong feedback on tt-le-chan
    """
    return _switched(counter_ids, off=False)


def _switched(counter_ids: tuple[str, ...], *, off: bool) -> Said:
    from survey_app.services.withdrawals import switch_feedback

    places = switch_feedback(opened().engine, counter_ids, off=off)
    word = {"en": ("on", "off"), "vi": ("bật", "tắt")}[language()][off]
    return Said({"counters": places, "off": off}, "\n".join(f"{one}: {word}" for one in places))


def _listed(found: Sequence[Feedback]) -> Said:
    text = "\n".join(
        "\t".join((one.name, one.state, one.agency, one.quarter, one.kind, _one_line(one.text)))
        for one in found
    )
    return Said({"feedback": list(found)}, text)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _names(file: Path | None) -> list[str]:
    try:
        return file.read_text(encoding="utf-8-sig").splitlines() if file else []
    except UnicodeDecodeError:
        raise click.BadParameter("The file is not UTF-8.", param_hint="--names") from None
