"""Do the items of a scale measure alike in every mode of answering.

Paper, phone, web and counter may change how an item is read. For each mode a model of one
factor is fitted, on the factor's own scale: loadings average one and the factor is the mean of
the items, in their unit. What is compared with the reference mode is, per item, the loading
and the answer expected at one and the same overall level, and alpha of the scale. That the
overall level itself differs between modes is no fault of measurement and is stated apart.

An item that shifts strongly takes the overall level with it, and the others then seem to shift a
little the other way: read the largest shift first.

Differences of loadings and of alpha have no unit; levels are in the unit of the items. Whether
the same persons would answer differently elsewhere needs modes drawn by lot.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from analysis.design import Flags, Floats
from analysis.estimation.results import Design
from analysis.inference.reliability.association import (
    PolychoricCorrelations,
    associate,
    ordered,
)
from analysis.inference.reliability.coefficient import no_freedom, spread
from analysis.inference.reliability.mode_figures import (
    linear_figures,
    linear_values,
    ordered_figures,
    ordered_values,
)
from analysis.inference.variances import moments, refuse_constant, with_intervals
from analysis.tables import need_columns
from intake.findings import EstimationError, Finding, Words

Anew = Callable[[Floats], Floats]


@dataclass(frozen=True, eq=False)
class ModeComparison:
    """What differs between modes.

    ``table``, one row per figure and mode compared: ``quantity`` (item, or ``scale``), ``kind``
    (``loading``, ``level``, ``alpha``; ``mean``, the overall level, which is not tested as a
    fault), ``mode``, ``reference``, ``of_mode, of_reference`` (both figures), ``value`` (their
    difference), ``se, low, high, p, p_adjusted, differs``. ``by_mode``: n and all figures per
    mode.
    """

    table: pd.DataFrame
    by_mode: pd.DataFrame
    matrix: str
    reference: Any
    level: float
    df: int
    findings: tuple[Finding, ...]

    @property
    def words(self) -> tuple[Words, ...]:
        """The result in plain sentences, the largest shift first."""
        found = self.table[self.table["differs"]]
        if self.df <= 0:
            return (no_freedom().message,)
        if found.empty:
            tested = int((self.table["kind"] != "mean").sum())
            return (
                Words(
                    f"Không thấy khác biệt về đo lường giữa các hình thức trả lời "
                    f"({tested} so sánh).",
                    f"The modes of answering show no difference in measurement "
                    f"({tested} comparisons).",
                ),
            )
        unit = Words("độ lệch chuẩn", "standard deviations")
        if self.matrix == "linear":
            unit = Words("điểm", "points")
        order = found["value"].abs().sort_values(ascending=False, kind="stable").index
        return tuple(_sentence(row, unit) for row in found.loc[order].to_dict("records"))


def across_modes(
    design: Design,
    items: Sequence[str],
    mode: str,
    level: float = 0.95,
    *,
    matrix: str = "linear",
    reference: Any = None,  # noqa: ANN401 - a value of the mode column
    false_discoveries: float = 0.05,
    missing: str = "fail",
) -> ModeComparison:
    """Compare how the items of a scale measure in different modes.

    Parameters
    ----------
    design
        The table and how it was drawn, or replicate weights. Covariances between the modes,
        whose answers may come from the same primary units, are counted.
    items
        At least three columns with numbers on one scale, all coded in one direction.
    mode
        Column with the mode of each answer.
    level
        Confidence level of the t intervals, each for itself.
    matrix
        ``linear``: items as numbers; levels in their unit. ``polychoric``: items as ordered
        categories; levels from the thresholds, in standard deviations of the factor.
    reference
        The mode that others are compared with; the one with most answers without it.
    false_discoveries
        Expected share of false alarms among the differences called so (Benjamini-Hochberg over
        all loadings, levels and alphas).
    missing
        ``fail`` refuses missing answers; ``drop`` leaves out rows that miss any item. A missing
        mode is refused either way unless the row is outside the part picked by ``where``.

    Raises
    ------
    EstimationError
        ``modes-too-few``, ``mode-missing``, ``reference-unknown``, ``item-constant`` (in a mode),
        ``cases-too-few``, ``category-empty`` (in a mode), ``loadings-cancel``, ``items-too-few``, …

    References
    ----------
    Meredith, W. (1993). Measurement invariance, factor analysis and factorial invariance.
    Psychometrika 58, 525-543. Little, T. D., Slegers, D. W., Card, N. A. (2006). A non-arbitrary
    method of identifying and scaling latent variables. Structural Equation Modeling 13, 59-72.
    Benjamini, Y., Hochberg, Y. (1995). JRSS B 57, 289-300.

    Examples
    --------
    >>> from analysis import SurveyDesign
    >>> rng = np.random.Generator(np.random.PCG64(5))
    >>> answers = rng.normal(size=(400, 1)) + rng.normal(size=(400, 3))
    >>> table = pd.DataFrame(answers, columns=["a", "b", "c"]).assign(w=1.0, how="paper")
    >>> table.loc[200:, "how"] = "web"
    >>> table.loc[200:, "b"] += 1.5
    >>> found = across_modes(SurveyDesign(table, weights="w"), ["a", "b", "c"], "how")
    >>> found.words[0].en
    "At the same overall level, 'b' is answered 0.94 points higher in mode web than in paper."
    """
    labels, sizes, names, (figures, scores), anew = (
        _as_numbers if matrix == "linear" else _as_categories
    )(design, items, mode, matrix, missing)
    at = _reference(labels, sizes, reference)

    def again(weights: Floats) -> Floats:
        return anew(weights).ravel()

    whole = spread(design, scores, again)
    others = [k for k in range(len(labels)) if k != at]
    size = figures.shape[1]
    contrast = np.zeros((len(others) * size, figures.size))
    for row, k in enumerate(others):
        block = slice(row * size, (row + 1) * size)
        contrast[block, k * size : (k + 1) * size] = np.eye(size)
        contrast[block, at * size : (at + 1) * size] = -np.eye(size)
    se = np.sqrt(np.maximum(np.diag(contrast @ whole @ contrast.T), 0.0))
    heads = _heads(names, size)
    table = pd.concat(
        [
            heads.assign(
                mode=labels[k],
                reference=labels[at],
                of_mode=figures[k],
                of_reference=figures[at],
            )
            for k in others
        ],
        ignore_index=True,
    )
    columns = with_intervals(contrast @ figures.ravel(), se, design.df, level)
    table = _tested(table.assign(**columns), design.df, false_discoveries)
    by_mode = pd.concat(
        [heads.assign(mode=label, value=figures[k], n=sizes[k]) for k, label in enumerate(labels)],
        ignore_index=True,
    )
    said = () if design.df > 0 else (no_freedom(),)
    return ModeComparison(table, by_mode, matrix, labels[at], level, design.df, said)


def _as_numbers(
    design: Design, items: Sequence[str], mode: str, _matrix: str, missing: str
) -> tuple[list[Any], list[int], tuple[str, ...], tuple[Floats, Floats], Anew]:
    found = moments(design, items, missing, least=3)
    modes = _modes(design, found.kept, mode)
    parts = [found.within(rows) for _, rows in modes]
    for (label, _), part in zip(modes, parts, strict=True):
        refuse_constant(part, _where(label))
        _refuse_few(part.n, len(part.names), label)
    return (
        [label for label, _ in modes],
        [part.n for part in parts],
        found.names,
        linear_figures(parts),
        lambda weights: linear_values(parts, weights),
    )


def _as_categories(
    design: Design, items: Sequence[str], mode: str, matrix: str, missing: str
) -> tuple[list[Any], list[int], tuple[str, ...], tuple[Floats, Floats], Anew]:
    found = associate(design, items, matrix, missing, least=3)
    if not isinstance(found, PolychoricCorrelations):
        raise TypeError("categories need polychoric correlations")
    modes = _modes(design, found.kept, mode)
    for label, rows in modes:
        _refuse_empty(found, rows, label)
        _refuse_few(int((found.kept & rows).sum()), len(found.names), label)
    parts = [
        ordered(found.names, design.data, found.kept & rows, design.weights) for _, rows in modes
    ]
    return (
        [label for label, _ in modes],
        [part.n for part in parts],
        found.names,
        ordered_figures(parts),
        lambda weights: ordered_values(parts, weights),
    )


def _heads(names: Sequence[str], figures: int) -> pd.DataFrame:
    size = len(names)
    kinds = ["loading"] * size + ["level"] * size + ["alpha", "mean"]
    quantities = [*names, *names, "scale", "scale"]
    return pd.DataFrame({"quantity": quantities[:figures], "kind": kinds[:figures]})


def _tested(table: pd.DataFrame, df: int, false_discoveries: float) -> pd.DataFrame:
    """Add p-values of the differences, adjusted over all but the overall level."""
    from statsmodels.stats.multitest import multipletests

    if not 0 < false_discoveries < 1:
        raise EstimationError.of(
            "level-out-of-range",
            f"false_discoveries={false_discoveries} không hợp lệ.",
            f"false_discoveries={false_discoveries} is not possible.",
            "Chọn giữa 0 và 1, ví dụ 0.05.",
            "Choose between 0 and 1, such as 0.05.",
        )
    difference, se = table["value"].to_numpy(), table["se"].to_numpy()
    p = np.full(len(table), np.nan)
    if df > 0:
        sure = se <= 0
        t = np.abs(difference) / np.where(sure, 1.0, se)
        p = np.where(sure, np.where(difference == 0, 1.0, 0.0), 2 * special.stdtr(df, -t))
    tested = (table["kind"] != "mean").to_numpy()
    adjusted, differs = np.full(len(table), np.nan), np.zeros(len(table), dtype=bool)
    if df > 0:
        differs[tested], adjusted[tested] = multipletests(
            p[tested], alpha=false_discoveries, method="fdr_bh"
        )[:2]
    return table.assign(p=p, p_adjusted=adjusted, differs=differs)


def _modes(design: Design, kept: Flags, mode: str) -> list[tuple[Any, Flags]]:
    need_columns(design.data, [mode], "item-missing-column")
    column = design.data[mode]
    holes = np.flatnonzero(column.isna().to_numpy(dtype=bool) & kept)
    if holes.size:
        raise EstimationError.of(
            "mode-missing",
            f"{holes.size} dòng thiếu hình thức trả lời.",
            f"{holes.size} rows do not say their mode.",
            "Ghi hình thức, hoặc chọn các dòng có ghi.",
            "Fill it in, or use where.",
            row=int(holes[0]) + 1,
            column=mode,
        )
    labels = sorted(column[kept].unique(), key=lambda v: (isinstance(v, str), v))
    if len(labels) < 2:
        raise EstimationError.of(
            "modes-too-few",
            f"Chỉ có một hình thức trả lời: {labels[0]}.",
            f"There is only one mode: {labels[0]}.",
            "Cần ít nhất hai hình thức.",
            "At least two modes are needed.",
            column=mode,
        )
    return [(label, (column == label).to_numpy(dtype=bool)) for label in labels]


def _where(label: object) -> Words:
    return Words(f" ở hình thức “{label}”", f" in mode “{label}”")


def _refuse_few(n: int, items: int, label: object) -> None:
    if n <= 2 * items:
        raise EstimationError.of(
            "cases-too-few",
            f"Hình thức “{label}” chỉ có {n} người trả lời cho {items} câu.",
            f"Mode “{label}” has {n} respondents for {items} items.",
            "Gộp hình thức hoặc bớt câu; cần hơn hai người cho mỗi câu.",
            "Merge modes or drop items; more than two per item are needed.",
        )


def _refuse_empty(found: PolychoricCorrelations, rows: Flags, label: object) -> None:
    """Refuse a category that nobody of a mode chose: its threshold would have no place."""
    code = found.fitted.code[rows[found.kept]]
    for item, (name, values) in enumerate(zip(found.names, found.categories, strict=True)):
        absent = np.setdiff1d(np.arange(len(values)), code[:, item])
        if absent.size:
            shown = values[int(absent[0])]
            value = f"{shown:g}" if isinstance(shown, float) else str(shown)
            raise EstimationError.of(
                "category-empty",
                f"Ở hình thức “{label}” không ai chọn mức {value} của câu “{name}”.",
                f"In mode “{label}” nobody chose category {value} of item “{name}”.",
                "Gộp mức này với mức bên cạnh, hoặc dùng matrix='linear'.",
                "Merge it with its neighbour, or use matrix='linear'.",
                column=name,
            )


def _reference(labels: Sequence[Any], sizes: Sequence[int], wanted: Any) -> int:  # noqa: ANN401
    if wanted is None:
        return int(np.argmax(sizes))
    if wanted not in labels:
        shown = ", ".join(str(label) for label in labels)
        raise EstimationError.of(
            "reference-unknown",
            f"Không có hình thức “{wanted}”.",
            f"There is no mode “{wanted}”.",
            f"Các hình thức: {shown}.",
            f"The modes are: {shown}.",
        )
    return list(labels).index(wanted)


def _sentence(row: dict[Any, Any], unit: Words) -> Words:
    size = f"{abs(row['value']):.2f}"
    comma, higher = size.replace(".", ","), row["value"] > 0
    name, mode, other = row["quantity"], row["mode"], row["reference"]
    if row["kind"] == "level":
        return Words(
            f"Ở cùng mức chung, câu “{name}” được trả lời {'cao' if higher else 'thấp'} hơn "
            f"{comma} {unit.vi} ở hình thức {mode} so với {other}.",
            f"At the same overall level, '{name}' is answered {size} {unit.en} "
            f"{'higher' if higher else 'lower'} in mode {mode} than in {other}.",
        )
    if row["kind"] == "loading":
        return Words(
            f"Câu “{name}” gắn với mức chung {'chặt' if higher else 'lỏng'} hơn ở hình thức {mode} "
            f"so với {other} (hệ số tải lệch {comma}).",
            f"'{name}' goes {'more' if higher else 'less'} strongly with the overall level in mode "
            f"{mode} than in {other} (loadings differ by {size}).",
        )
    return Words(
        f"Thang đo {'nhất quán' if higher else 'kém nhất quán'} hơn ở hình thức {mode} so với "
        f"{other} (alpha lệch {comma}).",
        f"The scale is {'more' if higher else 'less'} consistent in mode {mode} than in {other} "
        f"(alphas differ by {size}).",
    )
