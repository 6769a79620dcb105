"""A plan: strata, domains, targets that it misses, charts, and what the command prints."""

from __future__ import annotations

import json
from datetime import date

import numpy as np
import pandas as pd
import pytest

from intake.findings import DesignError
from sampling import DESIGNS, SampleDesign, frame, load_registry, plan
from sampling.frame import Frame
from sampling.planning import DOMAIN_COLUMNS, PLAN_COLUMNS
from sampling.precision import Spread, variance_components
from sampling.precision.chart_looks import apart
from sampling.precision.figures import KINDS, write_figure
from survey_app.cli import main

SHIPPED = DESIGNS / "hai-phong-population.yaml"


@pytest.fixture(scope="module")
def units():
    return frame.build(load_registry(), date(2026, 3, 1))


@pytest.fixture(scope="module")
def planned(units):
    return plan(SampleDesign.read(SHIPPED), units, domains=("type", "former_province"))


def with_targets(**targets):
    written = SampleDesign.read(SHIPPED).as_dict()
    return SampleDesign.from_dict({**written, "targets": {**written["targets"], **targets}})


def test_a_plan_has_strata_domains_a_total_and_the_hashes_to_publish(planned, units):
    assert list(planned.table.columns) == list(PLAN_COLUMNS)
    assert list(planned.domains.columns) == list(DOMAIN_COLUMNS)
    assert planned.total["cost"] == sum(row["cost"] for row in planned.rows) == 178_800_000
    assert planned.h_design == SampleDesign.read(SHIPPED).sha256
    assert planned.h_frame == units.sha256
    by_type = planned.domains.query("column == 'type'")
    assert by_type["expected"].sum() == pytest.approx(planned.total["expected"])
    assert (planned.domains["half_width"] > planned.total["half_width"]).all()


def test_the_variance_of_all_is_that_of_the_strata_by_their_share(planned):
    adults = planned.trial.layout.persons
    share = np.bincount(planned.trial.layout.stratum, adults) / adults.sum()
    se = planned.trial.base.by_stratum()["se"]
    assert planned.trial.base.overall()["se"] ** 2 == pytest.approx(share**2 @ se**2)


def test_z_intervals_are_narrower_than_t_where_units_are_few(units):
    design = SampleDesign.read(SHIPPED)
    wide, narrow = (plan(design, units, interval=kind) for kind in ("t", "z"))
    for left, right in zip(wide.rows, narrow.rows, strict=True):
        assert left["half_width"] > right["half_width"]


def test_an_earlier_round_takes_the_place_of_share_and_rho(units, rng):
    psu = np.repeat(np.arange(200), 20)
    chance = np.clip(rng.normal(0.6, 0.2, 200), 0.05, 0.95)
    data = pd.DataFrame({"q": (rng.random(4000) < chance[psu]).astype(int), "psu": psu})
    found = variance_components(data, "q", "psu")

    made = plan(SampleDesign.read(SHIPPED), units, components=found)

    assert made.trial.spread.rho[0] == pytest.approx(found.rows[0]["icc"])
    assert (
        made.total["half_width"] > 1.5 * plan(SampleDesign.read(SHIPPED), units).total["half_width"]
    )
    points = Spread(80.0, 400.0, (0.02,), share=False)
    scaled = plan(SampleDesign.read(SHIPPED), units, components=points)
    # A standard deviation of 20 points against 0.4 of a share of 0.8.
    assert scaled.total["half_width"] == pytest.approx(
        50 * plan(SampleDesign.read(SHIPPED), units).total["half_width"]
    )


def test_a_margin_that_is_met_is_not_mentioned(units):
    assert plan(with_targets(margin=0.03), units).findings == ()


def test_a_margin_that_is_missed_says_by_how_much_and_the_nearest_plan(units):
    missed = plan(with_targets(margin=0.02), units)
    (finding,) = missed.findings
    assert (finding.code, finding.severity) == ("precision-margin-missed", "warning")
    assert "0.49 points too wide" in finding.message.en
    assert "rộng hơn 0,49 điểm phần trăm" in finding.message.vi
    assert "42 units instead of 30" in finding.advice.en
    assert missed.trial.at(42).overall()["half_width"] <= 0.02
    assert missed.trial.at(41).overall()["half_width"] > 0.02


