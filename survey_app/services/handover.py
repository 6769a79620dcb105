"""New codes on paper: letters, tickets, posters, QR images and the list of links.

The files are written once to the folder that the caller names and are known to nobody
here. Their order is random and says nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import cast

from intake.findings import Finding, Words
from intake.tables import write_csv
from questionnaires import load
from survey_app.config import Settings
from survey_app.services import prints, qr, slips
from survey_app.services.counters import Counter
from survey_app.services.invitations import Issued, link_of
from survey_app.services.posters import Poster, PosterPaper, poster, posters

_OWNER_ONLY = 0o600


def write_codes(
    settings: Settings,
    issued: Sequence[Issued],
    out: Path,
    *,
    channel: str,
    about: prints.PrintFacts,
    names: dict[str, str],
    paper: str = "a4",
    images: str | None = None,
    progress: prints.Progress = lambda _done, _all: None,
) -> list[Path]:
    """Write the printed matter of new codes and return the files.

    Letters of a commune go into one file, tickets of a counter into one, since that is
    where they are sent; more than 500 go into several, numbered. ``codes.csv`` holds ``cell_id,
    link`` of all of them. Whatever carries a code can be read by its owner only.

    Parameters
    ----------
    paper
        One of `slips.LETTER_PAPERS`, or of `slips.TICKET_PAPERS` for channel ``T``.
    images
        ``svg`` or ``png``: also write every QR code as an image of its own.
    progress
        Called after each file with the number of codes printed and of all.
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
    before = 0
    for unit_id in sorted({one.unit_id for one in issued}):
        own = [
            slips.Slip(link_of(settings.base_url, one.code), one.code)
            for one in issued
            if one.unit_id == unit_id
        ]

        def tell(done: int, _all: int, before: int = before) -> None:
            progress(before + done, len(issued))

        name = names.get(unit_id, unit_id)
        files = (
            slips.ticket_files(
                own, about, counter_name=name, paper=cast(slips.TicketPaper, paper), progress=tell
            )
            if channel == "T"
            else slips.letter_files(own, about, paper=cast(slips.LetterPaper, paper), progress=tell)
        )
        stem = f"{'tickets' if channel == 'T' else 'letters'}-{unit_id}"
        several = len(own) > slips.SLIPS_PER_FILE
        for number, pdf in enumerate(files, start=1):
            path = out / (f"{stem}-{number}.pdf" if several else f"{stem}.pdf")
            path.write_bytes(pdf)
            path.chmod(_OWNER_ONLY)
            made.append(path)
        before += len(own)
    if images:
        made += _write_images(settings, issued, out / "qr", images)
    return made


def paper_of(channel: str, asked: str) -> str:
    """Return the paper asked for, which must be one for the channel.

    Raises
    ------
    PrintError
        ``paper-unknown``.
    """
    papers = slips.TICKET_PAPERS if channel == "T" else slips.LETTER_PAPERS
    if asked not in papers:
        raise prints.PrintError(
            Finding(
                "paper-unknown",
                Words(
                    f"Kênh {channel} không in trên khổ {asked}.",
                    f"Channel {channel} is not printed on {asked}.",
                ),
                Words(
                    f"Hãy chọn --paper {' hoặc '.join(papers)}.",
                    f"Choose --paper {' or '.join(papers)}.",
                ),
            )
        )
    return asked


def write_posters(
    settings: Settings,
    counters: Sequence[Counter],
    out: Path,
    *,
    about: prints.PrintFacts,
    paper: PosterPaper = "a4",
    distance_mm: float | None = None,
    together: bool = False,
    progress: prints.Progress = lambda _done, _all: None,
) -> list[Path]:
    """Write a poster for each counter, one file each or all in ``posters.pdf``.

    Parameters
    ----------
    distance_mm
        As in `posters.posters`.
    progress
        Called after each poster with the number done and of all.
    """
    wanted = [poster_of(settings, counter) for counter in counters]
    if together:
        path = out / "posters.pdf"
        path.write_bytes(posters(wanted, about, paper=paper, reading_distance_mm=distance_mm))
        return [path]
    made = []
    for counter, one in zip(counters, wanted, strict=True):
        path = out / f"poster-{counter.id}.pdf"
        path.write_bytes(poster(one, about, paper=paper, reading_distance_mm=distance_mm))
        made.append(path)
        progress(len(made), len(wanted))
    return made


def poster_of(settings: Settings, counter: Counter) -> Poster:
    """Return what the poster of a counter shows; its link is in capitals for a smaller code."""
    link = f"{settings.base_url}/q/{counter.id}".upper()
    return Poster(counter.name, counter.agency, link)


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
        contact=settings.contact,
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
