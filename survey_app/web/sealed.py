"""The fields of a form as it was posted, also where a device had sealed it in the meantime."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs

from flask import current_app, request

from survey_app.services.sealed_forms import SealedFormError, open_form, public_key
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
    sealed = request.form.get("sealed")
    if sealed is None:
        return Sent(request.form.to_dict(flat=False))
    try:
        bundle = urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4))
        fields = parse_qs(
            open_form(application_secret(), bundle),
            keep_blank_values=True,
            max_num_fields=MAX_FIELDS,
        )
    except ValueError:
        raise SealedFormError("the sealed form cannot be opened") from None
    return Sent(fields, unattended=request.form.get("unattended") == "1")


def sealing_key() -> str:
    """Return the public key to which devices of this installation seal."""
    return public_key(application_secret())


def application_secret() -> bytes:
    """Return the secret of this installation."""
    secret = current_app.secret_key
    assert isinstance(secret, bytes)  # noqa: S101 - make_app sets it from the key file
    return secret
