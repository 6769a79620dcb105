"""hailong sample visits: every k-th finished transaction, from the rhythm to the weights."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from survey_app.cli.output import Said, json_option, language

if TYPE_CHECKING:
    from sampling.visits import Segment

_PATH = click.Path(path_type=Path)
_SOURCE = click.option("--segments", "source", required=True, type=_PATH,
                       help="CSV of segments, or folder of a draw.")  # fmt: skip
_DRAW = click.option("--draw", "draw_folder", required=True, type=_PATH,
                     help="Folder of the draw whose seed gives the starts.")  # fmt: skip
_TARGET = click.option("--target", required=True, type=int, help="Tickets wanted at a counter.")
_FRACTIONAL = click.option("--fractional", is_flag=True, help="Keep k as a fraction.")


@click.group(no_args_is_help=True)
def visits() -> None:
    """Hand out tickets at counters to every k-th finished transaction.

    Example: hailong sample visits rhythm --expected 6330 --target 450
    """


@visits.command("rhythm")
@click.option("--expected", required=True, type=int, help="Transactions expected to finish.")
@_TARGET
@click.option("--response", default="1", show_default=True, help="Share of tickets answered.")
@click.option("--eligible", default="1", show_default=True, help="Share that may take part.")
@_FRACTIONAL
@json_option
def rhythm_command(
    expected: int, target: int, response: str, eligible: str, fractional: bool
) -> Said:
    """Show k for a volume and a target, and the tickets it brings.

    Example: hailong sample visits rhythm --expected 6330 --target 450
    """
    from sampling.visits import rhythm

    one = rhythm(expected, target, response=response, eligible=eligible, fractional=fractional)
    result = {
        "k": str(one.k),
        "tickets_wanted": one.target,
        "tickets_fewest": one.fewest,
        "tickets_most": one.most,
    }
    words = (
        "k = {k}: {tickets_fewest} to {tickets_most} tickets, {tickets_wanted} wanted"
        if language() == "en"
        else "k = {k}: {tickets_fewest} đến {tickets_most} phiếu, cần {tickets_wanted}"
    )
    return Said(result, words.format(**result), one.findings)


@visits.command("segments")
@click.argument("volumes", type=_PATH)
@_TARGET
@_DRAW
@click.option("--rule", type=click.Choice(["same", "equal"]), default="same", show_default=True,
              help="One k for all periods, or as many tickets in each.")  # fmt: skip
@_FRACTIONAL
@click.option("--out", required=True, type=_PATH, help="CSV to write.")
@json_option
def segments_command(
    volumes: Path, target: int, draw_folder: Path, rule: str, fractional: bool, out: Path
) -> Said:
    """Give every period (and window) its own k and start.

    VOLUMES is a CSV with counter_id, period, expected and, where windows have queues of
    their own, window.

    Example: hailong sample visits segments volumes.csv --target 450 --draw draw --out segments.csv
    """
    from sampling.visits import read_volumes, segments_of_volumes, write_segments

    made = segments_of_volumes(
        read_volumes(volumes), target, _seed(draw_folder), rule=rule, fractional=fractional
    )
    out.parent.mkdir(parents=True, exist_ok=True)
    write_segments(out, made)
    return Said(*_told(made))


@visits.command("revise")
@_SOURCE
@click.option("--tally", required=True, type=_PATH, help="CSV of the periods counted so far.")
@_TARGET
@_DRAW
@click.option("--widest", default="2", show_default=True,
              help="Factor by which k may leave the plan.")  # fmt: skip
@_FRACTIONAL
@click.option("--out", required=True, type=_PATH, help="CSV to write.")
@json_option
def revise_command(
    source: Path,
    tally: Path,
    target: int,
    draw_folder: Path,
    widest: str,
    fractional: bool,
    out: Path,
) -> Said:
    """Work out the rhythm of the periods to come from the volumes so far.

    Example: hailong sample visits revise --segments segments.csv --tally tally.csv --target 450
    --draw draw --out segments-2.csv
    """
    from sampling.visits import read_tally, revise_segments, write_segments

    given = _segments(source)
    counted = {row.key: row.finished for row in read_tally(tally) if row.finished is not None}
    seed = _seed(draw_folder)
    made: list[Segment] = []
    for counter in dict.fromkeys([one.counter_id for one in given] + [key[0] for key in counted]):
        own = [one for one in given if one.counter_id == counter]
        finished = {key: count for key, count in counted.items() if key[0] == counter}
        done = bool(own) and all(one.key in finished for one in own)
        made += (
            own
            if done
            else revise_segments(own, finished, target, seed, widest=widest, fractional=fractional)
        )
    out.parent.mkdir(parents=True, exist_ok=True)
    write_segments(out, made)
    return Said(*_told(made))


@visits.command("tickets")
@_SOURCE
@click.option("--frame", "frame_file", type=_PATH, help="Frame with the counters' names.")
@click.option("--title", default="", help="Title of the survey.")
@click.option("--reach", default="2", show_default=True, help="Times the expected volume to list.")
@click.option("--count-sheet", is_flag=True, help="Add sheets to cross out each transaction.")
@click.option("--example", is_flag=True, help="Say that the expected volumes are examples.")
@click.option("--simulated", is_flag=True, help="Say that the round is simulated.")
@click.option("--out", required=True, type=_PATH, help="Folder for a PDF and a CSV per counter.")
@json_option
def tickets_command(
    source: Path,
    frame_file: Path | None,
    title: str,
    reach: str,
    count_sheet: bool,
    example: bool,
    simulated: bool,
    out: Path,
) -> Said:
    """Print the numbers that get a ticket, and the tally sheet, for each counter.

    Example: hailong sample visits tickets --segments draw --out lists
    """
    from intake.findings import Words
    from sampling.visits import list_of, write_ticket_lists
    from survey_app.services.counter_lists import ListFacts, counter_lists

    given = _segments(source)
    names = _names(frame_file or source / "frame.csv")
    heading = Words(title, title) if title else Words("Khảo sát giao dịch", "Transaction survey")
    out.mkdir(parents=True, exist_ok=True)
    files: list[str] = []
    for counter in dict.fromkeys(one.counter_id for one in given):
        lists = [list_of(one, reach=reach) for one in given if one.counter_id == counter]
        name = names.get(counter, counter)
        about = ListFacts(
            heading, "", name, language(), simulated, example=example, counting=count_sheet
        )
        (out / f"list-{counter}.pdf").write_bytes(counter_lists(lists, about))
        write_ticket_lists(out / f"list-{counter}.csv", lists)
        files += [f"list-{counter}.pdf", f"list-{counter}.csv"]
    return Said({"files": files, "folder": str(out)}, "\n".join(files))


@visits.command("weights")
@click.argument("tally", type=_PATH)
@_SOURCE
@click.option("--out", type=_PATH, help="CSV of the weights.")
@json_option
def weights_command(tally: Path, source: Path, out: Path | None) -> Said:
    """Weigh visits by what was counted, and check the counts.

    Example: hailong sample visits weights tally.csv --segments draw
    """
    from intake.tables import write_csv
    from sampling.visits import WEIGHT_COLUMNS, visit_weights

    made = visit_weights(tally, _segments(source))
    if out:
        out.parent.mkdir(parents=True, exist_ok=True)
        write_csv(
            out, WEIGHT_COLUMNS, ([row[name] for name in WEIGHT_COLUMNS] for row in made.rows)
        )
    head = ("counter_id", "period", "window", "finished", "handed", "implied", "k", "weight")
    lines = ["  ".join(f"{name:>12}" for name in head)]
    lines += ["  ".join(f"{_shown(row[name]):>12}" for name in head) for row in made.rows]
    return Said({"segments": made.rows}, "\n".join(lines), made.findings)


@visits.command("compare")
@click.argument("handed", type=_PATH)
@_SOURCE
@click.option("--tally", type=_PATH, help="CSV that says how many finished.")
@json_option
def compare_command(handed: Path, source: Path, tally: Path | None) -> Said:
    """Compare a list that came back with the numbers that were due.

    Example: hailong sample visits compare list-q1.csv --segments draw
    """
    from sampling.visits import compare_lists, read_handed, read_tally

    counted = {row.key: row.finished for row in read_tally(tally, uncounted=True)} if tally else {}
    seen = compare_lists(_segments(source), read_handed(handed), counted)
    result = [
        {
            "counter_id": one.segment.counter_id,
            "period": one.segment.period,
            "window": one.segment.window,
            "upto": one.upto,
            "matched": len(one.matched),
            "missed": one.missed,
            "extra": one.extra,
            "beside": one.beside,
            "offsets": one.offsets,
        }
        for one in seen
    ]
    words = (
        "{name}: {due} due, {missed} missed, {extra} not on the list"
        if language() == "en"
        else "{name}: {due} số phải phát, bỏ sót {missed}, ngoài danh sách {extra}"
    )
    lines = [
        words.format(
            name="/".join(filter(None, one.segment.key)),
            due=len(one.matched) + len(one.missed),
            missed=len(one.missed),
            extra=len(one.extra),
        )
        for one in seen
    ]
    findings = [finding for one in seen for finding in one.findings]
    return Said({"segments": result}, "\n".join(lines), findings)


def _segments(source: Path) -> list[Segment]:
    """Return the segments of a CSV or of the folder of a draw."""
    from sampling.visits import read_segments, segments_of_draw

    return segments_of_draw(_record(source)) if source.is_dir() else read_segments(source)


def _record(folder: Path) -> dict[str, object]:
    """Return the record of a draw, made anew: a draw that does not repeat gives no starts."""
    from sampling import verify_draw

    return dict(verify_draw(folder).record)


def _seed(folder: Path) -> str:
    return str(_record(folder).get("seed", ""))


def _names(frame: Path) -> dict[str, str]:
    """Return the counters' names where there is a frame."""
    from intake.tables import read_table

    if not frame.is_file():
        return {}
    table = read_table(frame, required=["unit_id", "unit_name"])
    return {row.cells["unit_id"]: row.cells["unit_name"] for row in table.rows}


def _told(made: Sequence[Segment]) -> tuple[dict[str, object], str]:
    """Return segments as a result and as lines."""
    rows = [
        {
            "counter_id": one.counter_id,
            "period": one.period,
            "window": one.window,
            "expected": one.expected,
            "k": str(one.k),
            "start": str(one.start),
        }
        for one in made
    ]
    lines = ["  ".join(f"{_shown(value):>12}" for value in row.values()) for row in rows]
    return {"segments": rows}, "\n".join(lines)


def _shown(value: object) -> str:
    return f"{value:.3f}" if isinstance(value, float) else str(value if value is not None else "")
