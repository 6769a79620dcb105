"""Units merged and split by the reform of 1 July 2025: weights without bias, over every sample."""

from datetime import date
from fractions import Fraction
from itertools import combinations, product
from math import prod

import pandas as pd
import pytest

from intake.findings import DesignError, DrawError
from sampling import Frame, SampleDesign, draw, load_registry
from sampling.revision import (
    Link,
    links_of,
    probability_after_merge,
    reform_frame,
    reform_sample,
    weight_shares,
    with_shares,
)

F = Fraction
REFORM = date(2025, 7, 1)
# Six old units: x is merged of three, y of one and a piece of e, z is the other piece, v of f.
LINKS = [
    ("a", "x", 1), ("b", "x", 1), ("c", "x", 1), ("d", "y", 1), ("e", "y", 1), ("e", "z", 1),
    ("f", "v", 1),
]  # fmt: skip
Y = {"x": 17, "y": 5, "z": 3, "v": 11}


@pytest.mark.parametrize("n", [1, 2, 3, 4])
@pytest.mark.parametrize("parts", [None, {("e", "y"): F(2, 3), ("e", "z"): F(1, 3)}])
def test_weighted_totals_of_new_units_are_unbiased_over_all_simple_random_samples(n, parts):
    links = [(old, new, (parts or {}).get((old, new), link)) for old, new, link in LINKS]
    samples = list(combinations("abcdef", n))
    shared = [weight_shares(links, dict.fromkeys(one, F(6, n))) for one in samples]
    found = [sum(weight * Y[new] for new, weight in one.items()) for one in shared]
    assert sum(found) / len(samples) == sum(Y.values())


def test_weighted_totals_are_unbiased_over_all_poisson_samples_of_unequal_probability():
    pi = {"a": F(1, 2), "b": F(1, 3), "c": F(1, 5), "d": F(3, 4), "e": F(2, 5), "f": F(1)}
    mean = F(0)
    for inside in product([False, True], repeat=6):
        drawn = [name for name, hit in zip(pi, inside, strict=True) if hit]
        chance = prod(pi[x] if x in drawn else 1 - pi[x] for x in pi)
        weights = weight_shares(LINKS, {name: 1 / pi[name] for name in drawn})
        mean += chance * sum(weight * Y[new] for new, weight in weights.items())
    assert mean == sum(Y.values())


def test_a_unit_that_was_split_hands_its_weight_to_each_part():
    links = [("e", "y", 1), ("e", "z", 1)]
    assert weight_shares(links, {"e": F(5, 2)}) == {"y": F(5, 2), "z": F(5, 2)}


@pytest.mark.parametrize("n", range(6))
@pytest.mark.parametrize("parts", [1, 2, 3])
def test_the_probability_of_a_merged_unit_is_the_share_of_samples_that_hold_a_part(n, parts):
    samples = list(combinations(range(6), n))
    counted = F(sum(any(one < parts for one in drawn) for drawn in samples), len(samples))
    pi = [F(n, 6)] * parts
    assert probability_after_merge(pi, method="srs", population=6) == counted
    if parts == 2:
        both = F(sum({0, 1} <= set(drawn) for drawn in samples), len(samples))
        assert probability_after_merge(pi, [[pi[0], both], [both, pi[1]]]) == counted
    sets = {
        places: F(sum(set(places) <= set(drawn) for drawn in samples), len(samples))
        for size in range(2, parts + 1)
        for places in combinations(range(parts), size)
    }
    assert probability_after_merge(pi, sets=sets) == counted


def test_the_probability_of_a_unit_merged_across_independent_draws():
    pi = [F(1, 2), F(1, 3), F(1, 5)]
    counted = sum(
        prod(p if hit else 1 - p for p, hit in zip(pi, inside, strict=True))
        for inside in product([False, True], repeat=3)
        if any(inside)
    )
    assert probability_after_merge(pi, method="poisson") == counted


def test_pairs_alone_leave_three_parts_between_two_bounds():
    pairs = [[0.4, 0.1, 0.1], [0.1, 0.4, 0.1], [0.1, 0.1, 0.4]]
    with pytest.raises(DesignError) as refusal:
        probability_after_merge([0.4, 0.4, 0.4], pairs)
    assert refusal.value.code == "revision-sets-missing"
    assert "0.9 to 1." in refusal.value.text("en")


@pytest.fixture(scope="module")
def registry():
    return load_registry()


@pytest.fixture(scope="module")
def links(registry):
    here = {unit.code for unit in registry.children("31")}
    return [link for link in links_of(registry, REFORM) if link.new in here]


def test_the_375_former_communes_of_the_two_provinces_make_the_114_of_today(registry, links):
    old = {link.old for link in links}
    assert (len(old), len({link.new for link in links}), len(links)) == (375, 114, 454)
    provinces = {one.old_code: one.old_province_code for one in registry.changes}
    assert {provinces[name] for name in old} == {"30", "31"}
    # Every new unit's links add up to 1: with weight 1 for all, each new unit weighs 1.
    shared = weight_shares(((one.old, one.new, 1) for one in links), dict.fromkeys(old, 1))
    assert set(shared.values()) == {1}


def test_averaged_over_all_systematic_samples_each_new_commune_weighs_one(links):
    old, step = sorted({link.old for link in links}), 15
    sums = {}
    for start in range(step):
        weights = dict.fromkeys(old[start::step], step)
        shared = weight_shares(((one.old, one.new, 1) for one in links), weights)
        for new, weight in shared.items():
            sums[new] = sums.get(new, 0) + weight
    assert len(sums) == 114
    assert set(sums.values()) == {step}


