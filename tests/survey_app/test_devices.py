"""Tablets at counters and interviewers' phones: what opens them, what they send, what is kept.

Covered: security.md section 2 (no join of a case to an answer), section 3 (guessing), section 4
(limits hold inside a sealed form too).
"""

import json
import re

import pytest
from builders import a_counter, a_form, a_round, some_codes
from sealing_device import sealed
from sqlalchemy import func, select

from analysis.dispositions import CLASSES, outcome_rates
from intake.findings import HailongError
from questionnaires import Question, Questionnaire, Section, Text
from questionnaires.parts import Wording
from survey_app.db import exports, reading
from survey_app.db.answers import inbox_a
from survey_app.db.devices import case_count
from survey_app.db.fieldwork import CLOSED, OPEN, USED, WITHDRAWN, invitation
from survey_app.services import kiosks, outcomes
from survey_app.services.answering import code_mac
from survey_app.services.assignments import (
    codes_of,
    find_assignment,
    link_of,
    make_batch,
    used_codes,
    withdraw,
)
from survey_app.services.codes import read_code
from survey_app.services.keys import application_secret
from survey_app.services.sealed_forms import SealedFormError, open_form, public_key
from survey_app.web.document import build_document

SAME = {"Sec-Fetch-Site": "same-origin", "Accept": "application/json"}


def pairs(form) -> str:
    return json.dumps(list(form.items()), ensure_ascii=False)


@pytest.fixture
def point(installation):
    return public_key(application_secret(installation.settings))


@pytest.fixture
def code(installation):
    a_round(installation)
    return some_codes(installation, "demo", {"demo.10507": 1})[0]


def waiting(installation) -> int:
    with reading(installation.engine) as connection:
        return connection.scalar(select(func.count()).select_from(inbox_a))


# Sealed forms


def test_a_sealed_form_counts_once_like_any_other(installation, client, point, code):
    body = {"sealed": sealed(point, pairs(a_form(code=code)))}
    headers = SAME | {"Idempotency-Key": "one"}
    first = client.post("/k/f/demo", data=body, headers=headers)
    again = client.post("/i/f/demo", data=body, headers=headers)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.get_json() == again.get_json()
    assert waiting(installation) == 1


def test_an_answer_that_cannot_be_taken_is_told_while_somebody_is_there(
    installation, client, point, code
):
    wrong = sealed(point, pairs(a_form(code=code, do_tuoi="99")))
    told = client.post("/k/f/demo", data={"sealed": wrong}, headers=SAME)
    assert told.status_code == 422
    assert set(told.get_json()["problems"]) == {"do_tuoi"}
    assert waiting(installation) == 0
    left = client.post("/k/f/demo", data={"sealed": wrong, "unattended": "1"}, headers=SAME)
    assert left.status_code == 201
    assert waiting(installation) == 1


def test_only_a_sealed_form_may_leave_out_what_cannot_be_taken(client, code):
    form = a_form(code=code, do_tuoi="99", unattended="1")
    assert client.post("/s/f/here", data=form, headers=SAME).status_code == 422


def test_what_was_not_sealed_to_us_or_was_changed_is_refused(installation, client, point, code):
    good = sealed(point, pairs(a_form(code=code)))
    changed = good[:-8] + ("A" if good[-8] != "A" else "B") + good[-7:]
    foreign = sealed(public_key(b"another installation, another key"), "code=1")
    many = sealed(point, json.dumps([["a", "1"]] * 401))
    bare = [sealed(point, text) for text in ("code=1", "{}", '["a"]', '[["a", 1]]', "[" * 9999)]
    for text in (changed, foreign, many, *bare, "", "%%%", good[:40], "A" * 400):
        answer = client.post("/k/f/demo", data={"sealed": text}, headers=SAME)
        assert (answer.status_code, answer.get_json()["error"]) == (400, "bad-request")
    with pytest.raises(SealedFormError):
        open_form(b"any secret", b"\x04" + bytes(64) + b"too short")
    assert waiting(installation) == 0


# Tablets


@pytest.fixture
def tablet(installation, client):
    """A client that has opened the link of a new tablet, and what was told of it."""
    a_counter(installation, "q1")
    made = kiosks.add_kiosk(installation, "Q1")
    answer = client.get(made.link.removeprefix(installation.settings.base_url))
    assert (answer.status_code, answer.location) == (303, "/k/")
    assert made.link.rsplit("/", 1)[1] not in answer.location
    return made


def test_a_typed_code_leads_to_the_questions_and_not_to_the_code_in_an_address(
    client, tablet, code
):
    answer = client.post("/k/", data={"code": code}, headers=SAME)
    told = answer.get_json()
    assert told["address"] == "/k/f/demo"
    assert read_code(told["code"]) == code
    page = client.get(told["address"]).get_data(as_text=True)
    assert 'data-mode="kiosk"' in page
    assert code not in page.replace("-", "")
    wrong = client.post("/k/", data={"code": "0000-0000-0000-0000-1"}, headers=SAME)
    assert wrong.get_json()["error"] == "code-slip"
    assert client.post("/k/", data={"code": code}).status_code == 200
    crossed = client.post("/k/", data={"code": code}, headers={"Sec-Fetch-Site": "cross-site"})
    assert crossed.status_code == 403


