"""From base weights to final weights, as a specification file says, each step in its own column.

The file (YAML or JSON)::

    base: design_weight            # or `visits`: visits counted over tickets issued
    nonresponse: {classes: cell}   # `cell`, `stratum`, or lists of cells to be merged
    calibrate:
      method: raking
      source: "Census 2024, table 3"
      simulated: false
      margins:
        "gioi_tinh*do_tuoi": {"1*1": 12000, "1*2": 15500}
        urban: {"1": 61000, "0": 42000}
    trim: {times_median: 5}        # or `trim: false`

Without ``calibrate`` the weights are not calibrated, and the record says so in plain words.
Margins without a source are refused, and so are simulated margins in a real round.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from analysis.dispositions import check_cases
from analysis.respondents import Respondents
from analysis.weighting.diagnostics import Diagnostics, Floats, checked_weights, describe
from analysis.weighting.margins import Margin, margin_error, prepare_margins
from analysis.weighting.nonresponse import response_factors
from analysis.weighting.raking import raked
from analysis.weighting.trimming import TIMES_MEDIAN, trimmed, trimmed_and_raked
from intake.documents import path_text, read_document
from intake.findings import Faults, Finding, WeightError, Words

BASES = ("design_weight", "visits")
CLASS_COLUMNS = ("cell", "stratum", "unit_id", "psu_id")
WEIGHT_COLUMNS = ("cell", "design", "nonresponse", "calibrated", "final")
_See = Words("Xem mẫu trong tài liệu về trọng số.", "See the example in the page on weights.")


@dataclass(frozen=True)
class CalibrationTarget:
    """Known population counts, and where they come from."""

    margins: Mapping[str, Mapping[str, float]]
    source: str
    simulated: bool = False
    method: str = "raking"


@dataclass(frozen=True)
class WeightSpec:
    """The steps from base weights to final weights.

    ``classes`` is the column of the cells whose values are the classes, or the classes as
    lists of cells; none leaves the step out, and so does ``times_median`` of none.
    """

    base: str = "design_weight"
    classes: str | tuple[tuple[str, ...], ...] | None = "cell"
    calibrate: CalibrationTarget | None = None
    times_median: float | None = TIMES_MEDIAN


@dataclass(frozen=True, eq=False)
class Weighting:
    """The weights of a round: the table with one column per step, and what each step did.

    ``record`` holds plain values only, ready for JSON: ``calibrated`` and
    ``simulated_margins`` (booleans), ``source``, ``statement`` (one sentence for the report,
    in both languages), ``steps`` (``step, done, vi, en, diagnostics``) and ``diagnostics``.
    """

    table: pd.DataFrame
    record: dict[str, Any]


def read_weight_spec(path: Path) -> WeightSpec:
    """Read a specification of weights.

    Raises
    ------
    IntakeError
        The file is not readable YAML or JSON.
    WeightError
        All faults at once, each with its path in the file.
    """
    document = read_document(path)
    return weight_spec(document.value, document.file, document.line)


def weight_spec(value: object, file: str | None = None, line: Any = None) -> WeightSpec:  # noqa: ANN401
    """Check a specification given as plain values; faults are those of `read_weight_spec`."""
    faults = _SpecFaults(file, line)
    if not isinstance(value, Mapping):
        faults.note(
            "spec-not-mapping",
            (),
            "Đặc tả phải là một bảng khóa và giá trị.",
            "The specification must be a mapping.",
        )
        faults.raise_as(WeightError)
        raise AssertionError
    faults.only(value, (), ("version", "base", "nonresponse", "calibrate", "trim"))
    base = value.get("base", "design_weight")
    if base not in BASES:
        faults.note(
            "spec-base",
            ("base",),
            f"Không có trọng số gốc “{base}”.",
            f"There is no base weight “{base}”; choose {', '.join(BASES)}.",
        )
    spec = WeightSpec(
        base=str(base),
        classes=_classes(value.get("nonresponse", {"classes": "cell"}), faults),
        calibrate=_target(value.get("calibrate"), faults),
        times_median=_bound(value.get("trim"), faults),
    )
    faults.raise_as(WeightError)
    return spec


def weigh(
    respondents: Respondents,
    spec: WeightSpec,
    *,
    cases: pd.DataFrame | None = None,
    units: pd.DataFrame | None = None,
) -> Weighting:
    """Carry out the steps of a specification.

    Parameters
    ----------
    respondents
        The frozen round.
    spec
        The steps.
    cases
        The cells; those in the metadata of the round when not given.
    units
        Further columns for margins, by ``unit_id`` (such as ``urban``).

    Returns
    -------
    Weighting
        Its table has the row order of the respondents.

    Raises
    ------
    WeightError
        ``simulated-margins-in-real-round``, ``cases-absent``, ``design-weight-differs``,
        ``visits-missing`` and the errors of the steps.
    """
    table = respondents.table
    cells = respondents.cases if cases is None else cases
    target = spec.calibrate
    if target is not None and target.simulated and not respondents.simulated:
        raise _fault(
            "simulated-margins-in-real-round",
            "Số dân mô phỏng không được dùng cho đợt khảo sát thật.",
            "Simulated population counts cannot be used in a real round.",
            "Dùng số dân có nguồn, hoặc bỏ phần calibrate.",
            "Use sourced counts, or leave calibrate out.",
        )
    if not len(cells):
        raise _fault(
            "cases-absent",
            "Không có bảng ô (cases) của đợt khảo sát.",
            "The table of cells (cases) of the round is absent.",
            "Chốt lại đợt khảo sát, hoặc đưa bảng ô vào.",
            "Freeze the round again, or pass the table of cells.",
        )
    check_cases(cells)
    steps: list[dict[str, Any]] = []
    cells, base = _base(table, cells, spec.base)
    note(steps, "base", done=True, weights=base, words=_base_words(spec.base))
    answered = _nonresponse(table, cells, base, spec.classes, steps)
    calibrated, final, cut = _calibrated(table, answered, spec, units, steps)
    columns = {
        "cell": table["cell"].astype(str).to_numpy(),
        "design": base,
        "nonresponse": answered,
        "calibrated": calibrated,
        "final": final,
    }
    error = steps[-1]["diagnostics"]["margin_error"]
    record: dict[str, Any] = {
        "round": respondents.round,
        "base": spec.base,
        "calibrated": target is not None,
        "source": target.source if target else None,
        "simulated_margins": bool(target and target.simulated),
        "simulated": respondents.simulated,
        "statement": _statement(target, respondents.simulated),
        "steps": steps,
        "diagnostics": asdict(describe(final, margin_error=error, trimmed=cut)),
    }
    return Weighting(pd.DataFrame(columns), record)


def check_weights(weights: pd.DataFrame, respondents: pd.DataFrame) -> None:
    """Refuse a table of weights that does not belong to these respondents, row by row."""
    absent = [name for name in WEIGHT_COLUMNS if name not in weights.columns]
    same = (
        not absent
        and len(weights) == len(respondents)
        and bool(
            (
                weights["cell"].astype(str).to_numpy() == respondents["cell"].astype(str).to_numpy()
            ).all()
        )
    )
    if not same:
        raise _fault(
            "weights-of-other-data",
            "Bảng trọng số không khớp từng dòng với tệp trả lời.",
            "The weights do not belong to these responses, row by row.",
            "Tính lại trọng số từ đúng tệp đã chốt.",
            "Make the weights again from this frozen file.",
        )
    checked_weights(weights["final"].to_numpy(dtype=np.float64))


def note(
    steps: list[dict[str, Any]],
    step: str,
    *,
    done: bool,
    weights: Floats,
    words: Words,
    margin_error: float | None = None,
    trimmed: int = 0,
) -> None:
    """Add one step to a record."""
    found: Diagnostics = describe(weights, margin_error=margin_error, trimmed=trimmed)
    steps.append(
        {"step": step, "done": done, "vi": words.vi, "en": words.en, "diagnostics": asdict(found)}
    )


def _comma(value: float, digits: int) -> str:
    """Return a number as Vietnamese text writes it, without final zeros."""
    return f"{value:.{digits}f}".rstrip("0").rstrip(".").replace(".", ",")


def _base(table: pd.DataFrame, cells: pd.DataFrame, base: str) -> tuple[pd.DataFrame, Floats]:
    cells = cells.copy()
    if base == "visits":
        issued = cells["issued"].to_numpy(dtype=np.float64)
        expected = (
            pd.to_numeric(cells["expected"], errors="coerce").to_numpy(dtype=np.float64)
            if "expected" in cells.columns
            else np.full(len(cells), np.nan)
        )
        bad = np.flatnonzero((issued > 0) & ~(expected >= issued))
        if bad.size:
            cell = cells["cell"].iloc[int(bad[0])]
            raise _fault(
                "visits-missing",
                f"Ô “{cell}” thiếu số lượt, hoặc số lượt ít hơn số phiếu phát ra.",
                f"Cell “{cell}” has no count of visits, or fewer visits than tickets.",
                "Nhập số lượt đã đếm khi đóng đợt (cột expected).",
                "Enter the visits counted at close (column expected).",
            )
        cells["base"] = np.where(issued > 0, expected / np.maximum(issued, 1), 1.0)
    else:
        cells["base"] = cells["design_weight"].to_numpy(dtype=np.float64)
    by_cell = dict(zip(cells["cell"].astype(str), cells["base"], strict=True))
    names = table["cell"].astype(str)
    unknown = sorted(set(names) - set(by_cell))
    if unknown:
        raise _fault(
            "responses-unknown-cell",
            f"Có trả lời từ ô không có trong bảng ô: {', '.join(unknown[:10])}.",
            f"Responses come from cells that are not in the table: {', '.join(unknown[:10])}.",
            "Bảng ô và tệp trả lời phải cùng một đợt.",
            "The cells and the responses must be of one round.",
        )
    values = names.map(by_cell).to_numpy(dtype=np.float64)
    if base == "design_weight":
        own = table["design_weight"].to_numpy(dtype=np.float64)
        off = np.flatnonzero(np.abs(own - values) > 1e-9 * values)
        if off.size:
            row = int(off[0])
            raise _fault(
                "design-weight-differs",
                f"Dòng {row + 1}: trọng số thiết kế {own[row]:g} khác của ô ({values[row]:g}).",
                f"Row {row + 1}: the design weight {own[row]:g} is not its cell's "
                f"({values[row]:g}).",
                "Chốt lại đợt khảo sát.",
                "Freeze the round again.",
            )
    return cells, checked_weights(values)


def _nonresponse(
    table: pd.DataFrame,
    cells: pd.DataFrame,
    base: Floats,
    classes: str | tuple[tuple[str, ...], ...] | None,
    steps: list[dict[str, Any]],
) -> Floats:
    if classes is None:
        note(
            steps,
            "nonresponse",
            done=False,
            weights=base,
            words=Words(
                "Không điều chỉnh cho người không trả lời.", "Nothing was done about nonresponse."
            ),
        )
        return base
    if isinstance(classes, str):
        grouped = cells.groupby(cells[classes].astype(str), sort=True)["cell"]
        members = [tuple(str(name) for name in part) for _, part in grouped]
    else:
        members = list(classes)
    factors = response_factors(base, table["cell"].astype(str), cells, members)
    answered = base * factors
    note(
        steps,
        "nonresponse",
        done=True,
        weights=answered,
        words=Words(
            f"Điều chỉnh không trả lời trong {len(members)} lớp; "
            f"hệ số lớn nhất {_comma(factors.max(), 3)}.",
            f"Adjusted for nonresponse in {len(members)} classes; "
            f"largest factor {factors.max():.3f}.",
        ),
    )
    return answered


def _calibrated(
    table: pd.DataFrame,
    answered: Floats,
    spec: WeightSpec,
    units: pd.DataFrame | None,
    steps: list[dict[str, Any]],
) -> tuple[Floats, Floats, int]:
    target = spec.calibrate
    margins: tuple[Margin, ...] = ()
    calibrated = answered
    if target is None:
        note(
            steps,
            "calibrate",
            done=False,
            weights=answered,
            words=Words(
                "Trọng số chưa được hiệu chỉnh theo số dân: không có tệp biên.",
                "The weights are not calibrated to population counts: no margins were given.",
            ),
        )
    else:
        joined = with_units(table, units)
        margins = prepare_margins(joined, answered, target.margins)
        calibrated = raked(answered, margins)
        label = " (mô phỏng)" if target.simulated else ""
        label_en = " (simulated)" if target.simulated else ""
        note(
            steps,
            "calibrate",
            done=True,
            weights=calibrated,
            margin_error=margin_error(calibrated, margins),
            words=Words(
                f"Hiệu chỉnh theo {', '.join(target.margins)}{label}; nguồn: {target.source}.",
                f"Raked to {', '.join(target.margins)}{label_en}; source: {target.source}.",
            ),
        )
    if spec.times_median is None:
        note(
            steps,
            "trim",
            done=False,
            weights=calibrated,
            words=Words("Không cắt trọng số.", "No weight was trimmed."),
            margin_error=margin_error(calibrated, margins) if margins else None,
        )
        return calibrated, calibrated, 0
    if margins:
        final, upper, cut = trimmed_and_raked(calibrated, margins, spec.times_median)
    else:
        upper = spec.times_median * float(np.median(calibrated))
        cut = int(np.count_nonzero(calibrated > upper))
        final = trimmed(calibrated, 0.0, upper, strict=True)
    note(
        steps,
        "trim",
        done=cut > 0,
        weights=final,
        trimmed=cut,
        margin_error=margin_error(final, margins) if margins else None,
        words=Words(
            f"Giới hạn {_comma(spec.times_median, 1)} lần trung vị ({_comma(upper, 1)}): "
            f"cắt {cut} trọng số.",
            f"Bound of {spec.times_median:g} times the median ({upper:.1f}): "
            f"{cut} weights were cut.",
        ),
    )
    return calibrated, final, cut


def with_units(table: pd.DataFrame, units: pd.DataFrame | None) -> pd.DataFrame:
    """Return the responses with the columns of their unit added; own columns come first."""
    if units is None:
        return table
    if "unit_id" not in units.columns or units["unit_id"].duplicated().any():
        raise _fault(
            "units-table",
            "Bảng đơn vị cần cột unit_id không trùng lặp.",
            "The table of units needs a column unit_id without repeats.",
            "Hãy sửa bảng đơn vị.",
            "Mend the table of units.",
        )
    new = [name for name in units.columns if name != "unit_id" and name not in table.columns]
    indexed = units.assign(unit_id=units["unit_id"].astype(str)).set_index("unit_id")[new]
    position = indexed.index.get_indexer(pd.Index(table["unit"].astype(str)))
    lacking = sorted(set(table["unit"].astype(str)[position < 0]))
    if lacking:
        raise _fault(
            "units-table",
            f"Bảng đơn vị thiếu: {', '.join(lacking[:10])}.",
            f"The table of units lacks: {', '.join(lacking[:10])}.",
            "Thêm các đơn vị này.",
            "Add these units.",
        )
    added = indexed.iloc[position].reset_index(drop=True)
    return pd.concat([table.reset_index(drop=True), added], axis=1)


class _SpecFaults(Faults):
    """Faults of a specification: places are paths, lines come from the document."""

    def __init__(self, file: str | None, line: Any) -> None:  # noqa: ANN401
        super().__init__(file)
        self._line = line

    def note(
        self, code: str, path: Sequence[str | int], vi: str, en: str, advice: Words = _See
    ) -> None:
        """Note a fault at a path of the document."""
        self.add(
            code,
            Words(vi, en),
            advice,
            path=path_text(tuple(path)),
            row=self._line(tuple(path)) if self._line else None,
        )

    def only(self, value: Mapping[str, Any], path: Sequence[str], known: Sequence[str]) -> None:
        """Note keys that mean nothing here."""
        for key in value:
            if key not in known:
                self.note(
                    "spec-key-unknown",
                    (*path, key),
                    f"Không có khóa “{key}”.",
                    f"There is no key “{key}”; known are {', '.join(known)}.",
                )


def _classes(value: object, faults: _SpecFaults) -> str | tuple[tuple[str, ...], ...] | None:
    if value is False or value is None:
        return None
    if not isinstance(value, Mapping) or "classes" not in value:
        faults.note(
            "spec-nonresponse",
            ("nonresponse",),
            "Cần nonresponse: {classes: …}.",
            "Give nonresponse: {classes: …}, or nonresponse: false.",
        )
        return None
    faults.only(value, ("nonresponse",), ("classes",))
    classes = value["classes"]
    if isinstance(classes, str):
        if classes not in CLASS_COLUMNS:
            faults.note(
                "spec-nonresponse",
                ("nonresponse", "classes"),
                f"Không có cột “{classes}”.",
                f"Classes are {', '.join(CLASS_COLUMNS)} or lists of cells.",
            )
        return classes
    if not isinstance(classes, list) or not classes:
        faults.note(
            "spec-nonresponse",
            ("nonresponse", "classes"),
            "Cần danh sách các lớp.",
            "Give a list of classes, each a list of cells.",
        )
        return None
    return tuple(
        tuple(str(name) for name in part) if isinstance(part, list) else (str(part),)
        for part in classes
    )


def _target(value: object, faults: _SpecFaults) -> CalibrationTarget | None:
    if value is None or value is False:
        return None
    if not isinstance(value, Mapping):
        faults.note(
            "spec-calibrate",
            ("calibrate",),
            "calibrate phải là một bảng.",
            "calibrate must be a mapping.",
        )
        return None
    faults.only(value, ("calibrate",), ("method", "source", "simulated", "margins"))
    method = value.get("method", "raking")
    if method != "raking":
        faults.note(
            "spec-method",
            ("calibrate", "method"),
            f"Không có phương pháp “{method}”.",
            f"There is no method “{method}”; choose raking.",
        )
    source = value.get("source")
    if not isinstance(source, str) or not source.strip():
        faults.note(
            "calibration-without-source",
            ("calibrate",),
            "Số dân để hiệu chỉnh không có nguồn.",
            "The population counts for calibration have no source.",
            Words(
                "Ghi source: văn bản, bảng và ngày; nếu không có, bỏ phần calibrate.",
                "Give source: document, table and date; without one leave calibrate out.",
            ),
        )
    simulated = value.get("simulated", False)
    if not isinstance(simulated, bool):
        faults.note(
            "spec-simulated",
            ("calibrate", "simulated"),
            "simulated là true hoặc false.",
            "simulated must be true or false.",
        )
    margins: dict[str, dict[str, float]] = {}
    given = value.get("margins")
    if not isinstance(given, Mapping) or not given:
        faults.note(
            "spec-margins",
            ("calibrate", "margins"),
            "Cần ít nhất một biên.",
            "Give at least one margin.",
        )
        given = {}
    for name, counts in given.items():
        if not isinstance(counts, Mapping) or not counts:
            faults.note(
                "spec-margins",
                ("calibrate", "margins", str(name)),
                f"Biên “{name}” không có nhóm.",
                f"Margin “{name}” has no categories.",
            )
            continue
        for key, count in counts.items():
            number = isinstance(count, int | float) and not isinstance(count, bool)
            if not number or not np.isfinite(count) or count < 0:
                faults.note(
                    "spec-margins",
                    ("calibrate", "margins", str(name), str(key)),
                    f"Số dân “{count}” không hợp lệ.",
                    f"“{count}” is not a population count.",
                )
                continue
            margins.setdefault(str(name), {})[str(key)] = float(count)
    return CalibrationTarget(margins, str(source or ""), bool(simulated), str(method))


def _bound(value: object, faults: _SpecFaults) -> float | None:
    if value is None:
        return TIMES_MEDIAN
    if value is False:
        return None
    if isinstance(value, Mapping):
        faults.only(value, ("trim",), ("times_median",))
        bound = value.get("times_median", TIMES_MEDIAN)
        if isinstance(bound, int | float) and not isinstance(bound, bool) and bound > 1:
            return float(bound)
    faults.note(
        "spec-trim",
        ("trim",),
        "trim cần {times_median: số lớn hơn 1} hoặc false.",
        "trim takes {times_median: a number above 1} or false.",
    )
    return None


def _base_words(base: str) -> Words:
    if base == "visits":
        return Words(
            "Trọng số gốc: số lượt giao dịch đã đếm chia số phiếu phát ra.",
            "Base weight: visits counted over tickets issued.",
        )
    return Words(
        "Trọng số gốc: một chia cho xác suất chọn.",
        "Base weight: one over the probability of being drawn.",
    )


def _statement(target: CalibrationTarget | None, simulated: bool) -> dict[str, str]:
    if target is None:
        return {
            "vi": "Kết quả có trọng số thiết kế và không trả lời, chưa hiệu chỉnh theo số dân.",
            "en": "Results carry design and nonresponse weights; they are not calibrated to "
            "population counts.",
        }
    if target.simulated:
        return {
            "vi": f"Kết quả hiệu chỉnh theo số dân mô phỏng (nguồn: {target.source}).",
            "en": f"Results are calibrated to simulated counts (source: {target.source}).",
        }
    extra_vi = " Câu trả lời là mô phỏng, số dân là thật." if simulated else ""
    extra_en = " The answers are simulated, the counts are real." if simulated else ""
    return {
        "vi": f"Kết quả hiệu chỉnh theo số dân (nguồn: {target.source}).{extra_vi}",
        "en": f"Results are calibrated to population counts (source: {target.source}).{extra_en}",
    }


def _fault(code: str, vi: str, en: str, advice_vi: str, advice_en: str) -> WeightError:
    return WeightError(Finding(code, Words(vi, en), Words(advice_vi, advice_en)))
