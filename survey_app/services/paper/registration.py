"""Laying a scanned page straight: from a crooked picture to one in millimetres.

The QR code of the page names form, page and layout and says which way is up; the four corner
marks then place every point of the page. Of the four, one may be lost to a staple or a fold. What
does not fit together is refused: a page that is read askew would give wrong answers in silence.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray

from survey_app.services.codes import CodeError, read_code
from survey_app.services.paper.layout import MARK_SIDE, MARKS, PAGE, PAGE_CODE, read_page_mark
from survey_app.services.paper.pictures import Picture

SCALE = 8.0
"""Pixels per millimetre of a page that was laid straight (203 dpi)."""
FARTHEST = 30.0
"""How far, in mm, a mark may lie from where the small QR code lets it be expected."""
LARGEST_MISFIT = 1.2
"""How far, in mm, the corners of the QR code may lie from where the marks place them."""

Points = NDArray[np.float32]


@dataclass(frozen=True)
class StraightPage:
    """A page laid straight: what its QR code says, and its picture with `SCALE` pixels per mm.

    ``dark`` holds darkness from 0 (the paper around) to 1 (the black of the marks).
    ``misfit`` is how far the QR code lies from its place, in mm.
    """

    layout: str
    page: int
    code: str
    dark: NDArray[np.float32]
    misfit: float


class LostPageError(Exception):
    """A picture that is no readable page.

    ``code`` says why: ``page-code-unreadable`` or ``page-marks-missing``.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def straighten(picture: Picture) -> StraightPage:
    """Return a page of a form laid straight.

    Raises
    ------
    LostPageError
        No QR code of a form can be read, or the marks do not agree with it.
    """
    mark, corners = _page_code(picture)
    level = _even(picture)
    page_marks = _marks(level, corners)
    place, misfit = _placing(page_marks, corners)
    size = (round(PAGE[0] * SCALE), round(PAGE[1] * SCALE))
    flat = cv2.warpPerspective(level, _scaled(place), size, flags=cv2.INTER_LINEAR, borderValue=255)
    dark = 1.0 - flat.astype(np.float32) / 255.0
    black = _blackness(dark)
    return StraightPage(*mark, np.clip(dark / black, 0.0, 1.0), misfit)


def _page_code(picture: Picture) -> tuple[tuple[str, int, str], Points]:
    """Return what the page's code says, and its corners in pixels from the upper left."""
    for tried in (picture, cv2.GaussianBlur(picture, (3, 3), 0), cv2.medianBlur(picture, 3)):
        for found in zxingcpp.read_barcodes(tried, formats=zxingcpp.BarcodeFormat.QRCode):
            said = read_page_mark(found.text)
            if said is None:
                continue
            try:
                read_code(said[2])
            except CodeError:
                continue
            place = found.position
            corners = (place.top_left, place.top_right, place.bottom_right, place.bottom_left)
            return said, np.array([(one.x, one.y) for one in corners], np.float32)
    raise LostPageError("page-code-unreadable")


def _even(picture: Picture) -> Picture:
    """Return the picture as if lit evenly: paper becomes white, whatever its shade."""
    small = cv2.resize(picture, None, fx=1 / 8, fy=1 / 8, interpolation=cv2.INTER_AREA)
    paper = cv2.medianBlur(cv2.dilate(small, np.ones((5, 5), np.uint8)), 21)
    size = (picture.shape[1], picture.shape[0])
    ground = cv2.resize(paper, size, interpolation=cv2.INTER_LINEAR).astype(np.float32)
    level = picture.astype(np.float32) / np.maximum(ground, 1.0) * 255.0
    even: Picture = np.clip(level, 0, 255).astype(np.uint8)
    return even


def _code_corners() -> Points:
    left, top, side = PAGE_CODE
    right, bottom = left + side, top + side
    return np.array([(left, top), (right, top), (right, bottom), (left, bottom)], np.float32)


def _marks(level: Picture, corners: Points) -> list[tuple[int, tuple[float, float]]]:
    """Return the corner marks found, by number with their centres in pixels."""
    # Turn and size only: what so small a code says of perspective is noise at the far corner.
    guess, _ = cv2.estimateAffinePartial2D(_code_corners(), corners)
    expected = cv2.transform(np.array([MARKS], np.float32), guess)[0]
    per_mm = float(np.linalg.norm(corners[0] - corners[2])) / (PAGE_CODE[2] * np.sqrt(2))
    squares = _squares(level, per_mm)
    found = []
    for number, point in enumerate(expected):
        near = sorted((float(np.hypot(*(point - one))), one) for one in squares)
        if near and near[0][0] <= FARTHEST * per_mm:
            found.append((number, near[0][1]))
    if len({centre for _, centre in found}) < 3:
        raise LostPageError("page-marks-missing")
    return found


def _squares(level: Picture, per_mm: float) -> list[tuple[float, float]]:
    """Return the centres of the black squares that are as large as a mark."""
    _, black = cv2.threshold(level, 128, 255, cv2.THRESH_BINARY_INV)
    outlines, _ = cv2.findContours(black, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    whole = (MARK_SIDE * per_mm) ** 2
    found = []
    for outline in outlines:
        area = cv2.contourArea(outline)
        if not 0.55 * whole <= area <= 1.6 * whole:
            continue
        _, (wide, high), _ = cv2.minAreaRect(outline)
        if area < 0.85 * wide * high or max(wide, high) > 1.4 * min(wide, high):
            continue
        moments = cv2.moments(outline)
        found.append((moments["m10"] / moments["m00"], moments["m01"] / moments["m00"]))
    return found


def _placing(
    found: list[tuple[int, tuple[float, float]]], corners: Points
) -> tuple[NDArray[np.float64], float]:
    """Return the map from pixels to mm and its misfit at the QR code, which must be small."""
    ways = [found] if len(found) == 4 else []
    ways += [list(three) for three in combinations(found, 3)]
    for way in ways:
        if len({centre for _, centre in way}) < len(way):
            continue
        place = _map(way)
        seen = cv2.perspectiveTransform(corners[None], place)[0]
        misfit = float(np.abs(seen - _code_corners()).max())
        if misfit <= LARGEST_MISFIT:
            # Four marks that agree are taken before any three.
            return place, misfit
    raise LostPageError("page-marks-missing")


def _map(way: list[tuple[int, tuple[float, float]]]) -> NDArray[np.float64]:
    pixels = np.array([centre for _, centre in way], np.float32)
    places = np.array([MARKS[number] for number, _ in way], np.float32)
    if len(way) == 4:
        return np.asarray(cv2.getPerspectiveTransform(pixels, places), np.float64)
    return np.vstack([cv2.getAffineTransform(pixels, places), [0.0, 0.0, 1.0]])


def _scaled(place: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.diag([SCALE, SCALE, 1.0]) @ place


def _blackness(dark: NDArray[np.float32]) -> float:
    """Return how dark the marks are in this scan: what counts as black here."""
    half = round(MARK_SIDE / 2 * SCALE * 0.6)
    tones = []
    for x, y in MARKS:
        column, row = round(x * SCALE), round(y * SCALE)
        patch = dark[row - half : row + half, column - half : column + half]
        tones.append(float(np.median(patch)))
    return max(float(np.median(tones)), 0.2)
