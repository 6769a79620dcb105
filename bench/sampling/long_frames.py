"""PPS systematic draws of 10,000 units in 300 strata from long frames, and their peak memory.

Memory is that of a process of its own, which makes the frame and draws once:
``python -m bench.sampling.long_frames WAY ROWS DTYPES ORDER`` prints its peak less what it
held before the frame was made, over the bytes of the frame's two columns.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

import numpy as np

from bench.sampling import peers, plain, table
from bench.sampling.clock import in_turn
from sampling import select

STRATA, UNITS, SEED = 300, 10_000, 7
TAKES = np.full(STRATA, UNITS // STRATA) + (np.arange(STRATA) < UNITS % STRATA)
DTYPES = {"int64": (np.int64, np.int64), "narrow": (np.int32, np.int16)}
MEMORY = 3.0
# Its loop over units times points takes 13 s per million rows.
SAMPLICS_ROWS = 1_000_000


def rng_of(seed: int = SEED):
    return np.random.Generator(np.random.PCG64(seed))


def columns(rows: int, dtypes: str, order: str):
    """Return sizes of 1 to 999 and strata; no unit is as large as an interval."""
    rng = rng_of()
    of_sizes, of_strata = DTYPES[dtypes]
    sizes = rng.integers(1, 1000, rows, dtype=of_sizes)
    if order == "mixed":
        return sizes, rng.integers(0, STRATA, rows, dtype=of_strata)
    return sizes, np.repeat(np.arange(STRATA, dtype=of_strata), -(-rows // STRATA))[:rows]


def ours(sizes, strata):
    """Return positions and probabilities."""
    drawn = select.stratified(sizes, strata, TAKES, rng_of())
    return drawn.positions, drawn.probabilities


def beside(sizes, strata):
    """Return the same of the plain version, in the same order."""
    positions, chances = plain.pps_systematic(sizes, strata, TAKES, rng_of())
    return positions, chances


WAYS = {"ours": ours, "plain": beside}


def main(*, with_peers: bool = True) -> None:
    """Print the rows."""
    for rows, dtypes, order in (
        (1_000_000, "int64", "mixed"),
        (1_000_000, "int64", "sorted"),
        (30_000_000, "int64", "mixed"),
        (30_000_000, "int64", "sorted"),
        (30_000_000, "narrow", "mixed"),
    ):
        _row(rows, dtypes, order, with_peers=with_peers and dtypes == "int64" and order == "mixed")


def _row(rows: int, dtypes: str, order: str, *, with_peers: bool) -> None:
    sizes, strata = columns(rows, dtypes, order)
    found = in_turn({name: partial(way, sizes, strata) for name, way in WAYS.items()})
    mine, other = found["ours"], found["plain"]
    kinds = f"{sizes.dtype}, {strata.dtype}"
    rows_lie = "rows in no order" if order == "mixed" else "rows by stratum"
    title = f"PPS systematic, {rows / 1e6:g}M rows ({kinds}; {rows_lie})"
    peaks = {way: _peak(way, rows, dtypes, order) for way in WAYS}
    memory = f"peak {table.kept(peaks['ours'], MEMORY, ' frames')}, plain {peaks['plain']:.2f}"
    table.line(title, mine, memory)
    agree = table.same(mine.answer[0], other.answer[0])
    if not np.allclose(mine.answer[1], other.answer[1], rtol=1e-12):
        agree = "PROBABILITIES DIFFER"
    ratio = table.kept(mine.middle / other.middle, 1.5)
    table.line("", other, f"plain NumPy; × {ratio}; {agree}")
    if not with_peers:
        return
    with tempfile.TemporaryDirectory() as held:
        np.save(Path(held, "sizes.npy"), sizes)
        np.save(Path(held, "strata.npy"), strata)
        del sizes, strata
        table.peer("svy", mine, peers.run("svy", "pps_systematic", Path(held)))
        if rows <= SAMPLICS_ROWS:
            table.peer("samplics", mine, peers.run("samplics", "pps_systematic", Path(held)))
        else:
            table.said("", "samplics: not run, 13 s per million rows (see 1M)")


def _peak(way: str, rows: int, dtypes: str, order: str) -> float:
    command = [sys.executable, "-m", "bench.sampling.long_frames", way, str(rows), dtypes, order]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(done.stdout)


def resident(name: str) -> int:
    """Return ``VmRSS`` or ``VmHWM`` of this process in bytes; the parent's does not count."""
    lines = (line.split() for line in Path("/proc/self/status").read_text().splitlines())
    return next(int(words[1]) * 1024 for words in lines if words and words[0] == f"{name}:")


def forget_peak() -> None:
    """Let the peak count from now on (Linux)."""
    Path("/proc/self/clear_refs").write_text("5")


if __name__ == "__main__":
    way, rows, dtypes, order = sys.argv[1:]
    WAYS[way](*columns(STRATA * 500, dtypes, order))  # so that imports do not count
    before = resident("VmRSS")
    made = columns(int(rows), dtypes, order)
    forget_peak()
    WAYS[way](*made)
    print((resident("VmHWM") - before) / sum(column.nbytes for column in made))
