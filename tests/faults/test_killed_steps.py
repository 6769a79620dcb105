"""A process that dies at any step of a submission or of a mix leaves all or nothing (FI-02, 12)."""

import secrets
from itertools import count
from threading import Event, Thread

import pytest
from faults.conftest import a_ledger
from faults.dying import mix_until, submit_until
from faults.ledger import Ledger, number_of, numbered, tally
from sqlalchemy import func, select

from questionnaires import load, parse_answers
from survey_app.db import reading
from survey_app.db.answers import response
from survey_app.services.answering import Counted, counted_before, find_invitation, submit
from survey_app.services.installation import Installation, local_day


def answers_of(number: int) -> dict:
    """What a numbered form is after it was read."""
    fields = {name: [value] for name, value in numbered(number).items()}
    return parse_answers(load("citizen", "2026-1"), fields).answers.values


def send(here: Installation, ledger: Ledger, number: int, key: str | None = None) -> Counted:
    """Send a form as the page does: first see whether it was counted before."""
    code, key = ledger.codes[number], key or secrets.token_hex(16)
    ledger.will_send(key, code, number)
    keyring, today = here.keyring(), local_day()
    before = counted_before(here.engine, keyring, code, key)
    if before is None:
        invited = find_invitation(here.engine, keyring, code, today)
        answers = answers_of(number)
        before = submit(here.engine, keyring, code, invited, answers, on=today, client_key=key)
    ledger.was_answered(key, 201, before.receipt)
    return before


def test_a_death_at_each_step_of_a_submission_is_mended_by_sending_again(
    installation, nothing_is_lost
):
    assert number_of(answers_of(12345)) == 12345
    ledger = a_ledger(installation, 30)
    kept = 0
    for step in count():
        code, key = ledger.codes[step], secrets.token_hex(16)
        ledger.will_send(key, code, step)
        died = submit_until(installation, step, code, key, answers_of(step))
        before = tally(installation, ledger)
        assert before.present - before.acknowledged in {0, 1}
        kept += before.present - before.acknowledged
        counted = send(installation, ledger, step, key)
        assert counted.again == (before.present > before.acknowledged)
        if not died:
            break
    # After its commit, and in the run that was not killed, the submission is there.
    assert kept >= 2
    assert step >= (12 if installation.engine.dialect.name == "sqlite" else 2)
    nothing_is_lost(installation, ledger, "FI-02 killed at each step", f"steps {step}")


class Reader:
    """Counts the responses again and again while a mix dies."""

    def __init__(self, here: Installation) -> None:
        self._here, self._enough, self.seen = here, Event(), set()
        self._thread = Thread(target=self._go)

    def _go(self) -> None:
        while not self._enough.wait(0.005):
            with reading(self._here.engine) as connection:
                self.seen.add(connection.scalar(select(func.count()).select_from(response)))

    def __enter__(self) -> "Reader":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._enough.set()
        self._thread.join()


@pytest.mark.parametrize("stride", [29, pytest.param(1, marks=pytest.mark.faults)])
def test_a_death_at_each_step_of_a_mix_changes_no_number(installation, nothing_is_lost, stride):
    from survey_app.services.mixing import mix

    ledger = a_ledger(installation, 60)
    for number in range(12):
        send(installation, ledger, number)
    mix(installation.engine, installation.keyring()["demo"], every_cell=True)
    for number in range(12, 24):
        send(installation, ledger, number)
    deaths = 0
    with Reader(installation) as reader:
        for step in count(0, stride):
            died = mix_until(installation, step)
            found = tally(installation, ledger)
            assert (found.present, found.lost, found.doubled) == (24, 0, 0)
            if not died:
                break
            deaths += 1
    assert reader.seen <= {12, 24}
    assert deaths >= 60 // stride
    also = f"deaths {deaths}  readers saw {sorted(reader.seen)}"
    nothing_is_lost(installation, ledger, "FI-12 killed in a mix", also)
