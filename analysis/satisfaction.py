"""Items to factors to blocks to the satisfaction index, each with its uncertainty.

The index of an item is a weighted percentage of its valid answers on the scale 1 to 5, under
a named rule; an answer that is missing, whatever the reason, is left out of that item alone.
Factors, blocks and the overall index are fixed linear combinations of item indices, so their
standard errors follow by linearisation with all covariances: nothing is simulated.

All values and standard errors are on 0 to 100. Three rules are always computed side by side;
which one is in force is a setting of the index year, and series of different rules must not
be joined. Rounding is left to display.

A drawn unit (commune or counter) is estimated from its own residents or visits, with the
unit as stratum and each response as primary unit; all other domains use the design of the
round.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd

from analysis.design import LONELY_CHOICES, Flags, Floats, SurveyDesign
from analysis.estimation.columns import Asked, Column
from analysis.estimation.domains import categories_of
from analysis.estimation.results import summary
from analysis.respondents import Respondents, primary_units
from analysis.weighting import check_weights, with_units
from intake.documents import path_text, read_document
from intake.findings import EstimationError, Faults, Finding, Words

SCALE = (1, 2, 3, 4, 5)
OVERALL = "overall"
TABLE_COLUMNS = (
    "round",
    "quantity",
    "level",
    "rule",
    "domain",
    "category",
    "value",
    "se",
    "low",
    "high",
    "n",
    "n_effective",
    "deff",
    "df",
    "flag",
)
WEIGHT_CHOICES = ("final", "calibrated", "nonresponse", "design", "unweighted")


class IndexRule(StrEnum):
    """How answers from 1 to 5 become a percentage."""

    TOP2 = "top2"
    MEAN5 = "mean5"
    MEAN04 = "mean04"

    def score(self, answers: Floats) -> Floats:
        """Return the percentage that each answer contributes.

        Examples
        --------
        >>> IndexRule.MEAN04.score(np.array([1.0, 3.0, 5.0])).tolist()
        [0.0, 50.0, 100.0]
        """
        if self is IndexRule.TOP2:
            return np.where(answers >= 4, 100.0, 0.0)
        if self is IndexRule.MEAN5:
            return 20.0 * answers
        return 25.0 * (answers - 1.0)


class FactorLike(Protocol):
    """What the index needs to know of a factor."""

    @property
    def code(self) -> str: ...  # noqa: D102
    @property
    def block(self) -> str: ...  # noqa: D102
    @property
    def items(self) -> Sequence[str]: ...  # noqa: D102


class QuestionnaireLike(Protocol):
    """What the index needs to know of a questionnaire."""

    @property
    def id(self) -> str: ...  # noqa: D102
    @property
    def version(self) -> str: ...  # noqa: D102
    @property
    def factors(self) -> Sequence[FactorLike]: ...  # noqa: D102
    @property
    def items(self) -> Sequence[Any]: ...  # noqa: D102


@dataclass(frozen=True)
class Aggregation:
    """How item indices become factors, blocks and the overall index.

    ``factor`` is ``mean`` (of its items). ``block`` is ``items`` (factors weighted with their
    number of items) or ``factors`` (plain mean of factors). ``overall`` is ``items`` (blocks
    weighted with their number of items, such as 23:16), ``blocks`` (1:1), or the code of an
    item that asks for satisfaction in general.
    """

    factor: str = "mean"
    block: str = "items"
    overall: str = "items"

    def __post_init__(self) -> None:
        if self.factor != "mean" or self.block not in ("items", "factors") or not self.overall:
            raise EstimationError(
                Finding(
                    "aggregation-unknown",
                    Words(f"Cách gộp không hợp lệ: {self}.", f"Unknown aggregation: {self}."),
                    Words(
                        "factor: mean; block: items, factors; overall: items, blocks, mã câu.",
                        "factor: mean; block: items or factors; "
                        "overall: items, blocks or the code of an item.",
                    ),
                )
            )


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


@dataclass(frozen=True)
class Quantities:
    """The quantities of an index: their names, levels and weights over the items."""

    items: tuple[str, ...]
    names: tuple[str, ...]
    levels: tuple[str, ...]
    coefficients: Floats


def combine(values: Mapping[str, float], counts: Mapping[str, int]) -> float:
    """Return the item-count-weighted mean of blocks, as the overall index takes it.

    Examples
    --------
    The national values of 2024, published as 83.94 from 83.84 and 84.09:

    >>> round(combine({"I": 83.84, "II": 84.09}, {"I": 23, "II": 16}), 2)
    83.94
    """
    total = sum(counts[name] for name in values)
    return sum(values[name] * counts[name] for name in values) / total


def quantities(factors: Sequence[FactorLike], aggregation: Aggregation | None = None) -> Quantities:
    """Return items, factors, blocks and the overall index as combinations of items.

    Raises
    ------
    EstimationError
        ``factors-empty``, ``item-in-two-factors``.
    """
    chosen = aggregation or Aggregation()
    items = [item for factor in factors for item in factor.items]
    if not items or any(not factor.items for factor in factors):
        raise _refusal(
            "factors-empty",
            "Phiếu hỏi không có yếu tố nào có câu hỏi.",
            "The questionnaire has no factors, or a factor without items.",
        )
    if len(set(items)) != len(items):
        twice = sorted({item for item in items if items.count(item) > 1})
        raise _refusal(
            "item-in-two-factors",
            f"Câu thuộc hai yếu tố: {', '.join(twice)}.",
            f"Items of two factors: {', '.join(twice)}.",
        )
    general = chosen.overall not in ("items", "blocks")
    if general and chosen.overall not in items:
        items.append(chosen.overall)
    at = {item: index for index, item in enumerate(items)}
    names = list(items)
    levels = ["item"] * len(items)
    rows = [np.eye(len(items))[index] for index in range(len(items))]
    of_factor: dict[str, Floats] = {}
    for factor in factors:
        row = np.zeros(len(items))
        row[[at[item] for item in factor.items]] = 1 / len(factor.items)
        of_factor[factor.code] = row
        names.append(factor.code)
        levels.append("factor")
        rows.append(row)
    block_rows: list[Floats] = []
    block_sizes: list[int] = []
    for block in dict.fromkeys(factor.block or "" for factor in factors):
        members = [factor for factor in factors if (factor.block or "") == block]
        sizes = np.array([len(factor.items) for factor in members], dtype=np.float64)
        share = (
            sizes / sizes.sum()
            if chosen.block == "items"
            else np.full(len(members), 1 / len(members))
        )
        row = np.asarray(
            sum(w * of_factor[factor.code] for w, factor in zip(share, members, strict=True))
        )
        block_rows.append(row)
        block_sizes.append(int(sizes.sum()))
        if block:
            names.append(block)
            levels.append("block")
            rows.append(row)
    if general:
        overall = np.eye(len(items))[at[chosen.overall]]
    else:
        share = np.array(
            block_sizes if chosen.overall == "items" else [1] * len(block_sizes), dtype=np.float64
        )
        overall = np.asarray((share / share.sum()) @ np.vstack(block_rows))
    return Quantities(
        tuple(items),
        (*names, OVERALL),
        (*levels, "overall"),
        np.column_stack([*rows, overall]),
    )


def estimate_round(
    respondents: Respondents,
    questionnaire: QuestionnaireLike,
    spec: EstimateSpec,
    *,
    weights: pd.DataFrame | None = None,
    units: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Estimate every quantity of a round in every domain of a specification.

    Parameters
    ----------
    respondents
        The frozen round.
    questionnaire
        The questionnaire it was asked with: factors, items and their options.
    spec
        Domains, rules, aggregation, weights and design.
    weights
        The table of weights, row by row; needed unless ``spec.weights`` is ``unweighted``.
    units
        Further columns for domains, by ``unit_id``.

    Returns
    -------
    pandas.DataFrame
        `TABLE_COLUMNS`. The whole population has an empty ``domain`` and ``category``,
        crossed domains are joined with ``*``, units have the domain ``unit``. Rows of level
        ``share`` have the rule ``share`` and quantities such as ``cau_5=1``. ``flag`` is
        that of `analysis.estimation.estimates`.

    Raises
    ------
    EstimationError
        ``questionnaire-differs``, ``answer-out-of-scale``, ``domain-column-missing``,
        ``weights-absent``, and the errors of the design.
    """
    named = f"{questionnaire.id}@{questionnaire.version}"
    held = f"{respondents.meta['questionnaire']}@{respondents.meta['version']}"
    if spec.questionnaire != named or held != named:
        raise _refusal(
            "questionnaire-differs",
            f"Đặc tả dùng {spec.questionnaire}, tệp trả lời là {held}, phiếu hỏi là {named}.",
            f"The specification names {spec.questionnaire}, the responses {held}, "
            f"the questionnaire given is {named}.",
        )
    table = with_units(respondents.table, units).reset_index(drop=True)
    table = table.assign(_weight=_row_weights(table, weights, spec), _psu=primary_units(table))
    if spec.units is not None:
        table = table.assign(_unit=_column(table, spec.units).astype(str))
    design = SurveyDesign(
        table,
        weights="_weight",
        strata=spec.strata,
        psu="_psu",
        fpc=spec.fpc,
        lonely_psu=spec.lonely_psu,
    )
    shares = _share_options(questionnaire, spec.shares, table)
    found = _Index(table, quantities(questionnaire.factors, spec.aggregation), spec.rules, shares)
    general = {item for item, _ in shares} - found.factor_items
    parts = [
        found.table(
            design, columns, _domain_name(columns), spec.level, None if not columns else general
        )
        for columns in spec.domains
    ]
    if spec.units is not None:
        # A stratum of its own for each unit, so that no other unit enters its variance.
        own = SurveyDesign(table, weights="_weight", strata="_unit", lonely_psu="remove")
        parts.append(found.table(own, ("_unit",), "unit", spec.level, general))
    whole = pd.concat(parts, ignore_index=True)
    whole.insert(0, "round", respondents.round)
    return whole[list(TABLE_COLUMNS)]


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
    reader = _SpecReader(value, file, line)
    spec = reader.read()
    reader.faults.raise_as(EstimationError)
    return spec


