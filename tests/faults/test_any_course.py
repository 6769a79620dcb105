"""Whatever happens in whatever order, each code counts once and nothing is lost (FI-24)."""

import secrets
import shutil
import tempfile
import time
from datetime import timedelta
from pathlib import Path

import pytest
from builders import TODAY, a_round, an_installation, some_codes
from faults.ledger import Ledger, tally
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from intake.findings import ResponseError
from survey_app.db import direct
from survey_app.services.answering import counted_before, find_invitation, submit
from survey_app.services.installation import open_installation
from survey_app.services.mixing import CELL_MINIMUM, mix

WHO = st.integers(min_value=0, max_value=10_000)


class Crash(BaseException):
    """The process stops here: nothing of it goes on."""


class AnyCourse(RuleBasedStateMachine):
    """Fieldwork on SQLite, with crashes, copies and a calendar."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.here = an_installation(self.folder / "data")
        a_round(self.here)
        self.ledger = Ledger([])
        self.lasts = []
        self.day = TODAY
        self.copied = None

    def teardown(self) -> None:
        self.here.engine.dispose()
        shutil.rmtree(self.folder)

    @rule(count=st.integers(1, 14), days=st.integers(0, 6))
    def issue(self, count: int, days: int) -> None:
        last = self.day + timedelta(days=days)
        self.ledger.codes += some_codes(self.here, "demo", {"demo.10507": count}, expires_on=last)
        self.lasts += [last] * count

    @precondition(lambda self: self.ledger.codes)
    @rule(who=WHO)
    def look(self, who: int) -> None:
        number = who % len(self.ledger.codes)
        if number in self._acknowledged():
            with pytest.raises(ResponseError):
                self._find(number)

    @precondition(lambda self: self.ledger.codes)
    @rule(who=WHO, many=st.integers(1, 12))
    def send(self, who: int, many: int) -> None:
        for step in range(many):
            self._send((who + step) % len(self.ledger.codes), secrets.token_hex(16))

    @precondition(lambda self: self.ledger.sent)
    @rule(who=WHO)
    def send_again(self, who: int) -> None:
        key = sorted(self.ledger.sent)[who % len(self.ledger.sent)]
        self._send(self.ledger.sent[key][1], key)

    @precondition(lambda self: self.ledger.codes)
    @rule(who=WHO, step=st.integers(0, 12))
    def crash(self, who: int, step: int) -> None:
        """Stop a submission at a step of its transaction; then start again."""
        left, pooled = [step], direct._pooled
        count = direct.Driver.count

        def counted(driver, *values):
            if left[0] == 0:
                raise Crash
            left[0] -= 1
            return count(driver, *values)

        direct.Driver.count = counted
        try:
            self._send(who % len(self.ledger.codes), secrets.token_hex(16))
        except Crash:
            pass
        finally:
            direct.Driver.count, direct._pooled = count, pooled
        self._open_again()

    @rule(days=st.integers(1, 3))
    def wait(self, days: int) -> None:
        self.day += timedelta(days=days)

    @rule(close=st.booleans())
    def mix(self, close: bool) -> None:
        mixed = mix(self.here.engine, self.here.keyring()["demo"], every_cell=close)
        assert mixed.taken == 0 or close or mixed.taken >= CELL_MINIMUM
        assert not close or mixed.waiting == 0

    @rule()
    def copy(self) -> None:
        """Make a copy of everything, as a backup does."""
        target = self.folder / "copy"
        shutil.rmtree(target, ignore_errors=True)
        self.here.engine.dispose()
        shutil.copytree(self.folder / "data", target)
        ledger = self.ledger
        self.copied = (
            list(ledger.codes), dict(ledger.sent), dict(ledger.got), list(self.lasts),
        )  # fmt: skip

    @precondition(lambda self: self.copied)
    @rule()
    def restore(self) -> None:
        """Go back to the copy: what was acknowledged before it is all there."""
        self.here.engine.dispose()
        shutil.rmtree(self.folder / "data")
        shutil.copytree(self.folder / "copy", self.folder / "data")
        codes, sent, got, lasts = self.copied
        self.ledger = Ledger(list(codes), dict(sent), dict(got))
        self.lasts = list(lasts)
        self._open_again()

    @invariant()
    def nothing_is_lost(self) -> None:
        found = tally(self.here, self.ledger)
        assert (found.lost, found.doubled) == (0, 0)

    def _acknowledged(self) -> set[int]:
        return {self.ledger.sent[key][1] for key in self.ledger.got}

    def _find(self, number: int):
        code = self.ledger.codes[number]
        return find_invitation(self.here.engine, self.here.keyring(), code, self.day)

    def _send(self, number: int, key: str) -> None:
        code, engine, keyring = self.ledger.codes[number], self.here.engine, self.here.keyring()
        before = counted_before(engine, keyring, code, key)
        if before is None:
            spent = number in self._acknowledged()
            self.ledger.will_send(key, code, number)
            late = self.day > self.lasts[number]
            try:
                invited = self._find(number)
                before = submit(
                    engine, keyring, code, invited, _answers(number),
                    on=self.day, client_key=key,
                )  # fmt: skip
            except ResponseError as refusal:
                wanted = "code-used" if spent else "code-expired" if late else "none at all"
                if refusal.code != wanted:
                    raise
                return
            assert not spent
            assert not late
        self.ledger.was_answered(key, 201, before.receipt)

    def _open_again(self) -> None:
        self.here.engine.dispose()
        self.here = open_installation(self.here.settings, lambda: self.day)


def _answers(number: int) -> dict[str, int]:
    from faults.ledger import CHOICES, DIGITS

    digits = [number // CHOICES**place % CHOICES for place in range(DIGITS)]
    return {f"cau_9_{place + 1:02}": one + 1 for place, one in enumerate(digits)}


@pytest.mark.parametrize("courses", [3, pytest.param(2_000, marks=pytest.mark.faults)])
def test_any_course_of_events_loses_nothing(courses):
    begun = time.monotonic()
    run_state_machine_as_test(
        AnyCourse,
        settings=settings(
            max_examples=courses, stateful_step_count=15, deadline=None, database=None,
            derandomize=courses < 10,
        ),
    )  # fmt: skip
    print(
        f"\nFI-24 any course of events: {courses} courses of up to 15 steps, 0 lost, 0 doubled  "
        f"{time.monotonic() - begun:.0f} s",
        end="",
    )
