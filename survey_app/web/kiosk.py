"""A tablet at a counter: set up by a link, left by a PIN, used by one person after the other.

The key of the link goes into a cookie of these pages alone. Looking changes nothing else; the
page of the tablet holds nothing about a person, and a typed code is answered with the address
of its questionnaire, which the tablet's script opens.
"""

from __future__ import annotations

from functools import cache

from flask import Blueprint, Response, jsonify, make_response, redirect, request
from flask import url_for as address_of
from flask.typing import ResponseReturnValue

from intake.findings import ResponseError
from questionnaires import load
from survey_app.services import answering, kiosks
from survey_app.services.codes import CodeError, display, read_code
from survey_app.services.counters import find_counter
from survey_app.services.kiosks import Kiosk
from survey_app.services.refusals import refused
from survey_app.services.registry import unit_name
from survey_app.web import devices, respond
from survey_app.web.document import Document, self_contained
from survey_app.web.language import LANGUAGES, current_language
from survey_app.web.replies import (
    hold_back,
    installed,
    limits,
    problem,
    refusal,
    refuse_request,
    send,
)
from survey_app.web.sealed import application_secret

pages = Blueprint("kiosk", __name__)

COOKIE = "hailong_kiosk"
DAYS = 400
STYLE = ("pages.css", "respond.css", "kiosk.css")
SCRIPT = (
    *("respond/memory.js", "respond/sending.js"),
    *("kiosk/codes.js", "kiosk/keeping.js", "kiosk/start.js"),
)


@pages.get("/k/<key>")
def set_up(key: str) -> ResponseReturnValue:
    """Make a tablet a kiosk: its key leaves the address and stays in a cookie."""
    held = hold_back()
    if held:
        return held
    if _kiosk(key) is None:
        limits().wrong_codes.count(request.remote_addr or "")
        return problem("kiosk-unknown", 404)
    answer = redirect("/k/", 303)
    answer.set_cookie(
        COOKIE,
        key,
        max_age=DAYS * 24 * 3600,
        path="/k/",
        secure=installed().settings.secure,
        httponly=True,
        samesite="Lax",
    )
    return answer


@pages.get("/k/")
def start() -> ResponseReturnValue:
    """Show the field for a ticket's code to whoever stands before the tablet."""
    found = _own()
    if found is None:
        return problem("kiosk-unknown", 404)
    counter = find_counter(installed().engine, found.counter_id)
    name = counter.name if counter else found.counter_id
    return send(_page(current_language(), name))


@pages.post("/k/")
def open_code() -> ResponseReturnValue:
    """Tell the tablet where the questionnaire of a typed code is; nothing is spent by it."""
    refused_before = _refusal_of_post()
    if refused_before:
        return refused_before
    here = installed()
    try:
        code = read_code(request.form.get("code", ""))
        invited = answering.find_invitation(here.engine, here.keyring(), code, here.today())
    except CodeError as error:
        return refusal(refused("code-slip" if error.kind == "check" else "code-unknown"))
    except ResponseError as error:
        return refusal(error)
    lang = request.args.get("lang")
    return jsonify(
        {
            "address": address_of("kiosk.form", round_id=invited.round_id, lang=lang),
            "code": display(code),
            "unit": unit_name(here.engine, invited.unit_id),
        }
    )


@pages.get("/k/rounds")
def rounds() -> ResponseReturnValue:
    """Tell the tablet which questionnaires to keep for a time without network."""
    found, here = _own(), installed()
    if found is None:
        return problem("kiosk-unknown", 404)
    asked = kiosks.rounds_at(here.engine, found.counter_id, here.today())
    return jsonify(
        {
            "rounds": [
                {
                    "address": address_of("kiosk.form", round_id=round_id),
                    "title": {
                        lang: load(*questionnaire).title.in_language(lang) for lang in LANGUAGES
                    },
                }
                for round_id, questionnaire in asked
            ]
        }
    )


@pages.post("/k/leave")
def leave() -> ResponseReturnValue:
    """Let staff out by their PIN; the tablet is then a browser like any other."""
    refused_before = _refusal_of_post()
    if refused_before:
        return refused_before
    found, tries = _own(), limits().pins
    if found is None:
        return problem("kiosk-unknown", 404)
    seconds = kiosks.wait_for_pin(tries, found)
    if seconds:
        held = make_response(problem("pin-wait", 429))
        held.headers["Retry-After"] = str(seconds)
        return held
    pin = request.form.get("pin", "")
    if not kiosks.pin_fits(installed().engine, application_secret(), tries, found, pin):
        return problem("pin-wrong", 403)
    answer = jsonify({"ok": True})
    answer.delete_cookie(COOKIE, path="/k/")
    return answer


@pages.get("/k/f/<round_id>")
def form(round_id: str) -> ResponseReturnValue:
    """Send the questionnaire for a tablet; without a code its script leaves at once."""
    return devices.questionnaire(round_id, "kiosk")


@pages.post("/k/f/<round_id>")
def submit(round_id: str) -> ResponseReturnValue:
    """Count one questionnaire, sealed on the tablet or not."""
    return respond.take(round_id)


@pages.get("/k/sw.js")
def worker() -> Response:
    """Send the service worker of the tablet."""
    return devices.worker()


def _refusal_of_post() -> ResponseReturnValue | None:
    fault = refuse_request()
    return problem(*fault) if fault else hold_back()


def _own() -> Kiosk | None:
    return _kiosk(request.cookies.get(COOKIE, ""))


def _kiosk(key: str) -> Kiosk | None:
    return kiosks.find_kiosk(installed().engine, application_secret(), key)


@cache
def _page(lang: str, counter: str) -> Document:
    return self_contained("kiosk.html", lang, STYLE, SCRIPT, counter=counter)
