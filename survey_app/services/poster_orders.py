"""Posters of a round's counters, many at a time, and what their codes will measure on paper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from intake.findings import Faults, Finding, RoundError, Words
from survey_app.db import reading
from survey_app.services import handover, slips
from survey_app.services.codes import CODE_LENGTH
from survey_app.services.counters import Counter, list_counters, unknown_counter
from survey_app.services.installation import Installation
from survey_app.services.invitations import link_of
from survey_app.services.issuing import facts_of
from survey_app.services.posters import (
    POSTER_PAPERS,
    PosterPaper,
    largest_size,
    poster_picture,
    poster_size,
)
from survey_app.services.prints import PrintError, PrintFacts, Progress, pictures
from survey_app.services.qr import QrCode
from survey_app.services.qr_sizes import QrSize
from survey_app.services.rounds import require_round

_ALIKE = "0" * CODE_LENGTH  # all codes of a round have one length, and so one version


@dataclass(frozen=True)
class SheetSize:
    """How a code measures on one kind of sheet.

    Attributes
    ----------
    sheet
        ``poster``, ``letter`` or ``ticket``.
    paper
        ``a3``, ``a4``, ``a5`` or ``80mm``.
    size
        The code; where the distance is too far for a poster, the largest that fits.
    """

    sheet: str
    paper: str
    size: QrSize

    def serves(self, distance_mm: float) -> bool:
        """Return whether the code is read from that distance."""
        return self.size.reach_mm >= distance_mm - 1e-6  # a tenth is no binary fraction


@dataclass(frozen=True)
class Order:
    """Posters asked for.

    Attributes
    ----------
    round_id
        The round whose survey they name.
    counter_ids
        Counters in any case of letters; none for all of the registry.
    paper
        Size of paper.
    distance_mm
        How far readers stand; None for what the paper usually serves.
    """

    round_id: str
    counter_ids: Sequence[str] = ()
    paper: PosterPaper = "a4"
    distance_mm: float | None = None


def print_posters(
    installation: Installation,
    order: Order,
    out: Path,
    *,
    together: bool = False,
    progress: Progress = lambda _done, _all: None,
) -> list[Path]:
    """Write the posters into a folder; see `handover.write_posters`.

    They carry no code of a person and can be printed again.

    Raises
    ------
    RoundError
        ``round-unknown``, ``counter-unknown`` for each of them, ``no-counters``.
    PrintError
        As for `posters.posters`.
    """
    about, counters = _asked(installation, order)
    out.mkdir(parents=True, exist_ok=True)
    return handover.write_posters(
        installation.settings,
        counters,
        out,
        about=about,
        paper=order.paper,
        distance_mm=order.distance_mm,
        together=together,
        progress=progress,
    )


def write_preview(
    installation: Installation, order: Order, out: Path
) -> tuple[list[Path], Sequence[Finding]]:
    """Draw the first poster as ``preview.png``, or return why it cannot be printed as asked.

    Raises
    ------
    RoundError
        As for `print_posters`.
    """
    about, counters = _asked(installation, order)
    one = handover.poster_of(installation.settings, counters[0])
    try:
        drawn = poster_picture(one, about, paper=order.paper, reading_distance_mm=order.distance_mm)
    except PrintError as error:
        return [], error.findings
    out.mkdir(parents=True, exist_ok=True)
    path = out / "preview.png"
    path.write_bytes(drawn)
    return [path], ()


def sheet_sizes(
    installation: Installation,
    counter_ids: Sequence[str] = (),
    distance_mm: float | None = None,
) -> list[SheetSize]:
    """Return how the codes of this server's address measure on every sheet.

    For posters the counter with the finest code stands for all.

    Raises
    ------
    RoundError
        ``counter-unknown``, ``no-counters``.
    PrintError
        ``link-too-long``.
    """
    settings = installation.settings
    counters = _counters(installation, counter_ids)
    links = [handover.poster_of(settings, counter).link for counter in counters]
    finest = max(pictures(links), key=lambda code: code.size)
    [slip] = pictures([link_of(settings.base_url, _ALIKE)])
    return [
        *(SheetSize("poster", one, _poster(finest, one, distance_mm)) for one in POSTER_PAPERS),
        *(SheetSize("letter", one, slips.letter_size(slip, one)) for one in slips.LETTER_PAPERS),
        *(SheetSize("ticket", one, slips.ticket_size(slip, one)) for one in slips.TICKET_PAPERS),
    ]


def _poster(code: QrCode, paper: PosterPaper, distance_mm: float | None) -> QrSize:
    try:
        return poster_size(code, paper, distance_mm)
    except PrintError:
        return largest_size(code, paper)


def _asked(installation: Installation, order: Order) -> tuple[PrintFacts, list[Counter]]:
    with reading(installation.engine) as connection:
        found = require_round(connection, order.round_id)
    return facts_of(installation, found, found.closes), _counters(installation, order.counter_ids)


def _counters(installation: Installation, counter_ids: Sequence[str]) -> list[Counter]:
    """Return the counters named, in their order and each once, or all of the registry."""
    known = {counter.id.lower(): counter for counter in list_counters(installation.engine)}
    if not known:
        raise RoundError(
            Finding(
                "no-counters",
                Words("Danh mục chưa có quầy nào.", "The registry holds no counter."),
                Words("Hãy nạp: hailong registry import", "Import: hailong registry import"),
            )
        )
    faults = Faults()
    for counter_id in counter_ids:
        if counter_id.lower() not in known:
            faults.findings.append(unknown_counter(counter_id))
    faults.raise_as(RoundError)
    asked = dict.fromkeys(one.lower() for one in counter_ids)
    return [known[one] for one in asked] or list(known.values())
