"""The fields of a form as it was posted, also where a device had sealed it in the meantime."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import current_app

from survey_app.services.sealed_forms import SealedFormError, open_form, public_key
from survey_app.web.posted import posted_fields
from survey_app.web.replies import MAX_FIELDS


@dataclass(frozen=True)
class Sent:
    """A form as it was sent.

    ``unattended``: nobody is there any more to mend an answer that cannot be taken, so the rest
    of the form counts without it.
    """

    fields: Mapping[str, Sequence[str]]
    unattended: bool = False


def sent_form() -> Sent:
    """Return the form of this request.

    Raises
    ------
    SealedFormError
        It was not sealed to this installation, or holds more fields than a form may have.
    """
    posted = posted_fields()
    if "sealed" not in posted:
        return Sent(posted)
    sealed = posted["sealed"][0]
    try:
        bundle = urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4))
        fields = _fields(json.loads(open_form(application_secret(), bundle)))
    except (ValueError, RecursionError):
        raise SealedFormError("the sealed form cannot be opened") from None
    return Sent(fields, unattended=posted.get("unattended", [""])[0] == "1")


def _fields(pairs: object) -> dict[str, list[str]]:
    """Return the values by field of a list of pairs; anything else is a ValueError."""
    if not isinstance(pairs, list) or len(pairs) > MAX_FIELDS:
        raise ValueError("not the fields of a form")
    fields: dict[str, list[str]] = {}
    for pair in pairs:
        if not isinstance(pair, list) or [type(part) for part in pair] != [str, str]:
            raise ValueError("not a field")
        name, value = map(_as_forms_send, pair)
        fields.setdefault(name, []).append(value)
    return fields


def _as_forms_send(text: str) -> str:
    """Return the text with halves of characters replaced, as a browser does in a plain form."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def sealing_key() -> str:
    """Return the public key to which devices of this installation seal."""
    return public_key(application_secret())


def application_secret() -> bytes:
    """Return the secret of this installation."""
    secret = current_app.secret_key
    assert isinstance(secret, bytes)  # noqa: S101 - make_app sets it from the key file
    return secret
