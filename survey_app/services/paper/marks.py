"""Ticked, empty or doubtful: what one box of a straightened page says.

The thresholds below decide; they were set on simulated forms (bench/paper_scan.py prints how
often they are right) and lean towards doubt: a box is *empty* only when it and its surroundings
are clean, *ticked* only when a firm stroke crosses it, and everything between goes to a person.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from survey_app.services.paper.layout import BOX_SIDE, Box, Space
from survey_app.services.paper.registration import SCALE

Verdict = Literal["ticked", "empty", "doubtful"]

INK = 0.33
"""Darkness from which a pixel is ink, as a share of the black of the corner marks."""
EMPTY_SHARE = 0.012
EMPTY_TONE = 0.035
EMPTY_TRACE = 0.05
"""Most ink, mean darkness and darkest smoothed spot of an empty box."""
TICK_SHARE = (0.05, 0.50)
"""Least and most ink of a tick; above it the box is filled, which is how one is taken back."""
TICK_DEPTH = 0.50
"""Darkness of the darkest twentieth of a tick's pixels; a pencil's breath stays below."""
TICK_REACH = 0.50
"""Part of the box's side that the longest stroke must span."""
CORE = 0.6
"""Middle part of the box that the stroke must meet: the end of a neighbour's tick does not."""
AROUND_SHARE = 0.05
"""Most ink around an empty box: more is an answer written beside it."""
WRITTEN_MM2 = 0.25
"""Ink in a space to write in, printed lines left out, from which a person must read it."""
FRAME_DARK = 0.40
"""Darkness that the printed frame of a box must have where it is found; else the box was lost."""

_STROKE = 0.32  # mm, 0.9 pt
_INNER = 0.55  # mm from the middle of the stroke to what is looked at
_SMOOTH = 0.25  # mm over which a spot is smoothed, which takes the noise of scanners away
_SEARCH = 1.0  # mm that a box may lie from its place: paper stretches
_RING = (0.6, 1.7)  # mm around the box, clear of its stroke and of the printed number

Dark = NDArray[np.float32]


@dataclass(frozen=True)
class Reading:
    """What was seen of one box: the verdict, its reason where doubtful, and the measures.

    ``share`` of ink, mean ``tone``, darkest smoothed ``trace``, ``depth`` of the darkest twentieth
    and ``reach`` of the longest stroke are parts of one, as is ``frame``, the mean darkness of the
    printed frame.
    """

    box: Box
    verdict: Verdict
    reason: str
    share: float
    tone: float
    trace: float
    depth: float
    reach: float
    frame: float


def read_box(dark: Dark, box: Box) -> Reading:
    """Return what a box of a straightened page says; see the module for the thresholds."""
    left, top, frame = _found(dark, box)
    inner = _cut(dark, left + _INNER, top + _INNER, BOX_SIDE - 2 * _INNER)
    ink = inner > INK
    share, tone = float(ink.mean()), float(inner.mean())
    trace = float(cv2.GaussianBlur(inner, (0, 0), _SMOOTH * SCALE).max())
    depth = float(np.quantile(inner, 0.95)) if share else 0.0
    reach, core = _stroke(ink)
    around = _around(dark, left, top)
    verdict, reason = _judged(share, tone, trace, depth, reach, core, around)
    if frame < FRAME_DARK:
        verdict, reason = "doubtful", "lost"
    return Reading(box, verdict, reason, share, tone, trace, depth, reach, frame)


def _judged(
    share: float, tone: float, trace: float, depth: float, reach: float, core: bool, around: float
) -> tuple[Verdict, str]:
    if share <= EMPTY_SHARE and tone <= EMPTY_TONE and trace <= EMPTY_TRACE:
        return ("empty", "") if around <= AROUND_SHARE else ("doubtful", "beside")
    if share > TICK_SHARE[1]:
        return "doubtful", "filled"
    if depth < TICK_DEPTH:
        return "doubtful", "faint"
    if share < TICK_SHARE[0] or reach < TICK_REACH or not core:
        return "doubtful", "small"
    return "ticked", ""


