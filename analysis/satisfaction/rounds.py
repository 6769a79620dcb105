"""Every quantity of a round in every domain of a specification, as one table.

Three rules are always computed side by side. A drawn unit (commune or counter) is estimated
from its own residents or visits, with the unit as stratum and each response as primary unit;
all other domains use the design of the round, and what calibration has made certain is taken
off their variance. Rounding is left to display.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.design import Floats, SurveyDesign
from analysis.estimation.columns import Asked, Column
from analysis.estimation.estimates import estimated
from analysis.respondents import Respondents
from analysis.satisfaction.answers import share_options
from analysis.satisfaction.calibrated import calibrated
from analysis.satisfaction.composite import index
from analysis.satisfaction.composition import QuestionnaireLike
from analysis.satisfaction.refusals import refusal
from analysis.satisfaction.specification import EstimateSpec
from analysis.weighting import CalibrationTarget, check_weights, with_units

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

# Columns that the design adds: domain variables whose missing answers are empty, the unit.
_DOMAIN, _UNIT = "_by_", "_unit"


def estimate_round(
    respondents: Respondents,
    questionnaire: QuestionnaireLike,
    spec: EstimateSpec,
    *,
    weights: pd.DataFrame | None = None,
    units: pd.DataFrame | None = None,
    calibration: CalibrationTarget | None = None,
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
    calibration
        What the columns ``calibrated`` and ``final`` of ``weights`` were calibrated to. With
        it, what these totals make certain is taken off the variance; without it the weights
        are taken as they stand, and intervals are rather too wide than too narrow.

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
        ``weights-absent``, ``weights-not-calibrated``, and the errors of the design and of
        the calibration.
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
    shares = share_options(questionnaire, spec.shares, table)
    factor_items = {item for factor in questionnaire.factors for item in factor.items}
    general = [pair for pair in shares if pair[0] not in factor_items]
    asking = _Asking(questionnaire, spec)
    design, own = _designs(table, weights, spec, calibration)
    parts = [
        asking.rows(
            design,
            [_DOMAIN + name for name in columns],
            "*".join(columns),
            general if columns else shares,
        )
        for columns in spec.domains
    ]
    if own is not None:
        parts.append(asking.rows(own, [_UNIT], "unit", general))
    whole = pd.concat(parts, ignore_index=True)
    whole.insert(0, "round", respondents.round)
    return whole[list(TABLE_COLUMNS)]


@dataclass(frozen=True, eq=False)
class _Asking:
    """What is asked of one domain variable after the other."""

    questionnaire: QuestionnaireLike
    spec: EstimateSpec

    def rows(
        self,
        design: SurveyDesign,
        columns: Sequence[str],
        domain: str,
        shares: Sequence[tuple[str, int]],
    ) -> pd.DataFrame:
        """Return the rows of one domain variable: indices, then the shares of these options."""
        by = [list(columns)] if columns else None
        if columns and not design.data[list(columns)].notna().all(axis=1).any():
            return pd.DataFrame(columns=[name for name in TABLE_COLUMNS if name != "round"])
        found = index(
            design,
            self.questionnaire,
            by,
            self.spec.level,
            rule=self.spec.rules,
            aggregation=self.spec.aggregation,
        )
        tables = [found.table]
        if shares:
            tables.append(_share_table(design, shares, by, self.spec.level))
        whole = pd.concat(tables, ignore_index=True)
        categories = [whole[name].map(_text) for name in columns]
        return whole.assign(
            domain=domain,
            category=["*".join(parts) for parts in zip(*categories, strict=True)]
            if columns
            else "",
        )


def _share_table(
    design: SurveyDesign,
    shares: Sequence[tuple[str, int]],
    by: list[list[str]] | None,
    level: float,
) -> pd.DataFrame:
    """Return the shares of single options among those who were asked, in percent."""
    columns = []
    for item, option in shares:
        answers = design.data[item].to_numpy()
        with np.errstate(invalid="ignore"):
            columns.append(Column(item, (answers == option).astype(np.float64), answers >= 0))
    asked = Asked(
        tuple((f"{item}={option}", None) for item, option in shares),
        tuple(columns),
        (None,) * len(columns),
        np.ones(len(columns), dtype=bool),
    )
    table = estimated(design, lambda *_: asked, by, level, False, "logit").table
    for name in ("value", "se", "low", "high"):
        table[name] = table[name] * 100.0
    table[["low", "high"]] = table[["low", "high"]].clip(0.0, 100.0)
    return table.assign(level="share", rule="share")


def _designs(
    table: pd.DataFrame,
    weights: pd.DataFrame | None,
    spec: EstimateSpec,
    calibration: CalibrationTarget | None,
) -> tuple[SurveyDesign, SurveyDesign | None]:
    """Return the design of the round, and that of its units where they are asked for."""
    names = [name for columns in spec.domains for name in columns]
    for name in [*names, *([] if spec.units is None else [spec.units])]:
        _need_column(table, name)
    final = _row_weights(table, weights, spec)
    domains = {_DOMAIN + name: _without_reasons(table[name]) for name in names}
    ready = table.assign(**domains, _weight=final)
    own = None
    if spec.units is not None:
        # A stratum of its own for each unit, so that no other unit enters its variance.
        ready[_UNIT] = table[spec.units].astype(str)
        own = SurveyDesign(ready, weights="_weight", strata=_UNIT, lonely_psu="remove")
    binds = calibration is not None and spec.weights in ("calibrated", "final")
    if binds and weights is not None:
        ready = ready.assign(_weight=weights["nonresponse"].to_numpy(dtype=np.float64))
    design = SurveyDesign(
        ready,
        weights="_weight",
        strata=spec.strata,
        psu="psu",
        fpc=spec.fpc,
        lonely_psu=spec.lonely_psu,
    )
    if binds and calibration is not None:
        design = calibrated(design, final, calibration)
    return design, own


def _row_weights(table: pd.DataFrame, weights: pd.DataFrame | None, spec: EstimateSpec) -> Floats:
    if spec.weights == "unweighted":
        return np.ones(len(table))
    if weights is None:
        raise refusal("weights-absent", "Chưa có bảng trọng số.", "The table of weights is absent.")
    check_weights(weights, table)
    return weights[spec.weights].to_numpy(dtype=np.float64)


def _without_reasons(column: pd.Series) -> pd.Series:
    """Return a domain column with missing answers (negative codes, empty text) as missing."""
    if pd.api.types.is_bool_dtype(column.dtype):
        return column
    if pd.api.types.is_numeric_dtype(column.dtype):
        return column.where(column >= 0)
    return column.where(column.astype(str) != "")


def _need_column(table: pd.DataFrame, name: str) -> None:
    if name not in table.columns:
        raise refusal(
            "domain-column-missing",
            f"Không có cột “{name}” cho nhóm.",
            f"There is no column “{name}” for domains.",
        )


def _text(value: object) -> str:
    if isinstance(value, bool | np.bool_):
        return "1" if value else "0"
    if isinstance(value, float | np.floating) and value == int(value):
        return str(int(value))
    return str(value)
