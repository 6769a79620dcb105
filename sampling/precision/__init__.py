"""How sure the results of a design would be, and what that costs.

Half-widths, standard errors and differences are in the unit of the item: parts of one for a
share. Modules: ``components`` (an earlier round), ``expected`` (variance of a design),
``separation`` (ranks of two units), ``curve`` (cost against precision), ``reach`` (targets that
a plan misses), ``figures``.
"""

from sampling.precision.components import (
    VarianceComponents,
    components_from_file,
    variance_components,
)
from sampling.precision.curve import Curve, precision_curve
from sampling.precision.expected import Expected, expected
from sampling.precision.layout import Layout, lay_out
from sampling.precision.separation import (
    chance_of_telling,
    separation_table,
    share_separable,
    smallest_difference,
    spread_of,
)
from sampling.precision.spread import Spread
from sampling.precision.trial import Trial

__all__ = [
    "Curve",
    "Expected",
    "Layout",
    "Spread",
    "Trial",
    "VarianceComponents",
    "chance_of_telling",
    "components_from_file",
    "expected",
    "lay_out",
    "precision_curve",
    "separation_table",
    "share_separable",
    "smallest_difference",
    "spread_of",
    "variance_components",
]
