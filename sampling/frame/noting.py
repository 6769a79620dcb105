"""Findings of a frame in the order of its lines, however many there are."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from intake.findings import Faults, Finding, Words

KEPT = 200_000


@dataclass
class Noting(Faults):
    """Collects findings; it keeps the first 200,000 and counts the others by code."""

    counts: Counter[str] = field(default_factory=Counter)
    severities: dict[str, str] = field(default_factory=dict)

    def add(
        self,
        code: str,
        message: Words,
        advice: Words,
        *,
        row: int | None = None,
        column: str | None = None,
        path: str | None = None,
        severity: str = "error",
    ) -> None:
        """Note one finding of this file."""
        if len(self.findings) >= KEPT:
            self.counts[code] += 1
            self.severities[code] = severity
        else:
            super().add(code, message, advice, row=row, column=column, path=path, severity=severity)

    def in_order(self) -> list[Finding]:
        """Return the findings by line, those without a line and the counts of the rest last."""
        ordered = sorted(self.findings, key=lambda one: (one.row is None, one.row or 0))
        rest = Faults(self.file)
        for code, count in self.counts.items():
            rest.add(
                "frame-findings-many",
                Words(f"Còn {count} chỗ nữa như “{code}”.", f"There are {count} more of '{code}'."),
                Words("Sửa các chỗ đã nêu rồi kiểm tra lại.", "Mend those named, then check."),
                severity=self.severities[code],
            )
        return [*ordered, *rest.findings]
