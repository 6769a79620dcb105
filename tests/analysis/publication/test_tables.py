"""Standings, points and the workbook: who is ranked, what is taken out, what a cell may hold."""

import csv
from dataclasses import replace

import openpyxl
import pandas as pd
import pytest

from analysis.publication.disclosure import protect
from analysis.publication.tables import (
    freeze,
    protect_duties,
    protect_points,
    protect_standing,
    read_frozen,
)
from intake.findings import ReleaseError, Words

PAYLOADS = ["=1+1", "+1", "-cmd", "@SUM(A1)", "\t=1", "＝1+1", "<script>alert(1)</script>"]


def a_standing(*units, spread=1.0):
    return pd.DataFrame(
        [
            {
                "agency_code": f"A{u}",
                "name": f"Xã {u}",
                "unit_id": u,
                "total": 90.0 - 3 * k,
                "se": spread,
                "low": 88.0,
                "high": 92.0,
                "band": "Tốt",
                "rank": k + 1,
                "rank_low": max(1, k),
                "rank_high": min(len(units), k + 2),
            }
            for k, u in enumerate(units)
        ]
    )


def by_unit(estimate, **sizes):
    rows = [estimate(n=sum(sizes.values()))]
    rows += [estimate(n=n, domain="unit", category=u) for u, n in sizes.items()]
    return protect(pd.DataFrame(rows))


def test_only_units_with_a_published_sample_of_their_own_are_ranked(estimate):
    # Given four communes ranked, one of which has 25 answers and one no sample.
    protected = by_unit(estimate, a=80, b=25, c=80)
    # When the standing is protected.
    table = protect_standing(a_standing("a", "b", "d", "c"), protected, "mean5")
    # Then two are left, ranked again without a gap, and nothing is told of the others.
    assert list(table["unit_id"]) == ["a", "c", "b", "d"]
    assert list(table["rank"].dropna()) == [1, 2]
    assert list(table["flag"]) == ["", "", "u", "x"]
    withheld = table[table["flag"] != ""]
    assert withheld[["total", "se", "low", "high"]].isna().all().all()
    assert (withheld["band"] == "").all()
    kept = table[table["flag"] == ""]
    assert (kept["rank_high"] <= 2).all()


def test_an_agency_without_a_survey_unit_stays_in_its_standing(estimate):
    table = protect_standing(a_standing("", "", ""), by_unit(estimate, a=80), "mean5")
    assert list(table["rank"]) == [1, 2, 3]


def test_equal_totals_keep_equal_ranks_when_another_is_taken_out(estimate):
    standing = a_standing("a", "b", "c")
    standing["total"], standing["rank"] = [90.0, 85.0, 85.0], [1, 2, 2]
    table = protect_standing(standing, by_unit(estimate, a=25, b=80, c=80), "mean5")
    assert list(table["rank"].dropna()) == [1, 1]


def test_units_whose_difference_may_be_zero_share_a_group(estimate):
    protected = by_unit(estimate, a=80, b=80, c=80)
    near = protect_standing(a_standing("a", "b", "c", spread=3.0), protected, "mean5")
    apart = protect_standing(a_standing("a", "b", "c", spread=0.2), protected, "mean5")
    assert list(near["group"]) == ["1", "1", "1"]
    assert list(apart["group"]) == ["1", "2", "3"]


def test_survey_points_and_their_sums_are_withheld_with_the_figure_they_come_from():
    points = pd.DataFrame(
        [
            {
                "agency_code": code,
                "criterion": criterion,
                "title_vi": "x",
                "title_en": "x",
                "maximum": 10.0,
                "self_scored": 9.0,
                "appraised": 9.0,
                "survey": survey,
                "final": 9.0,
                "low": None,
                "high": None,
            }
            for code in ("A", "B")
            for criterion, survey in (("3", None), ("8", None), ("8.1", 8.4))
        ]
    )
    table = protect_points(points, {"A": "u"}).set_index(["agency_code", "criterion"])
    assert pd.isna(table.loc[("A", "8.1"), "survey"])
    assert pd.isna(table.loc[("A", "8"), "final"])
    assert table.loc[("A", "3"), "final"] == 9.0
    assert table.loc[("B", "8"), "final"] == 9.0


