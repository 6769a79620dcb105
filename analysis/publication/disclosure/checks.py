"""What makes an estimates table unfit for publication, whatever its figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

from analysis.publication.disclosure.rows import ESTIMATE_COLUMNS, UNIT_DOMAIN, URBAN_DOMAIN
from intake.findings import Finding, ReleaseError, Words

_NOISE = 1e-6  # a weighted mean of hundreds may miss 100 in the last bits


def check_estimates(estimates: pd.DataFrame) -> None:
    """Refuse a table that lacks a column, is not in percent, or holds a figure twice."""
    absent = [name for name in ESTIMATE_COLUMNS if name not in estimates.columns]
    if absent:
        raise ReleaseError(
            [
                Finding(
                    "estimates-column-missing",
                    Words(
                        f"Bảng ước lượng thiếu cột '{name}'.",
                        f"The estimates table lacks the column '{name}'.",
                    ),
                    Words(
                        "Hãy lập bảng ước lượng với đủ các cột.",
                        "Make the estimates table with all its columns.",
                    ),
                    column=name,
                )
                for name in absent
            ]
        )
    value = pd.to_numeric(estimates["value"])
    outside = estimates[(value < -_NOISE) | (value > 100 + _NOISE)]
    if len(outside):
        first = outside.iloc[0]
        raise ReleaseError.of(
            "estimate-outside-percent",
            f"Ước lượng '{first['quantity']}' là {first['value']}, ngoài khoảng 0–100 %.",
            f"The estimate '{first['quantity']}' is {first['value']}, outside 0 to 100 %.",
            "Kết quả phải tính bằng phần trăm.",
            "Results must be in percent.",
        )
    twice = estimates[estimates.duplicated(list(ESTIMATE_COLUMNS[:2] + ESTIMATE_COLUMNS[3:6]))]
    if len(twice):
        first = twice.iloc[0]
        place = f"{first['round']} {first['quantity']} {first['rule']} {first['category']}"
        raise ReleaseError.of(
            "estimate-twice",
            f"Ước lượng '{place}' có hai dòng.",
            f"The estimate '{place}' stands twice.",
            "Mỗi kết quả chỉ được có một dòng.",
            "Keep one row for each result.",
        )


def refuse_unknown_nesting(
    rows: Iterable[Mapping[str, object]], urban_of: Mapping[str, str] | None
) -> None:
    """Refuse units of which it is not known whether they are urban or rural."""
    rows = list(rows)
    areas = {str(row["category"]) for row in rows if row["domain"] == URBAN_DOMAIN}
    if not areas:
        return
    rounds = {str(row["round"]) for row in rows if row["domain"] == URBAN_DOMAIN}
    units = {
        str(row["category"])
        for row in rows
        if row["domain"] == UNIT_DOMAIN and str(row["round"]) in rounds
    }
    unknown = sorted(unit for unit in units if (urban_of or {}).get(unit) not in areas)
    if unknown:
        raise ReleaseError.of(
            "unit-without-urban",
            f"Không biết đơn vị '{unknown[0]}' thuộc đô thị hay nông thôn.",
            f"It is not known whether the unit '{unknown[0]}' is urban or rural.",
            "Hãy thêm cột 'urban' vào bảng đơn vị, cùng mã với bảng ước lượng.",
            "Give the units table a column 'urban' with the codes of the estimates.",
        )
