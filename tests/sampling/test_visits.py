"""At the counter: rhythms, starts, lists, tallies and weights, against cases worked by hand."""

import hashlib
from datetime import date
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest

from intake.findings import DesignError
from sampling import DESIGNS, SampleDesign, build_visits, draw, load_offices, load_registry
from sampling.visits import (
    Segment,
    compare_list,
    count_bounds,
    expected_visits,
    list_of,
    mean_bounds,
    mean_variance,
    next_rhythm,
    numbers,
    read_handed,
    read_segments,
    read_tally,
    read_volumes,
    restarted,
    revise_segments,
    rhythm,
    rhythm_of,
    segment,
    segments,
    segments_of_draw,
    segments_of_volumes,
    start_of,
    starts_of,
    ticket_list,
    visit_weights,
    write_segments,
    write_ticket_lists,
)

SEED = "5" * 64
NAN = float("nan")


def refused(call, *given, **options):
    with pytest.raises(DesignError) as refusal:
        call(*given, **options)
    return [finding.code for finding in refusal.value.findings]


def codes(findings):
    return [finding.code for finding in findings]


def written(tmp_path, text):
    path = tmp_path / "file.csv"
    path.write_text(text, encoding="utf-8")
    return path


def counted(*rows):
    names = ("counter_id", "period", "finished", "served", "refused", "ineligible")
    return [dict(zip(names, row, strict=True)) for row in rows]


# Rhythm, start, numbers


def test_the_published_rule_takes_the_whole_part_and_at_least_one():
    assert [rhythm_of(6330, 450), rhythm_of(899, 450), rhythm_of(10, 450)] == [14, 1, 1]


def test_a_rhythm_says_how_many_tickets_it_brings():
    one = rhythm(1000, 90)
    assert (one.k, one.drawn, one.fewest, one.most) == (11, Fraction(1000, 11), 90, 91)
    exact = rhythm(1000, 90, fractional=True)
    assert (exact.k, exact.drawn, exact.fewest, exact.most) == (Fraction(100, 9), 90, 90, 90)


def test_a_target_of_answers_is_raised_by_response_and_eligibility():
    # 90 / (0.5 * 0.9) = 200 tickets
    assert rhythm(1000, 90, response=0.5, eligible=0.9).target == 200
    assert rhythm(1000, 90, response=0.5, eligible=0.9).k == 5


def test_a_target_above_the_volume_takes_all_and_says_what_is_short():
    one = rhythm(40, 45)
    assert one.k == 1
    assert codes(one.findings) == ["visits-target-above-volume"]
    assert "5 short" in one.findings[0].message.en


def test_numbers_of_a_whole_and_of_a_fractional_rhythm():
    assert numbers(14, 4, 40) == [4, 18, 32]
    # the points 1/2, 3, 5 1/2, 8, 10 1/2 rounded up
    assert numbers("5/2", "1/2", 10) == [1, 3, 6, 8]
    assert numbers(2.5, 0.5, 10) == numbers("5/2", "1/2", 10)
    assert numbers(14, 4, 3) == []


def test_the_starts_are_equally_spaced_and_drawn_by_whole_parts():
    assert starts_of(3) == [1, 2, 3]
    assert [start_of(3, u) for u in (0, 0.34, 0.999)] == [1, 2, 3]
    rng = np.random.default_rng(1)
    drawn = [start_of(3, rng) for _ in range(3000)]
    observed = [drawn.count(start) for start in (1, 2, 3)]
    # chi-square with 2 degrees of freedom, 0.999 quantile 13.8
    assert sum((count - 1000) ** 2 / 1000 for count in observed) < 13.8


