"""How the rows of a table came to be there: strata, primary units, weights, corrections.

A `SurveyDesign` is a table together with the columns that say how it was drawn. It is
checked when made and never changed; narrowing it to a part of the population keeps the
whole design, because the number of members in a part is itself random. What cannot be
known from the columns (a stratum with one primary unit, labels that come again in another
stratum, weights that are missing) is refused with the choices, never guessed.

Weights are in persons (or visits) represented.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import ArrayLike

from analysis.away import SURE, WEIGHT, Away, away_for, named_cells
from analysis.choices import one_of
from analysis.design_columns import (
    DesignColumns,
    check_one_stage,
    check_stages,
    names_of,
    one_name,
)
from analysis.expressions import names_in
from analysis.forms import Form, check_pps, two_phases, unequal_form
from analysis.masks import rows_that_meet
from analysis.row_weights import check_weights, row_weights
from analysis.stage_building import build, certain_alone, clusters, refuse_lonely
from analysis.stage_labels import StageLabels, unlabelled
from analysis.stages import Flags, Floats, Integers, Stage, compressed
from analysis.tables import need_columns, read_table
from intake.findings import EstimationError

__all__ = ["Flags", "Floats", "Integers", "Stage", "SurveyDesign", "WeightStep"]

LONELY_CHOICES = ("fail", "remove", "adjust", "average", "certainty")
FPC_KINDS = ("count", "fraction")
_PHASE_WEIGHT = "two_phase_weight"


class WeightStep(Protocol):
    """Something that was done to the weights of a design.

    ``auxiliary`` X (rows × p, SciPy CSR) holds what the step has made certain, or is None where
    it has made nothing certain; ``moment_weights`` ω (rows) and ``coefficients`` lead from
    the moments Xᵀ(ω∘z) of linearised values z to B (p × k), so that z - X·B is what stays
    uncertain. ``after`` are the weights that the step left behind, which may be
    negative where it is ``signed``; ``diagnostics`` are these in numbers.
    """

    @property
    def auxiliary(self) -> Any:  # noqa: ANN401, D102 - scipy carries no types
        ...

    @property
    def moment_weights(self) -> Floats: ...  # noqa: D102

    @property
    def after(self) -> Floats: ...  # noqa: D102

    @property
    def signed(self) -> bool: ...  # noqa: D102

    @property
    def diagnostics(self) -> Any: ...  # noqa: ANN401, D102

    def coefficients(self, moments: Floats) -> Floats: ...  # noqa: D102


class SurveyDesign:
    """A table, and how its rows were drawn.

    Parameters
    ----------
    data
        A pandas data frame, a pyarrow table, or the path of a CSV or Parquet file; also an
        Ibis or Spark table, whose rows stay where they are, as do those of large files: then
        `data`, `weights` and the like bring the rows here when they are asked for.
    weights
        Column of weights, all above zero. Without it they follow from ``fpc`` or
        ``probabilities``; of the latter a stratum with one unit is then known to be certain.
    strata, psu, fpc, probabilities
        Column names, one per stage (a single name allowed). Without ``psu`` each row is a
        primary unit. So is a row whose first ``psu`` is empty or missing, as `sampling.draw`
        leaves it in units taken with certainty; with several columns its unit in the second
        is, under the correction of the second. ``fpc`` holds the clusters of the stratum
        (``fpc_as="count"``) or the share of them that was drawn (``"fraction"``). Later stages
        count in the variance when ``fpc`` is given for them; without ``fpc`` the primary units
        carry it all.
    nest
        True where cluster labels start again in every stratum.
    lonely_psu
        What a stratum with one primary unit adds to the variance: ``fail`` refuses,
        ``remove`` and ``certainty`` nothing, ``adjust`` its distance from zero (the
        population mean of the linearised values), ``average`` the mean of the other strata.
    lonely_domains
        True treats a stratum in which a domain has members in one primary unit alone in the
        same way (``adjust`` and ``average``).
    pps
        How clusters were drawn with unequal probabilities and without replacement, the
        probability standing in ``probabilities`` (or ``fpc``): ``brewer``, ``overton``,
        ``hartley_rao``, or the matrix of joint probabilities in the order of the clusters.
        Without it the draw counts as one with replacement.
    pps_variance
        ``ht`` or ``yg``: the form of Horvitz and Thompson, or of Yates and Grundy.
    pps_sum
        For ``hartley_rao``: Σπ²/n over the population, for which the sample stands in.

    Raises
    ------
    WeightError
        ``weight-missing``, ``weight-not-positive``, ``weights-absent``.
    EstimationError
        ``column-missing``, ``design-value-missing``, ``psu-in-two-strata``,
        ``psu-lonely``, ``fpc-…``, ``lonely-psu-unknown``, ``stages-differ``.

    Examples
    --------
    >>> table = pd.DataFrame({"w": [2.0, 2.0, 3.0], "s": ["a", "a", "b"], "y": [1, 2, 4]})
    >>> SurveyDesign(table, weights="w", strata="s", lonely_psu="average").df
    1
    """

    def __init__(
        self,
        data: pd.DataFrame | pa.Table | str | Path,
        *,
        weights: str | None = None,
        strata: str | Sequence[str] | None = None,
        psu: str | Sequence[str] | None = None,
        fpc: str | Sequence[str] | None = None,
        fpc_as: str = "count",
        probabilities: str | Sequence[str] | None = None,
        nest: bool = False,
        lonely_psu: str = "fail",
        lonely_domains: bool = False,
        pps: str | ArrayLike | None = None,
        pps_variance: str = "ht",
        pps_sum: float | Sequence[float] | Floats | None = None,
    ) -> None:
        one_of("lonely-psu-unknown", "lonely_psu", lonely_psu, LONELY_CHOICES)
        one_of("fpc-kind-unknown", "fpc_as", fpc_as, FPC_KINDS)
        check_pps(pps, pps_variance)
        weights = one_name(weights)
        self._drawn = DesignColumns(
            weights,
            tuple(names_of(probabilities)),
            tuple(names_of(strata)),
            tuple(names_of(psu)),
            tuple(names_of(fpc)),
        )
        self._settings: dict[str, Any] = {
            "weights": weights,
            "strata": strata,
            "psu": psu,
            "fpc": fpc,
            "fpc_as": fpc_as,
            "probabilities": probabilities,
            "nest": nest,
            "lonely_psu": lonely_psu,
            "lonely_domains": lonely_domains,
        }
        self._away = away_for(data, self._drawn)
        self._origin = None if _in_memory(data) else Away(data, self._drawn)
        self._twin: SurveyDesign | None = None
        self._index = data.index if isinstance(data, pd.DataFrame) else None
        self._data = self._read(data, pps)
        if self._away is not None:
            weights, probabilities = WEIGHT, None
        self._lonely_psu = lonely_psu
        self._lonely_domains = lonely_domains
        if not len(self._data):
            raise EstimationError.of(
                "design-empty",
                "Bảng không có dòng nào.",
                "The table has no rows.",
                "Hãy kiểm tra tệp dữ liệu.",
                "Check the data file.",
            )
        self._strata, self._psu = names_of(strata), names_of(psu)
        fpc_names, probability_names = names_of(fpc), names_of(probabilities)
        weight_names = names_of(weights)
        need_columns(
            self._data,
            [*self._strata, *self._psu, *fpc_names, *probability_names, *weight_names],
        )
        check_stages(self._strata, self._psu, fpc_names)
        self._labels = StageLabels(self._data, self._strata, self._psu)
        found = clusters(self._labels, nest)
        self._form: Form | None = None
        if pps is not None:
            probability_names, fpc_names = probability_names or fpc_names, []
            check_one_stage(found, probability_names)
        self._stages, fractions = build(self._labels, found, fpc_names, fpc_as)
        self._unit_of = found[min(len(self._stages), len(found)) - 1]
        self._weights = row_weights(self._data, weights, probability_names, fractions)
        if self._drawn.probabilities and not (self._drawn.weights or fpc_names):
            self._stages = (certain_alone(self._stages[0], self._unit_of, self._sure()),)
        if pps is not None:
            self._unequal(pps, pps_variance, pps_sum, probability_names[0])
        self._member: Flags = np.ones(len(self._data), dtype=bool)
        for held in (self._weights, self._member):
            held.flags.writeable = False
        self._history: tuple[WeightStep, ...] = ()
        if lonely_psu == "fail":
            refuse_lonely(self._data, self._stages, self._strata)

    def __repr__(self) -> str:
        first = self._stages[0]
        parts = [
            f"{len(first.stratum_of):,} primary units in {len(first.counts):,} strata",
            f"{len(self._stages)} stages" if len(self._stages) > 1 else "",
            "rows away" if self._away is not None else f"{len(self._data):,} rows",
            ""
            if self._away is not None or self._member.all()
            else f"{self._member.sum():,} members",
            *(type(step).__name__ for step in self._history),
        ]
        return f"<SurveyDesign: {', '.join(part for part in parts if part)}>"

    @classmethod
    def two_phase(
        cls,
        data: pd.DataFrame | pa.Table | str | Path,
        *,
        phase1: str | Mapping[str, Any] | None = None,
        phase2: str,
        phase2_strata: str | None = None,
    ) -> SurveyDesign:
        """Return the design of a sample that was drawn from a sample.

        Parameters
        ----------
        data
            One row per unit of the first phase.
        phase1
            How the first phase was drawn, by the names of ``SurveyDesign`` (``strata, psu,
            fpc, fpc_as, probabilities, weights``), or the column of its units.
        phase2
            Column of true and false: which rows the second phase drew, at random within
            ``phase2_strata``.
        phase2_strata
            Column of the strata of the second phase.

        Returns
        -------
        SurveyDesign
            Over the rows of the second phase, in their order.

        Examples
        --------
        >>> table = pd.DataFrame({"again": [1, 1, 1, 0], "y": [1.0, 2.0, 3.0, None]})
        >>> SurveyDesign.two_phase(table, phase2="again").weights.round(3).tolist()
        [1.333, 1.333, 1.333]
        """
        table = read_table(data)
        kept, weights, form = two_phases(table, phase1, phase2, phase2_strata)
        made = cls(
            table[kept].assign(**{_PHASE_WEIGHT: weights}),
            weights=_PHASE_WEIGHT,
            strata=phase2_strata,
            lonely_psu="certainty",
        )
        made._form = form
        return made

    @property
    def form(self) -> Form | None:
        """The covariance of totals by finest cluster, where stages do not give it."""
        return self._form

    @property
    def data(self) -> pd.DataFrame:
        """The whole table; its rows never leave the design."""
        return self.here()._data

    @property
    def origin(self) -> Away | None:
        """The source that the rows were read from, where the design is still as it was read."""
        return self._away or self._origin

    @property
    def away(self) -> Away | None:
        """Where the rows are, if not in memory."""
        return self._away

    def here(self) -> SurveyDesign:
        """Return the design with its rows in memory, brought here once where they are not."""
        if self._away is None:
            return self
        if self._twin is None:
            self._twin = self.brought(None)
        return self._twin

    def brought(self, columns: Sequence[str] | None, items: Sequence[str] = ()) -> SurveyDesign:
        """Return the design in memory with these columns alone, numbers of items made small.

        ``None`` brings every column. A design in memory returns itself.
        """
        if self._away is None:
            return self
        needed = None
        if columns is not None:
            conditions = [name for part in self._away.conditions for name in names_in(part)]
            needed = [*columns, *conditions]
        found = SurveyDesign(self._away.brought(needed, items), **self._settings)
        for condition in self._away.conditions:
            found = found.where(condition)
        # Rows of one source are one survey, however often they are brought.
        found._origin = self._away
        return found

    @property
    def weights(self) -> Floats:
        """Weights in row order, zero for rows outside the part picked by `where`."""
        here = self.here()
        if here._member.all():
            return here._weights
        return np.where(here._member, here._weights, 0.0)

    @property
    def all_weights(self) -> Floats:
        """Weights of every row, inside and outside the part picked by `where`."""
        return self.here()._weights

    @property
    def member(self) -> Flags:
        """Which rows belong to the part picked by `where`; all of them otherwise."""
        return self.here()._member

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The stages that carry variance, the first one first."""
        return self._stages

    @property
    def unit_of(self) -> Integers:
        """For each row the finest cluster that carries variance."""
        return self.here()._unit_of

    @property
    def units(self) -> int:
        """How many finest clusters there are."""
        return len(self._stages[0].cluster_of)

    @property
    def lonely_psu(self) -> str:
        """What a stratum with one primary unit adds to the variance."""
        return self._lonely_psu

    @property
    def lonely_domains(self) -> bool:
        """Whether that holds for a primary unit left alone by a domain, too."""
        return self._lonely_domains

    @property
    def history(self) -> tuple[WeightStep, ...]:
        """What was done to the weights, the first step first."""
        return self._history

    @property
    def diagnostics(self) -> tuple[Any, ...]:
        """What each step did to the weights, in numbers: one record per step."""
        return tuple(step.diagnostics for step in self._history)

    @property
    def df(self) -> int:
        """Degrees of freedom: primary units minus strata, of those that hold members."""
        if self._away is not None:
            return self._df_away()
        return int(self.df_of(np.where(self._member, 0, -1), 1)[0])

    def df_of(self, category: Integers, categories: int) -> Integers:
        """Return the degrees of freedom of each category of rows (-1 belongs to none)."""
        first = self._stages[0]
        kept = (category >= 0) & self.member
        psu = first.cluster_of[self.unit_of[kept]]
        width = np.int64(categories)
        pairs, _ = compressed(psu * width + category[kept], len(first.stratum_of) * categories)
        cell_category = pairs % width
        keys = first.stratum_of[pairs // width] * width + cell_category
        strata, _ = compressed(keys, len(first.counts) * categories)
        df = np.bincount(cell_category, minlength=categories)
        df -= np.bincount(strata % width, minlength=categories)
        return df.astype(np.int64)

    def psu_labels(self) -> pd.DataFrame:
        """Return one row per primary unit, in the order of their codes: its labels.

        Columns are ``stratum`` and ``psu``; rows that are their own primary units are
        numbered where no row has another one, and have no label (None) elsewhere.
        """
        psu_of_row = self._stages[0].cluster_of[self._unit_of]
        first = np.zeros(len(self._stages[0].stratum_of), dtype=np.int64)
        first[psu_of_row[::-1]] = np.arange(psu_of_row.size - 1, -1, -1)
        rows = self._data.iloc[first]
        return pd.DataFrame(
            {
                "stratum": rows[self._strata[0]].to_numpy() if self._strata else 0,
                "psu": self._labels.named(first).to_numpy() if self._psu else first,
            }
        )

    def stratum_labels(self, depth: int = 0) -> list[str]:
        """Return the label of each stratum of a stage; empty where it has no strata."""
        rows = self._stages[depth].first_rows
        if depth >= len(self._strata):
            return [""] * len(rows)
        return [str(label) for label in self._data[self._strata[depth]].iloc[rows]]

    @property
    def names_psu(self) -> bool:
        """Whether primary units have labels that another round can share."""
        return bool(self._psu)

    @property
    def rows_alone(self) -> bool:
        """Whether some rows lie in no primary unit but are one, or a stage ahead."""
        return self._labels.ahead is not None

    def where(self, condition: str | Sequence[bool] | Flags | pd.Series) -> SurveyDesign:
        """Return the design narrowed to the rows that meet a condition.

        The condition is an expression of `analysis.expressions` or one boolean per row. The
        rows outside stay in the design with weight zero, so that variances stay right.
        """
        if self._away is not None and isinstance(condition, str):
            narrowed = self._copy()
            narrowed._away = self._away.narrowed(condition)
            narrowed._twin = None
            return narrowed
        if self._away is not None:
            return self.here().where(condition)
        narrowed = self._copy()
        if self._origin is not None:
            text = isinstance(condition, str)
            narrowed._origin = self._origin.narrowed(str(condition)) if text else None
        narrowed._member = self._member & rows_that_meet(self._data, condition, self._index)
        narrowed._member.flags.writeable = False
        return narrowed

    def reweighted(self, weights: Floats, step: WeightStep) -> SurveyDesign:
        """Return the design with new weights, and the step that made them in its history."""
        if self._away is not None:
            return self.here().reweighted(weights, step)
        values = np.array(weights, dtype=np.float64)
        check_weights(values, self._member, None, signed=step.signed)
        changed = self._copy()
        changed._origin = None
        changed._weights = values
        changed._weights.flags.writeable = False
        changed._history = (*self._history, step)
        return changed

    def _read(self, data: Any, pps: str | ArrayLike | None) -> pd.DataFrame:  # noqa: ANN401
        """Return the table at hand: the rows, or the clusters of rows that stay away."""
        if self._away is None:
            return read_table(data)
        if self._away.summable and pps is None:
            units = self._away.units()
            if not unlabelled(units[self._away.columns.psu[0]]).any():
                return units
        whole = self._away.brought(None, ())
        self._away = None
        return whole

    def _sure(self) -> Flags:
        """Return the rows whose probability is one, where weights follow from probabilities."""
        if self._away is not None:
            return self._data[SURE].to_numpy(dtype=bool)
        return np.asarray(self._weights <= 1 + 1e-12)

    def units_at(self, labels: pd.DataFrame) -> Integers:
        """Return the finest cluster of each row of labels (columns of strata and clusters)."""
        names = list(dict.fromkeys([*self._strata, *self._psu]))
        held = self._data[names].drop_duplicates()
        known = pd.MultiIndex.from_frame(held)
        position = known.get_indexer(pd.MultiIndex.from_frame(labels[names]))
        return np.asarray(self._unit_of[held.index.to_numpy()[position]], dtype=np.int64)

    @property
    def drawn(self) -> DesignColumns:
        """The columns that say how rows were drawn."""
        return self._drawn

    def _df_away(self) -> int:
        """Return the degrees of freedom from the clusters that hold members."""
        first = self._stages[0]
        held = np.arange(len(first.stratum_of))
        if self._away is not None and self._away.conditions:
            cells = next(self._away.cells([[]], (), (), "fail", "auto"))
            held = np.unique(first.cluster_of[self.units_at(named_cells(cells, self._drawn))])
        return int(held.size - np.unique(first.stratum_of[held]).size)

    def _unequal(
        self,
        pps: str | ArrayLike,
        variance: str,
        sum_of_squares: float | Sequence[float] | Floats | None,
        name: str,
    ) -> None:
        """Note that clusters were drawn with unequal probabilities."""
        probability = np.zeros(self.units)
        probability[self._unit_of] = self._data[name].to_numpy(dtype=np.float64)
        if isinstance(pps, str) and pps == "brewer":
            stage = self._stages[0]
            self._stages = (replace(stage, cluster_free=1.0 - probability),)
            return
        self._form = unequal_form(self._stages[0], probability, pps, variance, sum_of_squares)

    def _copy(self) -> SurveyDesign:
        twin = object.__new__(type(self))
        twin.__dict__.update(self.__dict__)
        return twin


def _in_memory(data: Any) -> bool:  # noqa: ANN401 - any source
    return isinstance(data, pd.DataFrame | pa.Table)
