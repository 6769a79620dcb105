"""The same estimates from sums that were made where the rows are.

An engine sums weights, items, squares and products by finest cluster and domain; the algebra
on these cells is that of `analysis.estimation.linearization`. Means, totals and ratios need
nothing else. Everything else has the columns that it reads brought here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any, TypeGuard

import numpy as np
import pandas as pd

from analysis.away import Away, named_cells
from analysis.cells import Cells, add_up
from analysis.design import SurveyDesign
from analysis.estimation.columns import Asked, Column
from analysis.estimation.domains import categories_of, groupings, unplaced
from analysis.estimation.linearization import Linearization
from analysis.estimation.results import Estimates, labelled, stacked, tabulated
from analysis.stages import Floats, Integers, compressed
from analysis.stagewise import spread_over
from intake.findings import EstimationError, Finding, Words

# Cells per row from which on sums save nothing: then the rows come here.
_MANY = 0.25
_HERE = ("auto", "memory")


class Elsewhere(Linearization):
    """One call in one domain variable, over cells that an engine has summed."""

    def __init__(
        self,
        design: SurveyDesign,
        asked: Asked,
        table: pd.DataFrame,
        category: Integers,
        categories: int,
    ) -> None:
        unit = design.units_at(named_cells(table, design.drawn))
        # Rows of one cluster below the stages that carry variance share a cell.
        keys, self._cell_of = compressed(
            unit * np.int64(categories) + category, design.units * categories
        )
        self._table = table
        self.outside = int(table.attrs.get("outside", 0))
        self.df_of_members: Integers | None = None
        self._cells = keys.size
        super().__init__(design, asked, category, categories)
        self._keys = keys

    @cached_property
    def cells(self) -> Cells:
        """The cells that the engine has summed."""
        categories = self.categories
        return _Summed(
            self._keys // categories,
            self._keys % categories,
            categories,
            self._cell_of,
            self._table["weight"].to_numpy(dtype=np.float64),
            self._added("rows"),
        )

    def _added(self, name: str) -> Floats:
        return add_up(self._cell_of, self._cells, self._table[name].to_numpy(dtype=np.float64))

    def sums(self, wanted: Sequence[int], *, squares: bool = False) -> Floats:
        """Return Σ w·y of each cell (cells × columns), and note Σ w·y² where asked for."""
        names = [self.asked.over[at].name for at in wanted]
        if squares:
            for at, name in zip(wanted, names, strict=True):
                self.second[:, at] = self._by_category(f"squares_{name}")
        return np.column_stack([self._added(f"sum_{name}") for name in names])

    def _denominator(self, at: int) -> Floats:
        given = self.asked.under[at] if self.asked.under else None
        return self.cells.weight if given is None else self._added(f"sum_{given.name}")

    def _by_category(self, name: str) -> Floats:
        return add_up(self.category, self.categories, self._table[name].to_numpy(dtype=np.float64))

    def simple_variances(self, n: Floats, size: Floats) -> Floats:
        """Return the variance of a simple random sample (categories × quantities).

        For a ratio R = Σ w·a / Σ w·b the linearised values a - R·b have the squares
        Σ w·a² - 2R·Σ w·ab + R²·Σ w·b² and sum to zero.
        """
        if self.asked.plain:
            mean = self.values if self.asked.under is not None else self.values / size
            spread = np.maximum(self.second / size - mean * mean, 0.0)
            scale = 1.0 if self.asked.under is not None else size * size
            return np.asarray(scale * spread / (n - 1))
        found = np.empty_like(n)
        for at, (over, under) in enumerate(
            zip(self.asked.over, self.asked.under or (), strict=True)
        ):
            below = under.name if under is not None else over.name
            ratio = self.values[:, at]
            squares = self._by_category(f"squares_{over.name}")
            squares -= 2 * ratio * self._by_category(f"product_{over.name}_{below}")
            squares += ratio * ratio * self._by_category(f"squares_{below}")
            spread = np.maximum(squares, 0.0) / size[:, at]
            found[:, at] = (size[:, at] / self.denominators[:, at]) ** 2 * spread
            found[:, at] /= n[:, at] - 1
        return found

    def kish_sizes(self, size: Floats) -> Floats:
        """Return (Σ w)² / Σ w² of each category (categories × quantities)."""
        squares = self._by_category("weight_squares")
        return np.asarray(size**2 / squares[:, None])


class _Summed(Cells):
    """Cells whose sums are at hand already."""

    def __init__(
        self,
        unit: Integers,
        category: Integers,
        categories: int,
        position: Integers,
        weights: Floats,
        count: Floats,
    ) -> None:
        super().__init__(unit, category, categories, position, weights)
        object.__setattr__(self, "count", count)


def summed_there(design: Any, engine: str) -> TypeGuard[SurveyDesign]:  # noqa: ANN401
    """Return whether a call is to be summed by an engine, and refuse one that cannot be.

    ``auto`` leaves rows where they are; an engine that is named takes tables in memory too,
    unless their weights were changed or their design is no plain one.
    """
    if engine == "memory" or not isinstance(design, SurveyDesign):
        if engine not in _HERE:
            raise _not_by_engine(engine)
        return False
    if engine == "auto":
        return design.away is not None
    if design.away is None and (design.history or design.form is not None or not _plain(design)):
        raise _not_by_engine(engine)
    return True


def estimated_there(
    design: SurveyDesign,
    asked: Asked,
    by: Sequence[Any] | str | None,
    level: float,
    deff: bool | str,
    missing: str,
    engine: str,
    here: Callable[[SurveyDesign], Estimates],
) -> Estimates:
    """Answer a call from sums by an engine; ``here`` answers it from rows brought here.

    Rows come where the domains cut so finely across clusters that cells would be nearly as
    many as the rows.
    """
    variables = groupings(by)
    items = _items(asked)
    source, settings = _source(design, engine), {"missing": missing, "engine": engine}
    if engine == "auto" and not source.cuts_coarsely(variables, _MANY):
        names = list(dict.fromkeys(name for part in variables for name in part))
        return here(design.brought(names, items))
    products = [
        (over.name, under.name)
        for over, under in zip(asked.over, asked.under or (), strict=False)
        if under is not None
    ]
    tables = source.cells(variables, items, products, **settings)
    found = _answered(design, asked, tables, variables, engine)
    all_names = list(dict.fromkeys(name for names in variables for name in names))
    parts = [
        _stated(asked, names, all_names, labels, one, level, deff)
        for names, (labels, one) in zip(variables, found, strict=True)
    ]
    listed, scores, findings = zip(*parts, strict=True)
    return stacked(design, listed, level, scores, [one for part in findings for one in part])


def unread(names: Sequence[str]) -> tuple[Column, ...]:
    """Return columns by name alone, for sums that are made elsewhere."""
    return tuple(Column(name, np.zeros(0)) for name in names)


def _answered(
    design: SurveyDesign,
    asked: Asked,
    tables: Iterator[pd.DataFrame],
    variables: Sequence[Sequence[str]],
    engine: str,
) -> Iterator[tuple[list[tuple[Any, ...]], Elsewhere]]:
    """Yield the labels and the evaluation of each domain variable."""
    for names, table in zip(variables, tables, strict=True):
        if table.empty:
            raise _nobody()
        category, labels = _categories(table, len(names))
        found = Elsewhere(design, asked, table, category, len(labels))
        if table.attrs.get("dropped"):
            found.df_of_members = _df_of_members(design, names, labels, engine)
        yield labels, found


def _stated(
    asked: Asked,
    names: Sequence[str],
    all_names: Sequence[str],
    labels: list[tuple[Any, ...]],
    found: Elsewhere,
    level: float,
    deff: bool | str,
) -> tuple[pd.DataFrame, Any, list[Finding]]:
    """Return the table of one domain variable, its scores and what is to be said of it."""
    evaluated = found.estimate()
    if found.df_of_members is not None:
        evaluated = replace(evaluated, df=found.df_of_members)
    simple = found.simple_variances(evaluated.n, evaluated.size)
    kish = found.kish_sizes(evaluated.size)
    columns = tabulated(asked, evaluated, simple, kish, level, deff=deff)
    head = labelled(asked.labels, labels, names, all_names)
    table = pd.DataFrame({**head, **columns})
    return table, evaluated.scores, unplaced(names, found.outside)


def _df_of_members(
    design: SurveyDesign, names: Sequence[str], labels: list[tuple[Any, ...]], engine: str
) -> Integers:
    """Return degrees of freedom over all members, those without an answer among them."""
    table = next(_source(design, engine).cells([names], (), (), "fail", engine))
    category, found = _categories(table, len(names))
    unit = design.units_at(named_cells(table, design.drawn))
    df = spread_over(design, unit, category, len(found)).df
    place = {label: at for at, label in enumerate(found)}
    return np.asarray([df[place[label]] for label in labels], dtype=np.int64)


def _categories(table: pd.DataFrame, count: int) -> tuple[Integers, list[tuple[Any, ...]]]:
    names = [f"domain_{number}" for number in range(1, count + 1)]
    return categories_of(table, names, np.ones(len(table), dtype=bool))


def _items(asked: Asked) -> list[str]:
    under = [part.name for part in asked.under or () if part is not None]
    return list(dict.fromkeys([*(column.name for column in asked.over), *under]))


def _source(design: SurveyDesign, engine: str) -> Away:
    """Return where an engine finds the rows: where they were read from, or in memory."""
    if design.origin is not None and engine != "memory":
        return design.origin
    rows = design.data if design.member.all() else design.data[design.member]
    return Away(rows, design.drawn)


def _plain(design: SurveyDesign) -> bool:
    summable = Away(None, design.drawn).summable and not design.rows_alone
    return summable and design.stages[0].cluster_free is None


def _not_by_engine(engine: str) -> EstimationError:
    return EstimationError(
        Finding(
            "engine-needs-rows",
            Words(
                f"Thiết kế này không tính được bằng engine={engine!r}.",
                f"This design cannot be summed by engine={engine!r}.",
            ),
            Words(
                "Trọng số đã hiệu chỉnh, trọng số lặp và mẫu không có cột psu, hoặc có ô psu "
                "trống, cần các dòng: "
                "dùng engine='auto'.",
                "Calibrated or replicate weights and samples without a psu column, or with an "
                "empty psu, need rows: "
                "use engine='auto'.",
            ),
        )
    )


def _nobody() -> EstimationError:
    return EstimationError(
        Finding(
            "domain-empty",
            Words("Không có dòng nào thuộc phần được chọn.", "No row is in the part chosen."),
            Words("Hãy kiểm tra điều kiện của where.", "Check the condition of where."),
        )
    )
