"""New codes on paper: letters, tickets, posters, QR images and the list of links.

The files are written once to the folder that the caller names and are known to nobody
here. Their order is random and says nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

from intake.findings import Words
from intake.tables import write_csv
from questionnaires import load
from survey_app.config import Settings
from survey_app.services import prints, qr
from survey_app.services.counters import Counter
from survey_app.services.invitations import Issued, link_of

_OWNER_ONLY = 0o600


def write_codes(
    settings: Settings,
    issued: Sequence[Issued],
    out: Path,
    *,
    channel: str,
    questionnaire: tuple[str, str],
    province: str,
    closes: date,
    simulated: bool,
    names: dict[str, str],
    images: str | None = None,
    progress: Callable[[str], None] = lambda _name: None,
) -> list[Path]:
    """Write the printed matter of new codes and return the files.

    Letters of a commune go into one file, tickets of a counter into one, since that is
    where they are sent. ``codes.csv`` holds ``cell_id, link`` of all of them. Whatever carries
    a code can be read by its owner only.

    Parameters
    ----------
    images
        ``svg`` or ``png``: also write every QR code as an image of its own.
    """
    out.mkdir(parents=True, exist_ok=True)
    listed = out / "codes.csv"
    write_csv(
        listed,
        ["cell_id", "link"],
        [[one.cell_id, link_of(settings.base_url, one.code)] for one in issued],
    )
    listed.chmod(_OWNER_ONLY)
    made = [listed]
    about = facts(settings, questionnaire, province, closes, simulated=simulated)
    for unit_id in sorted({one.unit_id for one in issued}):
        slips = [
            prints.Slip(link_of(settings.base_url, one.code), one.code)
            for one in issued
            if one.unit_id == unit_id
        ]
        path = out / f"{'tickets' if channel == 'T' else 'letters'}-{unit_id}.pdf"
        if channel == "T":
            path.write_bytes(prints.tickets(slips, about, counter_name=names.get(unit_id, unit_id)))
        else:
            path.write_bytes(prints.letters(slips, about))
        path.chmod(_OWNER_ONLY)
        made.append(path)
        progress(path.name)
    if images:
        made += _write_images(settings, issued, out / "qr", images)
    return made


def write_posters(
    settings: Settings,
    counters: Sequence[Counter],
    out: Path,
    *,
    questionnaire: tuple[str, str],
    province: str,
    closes: date,
    simulated: bool,
) -> list[Path]:
    """Write one A4 poster for each counter."""
    about = facts(settings, questionnaire, province, closes, simulated=simulated)
    made = []
    for counter in counters:
        path = out / f"poster-{counter.id}.pdf"
        link = f"{settings.base_url}/q/{counter.id}".upper()
        path.write_bytes(prints.poster(counter.name, counter.agency, link, about))
        made.append(path)
    return made


def facts(
    settings: Settings,
    questionnaire: tuple[str, str],
    province: str,
    closes: date,
    *,
    simulated: bool,
) -> prints.PrintFacts:
    """Return what every printed sheet of a round says."""
    title = load(*questionnaire).title
    return prints.PrintFacts(
        title=Words(title.in_language("vi"), title.in_language("en")),
        organisation=f"{settings.organisation} {province}",
        province=province,
        closes=closes,
        base_url=settings.base_url,
        simulated=simulated,
    )


def _write_images(
    settings: Settings, issued: Sequence[Issued], folder: Path, kind: str
) -> list[Path]:
    folder.mkdir(exist_ok=True)
    made = []
    for number, image in enumerate(
        qr.encode([link_of(settings.base_url, one.code) for one in issued]), start=1
    ):
        path = folder / f"{number:05}.{kind}"
        path.write_bytes(image.svg().encode() if kind == "svg" else image.png())
        path.chmod(_OWNER_ONLY)
        made.append(path)
    return made
