"""The state of a running installation for Prometheus, too coarse to be joined with a person.

Who reads the counters every few seconds must not learn when one form arrived: everything that
grows with respondents is rounded down to tens, free space to 64 MiB. Faults are exact, for there
is no answer behind them.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress

from sqlalchemy.exc import SQLAlchemyError

from intake.findings import HailongError
from survey_app.services.installation import Installation
from survey_app.services.mixing import count_waiting
from survey_app.services.privacy.subject_requests import DUE, IN_TIME, LATE, list_requests
from survey_app.services.privacy.working_days import read_working_days
from survey_app.services.tallies import SECONDS, Tallies

TENS = 10
_DISK_STEP = 1 << 26
_EXACT = {"5xx", "not-saved"}


def exposition(installation: Installation, tallies: Tallies) -> str:
    """Return all metrics as text of Prometheus's format 0.0.4."""
    counted = tallies.read()
    lines = [*_requests(counted), *_seconds(counted), *_forms(counted)]
    lines += _said("hailong_database_errors_total", "counter", "Requests it could not answer.")
    lines.append(f"hailong_database_errors_total {counted['database', 'errors', '']}")
    return "\n".join([*lines, *_state(installation)]) + "\n"


def _requests(counted: Mapping[tuple[str, str, str], int]) -> Iterator[str]:
    yield from _said("hailong_requests_total", "counter", "Requests; in tens, faults exact.")
    for (kind, group, status), count in counted.items():
        if kind == "requests":
            labels = f'group="{group}",status="{status}"'
            yield f"hailong_requests_total{{{labels}}} {_coarse(status, count)}"


def _seconds(counted: Mapping[tuple[str, str, str], int]) -> Iterator[str]:
    """Yield histograms without sums: a sum would tell of every single request."""
    yield from _said("hailong_request_seconds", "histogram", "Seconds to the answer; in tens.")
    groups = dict.fromkeys(group for kind, group, _ in counted if kind == "seconds")
    for group in groups:
        below = 0
        for limit in SECONDS:
            below += counted["seconds", group, f"{limit:g}"]
            named = "+Inf" if limit == SECONDS[-1] else f"{limit:g}"
            yield (
                f'hailong_request_seconds_bucket{{group="{group}",le="{named}"}} '
                f"{_coarse('', below)}"
            )
        yield f'hailong_request_seconds_count{{group="{group}"}} {_coarse("", below)}'


def _forms(counted: Mapping[tuple[str, str, str], int]) -> Iterator[str]:
    yield from _said("hailong_forms_total", "counter", "Forms by what became of them; in tens.")
    for (kind, result, _), count in counted.items():
        if kind == "forms":
            yield f'hailong_forms_total{{result="{result}"}} {_coarse(result, count)}'


def _state(installation: Installation) -> Iterator[str]:
    try:
        waiting: int | None = count_waiting(installation.engine)
    except SQLAlchemyError:
        waiting = None
    yield from _said("hailong_database_up", "gauge", "1 while the database answers.")
    yield f"hailong_database_up {int(waiting is not None)}"
    if waiting is not None:
        yield from _said("hailong_inbox_waiting", "gauge", "Sealed answers not yet mixed; tens.")
        yield f"hailong_inbox_waiting {_coarse('', waiting)}"
        yield from _requests_of_persons(installation)
    yield from _said("hailong_disk_free_bytes", "gauge", "Free where the data lie; in 64 MiB.")
    free = shutil.disk_usage(installation.settings.data).free
    yield f"hailong_disk_free_bytes {free // _DISK_STEP * _DISK_STEP}"


def _requests_of_persons(installation: Installation) -> Iterator[str]:
    """Yield how many requests of persons are due or late; without a calendar, nothing."""
    with suppress(HailongError, SQLAlchemyError):
        calendar = read_working_days(installation.settings)
        still = list_requests(installation.engine, calendar, closed=False)
        states = Counter(one.state(installation.today()) for one in still)
        yield from _said(
            "hailong_subject_requests", "gauge", "Requests of persons about their data."
        )
        for state in (IN_TIME, DUE, LATE):
            yield f'hailong_subject_requests{{state="{state}"}} {states[state]}'


def _said(name: str, kind: str, text: str) -> tuple[str, str]:
    return f"# HELP {name} {text}", f"# TYPE {name} {kind}"


def _coarse(label: str, count: int) -> int:
    return count if label in _EXACT else count // TENS * TENS
