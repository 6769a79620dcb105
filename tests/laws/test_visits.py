"""Laws of every k-th transaction, by enumeration of all starts in exact arithmetic."""

from fractions import Fraction
from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from sampling.visits import (
    Segment,
    compare_list,
    count_bounds,
    count_of,
    list_of,
    mean_bounds,
    next_rhythm,
    numbers,
    start_of,
    starts_of,
)

rhythms = st.builds(
    lambda whole, part, unit: Fraction(whole) + Fraction(part % unit, unit),
    st.integers(1, 9),
    st.integers(0, 6),
    st.integers(1, 7),
)
answers = st.lists(st.integers(-5, 5), max_size=40)


def total_of(y, drawn):
    return sum((Fraction(y[number - 1]) for number in drawn), Fraction())


@given(rhythms, st.integers(0, 60))
def test_over_all_starts_each_transaction_is_drawn_with_probability_one_over_k(k, volume):
    starts = starts_of(k)
    drawn = [number for start in starts for number in numbers(k, start, volume)]
    for transaction in range(1, volume + 1):
        assert Fraction(drawn.count(transaction), len(starts)) == 1 / k


@given(rhythms, answers)
def test_the_total_weighted_by_k_is_right_on_average_for_any_volume(k, y):
    starts = starts_of(k)
    estimates = [k * total_of(y, numbers(k, start, len(y))) for start in starts]
    assert sum(estimates) / len(starts) == sum(y)


@given(st.integers(1, 8), st.integers(1, 6), st.data())
def test_the_total_weighted_by_counts_is_right_on_average_where_k_divides_the_volume(k, n, data):
    y = data.draw(st.lists(st.integers(-5, 5), min_size=k * n, max_size=k * n))
    estimates = []
    for start in starts_of(k):
        drawn = numbers(k, start, len(y))
        estimates.append(Fraction(len(y), len(drawn)) * total_of(y, drawn))
    assert sum(estimates) / k == sum(y)


@given(rhythms, answers)
def test_the_bias_of_the_weights_by_counts_is_the_covariance_of_mean_and_count(k, y):
    """N ȳ has bias -k Cov(n, ȳ) when n cannot be 0: no volume makes it anything else."""
    starts = starts_of(k)
    samples = [numbers(k, start, len(y)) for start in starts]
    if not all(samples):
        return
    means = [total_of(y, drawn) / len(drawn) for drawn in samples]
    counts = [Fraction(len(drawn)) for drawn in samples]
    many = len(starts)
    covariance = sum(n * m for n, m in zip(counts, means, strict=True)) / many
    covariance -= sum(counts) * sum(means) / many**2
    assert sum(counts) / many == len(y) / k
    assert len(y) * sum(means) / many - sum(y) == -k * covariance


@given(st.lists(answers, min_size=1, max_size=3), st.integers(1, 4), st.integers(1, 20))
def test_adapted_rhythms_leave_the_total_right_on_average_over_all_starts(days, planned, target):
    """k of day 2 and 3 come from the volumes before; every combination of starts is tried."""
    days = [day[:14] for day in days]
    foreseen = [10] * len(days)
    done, rhythm = [], Fraction(planned)
    for place, day in enumerate(days):
        done.append((Segment("q", foreseen[place], rhythm, Fraction(1), str(place)), len(day)))
        left = foreseen[place + 1 :]
        rhythm = next_rhythm(done, left, target, planned).k if left else rhythm
    steps = [one.k for one, _ in done]
    estimates = [
        sum(
            k * total_of(day, numbers(k, start, len(day)))
            for k, start, day in zip(steps, starts, days, strict=True)
        )
        for starts in product(*(starts_of(k) for k in steps))
    ]
    assert sum(estimates) / len(estimates) == sum(map(sum, days))


@given(rhythms, st.integers(0, 200), st.data())
def test_the_count_is_that_of_the_list_and_one_of_two_numbers(k, volume, data):
    start = data.draw(st.sampled_from(starts_of(k)))
    count = count_of(k, start, volume)
    assert count == len(numbers(k, start, volume))
    assert volume / k - 1 < count < volume / k + 1


@given(rhythms, st.integers(0, 80), st.data())
def test_the_volume_lies_between_the_bounds_that_the_count_allows_and_no_closer_ones(
    k, volume, data
):
    start = data.draw(st.sampled_from(starts_of(k)))
    handed = count_of(k, start, volume)
    low, high = count_bounds(k, start, handed)
    assert low <= volume <= high
    assert count_of(k, start, low) == count_of(k, start, high) == handed
    assert count_of(k, start, high + 1) == handed + 1
    assert low == 0 or count_of(k, start, low - 1) == handed - 1


@given(rhythms, st.fractions(0, 1).filter(lambda u: u < 1))
def test_a_start_is_one_of_the_starts(k, u):
    assert start_of(k, u) in starts_of(k)


@given(
    st.lists(
        st.tuples(st.integers(0, 5), st.integers(0, 4), st.integers(0, 3)), min_size=1, max_size=4
    )
)
def test_no_counts_inside_their_ranges_bring_a_mean_outside_the_bounds(rows):
    means = [mean for mean, _, _ in rows]
    lows = [low for _, low, _ in rows]
    highs = [low + more for _, low, more in rows]
    if not sum(highs):
        return
    reached = [
        sum(Fraction(mean * count) for mean, count in zip(means, counts, strict=True)) / sum(counts)
        for counts in product(
            *(range(low, high + 1) for low, high in zip(lows, highs, strict=True))
        )
        if sum(counts)
    ]
    low, high = mean_bounds(means, lows, highs)
    assert abs(low - float(min(reached))) < 1e-12
    assert abs(high - float(max(reached))) < 1e-12


@given(rhythms, st.integers(0, 60), st.data())
def test_a_list_that_was_followed_has_nothing_to_report(k, volume, data):
    one = Segment("q", volume, k, data.draw(st.sampled_from(starts_of(k))))
    seen = compare_list(one, one.numbers(volume), finished=volume)
    assert (seen.missed, seen.extra, seen.findings, seen.share) == ((), (), (), 1.0)
    assert set(seen.offsets) <= {0}


@given(rhythms, st.integers(1, 60), st.data())
def test_missed_and_extra_numbers_are_the_two_differences(k, volume, data):
    one = Segment("q", volume, k, data.draw(st.sampled_from(starts_of(k))))
    handed = data.draw(st.sets(st.integers(1, volume)))
    seen = compare_list(one, handed, finished=volume)
    due = set(one.numbers(volume))
    assert set(seen.missed) == due - handed
    assert set(seen.extra) == handed - due
    assert set(seen.matched) == due & handed
    assert sum(seen.offsets.values()) == len(handed)
    assert all(abs(number - got) == 1 for number, got in seen.beside)


@given(rhythms, st.integers(0, 100), st.data())
def test_a_list_reaches_twice_the_expected_volume_and_holds_five_numbers(k, expected, data):
    one = Segment("q", expected, k, data.draw(st.sampled_from(starts_of(k))))
    made = list_of(one)
    assert made.upto >= 2 * expected
    assert len(made.numbers) >= 5
    assert list(made.numbers) == sorted(set(made.numbers))
