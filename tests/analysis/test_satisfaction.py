"""Items to factors to blocks to the index: published identities, errors, domains, units."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis import SurveyDesign, estimate
from analysis.respondents import Respondents
from analysis.satisfaction import (
    Aggregation,
    EstimateSpec,
    IndexRule,
    combine,
    estimate_round,
    estimate_spec,
    quantities,
    read_estimate_spec,
)
from intake.findings import EstimationError

SIZES = {
    "I.A": 2,
    "I.B": 2,
    "I.C": 9,
    "I.D": 10,
    "II.A": 3,
    "II.B": 4,
    "II.C": 3,
    "II.D": 3,
    "II.E": 3,
}


def factors(sizes: dict[str, int] | None = None) -> list[SimpleNamespace]:
    made, number = [], 1
    for code, size in (sizes or SIZES).items():
        items = tuple(f"q{k:02d}" for k in range(number, number + size))
        made.append(SimpleNamespace(code=code, block=code.split(".")[0], items=items))
        number += size
    return made


def a_questionnaire(sizes: dict[str, int]) -> SimpleNamespace:
    parts = factors(sizes)
    scale = [SimpleNamespace(code=k, missing=None) for k in range(1, 6)]
    scale.append(SimpleNamespace(code=-2, missing="dont_know"))
    items = [SimpleNamespace(code=i, kind="choice", options=scale) for f in parts for i in f.items]
    items.append(SimpleNamespace(code="sex", kind="choice", options=scale[:2]))
    items.append(SimpleNamespace(code="net", kind="flag", options=[]))
    items.append(SimpleNamespace(code="visits", kind="number", options=[]))
    return SimpleNamespace(id="citizen", version="2026-1", factors=parts, items=items)


def a_round(rows: int = 60, seed: int = 3, sizes: dict[str, int] | None = None) -> Any:
    questionnaire = a_questionnaire(sizes or {"I.A": 2, "II.A": 1, "II.B": 2})
    rng = np.random.Generator(np.random.PCG64(seed))
    unit = np.arange(rows) % 6
    table = pd.DataFrame(
        {
            "round": "r1",
            "cell": [f"c{k}" for k in unit],
            "unit": [f"u{k}" for k in unit],
            "stratum": ["a" if k < 3 else "b" for k in unit],
            "psu": [f"u{k}" for k in unit],
            "mode": "qr",
            "recruitment": "drawn",
            "design_weight": 10.0 + unit,
        }
    )
    for item in questionnaire.items:
        top = 2 if item.code in ("sex", "net") else 5
        table[item.code] = rng.integers(1, top + 1, rows).astype(np.int16)
        table.loc[rng.random(rows) < 0.1, item.code] = np.int16(-1)
    table["net"] = table["net"].replace({2: 0})
    meta = {"round": "r1", "questionnaire": "citizen", "version": "2026-1", "simulated": True}
    return Respondents(table, meta), questionnaire


def weights_of(respondents: Respondents, final: Any = None) -> pd.DataFrame:
    base = respondents.table["design_weight"].to_numpy()
    final = base if final is None else final
    return pd.DataFrame(
        {"cell": respondents.table["cell"], "design": base, "nonresponse": base,
         "calibrated": base, "final": final}
    )  # fmt: skip


def a_spec(**parts: Any) -> EstimateSpec:
    return estimate_spec({"version": 1, "questionnaire": "citizen@2026-1", **parts})


def estimated(**parts: Any) -> tuple[pd.DataFrame, Respondents, Any]:
    respondents, questionnaire = a_round()
    table = estimate_round(
        respondents, questionnaire, a_spec(**parts), weights=weights_of(respondents)
    )
    return table, respondents, questionnaire


def pick(table: pd.DataFrame, **where: str) -> pd.Series:
    for column, value in where.items():
        table = table[table[column] == value]
    assert len(table) == 1
    return table.iloc[0]


def test_the_published_national_value_of_2024_follows_from_its_blocks() -> None:
    # sipas.md §5: 83.94 from 83.84 and 84.09 with 23 and 16 items.
    assert round(combine({"I": 83.84, "II": 84.09}, {"I": 23, "II": 16}), 2) == 83.94


def test_the_overall_index_weights_its_blocks_by_23_and_16_items() -> None:
    found = quantities(factors())
    blocks = found.coefficients[:, [found.names.index("I"), found.names.index("II")]]

    overall = found.coefficients[:, found.names.index("overall")]

    assert overall == pytest.approx(blocks @ [23 / 39, 16 / 39])
    # The pooled items carry one thirty-ninth each.
    assert overall == pytest.approx(np.full(39, 1 / 39))


def test_blocks_may_weigh_the_same_and_factors_too() -> None:
    found = quantities(factors(), Aggregation(block="factors", overall="blocks"))
    overall = found.coefficients[:, -1]

    assert overall[:23].sum() == pytest.approx(0.5)
    assert overall[:2].sum() == pytest.approx(0.5 / 4)


def test_a_question_of_its_own_may_carry_the_overall_index() -> None:
    found = quantities(factors(), Aggregation(overall="q_general"))

    assert found.items[-1] == "q_general"
    assert found.coefficients[:, -1].tolist() == [0.0] * 39 + [1.0]


@pytest.mark.parametrize(
    ("rule", "scores"),
    [
        (IndexRule.TOP2, [0, 0, 0, 100, 100]),
        (IndexRule.MEAN5, [20, 40, 60, 80, 100]),
        (IndexRule.MEAN04, [0, 25, 50, 75, 100]),
    ],
)
def test_a_rule_turns_answers_into_percentages(rule: IndexRule, scores: list[float]) -> None:
    assert rule.score(np.arange(1.0, 6.0)).tolist() == scores


def test_an_item_index_is_the_weighted_percentage_of_its_valid_answers() -> None:
    table, respondents, _ = estimated()
    answers, weights = respondents.table["q01"], respondents.table["design_weight"]
    valid = answers > 0

    row = pick(table, quantity="q01", rule="top2", domain="")

    wanted = 100 * weights[valid & (answers >= 4)].sum() / weights[valid].sum()
    assert row["value"] == pytest.approx(wanted)
    assert row["n"] == valid.sum()


def test_an_item_has_the_error_that_the_estimator_gives() -> None:
    table, respondents, _ = estimated()
    data = respondents.table
    data = data.assign(score=np.where(data["q01"] > 0, 20.0 * data["q01"], np.nan))
    design = SurveyDesign(data, weights="design_weight", strata="stratum", psu="psu")

    wanted = estimate.mean(design, "score", missing="drop").table.iloc[0]

    row = pick(table, quantity="q01", rule="mean5", domain="")
    for name in ("value", "se", "n_effective", "df"):
        assert row[name] == pytest.approx(wanted[name])


def test_the_error_of_the_index_agrees_with_a_jackknife_over_primary_units() -> None:
    # Stratified jackknife by its definition: (n_h - 1) / n_h · Σ (θ_(hj) - θ)².
    respondents, questionnaire = a_round(rows=600)
    found = estimate_round(
        respondents, questionnaire, a_spec(units=False), weights=weights_of(respondents)
    )
    row = pick(found, quantity="overall", rule="mean5", domain="")
    data = respondents.table
    variance = 0.0
    for stratum in ("a", "b"):
        members = sorted(data.loc[data["stratum"] == stratum, "psu"].unique())
        for gone in members:
            factor = np.where(data["psu"] == gone, 1e-12, np.where(data["stratum"] == stratum,
                              len(members) / (len(members) - 1), 1.0))  # fmt: skip
            final = data["design_weight"].to_numpy() * factor
            again = estimate_round(
                respondents,
                questionnaire,
                a_spec(units=False, shares=False),
                weights=weights_of(respondents, final),
            )
            value = pick(again, quantity="overall", rule="mean5", domain="")["value"]
            variance += (len(members) - 1) / len(members) * (value - row["value"]) ** 2

    assert row["se"] == pytest.approx(variance**0.5, rel=0.02)


def test_a_drawn_unit_is_estimated_from_its_own_responses_as_primary_units() -> None:
    table, respondents, _ = estimated()
    own = respondents.table[respondents.table["unit"] == "u2"]
    own = own.assign(score=np.where(own["q03"] > 0, 20.0 * own["q03"], np.nan))
    wanted = estimate.mean(SurveyDesign(own, weights="design_weight"), "score", missing="drop")

    row = pick(table, quantity="q03", rule="mean5", domain="unit", category="u2")

    assert row["value"] == pytest.approx(wanted.table["value"].iloc[0])
    assert row["se"] == pytest.approx(wanted.table["se"].iloc[0], rel=0.02)
    assert row["df"] == 9


def test_missing_background_belongs_to_no_domain() -> None:
    table, respondents, _ = estimated(domains=[[], ["sex"]])

    assert set(table[table["domain"] == "sex"]["category"]) == {"1", "2"}
    assert (respondents.table["sex"] < 0).any()


def test_shares_cover_questions_and_flags_but_not_numbers_nor_reasons() -> None:
    table, respondents, _ = estimated(domains=[[], ["sex"]])
    shares = table[table["level"] == "share"]

    assert {"sex=1", "net=1", "q01=5"} <= set(shares["quantity"])
    assert not [name for name in shares["quantity"] if name.startswith(("visits", "q01=-"))]
    # Answers to satisfaction items are broken down for the whole population alone.
    assert "q01=5" not in set(shares[shares["domain"] == "sex"]["quantity"])
    net = pick(shares, quantity="net=1", domain="")
    column, weights = respondents.table["net"], respondents.table["design_weight"]
    assert net["value"] == pytest.approx(
        100 * weights[column == 1].sum() / weights[column >= 0].sum()
    )


def test_intervals_stay_within_0_and_100() -> None:
    table, _, _ = estimated(domains=[[], ["sex"]])

    assert table["low"].dropna().between(0, 100).all()
    assert table["high"].dropna().between(0, 100).all()


def test_all_three_rules_are_there_whatever_was_asked_for() -> None:
    table, _, _ = estimated(rules=["mean5"])

    assert set(table["rule"]) == {"top2", "mean5", "mean04", "share"}


def test_an_index_without_answers_is_empty_and_says_so() -> None:
    respondents, questionnaire = a_round()
    table = respondents.table.assign(q01=np.int16(-4))
    found = estimate_round(
        Respondents(table, respondents.meta),
        questionnaire,
        a_spec(),
        weights=weights_of(respondents),
    )

    row = pick(found, quantity="overall", rule="top2", domain="")
    assert np.isnan(row["value"])
    assert row["flag"] == "no-cases"


def test_an_answer_off_the_scale_is_named_with_row_and_item() -> None:
    respondents, questionnaire = a_round()
    table = respondents.table.copy()
    table.loc[4, "q02"] = 7

    with pytest.raises(EstimationError) as refusal:
        estimate_round(Respondents(table, respondents.meta), questionnaire, a_spec(),
                       weights=weights_of(respondents))  # fmt: skip

    assert refusal.value.code == "answer-out-of-scale"
    assert (refusal.value.findings[0].row, refusal.value.findings[0].column) == (5, "q02")


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ({"questionnaire": "citizen@2025-1"}, "questionnaire-differs"),
        ({"domains": [["height"]]}, "domain-column-missing"),
        ({"shares": ["height"]}, "share-item-unknown"),
        ({"aggregation": {"overall": "height"}}, "answers-column-missing"),
    ],
)
def test_a_specification_that_does_not_fit_the_round_is_refused(
    parts: dict[str, Any], code: str
) -> None:
    with pytest.raises(EstimationError) as refusal:
        estimated(**parts)

    assert refusal.value.code == code


def test_weighted_results_need_weights_and_unweighted_ones_do_not() -> None:
    respondents, questionnaire = a_round()

    with pytest.raises(EstimationError) as refusal:
        estimate_round(respondents, questionnaire, a_spec())
    plain = estimate_round(respondents, questionnaire, a_spec(weights="unweighted"))

    assert refusal.value.code == "weights-absent"
    answers = respondents.table["q01"]
    row = pick(plain, quantity="q01", rule="mean5", domain="")
    assert row["value"] == pytest.approx(20 * answers[answers > 0].mean())


def test_a_specification_is_refused_with_all_its_faults(tmp_path: Path) -> None:
    path = tmp_path / "estimate.yaml"
    path.write_text(
        "questionnaire: citizen\nweights: heavy\ndesign: {lonely_psu: ignore, colour: red}\n"
        "rules: [best]\naggregation: {block: sum}\ndomains: [[1]]\nlevel: 95\nsize: 3\n",
        encoding="utf-8",
    )

    with pytest.raises(EstimationError) as refusal:
        read_estimate_spec(path)

    assert {finding.path for finding in refusal.value.findings} == {
        "questionnaire", "weights", "design.lonely_psu", "design.colour", "rules",
        "aggregation", "domains[0]", "level", "size",
    }  # fmt: skip


def test_weights_may_come_from_a_named_file(tmp_path: Path) -> None:
    path = tmp_path / "estimate.yaml"
    path.write_text(
        "questionnaire: citizen@2026-1\nweights: {file: w.parquet, column: calibrated}\n",
        encoding="utf-8",
    )

    spec = read_estimate_spec(path)

    assert (spec.weights_file, spec.weights) == ("w.parquet", "calibrated")
