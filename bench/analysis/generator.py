"""The survey on which speed is measured: 120 strata, n/25 PSUs, 25 items, of a fixed seed.

Rows stand in no order, as responses come in. Items are 1 to 5 with an effect of the PSU;
weights are log-normal; domains of 12, 300 and 3,000 levels cut across the PSUs, and a second
one of 3,000 levels (``commune``) is made of whole PSUs. Simulated throughout.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

SEED = 20260301
STRATA, PER_PSU, ITEMS, DRIVERS = 120, 25, 25, 8
NAMES = [f"y{item + 1}" for item in range(ITEMS)]
X_NAMES = [f"x{driver + 1}" for driver in range(DRIVERS)]
DOMAINS = {"d12": 12, "d300": 300, "d3000": 3000}
MARGINS = {"sex": 2, "age": 6, "school": 5, "district": 12}
CHUNK = 1_000_000


@dataclass(frozen=True)
class Survey:
    """Plain arrays, from which a frame or a file is made."""

    items: np.ndarray
    columns: dict[str, np.ndarray]

    def frame(self, layout: str = "block") -> pd.DataFrame:
        """Return a frame; ``block`` holds the items in one matrix, ``columns`` each by itself."""
        if layout == "block":
            items = pd.DataFrame(self.items, columns=NAMES, copy=False)
        else:
            items = pd.DataFrame(
                {name: self.items[:, at].copy() for at, name in enumerate(NAMES)}, copy=False
            )
        return pd.concat([items, pd.DataFrame(self.columns)], axis=1)


def make(rows: int, *, seed: int = SEED) -> Survey:
    """Make a survey in memory."""
    rng = np.random.Generator(np.random.PCG64(seed))
    psus = max(rows // PER_PSU, 2 * STRATA)
    psu = rng.permutation(np.arange(rows) % psus)
    effect = rng.normal(0, 0.4, psus)
    columns: dict[str, np.ndarray] = {
        "stratum": psu % STRATA,
        "psu": psu,
        "w": np.exp(rng.normal(3.0, 0.5, rows)),
        "commune": psu % 3000,
    }
    columns |= {name: rng.integers(0, size, rows) for name, size in DOMAINS.items()}
    ladder = rng.normal(size=rows)
    for name, size in MARGINS.items():
        near = np.floor(size * rng.beta(1.5, 2.0, rows) + 0.3 * ladder).astype(np.int64)
        columns[name] = np.clip(near, 0, size - 1)
    drivers = rng.normal(size=(rows, DRIVERS))
    columns |= {name: drivers[:, at].copy() for at, name in enumerate(X_NAMES)}
    score = drivers @ np.linspace(-0.6, 0.8, DRIVERS) + effect[psu] + rng.logistic(size=rows)
    columns["satisfied"] = (score > 0.5).astype(np.int64)
    columns["rating"] = np.digitize(score, [-2.0, -0.7, 0.6, 2.0]) + 1
    items = rng.integers(1, 6, size=(rows, ITEMS)).astype(np.float64)
    items += np.round(effect[psu])[:, None]
    np.clip(items, 1.0, 5.0, out=items)
    return Survey(items, columns)


def write_parquet(rows: int, path: Path) -> None:
    """Write a survey of any length to one file, a million rows at a time.

    Each part has PSUs of its own, so that a PSU stays at 25 rows however long the file.
    """
    writer = None
    for part, start in enumerate(range(0, rows, CHUNK)):
        size = min(CHUNK, rows - start)
        frame = make(size, seed=SEED + part).frame("columns")
        frame["psu"] += part * -(-CHUNK // PER_PSU // STRATA) * STRATA
        table = pa.Table.from_pandas(frame, preserve_index=False)
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table)
    if writer:
        writer.close()


def write_columns(survey: Survey, folder: Path) -> None:
    """Write every column as little-endian doubles, which R reads without a package."""
    folder.mkdir(parents=True, exist_ok=True)
    for at, name in enumerate(NAMES):
        survey.items[:, at].astype("<f8").tofile(folder / f"{name}.f8")
    for name, values in survey.columns.items():
        values.astype("<f8").tofile(folder / f"{name}.f8")
