"""What the workers of a host have done since the start, in counters that name nobody.

The counters lie in memory shared by the workers, made before they fork, and never on disk. Their
names are fixed here: a kind of address, a class of status, what became of a form. No code, cell,
counter or address can become one.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterable

from survey_app.services.shared_lock import SharedLock

GROUPS = {
    "s": "questionnaire",
    "r": "receipt",
    "q": "counter",
    "f": "feedback",
    "k": "tablet",
    "i": "interviewer",
    "staff": "staff",
    "ket-qua": "results",
    "static": "static",
    "health": "operations",
    "ready": "operations",
    "metrics": "operations",
    "": "home",
}
OTHER = "other"
CLASSES = ("2xx", "3xx", "4xx", "5xx")
FORMS = {
    201: "accepted",
    303: "accepted",
    200: "repeated",
    409: "used",
    410: "expired",
    422: "mend",
    429: "held-back",
    503: "not-saved",
}
REFUSED = "refused"
SECONDS = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, float("inf"))

_Series = tuple[str, str, str]
_NUMBER = struct.Struct("=Q")


def _names() -> list[_Series]:
    groups = sorted({*GROUPS.values(), OTHER})
    return [
        *(("requests", group, status) for group in groups for status in CLASSES),
        *(("seconds", group, f"{limit:g}") for group in groups for limit in SECONDS),
        *(("forms", kind, "") for kind in sorted({*FORMS.values(), REFUSED})),
        ("database", "errors", ""),
    ]


class Tallies:
    """Counters of fixed names that only grow."""

    def __init__(self) -> None:
        self._slots = {name: at * _NUMBER.size for at, name in enumerate(_names())}
        self._table = mmap.mmap(-1, len(self._slots) * _NUMBER.size)
        self._lock = SharedLock()

    def add(self, names: Iterable[_Series]) -> None:
        """Count each of some series once more."""
        with self._lock.held():
            for name in names:
                at = self._slots[name]
                (count,) = _NUMBER.unpack_from(self._table, at)
                _NUMBER.pack_into(self._table, at, count + 1)

    def read(self) -> dict[_Series, int]:
        """Return all counters."""
        return {name: _NUMBER.unpack_from(self._table, at)[0] for name, at in self._slots.items()}
