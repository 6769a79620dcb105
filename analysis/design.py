"""How the rows of a table came to be there: strata, primary units, weights, corrections.

A `SurveyDesign` is a table together with the columns that say how it was drawn. It is
checked when made and never changed; narrowing it to a part of the population keeps the
whole design, because the number of members in a part is itself random. What cannot be
known from the columns (a stratum with one primary unit, labels that come again in another
stratum, weights that are missing) is refused with the choices, never guessed.

Weights are in persons (or visits) represented.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from analysis.expressions import matching_rows
from intake.findings import EstimationError, Finding, HailongError, WeightError, Words

LONELY_CHOICES = ("fail", "remove", "adjust", "average", "certainty")
FPC_KINDS = ("count", "fraction")

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]


class WeightStep(Protocol):
    """Something that was done to the weights of a design."""

    def residuals(self, scores: Floats) -> Floats:
        """Return weighted linearised values less what the step has made certain."""
        ...


@dataclass(frozen=True, eq=False)
class Stage:
    """One stage of drawing, over the finest clusters that carry variance.

    ``cluster_of`` leads from a finest cluster to the cluster of this stage, ``stratum_of``
    from there to its stratum, ``parent_of`` from a stratum to the cluster of the stage
    before. ``counts`` are the drawn clusters of a stratum, ``free`` the share of it that
    was not drawn (1 without correction), ``carried`` the product of the sampling fractions
    of the stages before.
    """

    cluster_of: Integers
    stratum_of: Integers
    parent_of: Integers
    counts: Integers
    free: Floats
    carried: Floats
    labels: tuple[str, ...]


class SurveyDesign:
    """A table, and how its rows were drawn.

    Parameters
    ----------
    data
        A pandas data frame, a pyarrow table, or the path of a CSV or Parquet file.
    weights
        Column of weights, all above zero. Without it they follow from ``fpc`` or
        ``probabilities``.
    strata, psu, fpc, probabilities
        Column names, one per stage (a single name allowed). Without ``psu`` each row is a
        primary unit. ``fpc`` holds the clusters of the stratum (``fpc_as="count"``) or the
        share of them that was drawn (``"fraction"``). Later stages count in the variance
        when ``fpc`` is given for them; without ``fpc`` the primary units carry it all.
    nest
        True where cluster labels start again in every stratum.
    lonely_psu
        What a stratum with one primary unit adds to the variance: ``fail`` refuses,
        ``remove`` and ``certainty`` nothing, ``adjust`` its distance from zero (the
        population mean of the linearised values), ``average`` the mean of the other strata.

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
    ) -> None:
        _one_of("lonely-psu-unknown", "lonely_psu", lonely_psu, LONELY_CHOICES)
        _one_of("fpc-kind-unknown", "fpc_as", fpc_as, FPC_KINDS)
        self._data = _table(data)
        self._lonely_psu = lonely_psu
        if not len(self._data):
            raise _refusal(
                "design-empty",
                "Bảng không có dòng nào.",
                "The table has no rows.",
                "Hãy kiểm tra tệp dữ liệu.",
                "Check the data file.",
            )
        strata_names, psu_names, fpc_names = _names(strata), _names(psu), _names(fpc)
        _need(self._data, [*strata_names, *psu_names, *fpc_names, *_names(probabilities)])
        depth = max(1, len(fpc_names))
        if len(fpc_names) > max(1, len(psu_names)) or len(strata_names) > max(1, len(psu_names)):
            raise _refusal(
                "stages-differ",
                "Số cột tầng hoặc hiệu chỉnh nhiều hơn số giai đoạn chọn mẫu.",
                "There are more stratum or correction columns than stages.",
                "Mỗi giai đoạn có một cột psu; bỏ các cột thừa.",
                "Give one psu column for each stage, or leave the further columns out.",
            )
        clusters = self._clusters(strata_names, psu_names, nest)
        stages, fractions = self._stages(strata_names, clusters, fpc_names, fpc_as, depth)
        self._stages_kept = stages
        self._unit_of = clusters[min(depth, len(clusters)) - 1]
        self._weights = self._row_weights(weights, _names(probabilities), fractions)
        self._weights.flags.writeable = False
        self._member = np.ones(len(self._data), dtype=bool)
        self._history: tuple[WeightStep, ...] = ()
        if lonely_psu == "fail":
            self._refuse_lonely()

    @property
    def data(self) -> pd.DataFrame:
        """The whole table; its rows never leave the design."""
        return self._data

    @property
    def weights(self) -> Floats:
        """Weights in row order, zero for rows outside the part picked by `where`."""
        return np.where(self._member, self._weights, 0.0)

    @property
    def member(self) -> Flags:
        """Which rows belong to the part picked by `where`; all of them otherwise."""
        return self._member

    @property
    def stages(self) -> tuple[Stage, ...]:
        """The stages that carry variance, the first one first."""
        return self._stages_kept

    @property
    def unit_of(self) -> Integers:
        """For each row the finest cluster that carries variance."""
        return self._unit_of

    @property
    def lonely_psu(self) -> str:
        """What a stratum with one primary unit adds to the variance."""
        return self._lonely_psu

    @property
    def history(self) -> tuple[WeightStep, ...]:
        """What was done to the weights, the first step first."""
        return self._history

    @property
    def df(self) -> int:
        """Degrees of freedom: primary units minus strata, of those that hold members."""
        return int(self.df_of(np.where(self._member, 0, -1), 1)[0])

    def df_of(self, category: Integers, categories: int) -> Integers:
        """Return the degrees of freedom of each category of rows (-1 belongs to none)."""
        first = self._stages_kept[0]
        kept = (category >= 0) & self._member
        psu = first.cluster_of[self._unit_of[kept]]
        held = category[kept]
        pairs = np.unique(psu * np.int64(categories) + held)
        psu_of, category_of = pairs // categories, pairs % categories
        strata = np.unique(first.stratum_of[psu_of] * np.int64(categories) + category_of)
        df = np.bincount(category_of, minlength=categories)
        df -= np.bincount(strata % categories, minlength=categories)
        return df.astype(np.int64)

    def where(self, condition: str | Sequence[bool] | Flags | pd.Series) -> SurveyDesign:
        """Return the design narrowed to the rows that meet a condition.

        The condition is an expression of `analysis.expressions` or one boolean per row. The
        rows outside stay in the design with weight zero, so that variances stay right.
        """
        if isinstance(condition, str):
            mask = matching_rows(self._data, condition)
        else:
            mask = np.asarray(condition, dtype=bool)
            if mask.shape != (len(self._data),):
                raise _refusal(
                    "mask-length",
                    f"Điều kiện có {mask.size} giá trị, bảng có {len(self._data)} dòng.",
                    f"The mask has {mask.size} values, the table {len(self._data)} rows.",
                    "Cần một giá trị đúng/sai cho mỗi dòng.",
                    "Give one true or false per row.",
                )
        narrowed = self._copy()
        narrowed._member = self._member & mask
        return narrowed

    def reweighted(self, weights: Floats, step: WeightStep) -> SurveyDesign:
        """Return the design with new weights, and the step that made them in its history."""
        values = np.array(weights, dtype=np.float64)
        _check_weights(values, self._member, None)
        changed = self._copy()
        changed._weights = values
        changed._weights.flags.writeable = False
        changed._history = (*self._history, step)
        return changed

    def _copy(self) -> SurveyDesign:
        twin = object.__new__(SurveyDesign)
        twin.__dict__.update(self.__dict__)
        return twin

    def _clusters(self, strata: list[str], psu: list[str], nest: bool) -> list[Integers]:
        """Return for each stage the cluster of each row, numbered from 0."""
        rows = len(self._data)
        if not psu:
            return [np.arange(rows, dtype=np.int64)]
        found: list[Integers] = []
        stratum = _codes(self._data, strata[0]) if strata else np.zeros(rows, dtype=np.int64)
        for depth, name in enumerate(psu):
            label = _codes(self._data, name)
            if depth == 0:
                parts = [stratum, label] if nest else [label]
                if not nest:
                    self._refuse_shared(name, label, stratum)
            else:
                parts = [found[-1], label]
            found.append(_joint(parts))
        return found

    def _refuse_shared(self, name: str, label: Integers, stratum: Integers) -> None:
        first = np.full(label.max() + 1, -1, dtype=np.int64)
        first[label[::-1]] = stratum[::-1]
        shared = np.flatnonzero(first[label] != stratum)
        if shared.size:
            value = self._data[name].iloc[int(shared[0])]
            raise _refusal(
                "psu-in-two-strata",
                f"Đơn vị “{value}” ở cột {name} nằm trong nhiều tầng.",
                f"Primary unit “{value}” of column {name} lies in more than one stratum.",
                "Nếu mã bắt đầu lại trong mỗi tầng, dùng nest=True; nếu không, sửa dữ liệu.",
                "Use nest=True where labels start again in each stratum; else mend the data.",
                row=int(shared[0]) + 1,
                column=name,
            )

    def _stages(
        self,
        strata: list[str],
        clusters: list[Integers],
        fpc: list[str],
        fpc_as: str,
        depth: int,
    ) -> tuple[tuple[Stage, ...], Floats]:
        """Return the stages that carry variance, and the sampling fraction of each row."""
        rows = len(self._data)
        unit_of_row = clusters[depth - 1]
        units = int(unit_of_row.max()) + 1
        row_of_unit = np.zeros(units, dtype=np.int64)
        row_of_unit[unit_of_row[::-1]] = np.arange(rows - 1, -1, -1)
        carried_by_row = np.ones(rows)
        parents = np.zeros(rows, dtype=np.int64)
        stages: list[Stage] = []
        for level in range(depth):
            own = (
                _codes(self._data, strata[level])
                if level < len(strata)
                else np.zeros(rows, dtype=np.int64)
            )
            stratum = _joint([parents, own])
            cluster = clusters[level]
            number = int(stratum.max()) + 1
            cluster_total = int(cluster.max()) + 1
            stratum_of = np.zeros(cluster_total, dtype=np.int64)
            stratum_of[cluster] = stratum
            counts = np.bincount(stratum_of, minlength=number).astype(np.int64)
            fraction = np.zeros(number)
            if level < len(fpc):
                fraction = self._fractions(fpc[level], fpc_as, stratum, counts)
            parent_of = np.zeros(number, dtype=np.int64)
            parent_of[stratum] = parents
            carried = np.ones(number)
            carried[stratum] = carried_by_row
            labels = [""] * number
            named = (
                self._data[strata[level]].astype(str).to_numpy() if level < len(strata) else None
            )
            seen, first_row = np.unique(stratum, return_index=True)
            for code, row in zip(seen, first_row, strict=True):
                labels[int(code)] = str(named[row]) if named is not None else ""
            stages.append(
                Stage(
                    cluster[row_of_unit],
                    stratum_of,
                    parent_of,
                    counts,
                    1.0 - fraction,
                    carried,
                    tuple(labels),
                )
            )
            carried_by_row = carried_by_row * fraction[stratum]
            parents = cluster
        return tuple(stages), carried_by_row

    def _fractions(self, name: str, kind: str, stratum: Integers, counts: Integers) -> Floats:
        """Return the sampling fraction of each stratum, checked against what was drawn."""
        column = pd.to_numeric(self._data[name], errors="coerce").to_numpy(dtype=np.float64)
        bad = np.flatnonzero(~(column > 0))
        if bad.size:
            raise _refusal(
                "fpc-not-positive",
                f"Cột {name} thiếu giá trị hoặc không lớn hơn 0.",
                f"Column {name} has a value that is missing or not above zero.",
                "Ghi số đơn vị của tầng (count) hoặc tỷ lệ đã chọn (fraction).",
                "Give the units of the stratum (count) or the share drawn (fraction).",
                row=int(bad[0]) + 1,
                column=name,
            )
        value = np.zeros(len(counts))
        value[stratum] = column
        varied = np.flatnonzero(np.abs(column - value[stratum]) > 1e-9 * column)
        if varied.size:
            raise _refusal(
                "fpc-varies",
                f"Cột {name} có nhiều giá trị khác nhau trong một tầng.",
                f"Column {name} has different values within one stratum.",
                "Mỗi tầng chỉ có một giá trị.",
                "Give one value per stratum.",
                row=int(varied[0]) + 1,
                column=name,
            )
        if kind == "count":
            short = np.flatnonzero(value < counts * (1 - 1e-9))
            if short.size:
                row = int(np.flatnonzero(stratum == short[0])[0])
                raise _refusal(
                    "fpc-below-sample",
                    f"Cột {name} ghi {value[short[0]]:g} đơn vị, mẫu có {counts[short[0]]}.",
                    f"Column {name} says {value[short[0]]:g} units, "
                    f"but {counts[short[0]]} were drawn.",
                    "Nếu cột ghi tỷ lệ, dùng fpc_as='fraction'; nếu không, sửa số đơn vị.",
                    "Use fpc_as='fraction' where it holds shares; else mend the count.",
                    row=row + 1,
                    column=name,
                )
            return np.asarray(np.minimum(counts / value, 1.0))
        over = np.flatnonzero(value > 1)
        if over.size:
            raise _refusal(
                "fpc-above-one",
                f"Cột {name} có tỷ lệ lớn hơn 1.",
                f"Column {name} has a fraction above 1.",
                "Nếu cột ghi số đơn vị, dùng fpc_as='count'.",
                "Use fpc_as='count' where it holds numbers of units.",
                row=int(np.flatnonzero(stratum == over[0])[0]) + 1,
                column=name,
            )
        return value

    def _row_weights(
        self, weights: str | None, probabilities: list[str], fractions: Floats
    ) -> Floats:
        if weights is not None:
            _need(self._data, [weights])
            values = pd.to_numeric(self._data[weights], errors="coerce").to_numpy(np.float64)
            values = np.array(values)
            _check_weights(values, np.ones(len(values), dtype=bool), weights)
            return values
        if probabilities:
            product = np.ones(len(self._data))
            for name in probabilities:
                product *= pd.to_numeric(self._data[name], errors="coerce").to_numpy(np.float64)
        elif (fractions < 1).any() and (fractions > 0).all():
            product = fractions
        else:
            raise WeightError(
                Finding(
                    "weights-absent",
                    Words(
                        "Không có cột trọng số, cũng không có xác suất hay hiệu chỉnh.",
                        "There are no weights, and no fpc or probabilities to derive them from.",
                    ),
                    Words(
                        "Hãy ghi weights=, probabilities= hoặc fpc=.",
                        "Give weights=, probabilities= or fpc=.",
                    ),
                )
            )
        bad = np.flatnonzero(~((product > 0) & (product <= 1)))
        if bad.size:
            raise WeightError(
                Finding(
                    "probability-out-of-range",
                    Words(
                        "Xác suất phải lớn hơn 0 và không quá 1.",
                        "A probability must lie above 0 and not above 1.",
                    ),
                    Words("Hãy sửa dòng này.", "Mend this row."),
                    row=int(bad[0]) + 1,
                )
            )
        return 1.0 / product

    def _refuse_lonely(self) -> None:
        for depth, stage in enumerate(self._stages_kept):
            lonely = np.flatnonzero((stage.counts == 1) & (stage.free > 0))
            if lonely.size:
                names = ", ".join(f"“{stage.labels[int(code)]}”" for code in lonely[:10])
                raise _refusal(
                    "psu-lonely",
                    f"Tầng chỉ có một đơn vị ở giai đoạn {depth + 1}: {names}.",
                    f"Strata with a single unit at stage {depth + 1}: {names}.",
                    "Gộp tầng với tầng lân cận, hoặc chọn lonely_psu= "
                    "remove, adjust, average, certainty.",
                    "Merge the stratum with a neighbour, or choose lonely_psu= "
                    "remove, adjust, average, certainty.",
                )


