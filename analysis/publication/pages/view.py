"""The frozen tables seen in one language: numbers, names, notes, rows and charts."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.publication.content import CATEGORIES, RULES
from analysis.publication.figures import (
    IntervalRow,
    Spelling,
    intervals,
)
from analysis.publication.pages.grids import Cell, Picture
from analysis.publication.tables import Frozen
from intake.findings import Words

LANGUAGES = ("vi", "en")


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
            for row in records(frozen.labels)
        }
        self._order = {
            (row["round"], row["quantity"]): position
            for position, row in enumerate(records(frozen.labels))
        }
        self.estimates = records(frozen.estimates)
        self._rows = {
            (row["round"], row["quantity"], row["rule"], row["domain"], row["category"]): row
            for row in self.estimates
        }
        self.units = {row["unit_id"]: row for row in records(frozen.units)}

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


def records(table: pd.DataFrame) -> list[dict[str, str]]:
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


def interval_rows(view: View, named: Iterable[tuple[str, Mapping[str, str]]]) -> list[IntervalRow]:
    """Return the rows of a chart of intervals; what is withheld is left out."""
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


def interval_picture(
    view: View,
    name: str,
    title: str,
    facts: Mapping[str, Any],
    rows: Sequence[IntervalRow],
    alt: str,
) -> Picture:
    """Draw a chart of intervals, wide and narrow, and return it with its words."""
    each = str(facts["id"])
    spelling = view.spelling(f"{title} – {view.words(facts['title'])}")
    reference = reference_line(view, each)

    def draw(narrow: bool) -> str:
        return intervals(rows, spelling, reference=reference, narrow=narrow)

    caption = view.say(
        "Chấm: ước lượng; thanh: khoảng tin cậy 95%; đường đứt: chỉ số chung. "
        "Trục không bắt đầu từ 0.",
        "Dot: estimate; bar: 95% interval; dashed line: overall index. "
        "The axis does not start at zero.",
    )
    return view.picture(name, draw, alt, caption)


def reference_line(view: View, round_id: str) -> tuple[float, str] | None:
    """Return the overall figure that a chart shows as a line, with its label."""
    row = view.headline(round_id)
    if row is None or not row["value"]:
        return None
    return float(row["value"]), view.say("Chung ", "Overall ") + view.number(row["value"])


def column_heads(view: View, first: str) -> tuple[tuple[str, bool], ...]:
    """Return the heads of a table of figures with their intervals."""
    return (
        (first, False),
        (view.say("Chỉ số (%)", "Index (%)"), True),
        (view.say("Khoảng tin cậy 95%", "95% interval"), True),
        (view.say("Số phiếu (n)", "Answers (n)"), True),
    )


def is_plain(text: str) -> bool:
    """Tell whether a text is a number and nothing else."""
    return text.lstrip("-").replace(".", "", 1).isdigit()
