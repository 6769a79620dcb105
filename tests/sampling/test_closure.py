"""A unit closes in mid-fieldwork: what each rule estimates, over every sample there is."""

from datetime import date
from fractions import Fraction
from itertools import combinations, permutations

import pandas as pd
import pytest
from staged_designs import HOUSEHOLD, VILLAGE, a_design, by_method, villages

from intake.findings import DrawError
from sampling import SampleDesign, draw
from sampling.drawing import draw_within
from sampling.revision import Closure, close_units, closures_of, read_closures
from sampling.revision.closed_strata import Stratum, Unit
from sampling.revision.closing import stand, stand_out_of_scope
from sampling.sample import SAMPLE_COLUMNS, sample_table

F = Fraction
Y = {"u1": 7, "u2": 3, "u3": 5, "u4": 11, "u5": 2, "u6": 13}
SIZE = {"u1": 70, "u2": 30, "u3": 50, "u4": 110, "u5": 20, "u6": 130}


def shut(*names):
    return {name: Closure(name, date(2026, 3, 2), "ngập lụt", 2) for name in names}


def a_unit(name, weight, role="drawn"):
    return Unit(name, weight, ({"unit_id": name, "stage": 1, "design_weight": weight},), role)


def total(standing, values=Y):
    return sum(one.weight * values[one.unit.unit_id] for one in standing if one.status == "active")


def stand_with(stratum, closed, sizes=None, merge=None):
    return stand([stratum], closed, sizes=sizes or {}, merge=merge or {}, done=())


@pytest.mark.parametrize("n", [2, 3, 4])
def test_nonresponse_estimates_the_stratum_at_the_mean_of_the_open_units(n):
    closed = shut("u2", "u6")
    found = []
    for drawn in combinations(Y, n):
        stratum = Stratum("a", tuple(a_unit(name, F(6, n)) for name in drawn))
        if set(drawn) - set(closed):
            found.append(total(stand_with(stratum, closed)))
    mean_open = F(7 + 5 + 11 + 2, 4)
    assert sum(found) / len(found) == 6 * mean_open


@pytest.mark.parametrize("n", [2, 3])
def test_nonresponse_is_exact_in_every_sample_where_answers_follow_the_sizes(n):
    closed = shut("u2", "u6")
    for drawn in combinations(Y, n):
        if set(drawn) <= set(closed):
            continue
        units = tuple(a_unit(name, F(410, n * SIZE[name])) for name in drawn)
        assert total(stand_with(Stratum("a", units), closed, SIZE), SIZE) == 410


@pytest.mark.parametrize("n", [2, 3])
def test_units_out_of_scope_count_nothing_and_leave_the_others_unbiased(n):
    closed = shut("u2", "u6")
    found = [
        total(stand_out_of_scope([Stratum("a", tuple(a_unit(x, F(6, n)) for x in drawn))], closed))
        for drawn in combinations(Y, n)
    ]
    assert sum(found) / len(found) == 7 + 5 + 11 + 2


@pytest.mark.parametrize("closed", [shut("u2"), shut("u2", "u6"), shut("u1", "u4", "u5")])
def test_reserves_in_order_give_each_open_unit_the_weight_of_the_drawn_ones(closed):
    n, found = 2, []
    for order in permutations(Y):
        units = [a_unit(x, F(6, n), "drawn" if k < n else "reserve") for k, x in enumerate(order)]
        standing = stand_with(Stratum("a", tuple(units[:n]), tuple(units[n:])), closed)
        issued = len(standing)
        for one in standing:
            assert one.unit.weight * one.issued == F(6, issued)
            assert one.weight == (F(6, n) if one.status == "active" else 0)
        assert sum(one.status == "active" for one in standing) == n
        found.append(total(standing))
    still = [Y[name] for name in Y if name not in closed]
    assert sum(found) / len(found) == 6 * F(sum(still), len(still))


