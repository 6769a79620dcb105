"""The fields of a plain form, read in one pass.

Werkzeug's reader is made for every kind of form and hands out each field with care; that took a
seventh of the time of a submission of sixty answers when it was measured.
"""

from __future__ import annotations

from urllib.parse import unquote_plus

from flask import Flask, g, request

FORM_TYPE = "application/x-www-form-urlencoded"


def keep_bodies(app: Flask) -> None:
    """Let an application keep the body of a form, whoever reads its fields first."""
    app.before_request(_keep_body)


def _keep_body() -> None:
    # Werkzeug's own reader leaves nothing behind unless the body was asked for before it.
    if is_plain_form():
        request.get_data()


def is_plain_form() -> bool:
    """Tell whether the body is a form as pages send it: not packed, and with its length.

    One that comes in pieces without a length would be read while others wait for their turn.
    """
    odd = request.headers.get("Content-Encoding") or request.headers.get("Transfer-Encoding")
    return request.mimetype == FORM_TYPE and not odd


def posted_fields() -> dict[str, list[str]]:
    """Return the values of this request's form by field, in order; read once a request.

    Raises
    ------
    RequestEntityTooLarge
        The body is longer than the application takes.
    """
    if "posted_fields" not in g:
        g.posted_fields = read_fields(request.get_data())
    fields: dict[str, list[str]] = g.posted_fields
    return fields


def read_fields(body: bytes) -> dict[str, list[str]]:
    """Return the values by field of a body of type ``application/x-www-form-urlencoded``.

    What is no UTF-8 becomes U+FFFD.

    Examples
    --------
    >>> read_fields(b"a=1&b=x+y&a=%C3%A1&c=")
    {'a': ['1', 'á'], 'b': ['x y'], 'c': ['']}
    """
    fields: dict[str, list[str]] = {}
    for pair in body.decode("utf-8", "replace").split("&"):
        if pair:
            name, _, value = pair.partition("=")
            fields.setdefault(_decoded(name), []).append(_decoded(value))
    return fields


def _decoded(text: str) -> str:
    return unquote_plus(text) if "%" in text or "+" in text else text
