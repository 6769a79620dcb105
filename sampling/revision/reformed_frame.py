"""A frame of former units in units of today: sizes added up by the shares that moved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from intake.findings import DrawError, Faults, Words
from sampling.frame import Frame, FrameUnit
from sampling.revision.links import Link
from sampling.revision.reform import CONVERTED, share_unknown
from sampling.units import Registry

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("unit_id", "unit_name", "province", "stratum", "size", "old_units", "note")
_ROUNDING = Fraction(1, 10**6)


def reform_frame(
    frame: Frame, links: Sequence[Link], *, registry: Registry | None = None
) -> pd.DataFrame:
    """Return the frame in units of today.

    Parameters
    ----------
    frame
        A frame of former units.
    links
        Their links with shares; what rests on assumed shares is noted ``quy đổi``.
    registry
        For names and provinces; without it the id is the name, the province that of the
        largest part.

    Returns
    -------
    pandas.DataFrame
        ``COLUMNS``, for ``Frame.from_table``. Sizes are whole by the largest remainders and
        add up to those of the frame; a stratum is that of the largest part, ``old_units``
        how many gave something.

    Raises
    ------
    DrawError
        A unit has no link, a share is unknown, or shares of a unit do not add up to 1.
    """
    import pandas as pd

    pieces = _pieces(frame, links)
    sizes = _whole({new: sum((size for _, size, _ in held), Fraction(0))
                    for new, held in pieces.items()})  # fmt: skip
    rows: list[tuple[object, ...]] = []
    for new in sorted(pieces):
        held = pieces[new]
        largest = max(held, key=lambda piece: piece[1])[0]
        known = registry is not None and new in registry
        name = registry.unit(new).name if registry and known else new
        province = registry.unit(new).parent_code if registry and known else largest.province
        note = CONVERTED if any(assumed for _, _, assumed in held) else ""
        rows.append((new, name, province, largest.stratum, sizes[new], len(held), note))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _pieces(
    frame: Frame, links: Sequence[Link]
) -> dict[str, list[tuple[FrameUnit, Fraction, bool]]]:
    """Return, for each new unit, the old ones it has something of, and how much."""
    by_old: dict[str, list[Link]] = {}
    for link in links:
        by_old.setdefault(link.old, []).append(link)
    unknown = [unit.unit_id for unit in frame.units
               if any(link.share is None for link in by_old.get(unit.unit_id, ()))]  # fmt: skip
    if unknown:
        raise share_unknown(unknown)
    faults = Faults()
    pieces: dict[str, list[tuple[FrameUnit, Fraction, bool]]] = {}
    for unit in frame.units:
        held = by_old.get(unit.unit_id, [])
        total = sum((link.share or Fraction(0) for link in held), Fraction(0))
        if abs(total - 1) > _ROUNDING:
            faults.add(
                "revision-shares-not-one",
                Words(
                    f"Tỷ lệ của {unit.unit_id} cộng lại là {float(total):g}, phải bằng 1.",
                    f"The shares of {unit.unit_id} add up to {float(total):g}, not 1.",
                ),
                Words("Bổ sung hoặc sửa liên kết.", "Add or mend links."),
            )
            continue
        for link in held:
            if link.share:
                piece = (unit, unit.size * link.share / total, link.assumed)
                pieces.setdefault(link.new, []).append(piece)
    faults.raise_as(DrawError)
    return pieces


def _whole(sizes: Mapping[str, Fraction]) -> dict[str, int]:
    """Round sizes by the largest remainders, so that their whole sum stays."""
    found = {new: int(size) for new, size in sizes.items()}
    left = int(sum(sizes.values(), Fraction(0))) - sum(found.values())
    order = sorted(sizes, key=lambda new: (found[new] - sizes[new], new))
    for new in order[:left]:
        found[new] += 1
    return found
