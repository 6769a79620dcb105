"""The draw: redrawn by a stranger, kept in files, changed by nobody unnoticed."""

import csv
import hashlib
import json
import shutil
import subprocess
from datetime import date
from fractions import Fraction

import pytest

from intake.findings import DesignError, DrawError
from sampling import (
    DESIGNS,
    Frame,
    SampleDesign,
    build_visits,
    chance,
    draw,
    frame,
    load_offices,
    load_registry,
    plan,
    read_frame,
    verify_draw,
    write_draw,
)
from sampling.drawing.groups import draw_group
from sampling.sample import SAMPLE_COLUMNS


def a_frame(sizes, stratum="a", adults=60):
    return Frame.from_rows(
        [
            {
                "unit_id": f"{stratum}{number}",
                "unit_name": f"Xã {number}",
                "province": "HP",
                "stratum": stratum,
                "size": size,
                "adults": adults,
                "lat": 20 + number / 10,
            }
            for number, size in enumerate(sizes, start=1)
        ]
    )


def a_design(method, take, second=None, **fields):
    first = {"unit": "commune", "method": method, "take": take, **fields.pop("first", {})}
    stages = [first]
    if second is not None:
        stages.append({"unit": "person", "method": "srs", "size": "adults", **second})
    return SampleDesign.from_dict({"version": 1, "stages": stages, **fields})


@pytest.fixture(scope="module")
def population():
    units = frame.build(load_registry(), date(2026, 3, 1))
    design = SampleDesign.read(DESIGNS / "hai-phong-population.yaml")
    return draw(units, design, 20260301)


@pytest.fixture
def small(tmp_path):
    design = a_design("pps_systematic", 3, {"take": 5}, reserves={"commune": 1, "person": 2})
    made = draw(a_frame([10, 25, 15, 30, 20, 40]), design, 7)
    write_draw(made, tmp_path / "draw", operator="Tổ công tác", drawn_on=date(2026, 3, 2))
    return tmp_path / "draw"


def test_the_demonstration_draws_28_communes_both_special_zones_and_150_persons_in_each(population):
    table = population.sample
    assert tuple(table.columns) == SAMPLE_COLUMNS
    first, second = table[table["stage"] == 1], table[table["stage"] == 2]
    assert len(first) == 30
    assert len(second) == 3300
    assert (second.groupby(second["unit_id"].str[:5]).size() == 110).all()
    zones = first[first["stratum"].str.startswith("special-")]
    assert zones["unit_id"].tolist() == ["11948", "11914"]
    assert (zones["probability"] == 1).all()
    alone = second["stratum"].str.startswith("special-")
    assert (second.loc[alone, "psu_id"] == "").all()
    assert (second.loc[~alone, "psu_id"] == second.loc[~alone, "unit_id"].str[:5]).all()


def test_the_reserves_stand_apart_and_continue_the_order(population):
    spare = population.reserves
    assert set(spare["role"]) == {"reserve"}
    assert not set(spare["unit_id"]) & set(population.sample["unit_id"])
    communes = spare[spare["stage"] == 1]
    assert communes.groupby("stratum").size().to_dict() == {
        "rural-hai-duong": 2,
        "rural-hai-phong": 2,
        "urban-hai-duong": 2,
        "urban-hai-phong": 2,
    }
    persons = spare[spare["stage"] == 2]
    assert len(persons) == 30 * 30
    assert persons["order"].min() == 111


def test_persons_of_one_stratum_weigh_nearly_the_same_and_stand_for_its_adults(population):
    second = population.sample[population.sample["stage"] == 2]
    for stratum, rows in second.groupby("stratum"):
        adults = sum(int(unit.cells["adults"]) for unit in population.frame.strata[stratum])
        assert rows["design_weight"].sum() == pytest.approx(adults, rel=1e-4)
        assert rows["design_weight"].max() / rows["design_weight"].min() < 1.001


def test_the_same_frame_design_and_seed_give_the_same_draw_and_another_seed_another():
    units, design = a_frame([10, 25, 15, 30, 20, 40]), a_design("pps_systematic", 3, {"take": 5})
    assert draw(units, design, 7).rows == draw(units, design, "7").rows
    assert draw(units, design, 7).rows != draw(units, design, 8).rows
    assert draw(units, design, 7).rows != draw(units, design, 7, public="5-3-6").rows


