"""The sound files of a questionnaire: where the page finds them, and how they are sent."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from flask import Blueprint, send_file, url_for
from flask.typing import ResponseReturnValue

from intake.findings import QuestionnaireError
from survey_app.config import Settings
from survey_app.services.recordings import KINDS, find_recordings
from survey_app.web.replies import installed, problem

pages = Blueprint("recordings", __name__)

_DAY = 24 * 3600


@pages.get("/s/audio/<code>/<version>/<lang>/<name>")
def recording(code: str, version: str, lang: str, name: str) -> ResponseReturnValue:
    """Send one recording; nothing but what the questionnaire has is found."""
    try:
        found = find_recordings(installed().settings, (code, version), lang)
    except QuestionnaireError:
        found = {}
    path = next((one for one in found.values() if one.name == name), None)
    if path is None:
        return problem("page-unknown", 404)
    answer = send_file(path, KINDS[path.suffix], conditional=True, max_age=_DAY)
    answer.headers["Cache-Control"] = f"public, max-age={_DAY}"
    return answer


@cache
def addresses(settings: Settings, questionnaire: tuple[str, str], lang: str) -> Mapping[str, str]:
    """Return form field -> address of its recording, looked for once per process."""
    code, version = questionnaire
    return {
        field: url_for(
            "recordings.recording", code=code, version=version, lang=lang, name=path.name
        )
        for field, path in find_recordings(settings, questionnaire, lang).items()
    }
