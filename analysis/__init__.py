"""What the answers of a survey round say, how sure that is, and how many points it is worth."""

from analysis import estimation as estimate
from analysis import weighting
from analysis.design import SurveyDesign
from analysis.inference import ranks

__all__ = ["SurveyDesign", "estimate", "ranks", "weighting"]
