"""The findings about an XLSForm: each names the sheet, the row and the column it is about."""

from __future__ import annotations

from typing import Protocol

from intake.findings import Faults, Words


class Placed(Protocol):
    """A row of a sheet."""

    @property
    def sheet(self) -> str:
        """The name of the sheet."""

    @property
    def number(self) -> int:
        """The number of the row in its sheet, the header being 1."""

    def header(self, key: str) -> str:
        """Return the header of a key as it is written in the sheet."""


class FormFaults(Faults):
    """Collects the findings about one XLSForm."""

    def say(
        self,
        code: str,
        row: Placed,
        key: str,
        message: Words,
        advice: Words,
        severity: str = "error",
    ) -> None:
        """Note a finding at a cell of a sheet."""
        self.add(
            code,
            message,
            advice,
            row=row.number,
            column=row.header(key),
            path=row.sheet,
            severity=severity,
        )

    def refuse(self, code: str, row: Placed, key: str, read: str, why: Words, do: Words) -> None:
        """Refuse what was read in a cell: what it is, why it cannot be held, what to do."""
        shown = read if len(read) <= _SHOWN else f"{read[:_SHOWN]}…"
        self.say(
            code,
            row,
            key,
            Words(f"“{shown}”: {why.vi}.", f"'{shown}': {why.en}."),
            do,
        )

    def leave_out(self, row: Placed, key: str, read: str, why: Words) -> None:
        """Warn that something is left out because it changes no answer."""
        shown = read if len(read) <= _SHOWN else f"{read[:_SHOWN]}…"
        self.say(
            "xlsform-left-out",
            row,
            key,
            Words(f"Bỏ qua “{shown}”: {why.vi}.", f"'{shown}' is left out: {why.en}."),
            Words("Không cần làm gì nếu đúng ý.", "Nothing to do if that is meant."),
            "warning",
        )


_SHOWN = 80
