"""Trees, expressions, points, bands and ranks of an index year."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analysis import par_index
from analysis.par_index import Expression
from intake.findings import IndexYearError, errors_of

YEAR = """
version: 1
id: "test"
year: 2026
block: "communes"
title: {vi: "Thử", en: "Trial"}
source: "QĐ 1/QĐ-UBND"
total: 20
index_rule: "mean5"
rounds: {population: "r1"}
bands:
  source: "QĐ 1/QĐ-UBND"
  list:
    - {code: "A", name: {vi: "Tốt", en: "Good"}, from: 15}
    - {code: "B", name: {vi: "Yếu", en: "Weak"}, from: 0}
criteria:
  - code: "1"
    name: {vi: "Thủ tục", en: "Procedures"}
    maximum: 12
    children:
      - {code: "1.1", name: {vi: "Đúng hạn", en: "On time"}, maximum: 8,
         expression: {kind: "linear", low: 80, high: 100}}
      - {code: "1.2", name: {vi: "Hài lòng", en: "Satisfaction"}, maximum: 4,
         expression: {kind: "survey", quantity: "II.B", round: "population"}}
  - code: "2"
    name: {vi: "Tác động", en: "Effect"}
    maximum: 8
    children:
      - {code: "2.1", name: {vi: "Hài lòng chung", en: "Overall"}, maximum: 6,
         expression: {kind: "survey", quantity: "overall", round: "population"}}
      - {code: "2.2", name: {vi: "Khác", en: "Other"}, maximum: 2}
