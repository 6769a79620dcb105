"""Flags F5 and F6 of the list of fraud indicators (security.md, section 6).

F5 near duplicates · F6 same text: answers and comments that are too much alike. All data here
are simulated.
"""

from __future__ import annotations

import unicodedata

import numpy as np
import pandas as pd
import pytest
from honest_answers import ITEMS, a_generator, flagged, honest_answers

from analysis import quality
from analysis.quality import Rules


def test_agreement_is_the_share_of_equal_answers() -> None:
    answers = honest_answers(a_generator(6), 1, 40, 1)[ITEMS].to_numpy(dtype=float)
    plain = (answers[:, None, :] == answers[None, :, :]).sum(axis=2)
    np.fill_diagonal(plain, 0)

    assert np.array_equal(quality.agreement(answers), plain)


def test_honest_answers_seldom_look_like_twins_whatever_the_size() -> None:
    # Given four rounds of honest units of 25 or 40 people.
    rules = Rules(twin_draws=200, twin_fine_draws=200)
    p = []
    for seed, size in ((7, 25), (8, 40), (9, 25), (10, 40)):
        table = honest_answers(a_generator(seed), units=12, size=size, strata=2, spread=0.3)
        found = quality.near_duplicates(
            table, ITEMS, unit="unit", stratum="stratum", seed=seed, rules=rules
        )
        p.append(found["p"].to_numpy())

    # Then p is below 0.05 in about one unit of twenty (5 sigma of 48 units: 9.9).
    assert (np.concatenate(p) <= 0.05).sum() <= 9


def test_copied_forms_with_small_changes_are_found() -> None:
    rng = a_generator(11)
    table = honest_answers(rng, units=12, size=40, strata=1)
    rows = np.flatnonzero(table["unit"] == "u03")
    answers = np.array(table[ITEMS])
    answers[rows[20:30]] = answers[rows[:10]]
    for row in rows[20:30]:
        answers[row, rng.choice(22, 2, replace=False)] = rng.integers(1, 6, 2)
    table[ITEMS] = answers

    found = quality.near_duplicates(table, ITEMS, unit="unit", seed=1).set_index("unit")

    assert list(found.index[found["flagged"]]) == ["u03"]
    assert found.loc["u03", "p"] < 0.001
    assert found.loc["u03", "value"] > 10 * found.loc["u03", "reference"]


def test_the_limit_of_likeness_is_the_percentile_of_many_samples() -> None:
    # Given the rule by plain drawing: 2,000 samples of 20 from the other units.
    rng = a_generator(12)
    table = honest_answers(rng, units=6, size=20, strata=1)
    levels = quality.agreement(table[ITEMS].to_numpy(dtype=float))
    own, others = np.arange(20), np.arange(20, 120)
    largest = []
    for _ in range(2000):
        sample = rng.choice(others, 20, replace=False)
        largest.append(levels[np.ix_(sample, sample)].max(axis=1))
    limit = np.quantile(np.concatenate(largest), 0.99, method="inverted_cdf")
    share = (levels[np.ix_(own, own)].max(axis=1) >= limit).mean()

    found = quality.near_duplicates(table, ITEMS, unit="unit").iloc[0]

    assert found["value"] == pytest.approx(share)


def test_units_where_everybody_is_content_are_no_twins() -> None:
    # Given rounds where four in ten give every item the same answer, in all units alike.
    rng = a_generator(24)
    table = honest_answers(rng, units=10, size=40, strata=1)
    table.loc[rng.random(400) < 0.4, ITEMS] = 5

    found = quality.near_duplicates(table, ITEMS, unit="unit")

    assert flagged(found) == []
    assert found["value"].mean() == pytest.approx(found["reference"].mean(), abs=0.05)
    assert found["value"].min() > 0.2


def test_twins_of_one_unit_do_not_depend_on_further_units_of_other_strata() -> None:
    table = honest_answers(a_generator(13), units=8, size=20, strata=2)
    alone = table[table["stratum"] == "s0"]

    whole = quality.near_duplicates(table, ITEMS, unit="unit", stratum="stratum", seed=3)
    part = quality.near_duplicates(alone, ITEMS, unit="unit", stratum="stratum", seed=3)

    kept = whole[whole["stratum"] == "s0"]
    assert kept["p"].tolist() == part["p"].tolist()


