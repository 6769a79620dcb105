"""The public pages of a release, in Vietnamese and English, from its frozen tables.

Each page repeats the characters of the tables: nothing is computed here but the order of
rows. The pages are plain files without inline style or script, refer to nothing outside
their folder, and can be read from a disk, from a web server, or on paper.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from analysis.publication.pages.breakdowns import tables_page
from analysis.publication.pages.downloads import copy_downloads, download_groups
from analysis.publication.pages.grids import MARKS
from analysis.publication.pages.methodology import methodology_page
from analysis.publication.pages.overview import overview_page
from analysis.publication.pages.points import duties_page, points_page
from analysis.publication.pages.units import communes_page, counters_page
from analysis.publication.pages.view import LANGUAGES, View
from analysis.publication.tables import read_frozen
from intake.findings import Words

__all__ = ["MARKS", "PAGES", "View", "read_frozen", "write_site"]

HERE = Path(__file__).parent.parent


CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'"
)


@dataclass(frozen=True)
class Page:
    """One page: its template, its file name in each language, its name in the menu."""

    key: str
    files: Words
    name: Words


PAGES = (
    Page("index", Words("index.html", "index.html"), Words("Tổng quan", "Overview")),
    Page("tables", Words("bang-so-lieu.html", "tables.html"), Words("Bảng số liệu", "Tables")),
    Page(
        "communes",
        Words("xa-phuong.html", "communes.html"),
        Words("Xã, phường", "Communes"),
    ),
    Page(
        "counters",
        Words("quay-mot-cua.html", "counters.html"),
        Words("Một cửa, sở ngành", "Counters"),
    ),
    Page(
        "points",
        Words("diem-chi-so.html", "points.html"),
        Words("Điểm CCHC", "Index points"),
    ),
    Page(
        "duties",
        Words("bao-cao-kiem-diem.html", "duties.html"),
        Words("Báo cáo kiểm điểm", "Review reports"),
    ),
    Page(
        "methodology",
        Words("phuong-phap.html", "methodology.html"),
        Words("Phương pháp", "Methodology"),
    ),
    Page("downloads", Words("tai-ve.html", "downloads.html"), Words("Tải về", "Downloads")),
)


def write_site(folder: Path) -> None:
    """Write ``folder/site`` anew from ``folder/tables`` and the files of ``folder/data``."""
    frozen = read_frozen(folder)
    site = folder / "site"
    if site.exists():
        shutil.rmtree(site)
    (site / "assets").mkdir(parents=True)
    for asset in ("site.css", "sort.js", "icon.svg"):
        shutil.copyfile(HERE / "assets" / asset, site / "assets" / asset)
    downloads = copy_downloads(folder, site)
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    for lang in LANGUAGES:
        view = View(frozen, lang, site)
        for page in PAGES:
            context = (
                _CONTEXTS[page.key](view)
                if page.key != "downloads"
                else {"groups": download_groups(view, downloads)}
            )
            other = "en" if lang == "vi" else "vi"
            target = view.home / page.files.in_language(lang)
            target.parent.mkdir(parents=True, exist_ok=True)
            up = "" if lang == "vi" else "../"
            html = environment.get_template(f"{page.key}.html").render(
                _=view.say,
                view=view,
                facts=frozen.facts,
                lang=lang,
                page=page,
                pages=[
                    (each.key, each.files.in_language(lang), each.name.in_language(lang))
                    for each in PAGES
                ],
                up=up,
                other=other,
                other_file=("en/" if lang == "vi" else "../") + page.files.in_language(other),
                policy=CONTENT_POLICY,
                marks=MARKS,
                **context,
            )
            target.write_text(html, encoding="utf-8")


_CONTEXTS: Mapping[str, Callable[[View], dict[str, Any]]] = {
    "index": overview_page,
    "tables": tables_page,
    "communes": communes_page,
    "counters": counters_page,
    "points": points_page,
    "duties": duties_page,
    "methodology": methodology_page,
}
