"""How the refusals of this package are worded."""

from __future__ import annotations

from intake.findings import EstimationError


def refusal(code: str, vi: str, en: str) -> EstimationError:
    """Return the refusal of what does not fit specification, questionnaire or frozen file."""
    return EstimationError.of(
        code,
        vi,
        en,
        "Hãy kiểm tra đặc tả, phiếu hỏi và tệp đã chốt.",
        "Check the specification, the questionnaire and the frozen file.",
    )
