"""Variance components from the answers of an earlier round: how alike are people of one unit.

The model is y = μ_h + u_i + e_ij: in a stratum h, units i differ with variance σ²_b, persons of
one unit with σ²_w. Weighted sums of squares are set equal to what the model expects of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from intake.findings import DesignError, Finding, Words
from sampling.precision.refusals import check_choice, check_columns, check_number
from sampling.precision.spread import Spread
from sampling.precision.squares import Squares, intraclass

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
RULES = ("value", "top2", "mean5", "mean04")
COLUMNS = (
    "item",
    "n",
    "psus",
    "strata",
    "mean_take",
    "mean",
    "between",
    "within",
    "unit_variance",
    "relvariance",
    "icc",
    "icc_low",
    "icc_high",
)


@dataclass(frozen=True)
class VarianceComponents:
    """One row per item, and what was noticed.

    ``rows`` hold the keys of ``COLUMNS``: answers, PSUs and strata that hold answers, answers
    in a PSU (n0, their weighted mean), mean, variance between and within PSUs of a stratum,
    their sum (unit variance), this over the squared mean (relvariance), intraclass
    correlation and its interval.
    """

    rows: tuple[dict[str, object], ...]
    binary: tuple[bool, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def table(self) -> pd.DataFrame:
        """The rows as a data frame."""
        import pandas as pd

        return pd.DataFrame(list(self.rows), columns=list(COLUMNS))

    def spread(self, item: str | None = None) -> Spread:
        """Return the spread of one item, for planning; of the first where none is named."""
        names = [str(row["item"]) for row in self.rows]
        place = 0 if item is None else names.index(check_choice("item", item, names))
        row = self.rows[place]
        mean, variance, icc = (float(str(row[key])) for key in ("mean", "unit_variance", "icc"))
        return Spread(mean, variance, (icc,), self.binary[place])


def variance_components(
    data: pd.DataFrame,
    item: str | Sequence[str],
    psu: str,
    *,
    stratum: str | None = None,
    weights: str | None = None,
    rule: str = "value",
    level: float = 0.95,
    codes: bool = True,
) -> VarianceComponents:
    """Estimate the variance between and within primary units for each item.

    Parameters
    ----------
    data
        One row per respondent.
    item
        Column or columns of numbers. Missing answers are left out, item by item, and rows
        without a PSU, as a drawn sample has them in units taken with certainty.
    psu, stratum, weights
        Columns. PSU labels may start again in each stratum.
    rule
        ``value`` as it stands; ``top2`` 1 for answers of 4 and 5, else 0; ``mean5`` 20 y;
        ``mean04`` 25 (y − 1), the last two in points of 100.
    level
        Of the interval of the intraclass correlation.
    codes
        Negative whole numbers are codes of missing answers, as in a frozen file; ``False``
        where values may be negative.

    Returns
    -------
    VarianceComponents
        A component between PSUs that comes out negative is set to 0 and a finding says so.

    Raises
    ------
    DesignError
        Columns are missing, hold no numbers, or no stratum has two PSUs.

    Notes
    -----
    With w_i the sum of the weights in PSU i, q_i that of their squares, ȳ_i the weighted mean:
    E Σ w (y − ȳ_i)² = σ²_w Σ (w_i − q_i / w_i) and E Σ w_i (ȳ_i − ȳ_h)² =
    σ²_b Σ_h (w_h − Σ w_i² / w_h) + σ²_w Σ_h (Σ q_i / w_i − q_h / w_h). With equal weights these
    are the ANOVA estimators of the unbalanced one-way layout. Where all takes are equal and so
    are the weights, the interval of ρ is the exact one from F; else log F is jackknifed by PSU,
    t on PSUs − strata.

    References
    ----------
    Searle, S. R., Casella, G., McCulloch, C. E. (1992). Variance Components, chapter 3.
    Valliant, R., Dever, J. A., Kreuter, F. (2018). Practical Tools for Designing and
    Weighting Survey Samples, 2nd ed., chapter 9.

    Examples
    --------
    >>> import pandas as pd
    >>> told = pd.DataFrame({"y": [1, 2, 3, 5, 6, 7], "village": list("aaabbb")})
    >>> row = variance_components(told, "y", "village").rows[0]
    >>> row["within"], round(row["between"], 4), round(row["icc"], 4)
    (1.0, 7.6667, 0.8846)
    """
    check_choice("rule", rule, RULES)
    check_number("level", level, 0, 1)
    items = [item] if isinstance(item, str) else list(item)
    check_columns([*items, psu, *filter(None, (stratum, weights))], data.columns, "data")
    if not items:
        check_choice("item", "", map(str, data.columns))
    units, layer = _units(data, psu, stratum)
    w = np.ones(len(data)) if weights is None else _numbers(data, weights)
    drawn = np.isfinite(w) & (w > 0) & (units >= 0)
    rows, binary, findings = [], [], []
    for name in items:
        y = _scored(_answered(_numbers(data, name), name, codes), rule)
        keep = drawn & np.isfinite(y)
        if weights is None and not keep.any():
            raise _too_few(name)
        row, negative = _row(name, y[keep], units[keep], layer[keep], w[keep], level)
        rows.append(row)
        binary.append(bool(np.isin(y[keep], (0.0, 1.0)).all()))
        if negative < 0:
            findings.append(_negative(name, negative))
    return VarianceComponents(tuple(rows), tuple(binary), tuple(findings))


def components_from_file(
    path: Path | str,
    item: str | Sequence[str],
    psu: str,
    *,
    stratum: str | None = None,
    weights: str | None = None,
    rule: str = "value",
    level: float = 0.95,
) -> VarianceComponents:
    """Estimate variance components from a frozen file of answers (Parquet or CSV).

    The options are those of :func:`variance_components`; only the columns named are read.

    Raises
    ------
    DesignError
        The file cannot be read, or what it holds cannot be used.
    """
    path = Path(path)
    import pandas as pd

    items = [item] if isinstance(item, str) else list(item)
    names = list(dict.fromkeys([*items, psu, *filter(None, (stratum, weights))]))
    try:
        if path.suffix.lower() == ".parquet":
            import pyarrow.parquet as parquet

            check_columns(names, parquet.read_schema(path).names, path.name)
            data = pd.read_parquet(path, columns=names)
        else:
            head = pd.read_csv(path, nrows=0)
            check_columns(names, head.columns, path.name)
            data = pd.read_csv(path, usecols=names)
    except (OSError, ValueError) as error:
        raise DesignError.of(
            "precision-file-unreadable",
            f"Không đọc được tệp {path.name}.",
            f"The file {path.name} cannot be read.",
            "Dùng tệp đã đóng băng của đợt trước, dạng Parquet hoặc CSV.",
            "Give the frozen answers of an earlier round, as Parquet or CSV.",
            path=path.name,
        ) from error
    return variance_components(
        data, items, psu, stratum=stratum, weights=weights, rule=rule, level=level
    )


def _units(
    data: pd.DataFrame, psu: str, stratum: str | None
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the PSU and the stratum of each row as whole numbers; −1 where one is missing.

    An empty text is no label either: in a drawn sample it marks a unit taken with certainty.
    """
    import pandas as pd

    inner = pd.factorize(data[psu].mask(data[psu] == ""), sort=True)[0]
    layer = np.zeros(len(data), dtype=np.intp)
    if stratum is not None:
        layer = pd.factorize(data[stratum], sort=True)[0]
    pair = layer * (int(inner.max(initial=-1)) + 1) + inner
    return np.where((inner < 0) | (layer < 0), -1, pair), layer