class _Index:
    """The scored answers of a round, ready to be estimated in one domain after the other."""

    def __init__(
        self,
        table: pd.DataFrame,
        wanted: Quantities,
        rules: Sequence[IndexRule],
        shares: Sequence[tuple[str, int]],
    ) -> None:
        answers, valid = _answers(table, wanted.items)
        self._wanted = wanted
        self._rules = tuple(rules)
        self.factor_items = set(wanted.items)
        self._scores = np.hstack([rule.score(answers) for rule in self._rules])
        self._valid = np.hstack([valid] * len(self._rules))
        self._coefficients: Floats = np.asarray(
            np.kron(np.eye(len(self._rules)), wanted.coefficients), dtype=np.float64
        )
        self._shares = list(shares)
        self._hits = np.zeros((len(table), len(self._shares)))
        self._asked = np.zeros(self._hits.shape, dtype=bool)
        for index, (item, option) in enumerate(self._shares):
            column = table[item].to_numpy()
            self._hits[:, index] = 100.0 * (column == option)
            self._asked[:, index] = column >= 0

    def table(
        self,
        design: SurveyDesign,
        columns: Sequence[str],
        domain: str,
        level: float,
        shares_of: set[str] | None,
    ) -> pd.DataFrame:
        """Return the rows of one domain variable; ``shares_of`` limits whose shares are given."""
        data = design.data
        for name in columns:
            _column(data, name)
        coded = _without_missing(data, columns)
        category, labels = categories_of(coded, columns, design.member)
        size = len(labels)
        if not size:
            return pd.DataFrame(columns=[name for name in TABLE_COLUMNS if name != "round"])
        which = [
            index
            for index, (item, _) in enumerate(self._shares)
            if shares_of is None or item in shares_of
        ]
        per_rule = len(self._wanted.names)
        head = {
            "quantity": list(self._wanted.names) * len(self._rules),
            "level": list(self._wanted.levels) * len(self._rules),
            "rule": [rule.value for rule in self._rules for _ in range(per_rule)],
        }
        share_head = {
            "quantity": [f"{self._shares[index][0]}={self._shares[index][1]}" for index in which],
            "level": ["share"] * len(which),
            "rule": ["share"] * len(which),
        }
        names = ["*".join(_text(part) for part in label) for label in labels]
        return pd.concat(
            [
                _tidy(design, self._indices(), category, names, domain, level, head),
                _tidy(
                    design, self._shares_asked(which), category, names, domain, level, share_head
                ),
            ],
            ignore_index=True,
        )

    def _indices(self) -> Asked:
        """Return the item indices under every rule, and their combinations."""
        columns = [
            _column_of(self._scores[:, at], self._valid[:, at])
            for at in range(self._scores.shape[1])
        ]
        count = self._coefficients.shape[1]
        return Asked(
            (("", None),) * count,
            tuple(columns),
            (None,) * len(columns),
            np.zeros(count, dtype=bool),
            combine=self._coefficients,
        )

    def _shares_asked(self, which: Sequence[int]) -> Asked:
        """Return the shares of single options among those who were asked."""
        columns = [_column_of(self._hits[:, at] / 100.0, self._asked[:, at]) for at in which]
        return Asked(
            (("", None),) * len(columns),
            tuple(columns),
            (None,) * len(columns),
            np.ones(len(columns), dtype=bool),
        )