def test_a_stranger_redraws_an_equal_probability_sample_with_hashes_and_a_sorted_list(tmp_path):
    # Given: the published files of a draw of 4 of 12 communes.
    design = a_design("srs", 4, reserves={"commune": 2})
    write_draw(draw(a_frame([5] * 12), design, 20260301), tmp_path / "draw")
    folder = tmp_path / "draw"
    record = json.loads((folder / "draw.json").read_text(encoding="utf-8"))

    def sha(data):
        return hashlib.sha256(data).hexdigest()

    # When: someone who knows security.md section 9.2 works it out with hashlib alone.
    seed = sha(
        b"draw-v1"
        + sha((folder / "frame.csv").read_bytes()).encode()
        + sha((folder / "design.json").read_bytes()).encode()
        + b"20260301"
    )
    with (folder / "frame.csv").open(encoding="utf-8", newline="") as file:
        ids = [row["unit_id"] for row in csv.DictReader(file)]
    order = sorted(ids, key=lambda name: sha(f"{seed}|{name}".encode()))
    # Then: the seed, the first four and the two reserves are those on file.
    assert seed == record["seed"]
    assert sha(b"20260301") == record["commitment"]
    with (folder / "sample.csv").open(encoding="utf-8", newline="") as file:
        assert [row["unit_id"] for row in csv.DictReader(file)] == order[:4]
    with (folder / "reserves.csv").open(encoding="utf-8", newline="") as file:
        assert [row["unit_id"] for row in csv.DictReader(file)] == order[4:6]


@pytest.mark.skipif(not shutil.which("sha256sum"), reason="sha256sum is not here")
def test_the_command_sha256sum_gives_the_order_of_a_unit():
    seed = chance.draw_seed("0" * 64, "1" * 64, "7")
    ran = subprocess.run(
        [shutil.which("sha256sum")], input=f"{seed}|10507".encode(), capture_output=True, check=True
    )
    assert ran.stdout.decode().split()[0] == chance.sha256_text(f"{seed}|10507")


def test_a_stranger_redraws_a_sample_by_size_from_start_and_cumulated_sizes(small):
    record = json.loads((small / "draw.json").read_text(encoding="utf-8"))
    (told,) = record["strata"]
    start = hashlib.sha256(f"{record['seed']}starta".encode()).hexdigest()
    assert start == told["start_hash"]
    interval = Fraction(told["interval"])
    points = [(Fraction(int(start, 16), 2**256) + step) * interval for step in range(3)]
    ends = [0, *told["cumulated"]]
    hit = [
        name
        for point in points
        for name, low, high in zip(told["order"], ends, ends[1:], strict=False)
        if low <= point < high
    ]
    assert hit == told["drawn"]


@pytest.mark.parametrize("held", [20, 500, 999, 1000, 1001, 3210])
def test_the_persons_of_a_unit_are_the_first_of_its_list_in_hash_order(held):
    seed = chance.draw_seed("0" * 64, "1" * 64, "7")
    ids = [f"10507-{position:06d}" for position in range(1, held + 1)]
    order = chance.hash_order(seed, ids)
    drawn = chance.first_positions(seed, "10507", held, 20)
    assert [f"10507-{position:06d}" for position in drawn] == order[:20]


def test_over_many_seeds_every_unit_is_drawn_as_often_as_its_size_says():
    sizes = [10, 25, 15, 30, 20, 40]
    units, repeats = a_frame(sizes), 3000
    design = a_design("pps_systematic", 3)
    hits = dict.fromkeys((unit.unit_id for unit in units.units), 0)
    for seed in range(repeats):
        for row in draw(units, design, seed).rows:
            hits[row.unit_id] += 1
    chances = {unit.unit_id: 3 * unit.size / sum(sizes) for unit in units.units}
    # Sum of squared standard deviations: about 5 degrees of freedom, 99.99 % below 26.
    total = sum(
        (hits[name] - repeats * p) ** 2 / (repeats * p * (1 - p)) for name, p in chances.items()
    )
    assert total < 26


def test_over_many_seeds_every_person_of_a_list_is_drawn_equally_often():
    repeats, hits = 2000, [0] * 40
    for seed in range(repeats):
        for position in chance.first_positions(chance.sha256_text(str(seed)), "10507", 40, 10):
            hits[position - 1] += 1
    total = sum((hit - repeats / 4) ** 2 / (repeats * 3 / 16) for hit in hits)
    # Chi-square with 39 degrees of freedom, 99.99 % below 83.
    assert total < 83


