"""The inclusion probability of every unit of stage 1, drawn or not."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from sampling.drawing import Draw
from sampling.drawing.groups import draw_group
from sampling.given import require
from sampling.takes import takes_of

if TYPE_CHECKING:
    import pandas as pd


def first_chances(draw: Draw) -> dict[str, dict[str, Fraction]]:
    """Return the probability of every unit of stage 1, by stratum.

    Examples
    --------
    >>> from sampling import Frame, SampleDesign, draw
    >>> frame = Frame.from_rows([{"unit_id": name, "unit_name": "X", "province": "31",
    ...     "stratum": "s", "size": 9} for name in ("a", "b", "c")])
    >>> design = SampleDesign.from_dict(
    ...     {"version": 1, "stages": [{"unit": "commune", "method": "srs", "take": 2}]})
    >>> {name: str(chance) for name, chance in first_chances(draw(frame, design, 7))["s"].items()}
    {'a': '2/3', 'b': '2/3', 'c': '2/3'}
    """
    require((draw, Draw))
    takes, _ = takes_of(draw.design, draw.frame)
    stage, key = draw.design.stages[0], draw.seed
    found: dict[str, dict[str, Fraction]] = {}
    for stratum, members in draw.design.members(draw.frame).items():
        # Asked for as reserves, the units that were not drawn tell their probabilities.
        group = draw_group(
            stage.within(stratum),
            stratum,
            members,
            takes[stratum],
            key,
            stream=stratum,
            reserve=len(members),
        )
        picks = sorted((*group.drawn, *group.reserves), key=lambda one: one.member.unit.unit_id)
        found[stratum] = {one.member.unit.unit_id: one.chance for one in picks}
    return found


def chance_table(draw: Draw) -> pd.DataFrame | None:
    """Return the units of stage 1 with ``stratum`` and ``probability``, 0 where none was taken.

    Strata are those of the sample file, where a certain unit may be one of its own. ``None``
    where a method gives no probability of its own (``rao_hartley_cochran``).
    """
    require((draw, Draw))
    import pandas as pd

    stage = draw.design.stages[0]
    methods = {stage.method, *(one.method for one in stage.per_stratum.values())}
    if "rao_hartley_cochran" in methods:
        return None
    chances = first_chances(draw)
    own = {row.unit_id: row.stratum for row in draw.rows if row.stage == 1}
    rows = [
        (name, own.get(name, stratum), float(chances[stratum].get(name, 0)))
        for stratum, members in draw.design.members(draw.frame).items()
        for name in (one.unit.unit_id for one in members)
    ]
    return pd.DataFrame(rows, columns=["unit_id", "stratum", "probability"])
