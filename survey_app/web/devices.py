"""What tablets at counters and phones of interviewers share: documents, their worker, posting."""

from __future__ import annotations

from functools import cache

from flask import Response, make_response
from flask.typing import ResponseReturnValue

from intake.findings import RoundError
from questionnaires import load
from survey_app.services.assignments import questionnaire_of_round
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
    return send(_document(asked, current_language(), mode, simulated, sealing_key()))


def worker() -> Response:
    """Send the service worker; browsers ask for it anew now and then."""
    answer = make_response(inline(*WORKER))
    answer.headers["Content-Type"] = "text/javascript; charset=utf-8"
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@cache
def _document(
    asked: tuple[str, str], lang: str, mode: str, simulated: bool, sealing: str
) -> Document:
    return build_document(load(*asked), lang, mode=mode, simulated=simulated, sealing_key=sealing)
