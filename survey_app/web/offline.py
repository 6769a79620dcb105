"""What lets a form go on without network, and on another view of the same link.

The service worker keeps the document and sends what waits. A draft is a copy of an unfinished
form, sealed in the browser: whoever asks for it must hold the code, and here nobody can read it.
"""

from __future__ import annotations

import binascii
import re
from base64 import b64encode, urlsafe_b64decode

from flask import Blueprint, Response, jsonify, make_response, request, url_for
from flask.typing import ResponseReturnValue

from intake.findings import ResponseError
from survey_app.services import drafts
from survey_app.services.codes import CodeError, read_code
from survey_app.web.document import USED, WORKER, inline
from survey_app.web.posted import posted_fields
from survey_app.web.replies import (
    COOKIE,
    UNIT_COOKIE,
    installed,
    problem,
    refusal,
    refuse_request,
    typed_code,
)

pages = Blueprint("offline", __name__)

_NUMBER = re.compile(r"[0-9]{1,9}")


@pages.get("/s/sw.js")
def worker() -> Response:
    """Send the service worker; browsers ask for it anew now and then."""
    return _script(*WORKER)


@pages.get("/s/used.js")
def used() -> Response:
    """Send the script of the page of a used code, which knows whether this phone used it."""
    return _script(*USED)


@pages.put("/s/f/<place>/draft")
def save(place: str) -> ResponseReturnValue:  # noqa: ARG001 - it only scopes the cookie
    """Keep a sealed draft; 409 with the newer one where another view was quicker."""
    fault = refuse_request()
    if fault:
        return problem(*fault)
    sealed, base = _sealed(request.form.get("sealed", "")), request.form.get("base", "")
    if sealed is None or not _NUMBER.fullmatch(base):
        return problem("wrong-type", 422)
    if len(sealed) > drafts.LARGEST:
        return problem("too-large", 413)
    try:
        code, here = read_code(typed_code(posted_fields())), installed()
        kept = drafts.save(here.engine, here.keyring(), code, sealed, int(base), on=here.today())
    except CodeError:
        return problem("code-absent", 400)
    except ResponseError as error:
        return refusal(error)
    except drafts.NewerDraftError as newer:
        return _shown(newer.draft), 409
    return jsonify({"version": kept})


@pages.post("/s/f/<place>/draft/read")
def read(place: str) -> ResponseReturnValue:  # noqa: ARG001 - it only scopes the cookie
    """Give the sealed draft of a code back, or nothing."""
    fault = refuse_request()
    if fault:
        return problem(*fault)
    try:
        code, here = read_code(typed_code(posted_fields())), installed()
        found = drafts.read(here.engine, here.keyring(), code, on=here.today())
    except CodeError:
        return problem("code-absent", 400)
    except ResponseError as error:
        return refusal(error)
    return ("", 204) if found is None else _shown(found)


@pages.post("/s/f/<place>/draft/erase")
def erase(place: str) -> ResponseReturnValue:
    """Delete the draft of a code, and let the browser forget the code."""
    fault = refuse_request()
    if fault:
        return problem(*fault)
    try:
        code, here = read_code(typed_code(posted_fields())), installed()
        drafts.forget(here.engine, here.keyring(), code, on=here.today())
        answer = make_response("", 204)
    except CodeError:
        return problem("code-absent", 400)
    except ResponseError as error:
        answer = make_response(refusal(error))
    path = url_for("respond.form", place=place)
    for cookie in (COOKIE, UNIT_COOKIE):
        answer.delete_cookie(cookie, path=path)
    return answer


def _script(*names: str) -> Response:
    answer = make_response(inline(*names))
    answer.headers["Content-Type"] = "text/javascript; charset=utf-8"
    answer.headers["Cache-Control"] = "no-cache"
    return answer


def _sealed(text: str) -> bytes | None:
    """Return the bytes of an unpadded base64url text, or None where it is none."""
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4)) or None
    except (binascii.Error, ValueError):
        return None


def _shown(draft: drafts.Draft) -> Response:
    return jsonify({"version": draft.version, "sealed": b64encode(draft.sealed).decode()})