def test_a_domain_that_is_too_wide_names_its_strata(units):
    missed = plan(with_targets(domain_margin=0.04), units, domains=("former_province",))
    (finding,) = missed.findings
    assert finding.code == "precision-domain-margin-missed"
    assert "former_province = Hải Dương" in finding.message.vi
    assert "rural-hai-duong" in finding.advice.en
    assert "rural-hai-phong" not in finding.advice.en


def test_a_margin_that_more_units_cannot_meet_asks_for_more_in_each(units):
    (finding,) = plan(with_targets(margin=0.005), units).findings
    assert finding.severity == "warning"
    assert "all 114 and 452 cases" in finding.advice.en


def test_a_margin_that_nothing_meets_is_an_error_with_the_least_that_is_left(units):
    (finding,) = plan(with_targets(margin=0.0001), units).findings
    assert finding.severity == "error"
    assert "No allocation meets it" in finding.advice.en


def test_a_plan_beyond_the_budget_says_what_the_budget_pays(units):
    written = SampleDesign.read(SHIPPED).as_dict()
    dear = {**written, "costs": {**written["costs"], "budget": 150_000_000}}
    (finding,) = plan(SampleDesign.from_dict(dear), units).findings
    assert finding.code == "precision-budget-exceeded"
    assert "28,800,000 more than the budget" in finding.message.en
    # Each commune costs 5,960,000.
    assert "25 units and 2,750 cases" in finding.advice.en


def test_a_domain_column_that_is_not_there_is_refused(units):
    with pytest.raises(DesignError) as refusal:
        plan(SampleDesign.read(SHIPPED), units, domains=("huyen",))
    assert refusal.value.code == "precision-column-missing"


def test_visits_of_certain_counters_are_planned_and_have_no_best_take(units):
    made = plan(SampleDesign.read(DESIGNS / "hai-phong-visits.yaml"), units)
    assert np.isnan(made.optimal_take)
    assert made.curve.table["half_width"].is_monotonic_decreasing
    with pytest.raises(DesignError) as refusal:
        made.figure(kind="take")
    assert refusal.value.code == "precision-figure-empty"


def test_a_plan_of_3321_communes_tells_of_every_province():
    places = np.random.Generator(np.random.PCG64(1))
    rows = [
        {
            "unit_id": f"{at:05d}",
            "unit_name": "x",
            "province": str(at % 34),
            "stratum": f"{at % 34:02d}-{at % 3}",
            "size": int(places.integers(3000, 60000)),
        }
        for at in range(3321)
    ]
    stages = [
        {"unit": "commune", "method": "pps_systematic", "take": 340, "allocation": "proportional"},
        {"unit": "person", "method": "srs", "take": 30},
    ]
    design = SampleDesign.from_dict({"version": 1, "stages": stages})
    country = Frame.from_rows(rows)
    made = plan(design, country, domains=("province",))
    assert len(made.domains) == 34


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_chart_is_drawn_in_both_languages(planned, kind, lang, tmp_path):
    path = tmp_path / f"{kind}.svg"
    write_figure(planned.figure(lang, kind), path)
    text = path.read_text(encoding="utf-8")
    word = {"cost": "Kinh phí", "take": "Tối ưu", "ranks": "66 phiếu", "pairs": "khoảng hạng"}
    english = {"cost": "million đồng", "take": "Best", "ranks": "66 answers", "pairs": "joint rank"}
    assert (word if lang == "vi" else english)[kind] in text


def test_a_chart_has_one_of_three_endings_and_a_known_kind(planned, tmp_path):
    write_figure(planned.figure(), tmp_path / "plan.png")
    assert (tmp_path / "plan.png").read_bytes().startswith(b"\x89PNG")
    write_figure(planned.figure(), tmp_path / "plan.pdf")
    assert (tmp_path / "plan.pdf").read_bytes().startswith(b"%PDF")
    for wrong in (lambda: write_figure(planned.figure(), tmp_path / "plan.gif"),
                  lambda: planned.figure(kind="pie"), lambda: planned.figure("fr")):  # fmt: skip
        with pytest.raises(DesignError) as refusal:
            wrong()
        assert refusal.value.code == "precision-choice-unknown"