def test_a_stratum_too_small_to_draw_from_is_said_so() -> None:
    table = honest_answers(a_generator(14), units=2, size=20, strata=1)

    found = quality.near_duplicates(table, ITEMS, unit="unit")

    assert set(found["note"]) == {"few-others"}
    assert not found["flagged"].any()


def test_comments_are_equal_whatever_their_case_spacing_and_encoding() -> None:
    text = "Cán bộ hướng dẫn rất tận tình"
    comments = [text, unicodedata.normalize("NFD", text).upper(), f"  {text} ", "Tốt", None]
    table = pd.DataFrame({"unit": ["a", "a", "b", "b", "c"], "comment": comments})

    found = quality.same_comments(table, comment="comment", unit="unit")
    same = found[found["quantity"] == "same-comment"].set_index("unit")

    assert same["value"].to_dict() == {"a": 2.0, "b": 1.0, "c": 0.0}
    assert same["flagged"].to_dict() == {"a": True, "b": True, "c": False}


def test_two_equal_comments_are_chance() -> None:
    table = pd.DataFrame({"unit": ["a", "a"], "comment": ["không có ý kiến gì thêm"] * 2})

    assert flagged(quality.same_comments(table, comment="comment", unit="unit")) == []


def test_the_index_of_rare_pieces_finds_every_near_pair() -> None:
    # Given 300 texts of which many are small changes of others.
    rng = a_generator(15)
    letters = np.array(list("abcdeăâ "))
    texts = ["".join(rng.choice(letters, 60)) for _ in range(150)]
    for base in list(texts):
        signs = list(base)
        for place in rng.choice(60, rng.integers(1, 4), replace=False):
            signs[place] = "z"
        texts.append("".join(signs))
    sets = [{text[i : i + 5] for i in range(len(text) - 4)} for text in texts]
    plain = {
        (i, j)
        for i in range(300)
        for j in range(i + 1, 300)
        if len(sets[i] & sets[j]) / len(sets[i] | sets[j]) >= 0.8
    }

    found = quality.near_texts(texts)

    assert len(plain) > 20
    assert set(zip(found["row"], found["other_row"], strict=True)) == plain


def test_near_comments_lead_to_their_rows_without_repeating_them() -> None:
    comments = ["x", "Nhân viên thân thiện, làm nhanh", "Nhân viên thân thiện, làm nhanh!"]
    table = pd.DataFrame({"unit": ["a", "a", "b"], "comment": comments})

    pairs = quality.comment_pairs(table, comment="comment")

    assert pairs[["row", "other_row"]].to_numpy().tolist() == [[1, 2]]
    assert flagged(quality.same_comments(table, comment="comment", unit="unit")) == ["a", "b"]


def test_permuted_samples_are_judged_as_the_unit_itself_is() -> None:
    # Given equal, missing and other answers; samples of a stratum drawn by hand, in one band.
    rng = a_generator(25)
    table = honest_answers(rng, units=6, size=20, strata=1)
    table.loc[rng.random(120) < 0.3, ITEMS] = 4
    table.loc[rng.random(120) < 0.2, ITEMS[:8]] = -1
    answers = table[ITEMS].to_numpy(dtype=float)
    levels = quality.agreement(np.where(answers < 0, np.nan, answers))
    own = levels[:20, :20].max(axis=1)
    rules = Rules(twin_bands=1, twin_draws=4000, twin_fine_draws=4000)

    found = quality.near_duplicates(table, ITEMS, unit="unit", rules=rules).iloc[0]

    limit = next(level for level in range(23) if (own >= level).mean() <= found["value"])
    shares = []
    for _ in range(2000):
        sample = rng.choice(120, 20, replace=False)
        shares.append((levels[np.ix_(sample, sample)].max(axis=1) >= limit).mean())
    assert found["reference"] == pytest.approx(np.mean(shares), abs=0.01)
    assert found["p"] == pytest.approx((np.array(shares) >= found["value"]).mean(), abs=0.04)
