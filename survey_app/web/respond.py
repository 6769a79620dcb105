"""The respondent's pages: a code opens the questionnaire, a form comes back, a receipt is shown.

Looking never spends a code. The questionnaire is the same bytes for everybody; what a
person typed is only ever shown back to that same request.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from urllib.parse import quote, urlsplit

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response as BaseResponse

from intake.findings import ResponseError, Words
from questionnaires import Questionnaire, load, parse_answers
from survey_app.config import Settings
from survey_app.services import answering
from survey_app.services.codes import CodeError, display, read_code
from survey_app.services.installation import Installation
from survey_app.services.pace import median_of, read_pace
from survey_app.services.refusals import REFUSALS, refused
from survey_app.services.registry import unit_name
from survey_app.services.sealed_forms import SealedFormError
from survey_app.web.document import Document, build_document
from survey_app.web.forms import CodeForm
from survey_app.web.language import current_language, wanted_language
from survey_app.web.recordings import addresses
from survey_app.web.replies import (
    COOKIE,
    UNIT_COOKIE,
    hold_back,
    installed,
    problem,
    refusal,
    refuse_request,
    send,
    typed_code,
    wants_json,
)
from survey_app.web.sealed import Sent, sent_form
from survey_app.web.typed_codes import follow_typed_code

pages = Blueprint("respond", __name__)

COOKIE_DAYS = 7
_ADDRESS_BYTES = 12

_EMPTY_FORM = Words(
    "Phiếu chưa có câu trả lời nào nên chưa được gửi. Xin trả lời ít nhất một câu rồi gửi lại.",
    "The form has no answer yet, so it was not sent. Please answer at least one question.",
)


@pages.route("/", methods=["GET", "POST"])
def home() -> ResponseReturnValue:
    """Take a typed code and lead to its questionnaire."""
    form = CodeForm()
    if request.method == "GET":
        return render_template("home.html", form=form, error=None)
    return follow_typed_code(form, "home.html")


@pages.get("/s/<code>")
def open_link(code: str) -> ResponseReturnValue:
    """Lead from a scanned link to an address of its own; nothing is spent by looking."""
    here, held = installed(), hold_back()
    if held:
        return held
    try:
        read = read_code(code)
        invited = answering.find_invitation(here.engine, here.keyring(), read, here.today())
    except CodeError as error:
        return refusal(refused("code-slip" if error.kind == "check" else "code-unknown"))
    except ResponseError as error:
        return refusal(error)
    address = url_for(
        "respond.form",
        place=secrets.token_urlsafe(_ADDRESS_BYTES),
        lang=request.args.get("lang"),
    )
    answer = redirect(f"{address}#{display(read)}", 303)
    path = urlsplit(address).path
    _set_cookie(answer, COOKIE, read, path)
    # The document is the same for everybody, so the name of the unit comes beside it.
    if load(*invited.questionnaire).pipes_unit:
        name = quote(unit_name(here.engine, invited.unit_id), safe="")
        _set_cookie(answer, UNIT_COOKIE, name, path, httponly=False)
    return answer


def _set_cookie(
    answer: BaseResponse, name: str, value: str, path: str, *, httponly: bool = True
) -> None:
    answer.set_cookie(
        name,
        value,
        max_age=COOKIE_DAYS * 24 * 3600,
        path=path,
        secure=installed().settings.secure,
        httponly=httponly,
        samesite="Lax",
    )


@pages.get("/s/f/<place>")
def form(place: str) -> ResponseReturnValue:  # noqa: ARG001 - it only scopes the cookie
    """Send the pre-made questionnaire of the code's round."""
    here = installed()
    try:
        invited = answering.find_invitation(
            here.engine,
            here.keyring(),
            read_code(request.cookies.get(COOKIE, "")),
            here.today(),
        )
    except CodeError:
        return problem("code-absent", 400)
    except ResponseError as error:
        return refusal(error)
    document = _document(
        here.settings, invited.questionnaire, wanted_language(), invited.simulated, here.today()
    )
    return send(document)


@pages.post("/s/f/<place>")
def submit(place: str) -> ResponseReturnValue:  # noqa: ARG001 - it only scopes the cookie
    """Count one questionnaire and lead to its receipt."""
    return take()


