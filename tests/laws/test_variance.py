"""Laws of the one path for all variances, over generated samples."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis import SurveyDesign, estimate, replicate, weighting
from analysis.cells import cells_of
from analysis.stagewise import spread_over

QUICK = settings(max_examples=25, deadline=None)
SLOW = settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
SAME = ["value", "se", "low", "high", "n", "df"]


@st.composite
def samples(draw: Any) -> pd.DataFrame:
    """Rows in two or three strata with two to four primary units each."""
    rows = [
        {
            "stratum": stratum,
            "psu": f"{stratum}-{psu}",
            "w": draw(st.floats(0.1, 1e3)),
            "y": draw(st.integers(1, 5)),
            "x": draw(st.floats(0.5, 9.0)),
            "group": draw(st.sampled_from(["x", "y", "z"])),
        }
        for stratum in range(draw(st.integers(2, 3)))
        for psu in range(draw(st.integers(2, 4)))
        for _ in range(draw(st.integers(1, 4)))
    ]
    return pd.DataFrame(rows)


def a_design(table: pd.DataFrame, **more: Any) -> SurveyDesign:
    return SurveyDesign(table, weights="w", strata="stratum", psu="psu", **more)


def check_same(first: pd.DataFrame, second: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(
        first[SAME], second[SAME], rtol=1e-9, atol=1e-9, check_dtype=False
    )


@QUICK
@given(samples(), st.permutations(range(3)), st.permutations(range(3)))
def test_new_labels_for_strata_units_and_domains_change_nothing(
    table: pd.DataFrame, strata: list[int], groups: list[int]
) -> None:
    names = {old: f"new {groups[at]}" for at, old in enumerate("xyz")}
    renamed = table.assign(
        stratum=[f"s{strata[code]}" for code in table["stratum"]],
        psu=[100 + sum(ord(c) * 7**k for k, c in enumerate(label)) for label in table["psu"]],
        group=table["group"].map(names),
    )

    first = estimate.mean(a_design(table), ["y", "x"], by="group").table
    second = estimate.mean(a_design(renamed), ["y", "x"], by="group").table

    order = first.assign(group=first["group"].map(names)).sort_values(["group", "quantity"])
    check_same(
        order.reset_index(drop=True),
        second.sort_values(["group", "quantity"]).reset_index(drop=True),
    )


@QUICK
@given(samples(), st.integers(1, 10))
def test_sums_of_pieces_are_the_sums_of_the_whole(table: pd.DataFrame, cut: int) -> None:
    design = a_design(table)
    category = np.zeros(len(table), dtype=np.int64)
    whole = cells_of(design, category, 1)
    y = table["y"].to_numpy(dtype=float)
    at = min(cut, len(table) - 1)

    pieces = [
        cells_of(design, np.where(inside, category, -1), 1)
        for inside in (np.arange(len(table)) < at, np.arange(len(table)) >= at)
    ]

    added = np.zeros(design.units)
    for piece in pieces:
        added[piece.unit] += piece.sums([y]).first[:, 0]
    np.testing.assert_allclose(added[whole.unit], whole.sums([y]).first[:, 0], rtol=1e-12)


@SLOW
@given(table=samples())
def test_a_table_in_several_files_is_the_table(
    tmp_path_factory: pytest.TempPathFactory, table: pd.DataFrame
) -> None:
    folder: Path = tmp_path_factory.mktemp("parts")
    half = len(table) // 2
    paths = [folder / "a.parquet", folder / "b.parquet"]
    table.iloc[:half].to_parquet(paths[0])
    table.iloc[half:].to_parquet(paths[1])

    check_same(
        estimate.total(a_design(table), ["y", "x"], by="group").table,
        estimate.total(a_design([str(path) for path in paths]), ["y", "x"], by="group").table,
    )


@QUICK
@given(samples(), st.integers(-99, 99))
def test_rows_of_weight_zero_change_nothing(table: pd.DataFrame, odd: int) -> None:
    """A row outside the part picked by `where` weighs nothing, whatever it answers."""
    inside = (table["group"] != "z").to_numpy()
    if not inside.any():
        return
    changed = table.assign(y=np.where(inside, table["y"], odd))

    check_same(
        estimate.mean(a_design(table).where("group != 'z'"), "y").table,
        estimate.mean(a_design(changed).where("group != 'z'"), "y").table,
    )


@QUICK
@given(samples())
def test_a_domain_by_where_is_the_domain_by_name(table: pd.DataFrame) -> None:
    design = a_design(table)
    domains = estimate.ratio(design, [("y", "x")], by="group").table

    for row in domains.to_dict("records"):
        part = estimate.ratio(design.where(f"group == '{row['group']}'"), [("y", "x")]).table
        for name in SAME:
            assert part[name].iloc[0] == pytest.approx(row[name], rel=1e-9, abs=1e-9, nan_ok=True)


@QUICK
@given(samples())
def test_linearisation_and_the_jackknife_agree_on_what_is_linear(table: pd.DataFrame) -> None:
    design = a_design(table)

    taylor = estimate.total(design, ["y", "x"]).table
    jackknife = estimate.total(replicate.make(design, kind="jkn"), ["y", "x"]).table

    np.testing.assert_allclose(jackknife["value"], taylor["value"], rtol=1e-12)
    scale = taylor["value"].abs().to_numpy()
    np.testing.assert_allclose(jackknife["se"], taylor["se"], rtol=1e-7, atol=1e-9 * scale.max())


@QUICK
@given(samples())
def test_what_calibration_fixes_is_certain_and_its_weights_sum_to_the_controls(
    table: pd.DataFrame,
) -> None:
    groups = sorted(table["group"].unique())
    controls = {group: 100.0 * (at + 1) for at, group in enumerate(groups)}

    fixed = weighting.poststratify(a_design(table), "group", controls)

    sums = pd.Series(fixed.weights).groupby(table["group"]).sum()
    assert sums.to_dict() == pytest.approx(controls)
    indicator = table.assign(one=(table["group"] == groups[0]) * 1.0)
    certain = weighting.poststratify(a_design(indicator), "group", controls)
    row = estimate.total(certain, "one").table.iloc[0]
    assert row["se"] <= 1e-7 * row["value"]


@QUICK
@given(samples())
def test_the_variance_of_a_sum_follows_from_the_covariances(table: pd.DataFrame) -> None:
    design = a_design(table.assign(both=table["y"] + table["x"]))
    parts = estimate.total(design, ["y", "x"])

    whole = estimate.total(design, "both").table["se"].iloc[0]

    assert np.sqrt(parts.covariance().sum()) == pytest.approx(whole, rel=1e-7, abs=1e-6)


def test_a_unit_without_members_counts_in_the_variance_of_a_domain() -> None:
    table = pd.DataFrame(
        {"psu": [1, 1, 2, 2, 3], "y": [1.0, 2.0, 4.0, 5.0, 9.0], "w": 1.0, "stratum": 0}
    )
    design = a_design(table)
    cells = cells_of(design, np.array([0, 0, 0, 0, -1]), 1)
    spread = spread_over(design, cells.unit, cells.category, 1)

    variance = spread.variances(spread.summed(cells.sums([table["y"].to_numpy()]).first))[0, 0]

    # Totals of the three units are 3, 9 and 0: n/(n-1) times their squares about the mean 4.
    assert variance == pytest.approx(3 / 2 * (1 + 25 + 16))
