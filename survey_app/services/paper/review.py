"""What a scan leaves behind: entries, doubts, and one page on which a person settles them.

``entries.csv`` holds what is certain and ``?`` for the rest; ``doubts.csv`` a line for each doubt
with an empty ``value``; ``review.html`` shows each doubt large, with the words of its question,
works without a network, and saves the decisions as the same table. The folder holds answers and
handwriting: only its owner can read it, and it is deleted once the forms are counted.
"""

from __future__ import annotations

import io
from base64 import b64encode
from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader
from PIL import Image

from intake.findings import Words
from intake.tables import write_csv
from survey_app.services.codes import display
from survey_app.services.paper.files import DECISION_COLUMNS
from survey_app.services.paper.keying import LEFT_BLANK, SEPARATOR
from survey_app.services.paper.layout import Layout, PaperError
from survey_app.services.paper.pictures import Picture
from survey_app.services.paper.remarks import NUMBER
from survey_app.services.paper.scanning import Doubt, Scanned

ENTRIES, DOUBTS, REVIEW = "entries.csv", "doubts.csv", "review.html"

REASONS = {
    "faint": Words("nét mờ hoặc vết bẩn", "a faint stroke or a stain"),
    "small": Words("nét quá nhỏ hoặc lệch", "a stroke too small or off the box"),
    "filled": Words("ô bị tô kín", "the box is filled"),
    "beside": Words("đánh dấu bên ngoài ô", "a mark beside the box"),
    "lost": Words("không thấy rõ khung ô", "the frame of the box cannot be seen"),
    "two-ticks": Words("có hai dấu", "two ticks"),
    "written": Words("có chữ viết tay", "something is written"),
}
"""Why a field is shown to a person."""

_TEMPLATES = Path(__file__).parents[2] / "templates"
_OWNER_ONLY = 0o600


def write_scanned(made: Scanned, layout: Layout, out: Path, lang: str = "vi") -> list[Path]:
    """Write entries, doubts and the review page into a new or empty folder.

    Raises
    ------
    PaperError
        ``folder-not-empty``.
    """
    if out.is_dir() and any(out.iterdir()):
        raise PaperError.of(
            "folder-not-empty",
            f"Thư mục {out} không trống.",
            f"The folder {out} is not empty.",
            "Hãy đặt tên thư mục mới.",
            "Name a new one.",
        )
    out.mkdir(mode=0o700, parents=True, exist_ok=True)
    paths = [out / name for name in (ENTRIES, DOUBTS, REVIEW)]
    for path in paths:
        path.touch(_OWNER_ONLY)
    entries, doubts, review = paths
    fields = [asked.field for asked in layout.asked]
    write_csv(
        entries,
        [NUMBER, *fields],
        (
            [display(form.code), *(form.values.get(name, "") for name in fields)]
            for form in made.forms.values()
        ),
    )
    write_csv(doubts, [*DECISION_COLUMNS, "reason"], map(_line, made.doubts))
    review.write_text(review_page(made.doubts, layout, lang), encoding="utf-8")
    return paths


def review_page(doubts: Sequence[Doubt], layout: Layout, lang: str = "vi") -> str:
    """Return the page on which a person settles the doubts."""
    pages = Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=True)
    shown = [
        {
            "form": display(doubt.code),
            "page": doubt.page,
            "asked": doubt.asked,
            "reason": REASONS[doubt.reason].in_language(lang),
            "picture": _data(doubt.picture),
            "high": doubt.picture.shape[0],
            "wide": doubt.picture.shape[1],
        }
        for doubt in doubts
    ]
    return pages.get_template("paper_review.html").render(
        lang=lang,
        doubts=shown,
        layout=layout,
        blank=LEFT_BLANK,
        separator=SEPARATOR,
        columns=DECISION_COLUMNS,
    )


def _line(doubt: Doubt) -> list[str]:
    return [display(doubt.code), doubt.asked.field, "", doubt.reason]


def _data(picture: Picture) -> str:
    out = io.BytesIO()
    Image.fromarray(picture).save(out, "PNG", optimize=True)
    return f"data:image/png;base64,{b64encode(out.getvalue()).decode()}"
