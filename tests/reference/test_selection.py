"""Probabilities and draws against R `sampling` 2.9 (R 4.2.2), 26 November 2026.

`selection.R`, beside this file, printed every number. Draws are compared number for number:
`Mersenne` gives the uniform numbers that `runif` gives after `set.seed`.
"""

from __future__ import annotations

import numpy as np
import pytest

from sampling import inclusion_probabilities, joint_probabilities, select


class Mersenne:
    """The stream of R's default generator: its way of seeding, 32 bits a number."""

    def __init__(self, seed: int) -> None:
        words = []
        for _ in range(50):
            seed = (69069 * seed + 1) % 2**32
        for _ in range(625):
            seed = (69069 * seed + 1) % 2**32
            words.append(seed)
        self._bits = np.random.MT19937()
        state = {"key": np.array(words[1:], dtype=np.uint32), "pos": 624}
        self._bits.state = {"bit_generator": "MT19937", "state": state}

    def random(self, size=None):
        numbers = self._bits.random_raw(1 if size is None else size) * 2.3283064365386963e-10
        return float(numbers[0]) if size is None else numbers


def test_the_numbers_fed_to_the_draws_are_those_of_r():
    assert Mersenne(5).random(3).tolist() == pytest.approx(
        [0.20021445257589221, 0.68521859566681087, 0.91687577450647950], abs=1e-16
    )


@pytest.mark.parametrize(
    ("sizes", "n", "expected"),
    [
        (
            [5, 10, 12, 15, 40, 300, 22, 18, 9, 31],
            4,
            [
                *(0.092592592592592587, 0.185185185185185175, 0.222222222222222265),
                *(0.277777777777777790, 0.740740740740740700, 1.0, 0.407407407407407385),
                *(0.333333333333333315, 0.166666666666666657, 0.574074074074074181),
            ],
        ),
        (
            [1000, 400, 130, 60, 30, 10, 5, 3, 2, 1],
            6,
            [
                *(1, 1, 1, 1, 1, 0.476190476190476220, 0.238095238095238110),
                *(0.142857142857142849, 0.095238095238095247, 0.047619047619047623),
            ],
        ),
        ([3, 1, 1, 1], 2, [1, 1 / 3, 1 / 3, 1 / 3]),
        ([7] * 5, 3, [0.6] * 5),
    ],
)
def test_inclusion_probabilities_are_those_of_r(sizes, n, expected):
    assert inclusion_probabilities(sizes, n).tolist() == pytest.approx(expected, rel=1e-14)


SIX = [0.07, 0.17, 0.41, 0.61, 0.83, 0.91]
# Upper triangles by rows; UPmaxentropypi2 with its two steps and a stop at 1e-15. R leaves
# ±1e-17 and rounding of 1e-16 where pairs are impossible.
PAIRS = {
    "sampford": [
        *(0.0040134958086984699, 0.0115100194644155700, 0.0215579422695946696),
        *(0.0460167484250210701, 0.0569017940322702476, 0.0291279576403901987),
        *(0.0540114784248205484, 0.1135321325756370875, 0.1393149355504537112),
        *(0.1447794418209950307, 0.2892151789797270389, 0.3453674020944719758),
        *(0.4662356045907004587, 0.5334155328938894325, 0.7450003354289143065),
    ],
    "maximum_entropy": [
        *(0.0049170933179903545, 0.0129539122630340352, 0.0214774290086578862),
        *(0.0447256020364654103, 0.0559259633738522430, 0.0323832182820552525),
        *(0.0536508293966486624, 0.1113288268315519164, 0.1377200321717537979),
        *(0.1406855408575357347, 0.2887533824482287348, 0.3452239461491459771),
        *(0.4691241655578319847, 0.5350620351793254903, 0.7460680231259216866),
    ],
    "tille": [
        *(0, 2.4074074074074067e-03, 2.6481481481481484e-02, 5.1111111111111114e-02),
        *(6.0000000000000019e-02, 5.8465608465608438e-03, 6.4312169312169307e-02),
        *(1.2412698412698411e-01, 1.4571428571428571e-01, 1.6095238095238085e-01),
        *(2.9936507936507928e-01, 3.5142857142857137e-01, 4.4539682539682529e-01),
        *(5.2285714285714280e-01, 7.3999999999999999e-01),
    ],
    "midzuno": [
        *(0, 3.3870967741936875e-03, 2.5967741935483901e-02, 5.0806451612903314e-02),
        *(5.9838709677419416e-02, 8.2258064516129714e-03, 6.3064516129032189e-02),
        *(1.2338709677419359e-01, 1.4532258064516132e-01, 1.5935483870967734e-01),
        *(2.9821339950372205e-01, 3.5081885856079398e-01, 4.4759305210918110e-01),
        *(5.2401985111662530e-01, 7.3999999999999999e-01),
    ],
    "systematic": [
        *(0, 0, 0.07, 0.07, 0, 0, 0.17, 0.019999999999999851, 0.150000000000000161),
        *(0.01999999999999999, 0.39, 0.41, 0.439999999999999836, 0.520000000000000129, 0.74),
    ],
}


