"""How items make factors, factors blocks, and blocks the overall index.

Everything above an item is a fixed linear combination of item indices, so that its standard
error follows from their covariances.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from analysis.design import Floats
from analysis.satisfaction.refusals import refusal
from intake.findings import EstimationError

OVERALL = "overall"


class FactorLike(Protocol):
    """What the index needs to know of a factor."""

    @property
    def code(self) -> str: ...  # noqa: D102
    @property
    def block(self) -> str: ...  # noqa: D102
    @property
    def items(self) -> Sequence[str]: ...  # noqa: D102


class QuestionnaireLike(Protocol):
    """What the index needs to know of a questionnaire."""

    @property
    def id(self) -> str: ...  # noqa: D102
    @property
    def version(self) -> str: ...  # noqa: D102
    @property
    def factors(self) -> Sequence[FactorLike]: ...  # noqa: D102
    @property
    def items(self) -> Sequence[Any]: ...  # noqa: D102


@dataclass(frozen=True)
class Aggregation:
    """How item indices become factors, blocks and the overall index.

    ``factor`` is ``mean`` (of its items). ``block`` is ``items`` (factors weighted with their
    number of items) or ``factors`` (plain mean of factors). ``overall`` is ``items`` (blocks
    weighted with their number of items, such as 23:16), ``blocks`` (1:1), or the code of an
    item that asks for satisfaction in general.
    """

    factor: str = "mean"
    block: str = "items"
    overall: str = "items"

    def __post_init__(self) -> None:
        if self.factor != "mean" or self.block not in ("items", "factors") or not self.overall:
            raise EstimationError.of(
                "aggregation-unknown",
                f"Cách gộp không hợp lệ: {self}.",
                f"Unknown aggregation: {self}.",
                "factor: mean; block: items, factors; overall: items, blocks, mã câu.",
                "factor: mean; block: items or factors; "
                "overall: items, blocks or the code of an item.",
            )


@dataclass(frozen=True)
class Quantities:
    """The quantities of an index: their names, levels and weights over the items."""

    items: tuple[str, ...]
    names: tuple[str, ...]
    levels: tuple[str, ...]
    coefficients: Floats


def combine(values: Mapping[str, float], counts: Mapping[str, int]) -> float:
    """Return the item-count-weighted mean of blocks, as the overall index takes it.

    Examples
    --------
    The national values of 2024, published as 83.94 from 83.84 and 84.09:

    >>> round(combine({"I": 83.84, "II": 84.09}, {"I": 23, "II": 16}), 2)
    83.94
    """
    total = sum(counts[name] for name in values)
    return sum(values[name] * counts[name] for name in values) / total


def quantities(factors: Sequence[FactorLike], aggregation: Aggregation | None = None) -> Quantities:
    """Return items, factors, blocks and the overall index as combinations of items.

    Raises
    ------
    EstimationError
        ``factors-empty``, ``item-in-two-factors``, ``index-name-repeated``.
    """
    chosen = aggregation or Aggregation()
    items = [item for factor in factors for item in factor.items]
    if not items or any(not factor.items for factor in factors):
        raise refusal(
            "factors-empty",
            "Phiếu hỏi không có yếu tố nào có câu hỏi.",
            "The questionnaire has no factors, or a factor without items.",
        )
    if len(set(items)) != len(items):
        twice = sorted({item for item in items if items.count(item) > 1})
        raise refusal(
            "item-in-two-factors",
            f"Câu thuộc hai yếu tố: {', '.join(twice)}.",
            f"Items of two factors: {', '.join(twice)}.",
        )
    general = chosen.overall not in ("items", "blocks")
    if general and chosen.overall not in items:
        items.append(chosen.overall)
    at = {item: index for index, item in enumerate(items)}
    names = list(items)
    levels = ["item"] * len(items)
    rows = [np.eye(len(items))[index] for index in range(len(items))]
    of_factor: dict[str, Floats] = {}
    for factor in factors:
        row = np.zeros(len(items))
        row[[at[item] for item in factor.items]] = 1 / len(factor.items)
        of_factor[factor.code] = row
        names.append(factor.code)
        levels.append("factor")
        rows.append(row)
    block_rows: list[Floats] = []
    block_sizes: list[int] = []
    for block in dict.fromkeys(factor.block or "" for factor in factors):
        members = [factor for factor in factors if (factor.block or "") == block]
        sizes = np.array([len(factor.items) for factor in members], dtype=np.float64)
        share = (
            sizes / sizes.sum()
            if chosen.block == "items"
            else np.full(len(members), 1 / len(members))
        )
        row = np.asarray(
            sum(w * of_factor[factor.code] for w, factor in zip(share, members, strict=True))
        )
        block_rows.append(row)
        block_sizes.append(int(sizes.sum()))
        if block:
            names.append(block)
            levels.append("block")
            rows.append(row)
    if general:
        overall = np.eye(len(items))[at[chosen.overall]]
    else:
        share = np.array(
            block_sizes if chosen.overall == "items" else [1] * len(block_sizes), dtype=np.float64
        )
        overall = np.asarray((share / share.sum()) @ np.vstack(block_rows))
    repeated = sorted({name for name in [*names, OVERALL] if [*names, OVERALL].count(name) > 1})
    if repeated:
        raise refusal(
            "index-name-repeated",
            f"Mã dùng cho hai nội dung: {', '.join(repeated)}.",
            f"Two quantities share a code: {', '.join(repeated)}.",
        )
    return Quantities(
        tuple(items),
        (*names, OVERALL),
        (*levels, "overall"),
        np.column_stack([*rows, overall]),
    )
