"""What the answers say and how sure that is: means, totals, shares and ratios by domain."""

from analysis.estimation.estimates import Estimates, mean, ratio, share, total

__all__ = ["Estimates", "mean", "ratio", "share", "total"]
