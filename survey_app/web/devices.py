"""What tablets at counters and phones of interviewers share: documents, their worker, posting."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from flask import Response, make_response
from flask.typing import ResponseReturnValue

from intake.findings import RoundError
from questionnaires import load
from survey_app.services.assignments import questionnaire_of_round
from survey_app.services.pace import median_of
from survey_app.web.document import WORKER, Document, build_document, inline
from survey_app.web.language import current_language
from survey_app.web.replies import installed, problem, send
from survey_app.web.sealed import sealing_key


def questionnaire(round_id: str, mode: str) -> ResponseReturnValue:
    """Send the questionnaire of a round for a mode; it is the same bytes for everybody.

    It opens nothing by itself: the code is with the device, and decides when the form is sent.
    """
    try:
        asked, simulated = questionnaire_of_round(installed().engine, round_id)
    except RoundError:
        return problem("page-unknown", 404)
    day = installed().today()
    return send(_document(asked, current_language(), mode, simulated, sealing_key(), day))


def worker() -> Response:
    """Send the service worker; browsers ask for it anew now and then."""
    answer = make_response(inline(*WORKER))
    answer.headers["Content-Type"] = "text/javascript; charset=utf-8"
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@lru_cache(maxsize=32)
def _document(
    asked: tuple[str, str],
    lang: str,
    mode: str,
    simulated: bool,
    sealing: str,
    day: date,  # noqa: ARG001 - anew each day, with the median of the answers mixed by then
) -> Document:
    # An interviewer reads aloud and taps: what others took by themselves says nothing of that.
    by_oneself = mode == "kiosk"
    median = median_of(installed().engine, asked, simulated=simulated) if by_oneself else None
    return build_document(
        load(*asked), lang, mode=mode, simulated=simulated, sealing_key=sealing, median=median
    )