@pytest.mark.parametrize("method", sorted(PAIRS))
def test_joint_probabilities_are_those_of_r(method):
    found = joint_probabilities(SIX, method, tolerance=None)

    # Three successive differences from one: Midzuno's small pairs keep 13 digits in R.
    assert found[np.triu_indices(6, 1)].tolist() == pytest.approx(
        PAIRS[method], rel=2e-12 if method != "midzuno" else 1e-10, abs=1e-15
    )


EIGHT = [0.12, 0.25, 0.33, 0.48, 0.52, 0.61, 0.75, 0.94]
# Positions from 1, after set.seed(1), …, set.seed(12).
SETS = {
    "brewer": "5678 2568 3468 1458 3678 3478 2358 4578 2457 5678 1267 3478",
    "tille": "3468 4678 2678 3678 2578 2678 5678 3478 5678 3578 5678 2578",
    "midzuno": "5678 2578 2478 2458 2678 3478 1368 4578 2458 4568 1468 2678",
    "pps_systematic": "2568 2568 2468 3578 2568 3578 4678 3578 2568 3578 2568 1468",
    "maximum_entropy": "5678 4678 3478 2468 4578 3478 3458 2578 2368 5678 2457 1456",
    "poisson": "58 478 4678 234678 4578 348 3457 2578 2345678 5678 24578 145678",
}


@pytest.mark.parametrize("method", sorted(SETS))
def test_the_same_numbers_draw_the_same_units_as_in_r(method):
    draw = getattr(select, method)
    found = [
        "".join(str(place + 1) for place in draw(EIGHT, Mersenne(seed)).tolist())
        for seed in range(1, 13)
    ]
    assert " ".join(found) == SETS[method]


# sampling 2.9 again, worked cases of a collection made for comparing systems: five units.
FIVE = [0.2, 0.35, 0.5, 0.45, 0.5]
FIRST_ROWS = {
    "sampford": [0.2, 0.0348144683504833, 0.0579669473027752, 0.0492516370439663],
    "systematic": [0.2, 0, 0.05, 0.15],
    "tille": [0.2, 0.0166666666666667, 0.0666666666666667, 0.05],
    "midzuno": [0.2, 0.0227272727272729, 0.0636363636363637, 0.05],
}


@pytest.mark.parametrize("method", sorted(FIRST_ROWS))
def test_five_units_have_the_joint_probabilities_of_r(method):
    found = joint_probabilities(FIVE, method)[0, :4].tolist()
    assert found == pytest.approx(FIRST_ROWS[method], rel=1e-12, abs=1e-15)


def test_maximum_entropy_stops_where_r_stops_unless_asked_for_more():
    # UPmaxentropypi2 stops at 1e-6 and gives 0.0354498063782748 for the first pair.
    near = joint_probabilities(FIVE, "maximum_entropy")
    assert near[0, 1] == pytest.approx(0.0354498063782748, rel=1e-12)
    found = joint_probabilities(FIVE, "maximum_entropy", tolerance=None)
    assert found[0, 1] == pytest.approx(0.0354498063782748, rel=5e-6)
    assert (found.sum(axis=1) / FIVE).tolist() == pytest.approx([2] * 5, rel=1e-14)
