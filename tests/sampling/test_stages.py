"""Draws of several stages, by every method, per stratum, at a rate: who is drawn and how likely."""

from fractions import Fraction

import numpy as np
import pytest
from scipy.stats import chisquare
from staged_designs import (
    HOUSEHOLD,
    METHODS,
    PERSON,
    VILLAGE,
    VILLAGES,
    a_design,
    by_method,
    villages,
)

from intake.findings import DesignError, DrawError
from sampling import DESIGNS, Frame, SampleDesign, draw, takes_of, verify_draw, write_draw
from sampling.chance import WHOLE, sha256_text
from sampling.drawing import draw_within
from sampling.drawing.exact import exact_at_rate, exact_circular, exact_groups, take_at_rate
from sampling.drawing.places import person_places


def faults(design, units):
    return sorted({(one.code, one.path) for one in design.check_against(units)})


def test_communes_villages_households_and_a_person_are_drawn_in_one_act():
    design = a_design(VILLAGE, HOUSEHOLD, PERSON, reserves={"village": 1, "household": 2})
    made = draw(villages(), design, 7)
    table = made.sample
    assert table.groupby("stage").size().to_dict() == {1: 2, 2: 4, 3: 20}
    communes = table.loc[table["stage"] == 1, "unit_id"].tolist()
    within = table[table["stage"] == 2]
    assert set(within["unit_id"].str[:2]) == set(communes)
    for _, row in within.iterrows():
        held = VILLAGES[row["unit_id"][:2]]
        assert row["probability"] == pytest.approx(2 / 5 * 2 / held)
    assert set(table["psu_id"]) == set(communes)
    # Reserves: one village of each commune (two where both were drawn of three), two households.
    assert made.reserves.groupby("stage").size().to_dict() == {2: 2, 3: 8}
    sheet = made.persons
    assert len(sheet) == 28
    assert (sheet["eligible_1"] == 1).all()
    assert sheet["eligible_4"].between(1, 4).all()


def test_a_margin_that_no_allocation_meets_is_refused_and_one_that_is_missed_is_told():
    def aiming(margin):
        fields = {"targets": {"margin": margin, "rho": 0.05, "response": 0.5}}
        return SampleDesign.from_dict({**a_design(VILLAGE, HOUSEHOLD).as_dict(), **fields})

    assert [one.code for one in draw(villages(), aiming(0.2), 7).findings] == [
        "precision-margin-missed"
    ]
    with pytest.raises(DesignError) as refusal:
        draw(villages(), aiming(0.001), 7)
    assert refusal.value.code == "precision-margin-missed"


def test_a_draw_tells_how_far_it_is():
    told = []
    draw(villages(), a_design(VILLAGE, HOUSEHOLD), 7, progress=lambda *now: told.append(now))
    assert told[0] == (1, 1)
    assert told[-1] == (7, 7)


def test_the_inclusion_probability_of_every_village_is_the_product_of_its_stages():
    design = a_design({**VILLAGE, "method": "pps_systematic"})
    units, repeats = villages(), 1500
    hits = dict.fromkeys(units.by_id, 0)
    chances = {}
    for seed in range(repeats):
        for row in draw(units, design, seed).rows:
            if row.stage == 2:
                hits[row.unit_id] += 1
                chances.setdefault(row.unit_id, row.chance)
                assert chances[row.unit_id] == row.chance
    assert sum(chances.values()) == 4
    expected = np.array([float(chances[name]) * repeats for name in hits])
    spread = np.array([float(chances[name] * (1 - chances[name])) * repeats for name in hits])
    z = (np.array(list(hits.values())) - expected) / np.sqrt(spread)
    assert np.abs(z).max() < 4


def test_a_commune_taken_with_certainty_makes_its_villages_the_psus():
    design = SampleDesign.from_dict(
        {
            "version": 1,
            "stages": [
                {
                    "unit": "commune",
                    "id": "parent_id",
                    "method": "srs",
                    "take": 3,
                    "certainty": ["c3"],
                },
                {**VILLAGE, "strata": "terrain", "take": 1},
                HOUSEHOLD,
            ],
        }
    )
    table = draw(villages(), design, 7).sample
    sure = table[table["unit_id"].str.startswith("c3") & (table["stage"] > 1)]
    assert set(sure["stratum"]) == {"a/c3/hill", "a/c3/plain"}
    assert set(sure["psu_id"].str[:3]) == {"c3v"}
    rest = table[~table["unit_id"].str.startswith("c3") & (table["stage"] > 1)]
    assert set(rest["stratum"]) == {"a"}
    assert set(rest["psu_id"].str.len()) == {2}