def test_the_old_draws_of_every_kth_visit_come_out_of_these_tools():
    counters = build_visits(list(load_offices().counters.values()), load_registry())
    made = draw(counters, SampleDesign.read(DESIGNS / "hai-phong-visits.yaml"), 1)
    for one in segments_of_draw(made.record):
        again = segment(one.counter_id, one.expected, rhythm_of(one.expected, 450),
                        made.record["seed"])  # fmt: skip
        assert again == one
        rows = [row for row in made.rows if row.unit_id.startswith(one.counter_id + "-")]
        assert [int(row.unit_id[-6:]) for row in rows] == one.numbers(one.expected)


@pytest.mark.parametrize(
    ("call", "given", "code"),
    [
        (rhythm_of, (100, 0), "visits-count-invalid"),
        (rhythm_of, (-1, 5), "visits-count-invalid"),
        (rhythm_of, (10.5, 5), "visits-count-invalid"),
        (rhythm_of, (NAN, 5), "visits-count-invalid"),
        (rhythm_of, (True, 5), "visits-count-invalid"),
        (rhythm_of, ("mười", 5), "visits-count-invalid"),
        (rhythm_of, ([10], 5), "visits-count-invalid"),
        (rhythm_of, ("1e99999999", 5), "visits-count-invalid"),
        (numbers, ("1e99999999", 1, 9), "visits-rhythm-invalid"),
        (numbers, (0.5, 0.5, 9), "visits-rhythm-invalid"),
        (numbers, (float("inf"), 1, 9), "visits-rhythm-invalid"),
        (numbers, (None, 1, 9), "visits-rhythm-invalid"),
        (numbers, ("1/0", 1, 9), "visits-rhythm-invalid"),
        (numbers, (3, 0, 9), "visits-start-invalid"),
        (numbers, (3, 4, 9), "visits-start-invalid"),
        (numbers, (1, 1, 200_001), "visits-list-too-long"),
        (starts_of, (1_000_000,), "visits-list-too-long"),
        (start_of, (3, 1), "visits-chance-invalid"),
        (start_of, (3, "x"), "visits-chance-invalid"),
        (count_bounds, (3, 1, -1), "visits-count-invalid"),
    ],
)
def test_what_is_no_count_rhythm_or_start_is_refused(call, given, code):
    assert refused(call, *given) == [code]


def test_numbers_of_numpy_are_numbers():
    assert numbers(np.int64(3), np.float64(2), np.int32(9)) == [2, 5, 8]
    assert rhythm_of(np.int64(10), np.int16(3)) == 3


def test_a_share_of_response_is_above_0_and_at_most_1():
    assert refused(rhythm, 100, 10, response=0) == ["visits-share-invalid"]
    assert refused(rhythm, 100, 10, eligible=1.1) == ["visits-share-invalid"]


def test_a_refusal_names_the_nearest_value():
    with pytest.raises(DesignError) as refusal:
        numbers(3, 4, 9)
    assert refusal.value.advice.en == "The nearest that can be used is 3."
    assert refusal.value.findings[0].path == "start"


# Expected volumes


WEEK = {"mon": [("07:30", "11:30"), ("13:30", "17:00")], "sat": [("07:30", "11:00")]}


def test_expected_visits_are_open_hours_times_transactions_an_hour():
    days = [date(2026, 3, 2), date(2026, 3, 7), date(2026, 3, 8)]
    found = expected_visits(days, WEEK, {"mon": 20, "sat": 11})
    # 7.5 h * 20 = 150; 3.5 h * 11 = 38.5, a half up; Sunday closed
    assert found == {"2026-03-02": 150, "2026-03-07": 39}


def test_a_flow_that_changes_over_the_day_is_counted_hour_by_hour():
    flow = {"mon": {7: 10, 8: 40, 9: 40, 10: 30, 11: 20, 13: 10, 14: 30, 15: 30, 16: 8}}
    found = expected_visits([date(2026, 3, 2)], {"mon": WEEK["mon"]}, flow, parts="half_day")
    # 07:30–11:30: 5 + 40 + 40 + 30 + 10; 13:30–17:00: 5 + 30 + 30 + 8
    assert found == {"2026-03-02-am": 125, "2026-03-02-pm": 73}


