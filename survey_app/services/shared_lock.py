"""One place for all workers of a host, which the system takes back from whoever dies in it.

A semaphore in shared memory stays taken when its holder is killed, and everybody else waits for
ever. A record lock belongs to its process: it ends with it.
"""

from __future__ import annotations

import fcntl
import os
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic, sleep

PATIENCE = 0.25
"""Seconds that somebody waits for the place; whoever holds it needs some millionths."""

_BETWEEN = 0.0002


class SharedLock:
    """A lock for counters: made before the workers fork, and never worth a long wait.

    Whoever has waited `PATIENCE` in vain, say for a worker that was stopped inside, goes on without
    the lock, and does not wait again before it was free once. A count may then be lost; no
    respondent waits.
    """

    def __init__(self) -> None:
        # A file in memory, without a name. No other handle of it may be opened and closed: that
        # would give the lock up.
        self._file = os.memfd_create("hailong-lock")
        self._close = weakref.finalize(self, os.close, self._file)
        # Record locks keep processes apart, and not the threads of one.
        self._threads = threading.Lock()
        self._waits = PATIENCE

    @contextmanager
    def held(self) -> Iterator[bool]:
        """Hold the lock; gives False where it was not to be had in time."""
        until = monotonic() + self._waits
        if not self._threads.acquire(timeout=self._waits):
            yield False
            return
        mine = False
        try:
            mine = self._take(until)
            self._waits = PATIENCE if mine else 0.0
            yield mine
        finally:
            if mine:
                fcntl.lockf(self._file, fcntl.LOCK_UN)
            self._threads.release()

    def _take(self, until: float) -> bool:
        while True:
            try:
                fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                if monotonic() >= until:
                    return False
                sleep(_BETWEEN)
            else:
                return True
