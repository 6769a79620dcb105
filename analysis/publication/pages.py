"""The public pages of a release, in Vietnamese and English, from its frozen tables.

Each page repeats the characters of the tables: nothing is computed here but the order of
rows. The pages are plain files without inline style or script, refer to nothing outside
their folder, and can be read from a disk, from a web server, or on paper.
"""

from __future__ import annotations

import hashlib
import shutil
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from analysis.publication.content import CATEGORIES, DOMAINS, RULE_FORMULAS, RULES
from analysis.publication.figures import (
    IntervalRow,
    MapWords,
    Place,
    Spelling,
    centroid_map,
    intervals,
)
from analysis.publication.tables import FACTS, Frozen, read_frozen
from intake.findings import Words

HERE = Path(__file__).parent
LANGUAGES = ("vi", "en")
CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'"
)
MARKS: Mapping[str, Words] = {
    "c": Words(
        "bảo mật: dưới 10 người trả lời, hoặc ẩn kèm để không suy ngược được",
        "confidential: fewer than 10 answers, or withheld so that such a figure cannot be derived",
    ),
    "u": Words(
        "không đủ tin cậy để công bố (cỡ mẫu hiệu dụng dưới 30 hoặc khoảng tin cậy quá rộng)",
        "too unreliable to publish (effective sample below 30, or too wide an interval)",
    ),
    "r": Words(
        "đọc thận trọng: ít bậc tự do, hoặc kết quả 0 % hay 100 %",
        "read with care: few degrees of freedom, or a result of 0 % or 100 %",
    ),
    "k": Words(
        "phần còn lại (100 % trừ kết quả) không đủ tin cậy",
        "the rest (100 % minus the result) is unreliable",
    ),
    "x": Words("không có mẫu riêng, không xếp hạng", "no sample of its own, not ranked"),
}


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


@dataclass(frozen=True)
class Cell:
    """One cell: its text, the number it sorts by, its mark, and whether it names the row."""

    text: str
    key: str = ""
    mark: str = ""
    head: bool = False
    number: bool = False


@dataclass(frozen=True)
class Grid:
    """A table of a page. ``note`` says n, weights, rule and version."""

    id: str
    caption: str
    note: str
    columns: tuple[tuple[str, bool], ...]
    rows: tuple[tuple[Cell, ...], ...]
    sortable: bool = False
    headings: frozenset[int] = field(default_factory=frozenset)

    @property
    def marks(self) -> list[str]:
        """The marks that this table uses, in the order of the legend."""
        used = {cell.mark for row in self.rows for cell in row}
        return [mark for mark in MARKS if mark in used]


@dataclass(frozen=True)
class Picture:
    """A chart of a page: its two files, what it shows in words, and the table beside it."""

    wide: str
    narrow: str
    alt: str
    caption: str


def write_site(folder: Path) -> None:
    """Write ``folder/site`` anew from ``folder/tables`` and the files of ``folder/data``."""
    frozen = read_frozen(folder)
    site = folder / "site"
    if site.exists():
        shutil.rmtree(site)
    (site / "assets").mkdir(parents=True)
    for asset in ("site.css", "sort.js", "icon.svg"):
        shutil.copyfile(HERE / "assets" / asset, site / "assets" / asset)
    downloads = _copy_downloads(folder, site)
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
                else {"groups": _download_groups(view, downloads)}
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


