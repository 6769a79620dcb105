"""Where a design was written: its file, and the line of each place in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from intake.documents import Document, path_text
from intake.findings import Finding


@dataclass(frozen=True)
class Written:
    """The file of a design, and the lines of its places such as ``stages[0].take``."""

    file: str
    lines: Mapping[str, int]

    @classmethod
    def of(cls, document: Document) -> Written:
        """Return where the values of a document stand."""
        lines = {path_text(place): line for place, line in document.lines.items()}
        return cls(document.file, lines)

    def line(self, path: str) -> int | None:
        """Return the line of a place, or of the nearest place around it."""
        while path and path not in self.lines:
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        return self.lines.get(path)

    def placed(self, findings: Iterable[Finding]) -> list[Finding]:
        """Return findings about the design with its file and line; those of a file keep theirs."""
        return [
            replace(one, file=self.file, row=self.line(one.path))
            if one.path and one.file is None
            else one
            for one in findings
        ]
