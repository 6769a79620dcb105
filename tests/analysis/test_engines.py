"""The same sums come out wherever the rows live: memory, DuckDB, PostgreSQL, Spark."""

import sqlite3
from contextlib import closing

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analysis.engines import cell_table, cell_tables, engine_for, read_columns, units_table
from analysis.engines.places import read_engine
from intake.findings import EstimationError, WeightError

DESIGN = {"weights": "w", "strata": ["stratum"], "psu": ["psu"]}
BY = [[], ["region"], ["region", "sex"], ["district"]]


def some_rows(rows: int = 3_000, *, missing: bool = False) -> pd.DataFrame:
    """A stratified cluster sample with items of every numeric kind; ``row`` is its order."""
    rng = np.random.Generator(np.random.PCG64(7))
    psu = rng.integers(0, rows // 25, rows)
    table = pd.DataFrame(
        {
            "row": np.arange(rows),
            "stratum": np.array([f"tầng {number}" for number in range(6)])[psu % 6],
            "psu": psu,
            "w": np.exp(rng.normal(3, 1, rows)),
            "region": rng.integers(1, 5, rows),
            "sex": np.where(rng.random(rows) < 0.5, "nữ", "nam"),
            "district": psu // 10,
            "q1": rng.integers(1, 6, rows),
            "q2": rng.normal(1e6, 1e3, rows),
            "q3": rng.random(rows) < 0.3,
            "big": rng.integers(0, 2**40, rows),
            "N": 500 + psu % 6,
        }
    )
    if missing:
        table["region"] = table["region"].astype("Int64").mask(rng.random(rows) < 0.1)
        table["q2"] = table["q2"].mask(rng.random(rows) < 0.05)
    return table


ITEMS = ["q1", "q2", "q3", "big"]


def same(a: pd.DataFrame, b: pd.DataFrame) -> None:
    """Fail where two cell tables differ by more than 1e-12 relative."""
    assert list(a.columns) == list(b.columns)
    assert a.attrs == b.attrs
    for name in a.columns:
        if a[name].dtype == np.float64:
            np.testing.assert_allclose(a[name], b[name], rtol=1e-12, atol=0, err_msg=name)
        else:
            assert a[name].tolist() == b[name].tolist(), name


def tables_of(source, engine="auto", table=None, **changes):
    asked = DESIGN | {"items": ITEMS, "by": BY, "where": "q1 <= 4 and sex != 'x'"} | changes
    return list(cell_tables(source, engine=engine, table=table, **asked))


def units_of(source, engine="auto", table=None):
    return units_table(source, **DESIGN, fpc=["N"], engine=engine, table=table)


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return some_rows()


@pytest.fixture(scope="module")
def parquet(rows, tmp_path_factory):
    path = tmp_path_factory.mktemp("rows") / "rows.parquet"
    pq.write_table(pa.Table.from_pandas(rows, preserve_index=False), path)
    return path


@pytest.fixture(scope="module")
def expected(rows):
    return tables_of(rows, "memory")


def test_the_sums_of_a_cell_are_those_of_its_rows(rows):
    cells = cell_table(rows, items=["q1", "q2"], by=["sex"], **DESIGN)
    one = cells.iloc[17]
    own = rows[(rows["psu"] == one["psu_1"]) & (rows["sex"] == one["domain_1"])]
    w, y = own["w"].to_numpy(), own["q2"].to_numpy()
    assert one["rows"] == len(own)
    assert one["stratum_1"] == own["stratum"].iloc[0]
    np.testing.assert_allclose(
        one[["weight", "weight_squares", "sum_q2", "squares_q2"]].astype(float),
        [w.sum(), (w * w).sum(), (w * y).sum(), (w * y * y).sum()],
        rtol=1e-12,
    )


@pytest.mark.parametrize("kind", ["frame", "arrow", "parquet", "csv", "sqlite", "ibis"])
def test_duckdb_gives_the_table_of_memory_from_every_kind_of_source(
    kind, rows, parquet, expected, tmp_path
):
    source, engine = rows, "duckdb"
    if kind == "arrow":
        source = pa.Table.from_pandas(rows)
    if kind == "parquet":
        source = parquet
    if kind == "csv":
        source = tmp_path / "rows.csv"
        rows.to_csv(source, index=False)
    if kind == "sqlite":
        source = tmp_path / "rows.sqlite"
        with closing(sqlite3.connect(source)) as file:
            rows.to_sql("answers", file, index=False)
    if kind == "ibis":
        import ibis

        source, engine = ibis.memtable(pa.Table.from_pandas(rows, preserve_index=False)), "auto"
    for ours, theirs in zip(tables_of(source, engine), expected, strict=True):
        same(ours, theirs)
    same(units_of(source, engine), units_of(rows, "memory"))


@pytest.mark.parametrize("kind", ["parquet", "csv", "sqlite"])
def test_a_small_file_is_summed_in_memory_to_the_same_table(
    kind, rows, parquet, expected, tmp_path
):
    source = {"parquet": parquet, "csv": tmp_path / "a.csv", "sqlite": tmp_path / "a.db"}[kind]
    if kind == "csv":
        rows.to_csv(source, index=False)
    if kind == "sqlite":
        with closing(sqlite3.connect(source)) as file:
            rows.to_sql("answers", file, index=False)
    assert engine_for(source, 10).name == "memory"
    for ours, theirs in zip(tables_of(source), expected, strict=True):
        same(ours, theirs)


def test_several_files_are_one_table(rows, expected, tmp_path):
    paths = [tmp_path / "a.parquet", tmp_path / "b.parquet"]
    for path, part in zip(paths, (rows[:1000], rows[1000:]), strict=True):
        pq.write_table(pa.Table.from_pandas(part, preserve_index=False), path)
    for source, engine in ((paths, "memory"), (paths, "duckdb"), (tmp_path / "*.parquet", "auto")):
        for ours, theirs in zip(tables_of(source, engine), expected, strict=True):
            same(ours, theirs)


@pytest.mark.postgres
@pytest.mark.xdist_group("postgres")
def test_postgresql_gives_the_table_of_memory(rows, expected, postgres_server):
    import psycopg

    kinds = {"i": "int8", "f": "float8", "b": "boolean"}
    columns = ", ".join(f'"{name}" {kinds.get(rows[name].dtype.kind, "text")}' for name in rows)
    with psycopg.connect(postgres_server) as connection:
        connection.execute(f"CREATE TABLE rows_of_test ({columns})")
        with connection.cursor().copy("COPY rows_of_test FROM STDIN") as copy:
            for line in rows.itertuples(index=False):
                copy.write_row(line)
    try:
        for ours, theirs in zip(tables_of("rows_of_test", postgres_server), expected, strict=True):
            same(ours, theirs)
        same(units_of("rows_of_test", postgres_server), units_of(rows, "memory"))
        with pytest.raises(WeightError) as said:
            cell_table("rows_of_test", weights="q3", psu=["psu"], engine=postgres_server)
        assert said.value.code == "weight-not-positive"
    finally:
        with psycopg.connect(postgres_server) as connection:
            connection.execute("DROP TABLE rows_of_test")


@pytest.mark.parametrize("engine", ["memory", "duckdb"])
def test_rows_without_an_answer_or_a_domain_are_counted_never_lost(engine, tmp_path):
    table = some_rows(missing=True)
    kept = table[table["q2"].notna()]
    cells = cell_table(
        table, items=["q1", "q2"], by=["region"], missing="drop", engine=engine, **DESIGN
    )
    assert cells.attrs == {
        "dropped": int(table["q2"].isna().sum()),
        "outside": int(kept["region"].isna().sum()),
    }
    inside = kept[kept["region"].notna()]
    assert cells["rows"].sum() == len(inside)
    np.testing.assert_allclose(cells["sum_q2"].sum(), (inside["w"] * inside["q2"]).sum(), 1e-12)


@pytest.mark.parametrize("engine", ["memory", "duckdb"])
@pytest.mark.parametrize(
    ("column", "value", "kind", "code"),
    [
        ("w", None, WeightError, "weight-missing"),
        ("w", float("nan"), WeightError, "weight-missing"),
        ("w", 0.0, WeightError, "weight-not-positive"),
        ("w", -2.0, WeightError, "weight-not-positive"),
        ("w", float("inf"), WeightError, "weight-not-positive"),
        ("q2", None, EstimationError, "answers-missing"),
        ("q2", float("nan"), EstimationError, "answers-missing"),
        ("stratum", None, EstimationError, "design-value-missing"),
        ("q1", "four", EstimationError, "item-not-numeric"),
    ],
)
def test_what_would_spoil_a_sum_is_refused(engine, rows, column, value, kind, code):
    values = rows[column].tolist()
    values[100] = value
    if column == "q1":
        values = [str(one) for one in values]
    spoilt = pa.table({name: pa.array(values if name == column else rows[name]) for name in rows})
    with pytest.raises(kind) as said:
        cell_table(spoilt, items=["q1", "q2"], engine=engine, **DESIGN)
    assert said.value.code == code
    assert said.value.findings[0].column == column


def test_a_fault_outside_the_condition_does_no_harm(rows):
    spoilt = rows.assign(q2=rows["q2"].mask(rows["sex"] == "nam"))
    for engine in ("memory", "duckdb"):
        cells = cell_table(spoilt, items=["q2"], where="sex == 'nữ'", engine=engine, **DESIGN)
        assert cells["rows"].sum() == (rows["sex"] == "nữ").sum()


def test_a_correction_that_varies_shows_in_the_table_of_units(rows):
    spoilt = rows.assign(N=np.where(rows.index == 3, 7, rows["N"]))
    for engine in ("memory", "duckdb"):
        units = units_of(spoilt, engine)
        differs = units["fpc_1_low"] != units["fpc_1_high"]
        assert units.loc[differs, "psu_1"].tolist() == [rows["psu"][3]]
        with pytest.raises(EstimationError) as said:
            units_of(rows.assign(N=0), engine)
        assert said.value.code == "fpc-not-positive"


def test_without_weights_a_row_counts_once_or_by_its_probabilities(rows):
    table = rows.assign(p1=0.5, p2=0.25)
    for engine in ("memory", "duckdb"):
        plain = cell_table(table, items=["q1"], psu=["psu"], engine=engine)
        drawn = cell_table(
            table, items=["q1"], psu=["psu"], probabilities=["p1", "p2"], engine=engine
        )
        for wrong, code in ((0.0, "weight-missing"), (1.5, "probability-out-of-range")):
            with pytest.raises(WeightError) as said:
                cell_table(rows.assign(p=wrong), probabilities=["p"], psu=["psu"], engine=engine)
            assert said.value.code == code
        assert (plain["weight"] == plain["rows"]).all()
        assert (drawn["sum_q1"] == 8 * plain["sum_q1"]).all()


def test_where_rows_are_few_or_in_memory_they_are_summed_in_memory(rows, parquet, tmp_path):
    assert engine_for(rows, 5).name == "memory"
    assert engine_for(parquet, 5).name == "memory"
    assert engine_for(parquet, 10**6).name == "duckdb"
    assert engine_for(parquet, 5, setting="spark://node:7077").address == "spark://node:7077"
    assert engine_for(rows, 5, setting="spark://node:7077").name == "memory"
    assert engine_for("responses", 5, "postgres://a@b/c").address == "postgresql://a@b/c"


@pytest.mark.parametrize(
    ("source", "engine", "code"),
    [
        ("rows.parquet", "hadoop", "engine-unknown"),
        ("rows.parquet", "spark://", "engine-unknown"),
        ("rows.parquet", "postgres://a/b", "engine-source"),
        ("responses", "duckdb", "engine-source"),
        ("rows.sqlite", "spark://local[2]", "engine-source"),
        ("rows.parquet", "auto", "data-unreadable"),
        ("rows.parquet", "duckdb", "data-unreadable"),
        (["a.csv", "b.parquet"], "auto", "data-kind"),
        (3, "auto", "data-kind"),
    ],
)
def test_a_source_that_an_engine_does_not_reach_is_refused(
    source, engine, code, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(EstimationError) as said:
        cell_table(source, items=["q1"], psu=["psu"], engine=engine)
    assert said.value.code == code


def test_a_file_of_several_tables_wants_the_name_of_one(tmp_path):
    path = tmp_path / "a.sqlite"
    with closing(sqlite3.connect(path)) as file:
        for name in ("one", "two"):
            pd.DataFrame({"psu": [1, 2], "q": [3, 4]}).to_sql(name, file, index=False)
    with pytest.raises(EstimationError) as said:
        cell_table(path, items=["q"], psu=["psu"])
    assert said.value.code == "table-unnamed"
    cells = cell_table(path, items=["q"], psu=["psu"], table="two")
    assert cells["sum_q"].tolist() == [3.0, 4.0]


def test_a_column_that_is_not_there_is_named(rows):
    for engine in ("memory", "duckdb"):
        with pytest.raises(EstimationError) as said:
            cell_table(rows, items=["q9"], psu=["psu"], engine=engine)
        assert (said.value.code, said.value.findings[0].column) == ("column-missing", "q9")


def test_an_address_says_engine_place_and_options():
    assert read_engine("duckdb:///data/rounds.duckdb?threads=2") == (
        "duckdb", "/data/rounds.duckdb", (("threads", "2"),),
    )  # fmt: skip
    assert read_engine("postgresql://x/y").name == "postgres"


def test_rows_come_small_and_exact_and_in_their_order(rows, parquet):
    here = read_columns(
        parquet, ["row", "stratum", "w"], items=["q1", "q2", "q3", "big"], where="q1 <= 4"
    )
    kept = rows[rows["q1"] <= 4]
    for name in here.columns:
        assert here[name].tolist() == kept[name].tolist(), name
    kinds = {name: str(kind) for name, kind in here.dtypes.items()}
    assert kinds == {
        "row": "int32", "stratum": "str", "w": "float64",
        "q1": "int8", "q2": "float64", "q3": "int8", "big": "int64",
    }  # fmt: skip


def test_a_missing_number_stays_missing_where_rows_are_made_small():
    table = pa.table(
        {
            "key": pa.array([1, None, 3]),
            "whole": pa.array([1, None, 3]),
            "half": pa.array([0.5, float("nan"), None]),
            "fine": pa.array([0.1, None, 2.0]),
            "flag": pa.array([True, None, False]),
            "first": pa.array([float("nan"), 2.0, 3.0]),
        }
    )
    items = ["whole", "half", "fine", "flag", "first"]
    here = read_columns(table, ["key"], items=items)
    assert here["key"].isna().tolist() == [False, True, False]
    kinds = [str(here[name].dtype) for name in items]
    assert kinds == ["float32", "float32", "float64", "float32", "float32"]
    for name in items:
        values = table[name].cast(pa.float64()).to_numpy()
        np.testing.assert_array_equal(here[name].to_numpy(np.float64), values)


def test_no_rows_give_empty_columns(rows, parquet):
    here = read_columns(parquet, ["stratum", "psu"], items=["q1"], where="q1 > 9")
    assert (len(here), list(here)) == (0, ["stratum", "psu", "q1"])
    for engine in ("memory", "duckdb"):
        cells = cell_table(parquet, items=["q1"], where="q1 > 9", engine=engine, **DESIGN)
        assert len(cells) == 0