def test_units_as_large_as_the_interval_are_certain_and_the_interval_is_worked_out_anew():
    # 100 of 200 at take 4: interval 50. Without it 100 / 3 = 33.3, so 40 goes too, then
    # 60 / 2 = 30 stands.
    made = draw(a_frame([100, 40, 15, 15, 15, 15]), a_design("pps_systematic", 4, {"take": 5}), 1)
    first = [row for row in made.rows if row.stage == 1]
    assert [(row.unit_id, row.stratum, row.psu_id, row.chance) for row in first[:2]] == [
        ("a1", "a/a1", "", 1),
        ("a2", "a/a2", "", 1),
    ] or [row.unit_id for row in first[:2]] == ["a2", "a1"]
    assert all(row.chance == Fraction(1, 2) and row.psu_id == row.unit_id for row in first[2:])
    (told,) = made.record["strata"]
    assert [(one["unit_id"], one["interval"]) for one in told["certainties"]] == [
        ("a1", "50/1"),
        ("a2", "100/3"),
    ]
    assert {finding.code for finding in made.findings} == {"design-probability-above-one"}


def test_a_stratum_taken_whole_keeps_its_name_in_one_stage_and_splits_in_two():
    one = draw(a_frame([5, 6]), a_design("srs", 2), 1)
    assert {(row.stratum, row.psu_id == row.unit_id) for row in one.rows} == {("a", True)}
    two = draw(a_frame([5, 6]), a_design("srs", 2, {"take": 3}), 1)
    assert {row.stratum for row in two.rows} == {"a/a1", "a/a2"}
    assert {row.psu_id for row in two.rows} == {""}


def test_the_sort_columns_lay_the_units_in_their_order():
    design = a_design("systematic", 3, first={"sort": ["lat"]})
    made = draw(a_frame([5] * 12), design, 3)
    (told,) = made.record["strata"]
    assert told["order"] == [f"a{number}" for number in range(1, 13)]
    drawn = [int(row.unit_id[1:]) for row in made.rows]
    assert drawn == [drawn[0], drawn[0] + 4, drawn[0] + 8]
    by_text = a_design("systematic", 3, first={"sort": "unit_name"})
    (told,) = draw(a_frame([5] * 12), by_text, 3).record["strata"]
    assert told["order"][:4] == ["a1", "a10", "a11", "a12"]


def test_units_named_as_certain_count_in_the_take_of_their_stratum():
    made = draw(a_frame([5] * 6), a_design("srs", 3, first={"certainty": ["a4"]}), 3)
    assert len(made.rows) == 3
    assert [row.chance for row in made.rows if row.unit_id == "a4"] == [1]
    assert [row.chance for row in made.rows if row.unit_id != "a4"] == [Fraction(2, 5)] * 2