def _column_of(values: Floats, valid: Flags) -> Column:
    return Column("", np.where(valid, values, 0.0), valid)


def _tidy(
    design: SurveyDesign,
    asked: Asked,
    category: Any,  # noqa: ANN401
    names: Sequence[str],
    domain: str,
    level: float,
    head: Mapping[str, Sequence[str]],
) -> pd.DataFrame:
    items = asked.quantities
    shares = bool(asked.shares.any())
    columns, _ = summary(design, asked, category, len(names), level)
    del columns["deff_weights"]
    for name in ("value", "se", "low", "high"):
        scaled = columns[name] * 100.0 if shares else columns[name]
        columns[name] = np.clip(scaled, 0.0, 100.0) if name in ("low", "high") else scaled
    repeated = {key: list(values) * len(names) for key, values in head.items()}
    return pd.DataFrame(
        {
            **repeated,
            "domain": domain,
            "category": np.repeat(np.asarray(names, dtype=object), items),
            **columns,
        }
    )


def _answers(table: pd.DataFrame, items: Sequence[str]) -> tuple[Floats, Flags]:
    absent = [item for item in items if item not in table.columns]
    if absent:
        raise _refusal(
            "answers-column-missing",
            f"Tệp trả lời thiếu câu: {', '.join(absent)}.",
            f"The responses lack the items: {', '.join(absent)}.",
        )
    answers = table[list(items)].to_numpy(dtype=np.float64)
    valid = answers > 0
    strange = valid & ~np.isin(answers, SCALE)
    if strange.any() or (answers == 0).any():
        row, column = np.argwhere(strange | (answers == 0))[0]
        raise EstimationError(
            Finding(
                "answer-out-of-scale",
                Words(
                    f"Dòng {row + 1}, {items[column]}: giá trị {answers[row, column]:g} "
                    "ngoài thang 1–5.",
                    f"Row {row + 1}, {items[column]}: value {answers[row, column]:g} "
                    "is not on the scale 1 to 5.",
                ),
                Words(
                    "Kiểm tra phiếu hỏi và lần chốt dữ liệu.",
                    "Check the questionnaire and the freeze.",
                ),
                row=int(row) + 1,
                column=items[column],
            )
        )
    return np.where(valid, answers, 1.0), valid


