"""Drawn and voluntary answers side by side: two series, and the difference between them.

The voluntary series has no design; its interval is that of as many answers given at random,
or in clusters such as counters, and says nothing about who chose to answer. The two are never
merged: a table that holds rows of the other stream is refused, and so is pooling.

Values are in the units of the item.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

import numpy as np
import pandas as pd

from analysis.design import Floats, SurveyDesign
from analysis.inference.items import answers, groups, tested
from analysis.sampling_error import covariance_of
from analysis.tables import need_columns, need_design
from intake.findings import EstimationError, Words

LABELS = {
    "drawn": Words("mẫu được chọn", "drawn sample"),
    "voluntary": Words(
        "phản hồi tự nguyện – không đại diện", "voluntary answers – not representative"
    ),
    "voluntary-adjusted": Words(
        "phản hồi tự nguyện, hiệu chỉnh theo mẫu – không thay cho mẫu",
        "voluntary answers, adjusted to the sample – no replacement for it",
    ),
}
_WEIGHT = "\x00weight"


@dataclass(frozen=True, eq=False)
class SideBySide:
    """Two series that are not one.

    ``table``: ``series, label, quantity``, the domain, ``value, se, low, high, n, df``, the
    drawn rows first. ``differences``: ``quantity``, the domain, ``drawn, voluntary, difference``
    (voluntary less drawn) ``, se, low, high, df, p``.
    """

    table: pd.DataFrame
    differences: pd.DataFrame
    level: float


def pool(*series: object) -> NoReturn:
    """Refuse to merge drawn and voluntary answers, whatever they are given as.

    Raises
    ------
    EstimationError
        ``voluntary-not-pooled``, always.
    """
    raise EstimationError.of(
        "voluntary-not-pooled",
        f"Không gộp {len(series)} chuỗi: phản hồi tự nguyện không thuộc mẫu được chọn.",
        f"{len(series)} series are not merged: voluntary answers are not part of the sample.",
        "Trình bày cạnh nhau bằng compare(), hoặc hiệu chỉnh bằng doubly_robust().",
        "Show them side by side with compare(), or adjust them with doubly_robust().",
    )


def compare(
    drawn: SurveyDesign,
    voluntary: SurveyDesign | pd.DataFrame,
    items: str | Sequence[str],
    by: str | None = None,
    level: float = 0.95,
    *,
    clusters: str | None = None,
    missing: str = "fail",
    lang: str = "vi",
) -> SideBySide:
    """Estimate the means of both streams, and voluntary less drawn, with intervals.

    Parameters
    ----------
    drawn
        The probability sample with its design, or replicate weights.
    voluntary
        Table of the voluntary answers, each counting once; or a design of them.
    items
        Columns with numbers that both sources have.
    by
        Column of domains; a domain that one source lacks has no difference.
    clusters
        Column of the voluntary table within which answers resemble each other.
    missing
        ``fail`` refuses missing answers, ``drop`` leaves a row out of the item it misses.
    lang
        Language of the labels.

    Returns
    -------
    SideBySide
        The variance of a difference is the sum of both, as the sources are independent; its
        degrees of freedom are Satterthwaite's.

    Raises
    ------
    EstimationError
        ``voluntary-in-sample``, ``drawn-in-voluntary``, ``sources-same``,
        ``item-missing-column``, ``item-not-numeric``, ``answers-missing``.

    Examples
    --------
    >>> drawn = SurveyDesign(pd.DataFrame({"y": [3.0, 4, 4, 5], "w": 10.0}), weights="w")
    >>> both = compare(drawn, pd.DataFrame({"y": [5.0, 5, 4]}), "y", lang="en")
    >>> both.table["label"].tolist()
    ['drawn sample', 'voluntary answers – not representative']
    >>> round(float(both.differences["difference"].iloc[0]), 3)
    0.667
    """
    names = [items] if isinstance(items, str) else list(items)
    other = as_design(voluntary, clusters)
    keep_apart(drawn, other)
    tables, found = [], []
    for series, design in (("drawn", drawn), ("voluntary", other)):
        part = _means(design, names, by, level, missing, LABELS[series])
        part.insert(0, "series", series)
        part.insert(1, "label", LABELS[series].in_language(lang))
        tables.append(part)
        found.append(part.set_index(["quantity", *([by] if by else [])]))
    joined = found[0].add_suffix("_drawn").join(found[1].add_suffix("_voluntary"), how="outer")
    value = (joined["value_voluntary"] - joined["value_drawn"]).to_numpy(dtype=np.float64)
    parts = joined[["se_drawn", "se_voluntary"]].to_numpy(dtype=np.float64) ** 2
    frees = joined[["df_drawn", "df_voluntary"]].to_numpy(dtype=np.float64)
    differences = pd.DataFrame(
        {
            "drawn": joined["value_drawn"],
            "voluntary": joined["value_voluntary"],
            "difference": value,
        },
        index=joined.index,
    ).reset_index()
    interval = tested(value, parts.sum(axis=1), satterthwaite(parts, frees), level)
    whole = pd.concat(tables, ignore_index=True)
    return SideBySide(whole, pd.concat([differences, interval], axis=1), level)


def satterthwaite(variances: Floats, df: Floats) -> Floats:
    """Return the degrees of freedom of sums of variances (rows × parts).

    Examples
    --------
    >>> satterthwaite(np.array([[1.0, 1.0]]), np.array([[10.0, 10.0]])).tolist()
    [20.0]
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = np.where(variances > 0, variances**2 / np.where(df > 0, df, np.nan), 0.0)
        free: Floats = variances.sum(axis=1) ** 2 / parts.sum(axis=1)
    # Without any variance the larger source says how much is known.
    return np.where(variances.sum(axis=1) > 0, free, df.max(axis=1))


