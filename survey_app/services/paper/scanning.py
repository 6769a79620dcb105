"""From scans to entries: what each form says, and every doubt for a person to settle.

A field is decided by machine only where every box of it is plain: one tick of a single choice,
none at all, or any number of ticks where several are allowed. Two ticks of a single choice, a
doubtful box, and whatever is written by hand go to a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from intake.findings import Finding, Words
from survey_app.services.codes import display
from survey_app.services.paper.keying import DOUBT, SEPARATOR
from survey_app.services.paper.layout import Asked, Layout
from survey_app.services.paper.marks import Reading, aligned, is_written, read_box
from survey_app.services.paper.pictures import Picture, ScannedPage
from survey_app.services.paper.registration import (
    SCALE,
    LostPageError,
    StraightPage,
    straighten,
)

BLANK_INK = 0.0005
"""Share of dark pixels up to which a page is blank: the back of a form's last sheet."""

_MARGIN = 4.0  # mm shown above and below what is in doubt
_TALLEST = 120.0  # mm of a picture shown at once


@dataclass(frozen=True)
class Doubt:
    """A field that a person must decide: why, and its part of the page as a picture.

    ``reason`` is ``two-ticks``, ``written``, or that of the doubtful box (see `marks`).
    """

    code: str
    page: int
    asked: Asked
    reason: str
    picture: Picture
    ticked: tuple[str, ...] = ()


@dataclass
class ScannedForm:
    """What one form said: field -> printed numbers or `DOUBT`, and the pages that were read."""

    code: str
    values: dict[str, str] = field(default_factory=dict)
    pages: set[int] = field(default_factory=set)


@dataclass
class Scanned:
    """All that came of a scan.

    ``boxes`` counts those looked at, ``doubtful`` those of them that no machine decided.
    """

    forms: dict[str, ScannedForm] = field(default_factory=dict)
    doubts: list[Doubt] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    pages: int = 0
    boxes: int = 0
    doubtful: int = 0


def scan(pages: Iterable[ScannedPage], layout: Layout) -> Scanned:
    """Read scanned pages by a layout, in whatever order they come.

    Returns
    -------
    Scanned
        Forms of which a page is missing are left out of ``forms``; a finding names each, as
        it names every picture that is no readable page of this layout.
    """
    made = Scanned()
    for one in pages:
        made.pages += 1
        _take(one, layout, made)
    _leave_out_incomplete(layout, made)
    return made


def _take(one: ScannedPage, layout: Layout, made: Scanned) -> None:
    """Read one picture into the form that it belongs to, or note why it cannot be read."""
    if _is_blank(one.picture):
        return
    try:
        page = straighten(one.picture)
    except LostPageError as lost:
        made.findings.append(_finding(lost.code, one))
        return
    if page.layout != layout.id or not 1 <= page.page <= layout.pages:
        made.findings.append(_finding("page-of-another-layout", one))
        return
    form = made.forms.setdefault(page.code, ScannedForm(page.code))
    if page.page in form.pages:
        made.findings.append(_finding("page-twice", one))
        return
    readings = [read_box(page.dark, box) for box in layout.boxes if box.page == page.page]
    if not aligned(readings):
        made.findings.append(_finding("page-marks-missing", one))
        return
    form.pages.add(page.page)
    made.boxes += len(readings)
    made.doubtful += sum(reading.verdict == "doubtful" for reading in readings)
    _decide(page, layout, readings, form, made)


def _decide(
    page: StraightPage,
    layout: Layout,
    readings: Sequence[Reading],
    form: ScannedForm,
    made: Scanned,
) -> None:
    """Give every field of the page its value or a doubt."""
    by_field: dict[str, list[Reading]] = {}
    for reading in readings:
        by_field.setdefault(reading.box.field, []).append(reading)
    written = {
        space.field
        for space in layout.spaces
        if space.page == page.page and is_written(page.dark, space)
    }
    spaced = {space.field for space in layout.spaces if space.page == page.page}
    for asked in layout.asked:
        boxes = by_field.get(asked.field, [])
        if not boxes and asked.field not in spaced:
            continue
        ticked = tuple(one.box.number for one in boxes if one.verdict == "ticked")
        reason = "written" if asked.field in written else _doubt(asked, boxes, ticked)
        if reason:
            form.values[asked.field] = DOUBT
            picture = _cut(page, layout, asked.field)
            made.doubts.append(Doubt(form.code, page.page, asked, reason, picture, ticked))
        elif form.values.get(asked.field) != DOUBT:
            before = form.values.get(asked.field, "")
            form.values[asked.field] = SEPARATOR.join(filter(None, (before, *ticked)))


