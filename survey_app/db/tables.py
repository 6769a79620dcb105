"""All tables together: whoever goes through them finds each one here, whatever else is loaded."""

from __future__ import annotations

from survey_app.db import (
    answers,
    audit,
    devices,
    fieldwork,
    installed,
    metadata,
    registry,
    scoring,
    subject_requests,
)

__all__ = ["MODULES", "metadata"]

MODULES = (answers, audit, devices, fieldwork, installed, registry, scoring, subject_requests)
