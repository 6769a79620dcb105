"""Addresses for operators: is the process alive, can it take answers, how does it fare."""

from __future__ import annotations

import ipaddress

from flask import Blueprint, Response, current_app, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from survey_app.services.metrics import exposition
from survey_app.web.replies import installed, limits

pages = Blueprint("operations", __name__)

_THIS_MACHINE = {"localhost", "127.0.0.1", "[::1]"}
_PASSED_ON = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via")


@pages.get("/health")
def health() -> ResponseReturnValue:
    """Answer while the process lives."""
    return {"ok": True}


@pages.get("/ready")
def ready() -> ResponseReturnValue:
    """Answer 200 while answers can be taken, 503 otherwise: the database, the keys, the disk."""
    can_answer = current_app.extensions["hailong"].is_ready()
    return {"ok": can_answer}, 200 if can_answer else 503


@pages.get("/metrics")
def metrics() -> ResponseReturnValue:
    """Show the counters to programs of this machine; for everybody else there is no such page."""
    if not _asked_from_here():
        raise NotFound
    text = exposition(installed(), limits().tallies)
    return Response(text, content_type="text/plain; version=0.0.4; charset=utf-8")


def _asked_from_here() -> bool:
    """Tell whether a program of this machine asks, by the machine's own name and no proxy.

    A proxy on this machine comes from loopback too; it names the site as host, or whom it asks for.
    """
    try:
        near = ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False
    named = request.host.rsplit(":", 1)[0] if not request.host.endswith("]") else request.host
    return near and named in _THIS_MACHINE and not any(map(request.headers.get, _PASSED_ON))
