"""Every quantity of a round in every domain of a specification, as one table.

Three rules are always computed side by side. A drawn unit (commune or counter) is estimated
from its own residents or visits, with the unit as stratum and each response as primary unit;
all other domains use the design of the round. Rounding is left to display.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from analysis.design import Flags, Floats, SurveyDesign
from analysis.estimation.columns import Asked, Column
from analysis.estimation.domains import categories_of
from analysis.estimation.results import summary
from analysis.respondents import Respondents, primary_units
from analysis.satisfaction.answers import share_options, valid_answers
from analysis.satisfaction.composition import Quantities, QuestionnaireLike, quantities
from analysis.satisfaction.refusals import refusal
from analysis.satisfaction.rules import IndexRule
from analysis.satisfaction.specification import EstimateSpec
from analysis.weighting import check_weights, with_units

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
        raise refusal(
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
    shares = share_options(questionnaire, spec.shares, table)
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


class _Index:
    """The scored answers of a round, ready to be estimated in one domain after the other."""

    def __init__(
        self,
        table: pd.DataFrame,
        wanted: Quantities,
        rules: Sequence[IndexRule],
        shares: Sequence[tuple[str, int]],
    ) -> None:
        answers, valid = valid_answers(table, wanted.items)
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


def _row_weights(table: pd.DataFrame, weights: pd.DataFrame | None, spec: EstimateSpec) -> Floats:
    if spec.weights == "unweighted":
        return np.ones(len(table))
    if weights is None:
        raise refusal("weights-absent", "Chưa có bảng trọng số.", "The table of weights is absent.")
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
        raise refusal(
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
