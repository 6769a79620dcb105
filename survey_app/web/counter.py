"""The pages of a counter: its open poster, its monitor, and the way from a screen code to a form.

Looking never gives anything away: a screen's code is exchanged by the one button of its page.
The one-time code is shown on the page that answers that button, and nowhere else.
"""

from __future__ import annotations

from http.client import NOT_FOUND

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from intake.findings import ResponseError
from survey_app.services import counters, qr, screens
from survey_app.services.codes import CodeError, display, read_screen_code
from survey_app.services.counters import Counter, typed_address
from survey_app.services.refusals import refused
from survey_app.services.start_counts import count_start
from survey_app.services.withdrawals import takes_feedback
from survey_app.web.forms import CodeForm
from survey_app.web.replies import (
    hold_back,
    installed,
    limits,
    problem,
    refusal,
    refuse_request,
)
from survey_app.web.typed_codes import follow_typed_code

pages = Blueprint("counter", __name__)

_ASK_AGAIN = 15 * 60
"""Seconds after which a monitor looks whether its round has opened."""


@pages.route("/q/<counter_id>", methods=["GET", "POST"])
def counter(counter_id: str) -> ResponseReturnValue:
    """Show the page of a counter's open poster; a code can be typed there."""
    found, form = find_counter(counter_id), CodeForm()
    shown = {"counter": found, "takes_feedback": takes_feedback(installed().engine, found.id)}
    if request.method == "GET":
        return render_template("counter.html", form=form, error=None, **shown)
    return follow_typed_code(form, "counter.html", **shown)


@pages.get("/q/<counter_id>/screen/<key>")
def monitor(counter_id: str, key: str) -> ResponseReturnValue:
    """Show the code of this minute, large, to whoever stands before the counter."""
    here, found, at = installed(), find_counter(counter_id), limits().starts.clock()
    keyring = here.keyring()
    # A monitor shares its network with everybody who mistypes a code there: it is never held back.
    screen = screens.find_monitor(here.engine, keyring, found, key)
    if screen is None:
        limits().wrong_codes.count(request.remote_addr or "")
        return problem("page-unknown", 404)
    shown = {"counter": found, "simulated": screen.simulated, "off": screen.off}
    if screen.off:
        return render_template("screen.html", code=None, **shown), 410
    if not screen.is_open(here.today()):
        return _refreshed(render_template("screen.html", code=None, **shown), _ASK_AGAIN)
    code = screens.code_of(keyring[screen.round_id], screen, screens.window_of(at))
    base = here.settings.base_url
    page = render_template(
        "screen.html",
        code=display(code),
        qr=qr.encode_one(screens.link_of(base, found, code), "M"),
        address=typed_address(base, found),
        **shown,
    )
    return _refreshed(page, screens.WINDOW - int(at % screens.WINDOW) + 1)


@pages.after_request
def ask_again(response: Response) -> Response:
    """Let a monitor that met a fault ask again by itself: nobody stands by to reload it."""
    if request.endpoint == "counter.monitor" and response.status_code != NOT_FOUND:
        response.headers.setdefault("Refresh", str(screens.WINDOW))
    return response


@pages.route("/q/<counter_id>/<code>", methods=["GET", "POST"])
def start(counter_id: str, code: str) -> ResponseReturnValue:
    """Show the button that takes a screen's code, and after it the code of one's own."""
    fault = refuse_request() if request.method == "POST" else None
    if fault:
        return problem(*fault)
    held = hold_back()
    if held:
        return held
    found = find_counter(counter_id)
    try:
        read = read_screen_code(code)
    except CodeError as error:
        unknown = refused("screen-unknown")
        return problem(unknown.code, 404) if error.kind == "check" else refusal(unknown)
    try:
        return _exchanged(found, read) if request.method == "POST" else _offered(found, read)
    except ResponseError as error:
        return refusal(error)


def find_counter(counter_id: str) -> Counter:
    """Return the counter of an address, or answer that there is no such page."""
    found = counters.find_counter(installed().engine, counter_id)
    if found is None:
        raise NotFound
    return found


def _refreshed(page: str, seconds: int) -> ResponseReturnValue:
    """Send a page that its browser asks for again by itself, without any script."""
    return page, 200, {"Refresh": str(seconds)}


def _offered(found: Counter, code: str) -> ResponseReturnValue:
    here, at = installed(), limits().starts.clock()
    screen, _ = screens.find_window(
        here.engine, here.keyring(), found, code, at=at, on=here.today()
    )
    return render_template("counter_start.html", counter=found, simulated=screen.simulated)


def _exchanged(found: Counter, code: str) -> ResponseReturnValue:
    here, starts = installed(), limits().starts
    at = starts.clock()
    made = screens.exchange(
        here.engine, here.keyring(), starts, found, code, at=at, on=here.today()
    )
    count_start(here.engine, found.id, at)
    return render_template(
        "counter_code.html",
        code=display(made.code),
        plain_code=made.code,
        last_day=made.last_day,
        address=typed_address(here.settings.base_url),
        simulated=made.screen.simulated,
    )
