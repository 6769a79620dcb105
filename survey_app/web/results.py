"""The published results: the files of the newest release's site, byte for byte."""

from __future__ import annotations

from flask import Blueprint, abort, current_app, redirect, send_from_directory, url_for
from flask.typing import ResponseReturnValue

from survey_app.services.publishing import newest_release

pages = Blueprint("results", __name__, url_prefix="/ket-qua")


@pages.get("")
def folder() -> ResponseReturnValue:
    """Lead to the folder, so that the relative links of the site hold."""
    return redirect(url_for("results.show"), 308)


@pages.get("/")
@pages.get("/<path:name>")
def show(name: str = "index.html") -> ResponseReturnValue:
    """Send one file of the site of the newest release."""
    release = newest_release(current_app.extensions["hailong"].settings)
    if release is None:
        abort(404)
    if name.endswith("/"):
        name += "index.html"
    answer = send_from_directory(release / "site", name, max_age=300)
    answer.headers["Cache-Control"] = "public, max-age=300"
    return answer
