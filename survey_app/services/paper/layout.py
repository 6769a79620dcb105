"""Where everything stands on a paper form: what a scan is read by.

A layout belongs to one version of a questionnaire in one language. It holds the place of every
box to tick and of every space to write in, in millimetres from the upper left corner of the page,
and the words beside them, so that whoever reads a scan needs this one file. All forms of a
layout are alike but for their number.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from dataclasses import field as to_be
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

from intake.findings import HailongError
from survey_app.services.codes import ALPHABET

PAGE = (210.0, 297.0)
"""Width and height of the page, in mm (ISO 216 A4)."""
MARKS = ((11.0, 11.0), (199.0, 11.0), (199.0, 286.0), (11.0, 286.0))
"""Centres of the four corner marks, clockwise from the upper left, in mm."""
MARK_SIDE = 6.0
PAGE_CODE = (176.0, 8.0, 15.0)
"""Left, top and side of the dark modules of the page's QR code, in mm."""
BOX_SIDE = 5.0
"""Side of a box, in mm, between the middles of its strokes."""

_ID_LENGTH = 6
_FORMAT = 1
MAX_FILE = 4 * 1024 * 1024


class PaperError(HailongError):
    """A paper form cannot be printed, entered or read as asked."""


@dataclass(frozen=True)
class Box:
    """One box to tick: its page (from 1), upper left corner in mm, field and printed number."""

    page: int
    x: float
    y: float
    field: str
    number: str


@dataclass(frozen=True)
class Space:
    """One place to write in, with its size in mm; ``number`` is an option's in a ranking."""

    page: int
    x: float
    y: float
    width: float
    height: float
    field: str
    number: str = ""


@dataclass(frozen=True)
class Asked:
    """What a field asks, in the words of the form; ``options`` are printed numbers -> words."""

    field: str
    kind: str
    place: str
    words: str
    options: Mapping[str, str] = to_be(default_factory=dict)


@dataclass(frozen=True)
class Layout:
    """A printed form. ``id`` are six characters that its pages carry in their QR codes."""

    questionnaire: tuple[str, str]
    lang: str
    pages: int
    boxes: tuple[Box, ...]
    spaces: tuple[Space, ...]
    asked: tuple[Asked, ...]

    @cached_property
    def id(self) -> str:
        """Return six characters that change when anything of the layout does."""
        digest = int.from_bytes(sha256(self._text().encode()).digest()[:4], "big")
        return "".join(ALPHABET[digest >> 5 * place & 31] for place in range(_ID_LENGTH))

    @cached_property
    def by_field(self) -> Mapping[str, Asked]:
        """What is asked, by field."""
        return {one.field: one for one in self.asked}

    def _text(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True, indent=1)

    def write(self, path: Path) -> None:
        """Write the layout as JSON, the same bytes each time."""
        frame = {
            "format": _FORMAT,
            "layout": self.id,
            "page_mm": PAGE,
            "marks_mm": MARKS,
            "mark_side_mm": MARK_SIDE,
            "page_code_mm": PAGE_CODE,
            "box_side_mm": BOX_SIDE,
        }
        text = json.dumps(frame | json.loads(self._text()), ensure_ascii=False, indent=1)
        path.write_text(text + "\n", encoding="utf-8")


def read_layout(path: Path) -> Layout:
    """Read the layout that was written beside a printed form.

    Raises
    ------
    PaperError
        ``layout-unreadable``: no such file, no layout, or one that was changed.
    """
    try:
        data = path.read_bytes()
        if len(data) > MAX_FILE:
            raise ValueError
        found = json.loads(data)
        layout = _layout(found)
        if found["layout"] != layout.id or found["format"] != _FORMAT:
            raise ValueError
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        raise PaperError.of(
            "layout-unreadable",
            "Không đọc được bố cục phiếu, hoặc tệp đã bị sửa.",
            "The layout cannot be read, or it was changed.",
            "Dùng tệp layout.json ghi cùng lúc với phiếu in.",
            "Use the layout.json written together with the printed forms.",
            file=path.name,
        ) from None
    return layout


def _layout(found: Mapping[str, Any]) -> Layout:
    name, version = found["questionnaire"]
    layout = Layout(
        questionnaire=(str(name), str(version)),
        lang=str(found["lang"]),
        pages=int(found["pages"]),
        boxes=tuple(Box(**one) for one in found["boxes"]),
        spaces=tuple(Space(**one) for one in found["spaces"]),
        asked=tuple(Asked(**one) for one in found["asked"]),
    )
    return replace(layout, boxes=tuple(_sound(one, layout.pages) for one in layout.boxes))


def _sound(box: Box, pages: int) -> Box:
    inside = 0 <= box.x <= PAGE[0] and 0 <= box.y <= PAGE[1] and 1 <= box.page <= pages
    if not inside:
        raise ValueError
    return box


def page_mark(layout_id: str, page: int, code: str) -> str:
    """Return what the QR code of a page holds: ``HL``, page, layout, form number.

    Examples
    --------
    >>> page_mark("2XK0P9", 3, "00000000000000012")
    'HL032XK0P900000000000000012'
    """
    return f"HL{page:02}{layout_id}{code}"


def read_page_mark(text: str) -> tuple[str, int, str] | None:
    """Return layout, page and form number of a page's QR code; None for any other code."""
    if len(text) != 27 or not text.startswith("HL") or not text[2:4].isdecimal():
        return None
    return text[4:10], int(text[2:4]), text[10:]