def test_a_tablet_keeps_the_open_rounds_of_its_counter_and_of_no_other(
    installation, client, tablet, code
):
    for round_id, cells, state in (
        ("tx", "q1", OPEN),
        ("far", "10525", OPEN),
        ("old", "q1", CLOSED),
    ):
        a_round(
            installation,
            round_id,
            questionnaire=("transaction", "2026-1"),
            cells=(cells,),
            state=state,
        )
    told = client.get("/k/rounds", headers=SAME).get_json()["rounds"]
    assert [one["address"] for one in told] == ["/k/f/demo", "/k/f/tx"]
    assert set(told[0]["title"]) == {"vi", "en"}
    kiosks.remove_kiosks(installation.engine, "q1")
    assert client.get("/k/rounds", headers=SAME).status_code == 404


def test_a_form_of_another_round_than_its_code_is_refused_and_spends_nothing(
    installation, client, point, code
):
    a_round(installation, "tx", questionnaire=("transaction", "2026-1"))
    body = {"sealed": sealed(point, pairs(a_form(code=code))), "unattended": "1"}
    for path in ("/k/f/tx", "/i/f/tx"):
        told = client.post(path, data=body, headers=SAME)
        assert (told.status_code, told.get_json()["error"]) == (409, "code-elsewhere")
    assert waiting(installation) == 0
    assert client.post("/k/f/demo", data=body, headers=SAME).status_code == 201


def test_five_wrong_pins_block_the_way_out_even_for_the_right_one(client, tablet):
    wrong = f"{(int(tablet.pin) + 1) % 10**6:06}"
    for _ in range(5):
        told = client.post("/k/leave", data={"pin": wrong}, headers=SAME)
        assert (told.status_code, told.get_json()["error"]) == (403, "pin-wrong")
    held = client.post("/k/leave", data={"pin": tablet.pin}, headers=SAME)
    assert (held.status_code, held.get_json()["error"]) == (429, "pin-wait")
    assert 0 < int(held.headers["Retry-After"]) <= 900
    assert client.get("/k/").status_code == 200


def test_the_right_pin_ends_it_and_a_removed_tablet_opens_nothing(installation, client, tablet):
    assert client.post("/k/leave", data={"pin": tablet.pin}, headers=SAME).status_code == 200
    assert client.get("/k/").status_code == 404
    path = tablet.link.removeprefix(installation.settings.base_url)
    assert client.get(path).status_code == 303
    assert kiosks.list_kiosks(installation.engine) == {"q1": 1}
    assert kiosks.remove_kiosks(installation.engine, "Q1") == 1
    assert client.get("/k/").status_code == 404
    with pytest.raises(HailongError) as error:
        kiosks.remove_kiosks(installation.engine, "q1")
    assert error.value.code == "kiosk-unknown"


# Interviewers


@pytest.fixture
def key(installation):
    a_round(installation)
    some_codes(installation, "demo", {"demo.10507": 5})
    keys = installation.keyring()["demo"]
    return make_batch(installation, keys, label="Tổ 3", cell_id="demo.10507", count=4)


def test_the_key_of_a_link_gives_the_cases_and_their_codes_count(installation, client, key):
    path = link_of(installation, key).removeprefix(installation.settings.base_url)
    answer = client.get(path)
    assert (answer.status_code, answer.location) == (303, f"/i/#{path.removeprefix('/i/')}")
    told = client.post("/i/cases", data={"key": key}, headers=SAME).get_json()
    assert [case["number"] for case in told["cases"]] == [1, 2, 3, 4]
    codes = [read_code(case["code"]) for case in told["cases"]]
    assert codes == codes_of(key, 4)
    assert client.post("/s/f/x", data=a_form(code=codes[1]), headers=SAME).status_code == 201
    told = client.post("/i/cases", data={"key": key}, headers=SAME).get_json()
    assert [case["used"] for case in told["cases"]] == [False, True, False, False]


# G2, G3: the codes of a batch cannot be told from any other code of the cell.
def test_no_row_of_the_database_tells_which_codes_belong_to_a_batch(installation, key):
    keys = installation.keyring()["demo"]
    with reading(installation.engine) as connection:
        rows = connection.execute(select(invitation)).all()
    own = {code_mac(keys, code) for code in codes_of(key, 4)}
    assert len(own & {bytes(row.code_mac) for row in rows}) == 4
    rest = {tuple(row)[1:] for row in rows if bytes(row.code_mac) in own}
    assert rest == {tuple(row)[1:] for row in rows if bytes(row.code_mac) not in own}
    # Nor does the key that is kept make them: it takes the one in the link.
    kept = find_assignment(installation, key).key_mac
    assert not own & {code_mac(keys, code) for code in codes_of(kept.hex().upper()[:17], 4)}


