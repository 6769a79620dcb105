"""Findings of a frame in the order of its lines, however many there are."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from intake.findings import Faults, Finding, Words

KEPT = 10_000


@dataclass
class Noting(Faults):
    """Collects findings; of one code it keeps the first 10,000 and counts the others."""

    counts: Counter[str] = field(default_factory=Counter)

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
        self.counts[code] += 1
        if self.counts[code] <= KEPT:
            super().add(code, message, advice, row=row, column=column, path=path, severity=severity)

    def in_order(self) -> list[Finding]:
        """Return the findings by line, those without a line and the counts of the rest last."""
        ordered = sorted(self.findings, key=lambda one: (one.row is None, one.row or 0))
        severities = {finding.code: finding.severity for finding in ordered}
        rest = Faults(self.file)
        for code, count in self.counts.items():
            if count > KEPT:
                rest.add(
                    "frame-findings-many",
                    Words(
                        f"Còn {count - KEPT} chỗ nữa như “{code}”.",
                        f"There are {count - KEPT} more of '{code}'.",
                    ),
                    Words("Sửa các chỗ đã nêu rồi kiểm tra lại.", "Mend those named, then check."),
                    severity=severities[code],
                )
        return [*ordered, *rest.findings]
