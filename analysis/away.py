"""Rows that stay where they are: in large files, in a database, on a cluster.

Of such rows a design needs to know its clusters, and an estimate the sums by cluster and
domain; `analysis.engines` makes both there. A method that must see the rows has the columns
it needs brought here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from analysis.design_columns import DesignColumns
from analysis.engines.places import engine_for, kind_of, values_in
from intake.findings import EstimationError

# A file with more values than this is not read whole: 0.5 GB, were all of them doubles.
WHOLE_VALUES = 60_000_000
WEIGHT = "weight of the cluster"
SURE = "every row of the cluster was certain"
_HERE = {"parquet", "csv", "sqlite"}


@dataclass(frozen=True)
class Away:
    """A source of rows that are not in memory, and what is to be known of them."""

    source: Any
    columns: DesignColumns
    conditions: tuple[str, ...] = ()

    @property
    def summable(self) -> bool:
        """Whether sums by cluster say all that an estimate needs.

        Where each row is a cluster of its own, they would be as many as the rows; weights
        that follow from a correction stand in no column.
        """
        given = self.columns
        return bool(given.psu) and bool(given.weights or given.probabilities)

    def narrowed(self, condition: str) -> Away:
        """Return the source with one more condition on its rows."""
        return replace(self, conditions=(*self.conditions, condition))

    @property
    def where(self) -> str | None:
        """All conditions as one."""
        return " and ".join(f"({part})" for part in self.conditions) or None

    def units(self) -> pd.DataFrame:
        """Return one row per finest cluster: columns of the design under their own names.

        The column of weights holds the sum of each cluster; `SURE` says where each is one.
        """
        from analysis.engines import units_table

        given = self.columns
        found = units_table(
            self.source,
            weights=given.weights,
            probabilities=given.probabilities,
            strata=given.strata,
            psu=given.psu,
            fpc=given.fpc,
        )
        named = {
            **{f"stratum_{number}": name for number, name in enumerate(given.strata, start=1)},
            **{f"psu_{number}": name for number, name in enumerate(given.psu, start=1)},
        }
        table = pd.DataFrame({name: found[key] for key, name in named.items()})
        for number, name in enumerate(given.fpc, start=1):
            low, high = found[f"fpc_{number}_low"], found[f"fpc_{number}_high"]
            varied = np.flatnonzero(np.abs(high - low) > 1e-9 * high)
            if varied.size:
                cluster = table.iloc[int(varied[0])].to_dict()
                raise EstimationError.of(
                    "fpc-varies",
                    f"Cột {name} có nhiều giá trị trong một đơn vị: {cluster}.",
                    f"Column {name} has different values within one cluster: {cluster}.",
                    "Mỗi tầng có một số đơn vị; hãy sửa cột này.",
                    "A stratum has one number of units; mend the column.",
                    column=name,
                )
            table[name] = low
        sure = found["weight"] <= found["rows"] * (1 + 1e-12)
        return table.assign(**{WEIGHT: found["weight"], SURE: sure})

    def cuts_coarsely(self, by: Sequence[Sequence[str]], most: float) -> bool:
        """Return whether every domain variable makes few cells per row, from a look at some."""
        from analysis.engines.sums import cells_per_row

        given = self.columns
        design = [*given.strata, *given.psu]
        return all(cells_per_row(self.source, [*design, *names]) <= most for names in by)

    def cells(
        self,
        by: Sequence[Sequence[str]],
        items: Sequence[str],
        products: Sequence[tuple[str, str]],
        missing: str,
        engine: str,
    ) -> Iterator[pd.DataFrame]:
        """Yield one cell table per list of domain columns; see `analysis.engines.sums`."""
        from analysis.engines import cell_tables

        given = self.columns
        return cell_tables(
            self.source,
            by=by,
            items=items,
            products=products,
            weights=given.weights,
            probabilities=given.probabilities,
            strata=given.strata,
            psu=given.psu,
            where=self.where,
            missing=missing,
            ordered=False,
            engine=engine,
        )

    def brought(self, columns: Sequence[str] | None, items: Sequence[str]) -> pd.DataFrame:
        """Return columns of all rows, those of the design among them; all columns for None."""
        from analysis.engines import read_columns
        from analysis.engines.rows import every_column

        if columns is None:
            return every_column(self.source)
        names = list(dict.fromkeys([*self.columns.names(), *columns]))
        plain = [name for name in items if name not in names]
        engine = "duckdb" if kind_of(self.source) in _HERE else "auto"
        return read_columns(self.source, names, items=plain, engine=engine)


def away_for(
    data: Any,  # noqa: ANN401 - any source
    columns: DesignColumns,
) -> Away | None:
    """Return a source whose rows had better stay where they are; None for one to be read.

    Tables in memory and small files are read.
    """
    if isinstance(data, pd.DataFrame | pa.Table):
        return None
    if kind_of(data) in {"ibis", "spark"}:
        return Away(data, columns)
    place = engine_for(data, max(1, len(columns.names())))
    if place.name == "memory" and (values_in(data) or 0) <= WHOLE_VALUES:
        return None
    return Away(data, columns)


def named_cells(cells: pd.DataFrame, drawn: DesignColumns) -> pd.DataFrame:
    """Return a cell table with the columns of the design under their own names."""
    parts = {"stratum": drawn.strata, "psu": drawn.psu}
    return cells.rename(
        columns={
            f"{part}_{number}": name
            for part, names in parts.items()
            for number, name in enumerate(names, start=1)
        }
    )
