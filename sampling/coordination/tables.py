"""What samples have in common: units drawn in both, and how often a unit had to answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from intake.findings import DesignError
from sampling.coordination.exact import whole_of

if TYPE_CHECKING:
    import pandas as pd

OVERLAP_COLUMNS = ("stage", "stratum", "a", "b", "both", "expected", "common", "gone", "born")


def overlap(
    sample_a: pd.DataFrame,
    sample_b: pd.DataFrame,
    *,
    frame_a: pd.DataFrame | None = None,
    frame_b: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return how many units two samples share, by stage and stratum.

    Parameters
    ----------
    sample_a, sample_b
        The earlier and the later sample: ``unit_id``, ``stratum``, ``stage``.
    frame_a, frame_b
        Every unit of stage 1 that could be drawn: ``unit_id``, ``stratum``, ``probability``.

    Returns
    -------
    pandas.DataFrame
        ``a``, ``b``: drawn in each, by the stratum that the unit had there; ``both``: drawn
        in both, by the later stratum. In stage 1, where both frames are given: ``expected``,
        what two independent draws would share (the sum of π_a π_b over the units that both
        frames hold), ``common`` (such units), ``born`` (in the later frame alone) and
        ``gone`` (in the earlier alone, by its stratum). Empty where nobody knows.

    Raises
    ------
    DesignError
        A table lacks a column, or names a unit twice.
    """
    import pandas as pd

    first, second = _sample(sample_a, "sample_a"), _sample(sample_b, "sample_b")
    counts = {"a": first, "b": second, "both": second[second.index.isin(first.index)]}
    table = pd.DataFrame(
        {name: part.groupby(["stage", "stratum"]).size() for name, part in counts.items()}
    )
    if frame_a is not None and frame_b is not None:
        known = _frames(_frame(frame_a, "frame_a"), _frame(frame_b, "frame_b"))
        table = table.join(known, how="outer")
        here = table.index.get_level_values("stage") == 1
        table.loc[here, list(known.columns)] = table.loc[here, list(known.columns)].fillna(0)
    table = table.reset_index().reindex(columns=list(OVERLAP_COLUMNS))
    whole = dict.fromkeys(("stage", "a", "b", "both"), "int64")
    table = table.fillna(dict.fromkeys(whole, 0)).astype(whole)
    table = table.astype(dict.fromkeys(("common", "gone", "born"), "Int64"))
    table["expected"] = table["expected"].astype("float64")
    return table.sort_values(["stage", "stratum"], ignore_index=True)


def burden(samples: Sequence[pd.DataFrame], *, last: int | None = None) -> pd.DataFrame:
    """Return how often each unit was drawn.

    Parameters
    ----------
    samples
        Samples from the earliest to the latest.
    last
        Look at so many of the latest alone.

    Returns
    -------
    pandas.DataFrame
        A row for each stage and unit drawn: ``stage``, ``unit_id``, ``times``,
        ``last_round`` (the latest that drew it, the earliest sample being 1), most often
        drawn first.
    """
    import pandas as pd

    if not samples:
        raise DesignError.of(
            "coordination-samples-missing",
            "Chưa có mẫu nào.",
            "There is no sample.",
            "Đưa ít nhất một mẫu.",
            "Give at least one sample.",
            path="samples",
        )
    kept = len(samples) if last is None else min(whole_of(last, "last"), len(samples))
    parts = [
        _sample(one, f"samples[{place}]").index.to_frame(index=False).assign(round=place + 1)
        for place, one in enumerate(samples)
    ]
    drawn = pd.concat(parts[len(parts) - kept :])
    table = drawn.groupby(["stage", "unit_id"])["round"].agg(times="size", last_round="max")
    return table.reset_index().sort_values(
        ["stage", "times", "unit_id"], ascending=[True, False, True], ignore_index=True
    )


def _frames(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    """Return what two frames share by stratum, as stage 1."""
    import pandas as pd

    held = second.join(first["probability"].rename("earlier"), how="left")
    common, born = held[held["earlier"].notna()], held[held["earlier"].isna()]
    gone = first[~first.index.isin(second.index)]
    shared = (common["probability"] * common["earlier"]).groupby(common["stratum"]).sum()
    found = pd.DataFrame(
        {
            "expected": shared,
            **{
                name: part.groupby("stratum").size()
                for name, part in (("common", common), ("gone", gone), ("born", born))
            },
        }
    )
    found.index = pd.MultiIndex.from_product([[1], found.index], names=["stage", "stratum"])
    return found


def _sample(table: pd.DataFrame, name: str) -> pd.DataFrame:
    return _indexed(table, ["stage", "unit_id"], ["stratum"], name)


def _frame(table: pd.DataFrame, name: str) -> pd.DataFrame:
    found = _indexed(table, ["unit_id"], ["stratum", "probability"], name)
    chances = found["probability"].astype("float64")
    if not chances.between(0, 1).all():
        bad = found.index[~chances.between(0, 1)][0]
        raise DesignError.of(
            "coordination-probability-invalid",
            f"Xác suất của {bad} không nằm từ 0 đến 1.",
            f"The probability of {bad} is not between 0 and 1.",
            "Xác suất không thể lớn hơn 1, nhỏ hơn 0 hay bỏ trống.",
            "It cannot be above 1, below 0 or missing.",
            path=name,
        )
    return found


def _indexed(table: pd.DataFrame, keys: list[str], others: list[str], name: str) -> pd.DataFrame:
    lacking = [column for column in (*keys, *others) if column not in table.columns]
    if lacking:
        raise DesignError.of(
            "coordination-column-missing",
            f"{name} thiếu cột: {', '.join(lacking)}.",
            f"{name} lacks the columns: {', '.join(lacking)}.",
            "Dùng bảng có các cột của tệp mẫu.",
            "Give a table with the columns of the sample file.",
            path=name,
        )
    found = table.set_index(keys)[others]
    twice = found.index[found.index.duplicated()]
    if len(twice):
        raise DesignError.of(
            "coordination-unit-repeated",
            f"{name} có đơn vị ghi hai lần: {twice[0]}.",
            f"{name} names a unit twice: {twice[0]}.",
            "Mỗi đơn vị một dòng.",
            "One row for each unit.",
            path=name,
        )
    return found