def test_all_faults_of_hours_and_volumes_are_told_at_once():
    hours = {
        "mon": [("11:30", "07:30")],
        "tue": [("07:00", "11:00"), ("10:00", "12:00")],
        "t2": [("07:00", "08:00")],
    }
    found = refused(expected_visits, [date(2026, 3, 2)], hours, {"tue": -1}, parts="hour")
    assert sorted(found) == [
        "visits-hours-invalid",
        "visits-hours-overlap",
        "visits-parts-unknown",
        "visits-volume-invalid",
        "visits-volume-missing",
        "visits-weekday-unknown",
    ]
    assert refused(expected_visits, [], {}, {}) == ["visits-days-empty"]


# Segments


def test_the_start_of_a_segment_is_hashed_in_its_own_name():
    one = segment("q1", 200, 14, SEED, period="2026-03-02", window="c2")
    hashed = hashlib.sha256(f"{SEED}startq1|2026-03-02|c2".encode()).hexdigest()
    assert one.start == 1 + int(hashed, 16) * 14 // 2**256


def test_another_day_leaves_the_starts_of_the_others_alone():
    two = segments("q1", {"mon": 200, "tue": 200}, 40, SEED)
    three = segments("q1", {"mon": 200, "tue": 200, "wed": 200}, 60, SEED)
    assert two == three[:2]


def test_one_rhythm_for_all_or_one_for_each_or_as_decided():
    week = {"mon": {"c1": 300, "c2": 100}, "tue": 200}
    assert [one.k for one in segments("q1", week, 60, SEED)] == [10, 10, 10]
    assert [one.k for one in segments("q1", week, 60, SEED, rule="equal")] == [15, 5, 10]
    decided = segments("q1", week, 60, SEED, k={"tue": "15/2"})
    assert [one.k for one in decided] == [10, 10, Fraction(15, 2)]
    assert [one.window for one in decided] == ["c1", "c2", ""]


def test_what_cannot_be_a_segment_is_refused():
    assert refused(segments, "q1", {}, 5, SEED) == ["visits-segments-empty"]
    assert refused(segments, "q1", {"mon": 9}, 5, SEED, rule="x") == ["visits-rule-unknown"]
    assert refused(segments, "q 1", {"mon": 9}, 5, SEED) == ["visits-id-invalid"]
    assert refused(segment, "q1", 9, 2, "7") == ["visits-seed-invalid"]


def test_a_lost_count_begins_anew_with_a_start_that_nobody_chose():
    one = segment("q1", 200, 14, SEED, period="mon")
    again = restarted(one, 80, SEED)
    assert (again.period, again.k, again.expected) == ("mon.r1", 14, 80)
    assert restarted(segment("q1", 200, 14, SEED), 80, SEED).period == "round.r1"
    assert again == segment("q1", 80, 14, SEED, period="mon.r1")


def test_segments_come_back_from_their_file_as_they_were(tmp_path):
    made = segments("q1", {"mon": 200, "tue": 190}, 37, SEED, fractional=True)
    write_segments(tmp_path / "s.csv", made)
    assert read_segments(tmp_path / "s.csv") == made


def test_all_faults_of_a_file_of_segments_are_told_with_row_and_column(tmp_path):
    path = written(
        tmp_path, "counter_id,period,expected,k,start\nq 1,,x,0,1\nq2,,5,3,4\nq3,,5,3,1\n"
    )
    with pytest.raises(DesignError) as refusal:
        read_segments(path)
    assert [(one.code, one.row, one.column) for one in refusal.value.findings] == [
        ("visits-id-invalid", 2, "counter_id"),
        ("visits-count-invalid", 2, "expected"),
        ("visits-rhythm-invalid", 2, "k"),
        ("visits-start-invalid", 3, "start"),
    ]
    twice = written(tmp_path, "counter_id,expected,k,start\nq1,5,3,1\nq1,5,3,1\n")
    assert refused(read_segments, twice) == ["visits-segment-repeated"]


