"""Estimates: a table of values with their uncertainty, and the covariance behind it.

Column ``n_effective`` is the number of answers divided by the design effect against simple
random sampling with replacement, so it holds what strata, clusters and weights cost together.
Where the answers do not differ at all, or everyone was asked, there is no design effect, and
the number is divided by what unequal weights alone cost (Kish). ``deff`` is the design effect
against sampling with replacement, or without where that was asked for; ``deff_weights`` and
``deff_clustering`` are its parts (see `Estimates.effects`).

Column ``flag``: ``no-cases`` (nobody in the domain answered), ``no-denominator`` (the total
under a ratio is zero), ``no-df`` (a single primary unit per stratum: no interval can be given,
and a standard error only where units without members, or later stages, tell one, as for a
total), ``bound`` (a share of exactly 0 or 1), ``one-case`` (a variance needs two answers),
``variance-below-zero`` (the form of Horvitz and Thompson, or an approximation of joint
probabilities, gave no standard error).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from analysis.design import SurveyDesign
from analysis.estimation import intervals
from analysis.estimation.columns import Asked
from analysis.estimation.contrasts import answers, combination, freedom
from analysis.estimation.linearization import Evaluated
from analysis.replication import ReplicateDesign
from analysis.sampling_error import covariance_where_held
from analysis.stages import Floats, Integers
from analysis.stagewise import covariance_of_totals
from intake.findings import EstimationError, Finding

# A standard error below this share of its estimate is what rounding leaves of zero.
_ROUNDING = 1e-12
COLUMNS = ("value", "se", "low", "high", "n", "n_effective", "deff", "df", "flag")
Scores = Callable[[Sequence[int]], Floats]
Design = SurveyDesign | ReplicateDesign


@dataclass(frozen=True, eq=False)
class Estimates:
    """Estimates, one per row of ``table``, and the scores from which they can be combined.

    ``sizes`` are the rows that each part of ``parts`` answers for, in the order of the table;
    a part gives linearised totals by finest cluster, or estimates by replicate. ``held`` are
    the finest clusters with members, where the design treats units that a domain leaves alone.
    ``joint`` gives the covariance by positions where no scores do, as over two rounds.
    """

    table: pd.DataFrame
    design: Any
    level: float
    findings: tuple[Finding, ...] = ()
    sizes: tuple[int, ...] = ()
    parts: tuple[Scores, ...] = field(default=(), repr=False)
    keys: tuple[str, ...] = ()
    held: Integers | None = field(default=None, repr=False)
    joint: Callable[[Sequence[int]], Floats] | None = field(default=None, repr=False)

    @property
    def cv(self) -> Floats:
        """Coefficients of variation: standard errors over absolute values, without unit."""
        value = self.table["value"].to_numpy(dtype=np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(self.table["se"].to_numpy(dtype=np.float64) / np.abs(value))

    def scores(self, rows: Sequence[int] | None = None) -> Floats:
        """Return what moves the estimates at these positions.

        Finest clusters by rows (linearised totals), or replicates by rows (estimates).
        """
        wanted = self._positions(rows)
        starts = np.cumsum([0, *self.sizes])
        part_of = np.searchsorted(starts, wanted, side="right") - 1
        found: list[Floats] = []
        order: list[Integers] = []
        for number in np.unique(part_of):
            mine = np.flatnonzero(part_of == number)
            found.append(self.parts[int(number)](list(wanted[mine] - starts[number])))
            order.append(mine)
        if not found:
            return np.zeros((0, 0))
        return np.hstack(found)[:, np.argsort(np.concatenate(order))]

    def covariance(self, rows: Sequence[int] | None = None) -> Floats:
        """Return the covariance matrix of the estimates at these row positions, or of all.

        Built on demand for the rows asked for; nothing of the size of the table squared is
        kept.

        Raises
        ------
        EstimationError
            ``row-unknown`` for a position that is not in the table.
        """
        wanted = self._positions(rows)
        if not wanted.size:
            return np.zeros((0, 0))
        if self.joint is not None:
            return self.joint(list(wanted))
        scores = self.scores(list(wanted))
        if not scores.size:
            return np.zeros((wanted.size, wanted.size))
        if isinstance(self.design, ReplicateDesign):
            values = self.table["value"].to_numpy(dtype=np.float64)[wanted]
            return self.design.covariance_of(scores, values)
        if self.held is not None:
            return covariance_where_held(self.design, scores, self.held)
        return covariance_of_totals(self.design, scores)

    def _positions(self, rows: Sequence[int] | None) -> Integers:
        if rows is None:
            return np.arange(len(self.table), dtype=np.int64)
        wanted = np.atleast_1d(np.asarray(rows))
        if not wanted.size:
            return np.zeros(0, dtype=np.int64)
        fits = wanted.ndim == 1 and wanted.dtype.kind in "iu"
        if not fits or wanted.min() < 0 or wanted.max() >= len(self.table):
            last = len(self.table) - 1
            raise EstimationError.of(
                "row-unknown",
                f"Không có các dòng {rows!r} trong bảng kết quả.",
                f"The table of estimates has no rows {rows!r}.",
                f"Ghi vị trí từ 0 đến {last}.",
                f"Give positions from 0 to {last}.",
            )
        return wanted.astype(np.int64)

    def contrast(
        self,
        contrasts: Mapping[str, Any] | Sequence[Any] | Floats | str,
        level: float | None = None,
    ) -> Estimates:
        """Return linear combinations of the estimates, or a function of them.

        Parameters
        ----------
        contrasts
            ``{name: {row: coefficient}}`` or ``{name: [coefficient, …]}``; a matrix with one
            row per contrast; or an expression over rows such as ``"api00 / api99"`` with
            ``+ - * / **``, ``log``, ``exp`` and ``sqrt`` (delta method). A row is called by its
            quantity, by its domain (``"E"``), or by both (``"api00[E]"``), whichever names
            one row alone.
        level
            Confidence level; that of the estimates without.

        Raises
        ------
        EstimationError
            ``contrast-row-unknown``, ``contrast-row-ambiguous``, ``contrast-shape``,
            ``contrast-expression``.

        Examples
        --------
        >>> from analysis import estimate
        >>> table = pd.DataFrame({"y": [1.0, 2.0, 3.0, 6.0], "x": [1.0, 1.0, 2.0, 3.0], "w": 1.0})
        >>> means = estimate.mean(SurveyDesign(table, weights="w"), ["y", "x"])
        >>> means.contrast({"gap": {"y": 1, "x": -1}}).table["value"].tolist()
        [1.25]
        """
        labels, found, matrix = combination(self.table, self.keys, contrasts)
        used = np.flatnonzero((matrix != 0).any(axis=0))
        matrix = matrix[:, used]
        rows = [int(at) for at in used]
        variance = np.einsum("ij,jk,ik->i", matrix, self.covariance(rows), matrix)
        kept = self.table.iloc[rows]
        scale = np.abs(matrix) @ np.abs(kept["value"].to_numpy(dtype=np.float64))
        variance = np.where(variance <= (_ROUNDING * scale) ** 2, 0.0, variance)
        df = freedom(kept["df"].to_numpy(dtype=np.float64), float(self.design.df), matrix)
        se = np.sqrt(np.where(df > 0, variance, np.nan))
        chosen = self.level if level is None else level
        low, high = intervals.around(found, se, df, chosen)
        table = pd.DataFrame(
            {
                "quantity": labels,
                "value": found,
                "se": se,
                "low": low,
                "high": high,
                "n": answers(kept, self.keys, matrix),
                "df": df.astype(np.int64),
                "flag": np.where(df > 0, "", "no-df"),
            }
        )

        def scores(wanted: Sequence[int]) -> Floats:
            return np.asarray(self.scores(rows) @ matrix[list(wanted)].T)

        def joint(wanted: Sequence[int]) -> Floats:
            own = matrix[list(wanted)]
            return np.asarray(own @ self.covariance(rows) @ own.T)

        return Estimates(
            table,
            self.design,
            chosen,
            sizes=(len(table),),
            parts=(scores,),
            keys=("quantity",),
            held=self.held,
            joint=joint if self.joint is not None else None,
        )

    def effects(self) -> pd.DataFrame:
        """Return the parts of each design effect.

        Columns of `table` that name a row, then ``deff`` (against sampling with replacement),
        ``deff_weights`` (Kish: what unequal weights alone cost) and ``deff_clustering``
        (the rest: strata and clusters), which multiply to it.
        """
        names = [name for name in self.table.columns if name not in COLUMNS]
        table = self.table[names].copy()
        n = self.table["n"].to_numpy(dtype=np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):
            whole = n / self.table["n_effective"].to_numpy(dtype=np.float64)
            table["deff"] = whole
            table["deff_weights"] = self.table.attrs["deff_weights"]
            table["deff_clustering"] = whole / table["deff_weights"]
        return table


def tabulated(
    asked: Asked,
    found: Evaluated,
    simple: Floats,
    kish: Floats,
    level: float,
    *,
    deff: bool | str = False,
    interval: str = "logit",
    logits: Floats | None = None,
) -> dict[str, Any]:
    """Return the columns of the estimates file from what was evaluated.

    Parameters
    ----------
    simple, kish
        Variance of a simple random sample, and effective size under the weights alone
        (categories × quantities).
    logits
        Where the likelihood interval begins its search, one per row of the table.
    """
    value, answered = found.value.ravel(), found.n.ravel()
    variance = _without_rounding(found.variance.ravel(), value)
    df = np.repeat(found.df, asked.quantities)
    empty = ~np.isfinite(value) | (answered == 0)
    no_df = ~empty & (df <= 0)
    below_zero = ~empty & (variance < 0)
    unknown = empty | below_zero | (no_df & ~(variance > 0))
    se = np.where(unknown, np.nan, np.sqrt(np.maximum(variance, 0.0)))
    with np.errstate(divide="ignore", invalid="ignore"):
        effect = variance / _without_rounding(simple.ravel(), value)
        effect[no_df | empty | below_zero | ~np.isfinite(effect)] = np.nan
        effective = np.where(np.isfinite(effect) & (effect > 0), answered / effect, kish.ravel())
        shown = effect / (1 - answered / found.size.ravel()) if deff is True else effect
        weights_alone = np.where(empty, np.nan, answered / kish.ravel())
    freedom = df.astype(np.float64)
    low, high = intervals.around(value, se, freedom, level)
    flags = np.where(no_df, "no-df", "")
    is_ratio = asked.combine is None and any(asked.under or ())
    why = np.where(is_ratio & (answered > 0), "no-denominator", "no-cases")
    flags = np.where(empty, why, np.where(below_zero, "variance-below-zero", flags))
    which = np.tile(asked.shares, len(found.value)) & ~empty
    if which.any():
        low[which], high[which] = intervals.of_share(
            value[which],
            se[which],
            answered[which],
            freedom[which],
            level,
            interval,
            first=None if logits is None else logits[which],
        )
        flags = np.where(which & ((value <= 0) | (value >= 1)) & (flags == ""), "bound", flags)
    return {
        "value": np.where(empty, np.nan, value),
        "se": se,
        "low": np.where(empty | no_df, np.nan, low),
        "high": np.where(empty | no_df, np.nan, high),
        "n": answered.astype(np.int64),
        "n_effective": np.where(empty, 0.0, effective),
        "deff": shown,
        "df": df,
        "flag": flags,
        "deff_weights": weights_alone,
    }


def stacked(
    design: Any,  # noqa: ANN401 - any design
    tables: Sequence[pd.DataFrame],
    level: float,
    parts: Sequence[Scores],
    findings: Sequence[Finding],
    held: Integers | None = None,
) -> Estimates:
    """Put the tables of several domain variables, from `tabulated`, into one result."""
    table = tables[0] if len(tables) == 1 else pd.concat(tables, ignore_index=True)
    table.attrs["deff_weights"] = table.pop("deff_weights").to_list()
    sizes = tuple(len(part) for part in tables)
    keys = tuple(name for name in table.columns if name not in COLUMNS)
    return Estimates(table, design, level, tuple(findings), sizes, tuple(parts), keys, held)


def labelled(
    labels: Sequence[tuple[str, str | None]],
    found: Sequence[tuple[Any, ...]],
    names: Sequence[str],
    all_names: Sequence[str],
) -> dict[str, Any]:
    """Return the columns that name each row: quantity, category and domain variables.

    A domain variable that is called like another column of the table is refused.
    """
    named = ("quantity", "probability", "category")
    taken = [name for name in all_names if name in COLUMNS or name in named]
    if taken:
        raise EstimationError.of(
            "by-name-taken",
            f"Cột nhóm không được tên là “{taken[0]}”: bảng kết quả dùng tên này.",
            f"A domain variable cannot be called “{taken[0]}”: the table of results uses that "
            "name.",
            "Hãy đổi tên cột trong bảng dữ liệu.",
            "Rename the column of the data.",
            column=taken[0],
        )
    head: dict[str, Any] = {"quantity": [name for _ in found for name, _ in labels]}
    if any(category is not None for _, category in labels):
        head["category"] = [category for _ in found for _, category in labels]
    for name in all_names:
        at = names.index(name) if name in names else None
        head[name] = [None if at is None else label[at] for label in found for _ in labels]
    return head


def _without_rounding(variance: Floats, value: Floats) -> Floats:
    with np.errstate(invalid="ignore"):
        rounding = np.where(variance > 0, (_ROUNDING * value) ** 2, _ROUNDING * value * value)
        return np.where(np.abs(variance) <= rounding, 0.0, variance)