def test_every_kth_visit_is_drawn_from_a_start_that_the_hash_gives():
    counters = build_visits(list(load_offices().counters.values()), load_registry())
    design = SampleDesign.read(DESIGNS / "hai-phong-visits.yaml")
    made = draw(counters, design, 1)
    for told in made.record["units"]:
        expected, k = told["expected"], told["k"]
        assert k == max(1, expected // 450)
        hashed = int(
            hashlib.sha256(f"{made.record['seed']}start{told['unit_id']}".encode()).hexdigest(), 16
        )
        assert told["start"] == 1 + hashed * k // 2**256
        rows = [row for row in made.rows if row.unit_id.startswith(told["unit_id"] + "-")]
        assert [int(row.unit_id[-6:]) for row in rows] == list(
            range(told["start"], expected + 1, k)
        )
        assert {(row.psu_id, float(1 / row.chance)) for row in rows} == {("", float(k))}
        assert 440 <= len(rows) <= 470


def test_a_plan_says_what_a_design_brings_before_it_is_drawn(population):
    planned = plan(population.design, population.frame)
    by_stratum = {row["stratum"]: row for row in planned.rows}
    row = by_stratum["urban-hai-phong"]
    assert (row["units"], row["take"], row["issued"], row["expected"]) == (24, 10, 1100, 660)
    # 1 + (66 - 1) * 0.02 = 2.30, of which 10 of 24 communes drawn by size take 0.675 off;
    # 2.262 (t with 9 degrees of freedom) * sqrt(1.625 * 0.16 / 660) = 0.0449.
    assert row["deff"] == pytest.approx(1.625, abs=5e-4)
    assert row["half_width"] == pytest.approx(0.0449, abs=5e-5)
    # One commune, taken with certainty: a simple random sample of persons.
    assert by_stratum["special-cat-hai"]["deff"] == pytest.approx(0.98 * (1 - 66 / 49848))
    assert planned.total["issued"] == 3300
    assert planned.total["half_width"] < min(r["half_width"] for r in planned.rows)
    assert len(planned.table) == 7


def test_a_plan_of_visits_counts_tickets():
    counters = build_visits(list(load_offices().counters.values()), load_registry())
    planned = plan(SampleDesign.read(DESIGNS / "hai-phong-visits.yaml"), counters)
    assert all(440 <= row["issued"] <= 470 for row in planned.rows)


def test_the_minutes_name_hashes_and_drawn_units_in_both_languages(population):
    vietnamese, english = population.minutes(), population.minutes("en")
    assert vietnamese.startswith("# BIÊN BẢN CHỌN MẪU")
    assert english.startswith("# MINUTES OF THE DRAW")
    for text in (vietnamese, english):
        assert population.record["H_frame"] in text
        assert "Đặc khu Cát Hải" in text
    assert "4.662.669" in vietnamese
    assert "4,662,669" in english


def test_a_name_in_the_frame_cannot_become_markup_in_the_minutes():
    units = Frame.from_rows(
        [
            {
                "unit_id": name,
                "unit_name": "<script>|x",
                "province": "HP",
                "stratum": "s|<b>",
                "size": 5,
            }
            for name in ("a1", "a2")
        ]
    )
    minutes = draw(units, a_design("srs", 2), 1).minutes()
    assert "<script>" not in minutes
    assert "<b>" not in minutes


@pytest.mark.parametrize(
    "seed",
    [
        -1,
        "",
        " 7",
        True,
        "a\u202eb",
        "x" * 1001,
        "a\nb",
        None,
        1.5,
        b"7",
        [7],
        pytest.param(10**5000, id="endless"),
    ],
)
def test_a_seed_that_is_no_plain_text_is_refused(seed):
    with pytest.raises(DrawError) as refusal:
        draw(a_frame([5, 6]), a_design("srs", 1), seed)
    assert refusal.value.code == "draw-seed-invalid"


@pytest.mark.parametrize("public", [None, 7.5, False, "a\nb"])
def test_a_public_value_that_is_no_plain_text_is_refused(public):
    with pytest.raises(DrawError) as refusal:
        draw(a_frame([5, 6]), a_design("srs", 1), 7, public=public)
    assert refusal.value.code == "draw-seed-invalid"


def test_a_design_that_does_not_fit_draws_nothing():
    with pytest.raises(DesignError) as refusal:
        draw(a_frame([5, 6]), a_design("srs", 3), 1)
    assert refusal.value.code == "design-take-above-stratum"


def test_paths_may_be_texts(small, tmp_path):
    units = read_frame(str(small / "frame.csv"))
    design = SampleDesign.read(str(small / "design.json"))
    write_draw(draw(units, design, 7), str(tmp_path / "again"))
    assert verify_draw(str(tmp_path / "again")).frame.sha256 == units.sha256


def test_a_draw_in_its_folder_draws_again_equal(small):
    again = verify_draw(small)
    assert len(again.rows) == 3 + 15
    assert {path.name for path in small.iterdir()} == {
        "sample.csv",
        "reserves.csv",
        "draw.json",
        "minutes.md",
        "frame.csv",
        "design.json",
        "redraw.py",
    }
    assert "Tổ công tác" in (small / "minutes.md").read_text(encoding="utf-8")
    record = json.loads((small / "draw.json").read_text(encoding="utf-8"))
    assert record["occasion"] == {"operator": "Tổ công tác", "drawn_on": "2026-03-02"}
    data = (small / "sample.csv").read_bytes()
    assert hashlib.sha256(data).hexdigest() == record["sample_sha256"]


def test_names_with_separators_and_formulas_come_back_from_the_files_equal(tmp_path):
    units = Frame.from_rows(
        [
            {
                "unit_id": f"u{number}",
                "unit_name": '=1+1, "A"',
                "province": "HP",
                "stratum": 'tầng 1, "đô thị"',
                "=note": "-x",
                "size": 5,
            }
            for number in range(6)
        ]
    )
    write_draw(draw(units, a_design("srs", 3), 1), tmp_path / "draw")
    assert len(verify_draw(tmp_path / "draw").rows) == 3


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        ("frame.csv", ",Xã 4,", ",Xã bốn,", "draw-frame-changed"),
        ("frame.csv", ",Xã 4,", ",,Xã 4,", "row-length"),
        ("design.json", '"take":5', '"take":6', "draw-design-changed"),
        ("design.json", '"take":5', '"take":"x"', "design-take-invalid"),
        ("draw.json", '"secret": "7"', '"secret": "8"', "draw-record-differs"),
        ("draw.json", '"algorithm": "draw-v1"', '"algorithm": "draw-v2"', "draw-algorithm-unknown"),
        ("draw.json", "{", "[", "draw-record-broken"),
        ("sample.csv", ",drawn", ",chosen", "draw-sample-differs"),
        ("reserves.csv", ",reserve", ",drawn", "draw-reserves-differ"),
    ],
)
def test_a_changed_file_is_named_with_the_first_difference(small, file, old, new, expected):
    path = small / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(DrawError) as refusal:
        verify_draw(small)
    assert refusal.value.code == expected
    assert refusal.value.findings[0].file == file