def test_a_unit_of_several_rows_adds_up_its_sizes():
    design = a_design({"unit": "household", "method": "srs", "take": 5, "size": "households"})
    units = {unit.unit_id: unit for unit in design.strata_of(villages())["a"]}
    assert units["c1"].size == 50 + 60 + 70 + 80
    assert units["c1"].cells["households"] == "90"
    assert units["c1"].cells["terrain"] == ""
    assert float(units["c1"].cells["lat"]) == pytest.approx(20.25)
    chance = draw(villages(), design, 1).rows[-1].chance
    assert chance in {Fraction(2, 5) * Fraction(5, held) for held in (90, 66, 141, 115)}


def test_strata_may_have_designs_of_their_own():
    strata = {"c1": "a", "c2": "a", "c3": "b", "c4": "b", "c5": "b"}
    design = SampleDesign.from_dict(
        {
            "version": 1,
            "stages": [
                {
                    "unit": "village",
                    "method": "srs",
                    "take": 3,
                    "per_stratum": {"b": {"method": "pps_systematic", "take": 4, "sort": ["lat"]}},
                }
            ],
        }
    )
    units = villages(strata)
    made = draw(units, design, 7)
    assert [told["method"] for told in made.record["strata"]] == ["srs", "pps_systematic"]
    table = made.sample
    assert table.groupby("stratum").size().to_dict() == {"a": 3, "b": 4}
    assert (table.loc[table["stratum"] == "a", "probability"] == 3 / 7).all()
    total = sum(unit.size for unit in units.strata["b"])
    for _, row in table[table["stratum"] == "b"].iterrows():
        size = units.by_id[row["unit_id"]].size
        assert row["probability"] == pytest.approx(4 * size / total)
    again = SampleDesign.from_dict(design.as_dict())
    assert again.sha256 == design.sha256


@pytest.mark.parametrize("method", METHODS)
def test_every_method_draws_units_as_often_as_their_probability_says(method):
    units, design, repeats = villages(), by_method(method), 300
    drawn, total, sizes = [], 0.0, sum(unit.size for unit in units.units)
    for seed in range(1000, 1000 + repeats):
        made = draw(units, design, seed)
        names = [row.unit_id for row in made.rows]
        drawn += names
        assert len(set(names)) == len(names)
        # The Horvitz-Thompson total of the sizes.
        total += sum(units.by_id[row.unit_id].size / float(row.chance) for row in made.rows)
    assert total / repeats == pytest.approx(sizes, rel=0.05)
    if method not in ("poisson", "rao_hartley_cochran"):
        assert len(drawn) == 6 * repeats
    if method != "rao_hartley_cochran":
        equal = method in ("srs", "systematic", "systematic_circular")
        chances = {
            unit.unit_id: 6 / len(units.units) if equal else 6 * unit.size / sizes
            for unit in units.units
        }
        z = [
            (drawn.count(name) - repeats * pi) / np.sqrt(repeats * pi * (1 - pi))
            for name, pi in chances.items()
        ]
        assert np.abs(z).max() < 4.2


def test_equal_probabilities_are_drawn_by_a_method_that_knows_sizes_when_the_design_says_equal():
    made = draw(villages(), by_method("local_pivotal", size="equal"), 7)
    assert {row.chance for row in made.rows} == {Fraction(6, 21)}


def test_units_as_large_as_the_interval_are_taken_with_certainty_by_every_method_of_size():
    rows = [
        {"unit_id": f"u{n}", "unit_name": "A", "province": "HP", "stratum": "a", "size": size}
        for n, size in enumerate([500, 20, 30, 40, 50, 60])
    ]
    for method in ("sampford", "poisson", "chromy"):
        made = draw(Frame.from_rows(rows), by_method(method, take=3), 1)
        assert made.rows[0].unit_id == "u0"
        assert made.rows[0].chance == 1


