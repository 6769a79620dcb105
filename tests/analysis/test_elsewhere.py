"""Rows that stay in an engine give the estimates that they give in memory."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis import SurveyDesign, estimate, weighting
from intake.findings import EstimationError

KEYS = {"weights": "w", "strata": "stratum", "psu": "psu"}
DOMAINS = [[], ["sex"], ["place", "sex"]]


def rows(rng: np.random.Generator, count: int = 4_000) -> pd.DataFrame:
    psu = np.arange(count) // 40
    return pd.DataFrame(
        {
            "psu": [f"p{code}" for code in psu],
            "stratum": psu % 7,
            "w": rng.lognormal(size=count),
            "a": rng.integers(1, 6, count).astype(float),
            "b": rng.normal(3.0, 1.0, count),
            "sex": rng.choice(["f", "m"], count),
            "place": psu % 5,
        }
    )


@pytest.fixture(autouse=True)
def rows_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files stay where they are, however small."""
    monkeypatch.setenv("HAILONG_ENGINE", "duckdb")


@pytest.fixture
def table(rng: np.random.Generator) -> pd.DataFrame:
    return rows(rng)


def stored(table: pd.DataFrame, folder: Path) -> Path:
    """The rows as a Parquet file."""
    table.to_parquet(folder / "rows.parquet")
    return folder / "rows.parquet"


def check_same(here: estimate.Estimates, there: estimate.Estimates) -> None:
    pd.testing.assert_frame_equal(here.table, there.table, rtol=1e-12, check_dtype=False)
    some = range(0, len(here.table), 2)
    np.testing.assert_allclose(here.covariance(some), there.covariance(some), rtol=1e-9, atol=1e-15)


CALLS = {
    "mean": lambda d, **more: estimate.mean(d, ["a", "b"], by=DOMAINS, **more),
    "total": lambda d, **more: estimate.total(d, ["a", "b"], by=DOMAINS, **more),
    "ratio": lambda d, **more: estimate.ratio(d, [("a", "b"), ("b", "a")], by=DOMAINS, **more),
}


@pytest.mark.parametrize("call", sorted(CALLS))
def test_estimates_are_the_same_wherever_the_rows_are(
    call: str, table: pd.DataFrame, tmp_path: Path
) -> None:
    here = SurveyDesign(table, **KEYS)
    there = SurveyDesign(stored(table, tmp_path), **KEYS)

    assert there.away is not None
    check_same(CALLS[call](here), CALLS[call](there))
    check_same(CALLS[call](here), CALLS[call](here, engine="duckdb"))
    narrowed = here.where("b > 2 and sex == 'f'"), there.where("b > 2").where("sex == 'f'")
    check_same(CALLS[call](narrowed[0]), CALLS[call](narrowed[1]))
    assert narrowed[0].df == narrowed[1].df


