"""Processes that kill themselves at a chosen step of a submission or of a mix.

The steps are found from outside: every statement, commit and rollback of a connection is one
before it and one after it. Nothing in the product knows of this.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable
from contextlib import contextmanager

from sqlalchemy import event

from survey_app.config import Settings
from survey_app.db import direct
from survey_app.services.answering import find_invitation, submit
from survey_app.services.installation import Installation, local_day, open_installation
from survey_app.services.mixing import mix

KILLED = -signal.SIGKILL
_FRESH = multiprocessing.get_context("forkserver")
_FRESH.set_forkserver_preload(
    [f"survey_app.services.{name}" for name in ("answering", "installation", "mixing")]
)


class Steps:
    """Counts steps and kills the process at the chosen one."""

    def __init__(self, last: int) -> None:
        self._left = last

    def __call__(self, *_: object) -> None:
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        self._left -= 1

    def around(self, work: Callable) -> Callable:
        def stepwise(*values: object) -> object:
            self()
            done = work(*values)
            self()
            return done

        return stepwise


class _Watched:
    """A connection of the driver whose every call is a step."""

    def __init__(self, connection: object, steps: Steps) -> None:
        vars(self).update(_inner=connection, _steps=steps)

    def __getattr__(self, name: str) -> object:
        found = getattr(self._inner, name)
        return self._steps.around(found) if name in {"execute", "commit", "rollback"} else found

    def __setattr__(self, name: str, value: object) -> None:
        setattr(self._inner, name, value)


def _submit(settings: Settings, last: int, code: str, key: str, answers: dict) -> None:
    here = open_installation(settings)
    keyring = here.keyring()
    invited = find_invitation(here.engine, keyring, code, local_day())
    steps, pooled = Steps(last), direct._pooled

    @contextmanager
    def watched(engine):
        with pooled(engine) as connection:
            yield _Watched(connection, steps)

    direct._pooled = watched
    submit(here.engine, keyring, code, invited, answers, on=local_day(), client_key=key)


def _mix(settings: Settings, last: int, round_id: str, every_cell: bool) -> None:
    here = open_installation(settings)
    keys = here.keyring()[round_id]
    steps = Steps(last)
    event.listen(here.engine, "before_cursor_execute", steps)
    event.listen(here.engine, "after_cursor_execute", steps)
    here.engine.dialect.do_commit = steps.around(here.engine.dialect.do_commit)
    mix(here.engine, keys, every_cell=every_cell)


def submit_until(here: Installation, last: int, code: str, key: str, answers: dict) -> bool:
    """Submit in a process that dies at a step; return whether it died."""
    return _dies(_submit, here.settings, last, code, key, answers)


def mix_until(here: Installation, last: int, *, every_cell: bool = True) -> bool:
    """Mix in a process that dies at a step; return whether it died."""
    return _dies(_mix, here.settings, last, "demo", every_cell)


def _dies(work: Callable, *values: object) -> bool:
    process = _FRESH.Process(target=work, args=values)
    process.start()
    process.join(60)
    assert process.exitcode in {0, KILLED}, process.exitcode
    return process.exitcode == KILLED
