"""A code that somebody types by hand leads to the page that it opens.

A one-time code has 17 letters and digits; at a counter, the 9 of its screen are understood too.
"""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from intake.findings import Words
from survey_app.services.codes import CodeError, read_code, read_screen_code
from survey_app.services.counters import Counter
from survey_app.services.refusals import REFUSALS
from survey_app.web.forms import CodeForm
from survey_app.web.language import current_language
from survey_app.web.replies import fault_of_form, problem

_TYPED_NOTHING = Words(
    "Xin nhập mã in trên thư hoặc phiếu.", "Please type the code from the letter or ticket."
)
_SLIP = (REFUSALS["code-slip"].message, REFUSALS["code-slip"].advice)
_SLIP_AT_COUNTER = (
    Words(
        "Mã vừa nhập chưa đúng. Mã trên phiếu gồm 17 chữ và số, mã trên màn hình gồm 9. "
        "Xin nhập lại.",
        "The code is not right yet. A ticket's code has 17 letters and digits, a screen's has 9. "
        "Please type it again.",
    ),
)


def follow_typed_code(form: CodeForm, template: str, **shown: object) -> ResponseReturnValue:
    """Lead to what a typed code opens, or show the page again with what is wrong.

    Where the page is that of a counter, ``counter`` is among what it shows.
    """
    fault = fault_of_form()
    if fault:
        return problem(*fault)
    lang, counter = current_language(), shown.get("counter")
    typed = (form.code.data or "").strip()
    try:
        return redirect(_address(typed, counter if isinstance(counter, Counter) else None), 303)
    except CodeError:
        slip = _SLIP_AT_COUNTER if counter else _SLIP
        words = slip if typed else (_TYPED_NOTHING,)
        error = " ".join(sentence.in_language(lang) for sentence in words)
        return render_template(template, form=form, error=error, **shown), 422


def _address(typed: str, counter: Counter | None) -> str:
    lang = request.args.get("lang")
    try:
        return url_for("respond.open_link", code=read_code(typed), lang=lang)
    except CodeError as error:
        if counter is None or error.kind != "length":
            raise
    return url_for("counter.start", counter_id=counter.id, code=read_screen_code(typed), lang=lang)