def test_reserves_that_run_out_leave_the_rest_to_the_open_units():
    found = []
    closed = shut("u2", "u6")
    for order in permutations(Y):
        units = [a_unit(x, F(3), "drawn" if k < 2 else "reserve") for k, x in enumerate(order[:3])]
        standing = stand_with(Stratum("a", tuple(units[:2]), tuple(units[2:])), closed)
        if any(one.status == "active" for one in standing):
            found.append(total(standing))
            assert sum(one.weight for one in standing) == 6
    assert sum(found) / len(found) == 6 * F(25, 4)


@pytest.fixture(scope="module")
def drawn():
    design = a_design(VILLAGE, HOUSEHOLD, reserves={"commune": 2})
    return draw(villages(), design, 7)


def closures(*names):
    return tuple(shut(*names).values())


def test_a_commune_of_a_draw_closes_with_its_villages_and_households(drawn):
    sample = drawn.sample
    gone, stays = sample.loc[sample["stage"] == 1, "unit_id"]
    made = close_units(sample, closures(gone))
    table = made.table
    assert table["unit_id"].tolist() == sample["unit_id"].tolist()
    assert set(table.loc[table["psu_id"] == gone, "status"]) == {"closed"}
    assert (table.loc[table["psu_id"] == gone, "design_weight"] == 0).all()
    assert set(table.loc[table["psu_id"] == gone, "note"]) == {"2026-03-02: ngập lụt"}
    left = table[table["psu_id"] == stays]
    assert left["design_weight"].tolist() == pytest.approx((left["issued_weight"] * 2).tolist())
    assert [one.code for one in made.findings] == ["revision-stratum-one-psu"]
    assert gone in made.statement.vi
    assert "Giả định" in made.statement.vi
    assert "Assumed" in made.statement.en


def test_a_reserve_commune_brings_the_cases_that_the_draw_fixed_for_it(drawn):
    sample, spare = drawn.sample, drawn.reserves
    gone = sample.loc[sample["stage"] == 1, "unit_id"].iloc[0]
    came = spare.loc[spare["stage"] == 1, "unit_id"].iloc[0]
    made = close_units(
        sample,
        closures(gone),
        rule="reserve",
        reserves=spare,
        within=lambda name: sample_table(draw_within(drawn, name).rows),
        methods={"a": "srs"},
    )
    assert made.findings == ()
    active = made.table[made.table["status"] == "active"]
    assert active.groupby("stage").size().to_dict() == {1: 2, 2: 4, 3: 20}
    assert came in set(active["psu_id"])
    assert active["design_weight"].tolist() == pytest.approx((1 / active["probability"]).tolist())
    first = made.table[made.table["stage"] == 1]
    assert first["issued_weight"].tolist() == pytest.approx([5 / 3] * 3)
    assert came in made.statement.en


def test_what_was_answered_before_the_flood_stands_for_its_unit(drawn):
    sample = drawn.sample
    gone = sample.loc[sample["stage"] == 1, "unit_id"].iloc[0]
    cases = sample[(sample["stage"] == 3) & (sample["psu_id"] == gone)]
    done = cases["unit_id"].tolist()[:4]
    table = close_units(sample, closures(gone), done=done).table
    mine = table[(table["stage"] == 3) & (table["psu_id"] == gone)]
    assert mine.loc[mine["status"] == "done", "unit_id"].tolist() == done
    assert mine["design_weight"].sum() == pytest.approx(cases["design_weight"].sum())
    others = table[table["psu_id"] != gone]
    assert (others["design_weight"] == others["issued_weight"]).all()


def test_reserves_after_a_draw_by_size_are_called_approximate_and_may_run_out():
    plain = by_method("pps_systematic").as_dict()
    made = draw(villages(), SampleDesign.from_dict({**plain, "reserves": {"village": 1}}), 7)
    names = made.sample["unit_id"].tolist()[:2]
    found = close_units(
        made.sample,
        closures(*names),
        rule="reserve",
        reserves=made.reserves,
        methods={"a": "pps_systematic"},
    )
    codes = [one.code for one in found.findings]
    assert codes == ["revision-reserves-exhausted", "revision-weights-approximate"]


def table_of(*rows):
    cells = [(name, stratum, name, 1, 1, 0.5, 2.0, "drawn") for name, stratum in rows]
    return pd.DataFrame(cells, columns=list(SAMPLE_COLUMNS))


