"""What those who did not answer do to the results, as far as it can be seen.

`response_rates` gives AAPOR's outcome rates with the uncertainty of the design; `r_indicator`
says how alike respondents and non-respondents are in what is known of both; `early_late` and
`resistance` compare those who answered at once with those who had to be asked again.
Rates, propensities and indicators lie between 0 and 1.
"""

from analysis.inference.nonresponse.early import early_late, resistance
from analysis.inference.nonresponse.rates import response_rates
from analysis.inference.nonresponse.representativity import Representativity, r_indicator

__all__ = ["Representativity", "early_late", "r_indicator", "resistance", "response_rates"]