def _numbers(data: pd.DataFrame, column: str) -> Floats:
    import pandas as pd

    made = pd.to_numeric(data[column], errors="coerce").astype("float64").to_numpy()
    lost = int((np.isnan(made) & data[column].notna().to_numpy()).sum())
    if lost or np.isinf(made).any():
        raise DesignError.of(
            "precision-column-not-numbers",
            f"Cột {column} có {lost + int(np.isinf(made).sum())} giá trị không phải là số.",
            f"The column {column} holds {lost + int(np.isinf(made).sum())} values that are no "
            "finite numbers.",
            "Đổi câu trả lời thành số trước.",
            "Code the answers as numbers first.",
            path=column,
        )
    return np.asarray(made)


def _answered(answers: Floats, name: str, codes: bool) -> Floats:
    """Return the answers, codes of missing ones as NaN."""
    below = answers < 0
    if not codes or not below.any():
        return answers
    if (answers[below] % 1 != 0).any():
        raise DesignError.of(
            "precision-values-negative",
            f"Cột {name} có giá trị âm không phải mã thiếu, ví dụ {answers[below].min():g}.",
            f"The column {name} holds negative values that are no codes of missing answers, "
            f"such as {answers[below].min():g}.",
            "Nếu giá trị âm là thật, ghi codes=False.",
            "If they are meant, say codes=False.",
            path=name,
        )
    return np.where(below, np.nan, answers)


def _scored(y: Floats, rule: str) -> Floats:
    if rule == "top2":
        return np.where(np.isnan(y), np.nan, (y >= 4).astype(float))
    if rule == "mean5":
        return 20.0 * y
    return 25.0 * (y - 1.0) if rule == "mean04" else y


def _row(
    name: str, y: Floats, units: NDArray[np.intp], layer: NDArray[np.intp], w: Floats, level: float
) -> tuple[dict[str, object], float]:
    """Return the row of an item, and the component between PSUs before it is cut at 0."""
    squares = Squares.of(y, units, layer, w)
    if squares.df < 1 or len(y) <= squares.psus:
        raise _too_few(name)
    between, within = squares.components()
    low, high = intraclass(squares, level)
    mean = float(w @ y / w.sum())
    kept = max(between, 0.0)
    unit = kept + within
    return {
        "item": name,
        "n": len(y),
        "psus": squares.psus,
        "strata": squares.strata,
        "mean_take": squares.take,
        "mean": mean,
        "between": kept,
        "within": within,
        "unit_variance": unit,
        "relvariance": unit / mean**2 if mean else float("nan"),
        "icc": kept / unit if unit > 0 else 0.0,
        "icc_low": low,
        "icc_high": high,
    }, between


def _negative(name: str, value: float) -> Finding:
    return Finding(
        "precision-component-negative",
        Words(
            f"{name}: phương sai giữa các đơn vị ước lượng âm ({value:.3g}), coi là 0.",
            f"{name}: the variance between units comes out negative ({value:.3g}) and is set to 0.",
        ),
        Words(
            "Dùng cận trên của khoảng tin cậy khi lập kế hoạch cho chắc chắn.",
            "To be safe, plan with the upper end of the interval.",
        ),
        "warning",
        path=name,
    )


def _too_few(name: str) -> DesignError:
    return DesignError.of(
        "precision-data-too-few",
        f"{name}: không tầng nào có từ 2 đơn vị sơ cấp, hoặc mỗi đơn vị chỉ có một câu trả lời.",
        f"{name}: no stratum has two primary units with answers, or none has two answers in one.",
        "Dùng dữ liệu có ít nhất hai đơn vị trong một tầng, mỗi đơn vị vài câu trả lời.",
        "Use data with two units in a stratum and several answers in each.",
        path=name,
    )
