"""The columns of a long frame as they come: sizes and strata checked, labels numbered."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from intake.findings import DesignError, Faults, Words
from sampling.probabilities.checks import LOOK, check_sizes, check_vector, check_whole, refusal
from sampling.selection.blocks import ROWS, in_runs, sums

Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Strata:
    """``codes`` (N,) from 0, the ``takes`` (H,) and the ``labels`` (H,) of these numbers."""

    codes: NDArray[np.integer]
    takes: Integers
    labels: NDArray[np.generic]


def coded(strata: ArrayLike, takes: ArrayLike | Mapping[Hashable, int]) -> Strata:
    """Return the strata as numbers from 0 with the take of each; whole numbers are not copied."""
    column = np.asarray(strata)
    if column.ndim != 1 or not len(column):
        raise _strata_refusal(
            Words(
                "Cột tầng phải là một dãy, không rỗng.",
                "Strata must be a column that is not empty.",
            )
        )
    numbered = column.dtype.kind in "iu"
    if not isinstance(takes, Mapping):
        counts = check_vector(takes, "selection-takes-invalid", "takes")
        whole = [check_whole(take, f"takes[{h}]") for h, take in enumerate(counts.tolist())]
        low, high = (int(column.min()), int(column.max())) if numbered else (-1, -1)
        if low < 0 or high >= len(whole):
            raise _strata_refusal(
                Words(
                    f"Với takes là dãy, tầng phải là số từ 0 đến {len(whole) - 1}"
                    + (f"; nhận được {low} … {high}." if numbered else "."),
                    f"With takes as an array, strata must be numbers 0 … {len(whole) - 1}"
                    + (f"; got {low} … {high}." if numbered else "."),
                )
            )
        return Strata(column, np.array(whole, dtype=np.int64), np.arange(len(whole)))
    labels, codes = _numbered(column)
    given = {_plain(label): take for label, take in takes.items()}
    held = [_plain(label) for label in labels.tolist()]
    _check_labels(set(held), given)
    counts_by_label = [check_whole(given[label], f"takes[{label!r}]") for label in held]
    return Strata(codes, np.array(counts_by_label, dtype=np.int64), labels)


def _numbered(column: NDArray[np.generic]) -> tuple[NDArray[np.generic], NDArray[np.integer]]:
    """Return the labels, ascending, and the number of each row's label."""
    import pandas as pd

    try:
        codes, labels = pd.factorize(column, sort=True)
    except TypeError:
        codes, labels = np.array([-1]), np.empty(0)
    missing = np.flatnonzero(codes < 0)
    if len(missing):
        raise _strata_refusal(
            Words(
                f"Tầng bị trống, hoặc chữ lẫn số (dòng đầu tiên: vị trí {missing[0]}).",
                "A stratum is missing, or text is mixed with numbers (first at position "
                f"{missing[0]}).",
            )
        )
    return np.asarray(labels), codes.astype(np.int32 if len(labels) < 2**31 else np.int64)


def _plain(label: object) -> Hashable:
    plain: Hashable = label.item() if isinstance(label, np.generic) else label
    return plain


def _check_labels(held: set[Hashable], given: Mapping[Hashable, int]) -> None:
    faults = Faults()
    for label in sorted(held - given.keys(), key=str):
        faults.add(
            "selection-takes-invalid",
            Words(f"Tầng {label!r} chưa có số lượng lấy.", f"Stratum {label!r} has no take."),
            Words("Ghi số lượng, có thể là 0.", "State its take; 0 is one."),
            path=f"takes[{label!r}]",
        )
    for label in sorted(given.keys() - held, key=str):
        if given[label]:
            faults.add(
                "selection-takes-invalid",
                Words(f"Khung không có tầng {label!r}.", f"The frame holds no stratum {label!r}."),
                LOOK,
                path=f"takes[{label!r}]",
            )
    faults.raise_as(DesignError)


def check_columns(
    sizes: ArrayLike | None, found: Strata, *, needed: bool
) -> NDArray[np.generic] | None:
    """Return the sizes in their own number type; refuse what is no size, a block at a time."""
    if sizes is None:
        if needed:
            check_sizes([[]])
        return None
    column = np.asarray(sizes)
    if column.dtype.kind not in "iuf" or column.ndim != 1 or column.dtype == np.uint64:
        column = check_sizes(sizes)
    if len(column) != len(found.codes):
        raise refusal(
            "selection-sizes-invalid",
            Words(
                f"Có {len(column)} quy mô cho {len(found.codes)} dòng.",
                f"{len(column)} sizes for {len(found.codes)} rows.",
            ),
            path="sizes",
        )
    for low in range(0, len(column), ROWS):
        block = column[low : low + ROWS]
        # A missing value makes both comparisons false.
        if not (block.min() >= 0 and block.max() < np.inf):
            check_sizes(column)
    return column


def check_held(sizes: NDArray[np.generic] | None, found: Strata) -> Integers:
    """Return the units of positive size by stratum; refuse takes above them."""
    held = np.zeros(len(found.takes), dtype=np.int64)
    for low in range(0, len(found.codes), ROWS):
        codes = found.codes[low : low + ROWS]
        if sizes is not None and not (block := sizes[low : low + ROWS]).min():
            codes = codes[block != 0]
        if len(codes):
            held += sums(codes, None, len(held), runs=in_runs(codes)).astype(np.int64)
    faults = Faults()
    for h in np.flatnonzero(found.takes > held).tolist():
        label, take, units = _plain(found.labels[h]), int(found.takes[h]), int(held[h])
        faults.add(
            "selection-takes-invalid",
            Words(
                f"Tầng {label!r} chỉ có {units} đơn vị có thể chọn, không lấy được {take} "
                f"(thừa {take - units}).",
                f"Stratum {label!r} holds {units} units that can be drawn; {take} cannot be "
                f"taken ({take - units} too many).",
            ),
            Words(f"Lấy nhiều nhất {units}.", f"Take at most {units}."),
            path=f"takes[{label!r}]",
        )
    faults.raise_as(DesignError)
    return held


def _strata_refusal(message: Words) -> DesignError:
    return refusal("selection-strata-invalid", message, path="strata")
