"""Carry out the steps of a specification on a frozen round, and keep a record of each.

Weights are in persons or visits represented, one per response.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from analysis.dispositions import check_cases
from analysis.respondents import Respondents
from analysis.stage_labels import unlabelled
from analysis.weighting.auxiliaries import auxiliaries
from analysis.weighting.calibration import CalibrationTask, not_positive
from analysis.weighting.diagnostics import Diagnostics, Floats, checked_weights, describe
from analysis.weighting.distances import chosen
from analysis.weighting.margins import Margin, margin_error, prepare_margins
from analysis.weighting.raking import raked
from analysis.weighting.response_classes import response_factors
from analysis.weighting.spec.model import CalibrationTarget, Weighting, WeightSpec
from analysis.weighting.spec.tables import with_units
from analysis.weighting.trimming import trimmed, trimmed_and_raked
from intake.findings import WeightError, Words

_METHOD_NAMES = {
    "raking": "Raked",
    "linear": "Calibrated with the linear distance",
    "logit": "Calibrated with the logit distance",
}


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
        raise WeightError.of(
            "simulated-margins-in-real-round",
            "Số dân mô phỏng không được dùng cho đợt khảo sát thật.",
            "Simulated population counts cannot be used in a real round.",
            "Dùng số dân có nguồn, hoặc bỏ phần calibrate.",
            "Use sourced counts, or leave calibrate out.",
        )
    if not len(cells):
        raise WeightError.of(
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
    joined = table if target is None else with_units(table, units)
    calibrated, margins, again = _calibrated(joined, answered, target, steps)
    final, cut = _bounded(calibrated, margins, again, spec.times_median, steps)
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
            raise WeightError.of(
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
        raise WeightError.of(
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
            raise WeightError.of(
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
        named = cells[classes]
        if classes == "psu_id":
            # A unit taken with certainty is no primary unit: its stratum is its name.
            named = named.mask(unlabelled(named), cells["stratum"])
        grouped = cells.groupby(named.astype(str), sort=True)["cell"]
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
    target: CalibrationTarget | None,
    steps: list[dict[str, Any]],
) -> tuple[Floats, tuple[Margin, ...], Callable[[Floats], Floats] | None]:
    """Return the weights, the margins they meet, and how other weights are brought to them."""
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
        return answered, (), None
    margins, again = _calibrator(table, answered, target)
    calibrated = again(answered)
    label, label_en = (" (mô phỏng)", " (simulated)") if target.simulated else ("", "")
    note(
        steps,
        "calibrate",
        done=True,
        weights=calibrated,
        margin_error=margin_error(calibrated, margins),
        words=Words(
            f"Hiệu chỉnh theo {', '.join(target.margins)}{label}; nguồn: {target.source}.",
            f"{_METHOD_NAMES[target.method]} to {', '.join(target.margins)}{label_en}; "
            f"source: {target.source}.",
        ),
    )
    return calibrated, margins, again


def _bounded(
    calibrated: Floats,
    margins: tuple[Margin, ...],
    again: Callable[[Floats], Floats] | None,
    times_median: float | None,
    steps: list[dict[str, Any]],
) -> tuple[Floats, int]:
    """Return the weights below their bound, with the margins still met, and how many were cut."""
    if times_median is None:
        note(
            steps,
            "trim",
            done=False,
            weights=calibrated,
            words=Words("Không cắt trọng số.", "No weight was trimmed."),
            margin_error=margin_error(calibrated, margins) if margins else None,
        )
        return calibrated, 0
    if margins:
        final, upper, cut = trimmed_and_raked(calibrated, margins, times_median, again)
    else:
        upper = times_median * float(np.median(calibrated))
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
            f"Giới hạn {_comma(times_median, 1)} lần trung vị ({_comma(upper, 1)}): "
            f"cắt {cut} trọng số.",
            f"Bound of {times_median:g} times the median ({upper:.1f}): {cut} weights were cut.",
        ),
    )
    return final, cut


def _calibrator(
    table: pd.DataFrame, weights: Floats, target: CalibrationTarget
) -> tuple[tuple[Margin, ...], Callable[[Floats], Floats]]:
    """Return the margins, and the function that brings weights to them."""
    if target.method == "raking" and target.bounds is None:
        margins = prepare_margins(table, weights, target.margins)
        return margins, lambda own: raked(own, margins)
    found = auxiliaries(table, weights, target.margins, None)
    task = CalibrationTask(found, chosen(target.method, target.bounds), None)
    totals = found.totals(weights)

    def again(own: Floats) -> Floats:
        after, _ = task.weighed(own, totals)
        if not (after > 0).all():
            raise not_positive(after, slice(None), after.size)
        return after

    return found.margins, again


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