class View:
    """The frozen tables seen in one language; draws the charts of that language when asked."""

    def __init__(self, frozen: Frozen, lang: str, site: Path) -> None:
        self.frozen = frozen
        self.lang = lang
        self.site = site
        self.home = site if lang == "vi" else site / "en"
        self.rule = str(frozen.facts["rule"])
        self._labels = {
            (row["round"], row["quantity"]): (row["label_vi"], row["label_en"])
            for row in _records(frozen.labels)
        }
        self._order = {
            (row["round"], row["quantity"]): position
            for position, row in enumerate(_records(frozen.labels))
        }
        self.estimates = _records(frozen.estimates)
        self._rows = {
            (row["round"], row["quantity"], row["rule"], row["domain"], row["category"]): row
            for row in self.estimates
        }
        self.units = {row["unit_id"]: row for row in _records(frozen.units)}

    def say(self, vietnamese: str, english: str) -> str:
        """Return the sentence of this view's language; both must be there."""
        if not vietnamese.strip() or not english.strip():
            raise ValueError("a sentence lacks one of its languages")
        return vietnamese if self.lang == "vi" else english

    def words(self, pair: Mapping[str, str] | Words) -> str:
        """Return a stored pair of sentences in this view's language."""
        if isinstance(pair, Words):
            return pair.in_language(self.lang)
        return pair.get(self.lang) or pair["vi"]

    def number(self, printed: str) -> str:
        """Return a printed number with this language's marks: 1.482 and 83,94 in Vietnamese."""
        if not printed:
            return "–"
        whole, point, rest = printed.partition(".")
        if whole.lstrip("-").isdigit() and len(whole.lstrip("-")) > 3:
            whole = f"{int(whole):,}".replace(",", "." if self.lang == "vi" else ",")
        return whole + (("," if self.lang == "vi" else ".") + rest if point else "")

    def day(self, iso: str) -> str:
        """Return a date as it is written in this language; what is no date stays as it is."""
        try:
            day = date.fromisoformat(iso[:10])
        except ValueError:
            return iso or "–"
        return (
            f"{day:%d/%m/%Y}"
            if self.lang == "vi"
            else f"{day.day} {_MONTHS[day.month - 1]} {day:%Y}"
        )

    def percent(self, printed: str) -> str:
        """Return a printed percentage with its sign."""
        return self.number(printed) + "%" if printed else "–"

    def interval(self, row: Mapping[str, str]) -> str:
        """Return the 95 % interval of a row, or a dash."""
        if not row["low"] or not row["high"]:
            return "–"
        return f"[{self.number(row['low'])}; {self.number(row['high'])}]"

    def label(self, round_id: str, quantity: str) -> str:
        """Return the name of a quantity, its code where none is known."""
        vietnamese, english = self._labels.get((round_id, quantity), ("", ""))
        return (english if self.lang == "en" else vietnamese) or vietnamese or quantity

    def category(self, round_id: str, domain: str, category: str) -> str:
        """Return the name of a domain category."""
        if domain == "unit":
            return str(self.units.get(category, {}).get("name", category))
        if (round_id, f"{domain}:{category}") in self._labels:
            return self.label(round_id, f"{domain}:{category}")
        known = CATEGORIES.get((domain, category))
        return self.words(known) if known else category

    def row(
        self, round_id: str, quantity: str, rule: str = "", domain: str = "", category: str = ""
    ) -> dict[str, str] | None:
        """Return one published row, or none."""
        return self._rows.get((round_id, quantity, rule or self.rule, domain, category))

    def quantities(self, round_id: str, *levels: str) -> list[dict[str, str]]:
        """Return the rows of the whole population for these levels, in the order of the labels."""
        chosen = [
            row
            for key, row in self._rows.items()
            if key[0] == round_id
            and key[3] == ""
            and row["level"] in levels
            and (key[2] == self.rule or row["level"] == "share")
        ]
        last = len(self._order)
        return sorted(
            chosen,
            key=lambda row: (
                self._order.get((round_id, row["quantity"]), last),
                row["quantity"],
                row["category"],
            ),
        )

    def headline(self, round_id: str) -> dict[str, str] | None:
        """Return the row of the overall index of a round."""
        rows = self.quantities(round_id, "overall")
        return rows[0] if rows else None

    def unit_rows(self, round_id: str, kind: str) -> list[dict[str, str]]:
        """Return the overall index of each unit of a kind, best first, withheld ones last."""
        headline = self.headline(round_id)
        if headline is None:
            return []
        rows = [
            row
            for key, row in self._rows.items()
            if key[:4] == (round_id, headline["quantity"], self.rule, "unit")
            and self.units.get(row["category"], {}).get("kind") == kind
        ]
        return sorted(
            rows,
            key=lambda row: (
                row["value"] == "",
                -float(row["value"] or 0),
                alphabetical(self.category(round_id, "unit", row["category"])),
            ),
        )

    def rule_name(self, rule: str = "") -> str:
        """Return the name of a rule."""
        rule = rule or self.rule
        return self.words(RULES[rule]) if rule in RULES else rule

    def note(self, facts: Mapping[str, Any], row: Mapping[str, str] | None, rule: str = "") -> str:
        """Return the line under a table's caption: round, n, weights, rule and version."""
        parts = [self.words(facts["title"])]
        if row is not None and row["n"]:
            parts.append(f"n = {self.number(row['n'])}")
        parts.append(self.say("trọng số: ", "weights: ") + self.words(facts["weight_status"]))
        version = str(self.frozen.facts["rule_version"])
        named = self.rule_name(rule)
        if version and not rule:
            named += self.say(", phiên bản ", ", version ") + version
        parts.append(self.say("quy tắc: ", "rule: ") + named)
        if self.frozen.facts["simulated"]:
            parts.append(self.say("dữ liệu mô phỏng", "simulated data"))
        return " · ".join(parts)

    def figure_cells(self, row: Mapping[str, str] | None) -> tuple[Cell, Cell, Cell]:
        """Return value, interval and n of a row as cells."""
        if row is None:
            return Cell("–", number=True), Cell("–", number=True), Cell("–", number=True)
        n = Cell(self.number(row["n"]), row["n"], number=True)
        if row["flag"]:
            shown = row["bound"].replace("<", "< ").replace(">", "> ")
            text = f"{shown}%" if shown else ""
            return Cell(text, mark=row["flag"], number=True), Cell("–", number=True), n
        return (
            Cell(self.number(row["value"]), row["value"], row["note"], number=True),
            Cell(self.interval(row), row["low"], number=True),
            n,
        )

    def picture(self, name: str, draw: Callable[[bool], str], alt: str, caption: str) -> Picture:
        """Draw a chart in its two widths and return where it stands."""
        folder = self.site / "figures" / self.lang
        folder.mkdir(parents=True, exist_ok=True)
        up = "" if self.lang == "vi" else "../"
        paths = []
        for suffix, narrow in (("", False), ("-narrow", True)):
            file = folder / f"{name}{suffix}.svg"
            file.write_text(draw(narrow), encoding="utf-8")
            paths.append(f"{up}figures/{self.lang}/{file.name}")
        return Picture(paths[0], paths[1], alt, caption)

    def spelling(self, title: str) -> Spelling:
        """Return the words of a chart of this release."""
        notice = (
            self.say(
                "Dữ liệu mô phỏng – không phải kết quả thật", "Simulated data – not real results"
            )
            if self.frozen.facts["simulated"]
            else ""
        )
        return Spelling(title, self.say("Chỉ số hài lòng (%)", "Satisfaction index (%)"), notice)


