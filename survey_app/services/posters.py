"""Posters of counters: a QR code as large as the distance from which it is to be read asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from intake.findings import Finding, Words
from survey_app.services import prints
from survey_app.services.prints import PrintError, PrintFacts, clean, picture, pictures
from survey_app.services.qr import QrCode
from survey_app.services.qr_sizes import QrSize, least_side

PosterPaper = Literal["a3", "a4", "a5"]
POSTER_PAPERS: tuple[PosterPaper, ...] = ("a3", "a4", "a5")

# One layout: A3 and A5 are A4 by the root of two and by its half, as all of it is then.
_SCALE: dict[PosterPaper, float] = {"a3": 297 / 210, "a4": 1.0, "a5": 148 / 210}
_USUAL_SIDE = 100.0  # mm on A4
_LARGEST_SIDE = 110.0
_KIND = Words("Áp phích tại quầy", "Counter posters")


@dataclass(frozen=True)
class Poster:
    """One counter's poster: the names it shows and the address ``…/q/<counter>``."""

    counter: str
    agency: str
    link: str


def poster(
    one: Poster,
    about: PrintFacts,
    *,
    paper: PosterPaper = "a4",
    reading_distance_mm: float | None = None,
) -> bytes:
    """Return the poster of one counter. See `posters`."""
    return posters([one], about, paper=paper, reading_distance_mm=reading_distance_mm)


def posters(
    wanted: Sequence[Poster],
    about: PrintFacts,
    *,
    paper: PosterPaper = "a4",
    reading_distance_mm: float | None = None,
) -> bytes:
    """Return one PDF with a poster per counter.

    Parameters
    ----------
    reading_distance_mm
        How far away people stand; not given, what the paper usually serves: 1 m on A4.

    Raises
    ------
    PrintError
        As for letters, or ``poster-too-far``: a distance that the paper cannot serve.
    """
    return prints.sheet("posters", _values(wanted, about, paper, reading_distance_mm))


def poster_picture(
    one: Poster,
    about: PrintFacts,
    *,
    paper: PosterPaper = "a4",
    reading_distance_mm: float | None = None,
) -> bytes:
    """Return the poster of one counter as PNG, to look at before printing; errors as `posters`."""
    return prints.preview("posters", _values([one], about, paper, reading_distance_mm))


def poster_size(code: QrCode, paper: PosterPaper, distance_mm: float | None = None) -> QrSize:
    """Return how large a code stands on a poster.

    Parameters
    ----------
    distance_mm
        As in `posters`. The code is never smaller than usual, since there is room for it.

    Raises
    ------
    PrintError
        ``poster-too-far``.
    """
    usual, most = _USUAL_SIDE * _SCALE[paper], largest_size(code, paper)
    side = usual if distance_mm is None else max(usual, least_side(code, distance_mm))
    if side > most.side_mm:
        raise _too_far(paper, most.reach_mm)
    return QrSize(code.version, side)


def largest_size(code: QrCode, paper: PosterPaper) -> QrSize:
    """Return the largest that a code can stand on a poster."""
    return QrSize(code.version, _LARGEST_SIDE * _SCALE[paper])


def _too_far(paper: PosterPaper, reach_mm: float) -> PrintError:
    most = int(reach_mm / 10)
    return PrintError(
        Finding(
            "poster-too-far",
            Words(
                f"Áp phích {paper.upper()} chỉ quét được từ {most} cm trở lại.",
                f"A poster on {paper.upper()} can be scanned from {most} cm at most.",
            ),
            Words(
                "Hãy treo gần hơn hoặc chọn khổ giấy lớn hơn (a3 là lớn nhất).",
                "Hang it nearer, or choose larger paper (a3 is the largest).",
            ),
        )
    )


def _values(
    wanted: Sequence[Poster],
    about: PrintFacts,
    paper: PosterPaper,
    distance_mm: float | None,
) -> dict[str, object]:
    made = pictures([clean(one.link, "address_link") for one in wanted])
    shown = [
        picture(code)
        | {
            "counter": clean(one.counter, "counter_name"),
            "agency": clean(one.agency, "agency_name"),
            "address": code.link.partition("://")[2].lower() or code.link,
            "side": poster_size(code, paper, distance_mm).side_mm,
        }
        for one, code in zip(wanted, made, strict=True)
    ]
    return prints.shared_values(about, _KIND) | {
        "posters": shown,
        "paper": paper,
        "scale": _SCALE[paper],
    }