def former_frame(registry, links):
    names = {one.old_code: one for one in registry.changes}
    rows = [
        {"unit_id": code, "unit_name": names[code].old_name,
         "province": names[code].old_province_code,
         "stratum": names[code].old_province_code, "size": 5000 + 7 * int(code) % 4001}
        for code in sorted({link.old for link in links})
    ]  # fmt: skip
    return Frame.from_rows(rows)


def test_a_draw_of_former_communes_becomes_one_of_new_ones(registry, links):
    frame = former_frame(registry, links)
    design = SampleDesign.from_dict(
        {"version": 1, "stages": [{"unit": "commune", "method": "srs", "take": 40},
                                  {"unit": "person", "method": "srs", "take": 3}]}
    )  # fmt: skip
    sample = draw(frame, design, 7).sample
    made = reform_sample(sample, registry, on=REFORM)
    first = sample[sample["stage"] == 1]
    linked = {one.new_code for name in first["unit_id"] for one in registry.successors(name)}
    assert set(made.table["unit_id"]) == linked
    assert made.table["old_drawn"].le(made.table["old_all"]).all()
    row = made.table.sort_values("old_drawn").iloc[-1]
    weights = dict(zip(first["unit_id"], first["design_weight"], strict=True))
    drawn = row["drawn_from"].split(";")
    assert len(drawn) == row["old_drawn"] >= 2
    assert row["design_weight"] == pytest.approx(sum(weights[x] for x in drawn) / row["old_all"])
    assert not made.table["converted"].any()
    # Cases keep their weights; those of whole communes know their new one.
    assert made.cases["design_weight"].equals(sample["design_weight"])
    wholes = {x for x in first["unit_id"] if len(registry.successors(x)) == 1}
    known = made.cases[made.cases["new_unit_id"] != ""]
    assert set(known["psu_id"]) == wholes
    assert [one.code for one in made.findings] == ["revision-unit-split"]
    assert "Lavallée" in made.statement.vi


def test_assumed_shares_are_marked_as_converted_and_keep_the_frame_total(registry, links):
    frame = former_frame(registry, links)
    with pytest.raises(DrawError) as refusal:
        reform_frame(frame, links)
    assert refusal.value.code == "revision-share-unknown"
    people = {unit.code: unit.population for unit in registry.children("31")}
    assumed = with_shares(links, people)
    table = reform_frame(frame, assumed, registry=registry)
    assert len(table) == 114
    assert table["size"].sum() == sum(unit.size for unit in frame.units)
    assert set(table["province"]) == {"31"}
    split = {link.new for link in links if link.share is None}
    assert set(table.loc[table["note"] == "quy đổi", "unit_id"]) == split
    assert len(Frame.from_table(table).units) == 114
    drawn = former_sample([link.old for link in links][:5])
    made = reform_sample(drawn, assumed, shares=True)
    assert made.table["converted"].all()
    assert set(made.table["note"]) == {"quy đổi"}
    assert "quy đổi" in made.statement.vi


def test_known_shares_leave_the_rest_to_the_unknown_ones():
    links = [Link("e", "w", F(1, 2)), Link("e", "y"), Link("e", "z")]
    shares = {one.new: (one.share, one.assumed) for one in with_shares(links, {"y": 20, "z": 10})}
    assert shares == {"w": (F(1, 2), False), "y": (F(1, 3), True), "z": (F(1, 6), True)}


def former_sample(names):
    return pd.DataFrame(
        {"unit_id": names, "psu_id": names, "stratum": "a", "stage": 1, "design_weight": 2.0}
    )


def a_frame():
    row = {"unit_id": "e", "unit_name": "E", "province": "31", "stratum": "a", "size": 10}
    return Frame.from_rows([row])


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: probability_after_merge([]), "revision-parts-missing"),
        (lambda: probability_after_merge([1.5], method="poisson"), "revision-chance-invalid"),
        (lambda: probability_after_merge([0.5], method="guess"), "revision-method-unknown"),
        (lambda: probability_after_merge([0.5, 0.5], method="srs"), "revision-population-invalid"),
        (
            lambda: probability_after_merge([0.3, 0.3], method="srs", population=6),
            "revision-chances-not-srs",
        ),
        (lambda: probability_after_merge([0.5, 0.5], [[0.5]]), "revision-pairs-invalid"),
        (
            lambda: probability_after_merge([0.5, 0.5], [[0.5, 0.6], [0.6, 0.5]]),
            "revision-sets-contradict",
        ),
        (lambda: probability_after_merge([0.1] * 17, sets={}), "revision-parts-too-many"),
        (lambda: probability_after_merge([0.1] * 3, sets={}), "revision-sets-missing"),
        (lambda: weight_shares([("a", "x", 0)], {"a": 1}), "revision-number-invalid"),
        (lambda: weight_shares([("a", "x", 1)], {"b": 1}), "revision-unit-unknown"),
        (lambda: with_shares([Link("a", "x")], {}), "revision-measure-missing"),
        (
            lambda: reform_sample(former_sample(["a"]), load_registry()),
            "revision-day-missing",
        ),
        (lambda: links_of(load_registry(), date(2025, 6, 30)), "revision-reform-not-yet"),
        (
            lambda: reform_sample(former_sample(["a"]), [Link("a", "x")], shares=True),
            "revision-share-unknown",
        ),
        (
            lambda: reform_frame(a_frame(), [Link("e", "y", F(1, 2))]),
            "revision-shares-not-one",
        ),
    ],
)
def test_what_cannot_be_reformed_is_refused(call, code):
    with pytest.raises((DrawError, DesignError)) as refusal:
        call()
    assert refusal.value.code == code