def aligned(readings: Sequence[Reading]) -> bool:
    """Tell whether the frames of the boxes stand where the layout says, as they must."""
    return not readings or float(np.median([one.frame for one in readings])) >= FRAME_DARK


def is_written(dark: Dark, space: Space) -> bool:
    """Tell whether anything but the printed lines stands in a space to write in."""
    area = _rectangle(dark, space.x - 0.5, space.y - 1.5, space.width + 1.0, space.height + 2.5)
    ink = (area > INK).astype(np.uint8)
    long = round(6 * SCALE)
    lines = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((1, long), np.uint8))
    lines |= cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((long, 1), np.uint8))
    lines = cv2.dilate(lines, np.ones((7, 7), np.uint8))
    left = cv2.morphologyEx(ink & ~lines & 1, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
    return bool(left.sum() / SCALE**2 >= WRITTEN_MM2)


def _found(dark: Dark, box: Box) -> tuple[float, float, float]:
    """Return where the frame of the box is, within a millimetre of its place, and how dark."""
    template = _frame_template()
    reach = round(_SEARCH * SCALE)
    size = template.shape[0] + 2 * reach
    x = round((box.x - _STROKE) * SCALE) - reach
    y = round((box.y - _STROKE) * SCALE) - reach
    patch = _padded(dark, y, x, size, size)
    fit = cv2.matchTemplate(patch, template, cv2.TM_CCORR) / float(template.sum())
    step = np.arange(-reach, reach + 1, dtype=np.float32) / reach
    # Where a box is all black every place fits; then the one that was expected is taken.
    fit = fit - 0.04 * (step[:, None] ** 2 + step[None, :] ** 2)
    row, column = np.unravel_index(int(fit.argmax()), fit.shape)
    frame = float(fit[row, column])
    return (x + int(column)) / SCALE + _STROKE, (y + int(row)) / SCALE + _STROKE, frame


def _frame_template() -> Dark:
    size = round((BOX_SIDE + 2 * _STROKE) * SCALE)
    drawn = np.zeros((size, size), np.float32)
    outer = round(_STROKE / 2 * SCALE)
    inner = outer + max(round(_STROKE * SCALE), 2)
    drawn[outer : size - outer, outer : size - outer] = 1.0
    drawn[inner : size - inner, inner : size - inner] = 0.0
    return drawn


def _stroke(ink: NDArray[np.bool_]) -> tuple[float, bool]:
    """Return how far the longest stroke spans the box, and whether it meets the middle."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink.astype(np.uint8), connectivity=8)
    if count < 2:
        return 0.0, False
    side = ink.shape[0]
    spans = stats[1:, [cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT]].max(axis=1)
    longest = int(spans.argmax()) + 1
    edge = round(side * (1 - CORE) / 2)
    core = bool((labels[edge : side - edge, edge : side - edge] == longest).any())
    return float(spans.max()) / side, core


def _around(dark: Dark, left: float, top: float) -> float:
    """Return the share of ink in a ring around the box, outside its frame."""
    near, far = _RING
    outer = _cut(dark, left - far, top - far, BOX_SIDE + 2 * far) > INK
    width = round((far - near) * SCALE)
    outer[width:-width, width:-width] = False
    ring = int(outer.size) - (outer.shape[0] - 2 * width) * (outer.shape[1] - 2 * width)
    inked = int(np.count_nonzero(outer))
    return float(inked / ring)


def _cut(dark: Dark, left: float, top: float, side: float) -> Dark:
    return _rectangle(dark, left, top, side, side)


def _rectangle(dark: Dark, left: float, top: float, width: float, height: float) -> Dark:
    return _padded(
        dark,
        round(top * SCALE),
        round(left * SCALE),
        round(height * SCALE),
        round(width * SCALE),
    )


def _padded(dark: Dark, y: int, x: int, height: int, width: int) -> Dark:
    """Return a part of the page; what lies outside the page is white."""
    part = np.zeros((height, width), np.float32)
    top, left = max(y, 0), max(x, 0)
    seen = dark[top : max(y + height, 0), left : max(x + width, 0)]
    part[top - y : top - y + seen.shape[0], left - x : left - x + seen.shape[1]] = seen
    return part
