"""The web side: one Flask application over the services."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask, Request, abort, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.middleware.proxy_fix import ProxyFix

from survey_app.config import Settings
from survey_app.services.attempts import Limits
from survey_app.services.installation import Installation
from survey_app.services.keys import application_secret
from survey_app.services.registry import asker
from survey_app.web import (
    counter,
    entry,
    feedback,
    interviewer,
    kiosk,
    language,
    offline,
    operations,
    posted,
    recordings,
    replies,
    respond,
    results,
)
from survey_app.web.measured import Measured

MAX_BODY = 64 * 1024

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "media-src 'self'; manifest-src 'self'; worker-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_ALWAYS = [
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
]
_YEAR = 365 * 24 * 3600


def make_app(installation: Installation, limits: Limits | None = None) -> Flask:
    """Return the application of an open installation; see `survey_app.create_app`."""
    settings = installation.settings
    root = Path(__file__).parent.parent
    app = Flask(
        "survey_app", template_folder=str(root / "templates"), static_folder=str(root / "static")
    )
    app.config.update(
        SECRET_KEY=application_secret(settings),
        MAX_CONTENT_LENGTH=MAX_BODY,
        MAX_FORM_MEMORY_SIZE=MAX_BODY,
        MAX_FORM_PARTS=replies.MAX_FIELDS,
        TRUSTED_HOSTS=_trusted_hosts(settings),
        SEND_FILE_MAX_AGE_DEFAULT=_YEAR,
        TEMPLATES_AUTO_RELOAD=False,
    )
    app.extensions["hailong"] = installation
    app.extensions["limits"] = limits or Limits()
    app.session_interface = _StaffSessions()
    language.init_languages(app)
    app.jinja_env.globals.update(
        asker=lambda: asker(installation.engine, settings), contact=settings.contact
    )
    app.register_blueprint(respond.pages)
    app.register_blueprint(offline.pages)
    app.register_blueprint(recordings.pages)
    app.register_blueprint(counter.pages)
    app.register_blueprint(entry.pages)
    app.register_blueprint(feedback.pages)
    app.register_blueprint(kiosk.pages)
    app.register_blueprint(interviewer.pages)
    app.register_blueprint(results.pages)
    app.register_blueprint(operations.pages)
    app.register_error_handler(RequestEntityTooLarge, replies.too_large)
    app.register_error_handler(403, replies.any_error)
    app.register_error_handler(404, replies.any_error)
    app.register_error_handler(405, replies.any_error)
    app.register_error_handler(500, replies.any_error)
    app.before_request(_refuse_nul)
    posted.keep_bodies(app)
    app.after_request(_harden(settings.secure))
    app.wsgi_app = _FoldFirstSegment(app.wsgi_app)  # type: ignore[method-assign]
    app.wsgi_app = Measured(app.wsgi_app, app.extensions["limits"].tallies)  # type: ignore[method-assign]
    if settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies)  # type: ignore[method-assign]
    return app


def _trusted_hosts(settings: Settings) -> list[str]:
    """Names this server answers to: what the QR codes carry, and the machine itself."""
    return [settings.host, *settings.trusted_hosts, "localhost", "127.0.0.1"]


def _refuse_nul() -> None:
    """Answer 404 to an address with NUL, which no query on PostgreSQL can hold."""
    if "\0" in request.path:
        abort(404)


def _harden(secure: bool) -> Callable[[Any], Any]:
    always = [*_ALWAYS, *([("Strict-Transport-Security", f"max-age={_YEAR}")] if secure else [])]

    def add_headers(response: Any) -> Any:  # noqa: ANN401 - any response of Flask's
        headers = response.headers
        headers.extend(always)
        headers.setdefault("Content-Security-Policy", _POLICY)
        if "Cache-Control" not in headers and request.endpoint != "static":
            headers["Cache-Control"] = "no-store"
        return response

    return add_headers


class _StaffSessions(SecureCookieSessionInterface):
    """Sessions on staff pages alone: a respondent has none, and waits for none."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if request.path.startswith("/staff/"):
            return super().open_session(app, request)
        return self.make_null_session(app)


class _FoldFirstSegment:
    """Lets ``/S/…`` and ``/Q/…``, as printed in QR codes, reach ``/s/…`` and ``/q/…``."""

    def __init__(self, inner: Callable[..., Any]) -> None:
        self.inner = inner

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:  # noqa: ANN401
        head, separator, tail = environ.get("PATH_INFO", "")[1:].partition("/")
        environ["PATH_INFO"] = f"/{head.lower()}{separator}{tail}"
        return self.inner(environ, start_response)
