"""Addresses for operators: is the process alive, can it take answers."""

from __future__ import annotations

from flask import Blueprint, current_app
from flask.typing import ResponseReturnValue

pages = Blueprint("operations", __name__)


@pages.get("/health")
def health() -> ResponseReturnValue:
    """Answer while the process lives."""
    return {"ok": True}


@pages.get("/ready")
def ready() -> ResponseReturnValue:
    """Answer 200 when the database takes a query, 503 otherwise."""
    can_answer = current_app.extensions["hailong"].is_ready()
    return {"ok": can_answer}, 200 if can_answer else 503
