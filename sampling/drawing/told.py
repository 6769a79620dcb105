"""What goes on record about a group of units, held as the text that a file holds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Told:
    """Plain values held as JSON: made objects, the names of a long list take six times as much.

    Examples
    --------
    >>> Told.of({"order": ["b", "a"]}).plain()
    {'order': ['b', 'a']}
    """

    text: str

    @classmethod
    def of(cls, values: Mapping[str, object]) -> Told:
        """Return plain values as they are held."""
        return cls(json.dumps(values, separators=(",", ":")))

    def plain(self) -> dict[str, object]:
        """Return the plain values."""
        values: dict[str, object] = json.loads(self.text)
        return values


def record_of(told: Mapping[str, object]) -> dict[str, object]:
    """Return a record with all that is held as text made plain."""
    return {
        key: [one.plain() if isinstance(one, Told) else one for one in value]
        if isinstance(value, list)
        else value
        for key, value in told.items()
    }