def test_a_plan_of_volumes_becomes_the_segments_of_every_counter(tmp_path):
    path = written(
        tmp_path,
        "counter_id,period,window,expected\nq1,mon,,200\nq1,tue,,100\nq2,mon,a,80\nq2,mon,b,40\n",
    )
    made = segments_of_volumes(read_volumes(path), 30, SEED)
    assert [(*one.key, one.k) for one in made] == [
        ("q1", "mon", "", 10),
        ("q1", "tue", "", 10),
        ("q2", "mon", "a", 4),
        ("q2", "mon", "b", 4),
    ]
    bad = written(
        tmp_path, "counter_id,period,window,expected\nq1,mon,,200\nq1,mon,a,100\nq2,mon,,1.5\n"
    )
    assert refused(read_volumes, bad) == ["visits-volume-repeated", "visits-count-invalid"]


def test_a_draw_without_visits_has_no_segments():
    assert refused(segments_of_draw, {"units": []}) == ["visits-draw-without-visits"]


# The rule for the next period


def done(*rows):
    return [
        (Segment("q", expected, Fraction(k), Fraction(1), str(place)), finished)
        for place, (expected, finished, k) in enumerate(rows)
    ]


def test_the_next_rhythm_follows_the_volumes():
    # as planned: 400 to come, 60 - 20 = 40 tickets wanted
    assert next_rhythm(done((200, 200, 10)), [200, 200], 60, 10).k == 10
    # 1.5 times: 600 to come, 60 - 30 = 30 wanted
    assert next_rhythm(done((200, 300, 10)), [200, 200], 60, 10).k == 20
    # 0.8 times: 320 to come, 60 - 16 = 44 wanted: 7.27
    told = next_rhythm(done((200, 160, 10)), [200, 200], 60, 10)
    assert (told.k, told.ratio, told.expected_left, told.target_left) == (
        7,
        Fraction(4, 5),
        320,
        44,
    )
    exact = next_rhythm(done((200, 160, 10)), [200, 200], 60, 10, fractional=True)
    assert exact.k == Fraction(80, 11)
    assert "80%" in told.reason.en


def test_the_next_rhythm_stays_within_its_bounds_and_never_ends():
    fast = next_rhythm(done((200, 900, 10)), [200, 200], 60, 10)
    assert (fast.k, fast.ratio, fast.target_left) == (20, 2, 0)
    assert next_rhythm(done((200, 5, 10)), [200, 200], 60, 10).k == 5
    assert next_rhythm(done((200, 5, 1)), [200], 60, 1).k == 1
    assert next_rhythm([], [200], 20, 10).k == 10
    assert next_rhythm(done((200, 900, 10)), [200, 200], 60, 10, widest=3).k == 30
    assert refused(next_rhythm, done((200, 200, 10)), [], 60, 10) == ["visits-periods-over"]


def test_simulated_rounds_of_changing_volumes_are_unbiased_under_adapted_rhythms():
    """500 simulated rounds of five days; volumes and satisfaction drift, seeds are fixed."""
    rng = np.random.default_rng(20260302)
    volumes = [180, 260, 90, 320, 150]
    days = [rng.random(n) < 0.9 - 0.3 * np.linspace(0, 1, n) for n in volumes]
    truth = sum(map(sum, days))
    mean_truth = truth / sum(volumes)
    totals, means = [], []
    for _ in range(500):
        passed, total, ratio, k = [], 0, 0.0, Fraction(10)
        for place, day in enumerate(days):
            one = Segment("q", 200, k, start_of(k, rng), str(place))
            drawn = [number - 1 for number in one.numbers(len(day))]
            total += float(k) * day[drawn].sum()
            ratio += len(day) * day[drawn].mean()
            passed.append((one, len(day)))
            left = [200] * (4 - place)
            k = next_rhythm(passed, left, 100, 10).k if left else k
        totals.append(total)
        means.append(ratio / sum(volumes))
    for found, true in ((totals, truth), (means, mean_truth)):
        error = np.std(found, ddof=1) / np.sqrt(len(found))
        assert abs(np.mean(found) - true) < 3 * error


