"""An interviewer's phone: the cases of a batch, their questionnaires, what became of them.

The link carries the key of a batch. The page itself is the same for everybody and holds nothing;
its script asks for the cases with the key, keeps them on the phone and works on without network.
"""

from __future__ import annotations

import re
from functools import cache

from flask import Blueprint, Response, jsonify, redirect, request
from flask import url_for as address_of
from flask.typing import ResponseReturnValue

from intake.findings import RoundError
from questionnaires import load
from survey_app.services import assignments, outcomes
from survey_app.services.codes import display, read_code
from survey_app.web import devices, respond
from survey_app.web.document import Document, self_contained
from survey_app.web.language import LANGUAGES, current_language
from survey_app.web.replies import (
    hold_back,
    installed,
    limits,
    problem,
    refuse_request,
    send,
)

pages = Blueprint("interviewer", __name__)

STYLE = ("pages.css", "interviewer.css")
SCRIPT = (
    *("respond/memory.js", "respond/sending.js"),
    *("interviewer/batches.js", "interviewer/cases.js", "interviewer/list.js"),
)
_COUNT = re.compile(r"([a-z_]{1,20})\.([0-9]{1,2})=([0-9]{1,3})")


@pages.get("/i/<key>")
def open_link(key: str) -> ResponseReturnValue:
    """Lead to the list; behind the # the key stays out of what is sent from then on."""
    held = hold_back()
    if held:
        return held
    if assignments.find_assignment(installed(), key) is None:
        return _unknown()
    return redirect(f"{address_of('interviewer.cases')}#{display(read_code(key))}", 303)


@pages.get("/i/")
def cases() -> ResponseReturnValue:
    """Show the list of cases: the same page for everybody, filled by its script."""
    return send(_page(current_language()))


@pages.post("/i/cases")
def batch() -> ResponseReturnValue:
    """Give the cases of a batch to whoever holds its key."""
    refused = _refusal_of_post()
    if refused:
        return refused
    here, key = installed(), request.form.get("key", "")
    found = assignments.find_assignment(here, key)
    if found is None:
        return _unknown()
    codes = assignments.codes_of(read_code(key), found.cases)
    used = assignments.used_codes(here, found, codes)
    return jsonify(
        {
            "round": found.round_id,
            "title": {lang: load(*found.title).title.in_language(lang) for lang in LANGUAGES},
            "unit": found.unit,
            "cell": found.cell_id,
            "label": found.label,
            "simulated": found.simulated,
            "address": address_of("interviewer.form", round_id=found.round_id),
            "cases": [
                {"number": number, "code": display(code), "used": code in used}
                for number, code in enumerate(codes, start=1)
            ],
        }
    )


@pages.post("/i/outcomes")
def report() -> ResponseReturnValue:
    """Keep how many cases of a batch ended in which way, in place of what was kept."""
    refused = _refusal_of_post()
    if refused:
        return refused
    here = installed()
    found = assignments.find_assignment(here, request.form.get("key", ""))
    if found is None:
        return _unknown()
    read = [_COUNT.fullmatch(text) for text in request.form.getlist("count")]
    counts = {(one[1], int(one[2])): int(one[3]) for one in read if one}
    try:
        if len(counts) != len(read):
            return problem("wrong-type", 422)
        outcomes.report(here.engine, found, counts)
    except RoundError:
        return problem("wrong-type", 422)
    return "", 204


@pages.get("/i/f/<round_id>")
def form(round_id: str) -> ResponseReturnValue:
    """Send the questionnaire in the words of an interviewer."""
    return devices.questionnaire(round_id, "interviewer")


@pages.post("/i/f/<round_id>")
def submit(round_id: str) -> ResponseReturnValue:
    """Count one questionnaire, sealed on the phone."""
    return respond.take(round_id)


@pages.get("/i/sw.js")
def worker() -> Response:
    """Send the service worker of the phone."""
    return devices.worker()


@pages.get("/i/manifest.webmanifest")
def manifest() -> Response:
    """Say how the list is put on the phone's first screen."""
    answer = jsonify(
        {
            "name": "Hài lòng – phỏng vấn",
            "short_name": "Phỏng vấn",
            "lang": "vi",
            "start_url": "/i/",
            "scope": "/i/",
            "display": "standalone",
            "background_color": "#f6f4ee",
            "theme_color": "#0a5a5e",
            "icons": [
                {
                    "src": address_of("static", filename="interviewer/icon.svg"),
                    "sizes": "any",
                    "type": "image/svg+xml",
                    "purpose": "any maskable",
                }
            ],
        }
    )
    answer.headers["Content-Type"] = "application/manifest+json; charset=utf-8"
    return answer


def _refusal_of_post() -> ResponseReturnValue | None:
    fault = refuse_request()
    return problem(*fault) if fault else hold_back()


def _unknown() -> ResponseReturnValue:
    limits().wrong_codes.count(request.remote_addr or "")
    return problem("assignment-unknown", 404)


@cache
def _page(lang: str) -> Document:
    return self_contained("interviewer.html", lang, STYLE, SCRIPT)