@pytest.mark.postgres
@pytest.mark.xdist_group("postgres")
def test_estimates_from_postgresql_are_those_of_memory(
    table: pd.DataFrame, postgres_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import psycopg

    monkeypatch.setenv("HAILONG_ENGINE", postgres_server)
    kinds = {"i": "int8", "f": "float8"}
    columns = ", ".join(f'"{name}" {kinds.get(table[name].dtype.kind, "text")}' for name in table)
    with psycopg.connect(postgres_server) as connection:
        connection.execute(f"CREATE TABLE answers_of_test ({columns})")
        with connection.cursor().copy("COPY answers_of_test FROM STDIN") as copy:
            for line in table.itertuples(index=False):
                copy.write_row(line)
    try:
        there = SurveyDesign("answers_of_test", **KEYS)
        for call in CALLS.values():
            check_same(call(SurveyDesign(table, **KEYS)), call(there))
        share = estimate.share(there.where("b > 3"), "sex", by="place")
        check_same(
            estimate.share(SurveyDesign(table, **KEYS).where("b > 3"), "sex", by="place"), share
        )
    finally:
        with psycopg.connect(postgres_server) as connection:
            connection.execute("DROP TABLE answers_of_test")


def test_rows_that_miss_an_answer_count_in_the_degrees_of_freedom_there_as_here(
    table: pd.DataFrame, tmp_path: Path
) -> None:
    table.loc[table["psu"].isin(["p3", "p11"]), "a"] = np.nan
    here = SurveyDesign(table, **KEYS)
    there = SurveyDesign(stored(table, tmp_path), **KEYS)

    check_same(
        estimate.mean(here, ["a", "b"], by=DOMAINS, missing="drop"),
        estimate.mean(there, ["a", "b"], by=DOMAINS, missing="drop"),
    )
    with pytest.raises(EstimationError) as refused:
        estimate.mean(there, "a")
    assert refused.value.code == "answers-missing"


def test_a_domain_that_cuts_finely_has_its_rows_brought(
    table: pd.DataFrame, tmp_path: Path
) -> None:
    table = table.assign(fine=np.arange(len(table)) % 1_000)
    here = SurveyDesign(table, **KEYS)
    there = SurveyDesign(stored(table, tmp_path), **KEYS)

    check_same(estimate.mean(here, "a", by="fine"), estimate.mean(there, "a", by="fine"))


def test_what_needs_rows_brings_them(table: pd.DataFrame, tmp_path: Path) -> None:
    here = SurveyDesign(table, **KEYS)
    there = SurveyDesign(stored(table, tmp_path), **KEYS)

    check_same(estimate.share(here, "sex", by="place"), estimate.share(there, "sex", by="place"))
    check_same(estimate.variance(here, "b"), estimate.variance(there, "b"))
    total = float(here.weights.sum())
    targets = {"f": 0.5 * total, "m": 0.5 * total}
    check_same(
        estimate.mean(weighting.poststratify(here, "sex", targets), "a"),
        estimate.mean(weighting.poststratify(there, "sex", targets), "a"),
    )


def test_an_engine_is_refused_where_sums_do_not_suffice(table: pd.DataFrame) -> None:
    design = SurveyDesign(table, **KEYS)
    calibrated = weighting.poststratify(design, "sex", {"f": 10.0, "m": 10.0})

    for call in (
        lambda: estimate.mean(calibrated, "a", engine="duckdb"),
        lambda: estimate.share(design, "sex", engine="duckdb"),
        lambda: estimate.mean(design, "a", interval="logit", engine="duckdb"),
        lambda: estimate.mean(SurveyDesign(table, weights="w"), "a", engine="duckdb"),
    ):
        with pytest.raises(EstimationError) as refused:
            call()
        assert refused.value.code == "engine-needs-rows"


def test_a_correction_that_varies_within_a_cluster_is_refused_there_too(
    table: pd.DataFrame, tmp_path: Path
) -> None:
    table = table.assign(N=np.where(np.arange(len(table)) % 2, 100, 120))

    with pytest.raises(EstimationError) as refused:
        SurveyDesign(stored(table, tmp_path), **KEYS, fpc="N")

    assert refused.value.code == "fpc-varies"


def test_a_column_that_is_not_there_is_named(table: pd.DataFrame, tmp_path: Path) -> None:
    there = SurveyDesign(stored(table, tmp_path), **KEYS)

    for call in (
        lambda: estimate.mean(there, "a", by="nowhere"),
        lambda: estimate.mean(there, "nowhere"),
        lambda: there.where("nowhere > 1").df,
        lambda: SurveyDesign(stored(table, tmp_path), weights="nowhere", psu="psu"),
    ):
        with pytest.raises(EstimationError) as refused:
            call()
        assert "nowhere" in str(refused.value)


def test_a_part_is_compared_with_the_whole_there_as_here(
    table: pd.DataFrame, tmp_path: Path
) -> None:
    found = []
    for place in (table, stored(table, tmp_path)):
        whole = SurveyDesign(place, **KEYS)
        part = whole.where("place == 1")
        found.append(estimate.change(estimate.mean(whole, "a"), estimate.mean(part, "a")))

    check_same(*found)


def test_a_part_of_rows_brought_here_is_no_other_survey(
    table: pd.DataFrame, tmp_path: Path
) -> None:
    table = table.assign(fine=np.arange(len(table)) % 1_000)
    designs = SurveyDesign(table, **KEYS), SurveyDesign(stored(table, tmp_path), **KEYS)

    here, there = (
        estimate.change(
            estimate.mean(design, "a", by="fine"),
            estimate.mean(design.where("sex == 'f'"), "a", by="fine"),
        ).table
        for design in designs
    )

    pd.testing.assert_frame_equal(here, there, rtol=1e-9, check_dtype=False)
