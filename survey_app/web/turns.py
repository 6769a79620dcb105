"""Few requests of a worker at a time: threads that wait for phones, not for each other.

A worker has several threads so that slow phones and slow commits hold up nobody. Threads that
compute together take the interpreter from each other many times a request, which cost a quarter
of the server's time when it was measured. So a request is read whole first and then waits for its
turn, but only for a moment: where the turn is held by one that waits for the disk, it goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from io import BytesIO
from queue import Empty, SimpleQueue
from typing import Any

PATIENCE = 0.01
"""Seconds after which a request no longer waits for its turn; several times what one takes."""

CROWD = 8
"""Requests in the application at a time, as many as a worker keeps connections to the database.
A worker has far more threads: most of them read from slow phones."""


class Turns:
    """An application whose requests come one after another.

    Parameters
    ----------
    inner
        The application.
    longest
        Bodies up to this many bytes are read before the turn; longer ones are left to the
        application, which refuses them.
    at_once
        Requests that may have their turn together: three where the database is another process, so
        that one computes while others wait for it.
    """

    def __init__(
        self, inner: Callable[..., Iterable[bytes]], longest: int, *, at_once: int = 1
    ) -> None:
        self._inner = inner
        self._longest = longest
        self._turns = _places(at_once)
        self._inside = _places(CROWD)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:  # noqa: ANN401 - as WSGI has it
        """Answer one request."""
        length = environ.get("CONTENT_LENGTH", "")
        if length.isdecimal() and int(length) <= self._longest:
            environ["wsgi.input"] = BytesIO(environ["wsgi.input"].read(int(length)))
        place = self._inside.get()
        turn = self._wait_for_turn()
        try:
            return self._inner(environ, start_response)
        finally:
            if turn is not None:
                self._turns.put(turn)
            self._inside.put(place)

    def _wait_for_turn(self) -> object | None:
        with suppress(Empty):
            return self._turns.get(timeout=PATIENCE)
        return None


def _places(number: int) -> SimpleQueue[object]:
    """Return places to be taken and given back: a semaphore that needs no Python to wait."""
    places: SimpleQueue[object] = SimpleQueue()
    for _ in range(number):
        places.put(object())
    return places
