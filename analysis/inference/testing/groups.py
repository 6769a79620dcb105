"""Whether groups differ, in their means (t test) or in their ranks.

Scores of a rank test are made from the estimated position of an answer in the population,
R = (Σ w of lower answers + half of its own) / N: R itself (``wilcoxon``, the same as
``KruskalWallis``), its normal quantile (``vanderWaerden``), or whether it exceeds one half
(``median``). Tied answers share the mean of their positions, taken in row order as R survey
does. The scores are then compared like any other answers, with the design's error.

References
----------
Lumley, T., Scott, A. J. (2013). Two-sample rank tests under complex sampling. Biometrika 100,
831-842.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy import special

from analysis.choices import one_of
from analysis.design import Flags, Floats, Integers, SurveyDesign
from analysis.inference.testing.categories import Coded, coded, left_out, numbers
from analysis.inference.testing.results import Test, f_tail, t_test
from analysis.inference.testing.tables import is_replicated, quadratic_form
from analysis.sampling_error import covariance_of
from intake.findings import EstimationError, Finding

RANK_TESTS = ("wilcoxon", "vanderWaerden", "median", "KruskalWallis")


def ttest(
    design: SurveyDesign,
    item: str,
    by: str | None = None,
    *,
    level: float = 0.95,
    missing: str = "fail",
) -> Test:
    """Test whether a mean is zero, or the same in two groups.

    Parameters
    ----------
    design
        The table and how it was drawn, or replicate weights.
    item
        Column with numbers, or an expression such as ``"I(after - before)"`` for pairs.
    by
        Column with two groups, or an expression such as ``"I(type == 'E')"``. Rows without
        a group belong to none, which ``findings`` reports.

    Returns
    -------
    Test
        ``statistic`` is t on df = design df - 1; ``estimate`` the mean, or the mean of the
        second group (in sorted order) less the first.

    Raises
    ------
    EstimationError
        ``groups-not-two``, ``item-not-numeric``, ``answers-missing``, ``test-no-df``,
        ``test-no-variation``.

    References
    ----------
    The model y = a + b·group by weighted least squares, as R survey's svyttest.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"y": [1.0, 2.0, 4.0, 5.0], "g": list("aabb"), "w": 1.0})
    >>> found = ttest(SurveyDesign(table, weights="w"), "y", by="g")
    >>> found.estimate, round(found.statistic, 4), found.df
    (3.0, 5.1962, 2.0)
    """
    y, known, findings = numbers(design, item, missing)
    if not known.any():
        raise _nobody(item)
    if by is None:
        group = Coded(item, np.where(known, 0, -1), (item,))
        found = _compared(design, y, group, "one-sample t test", level, float(design.df - 1))
        return replace(found, findings=tuple(findings))
    group, kept, more = _groups(design, by, known)
    if len(group.levels) != 2:
        raise _not_two(by, group)
    df = float((design if is_replicated(design) else design.where(kept)).df - 1)
    found = _compared(design, y, group, "two-sample t test", level, df)
    return replace(found, findings=(*findings, *more))


def ranktest(
    design: SurveyDesign,
    item: str,
    by: str,
    test: str = "wilcoxon",
    *,
    level: float = 0.95,
    missing: str = "fail",
) -> Test:
    """Test whether an item is placed differently in two or more groups, by ranks.

    Parameters
    ----------
    design
        The table and how it was drawn, or replicate weights.
    item, by
        Column with numbers, and column with groups.
    test
        One of `RANK_TESTS`.

    Returns
    -------
    Test
        Two groups: t on design df - 1 with the difference in mean rank score (second group
        less first, in units of the score). More groups: the Wald chi-square of the
        differences from the first, its p-value by F on (groups - 1, design df - groups + 1).

    Raises
    ------
    EstimationError
        ``rank-test-unknown``, ``category-single``, ``item-not-numeric``,
        ``answers-missing``, ``test-no-df``, ``covariance-singular``.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"y": [1.0, 2.0, 4.0, 3.0], "g": list("aabb"), "w": 1.0})
    >>> ranktest(SurveyDesign(table, weights="w"), "y", "g").estimate
    0.5
    """
    one_of("rank-test-unknown", "test", test, RANK_TESTS)
    y, known, findings = numbers(design, item, missing)
    group, kept, more = _groups(design, by, known)
    if len(group.levels) < 2:
        raise _not_two(by, group)
    score = np.zeros_like(y)
    score[kept] = _rank_scores(y[kept], design.weights[kept], test)
    df = float(design.where(kept).df)
    name = f"design-based {test} test"
    notes = (*findings, *more)
    if len(group.levels) == 2:
        found = _compared(design, score, group, name, level, df - 1, fixed=True)
        return replace(found, findings=notes)
    means, v = _means(design, score, group, fixed=True)
    away = means[1:] - means[0]
    contrast = np.column_stack([-np.ones(len(away)), np.eye(len(away))])
    quadratic = quadratic_form(away, contrast @ v @ contrast.T)
    k = float(len(away))
    p = f_tail(quadratic / k, k, df - k)
    return Test(quadratic, (k, df - k), p, name, estimate=away, findings=notes)


def _compared(
    design: SurveyDesign,
    y: Floats,
    group: Coded,
    name: str,
    level: float,
    df: float,
    fixed: bool = False,
) -> Test:
    means, v = _means(design, y, group, fixed)
    contrast = np.array([1.0]) if len(means) == 1 else np.array([-1.0, 1.0])
    variance = max(float(contrast @ v @ contrast), 0.0)
    se = np.sqrt(variance) if variance > (1e-13 * np.abs(y).max()) ** 2 else 0.0
    return t_test(float(contrast @ means), float(se), df, level, name)


def _means(
    design: SurveyDesign, y: Floats, group: Coded, fixed: bool = False
) -> tuple[Floats, Floats]:
    """Return the mean of each group and their covariance.

    ``fixed``: under replicate weights the linearised values are totalled again, and not the
    means made anew, as R survey does for scores that depend on all weights.
    """
    size = len(group.levels)
    counted = np.flatnonzero(group.codes >= 0)
    own: Integers = group.codes[counted]
    answers = y[counted]

    def recomputed(weights: Floats) -> Floats:
        w = weights[counted]
        held = np.bincount(own, weights=w, minlength=size)
        if not (held > 0).all():
            raise _empty_in_replicate(group, int(np.flatnonzero(held <= 0)[0]))
        return np.asarray(np.bincount(own, weights=w * answers, minlength=size) / held)

    w = design.weights[counted]
    means = recomputed(design.weights)
    held = np.bincount(own, weights=w, minlength=size)
    effect = (answers - means[own]) / held[own]
    scores = np.zeros((len(y), size))
    scores[counted, own] = w * effect

    def totalled(weights: Floats) -> Floats:
        moved = np.bincount(own, weights=weights[counted] * effect, minlength=size)
        return np.asarray(moved, dtype=np.float64)

    narrowed = design.where(group.codes >= 0)
    return means, covariance_of(narrowed, scores, totalled if fixed else recomputed)


def _groups(design: SurveyDesign, by: str, known: Flags) -> tuple[Coded, Flags, list[Finding]]:
    everyone = coded(design, by)
    gaps = left_out(design, [everyone], "drop")
    kept = known & (everyone.codes >= 0)
    return coded(design, by, kept), kept, gaps


def _rank_scores(y: Floats, weights: Floats, test: str) -> Floats:
    order = np.argsort(y, kind="stable")
    sorted_y, sorted_w = y[order], weights[order]
    # Summed in extended precision as R does: the median score turns on equality with N / 2.
    middle = np.cumsum(sorted_w, dtype=np.longdouble).astype(np.float64) - sorted_w / 2
    whole = float(np.sum(weights, dtype=np.longdouble))
    tie = np.cumsum(np.concatenate([[False], np.diff(sorted_y) != 0]))
    mean = np.bincount(tie, weights=middle) / np.bincount(tie)
    position = np.empty_like(y)
    position[order] = mean[tie]
    share = position / whole
    if test == "vanderWaerden":
        return np.asarray(special.ndtri(share))
    if test == "median":
        return (position > whole / 2).astype(np.float64)
    return np.asarray(share)


def _not_two(by: str, group: Coded) -> Exception:
    listed = ", ".join(str(level) for level in group.levels[:10]) or "—"
    return EstimationError.of(
        "groups-not-two" if len(group.levels) > 2 else "category-single",
        f"“{by}” có {len(group.levels)} nhóm có người trả lời: {listed}.",
        f"“{by}” has {len(group.levels)} groups with respondents: {listed}.",
        "Phép thử t cần đúng hai nhóm (nhiều hơn: ranktest hoặc models.linear).",
        "A t test needs two groups (for more: ranktest or models.linear).",
        column=by,
    )


def _nobody(item: str) -> Exception:
    return EstimationError.of(
        "answers-none",
        f"Không ai trả lời “{item}”.",
        f"Nobody answered “{item}”.",
        "Hãy kiểm tra cột và nhóm dân cư đã chọn.",
        "Check the column and the part of the population.",
        column=item,
    )


def _empty_in_replicate(group: Coded, empty: int) -> Exception:
    name = str(group.levels[empty])
    return EstimationError.of(
        "replicate-not-estimable",
        f"Một bộ trọng số lặp không có ai trong nhóm “{name}” của “{group.name}”.",
        f"A replicate has nobody in group “{name}” of “{group.name}”.",
        "Gộp nhóm này, hoặc dùng thiết kế với tầng và đơn vị sơ cấp.",
        "Merge the group, or use the design with strata and primary units.",
        column=group.name,
    )
