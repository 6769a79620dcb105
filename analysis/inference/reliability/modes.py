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

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from analysis.design import Floats
from analysis.estimation.results import Design
from analysis.inference.reliability.coefficient import no_freedom, spread
from analysis.inference.reliability.consistency import alpha_of
from analysis.inference.reliability.extraction import extract
from analysis.inference.variances import (
    Moments,
    moments,
    no_cases,
    refusal,
    refuse_constant,
    with_intervals,
)
from intake.findings import Finding, Words

KINDS = ("loading", "level", "alpha", "mean")


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
    reference: Any
    level: float
    df: int
    findings: tuple[Finding, ...]

    @property
    def words(self) -> tuple[Words, ...]:
        """The result in plain sentences, the largest shift first."""
        found = self.table[self.table["differs"]]
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
        order = found["value"].abs().sort_values(ascending=False, kind="stable").index
        return tuple(_sentence(row) for row in found.loc[order].to_dict("records"))


def across_modes(
    design: Design,
    items: Sequence[str],
    mode: str,
    level: float = 0.95,
    *,
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
        ``cases-too-few`` (in a mode), ``loadings-cancel``, ``items-too-few``, …

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
    found = moments(design, items, missing, least=3)
    modes = _modes(design, found, mode)
    parts = [found.within(rows) for _, rows in modes]
    for (label, _), part in zip(modes, parts, strict=True):
        _check(part, label)
    at = _reference([label for label, _ in modes], parts, reference)
    figures, scores = _figures(parts)

    def again(weights: Floats) -> Floats:
        return _values(parts, weights).ravel()

    whole = spread(design, scores, again)
    others = [k for k in range(len(modes)) if k != at]
    size = figures.shape[1]
    contrast = np.zeros((len(others) * size, figures.size))
    for row, k in enumerate(others):
        block = slice(row * size, (row + 1) * size)
        contrast[block, k * size : (k + 1) * size] = np.eye(size)
        contrast[block, at * size : (at + 1) * size] = -np.eye(size)
    se = np.sqrt(np.maximum(np.diag(contrast @ whole @ contrast.T), 0.0))
    heads = _heads(found.names)
    labels = [label for label, _ in modes]
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
        [
            heads.assign(mode=label, value=figures[k], n=parts[k].n)
            for k, label in enumerate(labels)
        ],
        ignore_index=True,
    )
    said = () if design.df > 0 else (no_freedom(),)
    return ModeComparison(table, by_mode, labels[at], level, design.df, said)


def _figures(parts: Sequence[Moments]) -> tuple[Floats, Floats]:
    """Return the figures of each mode (modes × k), and scores (rows, modes · k).

    The level at which items are compared is the average of the modes' levels, so that it moves
    with each of them.
    """
    size = len(parts[0].names)
    middle = float(np.mean([part.mean.mean() for part in parts]))
    rows = len(parts[0].weights)
    values: list[Floats] = []
    scores: list[Floats] = []
    shift = np.zeros((len(parts), size))
    of_middle = np.zeros((rows, 1))
    for part in parts:
        value, by_matrix, by_mean, loadings = _of_mode(part, middle)
        shift[len(values)] = loadings
        values.append(value)
        scores.append(part.scores(by_matrix, by_mean))
        of_middle += part.scores(None, np.full((1, size), 1 / (size * len(parts))))
    for k, own in enumerate(scores):
        own[:, size : 2 * size] += of_middle * shift[k]
    return np.array(values), np.hstack(scores)


def _of_mode(part: Moments, middle: float) -> tuple[Floats, Floats, Floats, Floats]:
    """Return loadings, levels at the common middle, alpha and mean of one mode.

    With them the derivatives by its covariances and its means, and the loadings alone.
    """
    size = len(part.names)
    fitted = extract(part.matrix, 1, "ml")
    if fitted.loadings.mean() < 0.05 * np.abs(fitted.loadings).max():
        raise refusal(
            "loadings-cancel",
            Words(
                "Các câu đi ngược chiều nhau, nên không có mức chung để so sánh.",
                "The items run against each other, so there is no overall level to compare at.",
            ),
            Words("Mã hóa mọi câu cùng chiều.", "Code all items in one direction."),
        )

    def scaled(loadings: Floats, _unique: Floats) -> Floats:
        own = loadings[:, :, 0]
        return np.asarray(own / own.mean(axis=1, keepdims=True))

    loadings, slope = fitted.derivative(scaled)
    own = part.mean.mean()
    alpha, alpha_slope = alpha_of(part.matrix)
    by_matrix = np.zeros((2 * size + 2, size, size))
    by_matrix[:size] = slope
    by_matrix[size : 2 * size] = slope * (middle - own)
    by_matrix[2 * size] = alpha_slope
    by_mean = np.zeros((2 * size + 2, size))
    by_mean[size : 2 * size] = np.eye(size) - loadings[:, None] / size
    by_mean[2 * size + 1] = 1 / size
    levels = part.mean + loadings * (middle - own)
    return np.concatenate([loadings, levels, [alpha, own]]), by_matrix, by_mean, loadings