def _records(table: pd.DataFrame) -> list[dict[str, str]]:
    """Return the rows of a frozen table."""
    columns = [str(name) for name in table.columns]
    return [
        dict(zip(columns, map(str, cells), strict=True))
        for cells in table.itertuples(index=False, name=None)
    ]


def alphabetical(text: str) -> tuple[tuple[int, ...], str]:
    """Return the key by which Vietnamese names are listed: đ after d, tones last.

    Examples
    --------
    >>> sorted(["Đồ Sơn", "Vĩnh Bảo", "Dương Kinh", "Ái Quốc", "An Lão"], key=alphabetical)
    ['Ái Quốc', 'An Lão', 'Dương Kinh', 'Đồ Sơn', 'Vĩnh Bảo']
    """
    letters = unicodedata.normalize("NFD", text.casefold())
    plain = unicodedata.normalize("NFC", "".join(c for c in letters if c not in _TONES))
    place = {letter: 1000 + number for number, letter in enumerate(_ALPHABET)}
    return tuple(place.get(letter, ord(letter)) for letter in plain), text


_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
_ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July",
    "August", "September", "October", "November", "December",
)  # fmt: skip


def _interval_rows(view: View, named: Iterable[tuple[str, Mapping[str, str]]]) -> list[IntervalRow]:
    return [
        IntervalRow(
            name,
            float(row["value"]),
            float(row["low"]),
            float(row["high"]),
            f"{view.number(row['value'])} {view.interval(row)}",
        )
        for name, row in named
        if row["value"] and row["low"] and row["high"]
    ]


def _interval_picture(
    view: View,
    name: str,
    title: str,
    facts: Mapping[str, Any],
    rows: Sequence[IntervalRow],
    alt: str,
) -> Picture:
    each = str(facts["id"])
    spelling = view.spelling(f"{title} – {view.words(facts['title'])}")
    reference = _reference(view, each)

    def draw(narrow: bool) -> str:
        return intervals(rows, spelling, reference=reference, narrow=narrow)

    caption = view.say(
        "Chấm: ước lượng; thanh: khoảng tin cậy 95%; đường đứt: chỉ số chung. "
        "Trục không bắt đầu từ 0.",
        "Dot: estimate; bar: 95% interval; dashed line: overall index. "
        "The axis does not start at zero.",
    )
    return view.picture(name, draw, alt, caption)


def _reference(view: View, round_id: str) -> tuple[float, str] | None:
    row = view.headline(round_id)
    if row is None or not row["value"]:
        return None
    return float(row["value"]), view.say("Chung ", "Overall ") + view.number(row["value"])


def _head(view: View, first: str) -> tuple[tuple[str, bool], ...]:
    return (
        (first, False),
        (view.say("Chỉ số (%)", "Index (%)"), True),
        (view.say("Khoảng tin cậy 95%", "95% interval"), True),
        (view.say("Số phiếu (n)", "Answers (n)"), True),
    )


def _overview(view: View) -> dict[str, Any]:
    rounds = []
    for facts in view.frozen.facts["rounds"]:
        each = str(facts["id"])
        headline = view.headline(each)
        if headline is None:
            continue
        factors = view.quantities(each, "factor")
        rows = _interval_rows(view, [(view.label(each, row["quantity"]), row) for row in factors])
        title = view.say("Mức độ hài lòng theo yếu tố", "Satisfaction by factor")
        picture = None
        if rows:
            best, worst = max(rows, key=lambda r: r.value), min(rows, key=lambda r: r.value)
            alt = view.say(
                f"Biểu đồ điểm kèm khoảng tin cậy của {len(rows)} yếu tố: cao nhất là {best.label} "
                f"({best.printed}), thấp nhất là {worst.label} ({worst.printed}). "
                "Số liệu đầy đủ ở bảng kế bên.",
                f"Points with intervals for {len(rows)} factors: highest {best.label} "
                f"({best.printed}), lowest {worst.label} ({worst.printed}). "
                "All figures are in the table beside it.",
            )
            picture = _interval_picture(view, f"factors-{each}", title, facts, rows, alt)
        lines = [headline, *view.quantities(each, "block"), *factors]
        grid = Grid(
            f"factors-{each}",
            title,
            view.note(facts, headline),
            _head(view, view.say("Nội dung", "What is measured")),
            tuple(
                (Cell(view.label(each, row["quantity"]), head=True), *view.figure_cells(row))
                for row in lines
            ),
            headings=frozenset(
                number for number, row in enumerate(lines) if row["level"] in {"overall", "block"}
            ),
        )
        ends = None
        if len(rows) >= 2:
            ends = (max(rows, key=lambda r: r.value), min(rows, key=lambda r: r.value))
        rounds.append(
            {
                "facts": facts,
                "headline": headline,
                "value": view.percent(headline["value"]),
                "interval": view.interval(headline),
                "n": view.number(headline["n"]),
                "picture": picture,
                "grid": grid,
                "ends": ends,
            }
        )
    return {"rounds": rounds}