@pytest.mark.parametrize("method", ["srs", "systematic", "poisson"])
def test_a_rate_is_the_probability_of_every_unit(method):
    stage = {"unit": "village", "method": method, "rate": 0.3}
    design = SampleDesign.from_dict({"version": 1, "stages": [stage]})
    units, repeats = villages(), 400
    counts = [len(draw(units, design, seed).rows) for seed in range(repeats)]
    assert {row.chance for row in draw(units, design, 1).rows} == {Fraction(3, 10)}
    assert np.mean(counts) == pytest.approx(6.3, abs=0.35)
    if method != "poisson":
        assert set(counts) == {6, 7}
    assert takes_of(design, units)[0] == {"a": 7}


def test_households_at_a_rate_weigh_the_same_in_every_village():
    rate = {"unit": "household", "method": "systematic", "rate": 0.2, "size": "households"}
    made = draw(villages(), a_design(VILLAGE, rate), 3)
    table = made.sample
    for commune, rows in table[table["stage"] == 3].groupby(table["unit_id"].str[:2]):
        assert set(rows["probability"]) == {float(Fraction(2, 5) * 2 / VILLAGES[commune] / 5)}


def test_a_serpentine_order_runs_back_and_forth():
    stage = {
        "unit": "village",
        "method": "systematic",
        "take": 5,
        "sort": ["parent_id", "size"],
        "serpentine": True,
    }
    design = SampleDesign.from_dict({"version": 1, "stages": [stage]})
    (told,) = draw(villages(), design, 1).record["strata"]
    assert told["order"][:9] == [
        *(f"c1v{n}" for n in (1, 2, 3, 4)),
        *(f"c2v{n}" for n in (3, 2, 1)),
        *(f"c3v{n}" for n in (1, 2)),
    ]


def test_coordinated_rounds_share_their_units_and_a_shift_parts_them():
    units = villages()
    first = draw(units, by_method("srs"), 1)
    earlier = {row.unit_id for row in first.rows}
    seed = first.record["seed"]
    same = draw(units, by_method("srs", coordination={"seed": seed}), 2)
    apart = draw(units, by_method("srs", coordination={"seed": seed, "shift": 0.5}), 2)
    assert {row.unit_id for row in same.rows} == earlier
    assert len({row.unit_id for row in apart.rows} & earlier) <= 1
    number = int(sha256_text(f"{seed}|c1v1"), 16)
    assert number < WHOLE


def test_a_fixed_total_is_shared_out_by_power_and_neyman_within_floors_and_caps():
    strata = {"c1": "a", "c2": "b", "c3": "c", "c4": "c", "c5": "b"}
    units = villages(strata)
    stage = {"unit": "village", "method": "srs", "take": 9, "allocation": "neyman"}
    sharing = {"sds": {"a": 1.0, "b": 2.0, "c": 3.0}, "floor": 2, "cap": 5}
    design = SampleDesign.from_dict({"version": 1, "stages": [{**stage, "sharing": sharing}]})
    assert takes_of(design, units)[0] == {"a": 2, "b": 2, "c": 5}
    power = {**stage, "allocation": "power", "sharing": {"exponent": 0.0}}
    design = SampleDesign.from_dict({"version": 1, "stages": [power]})
    assert takes_of(design, units)[0] == {"a": 3, "b": 3, "c": 3}
    lacking = {**stage, "sharing": {"sds": {"a": 1.0}}}
    with pytest.raises(DesignError) as refusal:
        takes_of(SampleDesign.from_dict({"version": 1, "stages": [lacking]}), units)
    assert refusal.value.code == "design-sharing-incomplete"
    assert "b, c" in str(refusal.value)


