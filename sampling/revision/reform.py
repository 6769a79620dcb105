"""A sample of former units in units of today, after units were merged or split.

The weight of a unit of today is w = Σ over its drawn old units of w_old · L(old, new)/L(+, new),
L(+, new) being summed over all old units linked to it, drawn or not. For whatever links, the
total Σ w y over units of today is without bias, since the shares of a new unit add up to 1.
With each link counted 1 no shares of people are needed; shares, where they are known, only
make the weights vary less. A unit that was split hands its weight to each of its parts.

Persons and households that were drawn keep their probabilities: their weights do not
change, and variance is still counted between the old units that were drawn (``psu_id``).

References
----------
Lavallée, P. (2007), Indirect Sampling, Springer: the generalised weight share method.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

from intake.findings import DrawError, Faults, Finding, Words
from sampling.revision.links import Link, links_of
from sampling.units import Registry

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("unit_id", "design_weight", "old_drawn", "old_all", "drawn_from", "converted", "note")
CONVERTED = "quy đổi"


@dataclass(frozen=True)
class Reformed:
    """A sample after a reform.

    ``table`` has a row for each unit of today of which an old unit was drawn, with the
    columns ``COLUMNS``. ``cases`` is the sample itself, weights unchanged, with
    ``new_unit_id``: the unit of today of each row, empty where the old one was split and the
    address must decide.
    """

    table: pd.DataFrame
    cases: pd.DataFrame
    findings: tuple[Finding, ...]
    statement: Words


def weight_shares(
    links: Iterable[tuple[str, str, Fraction | float | int]],
    weights: Mapping[str, Fraction | float | int],
) -> dict[str, Fraction]:
    """Return the weight of every new unit to which a drawn old one is linked.

    Parameters
    ----------
    links
        (old unit, new unit, link), the link above 0, of all old units, drawn or not.
    weights
        Design weights of the drawn old units.

    Raises
    ------
    DrawError
        A link or weight is no positive number, or a drawn unit has no link.

    Examples
    --------
    >>> weight_shares([("a", "x", 1), ("b", "x", 1), ("b", "y", 1)], {"b": 6})
    {'x': Fraction(3, 1), 'y': Fraction(6, 1)}
    """
    totals: dict[str, Fraction] = {}
    parts: dict[str, Fraction] = {}
    linked: set[str] = set()
    for old, new, value in links:
        link = _positive(value, f"{old} → {new}")
        totals[new] = totals.get(new, Fraction(0)) + link
        if old in weights:
            linked.add(old)
            parts[new] = parts.get(new, Fraction(0)) + _positive(weights[old], old) * link
    faults = Faults()
    for old in weights:
        if old not in linked:
            _note_unknown(old, faults)
    faults.raise_as(DrawError)
    return {new: part / totals[new] for new, part in parts.items()}


def reform_sample(
    sample: pd.DataFrame,
    source: Registry | Sequence[Link],
    *,
    on: date | None = None,
    shares: bool = False,
) -> Reformed:
    """Return a sample of former units in the units that stand on a day.

    Parameters
    ----------
    sample
        The sample file; its units of stage 1 are former units.
    source, on
        The registry and the day, or links of one's own.
    shares
        Link by the share of the old unit's people, in place of counting each link 1; every
        link of the new units concerned must have one.

    Raises
    ------
    DrawError
        A unit is unknown, a share is missing, or nothing was reformed on that day.
    """
    links = _links(source, on)
    first = sample[sample["stage"] == 1]
    weights = {
        str(name): Fraction(weight)
        for name, weight in zip(first["unit_id"], first["design_weight"], strict=True)
    }
    near = {link.new for link in links if link.old in weights}
    near_links = [link for link in links if link.new in near]
    values = [_share_of(link) if shares else Fraction(1) for link in near_links]
    shared = weight_shares(
        ((link.old, link.new, value) for link, value in zip(near_links, values, strict=True)
         if value),
        weights,
    )  # fmt: skip
    split = {old for old, news in _targets(links, weights).items() if len(news) > 1}
    return Reformed(
        _table(shared, near_links, weights, shares=shares),
        _cases(sample, links, weights),
        _findings(split),
        _statement(len(weights), len(shared), shares=shares),
    )


def _links(source: Registry | Sequence[Link], on: date | None) -> Sequence[Link]:
    if not isinstance(source, Registry):
        return source
    if on is None:
        raise DrawError.of(
            "revision-day-missing",
            "Chưa cho biết ngày.",
            "The day is not given.",
            "Ghi on=date(2025, 7, 1).",
            "Give on=date(2025, 7, 1).",
        )
    return links_of(source, on)


def _targets(links: Iterable[Link], weights: Mapping[str, object]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for link in links:
        if link.old in weights:
            found.setdefault(link.old, []).append(link.new)
    return found


def _table(
    shared: Mapping[str, Fraction],
    links: Sequence[Link],
    weights: Mapping[str, object],
    *,
    shares: bool,
) -> pd.DataFrame:
    import pandas as pd

    of_new: dict[str, list[Link]] = {}
    for link in links:
        of_new.setdefault(link.new, []).append(link)
    rows: list[tuple[object, ...]] = []
    for new, weight in sorted(shared.items()):
        held = of_new[new]
        drawn = [link.old for link in held if link.old in weights]
        note = CONVERTED if shares else ""
        rows.append((new, float(weight), len(drawn), len(held), ";".join(drawn), shares, note))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _cases(
    sample: pd.DataFrame, links: Iterable[Link], weights: Mapping[str, object]
) -> pd.DataFrame:
    whole = {old: news[0] for old, news in _targets(links, weights).items() if len(news) == 1}
    own = sample["unit_id"].where(sample["stage"] == 1, sample["psu_id"]).astype("object")
    return sample.assign(new_unit_id=[whole.get(str(name), "") for name in own])


def _findings(split: Iterable[str]) -> tuple[Finding, ...]:
    names = sorted(split)
    if not names:
        return ()
    return (
        Finding(
            "revision-unit-split",
            Words(
                f"{len(names)} đơn vị được chọn đã bị chia: {', '.join(names[:8])}"
                f"{'…' if len(names) > 8 else ''}.",
                f"{len(names)} drawn units were split: {', '.join(names[:8])}"
                f"{'…' if len(names) > 8 else ''}.",
            ),
            Words(
                "Xác định đơn vị mới của từng trường hợp theo địa chỉ.",
                "Find the new unit of each of their cases by its address.",
            ),
            "warning",
        ),
    )


def _statement(old: int, new: int, *, shares: bool) -> Words:
    rule = (
        Words(
            "liên kết theo tỷ lệ dân số, kết quả là số quy đổi",
            "links by shares of people: converted figures",
        )
        if shares
        else Words("mỗi liên kết tính 1", "each link counts 1")
    )
    return Words(
        f"{old} đơn vị cũ được chọn cho {new} đơn vị mới, trọng số theo phương pháp chia sẻ "
        f"trọng số (Lavallée 2007), {rule.vi}. Hộ và người giữ nguyên trọng số; phương sai tính "
        "giữa các đơn vị cũ.",
        f"{old} old units give {new} new ones, weights by the generalised weight share method "
        f"(Lavallée 2007), {rule.en}. Households and persons keep their weights; variance is "
        "counted between the old units.",
    )


def _share_of(link: Link) -> Fraction:
    if link.share is None:
        raise share_unknown([link.old])
    return link.share


def share_unknown(names: Sequence[str]) -> DrawError:
    """Return the refusal of former units whose shares nobody knows."""
    return DrawError.of(
        "revision-share-unknown",
        f"Không biết tỷ lệ chia của {len(names)} đơn vị: {', '.join(names[:8])}.",
        f"The shares of {len(names)} units are not known: {', '.join(names[:8])}.",
        "Ghi tỷ lệ, hoặc giả định theo dân số hay diện tích (with_shares), ghi rõ là quy đổi.",
        "Give them, or assume them from populations or areas (with_shares) and say so.",
    )


def _positive(value: Fraction | float | int, name: str) -> Fraction:
    try:
        found = value if isinstance(value, Fraction) else Fraction(str(value))
    except ValueError:
        found = Fraction(0)
    if found <= 0 or isinstance(value, bool):
        raise DrawError.of(
            "revision-number-invalid",
            f"{name}: {value!r} phải là số dương.",
            f"{name}: {value!r} must be a positive number.",
            "Bỏ liên kết không có gì; sửa trọng số.",
            "Leave empty links out; mend the weight.",
        )
    return found


def _note_unknown(old: str, faults: Faults) -> None:
    faults.add(
        "revision-unit-unknown",
        Words(
            f"Không biết {old} đã thành đơn vị nào.",
            f"Nobody knows what became of {old}.",
        ),
        Words(
            "Kiểm tra mã cũ, hoặc thêm dòng vào bảng thay đổi.",
            "Check the former code, or add its change.",
        ),
    )
