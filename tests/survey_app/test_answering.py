"""A code counts once; what was acknowledged is there; looking changes nothing."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta

import pytest
from builders import TODAY, a_round, some_codes
from sqlalchemy import func, insert, select

from intake.findings import ResponseError
from survey_app.db import reading, writing
from survey_app.db.answers import INBOXES, feedback_inbox
from survey_app.db.fieldwork import CLOSED, PLANNED, draft, invitation, receipt
from survey_app.services.answering import Counted, code_mac, find_invitation, is_counted, submit
from survey_app.services.codes import new_code
from survey_app.services.drafts import forget_old
from survey_app.services.installation import Installation


def send(installation: Installation, code: str, key: str | None = None, **answers: int) -> Counted:
    keyring = installation.keyring()
    invited = find_invitation(installation.engine, keyring, code, TODAY)
    return submit(
        installation.engine, keyring, code, invited, answers or {"cau_9_01": 4},
        on=TODAY, client_key=key,
    )  # fmt: skip


def rows_of(installation: Installation, table) -> int:
    with reading(installation.engine) as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def stored(installation: Installation) -> int:
    return sum(rows_of(installation, inbox) for inbox in INBOXES.values())


def refusal_of(installation: Installation, code: str) -> str:
    with pytest.raises(ResponseError) as error:
        find_invitation(installation.engine, installation.keyring(), code, TODAY)
    return error.value.code


def test_a_submission_leaves_one_receipt_one_spent_code_and_one_sealed_answer(installation):
    code = some_codes(installation, a_round(installation))[0]
    counted = send(installation, code)
    assert not counted.again
    assert is_counted(installation.engine, installation.keyring(), counted.receipt)
    assert (rows_of(installation, receipt), stored(installation)) == (1, 1)
    assert refusal_of(installation, code) == "code-used"


def test_the_same_key_gets_the_same_receipt_and_another_key_is_refused(installation):
    code = some_codes(installation, a_round(installation))[0]
    keyring = installation.keyring()
    invited = find_invitation(installation.engine, keyring, code, TODAY)

    def again(key: str | None) -> Counted:
        return submit(
            installation.engine, keyring, code, invited, {"a": 1}, on=TODAY, client_key=key
        )

    first = again("key-1")
    assert again("key-1") == Counted(first.receipt, again=True)
    with pytest.raises(ResponseError) as error:
        again("key-2")
    assert error.value.code == "code-used"
    assert stored(installation) == 1


def test_sixteen_hands_on_one_code_make_one_answer(installation):
    codes = some_codes(installation, a_round(installation), {"demo.10507": 5})
    keyring = installation.keyring()

    def one(code: str, hand: int) -> str:
        try:
            invited = find_invitation(installation.engine, keyring, code, TODAY)
            submit(
                installation.engine, keyring, code, invited, {"a": hand},
                on=TODAY, client_key=f"{code}-{hand}",
            )  # fmt: skip
        except ResponseError as error:
            return error.code
        return "counted"

    with ThreadPoolExecutor(16) as pool:
        for code in codes:
            seen = list(pool.map(lambda hand, code=code: one(code, hand), range(16)))
            assert sorted(seen) == ["code-used"] * 15 + ["counted"]
    assert stored(installation) == len(codes)
    assert rows_of(installation, receipt) == len(codes)


def test_looking_at_a_code_changes_nothing(installation):
    code = some_codes(installation, a_round(installation))[0]
    for _ in range(3):
        find_invitation(installation.engine, installation.keyring(), code, TODAY)
    assert (rows_of(installation, receipt), stored(installation)) == (0, 0)


def test_unknown_expired_early_and_late_codes_are_each_told_apart(installation):
    some = a_round(installation, "now")
    assert refusal_of(installation, new_code()) == "code-unknown"
    expired = some_codes(installation, some, {"now.10507": 1}, expires_on=TODAY - timedelta(days=1))
    assert refusal_of(installation, expired[0]) == "code-expired"
    a_round(installation, "early", opens=TODAY + timedelta(days=1))
    assert refusal_of(installation, some_codes(installation, "early", {"early.10507": 1})[0]) == (
        "round-not-open"
    )
    a_round(installation, "planned", state=PLANNED)
    planned = some_codes(installation, "planned", {"planned.10507": 1})[0]
    assert refusal_of(installation, planned) == "round-not-open"
    from survey_app.db.fieldwork import survey_round

    with writing(installation.engine) as connection:
        connection.execute(
            survey_round.update().where(survey_round.c.round_id == "planned").values(state=CLOSED)
        )
    assert refusal_of(installation, planned) == "round-closed"


def test_a_submission_deletes_the_draft_of_its_code(installation):
    code = some_codes(installation, a_round(installation))[0]
    mac = code_mac(installation.keyring()["demo"], code)
    with writing(installation.engine) as connection:
        connection.execute(
            insert(draft), {"code_mac": mac, "sealed": b"x", "until": TODAY, "version": 1}
        )
    send(installation, code)
    assert rows_of(installation, draft) == 0


def test_a_draft_that_a_submission_did_not_see_goes_with_the_old_ones(installation):
    used, unused = some_codes(installation, a_round(installation), {"demo.10507": 2})
    send(installation, used)
    keys = installation.keyring()["demo"]
    rows = [
        {"code_mac": code_mac(keys, code), "sealed": b"x", "until": TODAY, "version": 1}
        for code in (used, unused)
    ]
    with writing(installation.engine) as connection:
        connection.execute(insert(draft), rows)
    assert forget_old(installation.engine, on=TODAY) == 1
    assert rows_of(installation, draft) == 1


def test_one_key_with_two_codes_at_the_same_time_counts_once(installation):
    codes = some_codes(installation, a_round(installation), {"demo.10507": 16})
    with ThreadPoolExecutor(16) as pool:
        counted = list(pool.map(lambda code: send(installation, code, "the-same-key"), codes))
    assert len({one.receipt for one in counted}) == 1
    assert sorted(one.again for one in counted) == [False] + 15 * [True]
    assert (rows_of(installation, receipt), stored(installation)) == (1, 1)
    with reading(installation.engine) as connection:
        assert connection.scalar(select(func.sum(invitation.c.state))) == 1


def test_a_comment_is_laid_in_with_the_answers_or_not_at_all(installation):
    code = some_codes(installation, a_round(installation))[0]
    keyring = installation.keyring()
    invited = find_invitation(installation.engine, keyring, code, TODAY)
    for key in ("one", "two"):
        with suppress(ResponseError):
            submit(
                installation.engine, keyring, code, invited, {"a": 1},
                on=TODAY, client_key=key, comments={"y_kien_khac": "Chờ lâu."},
            )  # fmt: skip
    assert (rows_of(installation, feedback_inbox), stored(installation)) == (1, 1)


def test_the_database_holds_no_code_and_no_receipt(installation):
    codes = some_codes(installation, a_round(installation))
    counted = send(installation, codes[0])
    with reading(installation.engine) as connection:
        dump = repr([connection.execute(select(table)).all() for table in (invitation, receipt)])
    assert codes[0] not in dump
    assert counted.receipt.replace("-", "") not in dump
