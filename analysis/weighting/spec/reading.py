"""Read a specification of weights and say all its faults at once, each with its path."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from analysis.weighting.spec.model import (
    BASES,
    CLASS_COLUMNS,
    METHODS,
    CalibrationTarget,
    WeightSpec,
)
from analysis.weighting.trimming import TIMES_MEDIAN
from intake.documents import path_text, read_document
from intake.findings import Faults, WeightError, Words

_See = Words("Xem mẫu trong tài liệu về trọng số.", "See the example in the page on weights.")


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
    faults.only(value, ("calibrate",), ("method", "bounds", "source", "simulated", "margins"))
    method = value.get("method", "raking")
    if method not in METHODS:
        faults.note(
            "spec-method",
            ("calibrate", "method"),
            f"Không có phương pháp “{method}”.",
            f"There is no method “{method}”; choose {', '.join(METHODS)}.",
        )
    bounds = _bounds(value.get("bounds"), method, faults)
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
    margins = _margins(value.get("margins"), faults)
    return CalibrationTarget(margins, str(source or ""), bool(simulated), str(method), bounds)


def _bounds(value: object, method: object, faults: _SpecFaults) -> tuple[float, float] | None:
    """Read the bounds of the factors: two numbers with 1 between them."""
    if value is None:
        if method == "logit":
            faults.note(
                "spec-bounds",
                ("calibrate", "bounds"),
                "Phương pháp logit cần bounds: [dưới, trên].",
                "The method logit needs bounds: [lower, upper].",
            )
        return None
    pair = value if isinstance(value, list) and len(value) == 2 else [None, None]
    low, high = (
        float(bound) if isinstance(bound, int | float) and not isinstance(bound, bool) else np.nan
        for bound in pair
    )
    if 0 <= low < 1 < high < np.inf:
        return low, high
    faults.note(
        "spec-bounds",
        ("calibrate", "bounds"),
        f"bounds “{value}” không phải là [dưới, trên] với 0 ≤ dưới < 1 < trên.",
        f"bounds “{value}” are not [lower, upper] with 0 ≤ lower < 1 < upper.",
    )
    return None


def _margins(given: object, faults: _SpecFaults) -> dict[str, dict[str, float]]:
    margins: dict[str, dict[str, float]] = {}
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
    return margins


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