def test_a_revision_leaves_what_was_counted_and_chooses_no_start():
    week = segments("q1", {"mon": 200, "tue": {"a": 120, "b": 80}, "wed": 200}, 60, SEED)
    made = revise_segments(week, {("q1", "mon", ""): 160}, 60, SEED)
    # 0.8 times 400 to come over 60 - 16 = 44 wanted: 7
    assert [one.k for one in made] == [10, 7, 7, 7]
    assert made[0] == week[0]
    assert made[2] == segment("q1", 80, 7, SEED, period="tue", window="b")


def test_a_revision_takes_one_counter_and_its_own_periods():
    week = segments("q1", {"mon": 200, "tue": 200}, 40, SEED)
    other = segments("q2", {"mon": 200}, 40, SEED)
    assert refused(revise_segments, [*week, *other], {}, 40, SEED) == ["visits-counters-several"]
    assert refused(revise_segments, week, {("q1", "fri", ""): 9}, 40, SEED) == [
        "visits-segment-unknown"
    ]
    everything = {one.key: 200 for one in week}
    assert refused(revise_segments, week, everything, 40, SEED) == ["visits-periods-over"]


# Lists


def test_a_list_goes_beyond_the_expected_volume():
    made = ticket_list("q1", 14, 4, 60, period="mon", window="c1")
    assert made.numbers == (4, 18, 32, 46, 60, 74, 88, 102, 116)
    assert (made.within_expected, made.upto) == (5, 120)
    assert ticket_list("q1", 14, 4, 60, reach=1).upto == 60
    assert len(ticket_list("q1", 14, 4, 0).numbers) == 5
    assert refused(ticket_list, "q1", 14, 4, 60, reach=0.5) == ["visits-rhythm-invalid"]


def test_a_list_comes_back_with_its_ticks(tmp_path):
    path = tmp_path / "list.csv"
    write_ticket_lists(path, [ticket_list("q1", 14, 4, 20, period="mon")])
    lines = path.read_text(encoding="utf-8").splitlines()
    assert lines[:3] == [
        "counter_id,period,window,number,served,refused,ineligible,time",
        "q1,mon,,4,,,,",
        "q1,mon,,18,,,,",
    ]
    lines[1], lines[2] = "q1,mon,,4,x,,,08:10", "q1,mon,,18,,1,,"
    path.write_text("\n".join(lines), encoding="utf-8")
    assert [(one.key, one.number, one.outcome, one.time) for one in read_handed(path)] == [
        (("q1", "mon", ""), 4, "served", "08:10"),
        (("q1", "mon", ""), 18, "refused", ""),
    ]


def test_all_faults_of_a_list_that_came_back_are_told(tmp_path):
    path = written(
        tmp_path,
        "counter_id,number,served,refused,ineligible\nq1,4,x,x,\nq1,18,có,,\nq1,0,x,,\n",
    )
    with pytest.raises(DesignError) as refusal:
        read_handed(path)
    assert [(one.code, one.row, one.column) for one in refusal.value.findings] == [
        ("visits-mark-several", 2, None),
        ("visits-mark-unknown", 3, "served"),
        ("visits-number-invalid", 4, "number"),
    ]


ONE = Segment("q1", 60, Fraction(14), Fraction(4), "mon")


def test_numbers_handed_out_are_compared_with_the_list():
    seen = compare_list(ONE, [4, 19, 46, 46, 61], finished=60)
    assert (seen.matched, seen.missed, seen.extra) == ((4, 46), (18, 32, 60), (19, 61))
    assert seen.beside == ((18, 19), (60, 61))
    assert seen.offsets == {0: 2, 1: 2}
    assert codes(seen.findings) == [
        "visits-list-missed",
        "visits-list-extra",
        "visits-number-repeated",
        "visits-number-beyond",
    ]
    assert seen.share == 0.4
    assert seen.table["note"].tolist() == ["", "beside 19", "beside 18", "", "", "beside 61",
                                           "beside 60"]  # fmt: skip


