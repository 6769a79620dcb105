"""Codes for a round, from the draw to the printed sheets, in one step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from intake.findings import Finding, RoundError, Words
from survey_app.db import reading
from survey_app.services import handover
from survey_app.services.counters import list_counters
from survey_app.services.installation import Installation
from survey_app.services.invitations import issue_codes
from survey_app.services.keys import read_keys
from survey_app.services.registry import province_name
from survey_app.services.rounds import cases_per_cell, require_round


@dataclass(frozen=True)
class Printed:
    """How many codes were made, and the files that carry them."""

    codes: int
    files: list[Path]


def issue(
    installation: Installation,
    round_id: str,
    *,
    channel: str,
    cell: str | None,
    count: int | None,
    expires_on: date | None,
    images: str | None,
    out: Path,
    progress: Callable[[str], None],
) -> Printed:
    """Make codes for every drawn case (or ``count`` for each cell) and print them."""
    with reading(installation.engine) as connection:
        found = require_round(connection, round_id)
    per_cell = cases_per_cell(installation.settings, round_id)
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
    counts = {cell_id: count or drawn for cell_id, drawn in per_cell.items()}
    issued = issue_codes(
        installation.engine,
        read_keys(installation.settings, round_id),
        channel=channel,
        counts=counts,
        expires_on=expires_on,
    )
    settings = installation.settings
    counters = {one.id: one for one in list_counters(installation.engine)}
    about = {
        "questionnaire": (found.questionnaire_id, found.questionnaire_version),
        "province": province_name(installation.engine, settings.province),
        "closes": expires_on or found.closes,
        "simulated": found.simulated,
    }
    files = handover.write_codes(
        settings,
        issued,
        out,
        channel=channel,
        names={unit_id: counter.name for unit_id, counter in counters.items()},
        images=images,
        progress=progress,
        **about,
    )
    shown = [counters[one] for one in sorted({c.unit_id for c in issued}) if one in counters]
    files += handover.write_posters(settings, shown, out, **about)
    return Printed(len(issued), files)
