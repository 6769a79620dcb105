"""The analysis file is checked at the door, with all its faults at once."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis.respondents import read_respondents, write_respondents
from intake.findings import IntakeError

META = {"round": "r1", "questionnaire": "citizen", "version": "2026-1", "simulated": True}


def a_table(**columns: Any) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "round": "r1",
            "cell": ["c1", "c1", "c2"],
            "unit": ["u1", "u1", "u2"],
            "stratum": "s",
            "psu": ["u1", "u1", "u2"],
            "mode": "qr",
            "recruitment": "drawn",
            "design_weight": 10.0,
            "cau_5": [1, 2, -1],
            **columns,
        }
    )


def test_a_frozen_file_comes_back_as_it_was_written(tmp_path: Path) -> None:
    meta = {**META, "units": {"u1": "Phường An Biên"}}

    digest = write_respondents(a_table(), meta, tmp_path / "r.parquet")
    found = read_respondents(tmp_path / "r.parquet")

    assert digest == hashlib.sha256((tmp_path / "r.parquet").read_bytes()).hexdigest()
    assert found.table["cau_5"].tolist() == [1, 2, -1]
    assert found.table["cau_5"].dtype == np.int16
    assert found.items == ["cau_5"]
    assert (found.round, found.simulated, found.units) == ("r1", True, meta["units"])


def test_equal_rounds_give_equal_bytes(tmp_path: Path) -> None:
    first = write_respondents(a_table(), META, tmp_path / "a.parquet")
    second = write_respondents(a_table(), dict(reversed(META.items())), tmp_path / "b.parquet")

    assert first == second


def test_all_faults_of_a_file_come_together(tmp_path: Path) -> None:
    table = a_table(
        design_weight=[10.0, 0.0, 10.0],
        recruitment=["drawn", "open", "drawn"],
        stratum=["s", "t", "s"],
        unit=["u1", "u1", ""],
        round=["r1", "r1", "r2"],
        cau_5=[1.5, 2.0, np.nan],
    )

    with pytest.raises(IntakeError) as refusal:
        write_respondents(table, META, tmp_path / "r.parquet")

    assert {finding.code for finding in refusal.value.findings} == {
        "design-weight-not-positive", "responses-not-drawn", "cell-torn",
        "responses-value-missing", "responses-other-round", "answers-not-whole-numbers",
    }  # fmt: skip
    assert not (tmp_path / "r.parquet").exists()


def test_voluntary_answers_are_refused_with_their_row(tmp_path: Path) -> None:
    with pytest.raises(IntakeError) as refusal:
        write_respondents(
            a_table(recruitment=["drawn", "open", "drawn"]), META, tmp_path / "r.parquet"
        )

    assert refusal.value.code == "responses-not-drawn"
    assert refusal.value.findings[0].row == 2


@pytest.mark.parametrize(
    ("meta", "code"),
    [
        ({"round": "r1"}, "metadata-incomplete"),
        ({**META, "simulated": "no"}, "metadata-simulated"),
    ],
)
def test_a_file_must_say_which_round_it_is_and_whether_it_is_simulated(
    meta: dict[str, Any], code: str, tmp_path: Path
) -> None:
    with pytest.raises(IntakeError) as refusal:
        write_respondents(a_table(), meta, tmp_path / "r.parquet")

    assert refusal.value.code == code


def test_a_file_that_is_no_frozen_round_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.parquet").write_text("hello", encoding="utf-8")
    a_table().to_parquet(tmp_path / "plain.parquet")

    for name, code in (
        ("text.parquet", "responses-unreadable"),
        ("plain.parquet", "metadata-missing"),
        ("absent.parquet", "responses-unreadable"),
    ):
        with pytest.raises(IntakeError) as refusal:
            read_respondents(tmp_path / name)
        assert refusal.value.code == code


def test_a_number_beyond_16_bits_comes_back_as_it_was(tmp_path):
    table = a_table().assign(minutes=40_000)

    write_respondents(table, META, tmp_path / "r.parquet")

    read = read_respondents(tmp_path / "r.parquet").table
    assert set(read["minutes"]) == {40_000}
