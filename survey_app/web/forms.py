"""Forms of the web pages."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import StringField


class CodeForm(FlaskForm):  # type: ignore[misc]
    """The printed code, typed by hand. Sending it changes nothing, so it needs no token."""

    class Meta:
        """No session and no cookie for somebody who only types a code."""

        csrf = False

    code = StringField()
