"""How requests of respondents are taken and answered: who may post, whose code, page or JSON.

A script that asks for JSON gets each refusal as ``{"error", "message"}`` with the words that
the page would show, so that no answer of ours can be mistaken for one of a stranger's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from flask import Response, current_app, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import DBAPIError
from werkzeug.datastructures import Accept, MIMEAccept
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.http import parse_accept_header

from intake.findings import ResponseError
from survey_app.services.attempts import Limits
from survey_app.services.installation import Installation
from survey_app.services.refusals import REFUSALS
from survey_app.web.document import Document
from survey_app.web.posted import is_plain_form, posted_fields

COOKIE = "hailong_code"
UNIT_COOKIE = "hailong_unit"
MAX_FIELDS = 400
_GUESSES = {"code-unknown", "screen-unknown", "feedback-unknown"}


def installed() -> Installation:
    """Return the open installation of this application."""
    found: Installation = current_app.extensions["hailong"]
    return found


def typed_code(fields: Mapping[str, Sequence[str]]) -> str:
    """Return the code the script sent, else the one in the cookie of this address."""
    sent = fields.get("code", [""])[0]
    return sent or request.cookies.get(COOKIE, "")


def send(document: Document, status: int = 200) -> Response:
    """Send a document in the smallest form the browser takes."""
    headers = {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": document.csp,
        "Vary": "Accept-Encoding, Cookie",
    }
    if status != 200:
        return Response(document.html, status, headers | {"Cache-Control": "no-store"})
    headers |= {"Cache-Control": "private, no-cache", "ETag": f'"{document.etag}"'}
    if request.if_none_match.contains(document.etag):
        return Response(b"", 304, headers)
    packing = _packing(request.headers.get("Accept-Encoding", ""))
    if packing is None:
        return Response(document.html, 200, headers)
    packed = document.brotli if packing == "br" else document.gzip
    return Response(packed, 200, headers | {"Content-Encoding": packing})


# Browsers send few different headers, so each is understood once.


@lru_cache(maxsize=256)
def _packing(accepted: str) -> str | None:
    """Return the smallest packing of a document that a browser takes, or None."""
    takes = parse_accept_header(accepted, Accept)
    return next((one for one in ("br", "gzip") if takes.quality(one) > 0), None)


@lru_cache(maxsize=256)
def _is_script(accepted: str) -> bool:
    return parse_accept_header(accepted, MIMEAccept).best == "application/json"


def refuse_request() -> tuple[str, int] | None:
    """Return why a post that changes something is refused before it is looked at, or None."""
    return fault_of_form() if _is_own_page() else ("cross-site", 403)


def fault_of_form() -> tuple[str, int] | None:
    """Return why the body of a post is refused: no plain form, or too many fields."""
    if not is_plain_form():
        return "wrong-type", 415
    fields = sum(map(len, posted_fields().values()))
    return ("too-large", 413) if fields > MAX_FIELDS else None


def _is_own_page() -> bool:
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site:
        return site in {"same-origin", "none"}
    try:
        return origin is None or urlsplit(origin).netloc == request.host
    except ValueError:  # no address at all
        return False


def wants_json() -> bool:
    """Tell whether a script asks."""
    return _is_script(request.headers.get("Accept", ""))


def problem(kind: str, status: int) -> ResponseReturnValue:
    """Answer with the page of a problem, or its words for a script."""
    if not wants_json():
        return render_template("problem.html", kind=kind, status=status), status
    title, happened, remedies, _ = _kinds()[kind]
    return jsonify({"error": kind, "message": " ".join((f"{title}.", happened, *remedies))}), status


def refusal(error: ResponseError) -> ResponseReturnValue:
    """Answer a code that cannot be used; one that nobody issued counts as a guess."""
    if error.code in _GUESSES:
        held = hold_back()
        if held:
            return held
        limits().wrong_codes.count(request.remote_addr or "")
    return problem(error.code, REFUSALS[error.code].status)


def hold_back() -> Response | None:
    """Answer a source that has given too many wrong codes in this minute, or None."""
    seconds = limits().wrong_codes.wait(request.remote_addr or "")
    if not seconds:
        return None
    answer = make_response(problem("too-many", 429))
    answer.headers["Retry-After"] = str(seconds)
    return answer


def limits() -> Limits:
    """Return what the workers of this host count together."""
    found: Limits = current_app.extensions["limits"]
    return found


def _kinds() -> Mapping[str, tuple[str, str, Sequence[str], bool]]:
    """Return the words of every problem in the language of the request."""
    module: Any = current_app.jinja_env.get_template("_problem_kinds.html").make_module()
    kinds: Mapping[str, tuple[str, str, Sequence[str], bool]] = module.kinds
    return kinds


def too_large(_error: Exception) -> ResponseReturnValue:
    """Answer a body above the limit."""
    return problem("too-large", 413)


def any_error(error: Exception) -> ResponseReturnValue:
    """Answer an unknown address, a wrong method or a fault of ours."""
    status = error.code if isinstance(error, HTTPException) and error.code else 500
    if isinstance(getattr(error, "original_exception", None), DBAPIError):
        status = 503  # the database is away or busy: the same request can be sent again
    kind = {403: "cross-site", 404: "page-unknown", 405: "page-unknown"}.get(status, "fault")
    answer = make_response(problem(kind, status))
    if isinstance(error, MethodNotAllowed):
        answer.headers["Allow"] = ", ".join(sorted(error.valid_methods or ()))
    return answer
