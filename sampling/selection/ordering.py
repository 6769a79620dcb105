"""The order of a list before a systematic draw: serpentine, so that neighbours are alike."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from intake.findings import Words
from sampling.probabilities.checks import refusal


def serpentine(columns: Sequence[ArrayLike]) -> NDArray[np.int64]:
    """Return the order that sorts by several columns, turning around at each group's end.

    The first column ascends. Within its groups the second ascends, descends, ascends, …
    from group to group; the third does the same over the groups made by the first two, and
    so on. So each unit stands beside one that differs little, also across the border of
    two groups (Chromy 1979 proposed it before his draw): a systematic sample of the list
    is implicitly stratified. Equal rows keep their order.

    Parameters
    ----------
    columns
        Columns of shape (N,), numbers or text (text by code point), outermost first.

    Returns
    -------
    numpy.ndarray
        Shape (N,): positions in the new order, ``column[order]`` is sorted.

    Raises
    ------
    DesignError
        ``selection-columns-invalid``: no column, columns of different lengths, or values
        that cannot be put in order (numbers among text, missing ones).

    Examples
    --------
    >>> serpentine([["a", "b", "a", "b"], [1, 1, 2, 2]]).tolist()
    [0, 2, 3, 1]
    """
    ranked = [_ranks(column, place) for place, column in enumerate(columns)]
    if len({len(ranks) for ranks in ranked}) != 1:
        lengths = ", ".join(str(len(ranks)) for ranks in ranked)
        raise refusal(
            "selection-columns-invalid",
            Words(
                f"Các cột sắp xếp phải có và dài bằng nhau; độ dài: {lengths or 'không có cột'}.",
                "Columns to sort by must be there and equally long; lengths: "
                f"{lengths or 'no column'}.",
            ),
            path="columns",
        )
    group = np.zeros(len(ranked[0]), dtype=np.int64)
    order = np.arange(len(group))
    for ranks in ranked:
        turned = np.where(group % 2 == 0, ranks, -ranks)
        order = np.lexsort((turned, group))
        keys = np.stack([group[order], turned[order]])
        starts = np.append(False, (keys[:, 1:] != keys[:, :-1]).any(axis=0))[: len(order)]
        group = np.empty_like(group)
        group[order] = np.cumsum(starts)
    return order.astype(np.int64)


def _ranks(column: ArrayLike, place: int) -> NDArray[np.int64]:
    """Return the rank of each value among the different ones, from 0."""
    try:
        # A plain list of numbers and text would all become text.
        kept = object if isinstance(column, list | tuple) else None
        values = np.asarray(column, dtype=kept)
        text = [isinstance(value, str) for value in values.flat] if values.dtype == object else []
        # A missing value differs from itself.
        if values.ndim == 1 and len(set(text)) < 2 and bool((values == values).all()):
            return np.unique(values, return_inverse=True)[1].reshape(-1).astype(np.int64)
    except (TypeError, ValueError):
        pass
    raise refusal(
        "selection-columns-invalid",
        Words(
            f"Không sắp xếp được cột thứ {place + 1}: có giá trị trống, hoặc chữ lẫn số.",
            f"Column {place + 1} cannot be sorted: a value is missing, or text is mixed with "
            "numbers.",
        ),
        path=f"columns[{place}]",
    )
