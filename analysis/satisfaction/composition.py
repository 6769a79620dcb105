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
    items = _items_of(factors)
    general = chosen.overall not in ("items", "blocks")
    if general and chosen.overall not in items:
        items.append(chosen.overall)
    single = np.eye(len(items))
    at = {item: index for index, item in enumerate(items)}
    parts = [(item, "item", single[at[item]]) for item in items]
    of_factor: dict[str, Floats] = {}
    for factor in factors:
        row = np.zeros(len(items))
        row[[at[item] for item in factor.items]] = 1 / len(factor.items)
        of_factor[factor.code] = row
        parts.append((factor.code, "factor", row))
    block_rows: list[Floats] = []
    block_sizes: list[int] = []
    for block in dict.fromkeys(factor.block or "" for factor in factors):
        members = [factor for factor in factors if (factor.block or "") == block]
        sizes = [len(factor.items) for factor in members]
        weighed = zip(_shares(sizes, chosen.block), members, strict=True)
        row = np.asarray(sum(share * of_factor[factor.code] for share, factor in weighed))
        block_rows.append(row)
        block_sizes.append(sum(sizes))
        if block:
            parts.append((block, "block", row))
    overall = (
        single[at[chosen.overall]]
        if general
        else np.asarray(_shares(block_sizes, chosen.overall) @ np.vstack(block_rows))
    )
    parts.append((OVERALL, "overall", overall))
    names, levels, rows = zip(*parts, strict=True)
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise refusal(
            "index-name-repeated",
            f"Mã dùng cho hai nội dung: {', '.join(repeated)}.",
            f"Two quantities share a code: {', '.join(repeated)}.",
        )
    return Quantities(tuple(items), names, levels, np.column_stack(rows))


def _items_of(factors: Sequence[FactorLike]) -> list[str]:
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
    return items


def _shares(sizes: Sequence[int], rule: str) -> Floats:
    """Return what each part weighs in the whole: as its items, or all parts alike."""
    held = np.array(sizes if rule == "items" else [1] * len(sizes), dtype=np.float64)
    return np.asarray(held / held.sum())
