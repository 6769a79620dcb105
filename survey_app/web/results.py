"""The published results: the files of the newest release's site, byte for byte.

Pages are packed once and kept packed: on publication day many ask for the same few.
"""

from __future__ import annotations

import gzip
from functools import lru_cache
from pathlib import Path

from flask import (
    Blueprint,
    Response,
    abort,
    current_app,
    redirect,
    request,
    send_from_directory,
    url_for,
)
from flask.typing import ResponseReturnValue

from survey_app.services.releases.corrections import newest_release

pages = Blueprint("results", __name__, url_prefix="/ket-qua")

_TEXTS = {".html", ".css", ".js", ".svg", ".json", ".csv", ".txt"}
_LONGEST = 1 << 20
_KEPT = 64


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
    return _packed(answer, release / "site" / name)


def _packed(answer: Response, file: Path) -> Response:
    """Pack the answer where it is a whole text and whoever asks can unpack it."""
    if file.suffix not in _TEXTS or file.stat().st_size > _LONGEST:
        return answer
    answer.vary.add("Accept-Encoding")
    if answer.status_code == 200 and request.accept_encodings.quality("gzip") > 0:
        tag, _ = answer.get_etag()
        answer.close()  # the plain file
        answer.direct_passthrough = False
        answer.set_data(_pack(file, file.stat().st_mtime_ns))
        answer.content_encoding = "gzip"
        answer.set_etag(tag or "", weak=True)
        del answer.headers["Accept-Ranges"]
    return answer


@lru_cache(maxsize=_KEPT)
def _pack(file: Path, _changed: int) -> bytes:
    return gzip.compress(file.read_bytes(), 9, mtime=0)