def test_a_shifted_count_shows_as_one_offset():
    seen = compare_list(ONE, [4, 18, 35, 49, 63])
    assert seen.offsets == {0: 2, 3: 3}
    assert seen.upto == 63


def test_without_the_volume_nothing_after_the_last_number_is_missed():
    assert compare_list(ONE, [4, 32]).missed == (18,)
    assert compare_list(ONE, []).share == 1.0


# Tally and weights


def test_the_weight_is_what_finished_over_what_was_drawn():
    weighed = visit_weights(counted(("q1", "mon", 75, 4, 1, 1)), [ONE])
    (row,) = weighed.rows
    assert (row["weight"], row["handed"], row["implied"]) == (12.5, 6, 6)
    assert (row["implied_low"], row["implied_high"], row["difference"]) == (5, 6, 0)
    assert (row["acceptance"], row["eligible"]) == (0.8, pytest.approx(5 / 6))
    assert row["fraction"] == pytest.approx(6 / 75)
    assert weighed.findings == ()


@pytest.mark.parametrize(
    ("handed", "code"),
    [
        (6, []),
        (5, ["visits-tickets-missed"]),
        (4, ["visits-tickets-missed"]),
        (3, ["visits-rhythm-not-followed"]),
        (7, ["visits-tickets-extra"]),
        (8, ["visits-rhythm-not-followed"]),
    ],
)
def test_a_count_that_the_list_does_not_lead_to_is_told(handed, code):
    weighed = visit_weights(counted(("q1", "mon", 75, handed, 0, 0)), [ONE])
    assert codes(weighed.findings) == code


def test_a_volume_far_from_the_expected_one_is_told_and_changes_no_probability():
    weighed = visit_weights(counted(("q1", "mon", 140, 10, 0, 0)), [ONE])
    assert codes(weighed.findings) == ["visits-volume-far"]
    assert weighed.rows[0]["weight"] == weighed.rows[0]["k"] == 14


def test_where_nobody_counted_the_weight_is_k_between_exact_bounds():
    weighed = visit_weights(counted(("q1", "mon", "", 4, 1, 0)), [ONE])
    (row,) = weighed.rows
    assert codes(weighed.findings) == ["visits-uncounted"]
    assert (row["finished_low"], row["finished_high"]) == (60, 73)
    assert (row["weight_low"], row["weight"], row["weight_high"]) == (12, 14, 14.6)


def test_a_half_day_closed_is_a_segment_with_nothing_in_it():
    two = [ONE, Segment("q1", 60, Fraction(14), Fraction(4), "tue")]
    weighed = visit_weights(counted(("q1", "mon", 60, 5, 0, 0), ("q1", "tue", 0, 0, 0, 0)), two)
    assert weighed.rows[1]["weight"] is None
    assert codes(weighed.findings) == ["visits-volume-far"]


def test_a_segment_without_any_drawn_visit_must_be_merged():
    two = [ONE, Segment("q1", 60, Fraction(14), Fraction(4), "tue")]
    weighed = visit_weights(counted(("q1", "mon", 60, 5, 0, 0), ("q1", "tue", 60, 0, 0, 0)), two)
    assert codes(weighed.findings) == ["visits-segment-empty"]


def test_segments_of_one_rhythm_may_be_tallied_together():
    two = [ONE, Segment("q1", 60, Fraction(14), Fraction(9), "tue")]
    weighed = visit_weights(counted(("q1", "", 126, 9, 0, 0)), two)
    (row,) = weighed.rows
    assert (row["weight"], row["expected"], row["implied"]) == (14, 120, None)
    # 63 = 4 * 14 + 7 each: two segments bring 8 to 10 tickets; 126 in one stretch always 9
    assert (row["implied_low"], row["implied_high"]) == (8, 10)
    mixed = [ONE, Segment("q1", 60, Fraction(7), Fraction(4), "tue")]
    assert refused(visit_weights, counted(("q1", "", 126, 9, 0, 0)), mixed) == [
        "tally-period-missing"
    ]


