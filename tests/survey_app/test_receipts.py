"""Receipts after the round: the published list, and the page once the keys are gone."""

import json
from datetime import timedelta
from hashlib import sha256

import pytest
from builders import TODAY, a_round, some_codes
from sqlalchemy import insert, select, update
from sqlalchemy.exc import DBAPIError

from survey_app.db import reading, writing
from survey_app.db.answers import response
from survey_app.db.audit import audit
from survey_app.db.fieldwork import FROZEN, receipt, survey_round
from survey_app.services import retention
from survey_app.services.answering import find_invitation, submit
from survey_app.services.codes import display
from survey_app.services.receipts import receipt_list


def answered(installation, round_id, count=3):
    """Receipts of so many answers in a round, in the order in which they were sent."""
    keyring = installation.keyring()
    found = []
    for code in some_codes(installation, round_id, {f"{round_id}.10507": count}):
        invited = find_invitation(installation.engine, keyring, code, TODAY)
        one = submit(installation.engine, keyring, code, invited, {"gioi_tinh": 1}, on=TODAY)
        found.append(one.receipt)
    return found


def gone(installation, round_id):
    """The keys of a round destroyed on the first day on which they may be."""
    own = survey_round.c.round_id == round_id
    with writing(installation.engine) as connection:
        closed = {"state": FROZEN, "closes": TODAY - timedelta(days=30)}
        connection.execute(update(survey_round).where(own).values(**closed))
    retention.check_destruction(installation, round_id)
    retention.destroy_keys(installation, round_id, actor="lan")
    installation._read_at = None


def by_hand(code):
    """SHA-256 of the prefix and the sixteen characters."""
    return sha256(b"hailong-receipt-1|" + code.replace("-", "").encode()).hexdigest()


def test_the_list_is_sorted_of_its_round_alone_and_can_be_worked_out_from_a_receipt(installation):
    a_round(installation, "one")
    a_round(installation, "two")
    one, two = answered(installation, "one", 5), answered(installation, "two", 2)
    with reading(installation.engine) as connection:
        keys = installation.keyring()
        lists = [receipt_list(connection, keys[name]).split() for name in ("one", "two")]
        stored = connection.execute(select(receipt)).all()
        answers = connection.execute(select(response)).all()
    assert lists == [sorted(map(by_hand, one)), sorted(map(by_hand, two))]
    # While there are keys, nothing that is published stands in the database, in any column.
    published = set(lists[0] + lists[1])
    assert published.isdisjoint(bytes(part).hex() for row in stored for part in row)
    assert published.isdisjoint(repr(row) for row in answers)


def test_a_receipt_of_destroyed_keys_is_gone_one_that_never_was_is_not_found(client, installation):
    a_round(installation, "one")
    a_round(installation, "two")
    (first, *_), (other, *_) = answered(installation, "one"), answered(installation, "two")
    assert [client.get(f"/r/{one}").status_code for one in (first, other)] == [200, 200]
    gone(installation, "one")
    never = display("0123456789ABCDEF")
    for address in (first, first.replace("-", "").lower()):
        assert client.get(f"/r/{address}").status_code == 410
    assert [client.get(f"/r/{one}").status_code for one in (other, never, "x", first + "0")] == [
        200, 404, 404, 404,
    ]  # fmt: skip
    # The last round with keys goes too: whoever never answered is still told apart.
    gone(installation, "two")
    assert [client.get(f"/r/{one}").status_code for one in (first, other, never)] == [410, 410, 404]


def test_the_page_of_a_receipt_that_is_gone_says_that_it_was_counted(client, installation):
    a_round(installation, "one")
    first, *_ = answered(installation, "one")
    gone(installation, "one")
    page = client.get(f"/r/{first}")
    assert "Phiếu đã được tính" in page.text
    assert "receipts.txt" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert "Your answers were counted" in client.get(f"/r/{first}?lang=en").text
    said = client.get(f"/r/{first}", headers={"Accept": "application/json"})
    assert (said.status_code, said.get_json()["error"]) == (410, "receipt-closed")


def test_destroyed_keys_leave_the_hashes_that_are_published_and_nothing_else(installation):
    a_round(installation, "one")
    found = answered(installation, "one")
    with reading(installation.engine) as connection:
        keys = {row.key_mac for row in connection.execute(select(receipt))}
    gone(installation, "one")
    with reading(installation.engine) as connection:
        rows = connection.execute(select(receipt)).all()
        last = connection.execute(select(audit).order_by(audit.c.seq.desc())).first()
    assert sorted(bytes(row.receipt_mac).hex() for row in rows) == sorted(map(by_hand, found))
    assert {row.key_mac for row in rows} == keys
    assert (last.action, last.object, json.loads(last.payload)) == ("keys-destroyed", "one", {})


def test_two_receipts_never_share_a_hash_even_after_their_keys(installation):
    a_round(installation, "one")
    answered(installation, "one", 1)
    gone(installation, "one")
    with reading(installation.engine) as connection:
        (row,) = connection.execute(select(receipt)).all()
    again = {"key_mac": b"\x01" * 32, "receipt_mac": row.receipt_mac}
    with pytest.raises(DBAPIError, match=r"(?i)unique"), writing(installation.engine) as connection:
        connection.execute(insert(receipt), again)
