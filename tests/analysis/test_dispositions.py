"""What became of the cases: issued, used, valid, and AAPOR's response rate 1."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from analysis.dispositions import account
from intake.findings import IntakeError


def some_cases(**columns: Any) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "cell": ["c1", "c2", "c3"],
            "unit_id": ["u1", "u2", "u3"],
            "stratum": ["a", "a", "b"],
            "psu_id": ["u1", "u2", "u3"],
            "design_weight": [10.0, 20.0, 30.0],
            "issued": [50, 40, 0],
            "used": [30, 10, 0],
            "expected": [50, 40, 0],
            **columns,
        }
    )


def responses(**counts: int) -> pd.DataFrame:
    return pd.DataFrame({"cell": [cell for cell, count in counts.items() for _ in range(count)]})


def test_every_issued_form_is_accounted_for() -> None:
    row = account(some_cases(), responses(c1=28, c2=10)).iloc[0]

    assert (row["issued"], row["used"], row["valid"], row["invalid"]) == (90, 40, 38, 2)
    assert row["rr1"] == pytest.approx(38 / 90)
    assert row["rr1_weighted"] == pytest.approx((280 + 200) / (500 + 800))


def test_the_response_rate_has_a_wilson_interval() -> None:
    # statsmodels 0.14: proportion_confint(38, 90, method="wilson"); by hand with z = 1.959964.
    row = account(some_cases(), responses(c1=28, c2=10)).iloc[0]
    z, p, n = 1.959963984540054, 38 / 90, 90
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    reach = z / (1 + z * z / n) * (p * (1 - p) / n + z * z / (4 * n * n)) ** 0.5

    assert (row["low"], row["high"]) == pytest.approx((centre - reach, centre + reach))


def test_a_stratum_where_nothing_was_issued_has_no_rate() -> None:
    table = account(some_cases(), responses(c1=28, c2=10), by="stratum").set_index("group")

    assert table.loc["a", "valid"] == 38
    assert pd.isna(table.loc["b", "rr1"])


@pytest.mark.parametrize(
    ("cases", "came", "by", "code"),
    [
        (some_cases(used=[60, 10, 0]), {}, None, "cases-count-impossible"),
        (some_cases(cell=["c1", "c1", "c3"]), {}, None, "cases-repeated"),
        (some_cases(design_weight=[1.0, 0.0, 1.0]), {}, None, "cases-weight-not-positive"),
        (some_cases().drop(columns="issued"), {}, None, "cases-column-missing"),
        (some_cases(), {"c9": 1}, None, "responses-unknown-cell"),
        (some_cases(), {}, "colour", "grouping-unknown"),
    ],
)
def test_counts_that_cannot_be_are_refused(
    cases: pd.DataFrame, came: dict[str, int], by: str | None, code: str
) -> None:
    with pytest.raises(IntakeError) as refusal:
        account(cases, responses(**came), by=by)

    assert refusal.value.code == code