def test_a_kish_sheet_gives_every_eligible_person_the_same_chance():
    for eligible in (2, 3, 5):
        asked = [person_places("0" * 64, f"h{n}")[eligible - 1] for n in range(3000)]
        counts = np.bincount(asked, minlength=eligible + 1)[1:]
        assert chisquare(counts).pvalue > 1e-4


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"rate": 0.1}, "design-take-and-rate"),
        ({"take": None, "rate": 1.5}, "design-rate-invalid"),
        ({"serpentine": "yes"}, "design-flag-invalid"),
        ({"sharing": {"floor": 2}}, "design-sharing-invalid"),
        ({"coordination": {"seed": "abc"}}, "design-coordination-invalid"),
        ({"per_stratum": ["a"]}, "design-per-stratum-invalid"),
        ({"per_stratum": {"a": {"method": "by hand"}}}, "design-method-unknown"),
        ({"per_stratum": {"a": {"unit": "x"}}}, "design-key-unknown"),
        ({"balance": 3}, "design-balance-invalid"),
        ({"spread": 3}, "design-spread-invalid"),
    ],
)
def test_a_key_that_says_nonsense_is_refused_by_its_code(change, code):
    stage = {"unit": "village", "method": "srs", "take": 2, **change}
    with pytest.raises(DesignError) as refusal:
        SampleDesign.from_dict({"version": 1, "stages": [stage]})
    assert code in [one.code for one in refusal.value.findings]


def test_stages_out_of_order_and_units_drawn_twice_are_refused():
    with pytest.raises(DesignError) as refusal:
        a_design(HOUSEHOLD, VILLAGE)
    assert refusal.value.code == "design-stages-out-of-order"
    with pytest.raises(DesignError) as refusal:
        a_design({**VILLAGE, "unit": "commune"})
    assert refusal.value.code == "design-unit-repeated"
    with pytest.raises(DesignError) as refusal:
        SampleDesign.from_dict({"version": 1, "stages": [VILLAGE], "domains": 3})
    assert refusal.value.code == "design-domains-invalid"


def test_what_a_frame_lacks_is_named_with_the_place_in_the_design():
    units = villages()
    assert faults(a_design({**VILLAGE, "take": 4}), units) == [
        ("design-take-above-list", "stages[1].take")
    ]
    assert faults(by_method("cube", balance=["rice"]), units) == [
        ("design-column-missing", "stages[0].balance")
    ]
    assert faults(by_method("cube", balance=["terrain"]), units) == [
        ("design-column-not-a-number", "stages[0].balance")
    ]
    assert faults(by_method("cube", balance=[]), units) == [
        ("design-balance-missing", "stages[0].balance")
    ]
    assert faults(by_method("scps", spread=[]), units) == [
        ("design-spread-missing", "stages[0].spread")
    ]
    assert faults(a_design({**VILLAGE, "take": {"b": 2}}), units) == [
        ("design-stratum-unknown", "stages[1].take.b"),
        ("design-stratum-without-take", "stages[1].take"),
    ]


def test_a_commune_in_two_strata_cannot_be_drawn():
    rows = [dict(unit.cells) for unit in villages().units]
    rows[0]["stratum"] = "z"
    (finding,) = a_design(VILLAGE).check_against(Frame.from_rows(rows))
    assert finding.code == "design-unit-divided"
    assert "'c1' lies in 2 places: a, z" in finding.message.en


