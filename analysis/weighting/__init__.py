"""From the probability of being drawn to the weight that a response carries.

Base weight, eligibility, nonresponse, calibration and trimming are the steps. `weigh` carries
out a specification file; the single tools take a design, with replicate weights or without,
and return one with new weights that knows what was done to it (`history`, `record`).
"""

from analysis.weighting.adjustment import nonresponse, unknown_eligibility
from analysis.weighting.base import base_weights
from analysis.weighting.calibration import calibrate, greg
from analysis.weighting.diagnostics import describe, kish_factor, spencer_factor
from analysis.weighting.history import balance, love_plot, record
from analysis.weighting.poststratification import poststratify, standardize
from analysis.weighting.raking import rake
from analysis.weighting.response_classes import response_factors
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
    "balance",
    "base_weights",
    "calibrate",
    "check_weights",
    "describe",
    "greg",
    "kish_factor",
    "love_plot",
    "nonresponse",
    "poststratify",
    "rake",
    "read_weight_spec",
    "record",
    "response_factors",
    "spencer_factor",
    "standardize",
    "trim",
    "unknown_eligibility",
    "weigh",
    "weight_spec",
    "with_units",
]
