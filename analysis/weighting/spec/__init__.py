"""From base weights to final weights, as a specification file says, each step in its own column.

The file (YAML or JSON)::

    base: design_weight            # or `visits`: visits counted over tickets issued
    nonresponse: {classes: cell}   # `cell`, `stratum`, or lists of cells to be merged
    calibrate:
      method: raking               # or `linear`, `logit`
      bounds: [0.3, 3]             # of the factors; needed by `logit`, else left out
      source: "Census 2024, table 3"
      simulated: false
      margins:
        "gioi_tinh*do_tuoi": {"1*1": 12000, "1*2": 15500}
        urban: {"1": 61000, "0": 42000}
    trim: {times_median: 5}        # or `trim: false`

Without ``calibrate`` the weights are not calibrated, and the record says so in plain words.
Margins without a source are refused, and so are simulated margins in a real round.
"""

from analysis.weighting.spec.carrying_out import note, weigh
from analysis.weighting.spec.model import (
    BASES,
    CLASS_COLUMNS,
    WEIGHT_COLUMNS,
    CalibrationTarget,
    Weighting,
    WeightSpec,
)
from analysis.weighting.spec.reading import read_weight_spec, weight_spec
from analysis.weighting.spec.tables import check_weights, with_units

__all__ = [
    "BASES",
    "CLASS_COLUMNS",
    "WEIGHT_COLUMNS",
    "CalibrationTarget",
    "WeightSpec",
    "Weighting",
    "check_weights",
    "note",
    "read_weight_spec",
    "weigh",
    "weight_spec",
    "with_units",
]
