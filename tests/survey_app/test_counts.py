"""Which earlier releases a release is held against, and the counts that are kept for that."""

import pandas as pd
import pytest

from intake.findings import ReleaseError
from survey_app.services.releases.counts import (
    counts_file,
    earlier_releases,
    find_counts,
    keep_counts,
    read_counts,
)


def built(name, *rounds):
    return {"rounds": list(rounds), "files": {"manifest.json": name}}


def test_each_earlier_release_with_a_round_of_it_counts_and_for_a_trial_none():
    log = [built("aa", "p"), built("bb", "t"), built("cc", "other"), built("dd", "p", "t")]
    assert earlier_releases(log, ["t", "p"], compared=True) == ["aa", "bb", "dd"]
    assert earlier_releases(log, ["t"], compared=True) == ["bb", "dd"]
    assert earlier_releases(log, ["t"], compared=False) == []


def test_counts_come_back_as_they_were_and_go_along_to_the_next_release(tmp_path):
    row = {"round": "p", "quantity": "overall", "rule": "top2", "domain": "unit"}
    table = pd.DataFrame([row | {"category": "007", "n": 12.0}, row | {"category": "b", "n": None}])
    first, second = tmp_path / "2026", tmp_path / "2026-b"
    for place in (first, second):
        place.mkdir()
    keep_counts(first, "aa", table.assign(value=1.5), {})
    found = find_counts(tmp_path, ["aa"])
    assert list(read_counts(found["aa"])["category"]) == ["007", "b"]
    assert list(read_counts(found["aa"])["n"]) == [12, 0]
    assert "1.5" not in found["aa"].read_text(encoding="utf-8")
    keep_counts(second, "bb", table, found)
    assert (second / counts_file("aa")).read_bytes() == found["aa"].read_bytes()
    with pytest.raises(ReleaseError) as refused:
        find_counts(tmp_path, ["aa", "ee", "ff"])
    assert [one.code for one in refused.value.findings] == ["correction-uncounted"] * 2