def _tables(view: View) -> dict[str, Any]:
    rounds = []
    for facts in view.frozen.facts["rounds"]:
        each = str(facts["id"])
        headline = view.headline(each)
        grids = []
        lines = view.quantities(each, "overall", "block", "factor", "item")
        if lines:
            grids.append(
                Grid(
                    f"items-{each}",
                    view.say(
                        "Mức độ hài lòng: chung, khối, yếu tố và từng tiêu chí",
                        "Satisfaction: overall, blocks, factors and each item",
                    ),
                    view.note(facts, headline),
                    _head(view, view.say("Nội dung", "What is measured")),
                    tuple(
                        (
                            Cell(view.label(each, row["quantity"]), head=True),
                            *view.figure_cells(row),
                        )
                        for row in lines
                    ),
                    headings=frozenset(
                        number for number, row in enumerate(lines) if row["level"] != "item"
                    ),
                )
            )
        grids += [_domain_grid(view, facts, domain) for domain in _domains(view, each)]
        shares = view.quantities(each, "share")
        if shares:
            grids.append(
                Grid(
                    f"shares-{each}",
                    view.say(
                        "Nhận định và mong đợi: tỷ lệ trả lời", "Perceptions: shares of answers"
                    ),
                    view.note(facts, None, "share"),
                    (
                        (view.say("Câu trả lời", "Answer"), False),
                        (view.say("Tỷ lệ (%)", "Share (%)"), True),
                        *_head(view, "-")[2:],
                    ),
                    tuple(
                        (
                            Cell(_share_label(view, each, row), head=True),
                            *view.figure_cells(row),
                        )
                        for row in shares
                    ),
                )
            )
        rounds.append({"facts": facts, "grids": grids})
    return {"rounds": rounds}


def _share_label(view: View, round_id: str, row: Mapping[str, str]) -> str:
    label = view.label(round_id, row["quantity"])
    return f"{label}: {row['category']}" if row["category"] else label


def _domains(view: View, round_id: str) -> list[str]:
    found = {
        row["domain"]
        for row in view.estimates
        if row["round"] == round_id and row["domain"] not in {"", "unit"}
    }
    known = [domain for domain in DOMAINS if domain in found]
    return known + sorted(found - set(known))


def _domain_grid(view: View, facts: Mapping[str, Any], domain: str) -> Grid:
    each = str(facts["id"])
    headline = view.headline(each)
    own = [row for row in view.estimates if row["round"] == each]
    categories = list(dict.fromkeys(row["category"] for row in own if row["domain"] == domain))
    lines = view.quantities(each, "overall", "block", "factor")
    known = DOMAINS.get(domain)
    name = view.words(known) if known else domain
    rows: list[tuple[Cell, ...]] = []
    for line in lines:
        cells = [Cell(view.label(each, line["quantity"]), head=True)]
        for category in categories:
            row = view.row(each, line["quantity"], "", domain, category)
            value, interval, _ = view.figure_cells(row)
            text = value.text if value.mark in {"c", "u"} else f"{value.text} {interval.text}"
            cells.append(Cell(text, value.key, value.mark, number=True))
        rows.append(tuple(cells))
    if headline is not None:
        counts = [view.row(each, headline["quantity"], "", domain, code) for code in categories]
        rows.append(
            (
                Cell(
                    view.say("Số phiếu (n), chỉ số chung", "Answers (n), overall index"), head=True
                ),
                *(Cell(view.number(row["n"]) if row else "–", number=True) for row in counts),
            )
        )
    return Grid(
        f"{domain}-{each}",
        view.say(
            f"Chỉ số theo {name.lower()}, kèm khoảng tin cậy 95%",
            f"Index by {name.lower()}, with 95% intervals",
        ),
        view.note(facts, headline),
        (
            (view.say("Nội dung", "What is measured"), False),
            *((view.category(each, domain, category), True) for category in categories),
        ),
        tuple(rows),
        headings=frozenset({0, len(lines)}),
    )


def _communes(view: View) -> dict[str, Any]:
    return _units_of(view, "commune")


def _counters(view: View) -> dict[str, Any]:
    return _units_of(view, "counter")


def _units_of(view: View, kind: str) -> dict[str, Any]:
    sections = []
    for facts in view.frozen.facts["rounds"]:
        rows = view.unit_rows(str(facts["id"]), kind)
        if rows:
            sections.append(_unit_section(view, facts, rows, kind))
    blocks = []
    for block, standing in view.frozen.standings.items():
        kinds = {view.units.get(unit, {}).get("kind") for unit in standing["unit_id"] if unit}
        if ("commune" in kinds) == (kind == "commune"):
            blocks.append(_standing_grid(view, block, standing))
    own = [unit for unit in view.units.values() if unit["kind"] == kind]
    drawn = sum(unit["drawn"] == "1" for unit in own)
    return {"sections": sections, "blocks": blocks, "drawn": drawn, "all_units": len(own)}