def test_a_tally_may_be_a_table_or_a_file(tmp_path):
    rows = counted(("q1", "mon", 75, 4, 1, 1))
    path = tmp_path / "tally.csv"
    pd.DataFrame(rows).to_csv(path, index=False)
    made = [visit_weights(given, [ONE]).table for given in (rows, pd.DataFrame(rows), path)]
    assert all(table.equals(made[0]) for table in made)
    assert read_tally(path)[0].handed == 6


def test_all_faults_of_a_tally_are_told_with_row_and_column():
    rows = counted(
        ("q1", "mon", 3, 4, 0, 0),
        ("q1", "mon", 60, 4, 1, 0),
        ("q1", "fri", 60, 5, 0, 0),
        ("q9", "mon", 60, 5, 0, 0),
        ("q2", "mon", "1.000", -1, 2.5, NAN),
    )
    known = [ONE, Segment("q1", 60, Fraction(14), Fraction(4), "tue"),
             Segment("q2", 60, Fraction(14), Fraction(4), "mon")]  # fmt: skip
    with pytest.raises(DesignError) as refusal:
        visit_weights(rows, known)
    assert [(one.code, one.row, one.column) for one in refusal.value.findings] == [
        ("tally-impossible", 2, None),
        ("tally-row-repeated", 3, "counter_id"),
        ("tally-counter-unknown", 5, "counter_id"),
        ("tally-not-a-count", 6, "finished"),
        ("tally-not-a-count", 6, "served"),
        ("tally-not-a-count", 6, "refused"),
        ("tally-not-a-count", 6, "ineligible"),
        ("tally-segment-unknown", 4, "period"),
        ("tally-segment-missing", None, None),
    ]


def test_counters_and_columns_that_are_missing_are_told(tmp_path):
    two = [ONE, Segment("q2", 60, Fraction(14), Fraction(4))]
    assert refused(visit_weights, counted(("q1", "mon", 60, 5, 0, 0)), two) == [
        "tally-counter-missing"
    ]
    assert refused(visit_weights, [{"counter_id": "q1"}], two) == ["visits-tally-columns"]
    path = written(tmp_path, "counter_id,finished,served,refused,ineligible\nq1,5,0,0,0\n")
    assert refused(read_tally, path) == ["tally-impossible"]


def test_bounds_of_a_mean_need_ranges_that_fit():
    assert mean_bounds([0.5, 1], [10, 0], [10, 10]) == (0.5, 0.75)
    for given in (([1], [1, 2], [3]), ([1], [4], [3]), ([1], [0], [0]), ([NAN], [1], [2])):
        assert refused(mean_bounds, *given) == ["visits-bounds-invalid"]


def test_variance_within_a_segment_by_hand():
    # s² of 1, 2, 3, 4 is 5/3; (1 - 4/40) * 5/3 / 4 = 0.375
    assert mean_variance([1, 2, 3, 4], 40) == pytest.approx(0.375)
    # differences of 1: 3 / (2 * 3) = 1/2; 0.9 * 0.5 / 4 = 0.1125
    assert mean_variance([1, 2, 3, 4], 40, method="successive") == pytest.approx(0.1125)
    assert mean_variance([1, 2], 2) == 0
    for values, total in (([1], 10), ([1, 2], 1), ([1, NAN], 9)):
        assert refused(mean_variance, values, total) == ["visits-variance-impossible"]
    assert refused(mean_variance, [1, 2], 9, method="x") == ["visits-method-unknown"]


def test_a_list_of_a_segment_is_that_of_its_parts():
    assert list_of(ONE) == ticket_list("q1", 14, 4, 60, period="mon")