"""


@pytest.fixture
def year(tmp_path: Path) -> par_index.IndexYear:
    return read(tmp_path, YEAR)


def read(folder: Path, text: str) -> par_index.IndexYear:
    (folder / "year.yaml").write_text(text, encoding="utf-8")
    return par_index.read_index_year(folder / "year.yaml")


def assessed(**agencies: dict[str, float]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"agency_code": agency, "criterion": code, "self_scored": value, "appraised": value}
            for agency, values in agencies.items()
            for code, value in values.items()
        ],
        columns=["agency_code", "criterion", "self_scored", "appraised"],
    )


def surveyed(**units: float) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"round": "r1", "quantity": quantity, "level": "factor", "rule": "mean5",
             "domain": "unit", "category": unit, "value": value, "se": 2.0,
             "low": value - 4, "high": value + 4}
            for unit, value in units.items()
            for quantity in ("II.B", "overall")
        ]
    )  # fmt: skip


def cell(points: pd.DataFrame, agency: str, criterion: str) -> pd.Series:
    found = points[(points["agency_code"] == agency) & (points["criterion"] == criterion)]
    assert len(found) == 1
    return found.iloc[0]


@pytest.mark.parametrize("name", ["2026-communes", "2026-counters", "2026-province"])
def test_the_trees_that_are_shipped_add_up_and_mark_what_no_decision_confirms(name: str) -> None:
    tree = par_index.load(name)

    assert tree.maximum == 100
    assert sum(leaf.maximum for leaf in tree.leaves()) == pytest.approx(100)
    assert set(tree.unverified()) == {
        part.code for domain in tree.domains for part in domain.walk()
    }


def test_the_survey_carries_32_points_of_a_commune_and_10_of_the_province() -> None:
    def worth(name: str) -> float:
        leaves = par_index.load(name).leaves()
        return sum(leaf.maximum for leaf in leaves
                   if leaf.expression and leaf.expression.kind == "survey")  # fmt: skip

    assert worth("2026-communes") == 32
    assert worth("2026-province") == 10


def test_the_domains_of_the_province_have_the_maxima_in_use() -> None:
    # sipas.md §7, unverified: 9.5 / 10 / 13 / 10.5 / 15 / 12 / 13.5 / 16.5.
    domains = par_index.load("2026-province").domains

    assert [domain.maximum for domain in domains] == [9.5, 10, 13, 10.5, 15, 12, 13.5, 16.5]


def test_an_unknown_year_is_refused_with_those_there_are() -> None:
    with pytest.raises(IndexYearError) as refusal:
        par_index.load("1999-communes")

    assert refusal.value.code == "index-year-unknown"
    assert "2026-communes" in str(refusal.value)


@pytest.mark.parametrize(
    ("expression", "value", "points"),
    [
        (Expression("points"), 3.0, 3.0),
        (Expression("linear", low=80, high=100), 90.0, 5.0),
        (Expression("linear", low=80, high=100), 70.0, 0.0),
        (Expression("ratio", target=95), 190.0, 10.0),
        (Expression("ratio", target=80), 40.0, 5.0),
        (Expression("boolean"), 1.0, 10.0),
        (Expression("boolean"), 0.0, 0.0),
        (Expression("deduction", each=3), 2.0, 4.0),
        (Expression("deduction", each=3), 9.0, 0.0),
        (Expression("step", steps=((50, 4.0), (80, 10.0))), 79.9, 4.0),
        (Expression("step", steps=((50, 4.0), (80, 10.0))), 80.0, 10.0),
        (Expression("step", steps=((50, 4.0), (80, 10.0))), 10.0, 0.0),
        (Expression("survey"), 83.94, 8.394),
    ],
)
def test_what_was_found_becomes_points_between_zero_and_the_maximum(
    expression: Expression, value: float, points: float
) -> None:
    assert expression.points(value, 10.0) == pytest.approx(points)


def test_survey_points_are_the_maximum_times_the_index_with_its_error(
    year: par_index.IndexYear,
) -> None:
    points = par_index.compute(year, assessed(x={"1.1": 90, "2.2": 2}), surveyed(x=80.0))

    row = cell(points, "x", "2.1")
    assert (row["survey"], row["final"], row["se"]) == pytest.approx((4.8, 4.8, 0.12))
    assert cell(points, "x", "1.1")["final"] == pytest.approx(4.0)
    total = cell(points, "x", "total")
    assert total["final"] == pytest.approx(4.0 + 3.2 + 4.8 + 2.0)
    # Both survey parts come from the same people: 0.08 and 0.12 add up.
    assert total["se"] == pytest.approx(0.2)
    assert total["status"] == "scored"


def test_what_was_not_appraised_is_not_scored_and_never_zero(year: par_index.IndexYear) -> None:
    assessments = assessed(x={"1.1": 90})
    assessments.loc[0, "appraised"] = math.nan

    points = par_index.compute(year, assessments, surveyed(x=80.0))

    leaf = cell(points, "x", "1.1")
    assert math.isnan(leaf["final"])
    assert (leaf["self_scored"], leaf["status"]) == (4.0, "not scored")
    total = cell(points, "x", "total")
    assert (total["status"], total["maximum_scored"]) == ("partial", 10.0)


def test_an_agency_without_a_sample_has_no_survey_points(year: par_index.IndexYear) -> None:
    points = par_index.compute(year, assessed(x={"1.1": 90, "2.2": 2}), surveyed(y=80.0))

    assert math.isnan(cell(points, "x", "2.1")["survey"])
    assert par_index.rank(points, year)["rank"].isna().all()


def test_a_unit_may_carry_another_code_than_its_agency(year: par_index.IndexYear) -> None:
    points = par_index.compute(year, None, surveyed(u7=80.0), units={"x": "u7"})

    assert cell(points, "x", "2.1")["survey"] == pytest.approx(4.8)


def test_a_province_is_scored_from_the_whole_population() -> None:
    tree = par_index.load("2026-province")
    estimates = surveyed(x=83.0).assign(round="hai-phong-2026-p", domain="", category="")

    points = par_index.compute(tree, None, estimates, agencies=["31"])

    assert cell(points, "31", "8.1")["final"] == pytest.approx(8.3)
    assert cell(points, "31", "1")["status"] == "not scored"


def test_the_lower_bound_of_a_band_belongs_to_it(year: par_index.IndexYear) -> None:
    # sipas.md §8: lower bound inclusive. The second total is 15 but for binary rounding.
    assert par_index.grade(15.0, year.bands).code == "A"
    assert par_index.grade(15.0 - 1e-12, year.bands).code == "A"
    assert par_index.grade(14.999, year.bands).code == "B"
    assert par_index.grade(0.0, year.bands).code == "B"


def test_ranks_come_with_intervals_and_incomplete_agencies_come_last(
    year: par_index.IndexYear,
) -> None:
    scores = {"1.1": 100.0, "2.2": 2.0}
    assessments = assessed(x=scores, y={"1.1": 80.0, "2.2": 0.0}, z=scores, w={"1.1": 100.0})

    table = par_index.rank(
        par_index.compute(year, assessments, surveyed(x=80, y=80, z=81, w=99)), year
    )

    assert table["agency_code"].tolist() == ["z", "x", "y", "w"]
    assert table["rank"].tolist()[:3] == [1, 2, 3]
    assert table["rank_low"].tolist()[:3] == [1, 1, 3]
    assert table["rank_high"].tolist()[:3] == [2, 2, 3]
    assert table["band"].tolist() == ["A", "A", "B", ""]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("maximum: 12", "maximum: 13", "criterion-sum"),
        ('code: "2.2"', 'code: "2.1"', "criterion-code-repeated"),
        ('code: "2.2"', "code: 2.2", "index-value"),
        ("maximum: 2}", "maximum: -2}", "criterion-maximum"),
        ('kind: "linear"', 'kind: "magic"', "criterion-expression"),
        ("low: 80, ", "", "criterion-expression"),
        ("low: 80", "low: 100", "criterion-expression"),
        ('round: "population"}}\n  - code', 'round: "other"}}\n  - code', "criterion-expression"),
        ('index_rule: "mean5"', 'index_rule: "best"', "index-value"),
        ("from: 0}", "from: 16}", "bands-order"),
        ("year: 2026", "year: soon", "index-value"),
        ("block:", "blok:", "index-key-unknown"),
        ("total: 20\n", "", "index-key-missing"),
        ('title: {vi: "Thử", en: "Trial"}', "title: {}", "index-value"),
    ],
)
def test_a_tree_that_does_not_hold_together_is_refused(
    old: str, new: str, code: str, tmp_path: Path
) -> None:
    assert old in YEAR

    with pytest.raises(IndexYearError) as refusal:
        read(tmp_path, YEAR.replace(old, new))

    assert code in {finding.code for finding in refusal.value.findings}
    assert all(finding.path is not None for finding in refusal.value.findings)


def test_a_rule_without_a_decision_is_a_warning(tmp_path: Path) -> None:
    text = YEAR.replace("    maximum: 8\n", '    maximum: 8\n    source: "unverified"\n')
    (tmp_path / "year.yaml").write_text(text, encoding="utf-8")

    tree, findings = par_index.check_index_year(tmp_path / "year.yaml")

    assert tree is not None
    assert not errors_of(findings)
    assert {finding.code for finding in findings} == {"rule-unverified"}


ASSESSMENTS = "agency_code,criterion,self_scored,appraised,evidence,source\n"


def test_assessments_are_read_with_comma_or_point_and_empty_means_not_given(
    tmp_path: Path, year: par_index.IndexYear
) -> None:
    path = tmp_path / "scores.csv"
    path.write_text(ASSESSMENTS + 'x,1.1,"92,5",90.5,BC 12,HĐ\nx,2.2,,1,,\n', encoding="utf-8")

    table = par_index.read_assessments(path, year)

    assert table["self_scored"].tolist()[0] == 92.5
    assert math.isnan(table["self_scored"][1])
    assert table["evidence"].tolist() == ["BC 12", ""]


def test_assessments_are_refused_with_all_their_faults(
    tmp_path: Path, year: par_index.IndexYear
) -> None:
    path = tmp_path / "scores.csv"
    path.write_text(
        ASSESSMENTS + "x,1.1,many,1,,\nx,1.1,1,1,,\nx,9.9,1,1,,\nx,2.1,1,1,,\nx,2.2,1,3,,\n"
        ",2.2,1,1,,\n",
        encoding="utf-8",
    )

    with pytest.raises(IndexYearError) as refusal:
        par_index.read_assessments(path, year)

    assert {(finding.code, finding.row) for finding in refusal.value.findings} == {
        ("assessment-number", 2), ("assessment-repeated", 3), ("criterion-unknown", 4),
        ("criterion-not-assessed", 5), ("assessment-out-of-range", 6),
        ("assessment-code-missing", 7),
    }  # fmt: skip


@pytest.mark.parametrize("doubled", ["assessments", "estimates"])
def test_two_values_for_one_thing_are_refused(doubled: str, year: par_index.IndexYear) -> None:
    assessments: Any = assessed(x={"1.1": 90.0})
    estimates: Any = surveyed(x=80.0)
    if doubled == "assessments":
        assessments = pd.concat([assessments, assessments])
    else:
        estimates = pd.concat([estimates, surveyed(x=81.0)])

    with pytest.raises(IndexYearError) as refusal:
        par_index.compute(year, assessments, estimates)

    assert refusal.value.code in ("assessment-repeated", "estimate-ambiguous")


def test_points_lost_are_listed_largest_first_and_unscored_ones_last(
    year: par_index.IndexYear,
) -> None:
    points = par_index.compute(year, assessed(x={"1.1": 90.0}), surveyed(x=80.0))

    table = par_index.losses(points, year)

    assert table["criterion"].tolist() == ["1.1", "2.1", "1.2", "2.2"]
    assert table["lost"].tolist()[:3] == pytest.approx([4.0, 1.2, 0.8])
    assert table["status"].tolist()[-1] == "not scored"
