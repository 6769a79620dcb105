"""Reliability against R: survey 4.5 (reference file), and survey 4.1, polycor, factanal (R 4.2.2).

Numbers that are typed here were made with R on 26 November 2026: `svycralpha`, `svykappa`,
`svyvar` on the data sets that R survey ships, `polycor::polychor(ML=FALSE)` and `factanal` on
`datasets::ability.cov`.
"""

from __future__ import annotations

import numpy as np
import pytest
from r_survey import design, expected, needed

from analysis import weighting
from analysis.inference import reliability, variances
from analysis.inference.reliability.association import standardized
from analysis.inference.reliability.extraction import extract
from analysis.inference.reliability.polychoric import polychoric
from analysis.inference.reliability.rotation import rotate
from analysis.replication import make

SCHOOLS, SCORES = ["ell", "mobility", "meals"], ["api99", "api00"]
ALPHAS = [
    ("dstrat", SCHOOLS, 0.645650781299642),
    ("dstrat", SCORES, 0.987366822951405),
    ("dstrat", ["not.hsg", "hsg", "meals", "ell"], 0.810650768845513),
    ("dclus1", SCHOOLS, 0.62149746185171),
    ("dclus1", ["not.hsg", "hsg", "meals", "ell"], 0.620780131543889),
    ("dclus2", SCHOOLS, 0.714613436918402),
    ("dclus2", SCORES, 0.991182536981077),
]
KAPPAS = [
    ("dstrat", "comp.imp", "sch.wide", 0.482986927061343, 0.0641878167438352),
    ("dstrat", "awards", "comp.imp", 0.963408939243067, 0.022276852577263),
    ("dclus1", "awards", "sch.wide", 0.521360069747167, 0.041996263254279),
    ("dclus2", "comp.imp", "sch.wide", 0.714072393507138, 0.0735279393685737),
    ("dclus2", "awards", "sch.wide", 0.740665912089667, 0.0930789693972094),
]
# general, picture, blocks, maze, reading, vocab: 112 persons (datasets::ability.cov).
ABILITY = np.array(
    [
        [24.641, 5.991, 33.520, 6.023, 20.755, 29.701],
        [5.991, 6.700, 18.137, 1.782, 4.936, 7.204],
        [33.520, 18.137, 149.831, 19.424, 31.430, 50.753],
        [6.023, 1.782, 19.424, 12.711, 4.757, 9.075],
        [20.755, 4.936, 31.430, 4.757, 52.604, 66.762],
        [29.701, 7.204, 50.753, 9.075, 66.762, 135.292],
    ]
)


@needed
def test_alpha_and_kappa_equal_the_reference_file() -> None:
    alpha = reliability.alpha(design("dstrat"), SCHOOLS)
    kappa = reliability.kappa(design("dclus1"), "comp.imp", "sch.wide")

    assert alpha.value == pytest.approx(expected("alpha-002")["value"], rel=1e-8)
    assert kappa.value == pytest.approx(expected("kappa-001")["est"], rel=1e-8)
    assert kappa.se == pytest.approx(expected("kappa-001")["se"], rel=1e-8)


@needed
@pytest.mark.parametrize(("name", "items", "value"), ALPHAS)
def test_alpha_equals_svycralpha(name: str, items: list[str], value: float) -> None:
    found = reliability.alpha(design(name), items, missing="drop")

    assert found.value == pytest.approx(value, rel=1e-10)


@needed
@pytest.mark.parametrize(("name", "a", "b", "value", "se"), KAPPAS)
def test_kappa_equals_svykappa(name: str, a: str, b: str, value: float, se: float) -> None:
    found = reliability.kappa(design(name), a, b)

    assert found.value == pytest.approx(value, rel=1e-10)
    assert found.se == pytest.approx(se, rel=1e-10)


@needed
def test_kappa_equals_svykappa_in_a_domain_after_poststratification_and_with_replicates() -> None:
    whole = design("dclus1")
    post = weighting.poststratify(whole, "stype", {"E": 4421, "H": 755, "M": 1018})

    of_domain = reliability.kappa(whole.where("stype == 'E'"), "comp.imp", "sch.wide")
    of_post = reliability.kappa(post, "comp.imp", "sch.wide")
    of_jackknife = reliability.kappa(make(whole, kind="jk1"), "comp.imp", "sch.wide")

    assert of_domain.value == pytest.approx(0.482758620689655, rel=1e-10)
    assert of_domain.se == pytest.approx(0.0716370022227679, rel=1e-10)
    assert of_post.value == pytest.approx(0.560151991335684, rel=1e-10)
    assert of_post.se == pytest.approx(0.0364507655987529, rel=1e-10)
    assert of_jackknife.se == pytest.approx(0.0401651647248085, rel=1e-10)
    assert reliability.alpha(post, SCHOOLS).value == pytest.approx(0.638857505901288, rel=1e-10)


@needed
def test_covariances_of_several_items_equal_svyvar() -> None:
    found = variances.covariances(design("dclus2"), ["api00", "meals", "ell"])

    value = [18722.4484333274, -3453.91366487929, -2088.2382395011]
    value += [1202.75442811509, 656.315707945153, 454.52862437494]
    se = [2134.00203896487, 512.855275573338, 302.864006721601]
    se += [118.520465212839, 79.935552494036, 51.2518815606398]
    np.testing.assert_allclose(found["value"], value, rtol=1e-10)
    np.testing.assert_allclose(found["se"], se, rtol=1e-10)


@pytest.mark.parametrize(
    ("table", "value"),
    [
        ([[13, 6, 1], [8, 20, 9], [2, 11, 30]], 0.728397022635979),
        # An empty cell: Olsson (1979) by way of Jöreskog.
        ([[13, 69, 41], [6, 113, 132], [0, 22, 104]], 0.491371155406632),
    ],
)
def test_a_polychoric_correlation_equals_that_of_polycor(
    table: list[list[int]], value: float
) -> None:
    # polycor stops its search at a tolerance of about 1e-5.
    code = np.array([[a, b] for a in range(3) for b in range(3)])
    weights = np.array(table, dtype=np.float64).ravel()

    found = polychoric(code, np.array([3, 3]), weights, ("a", "b"))

    assert found.matrix[0, 1] == pytest.approx(value, abs=3e-5)


def test_unique_variances_equal_those_of_factanal() -> None:
    matrix = standardized(ABILITY)

    one, two = extract(matrix, 1, "ml"), extract(matrix, 2, "ml")

    # factanal's optimizer leaves about 1e-5.
    np.testing.assert_allclose(
        one.unique, [0.534599, 0.852579, 0.748186, 0.910128, 0.231716, 0.279741], atol=3e-5
    )
    np.testing.assert_allclose(
        two.unique, [0.455224, 0.589332, 0.218180, 0.769421, 0.052452, 0.333588], atol=3e-5
    )


def test_promax_loadings_equal_those_of_factanal() -> None:
    turned, _ = rotate(extract(standardized(ABILITY), 2, "ml").loadings, "promax")

    # R stops its varimax at 1e-5 of the criterion.
    expected = [[0.364218, 0.470408], [-0.057747, 0.671197], [-0.091484, 0.931885]]
    expected += [[-0.053657, 0.507997], [1.023372, -0.095494], [0.811231, 0.009105]]
    np.testing.assert_allclose(turned, expected, atol=2e-3)
