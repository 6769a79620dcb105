"""The published results: the files of the newest release, byte for byte."""

from __future__ import annotations

from flask import Blueprint, abort, current_app, redirect, send_from_directory, url_for
from flask.typing import ResponseReturnValue

from survey_app.services.publishing import newest_release

pages = Blueprint("results", __name__, url_prefix="/ket-qua")

_FIRST_PAGE = "site/index.html"


@pages.get("")
@pages.get("/")
def first() -> ResponseReturnValue:
    """Lead to the first page, so that the relative links of the site hold."""
    return redirect(url_for("results.show", name=_FIRST_PAGE))


@pages.get("/<path:name>")
def show(name: str) -> ResponseReturnValue:
    """Send one file of the newest release."""
    folder = newest_release(current_app.extensions["hailong"].settings)
    if folder is None:
        abort(404)
    answer = send_from_directory(folder, name, max_age=300)
    answer.headers["Cache-Control"] = "public, max-age=300"
    return answer
