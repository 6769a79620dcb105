"""What excluding changed is told of many, and of few only whether it was much."""

import pandas as pd
import pytest

from analysis.publication.tables.excluded import protect_sensitivity


def a_row(**changes):
    row = {
        "round": "r", "rule": "top2", "domain": "", "category": "", "n_excluded": 12, "n": 200,
        "value": 80.0, "with_excluded": 80.456, "low": 79.0, "high": 81.0,
    }  # fmt: skip
    return row | changes


def told(row, flag=""):
    key = {name: row[name] for name in ("round", "rule", "domain", "category")}
    protected = pd.DataFrame([key | {"quantity": "overall", "flag": flag}])
    (found,) = protect_sensitivity(pd.DataFrame([row]), protected).to_dict("records")
    return found["value"], found["with_excluded"], found["verdict"], found["flag"]


@pytest.mark.parametrize(
    ("changes", "flag", "expected"),
    [
        ({}, "", ("80.00", "80.46", "small", "")),
        ({"with_excluded": 81.01}, "", ("80.00", "81.01", "review", "")),
        ({"with_excluded": 81.0}, "", ("80.00", "81.00", "small", "")),
        ({"n": 60}, "", ("80.0", "80.5", "small", "")),
        # Nine are too few, and of a unit no number of people is enough: two units tell a third.
        ({"n_excluded": 10}, "", ("80.00", "80.46", "small", "")),
        ({"n_excluded": 9}, "", ("80.00", "", "small", "c")),
        ({"domain": "unit", "category": "u"}, "", ("80.00", "", "small", "c")),
        ({"with_excluded": 99.0, "n_excluded": 1}, "", ("80.00", "", "review", "c")),
        # A withheld figure stays withheld, and nothing is told of what it would be.
        ({}, "u", ("", "", "", "u")),
        ({}, "c", ("", "", "", "c")),
    ],
)
def test_each_row_tells_no_more_than_it_may(changes, flag, expected):
    assert told(a_row(**changes), flag) == expected


def test_a_row_whose_published_figure_is_not_there_tells_nothing():
    protected = pd.DataFrame(
        [], columns=["round", "rule", "domain", "category", "quantity", "flag"]
    )
    (found,) = protect_sensitivity(pd.DataFrame([a_row()]), protected).to_dict("records")
    assert (found["value"], found["with_excluded"], found["verdict"]) == ("", "", "")
