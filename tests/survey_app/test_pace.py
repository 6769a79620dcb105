"""How long answering took: two coarse numbers come in, a median of many is told."""

import secrets
from datetime import timedelta

import pytest
from builders import TODAY, a_form, a_round, some_codes
from sqlalchemy import insert, select

from questionnaires import load
from survey_app.db import reading, writing
from survey_app.db.answers import response
from survey_app.services.mixing import mix
from survey_app.services.pace import BANDS, UNMEASURED, Median, Pace, median_of, read_pace
from survey_app.web.lasts import TAKEN, told

CITIZEN = ("citizen", "2026-1")
SAME = {"Sec-Fetch-Site": "same-origin"}


def some_responses(installation, round_id, *bands, version="citizen@2026-1"):
    """Mixed responses of a round with these bands."""
    rows = [
        {
            "id": secrets.token_bytes(16),
            "questionnaire_version": version,
            "cell_id": f"{round_id}.10507",
            "round_id": round_id,
            "answers": {},
            "n_fast_pages": None if band is None else 0,
            "duration_band": band,
            "flags": 0,
            "nonce": secrets.token_bytes(16),
        }
        for band in bands
    ]
    with writing(installation.engine) as connection:
        connection.execute(insert(response), rows)


def times_of(installation):
    with reading(installation.engine) as connection:
        rows = connection.execute(select(response.c.n_fast_pages, response.c.duration_band))
        return sorted((tuple(row) for row in rows), key=str)


def test_the_two_numbers_are_read_together():
    sent = {"n_fast_pages": ["12"], "duration_band": ["5"]}
    assert read_pace(sent, topics=12) == Pace(12, 5)
    assert read_pace({"n_fast_pages": ["0"], "duration_band": ["1"]}, topics=3) == Pace(0, 1)


@pytest.mark.parametrize(
    ("fast", "band"),
    [
        *((["4"], ["2"]), (["-1"], ["2"]), (["1.0"], ["2"]), ([""], ["2"]), (["01"], ["2"])),
        *(([], ["2"]), (["1"], []), (["1", "1"], ["2"]), (["1"], ["2", "2"])),
        *((["1"], ["0"]), (["1"], ["6"]), (["1"], [" 2"]), (["1"], ["2\n"]), (["1"], ["٢"])),
        (["1" * 60000], ["2"]),
    ],
)
def test_a_time_that_cannot_be_is_ignored(fast, band):
    assert read_pace({"n_fast_pages": fast, "duration_band": band}, topics=3) == UNMEASURED


def test_the_times_of_a_form_reach_the_responses_and_a_wrong_one_refuses_nothing(
    client, installation
):
    codes = some_codes(installation, a_round(installation), {"demo.10507": 2})
    for code, band in zip(codes, ("3", "5"), strict=True):
        times = {"n_fast_pages": "1", "duration_band": band}
        sent = client.post("/s/f/x", data=a_form(code=code, **times), headers=SAME)
        assert sent.status_code == 303
    odd = some_codes(installation, "demo", {"demo.10525": 1})[0]
    times = {"n_fast_pages": "1", "duration_band": "9"}
    assert client.post("/s/f/x", data=a_form(code=odd, **times), headers=SAME).status_code == 303
    mix(installation.engine, installation.keyring()["demo"], every_cell=True)
    assert times_of(installation) == [(1, 3), (1, 5), (None, None)]


def test_a_form_without_a_time_hides_among_those_that_are_taken_with_it(client, installation):
    codes = some_codes(installation, a_round(installation), {"demo.10507": 3})
    for number, code in enumerate(codes):
        times = {"n_fast_pages": "0", "duration_band": "2"} if number else {}
        client.post("/s/f/x", data=a_form(code=code, **times), headers=SAME)
    mix(installation.engine, installation.keyring()["demo"], every_cell=True)
    assert times_of(installation) == [(None, None)] * 3


def test_the_median_is_told_from_thirty_responses_of_the_same_version_and_kind(installation):
    a_round(installation)
    a_round(installation, "real", simulated=False)

    def median(simulated=True):
        return median_of(installation.engine, CITIZEN, simulated=simulated)

    some_responses(installation, "demo", *[2] * 14, *[4] * 15, None, None)
    some_responses(installation, "real", *[1] * 40)
    some_responses(installation, "demo", *[1] * 40, version="citizen@2026-2")
    assert median() is None
    some_responses(installation, "demo", 3)
    assert median() == Median(3, 30)
    some_responses(installation, "demo", *[5] * 9)
    assert median() == Median(4, 30)
    assert median(simulated=False) == Median(1, 40)


@pytest.mark.parametrize("name", ["citizen", "transaction", "business"])
@pytest.mark.parametrize(
    ("lang", "said", "mark"),
    [
        ("vi", "Trả lời mất {} (đo trên 240 phiếu).", "ước tính"),
        ("en", "Answering takes {} (measured on 240 forms).", "an estimate"),
    ],
)
def test_what_was_measured_stands_where_the_estimate_stood(name, lang, said, mark):
    notice = load(name, "2026-1").notice.in_language(lang).split("\n")
    assert mark in notice[0]
    for band in BANDS:
        changed = told(notice, Median(band, 240), lang)
        assert changed[0].endswith(f". {said.format(TAKEN[band].in_language(lang))}")
        assert changed[0].split(". ")[:-1] == notice[0].split(". ")[:-1]
        assert list(changed[1:]) == [part.strip() for part in notice[1:]]
    other = told(["Trả lời 10 phút."], Median(1, 240), lang)
    assert other == ("Trả lời 10 phút.", said.format(TAKEN[1].in_language(lang)))


def test_the_first_view_says_it_from_the_next_day_on(client, installation, monkeypatch):
    codes = some_codes(installation, a_round(installation))
    address = client.get(f"/s/{codes[0]}").headers["Location"].partition("#")[0]
    assert "(ước tính)" in client.get(address).text
    some_responses(installation, "demo", *[3] * 47)
    assert "(ước tính)" in client.get(address).text
    monkeypatch.setattr(installation, "today", lambda: TODAY + timedelta(days=1))
    page = client.get(address).text
    assert "Trả lời mất khoảng 5–8 phút (đo trên 40 phiếu)." in page
    assert "ước tính" not in page
    kiosk = client.get("/k/f/demo").text
    assert "đo trên 40 phiếu" in kiosk
    assert "(ước tính)" in client.get("/i/f/demo").text
