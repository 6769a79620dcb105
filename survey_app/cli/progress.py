"""How far a long command is, on a terminal: one line that is written over and then removed."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

SILENT_SECONDS = 1.0
_BETWEEN = 0.2


@contextmanager
def steps_shown(words: str) -> Iterator[Callable[[int, int], None]]:
    """Yield what to call with the steps done and all steps; quick work and files show nothing."""
    began = last = monotonic()
    shown = False

    def tell(done: int, steps: int) -> None:
        nonlocal last, shown
        now = monotonic()
        if not sys.stderr.isatty() or now - began < SILENT_SECONDS or now - last < _BETWEEN:
            return
        last, shown = now, True
        sys.stderr.write(f"\r\033[K{words} {done}/{steps} ({now - began:.0f} s)")
        sys.stderr.flush()

    try:
        yield tell
    finally:
        if shown:
            sys.stderr.write("\r\033[K")
            sys.stderr.flush()
