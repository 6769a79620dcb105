"""Sums of weights and of weight times answer for every cluster in every domain.

One row of a cell table is one finest cluster of the design in one domain cell. Columns:

- ``stratum_1 …``, ``psu_1 …``: the design columns as given, one per stage;
- ``domain_1 …``: the domain columns as given;
- ``rows`` and ``weight``, ``weight_squares``: number of rows, Σw, Σw²;
- ``sum_q`` and ``squares_q`` for each item q: Σwq and Σwq²; ``product_a_b``: Σwab.

Rows are in the order of the key columns. Every value is taken as a double before it is
multiplied, so that whole numbers cannot overflow and all engines agree to about 1e-15.
What would make the sums wrong without a sign of it (a missing weight or answer, text in
place of a number) is counted in the same pass and refused.

Weights are in persons (or visits) represented.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from analysis.engines import checks, here
from analysis.engines.opening import Opened, opened
from analysis.engines.places import engine_for
from analysis.engines.rows import read_frame
from analysis.engines.statement import Wanted, aggregates, double, faults, selected

# Rows looked at to see whether all domain columns together make few cells.
_PROBE = 100_000
_FEW = 0.25
# A row may lie in no unit of the first stage: its design brings the rows to itself then.
_OPTIONAL = "psu_1"


def cell_table(
    source: Any,  # noqa: ANN401 - pandas, pyarrow, Ibis or Spark table, or paths
    *,
    items: Sequence[str] = (),
    by: Sequence[str] = (),
    weights: str | None = None,
    probabilities: Sequence[str] = (),
    strata: Sequence[str] = (),
    psu: Sequence[str] = (),
    where: str | None = None,
    squares: bool = True,
    missing: str = "fail",
    ordered: bool = True,
    engine: str = "auto",
    table: str | None = None,
) -> pd.DataFrame:
    """Return the sums of every cluster in every domain cell.

    Parameters
    ----------
    source
        A pandas, pyarrow, Ibis or Spark table; paths of Parquet, CSV or SQLite files; the
        name of a table of the engine.
    items
        Numeric columns; true counts as 1, false as 0.
    by
        Domain columns, crossed; none for the whole.
    weights, probabilities
        Column of weights, or columns whose product is one over the weight; without both
        every row weighs 1.
    strata, psu
        Columns of the design, one per stage; at least one of ``psu``, or rows themselves are
        the units, whose table is as long as the data.
    where
        A condition of `analysis.expressions`; other rows are left out of the sums.
    squares
        False leaves out ``weight_squares`` and ``squares_q``.
    missing
        ``fail`` refuses a missing answer; ``drop`` leaves out rows that miss any item.
    ordered
        False leaves the rows in the order in which the engine gives them.
    engine
        See `analysis.engines.places`.
    table
        Name of the table where a SQLite file has several.

    Returns
    -------
    pandas.DataFrame
        As above; ``attrs["outside"]`` is the number of rows that meet ``where`` and belong
        to no domain because a domain value is missing, ``attrs["dropped"]`` the number
        left out by ``missing="drop"``.

    Raises
    ------
    WeightError
        ``weight-missing``, ``weight-not-positive``.
    EstimationError
        ``column-missing``, ``item-not-numeric``, ``answers-missing``,
        ``design-value-missing``, ``engine-…``, ``data-…``, ``expression-…``.

    Examples
    --------
    >>> rows = pd.DataFrame({"psu": [1, 1, 2], "w": [2.0, 2.0, 1.0], "q": [1, 3, 5]})
    >>> cells = cell_table(rows, items=["q"], weights="w", psu=["psu"], squares=False)
    >>> cells.to_dict("list")
    {'psu_1': [1, 2], 'rows': [2, 1], 'weight': [4.0, 1.0], 'sum_q': [8.0, 5.0]}
    """
    tables = cell_tables(
        source,
        items=items,
        by=[by],
        weights=weights,
        probabilities=probabilities,
        strata=strata,
        psu=psu,
        where=where,
        squares=squares,
        missing=missing,
        ordered=ordered,
        engine=engine,
        table=table,
    )
    return next(tables)


def cell_tables(
    source: Any,  # noqa: ANN401 - as for cell_table
    *,
    by: Sequence[Sequence[str]],
    items: Sequence[str] = (),
    weights: str | None = None,
    probabilities: Sequence[str] = (),
    strata: Sequence[str] = (),
    psu: Sequence[str] = (),
    where: str | None = None,
    squares: bool = True,
    products: Sequence[tuple[str, str]] = (),
    missing: str = "fail",
    ordered: bool = True,
    engine: str = "auto",
    table: str | None = None,
) -> Iterator[pd.DataFrame]:
    """Yield one cell table per list of domain columns; arguments as for `cell_table`.

    ``products`` are pairs of items a, b whose Σw·a·b is wanted (``product_a_b``).

    Where all domain columns together make few cells (districts and provinces, say), the rows
    are summed once over all of them, and each table follows from those sums; else each
    list is one pass. One table is made after the other, so that only one is held.

    Examples
    --------
    >>> rows = pd.DataFrame({"psu": [1, 1, 2], "sex": ["f", "m", "f"], "q": [1, 3, 5]})
    >>> tables = cell_tables(rows, by=[[], ["sex"]], items=["q"], psu=["psu"])
    >>> [len(one) for one in tables]
    [2, 3]
    """
    wanted = Wanted(
        tuple(items), weights, tuple(probabilities), tuple(strata), tuple(psu), where, squares,
        missing, ordered, tuple(products),
    )  # fmt: skip
    together = list(dict.fromkeys(name for names in by for name in names))
    columns = wanted.columns(together)
    place = engine_for(source, len(columns), engine)
    if place.name == "memory":
        frame = read_frame(source, columns, wanted.numbers_only(together), table)
        for names in by:
            yield _without_outside(here.summed(frame, wanted, names), names)
        return
    with opened(source, place, table=table) as there:
        checks.check_columns(there.table.schema(), columns, wanted.numbers)
        if len(by) > 1 and _makes_few_cells(there, wanted, together):
            finest = _summed_there(there, wanted, together)
            for names in by:
                yield _coarser(finest, together, names)
            return
        for names in by:
            yield _without_outside(_summed_there(there, wanted, names), names)


def units_table(
    source: Any,  # noqa: ANN401 - as for cell_table
    *,
    weights: str | None = None,
    probabilities: Sequence[str] = (),
    strata: Sequence[str] = (),
    psu: Sequence[str] = (),
    fpc: Sequence[str] = (),
    engine: str = "auto",
    table: str | None = None,
) -> pd.DataFrame:
    """Return how the rows were drawn: one row per finest cluster, in the order of its keys.

    Parameters
    ----------
    source, weights, probabilities, strata, psu, engine, table
        As for `cell_table`. Without ``psu`` there is one row per stratum. The first label of
        ``psu`` may be missing.
    fpc
        Columns of the finite population corrections, one per stage.

    Returns
    -------
    pandas.DataFrame
        ``stratum_1 …``, ``psu_1 …`` as given; ``rows``, ``weight`` (Σw) and
        ``weight_squares``; ``fpc_1_low``, ``fpc_1_high`` …, the least and the greatest value
        of each correction within the cluster, which differ where it varies.

    Raises
    ------
    WeightError, EstimationError
        As `cell_table`, and ``fpc-not-positive``.

    Examples
    --------
    >>> rows = pd.DataFrame({"s": ["a", "a", "b"], "psu": [1, 2, 3], "N": [9, 9, 7]})
    >>> units_table(rows, strata=["s"], psu=["psu"], fpc=["N"])["fpc_1_high"].tolist()
    [9.0, 9.0, 7.0]
    """
    wanted = Wanted(
        (), weights, tuple(probabilities), tuple(strata), tuple(psu), None, True, "fail", True
    )
    columns = [*wanted.columns(), *(name for name in fpc if name not in wanted.columns())]
    place = engine_for(source, len(columns), engine)
    if place.name == "memory":
        frame = read_frame(source, columns, wanted.numbers_only(()), table)
        found = here.summed(frame, wanted, (), fpc, _OPTIONAL)
    else:
        with opened(source, place, table=table) as there:
            checks.check_columns(there.table.schema(), columns, [*wanted.numbers, *fpc])
            found = _summed_there(there, wanted, (), fpc, _OPTIONAL)
    return checks.check_fpc(found, fpc)


def _summed_there(
    there: Opened,
    wanted: Wanted,
    by: Sequence[str],
    fpc: Sequence[str] = (),
    optional: str = "",
) -> pd.DataFrame:
    rows, weight, items = selected(there.table, wanted)
    keys = wanted.keys(by)
    sums = aggregates(rows, weight, items, wanted.squares, wanted.products)
    for number, name in enumerate(fpc, start=1):
        sums[f"fpc_{number}_low"] = double(rows[name]).min()
        sums[f"fpc_{number}_high"] = double(rows[name]).max()
        sums[f"fpc_{number}_known"] = double(rows[name]).count()
    named = {key: rows[name] for key, name in keys.items()}
    expression = rows.group_by(**named).agg(**sums) if named else rows.agg(**sums)
    found = there.run(expression).to_pandas(split_blocks=True, self_destruct=True)
    checks.refuse_faults(
        found, wanted.weights, list(items), lambda: there.run(faults(rows, weight, items))
    )
    checks.check_probabilities(found["weight_least"].to_numpy(np.float64), wanted.probabilities)
    checks.check_keys(found, keys, optional)
    found.attrs["dropped"] = _dropped(there, wanted, int(found["rows"].sum()))
    return checks.finished(found, list(keys), wanted.ordered)


def _dropped(there: Opened, wanted: Wanted, kept: int) -> int:
    if wanted.missing != "drop" or not wanted.items:
        return 0
    every, _, _ = selected(there.table, replace(wanted, items=(), missing="fail"))
    return int(there.run(every.agg(rows=every.count()))["rows"][0].as_py()) - kept


def _makes_few_cells(there: Opened, wanted: Wanted, together: Sequence[str]) -> bool:
    names = list(dict.fromkeys([*wanted.strata, *wanted.psu, *together]))
    if not names:
        return True
    probe = there.table.select(*names).limit(_PROBE)
    found = there.run(probe).to_pandas()
    return len(found.drop_duplicates()) <= _FEW * len(found) or len(found) < _PROBE


def cells_per_row(source: Any, names: Sequence[str]) -> float:  # noqa: ANN401
    """Return how many cells columns make per row, from the first rows of a source."""
    with opened(source, engine_for(source, len(names))) as there:
        checks.check_columns(there.table.schema(), list(names), ())
        found = there.run(there.table.select(*dict.fromkeys(names)).limit(_PROBE)).to_pandas()
    return len(found.drop_duplicates()) / max(len(found), 1)


def _coarser(finest: pd.DataFrame, together: Sequence[str], by: Sequence[str]) -> pd.DataFrame:
    position = {name: f"domain_{number}" for number, name in enumerate(together, start=1)}
    design = [name for name in finest.columns if name.startswith(("stratum_", "psu_"))]
    keys = [*design, *(position[name] for name in by)]
    sums = [name for name in finest.columns if name not in {*design, *position.values()}]
    inside = finest[[*keys, *sums]]
    renamed = {position[name]: f"domain_{number}" for number, name in enumerate(by, start=1)}
    grouped = _by_keys(inside, keys)[sums].sum() if keys else inside[sums].sum().to_frame().T
    table = grouped.reset_index() if keys else grouped.astype(inside[sums].dtypes.to_dict())
    table.attrs = dict(finest.attrs)
    return _without_outside(table.rename(columns=renamed), by)


def _by_keys(table: pd.DataFrame, keys: Sequence[str]) -> Any:  # noqa: ANN401
    return table.groupby(list(keys), sort=True, dropna=False, observed=True)


def _without_outside(table: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Leave out cells without a domain, and say how many rows they held."""
    domains = [f"domain_{number}" for number in range(1, len(by) + 1)]
    outside = table[domains].isna().any(axis=1).to_numpy(dtype=bool)
    held = int(table.loc[outside, "rows"].sum())
    kept = table.loc[~outside].reset_index(drop=True) if outside.any() else table
    kept.attrs = table.attrs | {"outside": held}
    return kept
