"""What is known about everybody in the areas: how many they are, and their means.

Areas are matched by their names, never by their order, unless plain arrays are given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.inference.small_area.nested_error import Floats, Integers
from analysis.inference.small_area.refusals import refusal


@dataclass(frozen=True, eq=False)
class Population:
    """Areas in the order of the population table, and the area of each answer.

    ``means`` (D, covariates), ``sizes`` and ``n`` (D,), ``area_of`` (answers,).
    """

    names: tuple[Any, ...]
    means: Floats
    sizes: Floats
    n: Integers
    area_of: Integers


def population_of(
    labels: pd.Series,
    terms: Sequence[str],
    area: str,
    means: Any,  # noqa: ANN401 - the shapes that `unit_eblup` names
    sizes: Any,  # noqa: ANN401
) -> Population:
    """Match answers, means and sizes by area, and refuse what does not fit together."""
    present = sorted(labels.unique())
    table = _means(means, terms, area, present)
    refuse_twice(table.index)
    absent = [name for name in present if name not in table.index]
    if absent:
        row = int(np.flatnonzero(labels.to_numpy() == absent[0])[0]) + 1
        raise refusal("area-unknown", absent[0], _listed(table.index), row=row, column=area)
    people = _sizes(sizes, area, table.index)
    area_of = table.index.get_indexer(pd.Index(labels)).astype(np.int64)
    n = np.bincount(area_of, minlength=len(table)).astype(np.int64)
    small = np.flatnonzero(~(people >= np.maximum(n, 1)))
    if small.size:
        k = int(small[0])
        raise refusal("area-size", f"{table.index[k]}: {people[k]:g}", f"≥ {max(int(n[k]), 1)}")
    return Population(tuple(table.index), table.to_numpy(dtype=np.float64), people, n, area_of)


def refuse_twice(names: pd.Index) -> None:
    """Refuse two areas of one name, with the row of the second."""
    again = np.flatnonzero(names.duplicated())
    if again.size:
        row = int(again[0])
        raise refusal("area-twice", f"“{names[row]}” × 2", "× 1", row=row + 1)


def _means(
    means: Any,  # noqa: ANN401
    terms: Sequence[str],
    area: str,
    present: Sequence[Any],
) -> pd.DataFrame:
    if isinstance(means, pd.Series):
        means = means.to_frame(terms[0])
    nested = isinstance(means, Mapping) and means
    if nested and all(isinstance(held, Mapping | pd.Series) for held in means.values()):
        # {term: {area: mean}}, or {area: {term: mean}}.
        by_term = set(means) == set(terms)
        means = pd.DataFrame({key: pd.Series(held) for key, held in means.items()})
        means = means if by_term else means.T
    if isinstance(means, pd.DataFrame):
        table = means.set_index(area) if area in means.columns else means
        missing = [name for name in terms if name not in table.columns]
        if missing:
            raise refusal(
                "area-column-missing", missing[0], _listed(table.columns), column=missing[0]
            )
        table = table[list(terms)]
    elif isinstance(means, Mapping):
        table = pd.DataFrame(
            [np.atleast_1d(np.asarray(means[name], dtype=np.float64)) for name in means],
            index=pd.Index(list(means)),
        )
    else:
        array = np.asarray(means, dtype=np.float64)
        array = array[:, None] if array.ndim == 1 else array
        if len(array) != len(present):
            raise refusal("area-shape", len(array), len(present))
        table = pd.DataFrame(array, index=pd.Index(present))
    if table.shape[1] != len(terms):
        raise refusal("area-shape", table.shape[1], len(terms))
    values = table.apply(pd.to_numeric, errors="coerce").to_numpy(dtype=np.float64)
    absent = np.argwhere(~np.isfinite(values))
    if absent.size:
        name = table.index[int(absent[0, 0])]
        raise refusal("covariate-missing", f"{name}: NaN", terms[int(absent[0, 1])])
    return pd.DataFrame(values, index=table.index, columns=list(terms))


def _sizes(sizes: Any, area: str, index: pd.Index) -> Floats:  # noqa: ANN401
    if isinstance(sizes, pd.DataFrame):
        table = sizes.set_index(area) if area in sizes.columns else sizes
        if table.shape[1] != 1:
            raise refusal("area-shape", table.shape[1], 1)
        sizes = table.iloc[:, 0]
    if isinstance(sizes, Mapping):
        sizes = pd.Series(dict(sizes))
    if isinstance(sizes, pd.Series):
        refuse_twice(sizes.index)
        sizes = sizes.reindex(index).to_numpy()
    values = np.asarray(sizes, dtype=np.float64)
    if values.shape != (len(index),):
        raise refusal("area-shape", values.shape, (len(index),))
    return values


def _listed(names: pd.Index) -> str:
    return ", ".join(str(name) for name in names[:10])
