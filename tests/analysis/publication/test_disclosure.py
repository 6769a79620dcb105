"""security.md §5: D1 (fewer than ten), D2/D7 (differences), D3 (0 and 100 %), D4 (digits), NCHS."""

import math

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.publication.disclosure import half_up, protect, reliability, shown_units
from intake.findings import ReleaseError

# security.md §5, table of worked examples (NCHS 2017, as CDC surveytable computes them).
WORKED = [
    (0.85, 100, 1.0, math.inf, 100, 0.764692, 0.913546, "show", False),
    (0.85, 100, 1.8, 20, 50.2681, 0.721096, 0.934946, "show", True),
    (0.90, 45, 1.6, 12, 24.0636, 0.708424, 0.983831, "hide", False),
    (0.50, 60, 1.4, 10, 34.5645, 0.325709, 0.674291, "hide", False),
    (0.98, 400, 2.0, 30, 185.3265, 0.947909, 0.994882, "show", False),
    (1.00, 80, 1.0, 6, 80, 0.954936, 1.0, "review", False),
]


@pytest.mark.parametrize(
    ("p", "n", "deff", "df", "n_star", "low", "high", "verdict", "rest"), WORKED
)
def test_a_proportion_is_judged_as_in_the_worked_examples(
    p, n, deff, df, n_star, low, high, verdict, rest
):
    found = reliability(p, p * (1 - p) / n * deff, n, n - 1 if df == math.inf else df)
    assert found.n_star == pytest.approx(n_star, abs=5e-5)
    assert found.low == pytest.approx(low, abs=5e-7)
    assert found.high == pytest.approx(high, abs=5e-7)
    assert (found.verdict, found.complement) == (verdict, rest)


def only(row):
    return protect(pd.DataFrame([row])).iloc[0]


def test_nine_people_are_never_described(estimate):
    row = only(estimate(n=9))
    assert row["flag"] == "c"
    assert row[["value", "se", "low", "high", "n", "n_effective", "deff", "df"]].isna().all()


def test_twenty_people_are_too_few_to_be_reliable(estimate):
    row = only(estimate(n=22))
    assert (row["flag"], row["n"]) == ("u", 20)
    assert row[["value", "se", "low", "high", "n_effective", "deff", "df"]].isna().all()


def test_a_figure_without_a_known_error_is_not_published(estimate):
    assert only(estimate(se=math.nan, low=math.nan, high=math.nan))["flag"] == "u"


def test_a_hundred_answers_carry_two_decimals_and_ninety_nine_carry_one(estimate):
    many, few = only(estimate(value=83.945, n=100)), only(estimate(value=83.945, n=99, df=97))
    assert (many["value"], many["n"]) == (83.95, 100)
    assert (few["value"], few["n"]) == (83.9, 100)
    assert few["df"] == 95
    assert half_up(0.125, 2) == 0.13


def test_everyone_in_a_small_group_saying_the_same_is_shown_as_a_bound(estimate):
    every = only(estimate(value=100.0, n=45, rule="top2", se=0.0, low=92.0, high=100.0))
    nobody = only(estimate(value=0.0, n=45, rule="share", se=0.0, low=0.0, high=8.0))
    assert (every["flag"], every["bound"]) == ("c", ">95")
    assert (nobody["flag"], nobody["bound"]) == ("c", "<5")
    assert math.isnan(every["value"])
    large = only(estimate(value=100.0, n=60, rule="top2", se=0.0, low=94.0, high=100.0))
    assert (large["flag"], large["value"], large["note"]) == ("", 100.0, "r")


def test_the_last_bits_of_a_weighted_mean_decide_nothing(estimate):
    every = only(estimate(value=100.0 + 2e-14, n=45, rule="top2", se=0.0, low=92.0, high=100.0))
    assert (every["flag"], every["bound"]) == ("c", ">95")
    assert only(estimate(df=math.inf))["flag"] == ""


def test_a_hidden_category_takes_the_next_smallest_with_it(estimate):
    rows = [estimate(n=200)] + [
        estimate(n=n, domain="do_tuoi", category=str(k)) for k, n in enumerate((8, 50, 60, 82), 1)
    ]
    found = protect(pd.DataFrame(rows))
    assert list(found["flag"]) == ["", "c", "c", "", ""]


def test_the_total_minus_the_shown_groups_is_nobody_or_ten_even_where_answers_lack_a_group(
    estimate,
):
    rows = [
        estimate(n=200),
        *(estimate(n=n, domain="gioi_tinh", category=c) for c, n in (("1", 104), ("2", 92))),
    ]
    found = protect(pd.DataFrame(rows))
    assert list(found["flag"]) == ["", "", "c"]


