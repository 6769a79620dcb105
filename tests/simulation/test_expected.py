"""Truth: the standard error that a plan expects is that of repeated draws (`make simulate`)."""

from __future__ import annotations

import numpy as np
import pytest
from simulation.expecting import compared

pytestmark = pytest.mark.slow


def test_the_shipped_design_has_the_standard_error_that_its_plan_expects() -> None:
    ratios = compared(np.random.Generator(np.random.PCG64(20261126)), rounds=4000)

    print("\nEmpirical over expected standard error, 4,000 draws of the shipped design")
    for name, ratio in ratios.items():
        print(f"  {name:<8} {ratio:.3f}")
    # Monte-Carlo error 1 / sqrt(8000) = 1.1 %; what the formula leaves out is second order.
    assert all(abs(ratio - 1) < 0.045 for ratio in ratios.values())