def test_whole_number_selections_hit_every_position_as_often_as_they_should():
    cells = 7 * 4
    starts = [(2 * cell + 1) * WHOLE // (2 * cells) for cell in range(cells)]
    circular = [place for start in starts for place in exact_circular(7, 3, start)]
    assert [circular.count(place) for place in range(7)] == [cells * 3 // 7] * 7
    rate = [place for start in starts for place in exact_at_rate(5, Fraction(3, 7), start)]
    assert [rate.count(place) for place in range(5)] == [cells * 3 // 7] * 5
    taken = [take_at_rate(10, Fraction(1, 4), start) for start in starts]
    assert sum(taken) == cells * 2.5
    assert [len(group) for group in exact_groups(11, 4)] == [3, 3, 3, 2]


def test_a_list_shorter_than_the_take_is_taken_whole_where_the_design_says_so():
    design = a_design({**VILLAGE, "take": 4, "short": "all"})
    assert faults(design, villages()) == []
    made = draw(villages(), design, 7)
    for told in made.record["units"]:
        (group,) = told["strata"]
        assert group["take"] == min(4, VILLAGES[told["unit_id"]])
    with pytest.raises(DesignError) as refusal:
        a_design({**VILLAGE, "short": "some"})
    assert refusal.value.code == "design-short-invalid"


def test_the_files_of_a_draw_of_four_stages_are_drawn_again_and_a_changed_grid_is_found(tmp_path):
    folder = tmp_path / "draw"
    write_draw(draw(villages(), a_design(VILLAGE, HOUSEHOLD, PERSON), 7), folder)
    assert verify_draw(folder).record["drawn"] == 26
    sheet = (folder / "persons.csv").read_text(encoding="utf-8").splitlines()
    assert sheet[0].startswith("unit_id,eligible_1,eligible_2")
    assert len(sheet) == 21
    sheet[3] = sheet[3][:-1] + "9"
    (folder / "persons.csv").write_text("\n".join(sheet) + "\n", encoding="utf-8")
    with pytest.raises(DrawError) as refusal:
        verify_draw(folder)
    assert refusal.value.code == "draw-persons-differ"
    assert refusal.value.findings[0].row == 4


def test_the_ready_made_designs_of_population_and_transactions_can_be_carried_out():
    rows = [
        {
            "unit_id": f"{commune:05d}-{village}",
            "unit_name": f"Thôn {village}",
            "province": "HP",
            "stratum": "urban" if commune % 3 else "rural",
            "size": 900,
            "households": 150 + 40 * village + commune,
            "parent_id": f"{commune:05d}",
        }
        for commune in range(60)
        for village in range(1, 3 + commune % 4)
    ]
    design = SampleDesign.read(DESIGNS / "population-villages.yaml")
    table = draw(Frame.from_rows(rows), design, 7).sample
    assert (table["stage"] == 1).sum() == 24
    assert (table["stage"] == 3).sum() == 17 * (table["stage"] == 2).sum()
    # Sizes at both stages: every household of a stratum has nearly the same probability.
    third = table[(table["stage"] == 3) & (table["probability"] > 0)]
    assert third.groupby("stratum")["design_weight"].agg(np.ptp).max() < 40
    cells = [
        {
            "unit_id": f"{unit}.{field}",
            "unit_name": f"{unit} {field}",
            "province": "HP",
            "stratum": unit,
            "size": size,
        }
        for unit, field, size in [("a", "land", 500), ("a", "civil", 30), ("b", "land", 61)]
    ]
    design = SampleDesign.read(DESIGNS / "transactions.yaml")
    table = draw(Frame.from_rows(cells), design, 7).sample
    drawn = table[table["stage"] == 2]
    assert drawn.groupby(drawn["unit_id"].str[:3]).size().to_dict() == {
        "a.c": 30,
        "a.l": 60,
        "b.l": 60,
    }


def test_what_lies_within_a_reserve_was_fixed_with_the_draw():
    made = draw(villages(), a_design(VILLAGE, HOUSEHOLD, reserves={"commune": 1}), 7)
    drawn = next(row.unit_id for row in made.rows if row.stage == 1)
    again = draw_within(made, drawn)
    assert again.rows == [
        row for row in made.rows if row.unit_id.startswith(f"{drawn}v") and row.stage > 1
    ]
    spare = next(row.unit_id for row in made.reserve_rows if row.stage == 1)
    assert {row.unit_id[:2] for row in draw_within(made, spare).rows} == {spare}
    with pytest.raises(DrawError) as refusal:
        draw_within(made, "c9")
    assert refusal.value.code == "draw-unit-unknown"


def test_a_serpentine_of_many_different_values_is_laid_out_at_once():
    rows = [
        {
            "unit_id": f"k{i}",
            "unit_name": "x",
            "province": "HP",
            "stratum": "k",
            "size": 1,
            "far": i,
        }
        for i in range(20_000)
    ]
    stage = {"unit": "ward", "method": "systematic", "sort": ["far"], "serpentine": True, "take": 2}
    made = draw(Frame.from_rows(rows), SampleDesign.from_dict({"version": 1, "stages": [stage]}), 1)
    first, second = (int(row.unit_id[1:]) for row in made.rows)
    assert second - first == 10_000