def _refusal(
    code: str,
    vi: str,
    en: str,
    advice_vi: str,
    advice_en: str,
    *,
    row: int | None = None,
    column: str | None = None,
) -> EstimationError:
    finding = Finding(code, Words(vi, en), Words(advice_vi, advice_en))
    return EstimationError(replace(finding, row=row, column=column))


def _one_of(code: str, name: str, value: str, choices: Sequence[str]) -> None:
    if value not in choices:
        listed = ", ".join(choices)
        raise _refusal(
            code,
            f"{name}={value!r} không có trong các lựa chọn.",
            f"{name}={value!r} is not one of the choices.",
            f"Các lựa chọn: {listed}.",
            f"The choices are: {listed}.",
        )


def _names(given: str | Sequence[str] | None) -> list[str]:
    if given is None:
        return []
    return [given] if isinstance(given, str) else list(given)


def _need(data: pd.DataFrame, names: Sequence[str]) -> None:
    for name in names:
        if name not in data.columns:
            listed = ", ".join(str(column) for column in data.columns)
            raise _refusal(
                "column-missing",
                f"Bảng không có cột “{name}”.",
                f"The table has no column “{name}”.",
                f"Các cột: {listed}.",
                f"The columns are: {listed}.",
                column=name,
            )


def _table(data: pd.DataFrame | pa.Table | str | Path) -> pd.DataFrame:
    if isinstance(data, pd.DataFrame):
        return data.reset_index(drop=True)
    if isinstance(data, pa.Table):
        return _frame(data.to_pandas())
    if isinstance(data, str | Path):
        path = Path(data)
        try:
            if path.suffix.lower() == ".parquet":
                return pd.read_parquet(path)
            return pd.read_csv(path)
        except (OSError, ValueError) as fault:
            raise HailongError(
                Finding(
                    "data-unreadable",
                    Words(f"Không đọc được {path.name}.", f"{path.name} cannot be read: {fault}."),
                    Words("Cần tệp CSV hoặc Parquet.", "Give a CSV or Parquet file."),
                    file=path.name,
                )
            ) from fault
    raise _refusal(
        "data-kind",
        f"Không nhận dữ liệu kiểu {type(data).__name__}.",
        f"Data of type {type(data).__name__} are not taken.",
        "Dùng bảng pandas, bảng pyarrow hoặc đường dẫn tới CSV, Parquet.",
        "Use a pandas data frame, a pyarrow table, or the path of a CSV or Parquet file.",
    )


