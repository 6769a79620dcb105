"""How many index points the answers are worth: criteria tree, points, standing, duties."""

from analysis.par_index.assessments import read_assessments
from analysis.par_index.criteria import Band, Criterion, DutyRules, Expression, IndexYear
from analysis.par_index.points import compute
from analysis.par_index.remediation import list_duties, losses, read_heads, undecided
from analysis.par_index.rule_files import available, check_index_year, load, read_index_year
from analysis.par_index.standing import grade, rank

__all__ = [
    "Band",
    "Criterion",
    "DutyRules",
    "Expression",
    "IndexYear",
    "available",
    "check_index_year",
    "compute",
    "grade",
    "list_duties",
    "load",
    "losses",
    "rank",
    "read_assessments",
    "read_heads",
    "read_index_year",
    "undecided",
]
