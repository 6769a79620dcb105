"""Laws of frames, allocations and draws, over generated inputs."""

from fractions import Fraction

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling import Frame, SampleDesign, allocate, draw, inclusion_probabilities
from sampling.chance import WHOLE, hash_order
from sampling.drawing.exact import certainties, exact_systematic

sizes = st.lists(st.integers(1, 10_000), min_size=1, max_size=30)
starts = st.integers(0, WHOLE - 1)


def a_frame(strata, columns=()):
    return Frame.from_rows(
        [
            {
                "unit_id": f"{name}{number}",
                "unit_name": "Xã",
                "province": "HP",
                "stratum": name,
                "size": size,
                "adults": 20,
                **dict(columns),
            }
            for name, held in strata.items()
            for number, size in enumerate(held)
        ]
    )


@given(sizes, st.data())
def test_probabilities_sum_to_the_take_and_none_is_above_one(held, data):
    n = data.draw(st.integers(1, len(held)))
    pi = inclusion_probabilities(held, n)
    assert abs(pi.sum() - n) < 1e-9
    assert (pi <= 1).all()
    assert (pi > 0).all()


@given(sizes, starts, st.data())
def test_a_systematic_draw_hits_as_many_different_units_as_it_should(held, start, data):
    n = data.draw(st.integers(1, len(held)))
    taken, _ = certainties(held, n)
    rest = [size for place, size in enumerate(held) if place not in taken]
    hit = exact_systematic(rest, n - len(taken), start) if n > len(taken) else []
    assert len(set(hit)) == len(hit) == n - len(taken)
    assert hit == sorted(hit)
    assert all(size * (n - len(taken)) < sum(rest) for size in rest if n > len(taken))


@given(st.lists(st.integers(1, 40), min_size=2, max_size=8), st.data())
def test_over_all_starts_a_unit_is_hit_in_proportion_to_its_size(held, data):
    n = data.draw(st.integers(1, len(held)))
    taken, _ = certainties(held, n)
    rest = [size for place, size in enumerate(held) if place not in taken]
    left = n - len(taken)
    if not left:
        return
    # With T start cells of equal length every point lies within one cell: counting the
    # cells' middles is the exact probability.
    total, hits = sum(rest), [0] * len(rest)
    cells = total * left
    for cell in range(cells):
        for place in exact_systematic(rest, left, (2 * cell + 1) * WHOLE // (2 * cells)):
            hits[place] += 1
    assert [Fraction(hit, cells) for hit in hits] == [Fraction(left * s, total) for s in rest]


@given(
    st.lists(st.integers(1, 500), min_size=1, max_size=12),
    st.sampled_from(["equal", "proportional", "square_root", "power"]),
    st.data(),
)
def test_an_allocation_keeps_its_total_floors_and_caps(held, rule, data):
    floor = data.draw(st.integers(0, min(held)))
    n = data.draw(st.integers(floor * len(held), sum(held)))
    shares = getattr(allocate, rule)(n, held, floor=floor)
    assert shares.sum() == n
    assert (shares >= floor).all()
    assert (shares <= held).all()
    exact = getattr(allocate, rule)(n, held, floor=floor, rounding=None)
    assert (np.abs(exact - shares) < 1 + 1e-6).all()


@settings(max_examples=40, deadline=None)
@given(
    st.dictionaries(st.sampled_from("abc"), sizes, min_size=1, max_size=3),
    st.sampled_from(["srs", "systematic"]),
    st.integers(0, 10**9),
    st.data(),
)
def test_equal_probability_weights_of_a_stratum_sum_to_its_frame(strata, method, seed, data):
    takes = {name: data.draw(st.integers(1, len(held))) for name, held in strata.items()}
    design = SampleDesign.from_dict(
        {"version": 1, "stages": [{"unit": "commune", "method": method, "take": takes}]}
    )
    table = draw(a_frame(strata), design, seed).sample
    assert table.groupby("stratum").size().to_dict() == takes
    totals = table.groupby("stratum")["design_weight"].sum()
    for name, held in strata.items():
        assert abs(totals[name] - len(held)) < 1e-9 * len(held)


@settings(max_examples=30, deadline=None)
@given(sizes, st.integers(0, 10**9), st.data())
def test_every_drawn_person_weighs_one_over_the_product_of_the_stages(held, seed, data):
    n = data.draw(st.integers(1, len(held)))
    design = SampleDesign.from_dict(
        {
            "version": 1,
            "stages": [
                {"unit": "commune", "method": "pps_systematic", "take": n},
                {"unit": "person", "method": "srs", "take": 4, "size": "adults"},
            ],
            "reserves": {"commune": 1, "person": 2},
        }
    )
    made = draw(a_frame({"a": held}), design, seed)
    chances = {row.unit_id: row.chance for row in made.rows if row.stage == 1}
    pi = dict(
        zip(
            (f"a{number}" for number in range(len(held))),
            inclusion_probabilities(held, n),
            strict=True,
        )
    )
    assert len(chances) == n
    assert all(abs(float(chance) - pi[name]) < 1e-12 for name, chance in chances.items())
    for row in made.rows:
        if row.stage == 2:
            assert row.chance == chances[row.unit_id.split("-")[0]] * Fraction(4, 20)
            assert (row.psu_id == "") == (chances[row.unit_id.split("-")[0]] == 1)
    everyone = [row.unit_id for row in (*made.rows, *made.reserve_rows)]
    assert len(set(everyone)) == len(everyone)


@given(st.permutations(range(6)), st.integers(0, 5), st.integers(1, 50))
def test_the_order_of_rows_does_not_change_a_frames_hash_but_any_size_does(order, place, more):
    rows = [
        {"unit_id": f"u{i}", "unit_name": "A", "province": "HP", "stratum": "s", "size": 5 + i}
        for i in range(6)
    ]
    first = Frame.from_rows(rows)
    assert Frame.from_rows([rows[i] for i in order]).sha256 == first.sha256
    rows[place]["size"] += more
    assert Frame.from_rows(rows).sha256 != first.sha256


@given(st.text(max_size=20), st.lists(st.from_regex(r"[a-z]{1,6}", fullmatch=True), unique=True))
def test_a_hash_order_is_a_permutation_that_the_input_order_does_not_change(seed, ids):
    seed = seed.encode("utf-8", "replace").decode()
    order = hash_order(seed, ids)
    assert sorted(order) == sorted(ids)
    assert hash_order(seed, ids[::-1]) == order