def _frame(value: Any) -> pd.DataFrame:  # noqa: ANN401 - pyarrow carries no types
    return pd.DataFrame(value)


def _codes(data: pd.DataFrame, name: str) -> Integers:
    codes, _ = pd.factorize(data[name], sort=True)
    missing = np.flatnonzero(codes < 0)
    if missing.size:
        raise _refusal(
            "design-value-missing",
            f"Cột {name} thiếu giá trị.",
            f"Column {name} has a missing value.",
            "Mỗi dòng phải có tầng và đơn vị của mình.",
            "Every row needs its stratum and its unit.",
            row=int(missing[0]) + 1,
            column=name,
        )
    return np.asarray(codes, dtype=np.int64)


def _joint(parts: Sequence[Integers]) -> Integers:
    """Return one number, from 0, for each combination of codes."""
    joint = parts[0].astype(np.int64)
    for part in parts[1:]:
        joint = joint * np.int64(part.max() + 1) + part
        joint = np.unique(joint, return_inverse=True)[1].astype(np.int64)
    return np.unique(joint, return_inverse=True)[1].astype(np.int64)


def _check_weights(values: Floats, member: Flags, column: str | None) -> None:
    bad = np.flatnonzero(member & ~(np.isfinite(values) & (values > 0)))
    if bad.size:
        row = int(bad[0])
        missing = not np.isfinite(values[row])
        raise WeightError(
            Finding(
                "weight-missing" if missing else "weight-not-positive",
                Words(
                    f"Dòng {row + 1}: trọng số {'bị thiếu' if missing else 'không lớn hơn 0'}.",
                    f"Row {row + 1}: the weight is {'missing' if missing else 'not above zero'}.",
                ),
                Words(
                    "Chỉ giữ các dòng đã được chọn; mỗi dòng có trọng số lớn hơn 0.",
                    "Keep only rows that were drawn; each has a weight above zero.",
                ),
                row=row + 1,
                column=column,
            )
        )
