"""Single tools with values that are no numbers, or larger than any machine's."""

import numpy as np
import pytest

from intake.findings import DesignError
from sampling import allocate, inclusion_probabilities, joint_probabilities, sample_size, select

HUGE = 10**5000
RNG = np.random.default_rng(1)
PI = [0.5, 0.5, 0.5, 0.5]


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: select.srs(HUGE, 2, RNG), "selection-count-invalid"),
        (lambda: select.systematic(HUGE, HUGE, RNG), "selection-count-invalid"),
        (lambda: select.pareto(HUGE, RNG), "selection-probabilities-invalid"),
        (lambda: inclusion_probabilities([HUGE, 1], 1), "selection-sizes-invalid"),
        (lambda: select.scps(PI, HUGE, RNG), "selection-coordinates-invalid"),
        (lambda: joint_probabilities(PI, method=[]), "selection-method-unknown"),
        (lambda: allocate.equal(None, [1, 2]), "allocation-total-invalid"),
        (lambda: allocate.equal([1], [1, 2]), "allocation-total-invalid"),
        (lambda: allocate.equal(HUGE, [1, 2]), "allocation-total-invalid"),
        (lambda: allocate.neyman(2, [HUGE, 9], [1, 1]), "allocation-sizes-invalid"),
        (lambda: sample_size.share(HUGE, margin=0.1), "size-value-out-of-range"),
        (lambda: sample_size.ministry(-HUGE, 0.1), "size-value-out-of-range"),
        (lambda: sample_size.mean(1, cv=0.1, mean="x"), "size-value-out-of-range"),
        (lambda: sample_size.difference(4, 5, sds=1), "size-value-out-of-range"),
    ],
)
def test_what_is_no_number_or_endless_is_refused_with_a_code(call, code):
    with pytest.raises(DesignError) as refused:
        call()
    assert refused.value.code == code
    assert len(refused.value.text("vi")) < 500
