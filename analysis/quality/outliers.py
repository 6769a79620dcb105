"""Whether the results of a unit are out of line: between streams, too good, or both at once.

These rules read one row per unit, not responses. Shares lie between 0 and 1, variances are
squared shares.

References
----------
DerSimonian, R. and Laird, N. (1986). Meta-analysis in clinical trials. Controlled Clinical
Trials 7, 177-188.
Spiegelhalter, D. J. (2005). Funnel plots for comparing institutional performance. Statistics
in Medicine 24, 1185-1202.
Klimek, P. et al. (2012). Statistical detection of systematic election irregularities. PNAS 109,
16469-16473.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import special

from analysis.quality.funnels import arcsine_funnel, difference_funnel
from analysis.quality.rules import Rules
from analysis.quality.tables import Floats, Groups, flag_table, labels_of, numbers
from intake.findings import EstimationError


def streams(
    units: pd.DataFrame,
    *,
    unit: str = "unit",
    open_share: str = "open_share",
    open_variance: str = "open_variance",
    drawn_share: str = "drawn_share",
    drawn_variance: str = "drawn_variance",
    rules: Rules | None = None,
) -> pd.DataFrame:
    """F10: the voluntary share of each unit less its drawn share, against other units.

    z = (p_R - p_P - δ̄) / √(v_R + v_P + τ²); that volunteers differ everywhere is δ̄, that they
    differ from place to place is τ². Flagged on either side.

    Returns
    -------
    pandas.DataFrame
        `FLAG_COLUMNS`; ``value`` is the difference, ``reference`` is δ̄.

    Raises
    ------
    EstimationError
        ``quality-share-impossible``, ``quality-variance-impossible``, ``quality-units-few``.
    """
    limits = rules or Rules()
    shares = _shares(units, [open_share, drawn_share])
    variances = numbers(units, [open_variance, drawn_variance], gaps=False)
    bad = np.argwhere(~(variances >= 0))
    total = variances.sum(axis=1)
    if bad.size or (total <= 0).any():
        row = int(bad[0, 0]) if bad.size else int(np.flatnonzero(total <= 0)[0])
        raise EstimationError.of(
            "quality-variance-impossible",
            f"Dòng {row + 1}: phương sai âm hoặc bằng 0 ở cả hai nguồn.",
            f"Row {row + 1}: a variance is negative, or zero in both streams.",
            "Hãy tính lại sai số chuẩn.",
            "Compute the standard errors again.",
            row=row + 1,
        )
    _enough(len(units), 2)
    labels = _once(units, unit)
    difference = shares[:, 0] - shares[:, 1]
    pooled = difference_funnel(difference, total)
    return flag_table(
        "F10",
        "open-less-drawn",
        limits,
        unit=labels,
        value=difference,
        reference=pooled.mean,
        z=pooled.z,
        p=2.0 * special.ndtr(-np.abs(pooled.z)),
        beyond=np.abs(pooled.z) > limits.z_limit,
    )


def too_good(
    units: pd.DataFrame,
    *,
    unit: str = "unit",
    share: str = "share",
    n: str = "n_effective",
    rules: Rules | None = None,
) -> pd.DataFrame:
    """F11: units whose share is higher than their size and the spread of units explain.

    ``n`` is the effective number of answers behind each share. Columns as for `streams`;
    ``reference`` is the usual share, sin² θ.
    """
    limits = rules or Rules()
    value = _shares(units, [share])[:, 0]
    size = numbers(units, [n], gaps=False)[:, 0]
    bad = np.flatnonzero(~(size > 0))
    if bad.size:
        row = int(bad[0])
        raise EstimationError.of(
            "quality-count-impossible",
            f"Dòng {row + 1}: số trả lời hiệu dụng phải lớn hơn 0.",
            f"Row {row + 1}: the effective number of answers must be above 0.",
            "Bỏ đơn vị không có trả lời.",
            "Leave out units without answers.",
            row=row + 1,
            column=n,
        )
    _enough(len(units), 2)
    labels = _once(units, unit)
    pooled = arcsine_funnel(value, size, limits.winsorised)
    return flag_table(
        "F11",
        "too-good",
        limits,
        unit=labels,
        n=size,
        value=value,
        reference=float(np.sin(pooled.mean) ** 2),
        z=pooled.z,
        p=special.ndtr(-pooled.z),
        beyond=pooled.z > limits.z_limit,
    )


def rate_and_score(
    units: pd.DataFrame,
    *,
    unit: str = "unit",
    stratum: str | None = None,
    response_rate: str = "response_rate",
    share: str = "share",
    rules: Rules | None = None,
) -> pd.DataFrame:
    """F12: units above the 99th percentile of their stratum in response rate and in score.

    Returns
    -------
    pandas.DataFrame
        `FLAG_COLUMNS`, two rows per unit (``quantity`` ``response-rate`` and ``top-share``),
        flagged only where both are above; ``note`` is ``few-units`` where the stratum has
        fewer than ``rules.fewest_units``.
    """
    limits = rules or Rules()
    values = _shares(units, [response_rate, share])
    _once(units, unit)
    groups = Groups(units, unit, stratum)
    stratum_of_row = groups.stratum_of_row
    limit = (
        pd.DataFrame(values)
        .groupby(stratum_of_row)
        .transform("quantile", q=limits.top_percentile)
        .to_numpy()
    )
    size = np.bincount(stratum_of_row)[stratum_of_row]
    enough = size >= limits.fewest_units
    both = (values > limit).all(axis=1) & enough
    return pd.concat(
        [
            flag_table(
                "F12",
                quantity,
                limits,
                unit=list(units[unit]),
                stratum=[groups.strata[code] for code in stratum_of_row],
                value=values[:, place],
                reference=limit[:, place],
                beyond=both,
                note=["" if good else "few-units" for good in enough],
            )
            for place, quantity in enumerate(("response-rate", "top-share"))
        ],
        ignore_index=True,
    )


def _shares(units: pd.DataFrame, names: list[str]) -> Floats:
    found = numbers(units, names, gaps=False)
    bad = np.argwhere((found < 0) | (found > 1))
    if bad.size:
        row, place = int(bad[0, 0]), int(bad[0, 1])
        raise EstimationError.of(
            "quality-share-impossible",
            f"Dòng {row + 1}: “{names[place]}” = {found[row, place]:g}, cần từ 0 đến 1.",
            f"Row {row + 1}: “{names[place]}” = {found[row, place]:g}; it must be 0 to 1.",
            "Ghi tỷ lệ, không ghi phần trăm.",
            "Give a share, not a percentage.",
            row=row + 1,
            column=names[place],
        )
    return found


def _once(units: pd.DataFrame, unit: str) -> list[object]:
    labels = pd.Series(labels_of(units, unit))
    again = np.flatnonzero(labels.duplicated().to_numpy())
    if again.size:
        row = int(again[0])
        raise EstimationError.of(
            "quality-unit-repeated",
            f"Đơn vị “{labels.iloc[row]}” có hai dòng.",
            f"Unit “{labels.iloc[row]}” has two rows.",
            "Mỗi đơn vị một dòng.",
            "Give each unit one row.",
            row=row + 1,
            column=unit,
        )
    return list(labels)


def _enough(units: int, fewest: int) -> None:
    if units < fewest:
        raise EstimationError.of(
            "quality-units-few",
            f"Chỉ có {units} đơn vị, cần ít nhất {fewest}.",
            f"There are {units} units; at least {fewest} are needed.",
            "So sánh cần nhiều đơn vị.",
            "A comparison needs several units.",
        )