def _unit_section(
    view: View, facts: Mapping[str, Any], rows: Sequence[dict[str, str]], kind: str
) -> dict[str, Any]:
    each = str(facts["id"])
    numbers = {row["category"]: number for number, row in enumerate(rows, start=1) if row["value"]}
    what = (
        view.say("xã, phường, đặc khu", "commune")
        if kind == "commune"
        else view.say("bộ phận Một cửa", "one-stop counter")
    )
    title = view.say(f"Chỉ số hài lòng theo {what}", f"Satisfaction index by {what}")
    spelling = view.spelling(f"{title} – {view.words(facts['title'])}")
    note = view.note(facts, view.headline(each))
    grid = Grid(
        f"units-{each}",
        title,
        note,
        (
            (view.say("Số", "No."), True),
            (view.say("Đơn vị", "Unit"), False),
            (view.say("Loại", "Type"), False),
            *_head(view, "-")[1:],
        ),
        tuple(
            (
                Cell(
                    str(numbers.get(row["category"], "–")),
                    str(numbers.get(row["category"], "")),
                    number=True,
                ),
                Cell(view.category(each, "unit", row["category"]), head=True),
                Cell(str(view.units[row["category"]]["type"])),
                *view.figure_cells(row),
            )
            for row in rows
        ),
        sortable=True,
    )
    points = _interval_rows(
        view,
        [
            (f"{numbers[code]}. {view.category(each, 'unit', code)}", row)
            for row in rows
            if (code := row["category"]) in numbers
        ],
    )
    chart = None
    if points:
        alt = view.say(
            f"Biểu đồ điểm kèm khoảng tin cậy 95% của {len(points)} đơn vị, xếp từ cao "
            "xuống thấp; số liệu ở bảng kế bên.",
            f"Points with 95% intervals for {len(points)} units from highest to lowest; "
            "the figures are in the table beside it.",
        )
        chart = _interval_picture(view, f"units-{each}", title, facts, points, alt)
    return {
        "facts": facts,
        "grid": grid,
        "chart": chart,
        "map": _map(view, each, rows, numbers, spelling) if kind == "commune" else None,
    }


def _map(
    view: View,
    round_id: str,
    rows: Sequence[Mapping[str, str]],
    numbers: Mapping[str, int],
    spelling: Spelling,
) -> Picture | None:
    found = {row["category"]: row for row in rows}
    places = []
    for code, unit in view.units.items():
        if unit["kind"] != "commune" or not unit["lat"] or not unit["lon"]:
            continue
        row = found.get(code)
        places.append(
            Place(
                str(unit["name"]),
                float(unit["lat"]),
                float(unit["lon"]),
                unit["drawn"] == "1",
                float(row["value"]) if row and row["value"] else None,
                int(row["n"]) if row and row["n"] else 0,
                numbers.get(code, 0),
                float(unit["population"] or 0),
            )
        )
    if not places:
        return None
    legend = MapWords(
        view.say("Số phiếu (n)", "Answers (n)"),
        view.say("Có mẫu, không công bố", "Sampled, withheld"),
        view.say("Không có mẫu", "Not sampled"),
        view.say("Ngoài khơi, không theo tỷ lệ", "Far out at sea, not to scale"),
        view.say("B", "N"),
        view.say("Không có kết quả", "No result"),
    )
    return view.picture(
        f"map-{round_id}",
        lambda narrow: centroid_map(places, spelling, legend, narrow=narrow),
        view.say(
            f"Bản đồ điểm trung tâm của {len(places)} xã, phường, đặc khu, {len(numbers)} nơi có "
            "kết quả, tô màu theo chỉ số; danh sách kết quả ở bảng kế bên.",
            f"Map of the centre points of {len(places)} communes, {len(numbers)} of them with a "
            "result, coloured by the index; the results are listed in the table beside it.",
        ),
        view.say(
            "Mỗi vòng tròn đặt tại điểm trung tâm của đơn vị, không thể hiện địa giới. Số trong "
            "vòng tròn là số thứ tự ở bảng dưới; diện tích theo số phiếu. Hai màu kề nhau không "
            "có nghĩa là khác biệt có ý nghĩa: hãy xem khoảng tin cậy.",
            "Each circle stands at the centre point of a unit and shows no boundary. The number in "
            "it is that of the table below; its area follows the number of answers. Neighbouring "
            "colours do not mean a significant difference: see the intervals.",
        ),
    )


