"""The rules of an index year for one block of agencies, read from a file and checked.

An index year is a tree of domains, criteria and sub-criteria with their maxima, the bands by
which totals are classified, and who owes a review report. All of it changes by decision, so
all of it is data; each part names the decision that says so, or ``unverified``. The format is
shown in the files under ``years/``.

Points are in the unit of the tree, usually 100 in all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any

from intake.documents import path_text, read_document
from intake.findings import Faults, Finding, IndexYearError, Words, errors_of

UNVERIFIED = "unverified"
KINDS = ("points", "linear", "step", "ratio", "boolean", "deduction", "survey")
RULES = ("top2", "mean5", "mean04")
SCOPES = ("unit", "all")
_SUM_SLACK = 1e-9
_YEARS = "years"


@dataclass(frozen=True)
class Expression:
    """How what was found becomes points.

    ``points``: the council enters points. ``linear``: from ``low`` (no points) to ``high``
    (all points). ``step``: the points of the highest step reached. ``ratio``: value over
    ``target``. ``boolean``: 1 gives all points. ``deduction``: each one counted costs
    ``each``. ``survey``: the index of ``quantity`` under ``rule``, as a share of 100.
    """

    kind: str = "points"
    low: float = 0.0
    high: float = 100.0
    steps: tuple[tuple[float, float], ...] = ()
    target: float = 100.0
    each: float = 1.0
    quantity: str = ""
    rule: str = ""
    round: str = ""
    scope: str = "unit"

    def points(self, value: float, maximum: float) -> float:
        """Return the points of a value, between 0 and the maximum.

        Examples
        --------
        >>> Expression("deduction", each=0.5).points(3, 2.0)
        0.5
        >>> Expression("step", steps=((80, 1.0), (95, 2.0))).points(90, 2.0)
        1.0
        """
        share = 0.0
        if self.kind == "points":
            return min(max(value, 0.0), maximum)
        if self.kind == "step":
            reached = [points for floor, points in self.steps if value >= floor]
            return max(reached, default=0.0)
        if self.kind == "deduction":
            return min(max(maximum - self.each * value, 0.0), maximum)
        if self.kind == "linear":
            share = (value - self.low) / (self.high - self.low)
        elif self.kind == "ratio":
            share = value / self.target
        elif self.kind == "boolean":
            share = 1.0 if value >= 1 else 0.0
        elif self.kind == "survey":
            share = value / 100.0
        return maximum * min(max(share, 0.0), 1.0)


@dataclass(frozen=True)
class Criterion:
    """A domain, criterion or sub-criterion; only those without children have an expression."""

    code: str
    name: Words
    maximum: float
    source: str
    expression: Expression | None = None
    children: tuple[Criterion, ...] = ()
    owner: str = ""

    def leaves(self) -> Iterator[Criterion]:
        """Yield the parts that are scored themselves, in order."""
        if not self.children:
            yield self
        for child in self.children:
            yield from child.leaves()

    def walk(self) -> Iterator[Criterion]:
        """Yield this part and everything below it, parents first."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True)
class Band:
    """A class of totals; ``floor`` belongs to it."""

    code: str
    name: Words
    floor: float


@dataclass(frozen=True)
class DutyRules:
    """Who owes a review report: thresholds, domains, head ratings, date, each clause as text."""

    source: str
    threshold: float
    domains: tuple[str, ...]
    domain_clause: Words
    head_ratings: tuple[str, ...]
    head_clause: Words
    month: int
    day: int

    def due_on(self, year: int) -> date:
        """Return the date by which reports about a year are due, in the year after."""
        return date(year + 1, self.month, self.day)


