"""One difference between two versions of a questionnaire, and what is said of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from intake.findings import Finding, Words
from questionnaires.comparison.kinds import KINDS, Kind, Weight

_SHOWN = 120

NOTHING = Words("", "")
"""What is said of what is not there."""

_FROZEN = Words(
    "Phiên bản đã dùng chỉ được sửa lời văn: hãy đặt version mới.",
    "A version in use may only have its words mended: set a new version.",
)


@dataclass(frozen=True)
class Change:
    """One difference: its code, the path of ids to its place, what was and what is there now."""

    code: str
    path: str
    old: Words
    new: Words

    @classmethod
    def of(cls, code: str, path: str, old: object, new: object) -> Self:
        """Return a change between values that read the same in both languages."""
        return cls(code, path, Words(str(old), str(old)), Words(str(new), str(new)))

    @property
    def kind(self) -> Kind:
        """What is said of all changes of its code."""
        return KINDS[self.code]

    def finding(self, file: str, same_version: bool) -> Finding:
        """Return the change as a finding about the new file.

        What mixes up answers is an error. What breaks comparability is one where the version
        number has stayed the same, and else a warning; words are always a warning.
        """
        weight = self.kind.weight
        frozen = same_version and weight is not Weight.WORDS
        error = frozen or weight is Weight.CONFUSES
        advice = self.kind.advice
        if frozen:
            advice = Words(f"{_FROZEN.vi} {advice.vi}", f"{_FROZEN.en} {advice.en}")
        severity = "error" if error else "warning"
        return Finding(self.code, self._message(), advice, severity, file, path=self.path)

    def _message(self) -> Words:
        name = self.kind.name
        old, new = _seen(self.old.vi, self.new.vi)
        was = f"trước là “{old}”" if old else "trước không có"
        now = f"nay là “{new}”" if new else "nay không có"
        old, new = _seen(self.old.en, self.new.en)
        before = f"it was ‘{old}’" if old else "there was none"
        after = f"it is ‘{new}’ now" if new else "there is none now"
        return Words(f"{name.vi}: {was}, {now}.", f"{name.en}: {before}, {after}.")


def _seen(old: str, new: str) -> tuple[str, str]:
    """Return two texts, cut where they are long so that their first difference is seen."""
    pairs = enumerate(zip(old, new, strict=False))
    same = next((at for at, (a, b) in pairs if a != b), min(len(old), len(new)))
    start = 0 if max(len(old), len(new)) <= _SHOWN else max(same - _SHOWN // 3, 0)
    return _cut(old, start), _cut(new, start)


def _cut(text: str, start: int) -> str:
    end = start + _SHOWN
    return f"{'…' * (start > 0)}{text[start:end]}{'…' * (len(text) > end)}" if text else ""