def test_labels_are_moved_apart_and_no_further():
    assert apart([3.0, 1.0, 1.0, 1.0], 1.0) == pytest.approx([3.0, 0.0, 1.0, 2.0])
    assert apart([], 1.0) == []


def command(units, folder, *arguments):
    frame.write_frame(units, folder / "frame.csv")
    return ["sample", "plan", str(SHIPPED), "--frame", str(folder / "frame.csv"), *arguments]


def test_the_command_prints_an_aligned_table_in_the_language_asked_for(units, tmp_path, capsys):
    words = command(units, tmp_path, "--domains", "type")
    assert main(words) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["tầng", "đơn", "vị", "chọn", "phát", "ra", "trả", "lời", "deff",
                                "±", "kinh", "phí"]  # fmt: skip
    assert len({len(line) for line in lines[:9]}) == 1
    assert lines[8].split()[:2] == ["cả", "mẫu"]
    assert f"H_frame  {units.sha256}" in lines
    assert "Số phiếu tối ưu mỗi đơn vị: 67; thiết kế: 110." in lines


def test_the_command_gives_json_a_csv_and_a_chart(units, tmp_path, capsys):
    words = command(units, tmp_path, "--json", "--out", str(tmp_path / "plan.csv"), "--figure",
                str(tmp_path / "take.svg"), "--chart", "take")  # fmt: skip
    assert main(words) == 0
    result = json.loads(capsys.readouterr().out)["result"]
    assert {"strata", "total", "h_design", "domains", "optimal_take", "curve"} <= set(result)
    assert result["total"]["issued"] == 3300
    assert len(pd.read_csv(tmp_path / "plan.csv")) == 7
    assert "Tối ưu" in (tmp_path / "take.svg").read_text(encoding="utf-8")


def test_the_command_learns_from_an_earlier_round(units, tmp_path, capsys, rng):
    psu = np.repeat(np.arange(30), 20)
    told = pd.DataFrame({"q": np.clip(rng.normal(4 + 0.02 * psu), 1, 5).round(), "commune": psu})
    told.to_csv(tmp_path / "earlier.csv", index=False)
    words = command(units, tmp_path, "--json", "--earlier", str(tmp_path / "earlier.csv"), "--item",
                "q", "--psu", "commune", "--rule", "top2")  # fmt: skip
    assert main(words) == 0
    result = json.loads(capsys.readouterr().out)["result"]
    assert result["components"][0]["n"] == 600
    assert main(words[:-4]) == 2


def test_a_design_of_four_stages_varies_its_households_and_not_the_one_person_in_each():
    rows = [
        {
            "unit_id": f"{stratum}{commune:02d}-{village}",
            "unit_name": "t",
            "province": "p",
            "stratum": stratum,
            "size": 300,
            "parent_id": f"{stratum}{commune:02d}",
            "households": 100,
        }
        for stratum in "ab"
        for commune in range(30)
        for village in range(8)
    ]
    design = SampleDesign.read(DESIGNS / "population-villages.yaml")
    made = plan(design, Frame.from_rows(rows))
    assert (made.total["take"], made.total["issued"]) == (24, 24 * 3 * 17)
    assert made.trial.take == 17
    # C1 = 2,000,000 + 3 · 400,000; answers x = sqrt(C1 / 60,000 · 0.98 / 0.02) of 85 % response.
    assert made.optimal_take == pytest.approx((3.2e6 / 6e4 * 49) ** 0.5 / 3 / 0.85)
    # Between communes 0.02 less 24 of 60; within them the rest of 0.16 over the answers.
    outer, inner = 0.16 * 0.02 * (1 - 24 / 60), 0.16 * 0.98 / (3 * 17 * 0.85)
    assert made.trial.base.overall()["se"] ** 2 == pytest.approx((outer + inner) / 24)
