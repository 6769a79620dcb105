"""What the answers say and how sure that is: means, totals, shares and ratios by domain."""

from analysis.estimation.changes import change
from analysis.estimation.estimates import mean, ratio, share, total, variance
from analysis.estimation.quantiles import quantile
from analysis.estimation.results import Estimates

__all__ = ["Estimates", "change", "mean", "quantile", "ratio", "share", "total", "variance"]