def test_a_duty_keeps_its_percentage_unless_a_withheld_survey_figure_is_part_of_it():
    duties = pd.DataFrame(
        [
            {"agency_code": code, "domain": domain, "percent": 71.0}
            for code, domain in (("A", "3"), ("A", "8"), ("A", "Tác động"), ("X", "8"), ("B", "8"))
        ]
    )
    points = pd.DataFrame(
        [
            {"agency_code": code, "criterion": criterion, "survey": survey}
            for code in "ABX"
            for criterion, survey in (("3.1", None), ("8.1", 8.4))
        ]
    )
    table = protect_duties(duties, {"A": "c", "X": "x"}, [points])
    assert list(table["percent"].notna()) == [True, False, False, True, True]
    assert len(table) == 5


def test_the_figure_that_survey_points_name_decides_over_the_overall_index(estimate):
    rows = [estimate(n=160)]
    rows += [estimate(n=80, domain="unit", category=u) for u in "ab"]
    rows += [
        estimate("II", n=n, level="block", domain="unit", category=u)
        for u, n in (("a", 80), ("b", 25))
    ]
    points = pd.DataFrame(
        [{"agency_code": f"A{u}", "criterion": "8.1", "quantity": "II"} for u in "ab"]
    )
    table = protect_standing(a_standing("a", "b"), protect(pd.DataFrame(rows)), "mean5", points)
    assert list(table["flag"]) == ["", "u"]


def test_names_that_look_like_formulas_stay_text_in_csv_and_workbook(tmp_path, a_content):
    content = a_content(tmp_path)
    content = replace(content, estimates=content.estimates.head(9))
    duties = pd.concat([content.duties] * 2, ignore_index=True).head(len(PAYLOADS)).copy()
    duties["name"] = PAYLOADS
    freeze(replace(content, duties=duties), tmp_path / "tables")
    with (tmp_path / "tables" / "duties.csv").open(encoding="utf-8", newline="") as file:
        cells = [row["name"] for row in csv.DictReader(file)]
    assert cells == [f"'{text}" for text in PAYLOADS[:-1]] + PAYLOADS[-1:]
    book = openpyxl.load_workbook(tmp_path / "tables" / "hailong.xlsx")
    assert [cell.value for cell in book["duties"]["B"][1:]] == PAYLOADS
    for sheet in book:
        assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    assert list(read_frozen(tmp_path).duties["name"]) == PAYLOADS


@pytest.mark.xdist_group("release")
def test_the_workbook_holds_numbers_as_numbers_codes_as_text_and_says_what_is_simulated(published):
    _, folder, _ = published
    book = openpyxl.load_workbook(folder / "tables" / "hailong.xlsx", read_only=True)
    notes = [
        str(cell) for row in book.worksheets[0].iter_rows(values_only=True) for cell in row if cell
    ]
    assert any("DỮ LIỆU MÔ PHỎNG" in note for note in notes)
    assert any("SIMULATED DATA" in note for note in notes)
    assert any("chế độ thử" in note for note in notes)
    rows = book["estimates"].iter_rows(values_only=True)
    head = next(rows)
    first = dict(zip(head, next(rows), strict=True))
    assert isinstance(first["value"], float)
    units = book["units"].iter_rows(values_only=True)
    head = next(units)
    assert isinstance(dict(zip(head, next(units), strict=True))["unit_id"], str)


def test_a_block_that_cannot_name_a_file_is_refused(tmp_path, a_content):
    content = a_content(tmp_path)
    content = replace(content, estimates=content.estimates.head(9))
    bad = replace(content, standings={"../x": content.standings["xa"]})
    with pytest.raises(ReleaseError) as refused:
        freeze(bad, tmp_path / "tables")
    assert refused.value.code == "block-name"
    named = replace(
        content,
        standings={"khoi-1": content.standings["xa"]},
        points={},
        blocks={"khoi-1": Words("Khối thi đua 1", "Block one")},
    )
    freeze(named, tmp_path / "more" / "tables")
    assert read_frozen(tmp_path / "more").facts["blocks"]["khoi-1"]["vi"] == "Khối thi đua 1"
