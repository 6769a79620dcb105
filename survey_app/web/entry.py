"""Double entry of paper forms, for whoever sits at the machine that serves.

There are no accounts yet, so the page is off unless ``HAILONG_ENTRY=local`` is set, and then it
answers this machine only: a request by another name, from elsewhere or through a proxy gets 404.
Looking changes nothing; no number of a form stands in an address.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from flask import Blueprint, abort, render_template, request
from flask.typing import ResponseReturnValue

from intake.findings import ResponseError, Words
from survey_app.services.codes import CodeError, display, read_code
from survey_app.services.paper import entry
from survey_app.services.paper.entry import PaperForm
from survey_app.services.paper.keying import check, shown
from survey_app.services.refusals import REFUSALS
from survey_app.web.language import current_language
from survey_app.web.replies import installed, problem, refuse_request

pages = Blueprint("entry", __name__)

ADDRESS = "/staff/entry"
_HERE = frozenset({"localhost", "127.0.0.1", "::1"})
_PASSED_ON = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Via")
_KEYED = "k."

_EMPTY = Words(
    "Chưa có câu trả lời nào. Phiếu trắng không được ghi: để riêng và đếm.",
    "No answer was keyed. Blank forms are not counted: set them aside.",
)


@pages.before_request
def only_here() -> None:
    """Answer whoever sits at this machine, where the setting allows it; nobody else."""
    settings = installed().settings
    named = urlsplit(f"//{request.host}").hostname
    passed = any(name in request.headers for name in _PASSED_ON)
    if not settings.entry or settings.proxies or passed or named not in _HERE:
        abort(404)
    try:
        local = ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        local = False
    if not local:
        abort(404)


@pages.get(ADDRESS)
def ask() -> ResponseReturnValue:
    """Ask for the number of a form."""
    return render_template("entry.html")


@pages.post(ADDRESS)
def take() -> ResponseReturnValue:
    """Open a form for keying, take one keying of it, or throw away what was keyed."""
    fault = refuse_request()
    if fault:
        return problem(*fault)
    fields = request.form
    lang = current_language()
    entry.forget_old(installed())
    try:
        form = entry.open_form(installed(), read_code(fields.get("code", "")), lang)
        if fields.get("step") == "drop":
            entry.forget(installed(), form)
            return render_template("entry.html", dropped=display(form.code))
        if fields.get("step") == "key":
            return _keyed(form, lang)
        return _keying_page(form)
    except CodeError:
        return _number_again(REFUSALS["code-slip"].message.in_language(lang), 422)
    except ResponseError as error:
        return _number_again(error.text(lang), REFUSALS[error.code].status)


def _number_again(error: str, status: int) -> ResponseReturnValue:
    typed = request.form.get("code", "")[:200]
    return render_template("entry.html", error=error, typed=typed), status


def _keyed(form: PaperForm, lang: str) -> ResponseReturnValue:
    """Take one keying; show again what no box carries."""
    keyed = {
        one.field: request.form[_KEYED + one.field]
        for one in form.asked
        if _KEYED + one.field in request.form
    }
    checked = check(form.questionnaire, keyed)
    problems = {fault.field: fault.words.in_language(lang) for fault in checked.faults}
    whole = len(keyed) == len(form.asked)
    if whole and not problems and checked.answered == 0:
        problems = {"": _EMPTY.in_language(lang)}
    if problems or not keyed:
        return _keying_page(form, keyed, problems, 422)
    step = entry.take(installed(), form, keyed)
    if step.differences:
        return _keying_page(form)
    return render_template("entry.html", kept=display(form.code), counted=step.counted)


def _keying_page(
    form: PaperForm,
    values: Mapping[str, str] | None = None,
    problems: Mapping[str, str] | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    """Show the fields to key: all of them, or after two keyings those that differ.

    What was keyed before is shown for fields in dispute only: a second keying is blind.
    """
    before = entry.keyings_of(installed(), form)
    agreed = entry.agreed(form.asked, before) if len(before) > 1 else {}
    asked = [
        {
            "one": one,
            "before": _before(one.field, before, form) if len(before) > 1 else (),
            "problem": (problems or {}).get(one.field),
            "value": (values or {}).get(one.field, ""),
        }
        for one in form.asked
        if one.field not in agreed
    ]
    return render_template(
        "entry_form.html",
        code=form.code,
        number=display(form.code),
        keying=len(before) + 1,
        asked=asked,
        problem=(problems or {}).get(""),
        wrong=bool(problems),
        simulated=form.invited.simulated,
    ), status


def _before(name: str, keyings: Sequence[Mapping[str, str]], form: PaperForm) -> list[str]:
    asked = next(one for one in form.asked if one.field == name)
    return [shown(asked, keying[name]) for keying in keyings if name in keying]
