"""What the server writes to its log: one JSON object a line, and nobody in it.

Messages of libraries may quote a request: its path with a code, its headers, its address, a form.
So a value is written only when it is a number, an exception only by its kind and the places in the
program that it passed, a path only by its first part.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import traceback
from datetime import UTC, datetime
from typing import Any

from flask import has_request_context, request
from gunicorn.glogging import Logger

from survey_app.services.tallies import GROUPS

_HIDDEN = "…"
_PATH = re.compile(r"/\S*")
_ADDRESS = re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}\b|\b[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4}){2,7}")


class JsonLines(logging.Formatter):
    """Writes a record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record, without its end."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "level": record.levelname.lower(),
            "from": record.name,
            "event": _event(record),
            "pid": record.process,
        }
        if has_request_context():
            line |= {"method": request.method, "path": masked_path(request.path)}
        elif isinstance(path := getattr(record, "path", None), str):
            line["path"] = masked_path(path)
        if record.exc_info and record.exc_info[0]:
            kind, _, places = record.exc_info
            line["error"] = kind.__name__
            line["at"] = [
                f"{frame.f_code.co_filename.rpartition('site-packages/')[2]}:{number}"
                for frame, number in traceback.walk_tb(places)
            ]
        return json.dumps(line, ensure_ascii=True)


class ServerLog(Logger):  # type: ignore[misc]
    """Gunicorn's log in the same lines."""

    def setup(self, cfg: Any) -> None:  # noqa: ANN401 - gunicorn's settings
        """Take gunicorn's handlers, and let them write our lines."""
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(JsonLines())


def write_json() -> None:
    """Let everything that this process logs go to standard error as lines of JSON."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.captureWarnings(True)


def masked_path(path: str) -> str:
    """Return the first part of a path where it is one of ours, and nothing of what follows.

    Examples
    --------
    >>> masked_path("/s/0123-4567-89AB-CDEF-G"), masked_path("/0123-4567"), masked_path("/ready")
    ('/s/…', '/…', '/ready')
    """
    first, separator, _ = path[1:].partition("/")
    if first not in GROUPS:
        return f"/{_HIDDEN}"
    return f"/{first}/{_HIDDEN}" if separator else f"/{first}"


def _event(record: logging.LogRecord) -> str:
    """Return the text of a message with its numbers, and what may quote a request left out."""
    if not isinstance(record.msg, str):
        return type(record.msg).__name__
    if isinstance(record.args, tuple) and record.args:
        kept = tuple(one if isinstance(one, (int, float)) else _HIDDEN for one in record.args)
        try:
            text = record.msg % kept
        except (TypeError, ValueError):
            text = record.msg
    else:
        # It was put together before; what comes after a colon is a value.
        text = record.msg.partition(": ")[0]
    return _ADDRESS.sub(_HIDDEN, _PATH.sub(_HIDDEN, text))