def take(round_id: str | None = None) -> ResponseReturnValue:
    """Count the questionnaire of this request; ``round_id`` is the round it was filled in for.

    A device that had no network has asked by the words of the person alone which letter it was.
    """
    fault = refuse_request()
    if fault:
        return problem(*fault)
    here = installed()
    try:
        sent = sent_form()
    except SealedFormError:
        return problem("bad-request", 400)
    fields = sent.fields
    try:
        code = read_code(typed_code(fields))
    except CodeError:
        return problem("code-absent", 400)
    client_key = request.headers.get("Idempotency-Key")
    try:
        counted = _count(here, code, sent, client_key, round_id)
    except ResponseError as error:
        return _not_saved(error, fields)
    except _WrongAnswers as wrong:
        return _show_again(wrong)
    if wants_json():
        answer = jsonify({"receipt": counted.receipt})
        answer.status_code = 200 if counted.again else 201
        return answer
    address = url_for(
        "respond.receipt",
        receipt=counted.receipt,
        again="1" if counted.again else None,
        lang=request.args.get("lang"),
    )
    return redirect(address, 303)


@pages.get("/r/<receipt>")
def receipt(receipt: str) -> ResponseReturnValue:
    """Say that an answer was counted; never how it was answered."""
    here = installed()
    if not answering.is_counted(here.engine, here.keyring(), receipt):
        past = answering.is_past(here.engine, receipt)
        return problem("receipt-closed", 410) if past else problem("receipt-unknown", 404)
    return render_template("receipt.html", receipt=receipt.upper(), again="again" in request.args)


class _WrongAnswers(Exception):  # noqa: N818 - never leaves this module
    """Some answers cannot be taken; carries the page that says which."""

    def __init__(
        self,
        questionnaire: Questionnaire,
        simulated: bool,
        fields: Mapping[str, Sequence[str]],
        problems: Mapping[str, Words],
    ) -> None:
        super().__init__()
        self.questionnaire = questionnaire
        self.simulated = simulated
        self.fields = fields
        self.problems = problems


def _count(
    here: Installation,
    code: str,
    sent: Sent,
    client_key: str | None,
    round_id: str | None,
) -> answering.Counted:
    keyring, day = here.keyring(), here.today()
    try:
        invited = answering.find_invitation(here.engine, keyring, code, day)
    except ResponseError:
        before = answering.counted_before(here.engine, keyring, code, client_key)
        if before is None:
            raise
        return before
    if round_id not in {None, invited.round_id}:
        raise refused("code-elsewhere")
    questionnaire = load(*invited.questionnaire)
    parsed = parse_answers(questionnaire, sent.fields)
    problems = {} if sent.unattended else {one.field: one.words for one in parsed.problems}
    if not problems and parsed.answers.answered == 0:
        problems = {"": _EMPTY_FORM}
    if problems:
        raise _WrongAnswers(questionnaire, invited.simulated, sent.fields, problems)
    return answering.submit(
        here.engine,
        keyring,
        code,
        invited,
        parsed.answers.values,
        on=day,
        client_key=client_key,
        comments=parsed.comments,
        pace=read_pace(sent.fields, len(questionnaire.sections)),
    )


def _show_again(wrong: _WrongAnswers) -> ResponseReturnValue:
    lang = current_language()
    problems = {field: words.in_language(lang) for field, words in wrong.problems.items()}
    if wants_json():
        answer = jsonify({"problems": problems})
        answer.status_code = 422
        return answer
    document = build_document(
        wrong.questionnaire,
        lang,
        values=wrong.fields,
        problems=problems,
        simulated=wrong.simulated,
    )
    return send(document, 422)


@lru_cache(maxsize=32)
def _document(
    settings: Settings,
    questionnaire: tuple[str, str],
    lang: str,
    simulated: bool,
    day: date,  # noqa: ARG001 - anew each day, with the median of the answers mixed by then
) -> Document:
    """Make the document of a version and language once per process and day."""
    return build_document(
        load(*questionnaire),
        lang,
        simulated=simulated,
        recordings=addresses(settings, questionnaire, lang),
        median=median_of(installed().engine, questionnaire, simulated=simulated),
    )


def _not_saved(error: ResponseError, fields: Mapping[str, Sequence[str]]) -> ResponseReturnValue:
    """Answer a form that was not counted; one that could not be saved comes back whole."""
    if wants_json() or not isinstance(error, answering.NotSavedError):
        return refusal(error)
    document = build_document(
        load(*error.invited.questionnaire),
        current_language(),
        values=fields,
        problems={"": error.text(current_language())},
        simulated=error.invited.simulated,
    )
    return send(document, REFUSALS[error.code].status)
