"""How the tools for weights say that they cannot do what was asked."""

from __future__ import annotations

from intake.findings import Finding, WeightError, Words


def refusal(
    code: str,
    vi: str,
    en: str,
    advice_vi: str,
    advice_en: str,
    *,
    row: int | None = None,
    column: str | None = None,
) -> WeightError:
    """Return an error with one finding; ``row`` counts from 1."""
    words = Words(vi, en), Words(advice_vi, advice_en)
    return WeightError(Finding(code, *words, row=row, column=column))
