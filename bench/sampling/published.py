"""The published draw: checks, hash streams and record, beside the bare draw from the same hashes.

The plain version reads no design, checks nothing and keeps no record. It takes the seed
and draws the same units.
"""

from __future__ import annotations

import tracemalloc
from datetime import date

from bench.sampling import plain, table
from bench.sampling.clock import in_turn
from sampling import DESIGNS, Frame, SampleDesign, draw, load_registry
from sampling import frame as frames

ROWS, STRATA, TAKE = 200_000, 300, 33
LIMIT, LIST_LIMIT = 2.5, 1.5
METHODS = {"pps_systematic": "PPS systematic", "srs": "simple random"}


def long_frame(rows: int = ROWS) -> Frame:
    """Return villages in no order of size or stratum."""
    return Frame.from_table(
        {
            "unit_id": [f"u{row:07d}" for row in range(rows)],
            "unit_name": [f"Thôn {row % 5000}" for row in range(rows)],
            "province": "31",
            "stratum": [f"s{row * 7919 % STRATA:03d}" for row in range(rows)],
            "size": [1 + row * 104729 % 977 for row in range(rows)],
        }
    )


def design_of(method: str) -> SampleDesign:
    """Return a design of one stage."""
    stage = {"unit": "village", "method": method, "take": TAKE}
    return SampleDesign.from_dict({"version": 1, "stages": [stage]})


def main() -> None:
    """Print the rows."""
    frame = long_frame()
    columns = [frame.column("unit_id"), frame.numbers("size").tolist(), frame.column("stratum")]
    for method, name in METHODS.items():
        design, by_size = design_of(method), method == "pps_systematic"
        made = draw(frame, design, 7)
        key = str(made.record["seed"])
        found = in_turn(
            {
                "ours": lambda design=design: _ids(draw(frame, design, 7)),
                "plain": lambda key=key, by_size=by_size: plain.published(
                    *columns, TAKE, key, by_size=by_size
                ),
            }
        )
        mine, other = found["ours"], found["plain"]
        title = f"published draw, {name}, {ROWS:,} rows, {STRATA} strata"
        table.line(title, mine, table.kept(mine.middle, LIMIT, " s"))
        agree = table.same(mine.answer, other.answer)
        ratio = mine.middle / other.middle
        table.line("", other, f"plain: the hashes and the draw; × {ratio:.1f}; {agree}")
        table.said("", _memory(frame, design))
    _population()
    table.said("", "samplics and svy: draw from a generator only, nothing to redraw by hand")


def _population() -> None:
    """Thirty communes, and persons of each from a million places on their lists."""
    frame = frames.build(load_registry(), date(2026, 3, 1))
    design = SampleDesign.read(DESIGNS / "hai-phong-population.yaml")
    made = draw(frame, design, 7)
    key, lists = str(made.record["seed"]), made.record["units"]
    held = {one["unit_id"]: one["held"] for one in lists}
    take = {one["unit_id"]: one["take"] + one["reserves"] for one in lists}
    found = in_turn(
        {
            "ours": lambda: _places(draw(frame, design, 7)),
            "plain": lambda: plain.lists(held, take, key),
            "floor": lambda: plain.hashes(held, key),
        }
    )
    mine, floor = found["ours"], found["floor"]
    title = f"persons of {len(held)} communes, {sum(held.values()) / 1e6:.2f}M hashes"
    table.line(title, mine, table.kept(mine.middle, LIST_LIMIT, " s"))
    agree = table.same(sorted(mine.answer), sorted(found["plain"].answer))
    ratio = mine.middle / found["plain"].middle
    table.line("", found["plain"], f"plain: sorting all hashes; × {ratio:.2f}; {agree}")
    each = floor.middle / floor.answer * 1e6
    ratio = mine.middle / floor.middle
    table.line("", floor, f"floor: the hashes alone, {each:.2f} µs each by hashlib; × {ratio:.2f}")


def _ids(made) -> list[str]:
    return [row.unit_id for row in made.rows]


def _places(made) -> list[str]:
    rows = (*made.rows, *made.reserve_rows)
    return [row.unit_id for row in rows if row.stage == 2]


def _memory(frame: Frame, design: SampleDesign) -> str:
    """Say what a draw takes beside its frame, in sizes of the frame's file.

    Counted by allocation: making a frame leaves free memory behind, which a draw would
    fill without the process growing. The record is made after the draw, all its names at once.
    """
    size = len(frame.canonical)
    tracemalloc.start()
    made = draw(frame, design, 7)
    kept, peak = (count / size for count in tracemalloc.get_traced_memory())
    record = made.record
    asked = tracemalloc.get_traced_memory()[1] / size
    tracemalloc.stop()
    told = f"keeps {kept:.2f}, {asked:.2f} once its record of {len(record)} keys is made"
    return f"memory beside the frame: peak {table.kept(peak, 3, ' frames')}, {told}"
