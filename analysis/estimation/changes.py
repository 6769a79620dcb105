"""Change between two rounds, with the covariance that shared primary units bring.

Primary units are the same in both rounds when stratum and label are. For strata with n common
units, totals z of the first round and u of the second have the covariance

    n/(n-1) · Σ (z_i - z̄)(u_i - ū) · √(f₁·f₂)

over the common units, f being the shares that were not drawn. Rounds that share no unit are
independent. Estimates and their change are in the unit of the item.

References
----------
Kish, L. (1965). Survey Sampling, section 12.4.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from analysis.design import SurveyDesign
from analysis.estimation import intervals
from analysis.estimation.results import Estimates
from analysis.stages import Floats
from analysis.stagewise import covariance_of_totals
from intake.findings import EstimationError, Finding, Words


def change(a: Estimates, b: Estimates, level: float = 0.95, *, panel: bool = True) -> Estimates:
    """Return how the estimates of round ``b`` differ from those of round ``a``.

    Parameters
    ----------
    a, b
        Estimates of two rounds from the same call, matched by quantity, category and domain.
        Where both come from one design, as with two items of a panel, its covariance is used.
    level
        Confidence level.
    panel
        True: primary units of one stratum and label are the same units in both rounds. False:
        the rounds were drawn independently, and a unit that came again did so by chance;
        the same label then stands for another draw.

    Returns
    -------
    Estimates
        ``value`` is b minus a; ``n`` counts the answers of both; ``before`` and ``after`` are
        the two estimates, ``correlation`` that of the two rounds.

    Raises
    ------
    EstimationError
        ``change-nothing-common`` where no row is in both, ``change-design`` where replicate
        weights of different designs have no joint distribution (and are not independent).

    Examples
    --------
    >>> from analysis.estimation.estimates import mean
    >>> first = pd.DataFrame({"y": [1.0, 2.0, 3.0, 5.0], "w": 1.0, "place": ["a", "b", "c", "d"]})
    >>> second = first.assign(y=first["y"] + 1.0)
    >>> rounds = [SurveyDesign(table, weights="w", psu="place") for table in (first, second)]
    >>> change(mean(rounds[0], "y"), mean(rounds[1], "y")).table[["value", "se"]].values.tolist()
    [[1.0, 0.0]]
    """
    for given in (a, b):
        if not isinstance(given, Estimates):
            raise EstimationError.of(
                "change-no-estimates",
                f"{type(given).__name__} không phải kết quả ước lượng.",
                f"{type(given).__name__} is no result of an estimate.",
                "Dùng kết quả của estimate.mean, share, … của hai đợt.",
                "Give results of estimate.mean, share, … of two rounds.",
            )
    keys = [key for key in a.keys if key in b.keys]
    left = a.table[keys].assign(_a=np.arange(len(a.table)))
    right = b.table[keys].assign(_b=np.arange(len(b.table)))
    merged = left.merge(right, on=keys, how="inner")
    if merged.empty:
        raise EstimationError.of(
            "change-nothing-common",
            "Hai đợt không có dòng chung.",
            "The two rounds have no row in common.",
            "Ước lượng cùng các câu và nhóm cho cả hai đợt.",
            "Estimate the same items and domains in both rounds.",
        )
    at_a, at_b = merged["_a"].to_numpy(), merged["_b"].to_numpy()
    first, second = a.table.iloc[at_a], b.table.iloc[at_b]
    crossed = _crossed(a, b, at_a, at_b, panel)
    se_a, se_b = first["se"].to_numpy(dtype=float), second["se"].to_numpy(dtype=float)
    variance = se_a**2 + se_b**2 - 2 * crossed
    rounding = 1e-12 * (se_a**2 + se_b**2)
    variance = np.where(variance <= rounding, 0.0, variance)
    value = second["value"].to_numpy(dtype=float) - first["value"].to_numpy(dtype=float)
    df = _freedom(
        a, b, first["df"].to_numpy(dtype=float), second["df"].to_numpy(dtype=float), panel
    )
    se = np.where(df > 0, np.sqrt(variance), np.nan)
    low, high = intervals.around(value, se, df, level)
    with np.errstate(divide="ignore", invalid="ignore"):
        correlation = crossed / (se_a * se_b)
    table = merged[keys].assign(
        before=first["value"].to_numpy(),
        after=second["value"].to_numpy(),
        value=value,
        se=se,
        low=low,
        high=high,
        n=first["n"].to_numpy() + second["n"].to_numpy(),
        df=df.astype(np.int64),
        correlation=correlation,
        flag=np.where(np.isfinite(se), "", "no-df"),
    )
    findings = (*a.findings, *b.findings, *_unmatched(left, right, keys))
    joint = partial(_joint, a, b, at_a, at_b, panel)
    return Estimates(table, b.design, level, findings, keys=tuple(keys), joint=joint)


def _unmatched(left: pd.DataFrame, right: pd.DataFrame, keys: list[str]) -> list[Finding]:
    """Report the rows that one round has and the other has not."""
    found = []
    for one, other, vi, en in ((left, right, "trước", "before"), (right, left, "sau", "after")):
        both = one[keys].merge(other[keys], on=keys, how="left", indicator=True)
        alone = both.loc[both["_merge"] == "left_only", keys]
        if alone.empty:
            continue
        rows = [
            ", ".join(str(part) for part in row if not pd.isna(part)) for row in alone.to_numpy()
        ]
        listed = "; ".join(rows[:10])
        found.append(
            Finding(
                "change-row-unmatched",
                Words(
                    f"{len(rows)} dòng chỉ có ở đợt {vi}: {listed}.",
                    f"{len(rows)} rows are in the round {en} alone: {listed}.",
                ),
                Words(
                    "Không tính được thay đổi của các dòng này.",
                    "There is no change to be told of them.",
                ),
                severity="warning",
            )
        )
    return found


def _joint(
    a: Estimates,
    b: Estimates,
    at_a: np.ndarray,
    at_b: np.ndarray,
    panel: bool,
    rows: Sequence[int],
) -> Floats:
    """Return the covariance matrix of the changes at some positions."""
    rows_a, rows_b = [int(at) for at in at_a[rows]], [int(at) for at in at_b[rows]]
    size = len(rows_a)
    if _one_design(a.design, b.design):
        both = _together(a, b, rows_a, rows_b)
        crossed = both[:size, size:]
    else:
        crossed = _crossed_matrix(a, b, rows_a, rows_b, panel)
    return np.asarray(a.covariance(rows_a) + b.covariance(rows_b) - crossed - crossed.T)


def _one_design(a: Any, b: Any) -> bool:  # noqa: ANN401 - either kind of design
    """Tell whether two designs are the same one, whole or narrowed."""
    if a is b:
        return True
    if isinstance(a, SurveyDesign) and isinstance(b, SurveyDesign) and a.origin and b.origin:
        # Rows that stay away are not fetched to find out.
        return a.origin.source is b.origin.source and a.drawn == b.drawn
    return type(a) is type(b) and a.data is b.data and a.all_weights is b.all_weights


def _together(a: Estimates, b: Estimates, rows_a: list[int], rows_b: list[int]) -> Floats:
    """Return the covariance of estimates of a and of b under the design they share."""
    scores = np.hstack([a.scores(rows_a), b.scores(rows_b)])
    if isinstance(a.design, SurveyDesign):
        return covariance_of_totals(a.design, scores)
    values = [
        side.table["value"].to_numpy(dtype=np.float64)[rows]
        for side, rows in ((a, rows_a), (b, rows_b))
    ]
    return np.asarray(a.design.covariance_of(scores, np.concatenate(values)))


def _crossed(a: Estimates, b: Estimates, at_a: np.ndarray, at_b: np.ndarray, panel: bool) -> Floats:
    """Return the covariance of each matched pair of estimates."""
    rows_a, rows_b = [int(at) for at in at_a], [int(at) for at in at_b]
    if _one_design(a.design, b.design):
        pairs = zip(rows_a, rows_b, strict=True)
        return np.array([_together(a, b, [one], [other])[0, 1] for one, other in pairs])
    return np.diag(_crossed_matrix(a, b, rows_a, rows_b, panel))


def _crossed_matrix(
    a: Estimates, b: Estimates, rows_a: list[int], rows_b: list[int], panel: bool
) -> Floats:
    """Return the covariance of estimates of two rounds (rows of a × rows of b)."""
    none = np.zeros((len(rows_a), len(rows_b)))
    if not panel:
        return none
    if not (isinstance(a.design, SurveyDesign) and isinstance(b.design, SurveyDesign)):
        raise EstimationError.of(
            "change-design",
            "Trọng số lặp của hai đợt không có phân phối chung.",
            "The replicate weights of two rounds have no joint distribution.",
            "Dùng hai SurveyDesign, một thiết kế chứa cả hai đợt, hoặc panel=False nếu độc lập.",
            "Use two SurveyDesigns, one design that holds both rounds, or panel=False where the "
            "rounds are independent.",
        )
    if not (a.design.names_psu and b.design.names_psu):
        return none
    common = _common(a.design, b.design)
    if common.empty:
        return none
    z = _by_psu(a.design, a.scores(rows_a))[common["code_a"].to_numpy()]
    u = _by_psu(b.design, b.scores(rows_b))[common["code_b"].to_numpy()]
    _, stratum = np.unique(common["stratum_a"].to_numpy(), return_inverse=True)
    n = np.bincount(stratum).astype(np.float64)
    free = np.sqrt(common["free_a"].to_numpy() * common["free_b"].to_numpy())
    weight = free * n[stratum] / np.maximum(n[stratum] - 1, 1)
    centred = [part - _stratum_means(part, stratum, n) for part in (z, u)]
    return np.asarray((centred[0] * weight[:, None]).T @ centred[1])


def _stratum_means(values: Floats, stratum: np.ndarray, n: Floats) -> Floats:
    """Return the mean of its stratum for each primary unit (units × k)."""
    summed = np.zeros((len(n), values.shape[1]))
    np.add.at(summed, stratum, values)
    return np.asarray((summed / n[:, None])[stratum])


def _common(a: SurveyDesign, b: SurveyDesign) -> pd.DataFrame:
    """Return the primary units of both designs, with their codes in each.

    Units without a label are other ones in every round.
    """
    parts = []
    for name, design in (("a", a), ("b", b)):
        stage = design.stages[0]
        labels = design.psu_labels()
        parts.append(
            pd.DataFrame(
                {
                    "stratum": labels["stratum"].astype(str),
                    "psu": labels["psu"].astype(str),
                    f"code_{name}": np.arange(len(labels)),
                    f"stratum_{name}": stage.stratum_of,
                    f"free_{name}": stage.free[stage.stratum_of],
                }
            )[labels["psu"].notna().to_numpy(dtype=bool)]
        )
    return parts[0].merge(parts[1], on=["stratum", "psu"])


def _by_psu(design: SurveyDesign, scores: Floats) -> Floats:
    stage = design.stages[0]
    summed = np.zeros((len(stage.stratum_of), scores.shape[1]))
    np.add.at(summed, stage.cluster_of, scores)
    return summed


def _freedom(a: Estimates, b: Estimates, df_a: Floats, df_b: Floats, panel: bool) -> Floats:
    """Return primary units less strata over both rounds together, shared ones counted once."""
    if _one_design(a.design, b.design):
        return np.minimum(df_a, df_b)
    whole = df_a + df_b
    if not panel:
        return whole
    if a.design.names_psu and b.design.names_psu:
        common = _common(a.design, b.design)
        strata = common[["stratum"]].drop_duplicates()
        whole = whole - (len(common) - len(strata))
    return np.maximum(np.maximum(df_a, df_b), whole)
