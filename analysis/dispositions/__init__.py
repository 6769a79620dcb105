"""What became of the cases that were issued: forms out and back, and the outcome rates.

`account` counts forms by cell; `outcome_rates` gives AAPOR's response, cooperation, refusal and
contact rates from final dispositions, weighted and not. Rates lie between 0 and 1; where the
design of the sample must enter their interval, see `analysis.inference.nonresponse`.
"""

from analysis.dispositions.accounts import CASE_COLUMNS, account, check_cases
from analysis.dispositions.rates import (
    CLASSES,
    RATES,
    eligible_share,
    outcome_rates,
    rates_of,
    tally,
)

__all__ = [
    "CASE_COLUMNS",
    "CLASSES",
    "RATES",
    "account",
    "check_cases",
    "eligible_share",
    "outcome_rates",
    "rates_of",
    "tally",
]
