"""Reserves that come in: only the next in order, and weights that stay unbiased."""

from datetime import date
from fractions import Fraction
from itertools import permutations

import pytest
from staged_designs import HOUSEHOLD, VILLAGE, a_design, by_method, villages

from intake.findings import DrawError
from sampling import SampleDesign, draw
from sampling.revision import Entry, entries_of, read_log, replace
from sampling.revision.issuing import factors, issue
from sampling.revision.queues import Queue
from sampling.sample import Row


def entry(unit_id, reason="refused", line=2):
    return Entry(unit_id, reason, date(2026, 3, 2), line)


def a_queue(order, n):
    rows = [
        Row(name, "a", name, 1, place, Fraction(n, len(order)), "drawn")
        for place, name in enumerate(order, start=1)
    ]
    return Queue(1, "", "a", tuple(rows[:n]), tuple(rows[n:]), exact=True)


@pytest.mark.parametrize("n", [2, 3])
@pytest.mark.parametrize("reserves", [1, 2, 4])
def test_totals_of_every_kind_of_case_are_unbiased_over_all_orders_of_the_list(n, reserves):
    # Of six people two have moved away and one refuses; y is what they would have said.
    kinds = {"u1": "moved", "u2": "", "u3": "refused", "u4": "", "u5": "moved", "u6": ""}
    y = {"u1": 7, "u2": 3, "u3": 5, "u4": 11, "u5": 2, "u6": 13}
    fallen = {name for name, kind in kinds.items() if kind}
    sums = dict.fromkeys(["count", "moved", "refused", "active", "y of active"], Fraction(0))
    orders = list(permutations(kinds))
    for order in orders:
        queue = a_queue(order, n)
        queue = Queue(1, "", "a", queue.drawn, queue.reserves[:reserves], exact=True)
        found = issue(queue, fallen)
        for row in found.active:
            weight = found.active_factor / row.chance
            sums["active"] += weight
            sums["count"] += weight
            sums["y of active"] += weight * y[row.unit_id]
        for row in found.fallen:
            weight = found.fallen_factor / row.chance
            sums[kinds[row.unit_id]] += weight
            sums["count"] += weight
    means = {name: value / len(orders) for name, value in sums.items()}
    assert means == {"count": 6, "moved": 2, "refused": 1, "active": 3, "y of active": 27}


def test_nobody_replaced_changes_no_weight_and_an_empty_queue_stops_the_chain():
    assert factors(10, 10, 10, exhausted=False) == (1, 1)
    found = issue(a_queue(["a", "b", "c"], 2), {"b", "c"})
    assert [row.unit_id for row in found.active] == ["a"]
    assert found.replaced_by == {"b": "c"}
    assert found.exhausted
    assert found.active_factor == Fraction(2, 3)


@pytest.fixture
def drawn():
    design = a_design(VILLAGE, HOUSEHOLD, reserves={"commune": 1, "household": 3})
    return draw(villages(), design, 7)


def test_the_next_reserve_of_the_same_village_comes_in(drawn):
    first = next(row for row in drawn.rows if row.stage == 3)
    parent = first.unit_id.rsplit("-", 1)[0]
    spare = [row.unit_id for row in drawn.reserve_rows if row.unit_id.startswith(parent)]
    made = replace(drawn, [entry(first.unit_id), entry(spare[0], "moved", 3)])
    assert [(one["unit_id"], one["replaced_by"]) for one in made.replacements] == [
        (first.unit_id, spare[0]),
        (spare[0], spare[1]),
    ]
    table = made.sample
    mine = table[table["unit_id"].str.startswith(parent + "-")]
    assert mine["status"].value_counts().to_dict() == {"active": 5, "replaced": 2}
    # Five wanted, seven issued: 4/(5·6) of the village's 5 for each active one, 1/6 else.
    weights = mine.groupby("status")["factor"].unique().explode().to_dict()
    assert weights == pytest.approx({"active": 5 * 4 / 5 / 6, "replaced": 5 / 6})
    assert set(table["disposition"]) == {"", "refusal", "not_eligible"}
    others = table[~table["unit_id"].str.startswith(parent + "-")]
    assert (others["factor"] == 1).all()