def _standing_grid(view: View, block: str, standing: pd.DataFrame) -> Grid:
    rows = []
    for row in _records(standing):
        ranks = f"{row['rank_low']}–{row['rank_high']}" if row["rank_low"] else "–"
        band = row["band_en"] if view.lang == "en" else row["band"]
        rows.append(
            (
                Cell(view.number(row["rank"]), row["rank"], row["flag"], number=True),
                Cell(ranks, row["rank_low"], number=True),
                Cell(row["group"] or "–", row["group"], number=True),
                Cell(str(row["name"]), head=True),
                Cell(view.number(row["total"]), row["total"], number=True),
                Cell(view.interval(row), row["low"], number=True),
                Cell(str(band) or "–"),
            )
        )
    facts = view.frozen.facts
    first = facts["rounds"][0] if facts["rounds"] else None
    ranked = sum(row["rank"] != "" for row in _records(standing))
    note = [view.say(f"{ranked} đơn vị được xếp hạng", f"{ranked} units ranked")]
    if first is not None:
        note.append(view.note(first, view.headline(str(first["id"]))))
    return Grid(
        f"standing-{block}",
        view.say("Xếp hạng: ", "Ranking: ") + view.words(facts["blocks"][block]),
        " · ".join(note),
        (
            (view.say("Hạng", "Rank"), True),
            (view.say("Khoảng hạng 95%", "95% rank interval"), True),
            (view.say("Nhóm", "Group"), True),
            (view.say("Đơn vị", "Unit"), False),
            (view.say("Tổng điểm", "Points"), True),
            (view.say("Khoảng tin cậy 95%", "95% interval"), True),
            (view.say("Xếp loại", "Band"), False),
        ),
        tuple(rows),
        sortable=True,
    )


def _point_grid(view: View, id_: str, caption: str, rows: Sequence[Mapping[str, str]]) -> Grid:
    columns = ("maximum", "self_scored", "appraised", "survey", "final")
    return Grid(
        id_,
        caption,
        view.say(
            "Điểm; khoảng tin cậy 95% của phần điều tra", "Points; 95% interval of the survey part"
        ),
        (
            (view.say("Tiêu chí", "Criterion"), False),
            (view.say("Tối đa", "Maximum"), True),
            (view.say("Tự chấm", "Self-scored"), True),
            (view.say("Thẩm định", "Appraised"), True),
            (view.say("Điều tra", "Survey"), True),
            (view.say("Điểm đạt", "Final"), True),
            (view.say("Khoảng 95%", "95% interval"), True),
        ),
        tuple(
            (
                Cell(_criterion(view, row), head=True),
                *(
                    Cell(
                        view.number(row[column]),
                        row[column],
                        row["flag"] if column == "final" and not row[column] else "",
                        number=True,
                    )
                    for column in columns
                ),
                Cell(view.interval(row), number=True),
            )
            for row in rows
        ),
    )


def _criterion(view: View, row: Mapping[str, str]) -> str:
    """Return a criterion as people name it: its number and title; the sum has no number."""
    title = row["title_en" if view.lang == "en" else "title_vi"]
    return f"{row['criterion']} {title}" if row["criterion"][:1].isdigit() else title


def _points(view: View) -> dict[str, Any]:
    blocks = []
    for block, points in view.frozen.points.items():
        names = {
            str(row["agency_code"]): str(row["name"])
            for table in view.frozen.standings.values()
            for row in _records(table)
        }
        by_agency: dict[str, list[dict[str, str]]] = {}
        for row in _records(points):
            by_agency.setdefault(str(row["agency_code"]), []).append(row)
        grids = [
            _point_grid(view, f"points-{block}-{number}", names.get(code, code), rows)
            for number, (code, rows) in enumerate(by_agency.items(), start=1)
        ]
        grids.sort(key=lambda grid: alphabetical(grid.caption))
        blocks.append({"name": view.words(view.frozen.facts["blocks"][block]), "grids": grids})
    province = None
    if view.frozen.province_points is not None:
        rows = [{**row, "flag": ""} for row in _records(view.frozen.province_points)]
        province = _point_grid(
            view,
            "points-province",
            view.words(view.frozen.facts["province"]),
            rows,
        )
    return {"blocks": blocks, "province": province}


def _duties(view: View) -> dict[str, Any]:
    rows = tuple(
        (
            Cell(str(row["name"]), head=True),
            Cell(str(row["reason_en" if view.lang == "en" else "reason_vi"])),
            Cell(str(row["clause"])),
            Cell(str(row["domain"]) or "–"),
            Cell(view.percent(row["percent"]), row["percent"], number=True),
            Cell(view.day(row["due_on"]), row["due_on"], number=True),
        )
        for row in _records(view.frozen.duties)
    )
    agencies = len(set(view.frozen.duties["agency_code"]))
    grid = Grid(
        "duties",
        view.say("Đơn vị phải gửi báo cáo kiểm điểm", "Agencies that owe a review report"),
        view.say(
            f"{agencies} đơn vị, {len(rows)} lý do", f"{agencies} agencies, {len(rows)} reasons"
        ),
        (
            (view.say("Đơn vị", "Agency"), False),
            (view.say("Lý do", "Reason"), False),
            (view.say("Căn cứ", "Clause"), False),
            (view.say("Lĩnh vực", "Domain"), False),
            (view.say("Tỷ lệ điểm đạt", "Share of points"), True),
            (view.say("Hạn gửi", "Due"), True),
        ),
        rows,
        sortable=True,
    )
    return {"grid": grid if rows else None}


