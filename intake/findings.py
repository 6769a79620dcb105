"""What is wrong with something that came from outside, said so that a person can mend it.

A finding names the fault (a stable code), the place (file, row, column, path) and
the remedy, in both interface languages. An error carries all the findings of one
refusal, so that a file with ten faults is refused once and not ten times.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Self

SHOWN_FINDINGS = 50


class Words(NamedTuple):
    """One sentence in the two languages of the interface."""

    vi: str
    en: str

    def in_language(self, lang: str) -> str:
        """Return the English sentence for ``en``, the Vietnamese one otherwise."""
        return self.en if lang == "en" else self.vi


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault or warning, with its place and what to do about it.

    ``row`` is the line of the file with the header as 1, ``path`` a place inside a
    YAML or JSON document such as ``questions[2].goto[0].to``.
    """

    code: str
    message: Words
    advice: Words
    severity: str = "error"
    file: str | None = None
    row: int | None = None
    column: str | None = None
    path: str | None = None

    def as_dict(self, lang: str) -> dict[str, object]:
        """Return the finding as plain values; places that are not known are left out."""
        places = {"file": self.file, "row": self.row, "column": self.column, "path": self.path}
        return {
            "code": self.code,
            "severity": self.severity,
            **{name: value for name, value in places.items() if value is not None},
            "message": self.message.in_language(lang),
            "advice": self.advice.in_language(lang),
        }

    def sentence(self, lang: str) -> str:
        """Return place, message and advice on one line."""
        row_word, column_word = ("line", "column") if lang == "en" else ("dòng", "cột")
        places = [
            self.file,
            f"{row_word} {self.row}" if self.row is not None else None,
            f"{column_word} {self.column}" if self.column is not None else None,
            self.path,
        ]
        place = ", ".join(part for part in places if part)
        said = f"{self.message.in_language(lang)} {self.advice.in_language(lang)}".strip()
        return f"{place}: {said}" if place else said


class HailongError(Exception):
    """A refusal that its user can mend. Carries every finding that led to it."""

    def __init__(self, findings: Finding | Sequence[Finding]) -> None:
        given = (findings,) if isinstance(findings, Finding) else findings
        # Warnings stay in their order behind the errors, which must never be crowded out.
        listed = tuple(sorted(given, key=lambda finding: finding.severity != "error"))
        if not listed:
            raise TypeError("a HailongError needs at least one finding")
        self.findings = listed
        super().__init__(self.text("en"))

    @classmethod
    def of(
        cls,
        code: str,
        vi: str,
        en: str,
        advice_vi: str,
        advice_en: str,
        *,
        file: str | None = None,
        row: int | None = None,
        column: str | None = None,
        path: str | None = None,
    ) -> Self:
        """Return the refusal of one fault: what is wrong, then what to do about it."""
        message, advice = Words(vi, en), Words(advice_vi, advice_en)
        return cls(Finding(code, message, advice, "error", file, row, column, path))

    @property
    def code(self) -> str:
        """The code of the first finding."""
        return self.findings[0].code

    @property
    def advice(self) -> Words:
        """What to do about the first finding."""
        return self.findings[0].advice

    def text(self, lang: str) -> str:
        """Return one line per finding, the first fifty of them, and how many more there are."""
        lines = [finding.sentence(lang) for finding in self.findings[:SHOWN_FINDINGS]]
        left = len(self.findings) - SHOWN_FINDINGS
        if left > 0:
            lines.append(f"… and {left} more." if lang == "en" else f"… và {left} lỗi nữa.")
        return "\n".join(lines)


class IntakeError(HailongError):
    """A file or text could not be taken in."""


class RegistryError(HailongError):
    """Units, agencies, counters or procedures are wrong."""


class FrameError(HailongError):
    """A sampling frame is wrong."""


class DesignError(HailongError):
    """A sample design is wrong or cannot be carried out on its frame."""


class DrawError(HailongError):
    """A draw cannot be made or does not repeat."""


class QuestionnaireError(HailongError):
    """A questionnaire definition is wrong."""


class WeightError(HailongError):
    """Weights are wrong or cannot be made."""


class EstimationError(HailongError):
    """An estimate cannot be made."""


class IndexYearError(HailongError):
    """The rules of an index year, or the scores they are applied to, are wrong."""


class ReleaseError(HailongError):
    """A release cannot be built or does not verify."""


class InstallationError(HailongError):
    """Settings, keys or database of this installation are wrong."""


class RoundError(HailongError):
    """A round is in the wrong state, or does not exist."""


class ResponseError(HailongError):
    """A submitted form cannot be counted."""


@dataclass
class Faults:
    """Collects the findings of one file, then raises them together.

    ``refuses`` tells whether an error is among those that were noted.
    """

    file: str | None = None
    findings: list[Finding] = field(default_factory=list)
    refuses: bool = False
    _said: dict[Words, Words] = field(default_factory=dict, repr=False)

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
        self.refuses = self.refuses or severity == "error"
        # A file may have a fault in each of its lines: what is said twice is kept once.
        message, advice = (self._said.setdefault(one, one) for one in (message, advice))
        self.findings.append(Finding(code, message, advice, severity, self.file, row, column, path))

    def raise_as(self, kind: type[HailongError]) -> None:
        """Raise ``kind`` with every finding when at least one of them is an error."""
        if errors_of(self.findings):
            raise kind(self.findings)


def errors_of(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings that are errors, warnings left out."""
    return [finding for finding in findings if finding.severity == "error"]
