"""hailong round: one run of a survey, from its draw to its frozen answers."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from survey_app.cli.opened import opened
from survey_app.cli.output import Said, json_option, language
from survey_app.cli.two_person import as_option, signed_in, two_people

_DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.group("round", no_args_is_help=True)
def round_group() -> None:
    """Run a survey round: create, open, screens, status, mix, close, freeze.

    Example: hailong round status
    """


@round_group.command()
@click.argument("round_id")
@click.option("--questionnaire", required=True, help="ID@VERSION, such as citizen@2026-1.")
@click.option("--sample", required=True, type=click.Path(path_type=Path), help="Folder of a draw.")
@click.option("--opens", required=True, type=_DAY, help="First day, YYYY-MM-DD.")
@click.option("--closes", required=True, type=_DAY, help="Last day, YYYY-MM-DD.")
@click.option("--simulated", is_flag=True, help="The respondents will be simulated.")
@json_option
def create(
    round_id: str,
    questionnaire: str,
    sample: Path,
    opens: datetime,
    closes: datetime,
    simulated: bool,
) -> Said:
    """Make a round from a draw, which is repeated first to see that it is the same.

    Example: hailong round create hp-2026 --questionnaire citizen@2026-1 --sample draws/hp
    --opens 2026-03-01 --closes 2026-03-31
    """
    from survey_app.services.rounds import create_round

    _refuse_wrong_id(round_id)
    installation = opened()
    identifier, _, version = questionnaire.partition("@")
    cells = create_round(
        installation.engine,
        installation.settings,
        round_id,
        (identifier, version),
        sample,
        opens=opens.date(),
        closes=closes.date(),
        simulated=simulated,
    )
    text = f"{round_id}: {cells} cells" if language() == "en" else f"{round_id}: {cells} ô"
    return Said({"round": round_id, "cells": cells}, text)


@round_group.command("open")
@click.argument("round_id")
@json_option
def open_(round_id: str) -> Said:
    """Let the round take answers; its notice before the first question is kept and logged.

    Example: hailong round open hp-2026
    """
    from survey_app.services.examinations import of_contact
    from survey_app.services.rounds import asked_in, open_round
    from survey_app.web.notices import notices_of

    installation = opened()
    engine, settings = installation.engine, installation.settings
    asked, simulated = asked_in(engine, round_id)
    open_round(engine, settings, round_id, notices_of(installation, asked))
    said = _status(round_id)
    return Said(said.result, said.text, () if simulated else of_contact(settings))


@round_group.command()
@click.argument("round_id")
@click.argument("counter_ids", metavar="COUNTER_ID...", nargs=-1)
@click.option("--all", "every", is_flag=True, help="Every counter of the registry.")
@click.option("--off", is_flag=True, help="Switch these screens off; codes given stay valid.")
@json_option
def screens(round_id: str, counter_ids: tuple[str, ...], every: bool, off: bool) -> Said:
    """Give counters a screen whose code changes every minute, and print what each is to show.

    Whoever scans the code answers unasked: these answers are kept apart and enter no estimate.

    Example: hailong round screens hp-2026 tt-le-chan tt-hong-bang
    """
    from survey_app.services import screen_switch
    from survey_app.services import screens as service
    from survey_app.services.counters import list_counters

    if every == bool(counter_ids):
        raise click.UsageError("Give counters, or --all.")
    installation = opened()
    if off:
        on = screen_switch.list_screens(installation.engine)
        every_one = [one.counter_id for one in on if one.round_id == round_id]
        gone = screen_switch.switch_off(
            installation.engine, round_id, every_one if every else counter_ids
        )
        return Said({"round": round_id, "off": gone}, "\n".join(gone))
    wanted = [one.id for one in list_counters(installation.engine)] if every else counter_ids
    made = screen_switch.switch_on(installation.engine, round_id, wanted)
    keys, base = installation.keyring()[round_id], installation.settings.base_url
    said = {one.counter_id: service.monitor_link(base, keys, one) for one in made}
    text = "\n".join(f"{counter}: {link}" for counter, link in said.items())
    return Said({"round": round_id, "screens": said}, text)


@round_group.command()
@click.argument("round_id")
@click.option(
    "--tally",
    type=click.Path(path_type=Path),
    help="For drawn visits: CSV counter_id, finished, served, refused, ineligible.",
)
@json_option
def close(round_id: str, tally: Path | None) -> Said:
    """End fieldwork and mix all waiting answers.

    Example: hailong round close hp-counters-2026 --tally tally.csv
    """
    from survey_app.services.rounds import close_round

    installation = opened()
    close_round(installation.engine, installation.settings, round_id, tally=tally)
    return _status(round_id)


@round_group.command()
@click.argument("round_id", required=False)
@json_option
def status(round_id: str | None) -> Said:
    """Show codes issued and used, receipts, waiting and mixed answers of one round or of all.

    Example: hailong round status --json
    """
    return _status(round_id)


@round_group.command()
@click.argument("round_id")
@click.option("--all", "every_cell", is_flag=True, help="All that wait, in every cell.")
@json_option
def mix(round_id: str, every_cell: bool) -> Said:
    """Mix the waiting answers of every cell that has at least twenty; ten stay.

    Example: hailong round mix hp-2026
    """
    from survey_app.services.rounds import mix_round

    installation = opened()
    mixed = mix_round(
        installation.engine,
        installation.settings,
        round_id,
        every_cell=every_cell,
        on=installation.today(),
    )
    text = (
        f"{mixed.taken} answers mixed, {mixed.waiting} wait"
        if language() == "en"
        else f"đã trộn {mixed.taken} phiếu, còn chờ {mixed.waiting}"
    )
    return Said(mixed, text)


@round_group.command()
@click.argument("round_id")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Parquet file.")
@click.option("--correction", default="", help="Why other answers replace those frozen before.")
@as_option
@json_option
def freeze(round_id: str, out: Path, correction: str, account: str | None) -> Said:
    """Write the answers of a closed round to one file and print its SHA-256.

    Example: hailong round freeze hp-2026 --out frozen/hp-2026.parquet
    """
    from survey_app.services.freezing import freeze_round

    installation = opened()
    person = signed_in(installation, account)
    action = "correction" if correction else "freeze"
    with two_people(installation, person, action, round_id, correction=correction) as pair:
        rows, digest = freeze_round(
            installation.engine,
            installation.settings,
            round_id,
            out,
            correction=correction,
            actor=pair.agreed_by,
        )
    text = (
        f"{rows} answers, SHA-256 {digest}"
        if language() == "en"
        else f"{rows} phiếu hợp lệ, SHA-256 {digest}"
    )
    return Said({"rows": rows, "sha256": digest, "file": str(out)}, text)


@round_group.command()
@click.argument("round_id")
@click.argument("response_id")
@click.option("--reason", required=True, help="Why it counts no longer; kept in the log.")
@as_option
@json_option
def exclude(round_id: str, response_id: str, reason: str, account: str | None) -> Said:
    """Let a response count no longer, for a reason, by two people who are not of its unit.

    Example: hailong round exclude hp-2026 3fa29c01d7be4b5e9a6dc2f1e8407b35 --reason "…" --as lan
    """
    from survey_app.services import exclusions

    installation = opened()
    person = signed_in(installation, account)
    engine, response_id = installation.engine, response_id.lower()
    kept = exclusions.check_exclusion(engine, round_id, response_id, reason, person)
    with two_people(installation, person, "exclude", response_id, reason=kept) as pair:
        exclusions.exclude(engine, round_id, response_id, kept, pair)
    return Said({"round": round_id, "response": response_id, "reason": kept}, response_id)


@round_group.command("destroy-keys")
@click.argument("round_id")
@as_option
@json_option
def destroy_keys(round_id: str, account: str | None) -> Said:
    """Destroy the keys of a frozen round, thirty days after its last day at the earliest.

    Example: hailong round destroy-keys hp-2026 --as lan
    """
    from survey_app.services import retention

    installation = opened()
    person = signed_in(installation, account)
    retention.check_destruction(installation, round_id)
    with two_people(installation, person, "destroy-keys", round_id) as pair:
        retention.destroy_keys(installation, round_id, actor=pair.agreed_by)
    return Said({"round": round_id}, round_id)


def _status(round_id: str | None) -> Said:
    from survey_app.services.rounds import list_rounds

    installation = opened()
    found = list_rounds(installation.engine, round_id)
    words = (
        "{0.id}: {0.state}; issued {0.issued}, used {0.used}, mixed answers {0.responses}"
        if language() == "en"
        else "{0.id}: {0.state}; đã phát {0.issued}, đã dùng {0.used}, phiếu đã trộn {0.responses}"
    )
    beside = (
        "; by screens: issued {0.open_issued}, used {0.open_used}, mixed {0.open_responses}"
        if language() == "en"
        else "; qua màn hình: đã phát {0.open_issued}, đã dùng {0.open_used}, đã trộn "
        "{0.open_responses}"
    )
    lines = [words.format(one) + (beside.format(one) if one.open_issued else "") for one in found]
    if found and found[0].inbox:
        # Sealed answers do not show their round, so they are counted for all rounds together.
        lines.append(
            f"{found[0].inbox} sealed answers of all rounds wait to be mixed"
            if language() == "en"
            else f"{found[0].inbox} phiếu niêm phong của mọi đợt đang chờ trộn"
        )
    text = "\n".join(lines)
    return Said({"rounds": found}, text)


def _refuse_wrong_id(round_id: str) -> None:
    """Refuse an id that cannot name a folder of keys and files as well as a row."""
    from intake.findings import Finding, RoundError, Words
    from intake.text import ID_PATTERN

    if not ID_PATTERN.fullmatch(round_id):
        raise RoundError(
            Finding(
                "round-id",
                Words(f"Mã đợt “{round_id}” không hợp lệ.", f"'{round_id}' cannot be a round id."),
                Words(
                    "Dùng 1–40 chữ cái không dấu, chữ số, dấu chấm, gạch nối; bắt đầu bằng chữ "
                    "hoặc số.",
                    "Use 1 to 40 plain letters, digits, dots and hyphens, beginning with a letter "
                    "or digit.",
                ),
            )
        )