def _values(parts: Sequence[Moments], weights: Floats) -> Floats:
    means = [part.mean_at(weights) for part in parts]
    middle = float(np.mean([mean.mean() for mean in means]))
    found = []
    for part, mean in zip(parts, means, strict=True):
        matrix = part.matrix_at(weights)
        loadings = extract(matrix, 1, "ml").loadings[:, 0]
        loadings = loadings / loadings.mean()
        levels = mean + loadings * (middle - mean.mean())
        found.append(np.concatenate([loadings, levels, [alpha_of(matrix)[0], mean.mean()]]))
    return np.array(found)


def _heads(names: Sequence[str]) -> pd.DataFrame:
    size = len(names)
    return pd.DataFrame(
        {
            "quantity": [*names, *names, "scale", "scale"],
            "kind": ["loading"] * size + ["level"] * size + ["alpha", "mean"],
        }
    )


def _tested(table: pd.DataFrame, df: int, false_discoveries: float) -> pd.DataFrame:
    """Add p-values of the differences, adjusted over all but the overall level."""
    from statsmodels.stats.multitest import multipletests

    if not 0 < false_discoveries < 1:
        raise refusal(
            "level-out-of-range",
            Words(
                f"false_discoveries={false_discoveries} không hợp lệ.",
                f"false_discoveries={false_discoveries} is not possible.",
            ),
            Words("Chọn giữa 0 và 1, ví dụ 0.05.", "Choose between 0 and 1, such as 0.05."),
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


def _modes(design: Design, found: Moments, mode: str) -> list[tuple[Any, Any]]:
    if mode not in design.data.columns:
        raise refusal(
            "item-missing-column",
            Words(f"Bảng không có cột “{mode}”.", f"The table has no column “{mode}”."),
            Words("Hãy kiểm tra tên cột.", "Check the name of the column."),
            column=mode,
        )
    column = design.data[mode]
    holes = np.flatnonzero(column.isna().to_numpy(dtype=bool) & found.kept)
    if holes.size:
        raise refusal(
            "mode-missing",
            Words(
                f"{holes.size} dòng thiếu hình thức trả lời.",
                f"{holes.size} rows do not say their mode.",
            ),
            Words("Ghi hình thức, hoặc chọn các dòng có ghi.", "Fill it in, or use where."),
            row=int(holes[0]) + 1,
            column=mode,
        )
    labels = sorted(column[found.kept].unique(), key=lambda v: (isinstance(v, str), v))
    if len(labels) < 2:
        raise refusal(
            "modes-too-few",
            Words(
                f"Chỉ có một hình thức trả lời: {labels[0]}.",
                f"There is only one mode: {labels[0]}.",
            ),
            Words("Cần ít nhất hai hình thức.", "At least two modes are needed."),
            column=mode,
        )
    return [(label, (column == label).to_numpy(dtype=bool)) for label in labels]


def _check(part: Moments, label: object) -> None:
    where = Words(f" ở hình thức “{label}”", f" in mode “{label}”")
    if part.n == 0:
        raise no_cases(where)
    refuse_constant(part, where)
    if part.n <= 2 * len(part.names):
        raise refusal(
            "cases-too-few",
            Words(
                f"Hình thức “{label}” chỉ có {part.n} người trả lời cho {len(part.names)} câu.",
                f"Mode “{label}” has {part.n} respondents for {len(part.names)} items.",
            ),
            Words(
                "Gộp hình thức hoặc bớt câu; cần hơn hai người cho mỗi câu.",
                "Merge modes or drop items; more than two per item are needed.",
            ),
        )


def _reference(labels: Sequence[Any], parts: Sequence[Moments], wanted: Any) -> int:  # noqa: ANN401
    if wanted is None:
        return int(np.argmax([part.n for part in parts]))
    if wanted not in labels:
        shown = ", ".join(str(label) for label in labels)
        raise refusal(
            "reference-unknown",
            Words(f"Không có hình thức “{wanted}”.", f"There is no mode “{wanted}”."),
            Words(f"Các hình thức: {shown}.", f"The modes are: {shown}."),
        )
    return list(labels).index(wanted)


def _sentence(row: dict[Any, Any]) -> Words:
    size = f"{abs(row['value']):.2f}"
    comma, higher = size.replace(".", ","), row["value"] > 0
    name, mode, other = row["quantity"], row["mode"], row["reference"]
    if row["kind"] == "level":
        return Words(
            f"Ở cùng mức chung, câu “{name}” được trả lời {'cao' if higher else 'thấp'} hơn "
            f"{comma} điểm ở hình thức {mode} so với {other}.",
            f"At the same overall level, '{name}' is answered {size} points "
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
