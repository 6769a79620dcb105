"""Codes for a round, from the draw to the printed sheets, in one step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import Row, delete

from intake.findings import Finding, RoundError, Words
from sampling import SampleDesign
from survey_app.config import Settings
from survey_app.db import reading, writing
from survey_app.db.fieldwork import invitation
from survey_app.services import handover
from survey_app.services.answering import code_mac
from survey_app.services.counters import list_counters
from survey_app.services.drawn_cells import cases_per_cell
from survey_app.services.installation import Installation
from survey_app.services.invitations import Issued, issue_codes
from survey_app.services.keys import RoundKeys, read_keys
from survey_app.services.prints import PrintFacts, Progress
from survey_app.services.registry import province_name
from survey_app.services.rounds import SAMPLE_FOLDER, require_round, round_folder
from survey_app.services.trail.audit import record


@dataclass(frozen=True)
class Printed:
    """How many codes were made, and the files that carry them."""

    codes: int
    files: list[Path]


def issue(
    installation: Installation,
    round_id: str,
    *,
    channel: str | None,
    cell: str | None,
    count: int | None,
    expires_on: date | None,
    images: str | None,
    out: Path,
    paper: str = "a4",
    progress: Progress = lambda _done, _all: None,
) -> Printed:
    """Make codes for every drawn case (or ``count`` for each cell) and print them.

    Codes are stored nowhere, so none may be lost: the folder must be new or empty, and where
    printing fails the codes of this call are taken back.

    Parameters
    ----------
    channel
        ``P`` for letters, ``T`` for tickets of drawn visits; not given, what the draw asks for.
    paper
        ``a4`` or ``a5`` for letters, ``a4`` or ``80mm`` for tickets.
    progress
        Called with the number of codes printed and of all.

    Raises
    ------
    PrintError
        ``paper-unknown``, before a code is made; as for `slips.letters`, and then no code stays.
    RoundError
        The round or the cell does not exist, the round takes no codes any more, the channel is
        not the draw's, the codes would expire before today, or the folder holds something
        already.
    """
    refuse_past(expires_on, installation.today())
    with reading(installation.engine) as connection:
        found = require_round(connection, round_id)
    channel = channel_of(installation.settings, round_id, channel)
    paper = handover.paper_of(channel, paper)
    counts = counts_per_cell(installation, round_id, cell, count)
    make_folder(out)
    keys = read_keys(installation.settings, round_id)
    issued = issue_codes(
        installation.engine,
        keys,
        channel=channel,
        counts=counts,
        expires_on=expires_on,
    )
    settings = installation.settings
    counters = {one.id: one for one in list_counters(installation.engine)}
    about = facts_of(installation, found, expires_on or found.closes)
    try:
        files = handover.write_codes(
            settings,
            issued,
            out,
            channel=channel,
            about=about,
            names={unit_id: counter.name for unit_id, counter in counters.items()},
            paper=paper,
            images=images,
            progress=progress,
        )
        shown = [counters[one] for one in sorted({c.unit_id for c in issued}) if one in counters]
        files += handover.write_posters(settings, shown, out, about=about)
    except BaseException:
        take_back(installation, keys, issued)
        raise
    return Printed(len(issued), files)


def facts_of(
    installation: Installation, found: Row[tuple[object, ...]], closes: date
) -> PrintFacts:
    """Return what every printed sheet of a round says."""
    return handover.facts(
        installation.settings,
        (found.questionnaire_id, found.questionnaire_version),
        province_name(installation.engine, installation.settings.province),
        closes,
        simulated=found.simulated,
    )


def refuse_past(expires_on: date | None, today: date) -> None:
    """Refuse a last day that is over: its codes would open nothing."""
    if expires_on is not None and expires_on < today:
        raise RoundError(
            Finding(
                "codes-expired-already",
                Words(f"Ngày hết hạn {expires_on} đã qua.", f"The last day {expires_on} is past."),
                Words("Hãy sửa --expires.", "Mend --expires."),
            )
        )


def counts_per_cell(
    installation: Installation, round_id: str, cell: str | None, count: int | None
) -> dict[str, int]:
    """Return how many codes each cell gets: ``count``, or one for each drawn case."""
    per_cell = cases_per_cell(installation.engine, round_id)
    if cell is not None:
        if cell not in per_cell:
            raise RoundError(
                Finding(
                    "cell-unknown",
                    Words(f"Không có ô {cell}.", f"There is no cell {cell}."),
                    Words(f"Các ô: {', '.join(per_cell)}.", f"The cells: {', '.join(per_cell)}."),
                )
            )
        per_cell = {cell: per_cell[cell]}
    return {cell_id: count or drawn for cell_id, drawn in per_cell.items()}


def channel_of(settings: Settings, round_id: str, asked: str | None) -> str:
    """Return the channel of the draw: tickets for visits, letters for anything else.

    The weight of a visit comes from the tally at close, and tickets are how a round is known to
    need one; letters for visits would keep the weights of the plan in silence.
    """
    design = round_folder(settings, round_id) / SAMPLE_FOLDER / "design.json"
    drawn_last = SampleDesign.read(design).stages[-1].unit
    drawn = "T" if drawn_last == "visit" else "P"
    if asked not in {None, drawn}:
        raise RoundError(
            Finding(
                "channel-not-of-draw",
                Words(
                    f"Đợt {round_id} chọn {drawn_last}, cần kênh {drawn}.",
                    f"Round {round_id} drew each {drawn_last}; its channel is {drawn}.",
                ),
                Words(f"Hãy dùng --channel {drawn}.", f"Use --channel {drawn}."),
            )
        )
    return drawn


def make_folder(out: Path) -> None:
    """Make a folder for codes, which only its owner can read; one that holds something is refused.

    Raises
    ------
    RoundError
        ``folder-not-empty``.
    """
    if out.is_dir() and any(out.iterdir()):
        raise RoundError(
            Finding(
                "folder-not-empty",
                Words(f"Thư mục {out} không trống.", f"The folder {out} is not empty."),
                Words(
                    "Hãy đặt tên thư mục mới: mã đã in không thể in lại.",
                    "Name a new one: codes that were printed cannot be printed again.",
                ),
            )
        )
    out.mkdir(mode=0o700, parents=True, exist_ok=True)


def take_back(installation: Installation, keys: RoundKeys, issued: list[Issued]) -> None:
    """Forget codes that did not all reach their files; what was written holds no valid code."""
    with writing(installation.engine) as connection:
        for one in issued:
            connection.execute(
                delete(invitation).where(invitation.c.code_mac == code_mac(keys, one.code))
            )
        record(connection, "codes-taken-back", keys.round_id, {"codes": len(issued)})
