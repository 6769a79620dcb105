"""From the probability of being drawn to the weight that a response carries.

Base weight, eligibility, nonresponse, calibration and trimming are the steps. `weigh` carries
out a specification file; the single tools take a design, with replicate weights or without,
and return one with new weights that knows what was done to it (`history`, `record`).
"""

from analysis.weighting.calibration import calibrate, greg
from analysis.weighting.diagnostics import describe, kish_factor
from analysis.weighting.nonresponse import response_factors
from analysis.weighting.poststratification import poststratify, standardize
from analysis.weighting.raking import rake
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
    "calibrate",
    "check_weights",
    "describe",
    "greg",
    "kish_factor",
    "poststratify",
    "rake",
    "read_weight_spec",
    "response_factors",
    "standardize",
    "trim",
    "weigh",
    "weight_spec",
    "with_units",
]