def test_a_stratum_that_closes_whole_is_carried_by_the_one_it_is_merged_with():
    sample = table_of(("x", "a"), ("y", "b"), ("z", "b"))
    with pytest.raises(DrawError) as refusal:
        close_units(sample, closures("x"))
    assert refusal.value.code == "revision-stratum-closed"
    assert "--merge a=b" in refusal.value.text("en")
    table = close_units(sample, closures("x"), merge={"a": "b"}).table
    assert table["design_weight"].tolist() == [0, 3, 3]


def test_a_certain_unit_of_several_stages_keeps_the_rows_within_it():
    design = a_design({**VILLAGE, "method": "srs"})
    stage = {**design.as_dict()["stages"][0], "certainty": ["c3"]}
    whole = SampleDesign.from_dict({**design.as_dict(), "stages": [stage, VILLAGE]})
    sample = draw(villages(), whole, 7).sample
    inside = sample["stratum"].eq("a/c3")
    assert inside.sum() == 3
    table = close_units(sample, closures("c3"), rule="out_of_scope").table
    assert set(table.loc[table["status"] == "out_of_scope", "stratum"]) == {"a/c3"}
    merged = close_units(sample, closures("c3"), merge={"a/c3": "a"}).table
    assert merged.loc[merged["stage"] == 1, "design_weight"].tolist() == pytest.approx([0, 5])


SAMPLE = table_of(("x", "a"), ("y", "a"))


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"rule": "guess"}, "revision-rule-unknown"),
        ({"rule": "reserve"}, "revision-reserves-missing"),
        ({"rule": "out_of_scope", "done": ["x-1"]}, "revision-done-out-of-scope"),
        ({"closures": closures("w")}, "revision-unit-not-drawn"),
        ({"sample": SAMPLE.drop(columns="role")}, "revision-column-missing"),
        (
            {"sample": pd.concat([SAMPLE, SAMPLE.assign(stage=2, psu_id="v")])},
            "revision-case-without-unit",
        ),
    ],
)
def test_what_cannot_be_closed_is_refused(more, code):
    call = {"sample": SAMPLE, "closures": closures("x"), **more}
    with pytest.raises(DrawError) as refusal:
        close_units(call.pop("sample"), call.pop("closures"), **call)
    assert refusal.value.code == code


def test_reserves_of_several_stages_need_their_cases(drawn):
    gone = drawn.sample["unit_id"].iloc[0]
    with pytest.raises(DrawError) as refusal:
        close_units(drawn.sample, closures(gone), rule="reserve", reserves=drawn.reserves)
    assert refusal.value.code == "revision-reserve-cases-missing"


def test_a_reserve_that_never_came_in_needs_no_closing(drawn):
    names = drawn.reserves.loc[drawn.reserves["stage"] == 1, "unit_id"].tolist()
    made = close_units(
        drawn.sample,
        closures(names[1]),
        rule="reserve",
        reserves=drawn.reserves,
        within=lambda name: sample_table(draw_within(drawn, name).rows),
    )
    assert [one.code for one in made.findings] == ["revision-reserve-not-active"]
    assert set(made.table["status"]) == {"active"}


def test_a_list_of_closures_is_read_whole_or_refused_with_every_line(tmp_path):
    path = tmp_path / "closed.csv"
    path.write_text("unit_id,date,reason\nx,2026-03-02,lũ\n", encoding="utf-8")
    assert read_closures(path) == (Closure("x", date(2026, 3, 2), "lũ", 2),)
    rows = [
        (2, {"unit_id": "x", "date": "2026-03-02", "reason": "lũ"}),
        (3, {"unit_id": "x", "date": "2/3/2026", "reason": " "}),
    ]
    with pytest.raises(DrawError) as refusal:
        closures_of(rows)
    assert [one.code for one in refusal.value.findings] == [
        "revision-closure-repeated",
        "revision-closure-without-reason",
        "revision-date-invalid",
    ]
    with pytest.raises(DrawError) as refusal:
        closures_of([])
    assert refusal.value.code == "revision-closures-missing"
