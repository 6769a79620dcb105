"""G7, D7: two releases of the same rounds, one minus the other, tell of nobody or of ten."""

from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.publication.disclosure import changed_by_few, counts_of, protect
from analysis.publication.tables.excluded import protect_sensitivity
from analysis.publication.tables.revised import (
    WITH_EXCLUDED,
    heads_withheld,
    withheld_beside,
    without_withheld,
)

P = "hai-phong-2026-p"
AREA = {"a": "urban", "b": "urban", "c": "urban", "d": "rural", "e": "rural"}


def groups_of(sizes):
    """The people of the whole and of each group: sex and commune of each cell are its key."""
    found = {("", ""): sum(sizes.values())}
    for (sex, unit), size in sizes.items():
        areas = (("gioi_tinh", sex), ("unit", unit), ("urban", AREA[unit]))
        for key in areas if sex else areas[1:]:
            found[key] = found.get(key, 0) + size
    return found


@pytest.fixture(scope="session")
def table(estimate):
    def make(sizes, quantities=("overall",)):
        rows = [
            estimate(quantity, n=n, rule="top2", domain=domain, category=category)
            for quantity in quantities
            for (domain, category), n in groups_of(sizes).items()
            if n
        ]
        return pd.DataFrame(rows)

    return make


def shown_beside(now, *earlier):
    """What of a table is shown when earlier ones were published: its groups."""
    few = changed_by_few(counts_of(now), [counts_of(one) for one in earlier], AREA)
    listed = pd.DataFrame(sorted(few), columns=["round", "quantity", "rule", "domain", "category"])
    found = protect(without_withheld(now, listed), urban_of=AREA)
    return {(r["domain"], r["category"]) for r in found.to_dict("records") if r["flag"] == ""}


def unions(parts):
    sizes = {0}
    for part in parts:
        sizes |= {size + part for size in sizes}
    return sizes


def few(number):
    return 0 < abs(number) < 10


cells = st.tuples(st.sampled_from(["1", "2", ""]), st.sampled_from("abcde"))
people = st.dictionaries(cells, st.tuples(st.integers(0, 90), *[st.integers(0, 14)] * 2))


@settings(max_examples=50, deadline=None)
@given(people=people, spared=st.sets(cells))
def test_two_releases_subtracted_tell_of_nobody_or_of_ten(table, people, spared):
    # Given a release, and two corrections of it, each of which lost responses of some cells ...
    first = {cell: left + one + two for cell, (left, one, two) in people.items()}
    second = {cell: n - (0 if cell in spared else people[cell][1]) for cell, n in first.items()}
    third = {cell: n - people[cell][2] for cell, n in second.items()}
    made = [first, second, third]
    for place in (1, 2):
        if not sum(made[place].values()):
            return
        # ... when each is held against those before it ...
        earlier = made[:place]
        shown = shown_beside(table(made[place]), *map(table, earlier))
        now = groups_of(made[place])
        for before in map(groups_of, earlier):
            lost = {key: before[key] - now[key] for key in now}
            # ... then no shown group changed by one to nine people,
            assert not any(few(lost[key]) for key in shown)
            # and none did that a total minus parts gives.
            if ("", "") not in shown:
                continue
            for domain in ("gioi_tinh", "unit", "urban"):
                parts = [lost[key] for key in shown if key[0] == domain]
                assert not any(few(lost["", ""] - part) for part in unions(parts))
            for area in ("urban", "rural"):
                inside = [lost[k] for k in shown if k[0] == "unit" and AREA[k[1]] == area]
                other = ("urban", "rural" if area == "urban" else "urban")
                wholes = [lost["urban", area]] if ("urban", area) in shown else []
                wholes += [lost["", ""] - lost[other]] if other in shown else []
                assert not any(few(w - part) for w in wholes for part in unions(inside))


BIG = {("1", "a"): 60, ("2", "b"): 70, ("1", "c"): 80, ("2", "d"): 90, ("1", "e"): 100}


def less(**lost):
    return {cell: n - lost.get(cell[1], 0) for cell, n in BIG.items()}


def test_nothing_is_withheld_where_nobody_was_excluded(table):
    now = table(BIG)
    assert changed_by_few(counts_of(now), [counts_of(now)], AREA) == frozenset()
    # Nor of a quantity, group or round that is new, as the answers are the same.
    other = now.assign(round="other")
    more = pd.concat([table(BIG, ("overall", "II.A")), other])
    assert changed_by_few(counts_of(more), [counts_of(now)], AREA) == frozenset()


def test_a_commune_that_lost_four_takes_another_with_it_that_lost_ten(table):
    shown = shown_beside(table(less(a=10, d=4)), table(BIG))
    # 14 were lost in all and 10 in a: whoever saw both would know what the 4 of d said.
    assert {key for key in shown if key[0] == "unit"} == {("unit", u) for u in "bce"}
    assert ("", "") in shown


def test_a_correction_is_held_against_each_earlier_release_and_not_the_last_alone(table):
    middle = less(a=4, e=20)
    assert ("unit", "a") in shown_beside(table(middle), table(middle))
    assert ("unit", "a") not in shown_beside(table(middle), table(BIG), table(middle))


def test_a_rule_that_is_new_asks_the_same_people(table):
    now = counts_of(table(less(a=20, c=5)))
    hidden = changed_by_few(now.assign(rule="mean5"), [counts_of(table(BIG))], AREA)
    assert {key[1:] for key in hidden} == {
        ("overall", "mean5", "unit", "a"), ("overall", "mean5", "unit", "c")
    }  # fmt: skip


def test_groups_that_are_not_those_of_before_tell_no_change_but_the_whole(table):
    before = counts_of(table(BIG))
    now = counts_of(table(less(a=-12, e=24)))
    hidden = {key[3:] for key in changed_by_few(now, [before], AREA)}
    assert {("unit", "a"), ("unit", "e")} <= hidden
    assert ("", "") not in hidden
    fewer = before[before["domain"] != "gioi_tinh"]
    now = counts_of(table(less(e=24)))
    hidden = {key[3:] for key in changed_by_few(now, [fewer], AREA)}
    assert hidden == {("gioi_tinh", "1"), ("gioi_tinh", "2"), ("unit", "e"), ("urban", "rural")}


def test_the_index_with_the_excluded_still_in_is_held_against_earlier_releases_too(
    a_content, tmp_path
):
    content = a_content(tmp_path)
    whole = content.estimates[content.estimates["domain"] == ""]
    head, *_ = whole[(whole["quantity"] == "overall") & (whole["round"] == P)].to_dict("records")
    more = {"n_excluded": 15, "with_excluded": 82.0, "n_with": head["n"] + 15}
    content = replace(content, sensitivity=pd.DataFrame([head | more]))
    before = counts_of(content.estimates)
    mine = (before["round"] == P) & (before["domain"] == "")

    def beside(number):
        earlier = before.assign(n=before["n"] + number * mine)
        return withheld_beside(content, [earlier])

    # Five were out already when the earlier one was published, and ten are since.
    assert list(beside(10).itertuples(index=False, name=None)) == [
        (P, WITH_EXCLUDED, head["rule"], "", "")
    ]
    assert heads_withheld(content, beside(10)) == []
    protected = pd.DataFrame([head])
    for listed, told in (((), "82.00"), ({(P, head["rule"])}, "")):
        (row,) = protect_sensitivity(content.sensitivity, protected, listed).to_dict("records")
        assert row["with_excluded"] == told
    # Nine fewer than before in all: the round itself would be withheld.
    assert heads_withheld(content, beside(9)) == [P]
    assert beside(15).empty