def test_a_commune_that_is_replaced_leaves_with_its_households_and_the_reserve_brings_its_own(
    drawn,
):
    commune = next(row.unit_id for row in drawn.rows if row.stage == 1)
    came = next(row.unit_id for row in drawn.reserve_rows if row.stage == 1)
    made = replace(drawn, [entry(commune, "unreachable")])
    table = made.sample
    active = table[table["status"] == "active"]
    assert set(active["unit_id"].str[:2]) & {commune, came} == {came}
    assert active.groupby("stage").size().to_dict() == {1: 2, 2: 4, 3: 20}
    # Two wanted, three issued: an active case weighs 1/(2·2) of twice its weight.
    assert active["factor"].unique().tolist() == pytest.approx([2 * 1 / 2 / 2])


def test_villages_taken_whole_weigh_as_their_commune_does_and_leave_with_it():
    whole = {**VILLAGE, "take": 4, "short": "all"}
    made = draw(villages(), a_design(whole, HOUSEHOLD, reserves={"commune": 1}), 7)
    held = {row.unit_id for row in made.rows if row.stage == 1}
    assert "c2" in held  # three villages, all of them certain
    for commune in sorted(held):
        table = replace(made, [entry(commune, "unreachable")]).sample
        active = table[table["status"] == "active"]
        assert not any(active["unit_id"].str.startswith(commune))
        assert active["factor"].unique().tolist() == [0.5]
        assert len(table) == len(set(table["unit_id"]))


def test_methods_whose_order_is_not_random_give_weights_that_are_called_approximate():
    design = by_method("pps_systematic")
    design = SampleDesign.from_dict({**design.as_dict(), "reserves": {"village": 2}})
    made = draw(villages(), design, 7)
    found = replace(made, [entry(made.rows[0].unit_id)])
    assert [one.code for one in found.findings] == ["revision-weights-approximate"]


def test_a_log_that_cannot_be_true_is_refused_with_every_line(drawn):
    households = [row.unit_id for row in drawn.reserve_rows if row.stage == 3]
    with pytest.raises(DrawError) as refusal:
        replace(drawn, [entry("nobody", line=2), entry(households[2], line=3)])
    assert [(one.code, one.row) for one in refusal.value.findings] == [
        ("revision-case-unknown", 2),
        ("revision-reserve-not-active", 3),
    ]


def test_a_certain_unit_cannot_be_replaced_and_spent_reserves_are_told():
    stage = {"unit": "village", "method": "srs", "take": 4, "certainty": ["c1v1"]}
    design = SampleDesign.from_dict({"version": 1, "stages": [stage], "reserves": 1})
    made = draw(villages(), design, 7)
    with pytest.raises(DrawError) as refusal:
        replace(made, [entry("c1v1")])
    assert refusal.value.code == "revision-unit-certain"
    found = replace(made, [entry(row.unit_id, "moved") for row in made.rows[1:3]])
    assert "revision-reserves-exhausted" in [one.code for one in found.findings]
    assert (found.sample["status"] == "active").sum() == 3


def test_a_log_is_read_from_a_file_and_all_its_faults_are_told(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text(
        "unit_id,reason,date,note\nu1,moved,2026-03-02,\nu1,bored,yesterday,\n", encoding="utf-8"
    )
    with pytest.raises(DrawError) as refusal:
        read_log(path)
    assert [(one.code, one.row) for one in refusal.value.findings] == [
        ("revision-case-repeated", 3),
        ("revision-reason-unknown", 3),
        ("revision-date-invalid", 3),
    ]
    assert entries_of([(2, {"unit_id": "u1", "reason": "moved", "date": "2026-03-02"})])[0] == (
        entry("u1", "moved")
    )
