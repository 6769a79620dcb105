"""The notice with the time that others have taken, in place of what was only estimated."""

from __future__ import annotations

import re
from collections.abc import Sequence

from intake.findings import Words
from survey_app.services.pace import Median

TAKEN = {
    1: Words("dưới 3 phút", "less than 3 minutes"),
    2: Words("khoảng 3–5 phút", "about 3–5 minutes"),
    3: Words("khoảng 5–8 phút", "about 5–8 minutes"),
    4: Words("khoảng 8–12 phút", "about 8–12 minutes"),
    5: Words("từ 12 phút trở lên", "12 minutes or more"),
}
"""What is said of each band of `services.pace`."""

# A definition marks the sentence with its own estimate by these words.
_ESTIMATE = re.compile(r"[^.]*\((?:ước tính|an estimate)\)\.")


def told(notice: Sequence[str], median: Median, lang: str) -> tuple[str, ...]:
    """Return the paragraphs with the measured time in place of the estimate, else at the end."""
    taken = TAKEN[median.band].in_language(lang)
    said = Words(
        f"Trả lời mất {taken} (đo trên {median.count} phiếu).",
        f"Answering takes {taken} (measured on {median.count} forms).",
    ).in_language(lang)
    paragraphs = [_ESTIMATE.sub(f" {said}", part).strip() for part in notice]
    return tuple(paragraphs) if said in " ".join(paragraphs) else (*paragraphs, said)
