"""Spark, in this process and on a master with two workers, gives the table of memory.

`make spark` runs these tests in an environment of their own; Spark weighs 400 MB and
needs Java 17. Its gateway leaves sockets to the garbage collector, which is no fault of ours.
"""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from analysis import SurveyDesign, estimate
from analysis.engines import cell_tables, units_table
from intake.findings import EstimationError

pyspark = pytest.importorskip("pyspark", reason="pyspark is missing: run make spark")
pytestmark = [
    pytest.mark.spark,
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.skipif(shutil.which("java") is None, reason="Java 17 is missing"),
]
DESIGN = {"weights": "w", "strata": ["stratum"], "psu": ["psu"]}
ASKED = DESIGN | {
    "items": ["q1", "q2", "q3", "big"],
    "by": [[], ["region"], ["region", "sex"]],
    "where": "q1 <= 4 and not (sex == 'x') and district >= 'Â'",
}


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    rng = np.random.Generator(np.random.PCG64(7))
    psu = rng.integers(0, 200, 5_000)
    return pd.DataFrame(
        {
            "stratum": np.array([f"tầng {number}" for number in range(6)])[psu % 6],
            "psu": psu,
            "w": np.exp(rng.normal(3, 1, psu.size)),
            "region": rng.integers(1, 5, psu.size),
            "sex": np.where(rng.random(psu.size) < 0.5, "nữ", "nam"),
            "district": np.array(["Ân Thi", "Kim Động", "Âu Lâu", "Đông Hà"])[psu % 4],
            "q1": rng.integers(1, 6, psu.size),
            "q2": rng.normal(1e6, 1e3, psu.size),
            "q3": rng.random(psu.size) < 0.3,
            "big": rng.integers(0, 2**40, psu.size),
            "N": 500 + psu % 6,
        }
    )


@pytest.fixture(scope="module")
def parquet(rows, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("rows") / "rows.parquet"
    pq.write_table(pa.Table.from_pandas(rows, preserve_index=False), path, row_group_size=1_000)
    return path


@pytest.fixture(params=["local", "cluster"])
def engine(request):
    from pyspark.sql import SparkSession

    from bench.spark import SMALL, standalone

    if request.param == "local":
        yield f"spark://local[2]?{SMALL}"
    else:
        with standalone(workers=2) as address:
            yield f"{address}?{SMALL}"
            _stop(SparkSession)
    _stop(SparkSession)


def _stop(sessions) -> None:
    session = sessions.getActiveSession()
    if session is not None:
        session.stop()


def _estimates(source) -> pd.DataFrame:
    design = SurveyDesign(source, weights="w", strata="stratum", psu="psu")
    by = [[], ["region"], ["region", "sex"]]
    table = estimate.mean(design, ["q1", "q2"], by=by).table
    return table[["value", "se", "low", "high", "n", "df"]].astype(float)


def _same(a: pd.DataFrame, b: pd.DataFrame) -> None:
    assert list(a.columns) == list(b.columns)
    for name in a.columns:
        if a[name].dtype == np.float64:
            np.testing.assert_allclose(a[name], b[name], rtol=1e-12, atol=0, err_msg=name)
        else:
            assert a[name].tolist() == b[name].tolist(), name


def test_spark_gives_the_table_of_memory(engine, rows, parquet, monkeypatch):
    expected = list(cell_tables(rows, **ASKED))
    for ours, theirs in zip(cell_tables(parquet, engine=engine, **ASKED), expected, strict=True):
        _same(ours, theirs)
    _same(
        units_table(parquet, **DESIGN, fpc=["N"], engine=engine),
        units_table(rows, **DESIGN, fpc=["N"]),
    )

    from pyspark.sql import SparkSession

    session = SparkSession.getActiveSession()
    assert session.sparkContext.uiWebUrl is None
    # A table of the session is summed there without an engine being named.
    for ours, theirs in zip(
        cell_tables(session.read.parquet(str(parquet)), **ASKED), expected, strict=True
    ):
        _same(ours, theirs)
    # So is a whole estimate, with its standard errors and covariances.
    items, by = ["q1", "q2", "q3"], [[], ["region"], ["region", "sex"]]
    here = estimate.mean(SurveyDesign(rows, **DESIGN), items, by=by)
    there = estimate.mean(SurveyDesign(session.read.parquet(str(parquet)), **DESIGN), items, by=by)
    _same(here.table[["value", "se", "low", "high", "n", "df"]], there.table[
        ["value", "se", "low", "high", "n", "df"]
    ])  # fmt: skip
    np.testing.assert_allclose(here.covariance(range(3)), there.covariance(range(3)), rtol=1e-9)
    # And on a path, where the setting names the engine.
    monkeypatch.setenv("HAILONG_ENGINE", engine)
    _same(_estimates(parquet), _estimates(rows))
    assert not [one.name for one in session.catalog.listTables()]
    with pytest.raises(EstimationError) as said:
        next(cell_tables(parquet, engine="spark://local[1]", **ASKED))
    assert said.value.code == "engine-in-use"
