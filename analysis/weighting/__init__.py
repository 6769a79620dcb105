"""From the probability of being drawn to the weight that a response carries.

Base weight, nonresponse, calibration and trimming are four steps. `weigh` carries out a
specification file; the single tools take a design and return one with new weights.
"""

from analysis.weighting.calibration import poststratify, rake
from analysis.weighting.diagnostics import describe, kish_factor
from analysis.weighting.nonresponse import response_factors
from analysis.weighting.spec import (
    CalibrationTarget,
    Weighting,
    WeightSpec,
    check_weights,
    read_weight_spec,
    weigh,
    weight_spec,
    with_units,
)
from analysis.weighting.trimming import trim

__all__ = [
    "CalibrationTarget",
    "WeightSpec",
    "Weighting",
    "check_weights",
    "describe",
    "kish_factor",
    "poststratify",
    "rake",
    "read_weight_spec",
    "response_factors",
    "trim",
    "weigh",
    "weight_spec",
    "with_units",
]
