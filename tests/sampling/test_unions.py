"""How likely at least one of several units is drawn: every sample or start counted."""

from fractions import Fraction
from itertools import combinations, product

import pytest
from staged_designs import by_method, villages

from intake.findings import DrawError
from sampling import Frame, SampleDesign, draw
from sampling.chance import WHOLE
from sampling.drawing.exact import exact_at_rate, exact_circular, exact_systematic
from sampling.revision import union_chance
from sampling.selection import sampford

SIZES = {"u1": 3, "u2": 1, "u3": 4, "u4": 2, "u5": 2}
SETS = [set(two) for two in combinations(SIZES, 2)] + [
    set(three) for three in combinations(SIZES, 3)
]


def drawn(method, take=2, **stage):
    rows = [
        {"unit_id": name, "unit_name": "Xã", "province": "HP", "stratum": "a", "size": size}
        for name, size in SIZES.items()
    ]
    stage = {"unit": "commune", "method": method, "take": take, **stage}
    if "rate" in stage:
        stage.pop("take")
    return draw(Frame.from_rows(rows), SampleDesign.from_dict({"version": 1, "stages": [stage]}), 7)


def share(samples, units):
    """The part of equally likely samples that hold one of the units."""
    return Fraction(sum(bool(set(sample) & units) for sample in samples), len(samples))


@pytest.mark.parametrize("units", SETS)
def test_simple_samples_and_poisson_agree_with_every_sample_there_is(units):
    assert union_chance(drawn("srs"), units) == share(list(combinations(SIZES, 2)), units)
    # A rate of 1/4 of five takes one, or two with probability 1/4.
    expected = Fraction(3, 4) * share(list(combinations(SIZES, 1)), units)
    expected += Fraction(1, 4) * share(list(combinations(SIZES, 2)), units)
    assert union_chance(drawn("srs", rate=0.25), units) == expected
    odds = {name: Fraction(2 * size, 12) for name, size in SIZES.items()}
    missed = Fraction(0)
    for came in product([False, True], repeat=5):
        if not any(hit and name in units for hit, name in zip(came, SIZES, strict=True)):
            part = Fraction(1)
            for hit, chance in zip(came, odds.values(), strict=True):
                part *= chance if hit else 1 - chance
            missed += part
    assert union_chance(drawn("poisson"), units) == 1 - missed


@pytest.mark.parametrize("units", SETS)
def test_systematic_samples_agree_with_every_start_in_the_order_of_the_draw(units):
    made = drawn("pps_systematic")
    order = made.record["strata"][0]["order"]
    laid = [SIZES[name] for name in order]
    # Units end at multiples of 1/12 of the whole: starts within such a cell hit the same ones.
    starts = [(2 * cell + 1) * WHOLE // 24 for cell in range(12)]
    samples = [[order[place] for place in exact_systematic(laid, 2, one)] for one in starts]
    assert union_chance(made, units) == share(samples, units)
    made = drawn("systematic_circular")
    order = made.record["strata"][0]["order"]
    starts = [(2 * cell + 1) * WHOLE // 10 for cell in range(5)]
    samples = [[order[place] for place in exact_circular(5, 2, one)] for one in starts]
    assert union_chance(made, units) == share(samples, units)
    made = drawn("systematic", rate=0.3)
    order = made.record["strata"][0]["order"]
    starts = [(2 * cell + 1) * WHOLE // 20 for cell in range(10)]
    samples = [[order[one] for one in exact_at_rate(5, Fraction(3, 10), at)] for at in starts]
    assert union_chance(made, units) == share(samples, units)


def test_weights_by_unions_are_unbiased_for_merged_units_over_every_start():
    made = drawn("pps_systematic")
    order = made.record["strata"][0]["order"]
    merged = {"x": {"u1", "u2"}, "y": {"u3"}, "z": {"u2", "u4", "u5"}}  # u2 was split
    y = {"x": 7, "y": 11, "z": 2}
    total = Fraction(0)
    for cell in range(12):
        start = (2 * cell + 1) * WHOLE // 24
        sample = {order[at] for at in exact_systematic([SIZES[o] for o in order], 2, start)}
        total += sum(
            y[new] / union_chance(made, old) for new, old in merged.items() if sample & old
        )
    assert total / 12 == 20


def test_a_pair_of_sampford_is_that_of_its_exact_joint_probability():
    import numpy as np

    made = drawn("sampford")
    order = made.record["strata"][0]["order"]
    found = union_chance(made, {"u1", "u3"})
    rng = np.random.default_rng(5)
    pi = np.array([2 * SIZES[name] / 12 for name in order])
    wanted = {order.index("u1"), order.index("u3")}
    hits = sum(bool(wanted & set(sampford(pi, rng).tolist())) for _ in range(4000))
    error = (float(found * (1 - found)) / 4000) ** 0.5
    assert abs(hits / 4000 - float(found)) < 4 * error
    assert union_chance(made, {"u1", "u3", "u4"}) is None
    assert union_chance(made, {"u1"}) == Fraction(1, 2)


def test_strata_are_drawn_on_their_own_certain_units_always_and_others_are_not_told():
    units = villages(strata={"c1": "b"})
    design = by_method("srs", take=2, certainty=["c1v1"])
    made = draw(units, design, 7)
    assert union_chance(made, {"c1v1", "c2v1"}) == 1
    # One of three in stratum b beside the certain one, two of 17 in stratum a.
    assert union_chance(made, {"c1v2", "c2v1"}) == 1 - Fraction(2, 3) * Fraction(15, 17)
    for method in ("rao_hartley_cochran", "cube"):
        assert union_chance(draw(villages(), by_method(method), 7), {"c1v1", "c2v1"}) is None
    with pytest.raises(DrawError) as refusal:
        union_chance(made, {"c1v1", "nobody"})
    assert refusal.value.code == "revision-unit-unknown"
    assert "nobody" in refusal.value.text("en")
