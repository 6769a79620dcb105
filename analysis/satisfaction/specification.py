"""What is to be estimated from a frozen round, as a file says it, checked with all its faults."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from analysis.design import LONELY_CHOICES
from analysis.satisfaction.composition import Aggregation
from analysis.satisfaction.rules import IndexRule
from intake.documents import path_text, read_document
from intake.findings import EstimationError, Faults, Words

WEIGHT_CHOICES = ("final", "calibrated", "nonresponse", "design", "unweighted")


@dataclass(frozen=True)
class EstimateSpec:
    """What is to be estimated from a frozen round; see `read_estimate_spec`."""

    questionnaire: str
    weights: str = "final"
    weights_file: str | None = None
    strata: str | None = "stratum"
    lonely_psu: str = "fail"
    fpc: str | None = None
    rules: tuple[IndexRule, ...] = tuple(IndexRule)
    aggregation: Aggregation = field(default_factory=Aggregation)
    domains: tuple[tuple[str, ...], ...] = ((),)
    units: str | None = "unit"
    shares: bool | tuple[str, ...] = True
    level: float = 0.95


def read_estimate_spec(path: Path) -> EstimateSpec:
    """Read the specification of an estimation.

    The file (YAML or JSON)::

        version: 1
        questionnaire: citizen@2026-1
        weights: final               # or {file: weights.parquet, column: final}
        design: {strata: stratum, lonely_psu: fail, fpc: null}
        rules: [top2, mean5, mean04]
        aggregation: {factor: mean, block: items, overall: items}
        domains: [[], [urban], [gioi_tinh], [gioi_tinh, do_tuoi]]
        units: unit                  # or false
        shares: true                 # or false, or a list of item codes
        level: 0.95

    Raises
    ------
    IntakeError
        The file is not readable YAML or JSON.
    EstimationError
        All faults at once, each with line and path.
    """
    document = read_document(path)
    return estimate_spec(document.value, document.file, document.line)


def estimate_spec(value: object, file: str | None = None, line: Any = None) -> EstimateSpec:  # noqa: ANN401
    """Check a specification given as plain values; faults are those of `read_estimate_spec`."""
    reader = _Reader(value, file, line)
    spec = reader.read()
    reader.faults.raise_as(EstimationError)
    return spec


class _Reader:
    _KEYS = (
        "version",
        "questionnaire",
        "weights",
        "design",
        "rules",
        "aggregation",
        "domains",
        "units",
        "shares",
        "level",
    )

    def __init__(self, value: object, file: str | None, line: Any) -> None:  # noqa: ANN401
        self.value: Mapping[str, Any] = value if isinstance(value, Mapping) else {}
        self.faults = Faults(file)
        self._line = line
        if not isinstance(value, Mapping):
            self._note(
                (),
                "Đặc tả phải là một bảng khóa và giá trị.",
                "The specification must be a mapping.",
            )
        for key in self.value:
            if key not in self._KEYS:
                self._note(
                    (key,),
                    f"Không có khóa “{key}”.",
                    f"There is no key “{key}”; known are {', '.join(self._KEYS)}.",
                )

    def read(self) -> EstimateSpec:
        questionnaire = self.value.get("questionnaire")
        if not isinstance(questionnaire, str) or questionnaire.count("@") != 1:
            self._note(
                ("questionnaire",),
                "Cần questionnaire: mã@phiên bản.",
                "Give questionnaire: ID@VERSION.",
            )
        file, column = self._weights()
        design = self._mapping("design", ("strata", "psu", "lonely_psu", "fpc"))
        lonely = design.get("lonely_psu", "fail")
        if lonely not in LONELY_CHOICES:
            self._note(
                ("design", "lonely_psu"),
                f"lonely_psu “{lonely}” không hợp lệ.",
                f"lonely_psu is one of {', '.join(LONELY_CHOICES)}.",
            )
        if design.get("psu", "psu") != "psu":
            self._note(
                ("design", "psu"),
                "Tệp đã chốt chỉ có cột psu.",
                "A frozen file has its primary units in column psu.",
            )
        shares = self.value.get("shares", True)
        if isinstance(shares, list):
            shares = tuple(str(code) for code in shares)
        elif not isinstance(shares, bool):
            self._note(
                ("shares",),
                "shares là true, false hoặc danh sách mã câu.",
                "shares is true, false or a list of item codes.",
            )
            shares = True
        level = self.value.get("level", 0.95)
        if not isinstance(level, int | float) or isinstance(level, bool) or not 0 < level < 1:
            self._note(("level",), "level nằm giữa 0 và 1.", "level lies between 0 and 1.")
            level = 0.95
        units = self.value.get("units", "unit")
        return EstimateSpec(
            questionnaire=str(questionnaire),
            weights=column,
            weights_file=file,
            strata=design.get("strata", "stratum"),
            lonely_psu=lonely if lonely in LONELY_CHOICES else "fail",
            fpc=design.get("fpc"),
            rules=self._rules(),
            aggregation=self._aggregation(),
            domains=self._domains(),
            units=str(units) if units else None,
            shares=shares,
            level=float(level),
        )

    def _weights(self) -> tuple[str | None, str]:
        given = self.value.get("weights", "final")
        file: object = None
        column: object = given
        if isinstance(given, Mapping):
            file, column = given.get("file"), given.get("column", "final")
        elif isinstance(given, str) and given.endswith(".parquet"):
            file, column = given, "final"
        if column not in WEIGHT_CHOICES or not (file is None or isinstance(file, str)):
            self._note(
                ("weights",),
                f"Trọng số “{column}” không hợp lệ.",
                f"weights is one of {', '.join(WEIGHT_CHOICES)}, or {{file, column}}.",
            )
            return None, "final"
        return file if isinstance(file, str) else None, str(column)

    def _rules(self) -> tuple[IndexRule, ...]:
        given = self.value.get("rules", [rule.value for rule in IndexRule])
        known = {rule.value for rule in IndexRule}
        if not isinstance(given, list) or not given or any(rule not in known for rule in given):
            self._note(
                ("rules",),
                "rules phải lấy từ top2, mean5, mean04.",
                "rules are taken from top2, mean5, mean04.",
            )
        # All rules are always computed; the ones named come first.
        named = (
            [IndexRule(rule) for rule in given if rule in known] if isinstance(given, list) else []
        )
        return tuple(dict.fromkeys([*named, *IndexRule]))

    def _aggregation(self) -> Aggregation:
        given = self._mapping("aggregation", ("factor", "block", "overall"))
        try:
            return Aggregation(
                **{
                    key: str(value)
                    for key, value in given.items()
                    if key in ("factor", "block", "overall")
                }
            )
        except EstimationError as fault:
            self._note(("aggregation",), fault.findings[0].message.vi, fault.findings[0].message.en)
            return Aggregation()

    def _domains(self) -> tuple[tuple[str, ...], ...]:
        given = self.value.get("domains", [[]])
        if not isinstance(given, list):
            self._note(("domains",), "domains là danh sách.", "domains is a list of lists.")
            return ((),)
        found: list[tuple[str, ...]] = []
        for index, part in enumerate(given):
            columns = [part] if isinstance(part, str) else part
            if not isinstance(columns, list) or not all(isinstance(name, str) for name in columns):
                self._note(
                    ("domains", index),
                    "Mỗi nhóm là danh sách tên cột.",
                    "Each domain is a list of column names.",
                )
                continue
            found.append(tuple(columns))
        return tuple(dict.fromkeys(found)) or ((),)

    def _mapping(self, key: str, known: Sequence[str]) -> Mapping[str, Any]:
        given = self.value.get(key, {})
        if not isinstance(given, Mapping):
            self._note((key,), f"{key} phải là một bảng.", f"{key} must be a mapping.")
            return {}
        for name in given:
            if name not in known:
                self._note(
                    (key, name),
                    f"Không có khóa “{name}”.",
                    f"There is no key “{name}”; known are {', '.join(known)}.",
                )
        return given

    def _note(self, path: tuple[str | int, ...], vi: str, en: str) -> None:
        self.faults.add(
            "estimate-spec",
            Words(vi, en),
            Words(
                "Xem mẫu trong tài liệu về ước lượng.", "See the example in the page on estimates."
            ),
            path=path_text(path),
            row=self._line(path) if self._line else None,
        )
