"""What became of the cases: issued, used, valid, and AAPOR's outcome rates."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from statsmodels.stats.proportion import proportion_confint

from analysis.dispositions import account, outcome_rates, tally
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


def some_counts(**columns: Any) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "stratum": ["a", "b"],
            "design_weight": [10.0, 30.0],
            "complete": [50, 20],
            "partial": [10, 0],
            "refusal": [20, 10],
            "non_contact": [8, 5],
            "other": [2, 1],
            "unknown": [20, 10],
            "unknown_other": [10, 0],
            "not_eligible": [10, 4],
            **columns,
        }
    )


def test_every_outcome_rate_follows_its_definition() -> None:
    # AAPOR (2023), by hand: I=50 P=10 R=20 NC=8 O=2 U=30, e = 90/100.
    table = outcome_rates(some_counts()[:1]).set_index("rate")["value"]

    expected = {
        "RR1": 50 / 120,
        "RR2": 60 / 120,
        "RR3": 50 / 117,
        "RR4": 60 / 117,
        "RR5": 50 / 90,
        "RR6": 60 / 90,
        "COOP1": 50 / 82,
        "COOP2": 60 / 82,
        "COOP3": 50 / 80,
        "COOP4": 60 / 80,
        "REF1": 20 / 120,
        "REF2": 20 / 117,
        "REF3": 20 / 90,
        "CON1": 82 / 120,
        "CON2": 82 / 117,
        "CON3": 82 / 90,
    }
    assert table.to_dict() == pytest.approx(expected)


def test_weighted_rates_count_a_case_as_often_as_it_stands_for() -> None:
    row = outcome_rates(some_counts()).set_index("rate").loc["RR6"]

    assert row["value"] == pytest.approx(80 / 126)
    assert row["value_weighted"] == pytest.approx((60 * 10 + 20 * 30) / (90 * 10 + 36 * 30))
    assert row["n_effective"] == pytest.approx((900 + 1080) ** 2 / (9000 + 32400))
    assert row["low_weighted"] < row["value_weighted"] < row["high_weighted"]


def test_the_unweighted_interval_is_wilsons() -> None:
    # statsmodels 0.14: proportion_confint(50, 120, method="wilson").
    row = outcome_rates(some_counts()[:1]).set_index("rate").loc["RR1"]

    assert (row["low"], row["high"]) == pytest.approx(
        proportion_confint(50, 120, method="wilson"), rel=1e-9
    )


def test_a_given_share_of_eligible_cases_is_used() -> None:
    table = outcome_rates(some_counts(), by="stratum", e=0.5).set_index(["group", "rate"])

    assert table.loc[("a", "RR3"), "value"] == pytest.approx(50 / 105)
    assert table.loc[("a", "RR3"), "e"] == 0.5


def test_a_group_without_cases_has_no_rates() -> None:
    empty = {key: [5, 0] for key in ("complete", "partial", "refusal", "non_contact", "other")}
    empty |= {key: [0, 0] for key in ("unknown", "unknown_other", "not_eligible")}
    table = outcome_rates(some_counts(**empty), by="stratum").set_index("group")

    assert table.loc["b", "value"].isna().all()
    assert table.loc["a", "value"].notna().all()


def test_cases_are_counted_by_their_disposition() -> None:
    cases = pd.DataFrame(
        {"outcome": ["complete", "refusal", "complete"], "unit": ["u", "u", "v"], "w": [1, 1, 2]}
    )

    counts = tally(cases, "outcome", by="unit", weight="w").set_index("group")

    assert counts.loc["u", ["complete", "refusal"]].tolist() == [1, 1]
    assert counts.loc["v", "design_weight"] == 2


@pytest.mark.parametrize(
    ("change", "code", "row"),
    [
        ({"refusal": [1, -2]}, "cases-count-impossible", 2),
        ({"refusal": [1, "x"]}, "cases-count-impossible", 2),
        ({"design_weight": [1.0, 0.0]}, "cases-weight-not-positive", 2),
        ({"stratum": ["a", None]}, "cases-group-missing", 2),
    ],
)
def test_outcome_counts_that_cannot_be_are_refused(
    change: dict[str, list[Any]], code: str, row: int
) -> None:
    with pytest.raises(IntakeError) as refusal:
        outcome_rates(some_counts(**change), by="stratum")

    assert (refusal.value.code, refusal.value.findings[0].row) == (code, row)


def test_an_unknown_disposition_or_column_is_refused() -> None:
    cases = pd.DataFrame({"outcome": ["complete", "gone"]})

    with pytest.raises(IntakeError) as unknown:
        tally(cases, "outcome")
    with pytest.raises(IntakeError) as missing:
        outcome_rates(some_counts().drop(columns="partial"))
    with pytest.raises(IntakeError) as impossible:
        outcome_rates(some_counts(), e=1.5)

    assert (unknown.value.code, unknown.value.findings[0].row) == ("disposition-unknown", 2)
    assert missing.value.code == "cases-column-missing"
    assert impossible.value.code == "eligible-share-impossible"