@dataclass(frozen=True)
class IndexYear:
    """The tree, bands and duties of one year and one block of agencies."""

    id: str
    year: int
    block: str
    title: Words
    source: str
    maximum: float
    rounds: Mapping[str, str]
    domains: tuple[Criterion, ...]
    bands_source: str
    bands: tuple[Band, ...]
    duties: DutyRules | None

    def leaves(self) -> tuple[Criterion, ...]:
        """Return everything that is scored itself."""
        return tuple(leaf for domain in self.domains for leaf in domain.leaves())

    def unverified(self) -> tuple[str, ...]:
        """Return the codes of criteria whose rule no decision confirms yet."""
        parts = [part for domain in self.domains for part in domain.walk()]
        return tuple(part.code for part in parts if part.source == UNVERIFIED)


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
        raise IndexYearError(
            Finding(
                "index-year-unknown",
                Words(f"Không có bộ tiêu chí “{year_id}”.", f"There is no index year “{year_id}”."),
                Words(f"Hiện có: {listed}.", f"There are: {listed}."),
            )
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
    _NEEDS: Mapping[str, tuple[str, ...]] = {
        "points": (),
        "linear": ("low", "high"),
        "step": ("steps",),
        "ratio": ("target",),
        "boolean": (),
        "deduction": ("each",),
        "survey": ("quantity", "round"),
    }
    _MAY: Mapping[str, tuple[str, ...]] = {"survey": ("rule", "scope")}

    def __init__(self, file: str, line: Any) -> None:  # noqa: ANN401
        self.faults = Faults(file)
        self._line = line
        self._codes: set[str] = set()
        self._rule = ""
        self._rounds: dict[str, str] = {}

    def year(self, value: object) -> IndexYear | None:
        top = self._mapping(value, (), self._TOP)
        for key in ("id", "year", "block", "title", "source", "total", "criteria", "bands"):
            if key not in top:
                self._note(
                    "index-key-missing", (key,), f"Thiếu khóa “{key}”.", f"Key “{key}” is missing."
                )
        self._rule = str(top.get("index_rule", ""))
        if self._rule and self._rule not in RULES:
            self._note(
                "index-value",
                ("index_rule",),
                f"Không có quy tắc “{self._rule}”.",
                f"There is no rule “{self._rule}”; choose {', '.join(RULES)}.",
            )
        rounds = self._mapping(top.get("rounds", {}), ("rounds",), None)
        self._rounds = {str(key): str(name) for key, name in rounds.items()}
        total = self._number(top.get("total"), ("total",))
        given = self._list(top.get("criteria"), ("criteria",))
        domains = tuple(
            self._part(part, ("criteria", index), str(top.get("source", UNVERIFIED)))
            for index, part in enumerate(given)
        )
        self._check_sum(total, domains, ("total",), "total")
        bands_source, bands = self._bands(top.get("bands"))
        year_number = top.get("year")
        if not isinstance(year_number, int) or isinstance(year_number, bool):
            self._note("index-value", ("year",), "year phải là số năm.", "year must be a year.")
            year_number = 1
        return IndexYear(
            id=str(top.get("id", "")),
            year=year_number,
            block=str(top.get("block", "")),
            title=self._words(top.get("title"), ("title",)),
            source=str(top.get("source", "")),
            maximum=total,
            rounds=self._rounds,
            domains=domains,
            bands_source=bands_source,
            bands=bands,
            duties=self._duties(top.get("duties")),
        )

    def _part(self, value: object, path: tuple[str | int, ...], source: str) -> Criterion:
        part = self._mapping(value, path, self._PART)
        code = part.get("code")
        if not isinstance(code, str) or not code:
            self._note(
                "index-value",
                (*path, "code"),
                "Mã phải là chữ, đặt trong dấu nháy.",
                "A code is text: put it in quotes.",
            )
        elif code in self._codes or code == "total":
            self._note(
                "criterion-code-repeated",
                (*path, "code"),
                f"Mã “{code}” bị trùng.",
                f"Code “{code}” comes twice.",
            )
        self._codes.add(str(code))
        maximum = self._number(part.get("maximum"), (*path, "maximum"))
        if maximum <= 0:
            self._note(
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
                row=self._line(path),
                severity="warning",
            )
        given = self._list(part.get("children", []), (*path, "children"))
        children = tuple(
            self._part(child, (*path, "children", index), own_source)
            for index, child in enumerate(given)
        )
        expression = None
        if children:
            if "expression" in part:
                self._note(
                    "criterion-expression",
                    (*path, "expression"),
                    f"Tiêu chí {code} có thành phần nên không tự chấm.",
                    f"Criterion {code} has children and is not scored itself.",
                )
            self._check_sum(maximum, children, (*path, "maximum"), str(code))
        else:
            expression = self._expression(
                part.get("expression", {"kind": "points"}), (*path, "expression"), maximum
            )
        return Criterion(
            str(code),
            self._words(part.get("name"), (*path, "name")),
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
            self._note(
                "criterion-sum",
                path,
                f"{code}: điểm tối đa {maximum:g}, các thành phần cộng lại {total:g}.",
                f"{code}: the maximum is {maximum:g}, its parts sum to {total:g}.",
            )

    def _expression(self, value: object, path: tuple[str | int, ...], maximum: float) -> Expression:
        given = self._mapping(value, path, None)
        kind = given.get("kind")
        if kind not in KINDS:
            self._note(
                "criterion-expression",
                path,
                f"Không có cách tính “{kind}”.",
                f"There is no kind “{kind}”; choose {', '.join(KINDS)}.",
            )
            return Expression()
        needs = self._NEEDS[kind]
        for key in needs:
            if key not in given:
                self._note(
                    "criterion-expression",
                    path,
                    f"Cách tính {kind} thiếu “{key}”.",
                    f"Kind {kind} needs “{key}”.",
                )
        for key in given:
            if key not in ("kind", *needs, *self._MAY.get(kind, ())):
                self._note(
                    "index-key-unknown",
                    (*path, key),
                    f"Không có khóa “{key}”.",
                    f"There is no key “{key}” for kind {kind}.",
                )
        if any(key not in given for key in needs):
            return Expression()
        if kind == "survey":
            return self._survey(given, path)
        if kind == "step":
            return Expression("step", steps=self._steps(given["steps"], (*path, "steps"), maximum))
        numbers = {key: self._number(given[key], (*path, key)) for key in needs}
        if kind == "linear" and numbers["low"] == numbers["high"]:
            self._note(
                "criterion-expression",
                path,
                "low và high phải khác nhau.",
                "low and high must differ.",
            )
        if kind in ("ratio", "deduction") and numbers[needs[0]] <= 0:
            self._note(
                "criterion-expression",
                path,
                f"{needs[0]} phải lớn hơn 0.",
                f"{needs[0]} must be above zero.",
            )
        return replace(Expression(kind), **numbers)  # type: ignore[arg-type]

    def _survey(self, given: Mapping[str, Any], path: tuple[str | int, ...]) -> Expression:
        rule = str(given.get("rule", self._rule))
        scope = str(given.get("scope", "unit"))
        round_name = str(given["round"])
        if rule not in RULES:
            self._note(
                "criterion-expression",
                path,
                f"Quy tắc “{rule}” không hợp lệ.",
                f"The rule “{rule}” is not one of {', '.join(RULES)}.",
            )
        if scope not in SCOPES:
            self._note(
                "criterion-expression",
                (*path, "scope"),
                "scope là unit hoặc all.",
                "scope is unit or all.",
            )
        if round_name not in self._rounds:
            self._note(
                "criterion-expression",
                (*path, "round"),
                f"Đợt “{round_name}” không có trong rounds.",
                f"Round “{round_name}” is not listed under rounds.",
            )
        return Expression(
            "survey", quantity=str(given["quantity"]), rule=rule, round=round_name, scope=scope
        )

    def _steps(
        self, value: object, path: tuple[str | int, ...], maximum: float
    ) -> tuple[tuple[float, float], ...]:
        found = []
        for index, step in enumerate(self._list(value, path)):
            given = self._mapping(step, (*path, index), ("from", "points"))
            floor = self._number(given.get("from"), (*path, index, "from"))
            points = self._number(given.get("points"), (*path, index, "points"))
            if not 0 <= points <= maximum:
                self._note(
                    "criterion-expression",
                    (*path, index),
                    f"Bậc {points:g} điểm vượt tối đa {maximum:g}.",
                    f"A step of {points:g} points exceeds the maximum {maximum:g}.",
                )
            found.append((floor, points))
        return tuple(found)

    def _bands(self, value: object) -> tuple[str, tuple[Band, ...]]:
        given = self._mapping(value or {}, ("bands",), ("source", "list"))
        bands = []
        for index, part in enumerate(self._list(given.get("list"), ("bands", "list"))):
            path = ("bands", "list", index)
            band = self._mapping(part, path, ("code", "name", "from"))
            bands.append(
                Band(
                    str(band.get("code", "")),
                    self._words(band.get("name"), path),
                    self._number(band.get("from"), (*path, "from")),
                )
            )
        floors = [band.floor for band in bands]
        if bands and (floors != sorted(set(floors), reverse=True) or floors[-1] > 0):
            self._note(
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
        given = self._mapping(value, ("duties",), keys)
        for key in keys:
            if key not in given:
                self._note(
                    "index-key-missing",
                    ("duties", key),
                    f"Thiếu khóa “{key}”.",
                    f"Key “{key}” is missing.",
                )
                return None
        domains = [str(code) for code in self._list(given["domains"], ("duties", "domains"))]
        for index, code in enumerate(domains):
            if code not in self._codes:
                self._note(
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
            self._note(
                "index-value",
                ("duties", "due"),
                "Hạn phải có dạng tháng-ngày, ví dụ 04-01.",
                "The due date has the form month-day, such as 04-01.",
            )
            month, day = 1, 1
        return DutyRules(
            source=str(given["source"]),
            threshold=self._number(given["threshold_percent"], ("duties", "threshold_percent")),
            domains=tuple(domains),
            domain_clause=self._words(given["domain_clause"], ("duties", "domain_clause")),
            head_ratings=tuple(
                str(name) for name in self._list(given["head_ratings"], ("duties", "head_ratings"))
            ),
            head_clause=self._words(given["head_clause"], ("duties", "head_clause")),
            month=month,
            day=day,
        )

    def _mapping(
        self, value: object, path: tuple[str | int, ...], known: Sequence[str] | None
    ) -> Mapping[str, Any]:
        if not isinstance(value, Mapping):
            self._note("index-value", path, "Cần một bảng khóa và giá trị.", "A mapping is needed.")
            return {}
        for key in value:
            if known is not None and key not in known:
                self._note(
                    "index-key-unknown",
                    (*path, key),
                    f"Không có khóa “{key}”.",
                    f"There is no key “{key}”; known are {', '.join(known)}.",
                )
        return value

    def _list(self, value: object, path: tuple[str | int, ...]) -> list[Any]:
        if not isinstance(value, list):
            self._note("index-value", path, "Cần một danh sách.", "A list is needed.")
            return []
        return value

    def _number(self, value: object, path: tuple[str | int, ...]) -> float:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return float(value)
        self._note("index-value", path, f"“{value}” không phải là số.", f"“{value}” is no number.")
        return 0.0

    def _words(self, value: object, path: tuple[str | int, ...]) -> Words:
        if isinstance(value, Mapping) and value.get("vi"):
            vi = str(value["vi"])
            return Words(vi, str(value.get("en") or vi))
        self._note(
            "index-value", path, "Cần tên gọi {vi: …, en: …}.", "A name {vi: …, en: …} is needed."
        )
        return Words("", "")

    def _note(self, code: str, path: tuple[str | int, ...], vi: str, en: str) -> None:
        self.faults.add(
            code,
            Words(vi, en),
            Words("Sửa tệp bộ tiêu chí rồi kiểm tra lại.", "Mend the file and check it again."),
            path=path_text(path),
            row=self._line(path),
        )