def test_a_report_is_counts_and_the_last_one_holds(installation, client, key):
    found = find_assignment(installation, key)

    def reported(*counts: str) -> int:
        data = {"key": key, "count": list(counts)}
        return client.post("/i/outcomes", data=data, headers=SAME).status_code

    assert reported("refusal.1=1", "non_contact.2=2") == 204
    assert reported("refusal.3=1", "complete.1=2") == 204
    assert reported("refusal.3=1", "complete.1=2") == 204
    (cell,) = outcomes.outcomes_of_round(installation.engine, "demo")
    assert (cell.cell_id, cell.assigned) == ("demo.10507", 4)
    ended = {outcome: cases for outcome, cases in cell.outcomes.items() if cases}
    assert ended == {"complete": 2, "refusal": 1}
    for wrong in ("refusal.1=5", "refusal.0=1", "refusal.21=1", "gone.1=1", "refusal=1", "x"):
        assert reported(wrong) == 422
    with pytest.raises(HailongError) as error:
        outcomes.report(installation.engine, found, {("refusal", 1): 5})
    assert error.value.code == "case-counts-wrong"
    assert reported() == 204
    with reading(installation.engine) as connection:
        assert connection.scalar(select(func.count()).select_from(case_count)) == 0


def test_outcomes_reach_the_table_of_cells_and_the_outcome_rates(installation, client, key):
    # Nine codes in the cell: five letters, of which one was used, and four cases.
    client.post("/s/f/x", data=a_form(code=codes_of(key, 4)[0]), headers=SAME)
    found = find_assignment(installation, key)
    outcomes.report(
        installation.engine,
        found,
        {("complete", 1): 1, ("refusal", 2): 1, ("refusal", 3): 1, ("not_eligible", 1): 1},
    )
    with reading(installation.engine) as connection:
        table = exports.cases(connection, "demo")
    row = table.set_index("cell").loc["demo.10507"]
    assert (row["issued"], row["used"], row["complete"]) == (9, 1, 1)
    assert (row["refusal"], row["not_eligible"], row["non_contact"]) == (2, 1, 0)
    assert row["unknown_other"] == 5
    assert sum(row[name] for name in CLASSES) == row["issued"]
    rates = outcome_rates(table).set_index("rate")["value"]
    assert rates["RR1"] == pytest.approx(1 / 8)
    assert rates["COOP1"] == pytest.approx(1 / 3)


def test_a_lost_phone_is_withdrawn_by_its_link(installation, client, key):
    codes = codes_of(key, 4)
    client.post("/s/f/x", data=a_form(code=codes[0]), headers=SAME)
    assert withdraw(installation, link_of(installation, key)) == (3, 1)
    late = client.post("/s/f/x", data=a_form(code=codes[1]), headers=SAME)
    assert (late.status_code, late.get_json()["error"]) == (410, "code-expired")
    found = find_assignment(installation, key)
    assert used_codes(installation, found, codes) == set(codes)
    with reading(installation.engine) as connection:
        states = list(connection.scalars(select(invitation.c.state)))
    assert (states.count(USED), states.count(WITHDRAWN)) == (1, 3)
    for link in ("0000-0000-0000-0000-0", "no link"):
        with pytest.raises(HailongError) as error:
            withdraw(installation, link)
        assert error.value.code == "assignment-unknown"


def test_guessing_keys_is_held_back(client, key):
    for _ in range(20):
        assert client.get("/i/0000-0000-0000-0000-0").status_code == 404
    assert client.get("/i/0000-0000-0000-0000-0").status_code == 429


def test_each_device_asks_in_its_own_words_and_leads_nowhere_else(app, point):
    label = Text({"vi": "Ông/Bà có hài lòng không?"})
    spoken = Wording("interviewer", "label", Text({"vi": "Xin đọc nguyên văn: có hài lòng không?"}))
    question = Question("q", "text", label, wording=(spoken,))
    asked = Questionnaire("x", "1", ("vi",), label, (Section("s", label, questions=(question,)),))
    with app.test_request_context():
        pages = {
            mode: build_document(asked, "vi", mode=mode, sealing_key=point).html.decode()
            for mode in ("phone", "kiosk", "interviewer")
        }
    assert [mode for mode, page in pages.items() if "đọc nguyên văn" in page] == ["interviewer"]
    assert [mode for mode, page in pages.items() if point in page] == ["kiosk", "interviewer"]
    assert [mode for mode, page in pages.items() if 'id="idle"' in page] == ["phone", "kiosk"]
    led = {
        mode: re.findall(r'<a [^>]*href="(/[^"]*)"(?! hidden)', page)
        for mode, page in pages.items()
    }
    assert led["kiosk"] == []
    assert set(led["interviewer"]) == {"/i/?lang=vi"}
