"""What a hostile file may cost: one second of the processor and 50 MiB."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable

from intake.findings import HailongError

MIB = 2**20
SECONDS = 1.0


def refusal(read: Callable[[], object], *, memory: bool = False) -> list[str]:
    """The codes with which something is refused, none when it is taken; its cost is watched.

    Watching the memory takes many times as long, so that it is done where most is at stake.
    """
    begun = time.process_time()
    codes = _codes(read)
    assert time.process_time() - begun < SECONDS
    if memory:
        tracemalloc.start()
        try:
            assert _codes(read) == codes
            assert tracemalloc.get_traced_memory()[1] < 50 * MIB
        finally:
            tracemalloc.stop()
    return codes


def _codes(read: Callable[[], object]) -> list[str]:
    try:
        read()
    except HailongError as error:
        return [finding.code for finding in error.findings]
    return []
