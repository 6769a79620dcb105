"""Every request counted by its kind of address, class of status and rough duration."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Iterator
from time import perf_counter
from typing import Any

from survey_app.services.tallies import FORMS, GROUPS, OTHER, REFUSED, SECONDS, Tallies

_LOG = logging.getLogger(__name__)
_FORM = re.compile(r"/[ski]/f/[^/]+")
_DATABASE = 503
_ERROR = ("database", "errors", "")
# Pages of counters also answer 503 where staff have switched feedback off.
_MAY_BE_OFF = {"counter", "feedback"}


class Measured:
    """An application whose requests are counted; nothing of a request is kept."""

    def __init__(self, inner: Callable[..., Iterable[bytes]], tallies: Tallies) -> None:
        self._inner = inner
        self._tallies = tallies

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:  # noqa: ANN401 - as WSGI has it
        """Answer one request and count it."""
        began = perf_counter()
        answered = [(500, "")]

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:  # noqa: ANN401
            answered[0] = int(status[:3]), dict(headers).get("Location", "")
            return start_response(status, headers, *more)

        try:
            return self._inner(environ, start)
        finally:
            path, method = environ.get("PATH_INFO", ""), environ.get("REQUEST_METHOD", "")
            took = perf_counter() - began
            series = list(_series(path, method, *answered[0], took))
            self._tallies.add(series)
            if _ERROR in series:
                _LOG.warning("Answered %d after %.3f s", _DATABASE, took, extra={"path": path})


def _series(
    path: str, method: str, status: int, location: str, took: float
) -> Iterator[tuple[str, str, str]]:
    group = GROUPS.get(path[1:].partition("/")[0].lower(), OTHER)
    yield "requests", group, f"{min(max(status // 100, 2), 5)}xx"
    yield "seconds", group, f"{next(limit for limit in SECONDS if took <= limit):g}"
    if method == "POST" and _FORM.fullmatch(path):
        again = status == 303 and "again=1" in location
        yield "forms", "repeated" if again else FORMS.get(status, REFUSED), ""
    if status == _DATABASE and group not in _MAY_BE_OFF:
        yield _ERROR