def _methodology(view: View) -> dict[str, Any]:
    facts = view.frozen.facts
    rounds = []
    for each in facts["rounds"]:
        code = str(each["id"])
        issued, used, valid = int(each["issued"]), int(each["used"]), int(each["valid"])
        rate = f"{100 * valid / issued:.1f}" if issued else ""
        accounting = Grid(
            f"accounting-{code}",
            view.say("Phiếu phát ra, thu về, hợp lệ", "Codes issued, returned and valid"),
            view.words(each["title"]),
            (
                (view.say("Bước", "Step"), False),
                (view.say("Số phiếu", "Number"), True),
            ),
            (
                (
                    Cell(view.say("Phát ra", "Issued"), head=True),
                    Cell(view.number(str(issued)), number=True),
                ),
                (
                    Cell(view.say("Thu về", "Returned"), head=True),
                    Cell(view.number(str(used)), number=True),
                ),
                (
                    Cell(view.say("Hợp lệ", "Valid"), head=True),
                    Cell(view.number(str(valid)), number=True),
                ),
                (
                    Cell(view.say("Hợp lệ trên phát ra", "Valid of issued"), head=True),
                    Cell(view.percent(rate), number=True),
                ),
            ),
        )
        rounds.append(
            {
                "facts": each,
                "accounting": accounting,
                "rules": _rules_grid(view, each),
                "weights": _weights_grid(view, each),
                "truth": _truth_grid(view, each),
            }
        )
    files = [
        (name, each[name])
        for each in facts["rounds"]
        for name in ("frame_sha256", "draw_sha256", "snapshot_sha256")
    ]
    return {"rounds": rounds, "files": files, "formulas": RULE_FORMULAS, "rule_names": RULES}


def _rules_grid(view: View, facts: Mapping[str, Any]) -> Grid | None:
    each = str(facts["id"])
    lines = view.quantities(each, "overall", "block", "factor")
    rules = [
        rule for rule in RULE_FORMULAS if any(view.row(each, q["quantity"], rule) for q in lines)
    ]
    if not lines or not rules:
        return None
    rows = []
    for line in lines:
        cells = [Cell(view.label(each, line["quantity"]), head=True)]
        for rule in rules:
            value, interval, _ = view.figure_cells(view.row(each, line["quantity"], rule))
            text = value.text if value.mark in {"c", "u"} else f"{value.text} {interval.text}"
            cells.append(Cell(text, value.key, value.mark, number=True))
        rows.append(tuple(cells))
    return Grid(
        f"rules-{each}",
        view.say("Ba quy tắc tính đặt cạnh nhau", "The three index rules side by side"),
        view.note(facts, view.headline(each)),
        (
            (view.say("Nội dung", "What is measured"), False),
            *(
                (
                    view.rule_name(rule)
                    + (view.say(" – áp dụng", " – in force") if rule == view.rule else ""),
                    True,
                )
                for rule in rules
            ),
        ),
        tuple(rows),
        headings=frozenset({0}),
    )


def _weights_grid(view: View, facts: Mapping[str, Any]) -> Grid | None:
    rows = [r for r in _records(view.frozen.weighting) if r["round"] == str(facts["id"])]
    if not rows:
        return None

    def named(row: Mapping[str, str], column: str) -> str:
        english = row[f"{column}_en"]
        if view.lang == "en":
            return english or _TERMS_EN.get(row[column], row[column])
        return _TERMS_VI.get(row[column], row[column])

    return Grid(
        f"weights-{facts['id']}",
        view.say("Trọng số: từng bước", "Weights, step by step"),
        view.say("trọng số: ", "weights: ") + view.words(facts["weight_status"]),
        (
            (view.say("Bước", "Step"), False),
            (view.say("Đại lượng", "Quantity"), False),
            (view.say("Giá trị", "Value"), True),
        ),
        tuple(
            (
                Cell(named(row, "step"), head=True),
                Cell(named(row, "quantity")),
                Cell(
                    view.number(row["value"]) if _plain(row["value"]) else row["value"], number=True
                ),
            )
            for row in rows
        ),
    )


_TERMS_VI = {
    "design": "Trọng số thiết kế",
    "nonresponse": "Điều chỉnh không trả lời",
    "calibrated": "Hiệu chỉnh theo dân số",
    "calibration": "Hiệu chỉnh theo dân số",
    "trimming": "Giới hạn trọng số",
    "trimmed": "Giới hạn trọng số",
    "final": "Trọng số cuối",
    "sum": "Tổng",
    "min": "Nhỏ nhất",
    "max": "Lớn nhất",
    "mean": "Trung bình",
    "median": "Trung vị",
    "cv": "Hệ số biến thiên",
    "kish": "Hệ số Kish",
    "kish_factor": "Hệ số Kish",
    "n_effective": "Cỡ mẫu hiệu dụng",
}
_TERMS_EN = {
    "design": "Design weight",
    "nonresponse": "Nonresponse adjustment",
    "calibrated": "Calibration",
    "calibration": "Calibration",
    "trimming": "Trimming",
    "trimmed": "Trimming",
    "final": "Final weight",
    "sum": "Sum",
    "min": "Smallest",
    "max": "Largest",
    "mean": "Mean",
    "median": "Median",
    "cv": "Coefficient of variation",
    "kish": "Kish factor",
    "kish_factor": "Kish factor",
    "n_effective": "Effective sample size",
}