def _doubt(asked: Asked, boxes: Sequence[Reading], ticked: Sequence[str]) -> str:
    reasons = [one.reason for one in boxes if one.verdict == "doubtful"]
    if reasons:
        return reasons[0]
    return "two-ticks" if asked.kind == "single" and len(ticked) > 1 else ""


def _cut(page: StraightPage, layout: Layout, name: str) -> Picture:
    """Return the strip of the page on which a field stands, as a grey picture."""
    tops = [one.y for one in layout.boxes if one.page == page.page and one.field == name]
    ends = [top + 5.0 for top in tops]
    for space in layout.spaces:
        if space.page == page.page and space.field == name:
            tops.append(space.y)
            ends.append(space.y + space.height)
    top = max(min(tops) - _MARGIN, 0.0)
    end = min(max(ends) + _MARGIN, top + _TALLEST)
    strip = page.dark[
        round(top * SCALE) : round(end * SCALE), round(18 * SCALE) : -round(12 * SCALE)
    ]
    return ((1.0 - strip) * 255).astype(np.uint8)


def _is_blank(picture: Picture) -> bool:
    """Tell whether nothing is printed or written on a page."""
    inside = picture[picture.shape[0] // 20 : -picture.shape[0] // 20, picture.shape[1] // 20 :]
    paper = float(np.median(inside))
    return float((inside < paper * 0.6).mean()) <= BLANK_INK


def _leave_out_incomplete(layout: Layout, made: Scanned) -> None:
    needed = {box.page for box in layout.boxes} | {space.page for space in layout.spaces}
    for code, form in list(made.forms.items()):
        missing = sorted(needed - form.pages)
        if missing:
            listed = ", ".join(map(str, missing))
            made.findings.append(
                Finding(
                    "form-incomplete",
                    Words(
                        f"Phiếu {display(code)} thiếu trang {listed}.",
                        f"Form {display(code)} lacks page {listed}.",
                    ),
                    Words(
                        "Quét lại mọi trang của phiếu, hoặc nhập tay phiếu này.",
                        "Scan all its pages again, or key the form by hand.",
                    ),
                    "warning",
                )
            )
            del made.forms[code]
    made.doubts = [doubt for doubt in made.doubts if doubt.code in made.forms]


def _finding(code: str, one: ScannedPage) -> Finding:
    message, advice = _FINDINGS[code]
    return Finding(code, message, advice, "warning", file=one.file, path=f"trang {one.number}")


_FINDINGS: Mapping[str, tuple[Words, Words]] = {
    "page-code-unreadable": (
        Words("Không đọc được mã ở góc trang.", "The code in the corner cannot be read."),
        Words(
            "Quét lại trang cho rõ, hoặc nhập tay phiếu này.",
            "Scan the page again more clearly, or key the form by hand.",
        ),
    ),
    "page-marks-missing": (
        Words(
            "Các ô vuông ở góc không khớp với mã: trang bị cắt, gấp hoặc nhăn.",
            "The corner squares do not agree with the code: the page is cut, folded or creased.",
        ),
        Words(
            "Vuốt phẳng và quét lại cả trang, hoặc nhập tay phiếu này.",
            "Flatten it and scan the whole page again, or key the form by hand.",
        ),
    ),
    "page-of-another-layout": (
        Words("Trang thuộc một mẫu in khác.", "The page belongs to another layout."),
        Words(
            "Dùng tệp layout.json của lần in phiếu này.",
            "Use the layout.json of the printing that this form comes from.",
        ),
    ),
    "page-twice": (
        Words("Trang này đã có trong lần quét.", "This page was in the scan already."),
        Words("Bản đọc trước được giữ.", "What was read first is kept."),
    ),
}