def _share_options(
    questionnaire: QuestionnaireLike, chosen: bool | tuple[str, ...], table: pd.DataFrame
) -> list[tuple[str, int]]:
    """Return (item, code) for every answer whose share is wanted; reasons for missing excluded."""
    if chosen is False:
        return []
    wanted: list[tuple[str, int]] = []
    known: set[str] = set()
    for item in questionnaire.items:
        if item.kind not in ("choice", "flag"):
            continue
        known.add(str(item.code))
        if chosen is not True and item.code not in chosen:
            continue
        if item.kind == "flag":
            wanted.append((item.code, 1))
            continue
        wanted.extend(
            (item.code, int(option.code))
            for option in item.options
            if option.code is not None and option.code >= 0 and not option.missing
        )
    unknown = [] if chosen is True else sorted(set(chosen) - known)
    absent = sorted({item for item, _ in wanted if item not in table.columns})
    if unknown or absent:
        listed = ", ".join(unknown + absent)
        raise _refusal(
            "share-item-unknown",
            f"Không tính được tỷ lệ của: {listed}.",
            f"Shares cannot be given of: {listed}.",
        )
    return wanted


def _row_weights(table: pd.DataFrame, weights: pd.DataFrame | None, spec: EstimateSpec) -> Floats:
    if spec.weights == "unweighted":
        return np.ones(len(table))
    if weights is None:
        raise _refusal(
            "weights-absent", "Chưa có bảng trọng số.", "The table of weights is absent."
        )
    check_weights(weights, table)
    return weights[spec.weights].to_numpy(dtype=np.float64)


def _without_missing(data: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Return the domain columns with missing answers (negative codes, empty text) as missing."""
    kept = {}
    for name in columns:
        column = data[name]
        if pd.api.types.is_bool_dtype(column.dtype):
            kept[name] = column
        elif pd.api.types.is_numeric_dtype(column.dtype):
            kept[name] = column.where(column >= 0)
        else:
            kept[name] = column.where(column.astype(str) != "")
    return pd.DataFrame(kept, index=data.index)


def _column(data: pd.DataFrame, name: str) -> pd.Series:
    if name not in data.columns:
        raise _refusal(
            "domain-column-missing",
            f"Không có cột “{name}” cho nhóm.",
            f"There is no column “{name}” for domains.",
        )
    return data[name]


def _domain_name(columns: Sequence[str]) -> str:
    return "*".join(columns)


def _text(value: object) -> str:
    if isinstance(value, bool | np.bool_):
        return "1" if value else "0"
    if isinstance(value, float | np.floating) and value == int(value):
        return str(int(value))
    return str(value)


def _refusal(code: str, vi: str, en: str) -> EstimationError:
    return EstimationError(
        Finding(
            code,
            Words(vi, en),
            Words(
                "Hãy kiểm tra đặc tả, phiếu hỏi và tệp đã chốt.",
                "Check the specification, the questionnaire and the frozen file.",
            ),
        )
    )


class _SpecReader:
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
