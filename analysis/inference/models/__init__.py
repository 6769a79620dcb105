"""What goes with an answer when other things are held still: regression under a design.

`linear`, `logistic`, `poisson` and `ordinal` (proportional odds) take a design and a formula
such as ``"satisfied ~ age + C(region)"``. Coefficients solve the weighted likelihood
equations; standard errors are those of the design (Binder's sandwich, or refits to replicate
weights). Coefficients are in logits, logarithms, or units of the outcome.
"""

from analysis.inference.models.generalized import linear, logistic, poisson
from analysis.inference.models.margins import Margins
from analysis.inference.models.proportional import ordinal
from analysis.inference.models.results import TERM_TESTS, Model

__all__ = ["TERM_TESTS", "Margins", "Model", "linear", "logistic", "ordinal", "poisson"]
