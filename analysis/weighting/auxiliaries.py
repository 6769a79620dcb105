"""The table of auxiliaries that calibration works on, and the totals it must meet.

A categorical column becomes one indicator per category; it fixes the population size. A
numeric column is taken as it is. Columns that follow from others are found here: a further
categorical column always repeats the population size, which is no fault, while a numeric
column that is a combination of others is refused by name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy import linalg, sparse

from analysis.weighting.cells import joint_cells
from analysis.weighting.diagnostics import Floats
from analysis.weighting.feasibility import named
from analysis.weighting.margins import (
    TOTALS_AGREE,
    Integers,
    Margin,
    prepare_margins,
    weighted_counts,
)
from analysis.weighting.steps import Numeric
from intake.findings import Faults, WeightError, Words

SIZE = "(Intercept)"
_DEPENDENT = 1e-10

Controls = Mapping[Any, "float | Mapping[Any, float]"]


@dataclass(frozen=True, eq=False)
class Auxiliaries:
    """Auxiliaries of the rows to be calibrated.

    ``matrix`` is sparse (p columns, none of them redundant, named by ``names``). Its rows are
    those of the table, or, where all auxiliaries are categorical, their joint cells, to which
    ``cell`` leads from the rows of the table.
    """

    matrix: Any
    names: tuple[str, ...]
    margins: tuple[Margin, ...]
    numeric: tuple[Numeric, ...]
    kept: Integers
    cell: Integers | None

    def by_row(self) -> Any:  # noqa: ANN401
        """Return the auxiliaries of every row."""
        return self.matrix if self.cell is None else self.matrix[self.cell]

    def condensed(self, weights: Floats) -> Floats:
        """Return the weights (one per row) of the rows of ``matrix``."""
        if self.cell is None:
            return weights
        return weighted_counts(self.cell, weights, self.matrix.shape[0])

    def totals(self, weights: Floats) -> Floats:
        """Return the totals to be met; those of the missing follow the weights."""
        own = [margin.retargeted(weights).targets for margin in self.margins]
        own.append(np.array([auxiliary.total for auxiliary in self.numeric]))
        return np.asarray(np.concatenate(own)[self.kept])


def auxiliaries(
    data: pd.DataFrame,
    weights: Floats,
    controls: Controls,
    rows: Integers | None,
    clusters: Integers | None = None,
) -> Auxiliaries:
    """Read the auxiliaries of the rows; ``clusters`` (one per row) share a factor.

    Raises
    ------
    WeightError
        The faults of `prepare_margins`, and ``auxiliary-absent``,
        ``auxiliary-column-missing``, ``auxiliary-not-numeric``, ``auxiliary-missing`` (with
        the row), ``auxiliary-total``, ``auxiliary-total-negative``,
        ``auxiliary-collinear`` (with the column), ``margins-contradict``.
    """
    if not controls:
        raise WeightError.of(
            "auxiliary-absent",
            "Không có biến hiệu chỉnh nào.",
            "There are no auxiliaries.",
            "Ghi ít nhất một cột với tổng của nó.",
            "Give at least one column with its total.",
        )
    counts: dict[Any, Any] = {
        name: total for name, total in controls.items() if isinstance(total, Mapping)
    }
    numbers = {name: total for name, total in controls.items() if name not in counts}
    margins = prepare_margins(data, weights, counts, rows) if counts else ()
    numeric = _numeric(data, numbers, rows)
    whole, cell = _matrix(margins, numeric)
    names = [named(margin.name, label) for margin in margins for label in margin.labels]
    names += [own.name for own in numeric]
    first_numeric = len(names) - len(numeric)
    found = Auxiliaries(whole, tuple(names), margins, numeric, np.arange(len(names)), cell)
    kept = _independent(found, weights, first_numeric, clusters)
    return replace(
        found, matrix=whole[:, kept].tocsr(), names=tuple(names[own] for own in kept), kept=kept
    )


def cluster_means(matrix: Any, weights: Floats, clusters: Integers) -> tuple[Any, Floats]:  # noqa: ANN401
    """Return the weighted mean of the auxiliaries and the mean weight of each cluster."""
    number = int(clusters.max()) + 1
    gather = sparse.csr_matrix(
        (np.ones(clusters.size), (clusters, np.arange(clusters.size))),
        shape=(number, clusters.size),
    )
    held, counts = gather @ weights, gather @ np.ones(clusters.size)
    over = np.where(held > 0, held, 1.0)
    means = sparse.diags(1 / over) @ (gather @ sparse.diags(weights) @ matrix)
    return means.tocsr(), np.asarray(held / counts)


def _matrix(margins: Sequence[Margin], numeric: Sequence[Numeric]) -> tuple[Any, Integers | None]:
    """Return all auxiliaries side by side, by joint cell where that says it all."""
    if not numeric:
        cells = joint_cells(margins)
        return sparse.hstack(
            [
                indicators(category, len(margin.targets))
                for category, margin in zip(cells.categories, margins, strict=True)
            ]
        ).tocsr(), cells.of_row
    blocks = [indicators(margin.category, len(margin.targets)) for margin in margins]
    blocks.append(sparse.csr_matrix(np.column_stack([own.row_values for own in numeric])))
    return sparse.hstack(blocks).tocsr(), None


def indicators(category: Integers, categories: int) -> Any:  # noqa: ANN401
    """Return the sparse matrix (rows × categories) with a one at the category of each row."""
    rows = category.size
    return sparse.csr_matrix(
        (np.ones(rows), category, np.arange(rows + 1)), shape=(rows, categories)
    )


def _numeric(
    data: pd.DataFrame, numbers: Mapping[Any, Any], rows: Integers | None
) -> tuple[Numeric, ...]:
    faults = Faults("calibrate")
    found = []
    for name, total in numbers.items():
        values = _values(data, str(name), rows, faults)
        wanted = _total(str(name), total, values, faults)
        if values is not None and wanted is not None:
            found.append(Numeric(str(name), values, wanted))
    faults.raise_as(WeightError)
    return tuple(found)


def _values(data: pd.DataFrame, name: str, rows: Integers | None, faults: Faults) -> Floats | None:
    if name == SIZE and name not in data.columns:
        return np.ones(len(data) if rows is None else rows.size)
    if name not in data.columns:
        faults.add(
            "auxiliary-column-missing",
            Words(f"Bảng không có cột “{name}”.", f"The table has no column “{name}”."),
            Words("Hãy sửa tên cột.", "Mend the name of the column."),
            column=name,
        )
        return None
    column = data[name] if rows is None else data[name].iloc[rows]
    complex_numbers = pd.api.types.is_complex_dtype(column.dtype)
    if complex_numbers or not pd.api.types.is_numeric_dtype(column.dtype):
        faults.add(
            "auxiliary-not-numeric",
            Words(
                f"Cột “{name}” không phải là số.",
                f"Column “{name}” does not hold numbers.",
            ),
            Words(
                "Với cột phân loại, ghi số dân của từng nhóm: {nhóm: số dân}.",
                "For a categorical column give the count of each category: {category: count}.",
            ),
            column=name,
        )
        return None
    values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    bad = np.flatnonzero(~np.isfinite(values))
    if bad.size:
        row = int(bad[0] if rows is None else rows[bad[0]]) + 1
        faults.add(
            "auxiliary-missing",
            Words(
                f"Cột “{name}” thiếu giá trị ở {bad.size} dòng, đầu tiên là dòng {row}.",
                f"Column “{name}” has no value in {bad.size} rows, the first is row {row}.",
            ),
            Words(
                "Điền giá trị, hoặc thu hẹp thiết kế bằng where() trước khi hiệu chỉnh.",
                "Fill the values in, or narrow the design with where() before calibrating.",
            ),
            row=row,
            column=name,
        )
        return None
    return values


def _total(name: str, total: Any, values: Floats | None, faults: Faults) -> float | None:  # noqa: ANN401
    number = isinstance(total, int | float | np.number) and not isinstance(total, bool)
    if not number or not np.isfinite(total):
        faults.add(
            "auxiliary-total",
            Words(
                f"Tổng của “{name}” không phải là số: {total}.",
                f"The total of “{name}” is not a number: {total}.",
            ),
            Words("Ghi tổng của cột trong dân số.", "Give the population total of the column."),
            column=name,
        )
        return None
    if total <= 0 and values is not None and values.min(initial=0.0) >= 0 and values.any():
        faults.add(
            "auxiliary-total-negative",
            Words(
                f"Tổng của “{name}” là {total:g} mà các giá trị không âm.",
                f"The total of “{name}” is {total:g}, but its values are not negative.",
            ),
            Words("Hãy sửa tổng.", "Mend the total."),
            column=name,
        )
        return None
    return float(total)


def _independent(
    found: Auxiliaries, weights: Floats, first_numeric: int, clusters: Integers | None
) -> Integers:
    """Return the columns that do not follow from those before them; refuse what cannot be."""
    matrix, wanted = found.matrix, found.totals(weights)
    held = found.condensed(weights)
    if clusters is not None:
        matrix, _ = cluster_means(found.by_row(), weights, clusters)
        held = weighted_counts(clusters, weights, matrix.shape[0])
    gram = _moments(matrix, held, found, first_numeric)
    kept: list[int] = []
    # Cholesky's factor of the moments of the columns kept so far grows by a row for each.
    root: Floats = np.zeros_like(gram)
    for place in range(len(found.names)):
        own = root[: len(kept), : len(kept)]
        cross = linalg.solve_triangular(own, gram[kept, place], lower=True) if kept else np.zeros(0)
        left = gram[place, place] - cross @ cross
        if left > _DEPENDENT * max(gram[place, place], 1e-300):
            root[len(kept), : len(kept)] = cross
            root[len(kept), len(kept)] = np.sqrt(left)
            kept.append(place)
            continue
        on_others = linalg.solve_triangular(own.T, cross) if kept else cross
        involved = [found.names[kept[own]] for own in np.flatnonzero(np.abs(on_others) > 1e-6)]
        if place >= first_numeric:
            raise _collinear(found.names[place], involved)
        implied = float(on_others @ wanted[kept])
        if abs(implied - wanted[place]) > TOTALS_AGREE * max(abs(wanted).max(), 1.0):
            raise _contradiction(found.names[place], wanted[place], implied, involved)
    return np.array(kept, dtype=np.int64)


def _moments(
    matrix: Any,  # noqa: ANN401
    weights: Floats,
    found: Auxiliaries,
    first_numeric: int,
) -> Floats:
    """Return mean products, numeric columns centred where the population size is fixed.

    Without that a column such as the year of birth would look like a constant.
    """
    size = float(weights.sum())
    gram = np.asarray((matrix.T @ sparse.diags(weights) @ matrix).todense()) / size
    if not found.margins and SIZE not in found.names:
        return gram
    means = np.asarray(matrix.T @ weights) / size
    centre = np.where(np.arange(len(means)) >= first_numeric, means, 0.0)
    centre[[name == SIZE for name in found.names]] = 0.0
    return np.asarray(
        gram - np.outer(means, centre) - np.outer(centre, means) + np.outer(centre, centre)
    )


def _collinear(name: str, involved: list[str]) -> WeightError:
    others = ", ".join(f"“{other}”" for other in involved[:10])
    vi = f"là tổ hợp của {others}" if others else "không có biến thiên"
    en = f"is a combination of {others}" if others else "does not vary"
    return WeightError.of(
        "auxiliary-collinear",
        f"Cột “{name}” {vi} trong mẫu.",
        f"Column “{name}” {en} in the sample.",
        "Bỏ cột này; tổng của nó đã do các cột khác quyết định.",
        "Leave it out; its total already follows from the others.",
        column=name,
    )


def _contradiction(name: str, wanted: float, implied: float, involved: list[str]) -> WeightError:
    others = ", ".join(f"“{other}”" for other in involved[:10])
    return WeightError.of(
        "margins-contradict",
        f"Số dân của “{name}” là {wanted:,.10g}, nhưng theo {others} trong mẫu phải là "
        f"{implied:,.10g}.",
        f"The count of “{name}” is {wanted:,.10g}, but from {others} it follows in the sample "
        f"that it is {implied:,.10g}.",
        "Sửa một trong các số dân, hoặc gộp nhóm.",
        "Mend one of the counts, or merge categories.",
        column=name.split("=", maxsplit=1)[0],
    )
