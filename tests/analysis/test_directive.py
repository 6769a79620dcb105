"""The duties of the directive of Hải Dương province (early 2023), as the year's file has them.

Clauses covered: §3 (points lost are reviewed; head rated "Hoàn thành nhiệm vụ"; component
index of procedure reform or of e-government below 75 % of its maximum; report before
1 April) and §4 (the same index for communes).
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from analysis import par_index
from intake.findings import IndexYearError


@pytest.fixture
def rules() -> par_index.IndexYear:
    # Directive §4: the index of communes is kept every year.
    return par_index.load("2026-communes")


def points(status: str = "scored", **percent: float) -> pd.DataFrame:
    maxima = {"1": 9.0, "3": 17.0, "7": 16.0, "8": 16.0}
    return pd.DataFrame(
        [
            {"agency_code": "an-bien", "criterion": code[1:], "maximum": maxima[code[1:]],
             "final": maxima[code[1:]] * value / 100, "status": status}
            for code, value in percent.items()
        ]
    )  # fmt: skip


def test_a_commune_below_75_percent_in_procedure_reform_owes_a_review_report(
    rules: par_index.IndexYear,
) -> None:
    # Directive §3: component below 75 %
    duties = par_index.list_duties(points(d3=74.99, d7=80.0), rules)

    assert duties[["agency_code", "reason", "domain"]].to_numpy().tolist() == [
        ["an-bien", "domain-below-threshold", "3"]
    ]
    assert duties["percent"].iloc[0] == pytest.approx(74.99)
    assert "75%" in duties["clause"].iloc[0]


def test_a_commune_below_75_percent_in_digital_government_owes_a_review_report(
    rules: par_index.IndexYear,
) -> None:
    # Directive §3: component below 75 %
    assert par_index.list_duties(points(d3=90.0, d7=10.0), rules)["domain"].tolist() == ["7"]


def test_exactly_75_percent_owes_nothing(rules: par_index.IndexYear) -> None:
    # Directive §3: "below 75 %"
    assert par_index.list_duties(points(d3=75.0, d7=75.0), rules).empty


def test_other_domains_owe_nothing_however_low(rules: par_index.IndexYear) -> None:
    # Directive §3 names two components.
    assert par_index.list_duties(points(d1=5.0, d8=5.0), rules).empty


@pytest.mark.parametrize("rating", ["Hoàn thành nhiệm vụ", "HOÀN THÀNH NHIỆM VỤ "])
def test_a_commune_whose_head_only_completed_the_task_owes_a_review_report(
    rating: str, rules: par_index.IndexYear
) -> None:
    # Directive §3: head rated "Hoàn thành nhiệm vụ"
    heads = pd.DataFrame({"agency_code": ["an-bien"], "rating": [rating]})

    duties = par_index.list_duties(points(d3=90.0, d7=90.0), rules, heads)

    assert duties["reason"].tolist() == ["head-rating"]


@pytest.mark.parametrize("rating", ["Hoàn thành tốt nhiệm vụ", "Hoàn thành xuất sắc nhiệm vụ"])
def test_a_better_rating_of_the_head_owes_nothing(rating: str, rules: par_index.IndexYear) -> None:
    # Directive §3: head rated "Hoàn thành nhiệm vụ"
    heads = pd.DataFrame({"agency_code": ["an-bien"], "rating": [rating]})

    assert par_index.list_duties(points(d3=90.0, d7=90.0), rules, heads).empty


def test_the_report_is_due_on_1_april_of_the_next_year(rules: par_index.IndexYear) -> None:
    # Directive §3: before 1 April
    assert par_index.list_duties(points(d3=10.0), rules)["due_on"].tolist() == [date(2027, 4, 1)]


def test_a_domain_that_is_not_wholly_scored_is_not_judged_but_listed(
    rules: par_index.IndexYear,
) -> None:
    # Directive §3: nobody owes a report for what the council has not appraised.
    table = points(status="partial", d3=10.0)

    assert par_index.list_duties(table, rules).empty
    assert par_index.undecided(table, rules)["domain"].tolist() == ["3"]


def test_ratings_of_heads_are_refused_with_all_their_faults(tmp_path: Path) -> None:
    path = tmp_path / "heads.csv"
    path.write_text("agency_code,rating\na,Tốt\na,Tốt\nb,\n", encoding="utf-8")

    with pytest.raises(IndexYearError) as refusal:
        par_index.read_heads(path)

    assert {(finding.code, finding.row) for finding in refusal.value.findings} == {
        ("head-repeated", 3), ("head-value-missing", 4),
    }  # fmt: skip


def test_a_year_without_duties_asks_nothing_of_anybody() -> None:
    counters = par_index.load("2026-counters")

    assert par_index.list_duties(points(d3=1.0), counters).empty
