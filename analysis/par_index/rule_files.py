"""The rules file of an index year, read and checked with all its faults at once.

The format is shown in the files under ``years/``.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any

from analysis.par_index.criteria import (
    RULES,
    UNVERIFIED,
    Band,
    Criterion,
    DutyRules,
    IndexYear,
)
from analysis.par_index.expressions import ExpressionReader
from analysis.par_index.values import Values
from intake.documents import path_text, read_document
from intake.findings import Finding, IndexYearError, Words, errors_of

_SUM_SLACK = 1e-9
_YEARS = "years"


def available() -> tuple[str, ...]:
    """Return the ids of the index years that come with the package."""
    folder = resources.files("analysis.par_index") / _YEARS
    return tuple(
        sorted(entry.name[:-5] for entry in folder.iterdir() if entry.name.endswith(".yaml"))
    )


def load(year_id: str) -> IndexYear:
    """Return an index year that comes with the package.

    Raises
    ------
    IndexYearError
        ``index-year-unknown`` with those there are.
    """
    if year_id not in available():
        listed = ", ".join(available())
        raise IndexYearError.of(
            "index-year-unknown",
            f"Không có bộ tiêu chí “{year_id}”.",
            f"There is no index year “{year_id}”.",
            f"Hiện có: {listed}.",
            f"There are: {listed}.",
        )
    with resources.as_file(
        resources.files("analysis.par_index") / _YEARS / f"{year_id}.yaml"
    ) as path:
        return read_index_year(path)


def read_index_year(path: Path) -> IndexYear:
    """Read the rules of an index year.

    Raises
    ------
    IntakeError
        The file is not readable YAML or JSON.
    IndexYearError
        All faults at once, each with line and path: ``index-key-missing``,
        ``index-key-unknown``, ``index-value``, ``criterion-code-repeated``,
        ``criterion-maximum``, ``criterion-sum``, ``criterion-expression``,
        ``bands-order``, ``duty-domain-unknown``.
    """
    year, findings = check_index_year(path)
    if year is None or errors_of(findings):
        raise IndexYearError(findings)
    return year


def check_index_year(path: Path) -> tuple[IndexYear | None, list[Finding]]:
    """Return the index year of a file, or None, and everything that is wrong with it.

    A rule without a decision number is a warning, ``rule-unverified``.
    """
    document = read_document(path)
    reader = _Reader(document.file, document.line)
    year = reader.year(document.value)
    return (None if errors_of(reader.faults.findings) else year), reader.faults.findings


class _Reader:
    _TOP = (
        "version",
        "id",
        "year",
        "block",
        "title",
        "source",
        "total",
        "index_rule",
        "rounds",
        "bands",
        "duties",
        "criteria",
    )
    _PART = ("code", "name", "maximum", "source", "owner", "expression", "children")

    def __init__(self, file: str, line: Any) -> None:  # noqa: ANN401
        self.values = Values(file, line)
        self.faults = self.values.faults
        self._codes: set[str] = set()
        self._expressions = ExpressionReader(self.values, "", {})

    def year(self, value: object) -> IndexYear | None:
        top = self.values.mapping(value, (), self._TOP)
        for key in ("id", "year", "block", "title", "source", "total", "criteria", "bands"):
            if key not in top:
                self.values.note(
                    "index-key-missing", (key,), f"Thiếu khóa “{key}”.", f"Key “{key}” is missing."
                )
        rule = str(top.get("index_rule", ""))
        if rule and rule not in RULES:
            self.values.note(
                "index-value",
                ("index_rule",),
                f"Không có quy tắc “{rule}”.",
                f"There is no rule “{rule}”; choose {', '.join(RULES)}.",
            )
        rounds = self.values.mapping(top.get("rounds", {}), ("rounds",), None)
        named = {str(key): str(name) for key, name in rounds.items()}
        self._expressions = ExpressionReader(self.values, rule, named)
        total = self.values.number(top.get("total"), ("total",))
        given = self.values.sequence(top.get("criteria"), ("criteria",))
        domains = tuple(
            self._part(part, ("criteria", index), str(top.get("source", UNVERIFIED)))
            for index, part in enumerate(given)
        )
        self._check_sum(total, domains, ("total",), "total")
        bands_source, bands = self._bands(top.get("bands"))
        year_number = top.get("year")
        if not isinstance(year_number, int) or isinstance(year_number, bool):
            self.values.note(
                "index-value", ("year",), "year phải là số năm.", "year must be a year."
            )
            year_number = 1
        return IndexYear(
            id=str(top.get("id", "")),
            year=year_number,
            block=str(top.get("block", "")),
            title=self.values.words(top.get("title"), ("title",)),
            source=str(top.get("source", "")),
            maximum=total,
            rounds=named,
            domains=domains,
            bands_source=bands_source,
            bands=bands,
            duties=self._duties(top.get("duties")),
        )

    def _part(self, value: object, path: tuple[str | int, ...], source: str) -> Criterion:
        part = self.values.mapping(value, path, self._PART)
        code = part.get("code")
        if not isinstance(code, str) or not code:
            self.values.note(
                "index-value",
                (*path, "code"),
                "Mã phải là chữ, đặt trong dấu nháy.",
                "A code is text: put it in quotes.",
            )
        elif code in self._codes or code == "total":
            self.values.note(
                "criterion-code-repeated",
                (*path, "code"),
                f"Mã “{code}” bị trùng.",
                f"Code “{code}” comes twice.",
            )
        self._codes.add(str(code))
        maximum = self.values.number(part.get("maximum"), (*path, "maximum"))
        if maximum <= 0:
            self.values.note(
                "criterion-maximum",
                (*path, "maximum"),
                "Điểm tối đa phải lớn hơn 0.",
                "The maximum must be above zero.",
            )
        own_source = str(part.get("source", source))
        if own_source == UNVERIFIED and "source" in part:
            self.faults.add(
                "rule-unverified",
                Words(
                    f"Tiêu chí {code}: chưa có số quyết định.",
                    f"Criterion {code}: no decision number yet.",
                ),
                Words(
                    "Ghi số quyết định khi đã ban hành.", "Enter the decision when it is issued."
                ),
                path=path_text(path),
                row=self.values.line(path),
                severity="warning",
            )
        given = self.values.sequence(part.get("children", []), (*path, "children"))
        children = tuple(
            self._part(child, (*path, "children", index), own_source)
            for index, child in enumerate(given)
        )
        expression = None
        if children:
            if "expression" in part:
                self.values.note(
                    "criterion-expression",
                    (*path, "expression"),
                    f"Tiêu chí {code} có thành phần nên không tự chấm.",
                    f"Criterion {code} has children and is not scored itself.",
                )
            self._check_sum(maximum, children, (*path, "maximum"), str(code))
        else:
            expression = self._expressions.read(
                part.get("expression", {"kind": "points"}), (*path, "expression"), maximum
            )
        return Criterion(
            str(code),
            self.values.words(part.get("name"), (*path, "name")),
            maximum,
            own_source,
            expression,
            children,
            str(part.get("owner", "")),
        )

    def _check_sum(
        self, maximum: float, children: Sequence[Criterion], path: tuple[str | int, ...], code: str
    ) -> None:
        total = sum(child.maximum for child in children)
        if abs(total - maximum) > _SUM_SLACK:
            self.values.note(
                "criterion-sum",
                path,
                f"{code}: điểm tối đa {maximum:g}, các thành phần cộng lại {total:g}.",
                f"{code}: the maximum is {maximum:g}, its parts sum to {total:g}.",
            )

    def _bands(self, value: object) -> tuple[str, tuple[Band, ...]]:
        given = self.values.mapping(value or {}, ("bands",), ("source", "list"))
        bands = []
        for index, part in enumerate(self.values.sequence(given.get("list"), ("bands", "list"))):
            path = ("bands", "list", index)
            band = self.values.mapping(part, path, ("code", "name", "from"))
            bands.append(
                Band(
                    str(band.get("code", "")),
                    self.values.words(band.get("name"), path),
                    self.values.number(band.get("from"), (*path, "from")),
                )
            )
        floors = [band.floor for band in bands]
        if bands and (floors != sorted(set(floors), reverse=True) or floors[-1] > 0):
            self.values.note(
                "bands-order",
                ("bands", "list"),
                "Các mức phải giảm dần và mức cuối bắt đầu từ 0.",
                "Bands must descend, and the last one must start at 0.",
            )
        return str(given.get("source", UNVERIFIED)), tuple(bands)

    def _duties(self, value: object) -> DutyRules | None:
        if value is None:
            return None
        keys = (
            "source",
            "threshold_percent",
            "domains",
            "domain_clause",
            "head_ratings",
            "head_clause",
            "due",
        )
        given = self.values.mapping(value, ("duties",), keys)
        for key in keys:
            if key not in given:
                self.values.note(
                    "index-key-missing",
                    ("duties", key),
                    f"Thiếu khóa “{key}”.",
                    f"Key “{key}” is missing.",
                )
                return None
        domains = [
            str(code) for code in self.values.sequence(given["domains"], ("duties", "domains"))
        ]
        for index, code in enumerate(domains):
            if code not in self._codes:
                self.values.note(
                    "duty-domain-unknown",
                    ("duties", "domains", index),
                    f"Không có lĩnh vực “{code}”.",
                    f"There is no criterion “{code}”.",
                )
        month, day = 1, 1
        try:
            month, day = (int(part) for part in str(given["due"]).split("-"))
            date(2023, month, day)
        except ValueError:
            self.values.note(
                "index-value",
                ("duties", "due"),
                "Hạn phải có dạng tháng-ngày, ví dụ 04-01.",
                "The due date has the form month-day, such as 04-01.",
            )
            month, day = 1, 1
        return DutyRules(
            source=str(given["source"]),
            threshold=self.values.number(
                given["threshold_percent"], ("duties", "threshold_percent")
            ),
            domains=tuple(domains),
            domain_clause=self.values.words(given["domain_clause"], ("duties", "domain_clause")),
            head_ratings=tuple(
                str(name)
                for name in self.values.sequence(given["head_ratings"], ("duties", "head_ratings"))
            ),
            head_clause=self.values.words(given["head_clause"], ("duties", "head_clause")),
            month=month,
            day=day,
        )