def as_design(voluntary: SurveyDesign | pd.DataFrame, clusters: str | None) -> SurveyDesign:
    """Return the voluntary answers as rows that count once each, in clusters if given."""
    if not isinstance(voluntary, pd.DataFrame):
        return voluntary
    if clusters is not None:
        need_columns(voluntary, [clusters], "item-missing-column")
    return SurveyDesign(voluntary.assign(**{_WEIGHT: 1.0}), weights=_WEIGHT, psu=clusters)


def keep_apart(drawn: SurveyDesign, voluntary: SurveyDesign) -> None:
    """Refuse sources that hold rows of each other, where ``recruitment`` says so."""
    need_design(drawn)
    need_design(voluntary)
    if drawn.data is voluntary.data:
        raise EstimationError.of(
            "sources-same",
            "Hai nguồn là cùng một bảng.",
            "Both sources are the same table.",
            "Mỗi nguồn một bảng.",
            "Give each source its own table.",
        )
    for design, own, code, words in (
        (
            drawn,
            True,
            "voluntary-in-sample",
            Words("không thuộc mẫu được chọn", "was not drawn"),
        ),
        (
            voluntary,
            False,
            "drawn-in-voluntary",
            Words("thuộc mẫu được chọn", "belongs to the drawn sample"),
        ),
    ):
        if "recruitment" not in design.data.columns:
            continue
        is_drawn = (design.data["recruitment"] == "drawn").to_numpy(dtype=bool)
        wrong = np.flatnonzero((is_drawn != own) & design.member)
        if wrong.size:
            raise EstimationError.of(
                code,
                f"Dòng {wrong[0] + 1} {words.vi} ({wrong.size} dòng như vậy).",
                f"Row {wrong[0] + 1} {words.en} ({wrong.size} such rows).",
                "Tách hai nguồn; không gộp vào một chuỗi.",
                "Part the two sources; they are never one series.",
                row=int(wrong[0]) + 1,
                column="recruitment",
            )


def _means(
    design: SurveyDesign,
    names: list[str],
    by: str | None,
    level: float,
    missing: str,
    source: Words,
) -> pd.DataFrame:
    y, valid = answers(design, names, missing, source)
    group, labels = groups(design, by, source=source)
    dfs = design.df_of(group, max(len(labels), 1))
    tables = []
    for number, label in enumerate(labels):
        inside = valid & ((group == number) & design.member)[:, None]

        def means(weights: Floats, inside: Any = inside) -> Floats:  # noqa: ANN401
            w = np.where(inside, weights[:, None], 0.0)
            with np.errstate(invalid="ignore", divide="ignore"):
                found: Floats = (w * y).sum(axis=0) / w.sum(axis=0)
            return found

        value = means(design.weights)
        w = np.where(inside, design.weights[:, None], 0.0)
        with np.errstate(invalid="ignore", divide="ignore"):
            scores = np.nan_to_num(w * (y - value) / w.sum(axis=0))
        variance = np.diagonal(covariance_of(design, scores, means))
        variance = np.where(np.isfinite(value), variance, np.nan)
        df = np.full(len(names), float(dfs[number]))
        part = pd.DataFrame({"quantity": names, **({by: label} if by else {}), "value": value})
        part = pd.concat([part, tested(value, variance, df, level)], axis=1)
        tables.append(part.drop(columns="p").assign(n=inside.sum(axis=0)))
    return pd.concat(tables, ignore_index=True)
