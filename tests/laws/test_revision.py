"""Laws of what happens after a draw: reserves in order, unions, larger samples."""

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from sampling import Frame, SampleDesign, draw
from sampling.revision import extend, first_chances, join, union_chance
from sampling.revision.issuing import issue
from sampling.revision.queues import Queue
from sampling.sample import Row

sizes = st.lists(st.integers(1, 60), min_size=3, max_size=9)
methods = st.sampled_from(
    ["srs", "systematic", "systematic_circular", "pps_systematic", "poisson", "sampford"]
)


def drawn(held, method, take, seed):
    rows = [
        {"unit_id": f"u{number}", "unit_name": "Xã", "province": "HP",
         "stratum": "a", "size": size}
        for number, size in enumerate(held)
    ]  # fmt: skip
    stage = {"unit": "commune", "method": method, "take": take}
    return draw(
        Frame.from_rows(rows), SampleDesign.from_dict({"version": 1, "stages": [stage]}), seed
    )


@given(st.integers(1, 8), st.integers(0, 8), st.sets(st.integers(0, 15)))
def test_reserves_come_in_by_their_order_and_all_weights_add_up_to_what_was_drawn(n, spare, out):
    rows = [
        Row(f"u{place}", "a", "", 1, place, Fraction(n, 20), "drawn") for place in range(n + spare)
    ]
    queue = Queue(1, "", "a", tuple(rows[:n]), tuple(rows[n:]), exact=True)
    found = issue(queue, {f"u{place}" for place in out})
    issued = [*found.active, *found.fallen]
    assert sorted(row.order for row in issued) == list(range(len(issued)))
    assert len(found.active) == n or found.exhausted
    assert found.exhausted or found.active[-1].order == len(issued) - 1 or len(issued) == n
    assert {row.unit_id for row in found.fallen} == {f"u{one}" for one in out if one < len(issued)}
    weights = len(found.active) * found.active_factor + len(found.fallen) * found.fallen_factor
    assert weights == n


@settings(max_examples=60)
@given(sizes, methods, st.integers(0, 9), st.data())
def test_a_union_lies_between_its_likeliest_unit_and_the_sum_of_all(held, method, seed, data):
    made = drawn(held, method, data.draw(st.integers(1, len(held) - 1)), seed)
    chances = first_chances(made)["a"]
    units = sorted(data.draw(st.sets(st.sampled_from(sorted(chances)), min_size=1, max_size=4)))
    found = union_chance(made, units)
    if found is None:  # Sampford knows pairs alone
        assert method == "sampford"
        return
    own = [chances[one] for one in units]
    slack = Fraction(1, 10**9)  # Sampford's pairs are floating point
    assert max(own) - slack <= found <= min(Fraction(1), sum(own)) + slack
    fewer = union_chance(made, units[:-1]) if len(units) > 1 else None
    assert fewer is None or fewer <= found + slack
    everybody = union_chance(made, sorted(chances))
    assert everybody in (None, 1) or method == "poisson"


@settings(max_examples=40)
@given(sizes, st.integers(0, 9), st.data())
def test_a_larger_sample_holds_the_smaller_one_and_weighs_as_if_drawn_at_once(held, seed, data):
    n = data.draw(st.integers(1, len(held) - 1))
    more = data.draw(st.integers(n + 1, len(held)))
    made = drawn(held, "srs", n, seed)
    larger = extend(made, {"commune": more})
    assert {row.unit_id for row in made.rows} < {row.unit_id for row in larger.rows}
    assert {row.chance for row in larger.rows} == {Fraction(more, len(held))}


@settings(max_examples=40)
@given(sizes, methods, methods, st.data())
def test_a_union_of_draws_is_the_same_from_either_side_and_more_likely_than_each(
    held, one, other, data
):
    take = st.integers(1, len(held) - 1)
    first = drawn(held, one, data.draw(take), 1)
    second = drawn(held, other, data.draw(take), 2)
    there = {row.unit_id: row.chance for row in join(first, second)}
    back = {row.unit_id: row.chance for row in join(second, first)}
    assert there == back
    assert set(there) == {row.unit_id for row in (*first.rows, *second.rows)}
    parts = first_chances(first)["a"], first_chances(second)["a"]
    assert all(chance >= max(part[name] for part in parts) for name, chance in there.items())
    assert all(chance <= 1 for chance in there.values())
