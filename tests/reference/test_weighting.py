"""Weights, and errors after weighting, against R survey.

Cases with an id come from `reference/expected.json` (R survey 4.5). The table `WORKED` was made
on 2026-11-26 with R 4.2.2 and survey 4.1.1 on its own data sets: `wsum` of the calls that
stand beside each line, iterative fits with epsilon = 1e-12. The numbers are Σw², mean, SE of
the mean and SE of the total of the item. The data lie outside the repository; without them
these tests are skipped.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from r_survey import data, design, expected, needed, reference

from analysis import SurveyDesign, estimate, replication, weighting
from analysis.weighting.auxiliaries import auxiliaries
from analysis.weighting.calibration import CalibrationTask
from analysis.weighting.distances import chosen

EXACT, ITERATED = 1e-8, 1e-6
pytestmark = needed

TYPES = {"E": 4421, "H": 755, "M": 1018}
WIDE = {"No": 1072, "Yes": 5122}
IMPROVED = {"No": 1712, "Yes": 4482}
SIZE, API99 = 6194, 3914069
BY_TYPE = {"stype": TYPES, "api99": API99}
BY_WIDE = {"stype": TYPES, "sch.wide": WIDE}
BY_SIZE = {"(Intercept)": SIZE, "api99": API99}
AGES = [25, 40, 20, 15]


def nhanes() -> SurveyDesign:
    whole = design("dnh")
    return whole.where(whole.data["HI_CHOL"].notna().to_numpy())


def raked(design: Any, margins: Any = None) -> Any:
    return weighting.rake(design, margins or BY_WIDE, tolerance=1e-13)


def crossed() -> dict[tuple[str, str], float]:
    rows = reference()["meta"]["objects"]["pt"]
    return {(row["stype"], row["comp.imp"]): row["Freq"] for row in rows}


def primary() -> SurveyDesign:
    return design("dclus1").where("stype == 'E'")


calibrate = weighting.calibrate
WORKED: dict[str, tuple[Callable[[], Any], str, tuple[float, float, float, float]]] = {
    "postStratify(dclus2, ~stype, pop.types)": (
        lambda: weighting.poststratify(design("dclus2"), "stype", TYPES),
        "api00",
        (870499.553441385, 673.002311274467, 28.8318088122979, 178584.223783373),
    ),
    "postStratify(dclus1, ~stype + comp.imp, pt)": (
        lambda: weighting.poststratify(design("dclus1"), ["stype", "comp.imp"], crossed()),
        "enroll",
        (219890.735795455, 598.689459046564, 62.4339114267126, 386715.647377058),
    ),
    "rake(dclus1, ~stype, ~sch.wide, ~comp.imp)": (
        lambda: raked(design("dclus1"), BY_WIDE | {"comp.imp": IMPROVED}),
        "enroll",
        (224054.988518525, 587.877988290542, 62.0440503019555, 384300.847570312),
    ),
    "rake(dclus2, ~stype, ~sch.wide)": (
        lambda: raked(design("dclus2")),
        "api00",
        (856044.235113857, 681.702227595397, 31.7275140659843, 196520.222124706),
    ),
    "calibrate(dclus1, linear, bounds = c(0.5, 1.6))": (
        lambda: calibrate(design("dclus1"), BY_TYPE, bounds=(0.5, 1.6)),
        "enroll",
        (229326.890490535, 591.468785920219, 61.4393601078633, 380555.396508105),
    ),
    "calibrate(dclus1, raking, bounds = c(0.7, 1.6))": (
        lambda: calibrate(design("dclus1"), BY_WIDE, "raking", (0.7, 1.6)),
        "enroll",
        (220745.676639038, 591.438886954154, 65.3420641914424, 404728.745601794),
    ),
    "calibrate(dstrat, raking)": (
        lambda: calibrate(design("dstrat"), BY_TYPE, "raking"),
        "enroll",
        (227671.404819193, 594.182022012211, 17.8689870460216, 110680.505763058),
    ),
    "calibrate(dstrat, logit, bounds = c(0.5, 1.9))": (
        lambda: calibrate(design("dstrat"), BY_TYPE, "logit", (0.5, 1.9)),
        "enroll",
        (227671.401647138, 594.181345627397, 17.8689449951675, 110680.245300068),
    ),
    "calibrate(dclus2, linear)": (
        lambda: weighting.greg(design("dclus2"), BY_TYPE),
        "api00",
        (933962.709585042, 659.162088762952, 2.3713214530503, 14687.9650801936),
    ),
    "calibrate(dclus1, raking, aggregate.stage = 1)": (
        lambda: calibrate(design("dclus1"), BY_WIDE, "raking", cluster="dnum"),
        "enroll",
        (285106.910483318, 518.076709914205, 42.203572989417, 261408.931096449),
    ),
    "calibrate(dclus2, ~api99, linear, aggregate.stage = 1)": (
        lambda: calibrate(design("dclus2"), BY_SIZE, cluster="dnum"),
        "api00",
        (925631.136869214, 657.753112862926, 4.74197070241684, 29371.76653077),
    ),
    "calibrate(dclus2, ~api99, raking, bounds = c(0.3, 3), aggregate.stage = 1)": (
        lambda: calibrate(design("dclus2"), BY_SIZE, "raking", (0.3, 3), cluster="dnum"),
        "api00",
        (923842.698509188, 657.732519966143, 4.73719007901901, 29342.1553494446),
    ),
    "calibrate(postStratify(dclus1, ~stype), ~api99)": (
        lambda: calibrate(weighting.poststratify(design("dclus1"), "stype", TYPES), BY_SIZE),
        "enroll",
        (228335.047834174, 583.298444635773, 57.2095949180474, 361805.497827345),
    ),
    "postStratify(calibrate(dclus1, ~api99), ~stype)": (
        lambda: weighting.poststratify(calibrate(design("dclus1"), BY_SIZE), "stype", TYPES),
        "enroll",
        (228345.858518299, 584.969467767868, 60.1373951898117, 371098.968230131),
    ),
    "calibrate(rake(dclus1), ~api99)": (
        lambda: calibrate(raked(design("dclus1")), BY_SIZE),
        "enroll",
        (231615.964167967, 578.598717799083, 57.1180276057982, 361741.793807203),
    ),
    "calibrate(subset(dclus1, stype == 'E'), ~api99 + sch.wide)": (
        lambda: calibrate(primary(), {"api99": 2799206, "sch.wide": {"No": 472, "Yes": 3949}}),
        "enroll",
        (143505.154462346, 430.547338506785, 16.0523062335784, 70967.2458586499),
    ),
    "trimWeights(rc1, lower = 31, upper = 45)": (
        lambda: weighting.trim(raked(design("dclus1")), 31, 45),
        "enroll",
        (214106.809824059, 576.662567871029, 59.1710750330922, 370829.158923664),
    ),
    "trimWeights(rc1, upper = 38, strict = TRUE)": (
        lambda: weighting.trim(raked(design("dclus1")), upper=38, strict=True),
        "enroll",
        (210867.757575758, 564.100018590816, 54.2276936492442, 339937.428462847),
    ),
    "trimWeights(rc1, lower = 30.5, upper = 60, strict = TRUE)": (
        lambda: weighting.trim(raked(design("dclus1")), 30.5, 60, strict=True),
        "enroll",
        (217585.918578058, 583.503254936365, 62.7413744546797, 387746.845658604),
    ),
    "rake(trimWeights(rc1, upper = 45))": (
        lambda: raked(weighting.trim(raked(design("dclus1")), upper=45)),
        "enroll",
        (220518.415342926, 591.326312272735, 65.7492544613033, 414119.567446228),
    ),
    "svystandardize(dnh, ~agecat, ~race)": (
        lambda: weighting.standardize(nhanes(), "agecat", "race", AGES),
        "HI_CHOL",
        (14917462749027.5, 0.0920473910142163, 0.00498006249762392, 1271638.59099963),
    ),
    "svystandardize(dnh, ~agecat, ~1)": (
        lambda: weighting.standardize(nhanes(), "agecat", None, AGES),
        "HI_CHOL",
        (13809473318787.1, 0.0927149804806565, 0.00506981913177944, 1294557.58043899),
    ),
    "svystandardize(dnh, ~agecat, ~race + RIAGENDR)": (
        lambda: weighting.standardize(nhanes(), "agecat", ["race", "RIAGENDR"], AGES),
        "HI_CHOL",
        (14937243616359.5, 0.0914027898114706, 0.00492089527531323, 1256530.48276837),
    ),
}
REPLICATED: dict[str, tuple[Callable[[Any], Any], tuple[float, float, float, float]]] = {
    "postStratify": (
        lambda of: weighting.poststratify(of, "stype", TYPES),
        (217899.871706349, 594.267508091548, 76.4338645107812, 473431.356779779),
    ),
    "rake": (
        raked,
        (220478.021751363, 588.840837595288, 74.8437497918893, 463582.186210968),
    ),
    "calibrate(linear)": (
        lambda of: calibrate(of, BY_TYPE),
        (228638.909647161, 587.42124703453, 77.292357753603, 478748.863925817),
    ),
    "calibrate(raking)": (
        lambda of: calibrate(of, BY_WIDE, "raking"),
        (220478.021751362, 588.840837595282, 74.8437497970036, 463582.186242916),
    ),
    "calibrate(logit, bounds = c(0.3, 3))": (
        lambda of: calibrate(of, BY_WIDE, "logit", (0.3, 3)),
        (220403.726402369, 589.455582846271, 75.456183217085, 467375.598846624),
    ),
    "svystandardize(~stype, ~sch.wide)": (
        lambda of: weighting.standardize(of, "stype", "sch.wide", TYPES),
        (230178.248613161, 606.725753549462, 82.1292793015867, 508708.782624387),
    ),
}


@pytest.mark.parametrize("call", sorted(WORKED))
def test_weights_and_errors_equal_those_of_r_survey(call: str) -> None:
    make, item, (squares, mean, mean_se, total_se) = WORKED[call]

    made = make()

    means = estimate.mean(made, item, missing="drop").table
    totals = estimate.total(made, item, missing="drop").table
    assert (made.weights**2).sum() == pytest.approx(squares, rel=EXACT)
    assert means["value"][0] == pytest.approx(mean, rel=EXACT)
    assert means["se"][0] == pytest.approx(mean_se, rel=EXACT)
    assert totals["se"][0] == pytest.approx(total_se, rel=EXACT)


@pytest.mark.parametrize("call", sorted(REPLICATED))
def test_every_replicate_is_weighed_like_the_sample_as_in_r_survey(call: str) -> None:
    make, (squares, mean, mean_se, total_se) = REPLICATED[call]

    made = make(replication.make(design("dclus1"), kind="jk1"))

    item = made.data["enroll"].to_numpy(dtype=float)
    sets = np.column_stack([made.weights, made.replicate_weights])
    totals = item @ sets
    both = np.column_stack([totals / sets.sum(axis=0), totals])
    se = np.sqrt(np.diag(made.covariance_of(both[1:], both[0])))
    assert (made.weights**2).sum() == pytest.approx(squares, rel=ITERATED)
    assert both[0, 0] == pytest.approx(mean, rel=ITERATED)
    assert se == pytest.approx([mean_se, total_se], rel=ITERATED)


def test_given_replicates_are_post_stratified_as_in_r_survey() -> None:
    says, wanted = reference()["designs"]["rjk1"], expected("rep-027")
    weights = data("rep_rjk1.csv")
    columns = [name for name in weights.columns if name != "w"]
    table = pd.concat([data("apiclus1.csv"), weights], axis=1)
    jackknife = replication.given(
        table, weights="w", columns=columns, kind="other",
        scale=says["scale"], rscales=says["rscales"],
    )  # fmt: skip

    made = weighting.poststratify(jackknife, "stype", TYPES)

    item = table["enroll"].to_numpy(dtype=float)
    full, again = item @ made.weights, item @ made.replicate_weights
    se = float(np.sqrt(made.covariance_of(again[:, None], np.array([full]))[0, 0]))
    assert full == pytest.approx(wanted["est"], rel=EXACT)
    assert se == pytest.approx(wanted["se"], rel=EXACT)


@pytest.mark.parametrize(
    ("case", "make"),
    [
        ("poststrat-001", lambda: weighting.poststratify(design("dclus1"), "stype", TYPES)),
        ("rake-001", lambda: raked(design("dclus1"))),
        ("calibrate-001", lambda: calibrate(design("dclus1"), BY_WIDE)),
        ("calibrate-003", lambda: calibrate(design("dclus1"), BY_WIDE, "raking")),
        ("calibrate-005", lambda: calibrate(design("dclus1"), BY_WIDE, "logit", (0.6, 1.7))),
        ("calibrate-008", lambda: calibrate(design("dstrat"), BY_TYPE)),
        ("trim-001", lambda: weighting.trim(raked(design("dclus1")), upper=45)),
    ],
)
def test_the_public_cases_of_weighting_are_met(case: str, make: Callable[[], Any]) -> None:
    wanted = expected(case)

    made = make()

    names = list(np.atleast_1d(wanted["names"]))
    means, totals = estimate.mean(made, names).table, estimate.total(made, names).table
    assert made.weights.sum() == pytest.approx(wanted["w_sum"], rel=ITERATED)
    assert made.weights.min() == pytest.approx(wanted["w_min"], rel=ITERATED)
    assert made.weights.max() == pytest.approx(wanted["w_max"], rel=ITERATED)
    np.testing.assert_allclose(made.weights[:10], wanted["w_first10"], rtol=ITERATED)
    for found, value, error in ((means, "mean", "mean_se"), (totals, "total", "total_se")):
        np.testing.assert_allclose(found["value"], np.atleast_1d(wanted[value]), rtol=ITERATED)
        np.testing.assert_allclose(found["se"], np.atleast_1d(wanted[error]), rtol=ITERATED)


def test_totals_of_domains_after_calibration_equal_those_of_r_survey() -> None:
    wanted = expected("calibrate-011")

    found = estimate.total(calibrate(design("dclus1"), BY_TYPE), "enroll", by="sch.wide").table

    np.testing.assert_allclose(found["value"], wanted["est"], rtol=ITERATED)
    np.testing.assert_allclose(found["se"], wanted["se"], rtol=ITERATED)


def test_standardized_domains_equal_those_of_r_survey() -> None:
    # svyby(~HI_CHOL, ~race + RIAGENDR, svystandardize(…, over = ~race + RIAGENDR), svymean)
    made = weighting.standardize(nhanes(), "agecat", ["race", "RIAGENDR"], AGES)

    found = estimate.mean(made, "HI_CHOL", by=["race", "RIAGENDR"], missing="drop").table

    men = found[found["RIAGENDR"].astype(int) == 1].sort_values("race")
    assert men["value"].tolist() == pytest.approx(
        [0.113220838794299, 0.0807362113829705, 0.0655375806285308, 0.111187370050362], rel=EXACT
    )
    assert men["se"].tolist() == pytest.approx(
        [0.00468115662040454, 0.00799214201320565, 0.0104644232842081, 0.0306952738702961],
        rel=EXACT,
    )


def test_one_factor_per_cluster_may_make_weights_negative_as_in_r_survey() -> None:
    # calibrate(dclus1, ~stype + api99, linear, aggregate.stage = 1): sum(weights^2), min
    drawn = design("dclus1")
    codes = pd.factorize(drawn.data["dnum"])[0].astype(np.int64)
    found = auxiliaries(drawn.data, drawn.weights, BY_TYPE, None, codes)

    after, _ = CalibrationTask(found, chosen("linear", None), codes).weighed(drawn.weights)

    assert (after**2).sum() == pytest.approx(290564.803896502, rel=EXACT)
    assert after.min() < 0


def test_the_factor_of_spencer_equals_the_one_of_practools() -> None:
    # deffS(1 / pw / 200, pw, api00) and (…, enroll), its formula evaluated in R 4.2.2
    table = data("apistrat.csv")
    w = table["pw"].to_numpy()

    found = [
        weighting.spencer_factor(1 / w / 200, w, table[name].to_numpy(dtype=float))
        for name in ("api00", "enroll")
    ]

    assert found == pytest.approx([7.22263546083529, 0.376530718238554], rel=1e-12)
