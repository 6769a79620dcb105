"""Voluntary feedback: one plain form behind the poster of a counter, and the state of one's own.

What was typed is shown back only to the request that sent it; the code that comes in return
tells how far the feedback has come, and nothing of what it says.
"""

from __future__ import annotations

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from intake.findings import InstallationError, ResponseError, Words
from survey_app.services import feedback
from survey_app.services.codes import CodeError, display, read_code
from survey_app.services.counters import Counter
from survey_app.services.refusals import REFUSALS
from survey_app.services.withdrawals import takes_feedback
from survey_app.web.counter import find_counter
from survey_app.web.forms import CodeForm
from survey_app.web.language import current_language
from survey_app.web.replies import (
    fault_of_form,
    hold_back,
    installed,
    limits,
    problem,
    refusal,
    refuse_request,
)

pages = Blueprint("feedback", __name__)

_TOO_MANY = Words(
    "Mạng này vừa gửi nhiều góp ý. Xin chờ một phút rồi bấm gửi lại; ý kiến vẫn còn trên trang.",
    "Much feedback has just come from this network. Please wait a minute and send again; your "
    "text is still on the page.",
)
_NOT_SAVED = Words(
    "Ý kiến chưa được lưu. Xin chờ một phút rồi bấm gửi lại; ý kiến vẫn còn trên trang.",
    "Your feedback is not saved yet. Please wait a minute and send again; your text is still on "
    "the page.",
)


@pages.get("/q/<counter_id>/gop-y")
def form(counter_id: str) -> ResponseReturnValue:
    """Show the form of voluntary feedback."""
    found = find_counter(counter_id)
    if not takes_feedback(installed().engine, found.id):
        return problem("feedback-withdrawn", 410)
    try:
        feedback.read_feedback_keys(installed().settings)
    except InstallationError:
        return problem("feedback-off", 503)
    return render_template("feedback.html", counter=found, typed={}, problems={})


@pages.post("/q/<counter_id>/gop-y")
def send(counter_id: str) -> ResponseReturnValue:
    """Seal one feedback and lead to the page of its code."""
    fault = refuse_request()
    if fault:
        return problem(*fault)
    found, here = find_counter(counter_id), installed()
    if not takes_feedback(here.engine, found.id):
        return problem("feedback-withdrawn", 410)
    seconds = limits().feedbacks.count(request.remote_addr or "")
    if seconds:
        return _again(found, {"": _TOO_MANY}, 429, {"Retry-After": str(seconds)})
    try:
        keys = feedback.read_feedback_keys(here.settings)
        written = feedback.check(request.form.get("kind", ""), request.form.get("text", ""))
        code = feedback.send(here.engine, keys, found, written, here.today())
    except InstallationError:
        return problem("feedback-off", 503)
    except feedback.WrongFeedbackError as wrong:
        return _again(found, wrong.problems, 422)
    except ResponseError:
        return _again(found, {"": _NOT_SAVED}, 503)
    address = url_for("feedback.state", code=display(code), sent=1, lang=request.args.get("lang"))
    return redirect(address, 303)


@pages.route("/f/", methods=["GET", "POST"])
def ask() -> ResponseReturnValue:
    """Take a typed feedback code and lead to its state."""
    form = CodeForm()
    if request.method == "GET":
        return render_template("feedback_code.html", form=form, error=None)
    fault = fault_of_form()
    if fault:
        return problem(*fault)
    try:
        code = display(read_code(form.code.data or ""))
    except CodeError:
        error = REFUSALS["feedback-unknown"].advice.in_language(current_language())
        return render_template("feedback_code.html", form=form, error=error), 422
    return redirect(url_for("feedback.state", code=code, lang=request.args.get("lang")), 303)


@pages.get("/f/<code>")
def state(code: str) -> ResponseReturnValue:
    """Tell how far the feedback of a code has come; never what it says."""
    held, here = hold_back(), installed()
    if held:
        return held
    try:
        read = read_code(code)
        keys = feedback.read_feedback_keys(here.settings)
        found, reply = feedback.state_of(here.engine, keys, read)
    except CodeError:
        return problem("feedback-unknown", 404)
    except InstallationError:
        return problem("feedback-off", 503)
    except ResponseError as error:
        return refusal(error)
    return render_template(
        "feedback_state.html",
        code=display(read),
        state=found,
        reply=reply,
        sent="sent" in request.args,
    )


def _again(
    counter: Counter, problems: dict[str, Words], status: int, headers: dict[str, str] | None = None
) -> ResponseReturnValue:
    lang = current_language()
    page = render_template(
        "feedback.html",
        counter=counter,
        typed=request.form,
        problems={field: words.in_language(lang) for field, words in problems.items()},
    )
    return make_response(page, status, headers or {})