def _truth_grid(view: View, facts: Mapping[str, Any]) -> Grid | None:
    if view.frozen.truth is None:
        return None
    each = str(facts["id"])
    rows = [row for row in _records(view.frozen.truth) if row["round"] == each]
    if not rows:
        return None
    yes, no = view.say("có", "yes"), view.say("không", "no")
    covered = sum(row["covered"] == "1" for row in rows)
    return Grid(
        f"truth-{each}",
        view.say("So với giá trị thật của mô phỏng", "Against the simulated truth"),
        view.say(
            f"{covered} trên {len(rows)} khoảng chứa giá trị thật",
            f"{covered} of {len(rows)} intervals hold the truth",
        )
        + " · "
        + view.note(facts, view.headline(each)),
        (
            (view.say("Nội dung", "What is measured"), False),
            (view.say("Giá trị thật", "Truth"), True),
            (view.say("Ước lượng", "Estimate"), True),
            (view.say("Khoảng tin cậy 95%", "95% interval"), True),
            (view.say("Khoảng có chứa giá trị thật", "Interval holds the truth"), False),
        ),
        tuple(
            (
                Cell(view.label(each, row["quantity"]), head=True),
                Cell(view.number(row["truth"]), number=True),
                Cell(view.number(row["estimate"]), number=True),
                Cell(view.interval(row), number=True),
                Cell({"1": yes, "0": no}.get(row["covered"], "–")),
            )
            for row in rows
        ),
    )


def _plain(text: str) -> bool:
    return text.lstrip("-").replace(".", "", 1).isdigit()


_CONTEXTS: Mapping[str, Callable[[View], dict[str, Any]]] = {
    "index": _overview,
    "tables": _tables,
    "communes": _communes,
    "counters": _counters,
    "points": _points,
    "duties": _duties,
    "methodology": _methodology,
}


def _copy_downloads(folder: Path, site: Path) -> list[tuple[str, int, str]]:
    """Copy tables and data beside the pages; return path, size and digest of each."""
    listed = []
    for part in ("tables", "data"):
        for file in sorted((folder / part).rglob("*")):
            if not file.is_file() or file.name == FACTS:
                continue
            path = f"{part}/{file.relative_to(folder / part).as_posix()}"
            target = site / "downloads" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)
            content = file.read_bytes()
            listed.append((path, len(content), hashlib.sha256(content).hexdigest()))
    return listed


_FILE_WORDS: Mapping[str, Words] = {
    "tables/hailong.xlsx": Words(
        "Tất cả các bảng trong một tệp Excel", "All tables in one Excel workbook"
    ),
    "tables/estimates.csv": Words(
        "Ước lượng: mọi chỉ số, mọi nhóm", "Estimates: all indices, all groups"
    ),
    "tables/labels.csv": Words("Tên các chỉ số", "Names of the quantities"),
    "tables/units.csv": Words("Đơn vị và điểm trung tâm", "Units and their centre points"),
    "tables/duties.csv": Words(
        "Đơn vị phải báo cáo kiểm điểm", "Agencies that owe a review report"
    ),
    "tables/weighting.csv": Words("Trọng số từng bước", "Weights, step by step"),
    "tables/rounds.csv": Words("Các đợt khảo sát", "Survey rounds"),
    "tables/truth.csv": Words("So với giá trị thật của mô phỏng", "Against the simulated truth"),
    "tables/province-points.csv": Words("Điểm của tỉnh, thành phố", "Points of the province"),
}


def _download_groups(view: View, files: Sequence[tuple[str, int, str]]) -> list[dict[str, Any]]:
    groups = []
    for part, name in (
        ("tables", Words("Bảng kết quả", "Tables of results")),
        ("data", Words("Dữ liệu và tệp gốc", "Data and source files")),
    ):
        own = [file for file in files if file[0].startswith(f"{part}/")]
        own.sort(key=lambda file: (not file[0].endswith(".xlsx"), file[0]))
        rows = [
            {
                "path": f"{'' if view.lang == 'vi' else '../'}downloads/{path}",
                "name": path.removeprefix(f"{part}/"),
                "what": _file_words(view, path),
                "size": view.number(str(max(1, round(size / 1024)))) + " KB",
                "sha256": digest,
            }
            for path, size, digest in own
        ]
        if rows:
            groups.append({"key": part, "name": view.words(name), "rows": rows})
    return groups


def _file_words(view: View, path: str) -> str:
    if path in _FILE_WORDS:
        return view.words(_FILE_WORDS[path])
    stem = Path(path).stem
    for prefix, words in (
        ("tables/standing-", Words("Xếp hạng: ", "Ranking: ")),
        ("tables/points-", Words("Điểm từng tiêu chí: ", "Points by criterion: ")),
    ):
        block = stem.partition("-")[2]
        if path.startswith(prefix) and block in view.frozen.facts["blocks"]:
            return view.words(words) + view.words(view.frozen.facts["blocks"][block])
    return view.say("Tệp của đợt khảo sát", "File of the round")