def test_a_small_commune_cannot_be_found_by_taking_its_area_apart(estimate):
    # One small ward; the next smallest unit of the whole is rural and would not protect it.
    units = {
        "a": (7, "urban"),
        "b": (60, "urban"),
        "c": (70, "urban"),
        "d": (40, "rural"),
        "e": (50, "rural"),
    }
    rows = [
        estimate(n=227),
        estimate(n=137, domain="urban", category="urban"),
        estimate(n=90, domain="urban", category="rural"),
    ]
    rows += [estimate(n=n, domain="unit", category=u) for u, (n, _) in units.items()]
    found = protect(pd.DataFrame(rows), urban_of={u: area for u, (_, area) in units.items()})
    hidden = set(found.loc[found["flag"] != "", "category"])
    assert hidden >= {"a", "b"}
    assert shown_units(found, "mean5") == frozenset("cde") - hidden


def test_results_by_area_and_unit_together_need_the_area_of_every_unit(estimate):
    rows = [
        estimate(),
        estimate(domain="urban", category="urban"),
        estimate(domain="unit", category="a"),
    ]
    with pytest.raises(ReleaseError) as refused:
        protect(pd.DataFrame(rows))
    assert refused.value.code == "unit-without-urban"


def test_a_share_outside_percent_or_a_doubled_row_is_refused(estimate):
    with pytest.raises(ReleaseError) as outside:
        protect(pd.DataFrame([estimate(value=120.0)]))
    assert outside.value.code == "estimate-outside-percent"
    with pytest.raises(ReleaseError) as twice:
        protect(pd.DataFrame([estimate(), estimate()]))
    assert twice.value.code == "estimate-twice"
    with pytest.raises(ReleaseError) as absent:
        protect(pd.DataFrame([estimate()]).drop(columns=["deff", "df"]))
    assert [finding.column for finding in absent.value.findings] == ["deff", "df"]


people = st.lists(
    st.tuples(
        st.sampled_from(["1", "2", ""]),
        st.sampled_from(["1", "2", "3"]),
        st.sampled_from("aabbbccddeeeef"),
        st.integers(1, 14),
    ),
    min_size=1,
    max_size=14,
)
AREA = {"a": "urban", "b": "urban", "c": "urban", "d": "rural", "e": "rural", "f": "rural"}


def unions(parts):
    """Return the size of every union of disjoint parts."""
    sizes = {0}
    for part in parts:
        sizes |= {size + part for size in sizes}
    return sizes


@settings(max_examples=60, deadline=None)
@given(people)
def test_no_total_minus_any_shown_parts_stands_on_fewer_than_ten(estimate, people):
    # Given answers of people with sex (sometimes not told), age and commune ...
    def count(position, code):
        return sum(size for *groups, size in people if groups[position] == code)

    total = sum(size for *_, size in people)
    rows = [estimate(n=total, rule="top2")]
    for position, domain in ((0, "gioi_tinh"), (1, "do_tuoi"), (2, "unit")):
        codes = sorted({person[position] for person in people} - {""})
        rows += [
            estimate(n=count(position, code), rule="top2", domain=domain, category=code)
            for code in codes
        ]
    for area in sorted({AREA[person[2]] for person in people}):
        n = sum(size for *groups, size in people if AREA[groups[2]] == area)
        rows.append(estimate(n=n, rule="top2", domain="urban", category=area))
    exact = {(row["domain"], row["category"]): row["n"] for row in rows}
    # ... when the table is protected ...
    found = protect(pd.DataFrame(rows), urban_of=AREA)
    shown = [
        (row["domain"], row["category"]) for row in found.to_dict("records") if row["flag"] == ""
    ]
    # ... then no shown group and no difference of a group and its parts holds 1 to 9 people.
    assert all(exact[key] >= 10 for key in shown)
    for row in found.to_dict("records"):
        if row["flag"]:
            assert all(
                math.isnan(row[c])
                for c in ("value", "se", "low", "high", "n_effective", "deff", "df")
            )
        if row["flag"] == "c":
            assert math.isnan(row["n"]) if row["n"] is not None else True
    wholes = [(total, shown)] if ("", "") in shown else []
    for domain in ("gioi_tinh", "do_tuoi", "unit", "urban"):
        parts = [exact[key] for key in shown if key[0] == domain]
        for whole, _ in wholes:
            assert all(rest == 0 or rest >= 10 for rest in {whole - s for s in unions(parts)})
    for area in ("urban", "rural"):
        inside = [exact[key] for key in shown if key[0] == "unit" and AREA[key[1]] == area]
        if ("urban", area) in shown:
            assert all(
                r == 0 or r >= 10 for r in {exact["urban", area] - s for s in unions(inside)}
            )
        other = "rural" if area == "urban" else "urban"
        if wholes and ("urban", other) in shown:
            rest = total - exact["urban", other]
            assert all(r == 0 or r >= 10 for r in {rest - s for s in unions(inside)})
