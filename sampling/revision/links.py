"""Which units of today each former unit went to, and with what share of it.

A link without a share says only that something of the former unit went there. Shares that
nobody published can be assumed from sizes of the new units (``with_shares``); whatever rests
on them is marked as converted (quy đổi).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from intake.findings import DrawError, Faults, Words
from sampling.given import require
from sampling.units import Registry


@dataclass(frozen=True)
class Link:
    """One way from a former unit to a unit of today; ``share`` is that of the former one."""

    old: str
    new: str
    share: Fraction | None = None
    assumed: bool = False


def links_of(registry: Registry, on: date) -> tuple[Link, ...]:
    """Return the links to the units that stand on a day.

    Raises
    ------
    DrawError
        No unit that came of another stands on that day.

    Examples
    --------
    >>> from sampling.units import load_registry
    >>> links = links_of(load_registry(), date(2025, 7, 1))
    >>> len({link.old for link in links}), len({link.new for link in links})
    (10040, 3321)
    """
    require((registry, Registry))
    standing = registry.on(on)
    found = tuple(
        Link(one.old_code, one.new_code, None if one.share is None else Fraction(str(one.share)))
        for one in registry.changes
        if one.new_code in standing
    )
    if not found:
        first = min((unit.valid_from for unit in registry.units), default=None)
        raise DrawError.of(
            "revision-reform-not-yet",
            f"Ngày {on.isoformat()} chưa có đơn vị mới nào.",
            f"On {on.isoformat()} no new unit stands.",
            f"Ngày sớm nhất là {first}.",
            f"The earliest day is {first}.",
        )
    return found


def with_shares(links: Iterable[Link], measures: Mapping[str, float]) -> tuple[Link, ...]:
    """Return the links, unknown shares assumed in proportion to a measure of the new units.

    What a former unit's known shares leave is divided among its other links, by population
    or area of the new units. This is a convention, not a fact: the links say ``assumed``.

    Raises
    ------
    DrawError
        A measure that is needed is missing or not positive.
    """
    links = tuple(links)
    left: dict[str, Fraction] = {}
    weight: dict[str, Fraction] = {}
    faults = Faults()
    for link in links:
        left.setdefault(link.old, Fraction(1))
        if link.share is not None:
            left[link.old] -= link.share
        elif _positive(measures.get(link.new)):
            weight[link.old] = weight.get(link.old, Fraction(0)) + Fraction(str(measures[link.new]))
        else:
            faults.add(
                "revision-measure-missing",
                Words(f"Thiếu số đo của {link.new}.", f"The measure of {link.new} is missing."),
                Words("Ghi dân số hoặc diện tích trên 0.", "Give its population or area."),
            )
    faults.raise_as(DrawError)
    return tuple(
        link
        if link.share is not None
        else replace(
            link,
            share=left[link.old] * Fraction(str(measures[link.new])) / weight[link.old],
            assumed=True,
        )
        for link in links
    )


def _positive(value: float | None) -> bool:
    return value is not None and 0 < value < float("inf")
