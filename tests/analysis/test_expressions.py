"""A condition picks the same rows wherever the data live."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from analysis.engines.opening import opened
from analysis.engines.places import Engine, read_engine
from analysis.expressions import matching_rows, names_in, row_condition
from intake.findings import EstimationError

PEOPLE = pd.DataFrame(
    {
        "row": np.arange(8),
        "age": [17.0, 18.0, None, 60.0, 35.0, float("nan"), 42.5, 18.0],
        "visits": pd.array([1, None, 3, 0, 2, 5, None, 1], dtype="Int64"),
        "sex": ["f", "m", "f", None, "m", "f", "M", ""],
        "district": ["Ân Thi", "Kim Động", None, "an thi", "Z", "É", "z", "O'Neill"],
        "online": pd.array([True, False, None, True, False, True, None, False], dtype="boolean"),
        "score": np.array([0.1, 0.2, 0.3, 0.1, np.nan, 0.5, 0.1, 2.0], dtype=np.float32),
        "q 1": [1, 2, 3, 4, 5, 4, 3, 2],
    }
)
CONDITIONS = (
    "age >= 18",
    "not (age >= 18)",
    "age >= 18 or sex == 'f'",
    "age >= 18 and sex == 'f'",
    "not (age >= 18 and sex == 'f')",
    "not (age >= 18 or sex != 'f')",
    "18 <= age < 60",
    "age > visits",
    "age in [18, 60]",
    "age not in [18, 60]",
    "sex in ['f', 'm']",
    "sex not in ['f', 'm']",
    "sex not in ['f', 3]",
    "age not in ['a']",
    "visits in []",
    "visits not in []",
    "online == 1",
    "online != True",
    "not (online == 1) or visits > 2",
    "online in [1]",
    "score == 0.1",
    "score < 0.3",
    "district > 'Z'",
    "district <= 'an thi'",
    "district == 'O\\'Neill'",
    "sex == ''",
    "`q 1` > 2 and `q 1` <= 4",
    "-1 < visits",
    "1 < 2",
    "not (1 < 2)",
    "age != age",
    "sex < district",
)


@pytest.fixture(scope="module")
def arrow() -> pa.Table:
    return pa.Table.from_pandas(PEOPLE, preserve_index=False)


def _picked(there, condition) -> list[int]:
    found = there.table.filter(row_condition(there.table, condition)).select("row")
    return sorted(there.run(found)["row"].to_pylist())


def test_a_condition_picks_the_same_rows_in_memory_and_on_duckdb(arrow):
    with opened(arrow, Engine("duckdb")) as there:
        for condition in CONDITIONS:
            expected = np.flatnonzero(matching_rows(PEOPLE, condition)).tolist()
            assert _picked(there, condition) == expected, condition


def test_a_number_that_is_no_number_is_missing_on_duckdb_as_in_memory():
    table = pa.table({"row": [0, 1, 2], "x": pa.array([1.0, float("nan"), None])})
    with opened(table, Engine("duckdb")) as there:
        assert _picked(there, "x > 0") == [0]
        assert _picked(there, "not (x > 5)") == [0]
        assert _picked(there, "x not in [5]") == [0]


@pytest.mark.postgres
@pytest.mark.xdist_group("postgres")
def test_a_condition_picks_the_same_rows_on_postgresql(postgres_server):
    import psycopg

    with psycopg.connect(postgres_server) as connection:
        connection.execute(
            "CREATE TABLE people_of_test (row int, age float8, visits int, sex text, "
            'district text, online boolean, score real, "q 1" int)'
        )
        with connection.cursor().copy("COPY people_of_test FROM STDIN") as copy:
            for line in PEOPLE.itertuples(index=False):
                copy.write_row([None if pd.isna(value) else value for value in line])
    try:
        with opened("people_of_test", read_engine(postgres_server)) as there:
            for condition in CONDITIONS:
                expected = np.flatnonzero(matching_rows(PEOPLE, condition)).tolist()
                assert _picked(there, condition) == expected, condition
    finally:
        with psycopg.connect(postgres_server) as connection:
            connection.execute("DROP TABLE people_of_test")


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        ("age > '18'", "expression-types"),
        ("sex == 3", "expression-types"),
        ("weight > 1", "expression-column"),
        ("age + 1 > 3", "expression-syntax"),
        ("age >", "expression-syntax"),
        ("age in 3", "expression-syntax"),
        ("age in [visits]", "expression-syntax"),
        ("age", "expression-syntax"),
        ("age > 1e999", "expression-syntax"),
    ],
)
def test_a_condition_that_cannot_be_read_is_refused_alike(arrow, condition, code):
    with pytest.raises(EstimationError) as here:
        matching_rows(PEOPLE, condition)
    with opened(arrow, Engine("duckdb")) as there, pytest.raises(EstimationError) as elsewhere:
        row_condition(there.table, condition)
    assert (here.value.code, elsewhere.value.code) == (code, code)


def test_the_columns_of_a_condition_are_known_before_it_is_carried_out():
    assert names_in("`q 1` > 2 and (age < 3 or `q 1` == 1)") == ["q 1", "age"]
