"""The composite index as estimates: covariance by hand, jackknife, domains, rounds, calibration."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis import SurveyDesign, estimate, replicate, weighting
from analysis.respondents import Respondents
from analysis.satisfaction import Aggregation, estimate_round, estimate_spec, index
from analysis.weighting import CalibrationTarget
from intake.findings import EstimationError

FACTORS = {"A": ["q1", "q2"], "B": ["q3"], "C": ["q4", "q5", "q6"]}
ITEMS = [item for items in FACTORS.values() for item in items]


def answers(seed: int = 5, psus: int = 24, each: int = 12, strata: int = 3) -> pd.DataFrame:
    rng = np.random.Generator(np.random.PCG64(seed))
    rows = psus * each
    psu = np.repeat(np.arange(psus), each)
    level = rng.normal(0, 0.5, psus)[psu] + rng.normal(0, 0.7, rows)
    table = pd.DataFrame(
        {
            "psu": [f"u{k}" for k in psu],
            "stratum": psu % strata,
            "sex": rng.integers(1, 3, rows),
            "old": rng.integers(0, 2, rows),
            "w": 10.0 + 5.0 * (psu % 4) + rng.random(rows),
        }
    )
    for item in ITEMS:
        drawn = 3.6 + level + 0.3 * table["old"] + rng.normal(0, 0.8, rows)
        table[item] = np.clip(np.round(drawn), 1, 5).astype(np.int16)
        table.loc[rng.random(rows) < 0.1, item] = np.int16(-2)
    return table


def designed(table: pd.DataFrame) -> SurveyDesign:
    return SurveyDesign(table, weights="w", strata="stratum", psu="psu")


def by_hand(table: pd.DataFrame, weights: Any, coefficients: dict[str, float]) -> Any:
    """Return Σ c_j · R_j under mean5 and its linearised value of each row (delta method)."""
    value, z = 0.0, np.zeros(len(table))
    for item, share in coefficients.items():
        valid = table[item].to_numpy() > 0
        score = 20.0 * table[item].to_numpy(dtype=float)
        held = np.sum(weights * valid)
        mean = np.sum(weights * valid * score) / held
        value += share * mean
        z += share * weights * valid * (score - mean) / held
    return value, z


def between_units(table: pd.DataFrame, first: Any, second: Any) -> float:
    """Return Σ_h n_h/(n_h-1) · Σ_i (z_hi - z̄_h)(u_hi - ū_h) over the primary units."""
    sums = pd.DataFrame({"z": first, "u": second, "s": table["stratum"], "p": table["psu"]})
    total = 0.0
    for _, part in sums.groupby(["s", "p"])[["z", "u"]].sum().groupby(level=0):
        apart = part - part.mean()
        total += len(part) / (len(part) - 1) * float((apart["z"] * apart["u"]).sum())
    return total


PARTS = {
    "q1": {"q1": 1.0},
    "A": {"q1": 0.5, "q2": 0.5},
    "C": {"q4": 1 / 3, "q5": 1 / 3, "q6": 1 / 3},
    "overall": dict.fromkeys(ITEMS, 1 / 6),
}


def test_values_and_covariances_are_those_of_the_delta_method_by_hand() -> None:
    table = answers()
    found = index(designed(table), FACTORS)
    at = {name: row for row, name in enumerate(found.table["quantity"])}

    weights = table["w"].to_numpy()
    hand = {name: by_hand(table, weights, parts) for name, parts in PARTS.items()}
    wanted = [[between_units(table, hand[a][1], hand[b][1]) for b in PARTS] for a in PARTS]

    rows = [at[name] for name in PARTS]
    assert found.table["value"].iloc[rows].to_list() == pytest.approx([hand[a][0] for a in PARTS])
    assert found.covariance(rows) == pytest.approx(np.array(wanted), rel=1e-9)
    assert found.table["se"].iloc[rows].to_numpy() ** 2 == pytest.approx(np.diag(wanted))


def test_a_contrast_of_domains_takes_their_covariance_by_hand() -> None:
    table = answers()
    found = index(designed(table), FACTORS, by="sex", rule="mean5")

    gap = found.contrast({"gap": {"overall[1]": 1, "overall[2]": -1}}).table.iloc[0]

    weights = table["w"].to_numpy()
    sexes = [np.where(table["sex"] == sex, weights, 0.0) for sex in (1, 2)]
    (first, z), (second, u) = (by_hand(table, own, PARTS["overall"]) for own in sexes)
    assert gap["value"] == pytest.approx(first - second)
    assert gap["se"] ** 2 == pytest.approx(between_units(table, z - u, z - u))


def test_a_ratio_of_factors_follows_from_an_expression() -> None:
    table = answers()
    found = index(designed(table), FACTORS)

    row = found.contrast("C / A").table.iloc[0]

    weights = table["w"].to_numpy()
    (c, z), (a, u) = (by_hand(table, weights, PARTS[name]) for name in ("C", "A"))
    gradient = z / a - c * u / a**2
    assert row["value"] == pytest.approx(c / a)
    assert row["se"] ** 2 == pytest.approx(between_units(table, gradient, gradient))


def test_a_jackknife_design_gives_its_own_replicates_of_the_index() -> None:
    table = answers()
    design = designed(table)
    jackknife = replicate.make(design, kind="jkn")
    found, linear = index(jackknife, FACTORS, by="sex"), index(design, FACTORS, by="sex")

    row = found.table.index[(found.table["quantity"] == "overall") & (found.table["sex"] == 2)][0]
    member = (table["sex"] == 2).to_numpy()
    values = [
        by_hand(table, np.where(member, weights, 0.0), PARTS["overall"])[0]
        for weights in jackknife.weights_by_replicate()
    ]
    # Stratified jackknife by its definition: (n_h - 1) / n_h · Σ (θ_(hj) - θ̄_h)², 8 per stratum.
    wanted = jackknife.variance_of(np.array(values)[:, None], np.array([found.table["value"][row]]))
    assert found.table["se"][row] ** 2 == pytest.approx(float(wanted[0]))
    # Both estimate one variance: the jackknife differs in terms of higher order alone.
    assert found.covariance() == pytest.approx(linear.covariance(), rel=0.08, abs=0.15)
    assert found.table["se"].to_numpy() == pytest.approx(linear.table["se"].to_numpy(), rel=0.03)
    assert found.table["value"].to_numpy() == pytest.approx(linear.table["value"].to_numpy())


def test_an_answer_that_is_missing_leaves_out_its_item_alone() -> None:
    table = answers()
    fewer = table.copy()
    fewer.loc[fewer.index[:40], "q3"] = np.int16(-4)

    before, after = index(designed(table), FACTORS), index(designed(fewer), FACTORS)

    changed = before.table["value"] != after.table["value"]
    assert set(before.table.loc[changed, "quantity"]) == {"q3", "B", "overall"}
    lost = int((table["q3"].iloc[:40] > 0).sum())
    n = after.table.set_index("quantity")["n"]
    assert before.table.set_index("quantity")["n"]["q3"] - n["q3"] == lost
    gaps = table.assign(q3=table["q3"].where(table["q3"] > 0).astype(float))
    same = index(designed(gaps), FACTORS).table
    assert same["value"].to_list() == before.table["value"].to_list()


def test_blocks_and_the_whole_follow_the_aggregation() -> None:
    parts = [
        a_factor("A", "I", ("q1", "q2")),
        a_factor("B", "I", ("q3",)),
        a_factor("C", "II", ("q4", "q5", "q6")),
    ]
    chosen = Aggregation(block="factors", overall="blocks")

    found = index(designed(answers()), parts, rule="top2", aggregation=chosen)

    value = found.table.set_index("quantity")["value"]
    assert value["I"] == pytest.approx((value["A"] + value["B"]) / 2)
    assert value["overall"] == pytest.approx((value["I"] + value["II"]) / 2)
    assert found.table["level"].to_list() == ["item"] * 6 + ["factor"] * 3 + ["block"] * 2 + [
        "overall"
    ]


def a_factor(code: str, block: str, items: tuple[str, ...]) -> Any:
    return SimpleNamespace(code=code, block=block, items=items)


def test_several_rules_stand_side_by_side_with_their_covariance() -> None:
    found = index(designed(answers()), FACTORS, rule=("mean5", "mean04"))

    # 25 · (x - 1) = 1.25 · 20 · x - 25, so the two move together.
    mixed = {"same": {"overall[mean04]": 1, "overall[mean5]": -1.25}}
    row = found.contrast(mixed).table.iloc[0]
    assert (row["value"], row["se"]) == pytest.approx((-25.0, 0.0), abs=1e-9)


def test_a_change_between_rounds_uses_the_units_they_share() -> None:
    table = answers()
    later = table.assign(**{item: np.minimum(table[item] + (table[item] > 0), 5) for item in ITEMS})
    a, b = index(designed(table), FACTORS), index(designed(later), FACTORS)

    change = estimate.change(a, b).table.set_index("quantity").loc["overall"]

    weights = table["w"].to_numpy()
    (first, z), (second, u) = (by_hand(t, weights, PARTS["overall"]) for t in (table, later))
    assert change["value"] == pytest.approx(second - first)
    assert change["se"] ** 2 == pytest.approx(between_units(table, u - z, u - z))
    assert change["correlation"] > 0.5


def test_after_where_the_index_is_that_of_the_domain() -> None:
    design = designed(answers())

    within = index(design.where("sex == 1"), FACTORS).table
    by = index(design, FACTORS, by="sex").table

    own = by[by["sex"] == 1]
    for name in ("value", "se", "low", "high", "n", "n_effective", "df"):
        assert within[name].to_numpy() == pytest.approx(own[name].to_numpy())


@pytest.mark.parametrize(
    ("factors", "parts", "code"),
    [
        (FACTORS, {"rule": "best"}, "index-rule-unknown"),
        (FACTORS, {"rule": ()}, "index-rule-unknown"),
        (FACTORS, {"by": "height"}, "by-column-missing"),
        (FACTORS, {"by": "level"}, "by-name-taken"),
        ({"q1": ["q1"]}, {}, "index-name-repeated"),
        ({"A": ["q1"], "B": ["q1"]}, {}, "item-in-two-factors"),
        ({}, {}, "factors-empty"),
        ({"A": ["q9"]}, {}, "answers-column-missing"),
        ({"A": ["psu"]}, {}, "item-not-numeric"),
        ({"A": ["old"]}, {}, "answer-out-of-scale"),
    ],
)
def test_what_cannot_be_an_index_is_refused(factors: Any, parts: Any, code: str) -> None:
    with pytest.raises(EstimationError) as refusal:
        index(designed(answers().assign(level=1)), factors, **parts)

    assert refusal.value.code == code


# Weights that were calibrated

MARGINS = {"sex*old": {"1*0": 1000, "1*1": 1400, "2*0": 1300, "2*1": 900}}
TARGETS = [
    CalibrationTarget(MARGINS, "test"),
    CalibrationTarget({"sex": {"1": 2400, "2": 2200}, "old": {"0": 2300, "1": 2300}}, "test"),
    CalibrationTarget(MARGINS, "test", method="linear", bounds=(0.1, 4.0)),
]


def a_frozen_round(table: pd.DataFrame) -> tuple[Respondents, Any, pd.DataFrame]:
    parts = [a_factor(code, "", tuple(items)) for code, items in FACTORS.items()]
    items = [
        SimpleNamespace(
            code=code, kind="choice", options=[SimpleNamespace(code=k, missing=None) for k in codes]
        )
        for code, codes in [("sex", (1, 2)), ("old", (0, 1))]
    ]
    questionnaire = SimpleNamespace(id="q", version="1", factors=parts, items=items)
    frozen = table.assign(cell=table["psu"], unit=table["psu"])
    meta = {"round": "r", "questionnaire": "q", "version": "1", "simulated": True}
    before = table["w"].to_numpy()
    weights = pd.DataFrame({"cell": frozen["cell"], "design": before, "nonresponse": before})
    return Respondents(frozen, meta), questionnaire, weights


def a_calibrated_round(target: CalibrationTarget) -> tuple[Any, Any, pd.DataFrame, SurveyDesign]:
    table = answers()
    table.loc[[3, 50, 77], "sex"] = -1
    respondents, questionnaire, weights = a_frozen_round(table)
    design = designed(table)
    if target.method == "raking":
        made = weighting.rake(design, target.margins)
    else:
        made = weighting.calibrate(design, target.margins, target.method, target.bounds)
    return (
        respondents,
        questionnaire,
        weights.assign(calibrated=made.weights, final=made.weights),
        made,
    )


def a_spec(**parts: Any) -> Any:
    return estimate_spec({"questionnaire": "q@1", "units": False, "shares": True, **parts})


def picked(table: pd.DataFrame, quantity: str, **where: str) -> pd.Series:
    where = {"domain": "", **where}
    for name, value in where.items():
        table = table[table[name] == value]
    return table[table["quantity"] == quantity].iloc[0]


@pytest.mark.parametrize("target", TARGETS, ids=["cells", "margins", "linear"])
def test_weights_from_a_file_keep_the_gain_of_their_calibration(target: CalibrationTarget) -> None:
    respondents, questionnaire, weights, made = a_calibrated_round(target)
    ask = (respondents, questionnaire, a_spec(domains=[[], ["old"]]))

    kept = estimate_round(*ask, weights=weights, calibration=target)
    plain = estimate_round(*ask, weights=weights)

    wanted = index(made, FACTORS, rule="mean5").table.set_index("quantity")
    for name in ("q3", "A", "overall"):
        row = picked(kept, name, rule="mean5")
        assert row["value"] == pytest.approx(wanted["value"][name])
        assert row["se"] == pytest.approx(wanted["se"][name])
    assert kept["value"].to_numpy() == pytest.approx(plain["value"].to_numpy())
    within = index(made, FACTORS, by="old", rule="mean5").table
    own = within[(within["quantity"] == "overall") & (within["old"] == 1)].iloc[0]
    row = picked(kept, "overall", rule="mean5", domain="old", category="1")
    assert row["se"] == pytest.approx(own["se"])
    # How many are old is known but for those whose sex is missing; how satisfied they are is not.
    known, unknown = (picked(t, "old=1", rule="share")["se"] for t in (kept, plain))
    assert known < 0.1 * unknown


def test_units_are_estimated_from_their_own_responses_whatever_was_calibrated() -> None:
    respondents, questionnaire, weights, _ = a_calibrated_round(TARGETS[0])
    ask = (respondents, questionnaire, a_spec(units="unit"))

    kept, plain = (
        estimate_round(*ask, weights=weights, calibration=target) for target in (TARGETS[0], None)
    )

    own = kept["domain"] == "unit"
    pd.testing.assert_frame_equal(kept[own], plain[own])


def test_weights_before_the_calibration_have_no_gain() -> None:
    respondents, questionnaire, weights, _ = a_calibrated_round(TARGETS[0])
    ask = (respondents, questionnaire, a_spec(weights="nonresponse"))

    kept = estimate_round(*ask, weights=weights, calibration=TARGETS[0])

    pd.testing.assert_frame_equal(kept, estimate_round(*ask, weights=weights))


def test_weights_that_miss_the_counts_of_their_record_are_refused() -> None:
    respondents, questionnaire, weights, _ = a_calibrated_round(TARGETS[0])
    other = replace(TARGETS[0], margins={"sex*old": {**MARGINS["sex*old"], "1*0": 1100}})

    with pytest.raises(EstimationError) as refusal:
        estimate_round(respondents, questionnaire, a_spec(), weights=weights, calibration=other)

    assert refusal.value.code == "weights-not-calibrated"
    assert "1*0" in str(refusal.value)