def test_a_swapped_unit_is_named_with_its_line(small):
    lines = (small / "sample.csv").read_text(encoding="utf-8").split("\n")
    lines[5] = lines[5].replace(lines[5].split(",")[0], "a1-000099")
    (small / "sample.csv").write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(DrawError) as refusal:
        verify_draw(small)
    assert (refusal.value.code, refusal.value.findings[0].row) == ("draw-sample-differs", 6)


def test_a_missing_file_is_named_and_a_full_folder_is_not_written_to(small):
    with pytest.raises(DrawError) as refusal:
        write_draw(draw(a_frame([5, 6]), a_design("srs", 2), 1), small)
    assert refusal.value.code == "draw-directory-not-empty"
    (small / "reserves.csv").unlink()
    with pytest.raises(DrawError) as refusal:
        verify_draw(small)
    assert refusal.value.code == "draw-file-missing"


def test_thirty_communes_of_a_province_are_drawn_within_seconds(population):
    # 30 lists of about 40,000 adults: more than a million hashes.
    assert sum(told["held"] for told in population.record["units"]) > 1_000_000


def test_reserves_of_a_poisson_draw_are_those_whom_a_larger_take_would_have_drawn():
    frame = a_frame_of({f"k{place}": size for place, size in enumerate((3, 5, 8, 13, 21, 2))})

    def drawn(take, key):
        stage = {"unit": "commune", "method": "poisson", "take": take}
        design = SampleDesign.from_dict({"version": 1, "stages": [stage]})
        members = design.members(frame)["k"]
        return draw_group(design.stages[0], "k", members, take, key, stream="k", reserve=6)

    for key in (f"{number:064x}" for number in range(20)):
        small = drawn(1, key)
        names = [one.member.unit.unit_id for one in (*small.drawn, *small.reserves)]
        larger = {one.member.unit.unit_id for one in drawn(2, key).drawn}
        assert larger == set(names[: len(larger)])
        assert len(set(names)) == len(names) == 6


def test_the_first_reserve_of_a_draw_by_size_is_not_the_smallest_unit_each_time():
    sizes = {f"k{place}": size for place, size in enumerate((3, 5, 8, 13, 21, 2, 7, 11))}
    frame = a_frame_of(sizes)
    stage = {"unit": "commune", "method": "pareto", "take": 3}
    design = SampleDesign.from_dict({"version": 1, "stages": [stage], "reserves": 1})
    made = [draw(frame, design, seed) for seed in range(300)]

    def share(unit):
        spare = [one.reserve_rows[0].unit_id for one in made
                 if unit not in {row.unit_id for row in one.rows}]  # fmt: skip
        return spare.count(unit) / len(spare)

    # In hash order the largest, which misses only with a high hash, would never come first.
    assert share("k4") > share("k5")


def a_frame_of(sizes):
    return Frame.from_rows(
        [
            {"unit_id": name, "unit_name": name, "province": "HP", "stratum": "k", "size": size}
            for name, size in sizes.items()
        ]
    )
