"""Voluntary feedback at a counter's open poster: sealed, apart from every survey, never counted.

It is taken whether or not a round is open, so it is sealed to a key of the installation. With
it go the agency, the quarter and the kind, and nothing finer. Whoever sent it gets a code that
tells how far it has come. The code's MAC lies inside the sealed text, so that the two are joined
only for whoever may read it.
"""

from __future__ import annotations

import hmac
import json
import secrets
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from sqlalchemy import Engine, insert, select
from sqlalchemy.exc import DBAPIError

from intake.findings import Words
from intake.text import forbidden_character, normalized
from survey_app.config import Settings
from survey_app.db import reading, writing
from survey_app.db.answers import feedback_code, feedback_inbox, feedback_reply
from survey_app.services.codes import new_code
from survey_app.services.counters import Counter
from survey_app.services.keys import feedback_secret
from survey_app.services.refusals import refused
from survey_app.services.sealing import seal, unseal

KINDS = ("praise", "suggestion", "complaint", "question")
LONGEST = 2000

RECEIVED, READ, FORWARDED, ANSWERED = 0, 1, 2, 3
"""How far feedback has come: sealed here, read, passed to the agency, answered."""


@dataclass(frozen=True, repr=False)
class FeedbackKeys:
    """What the installation's feedback key is used for."""

    secret: bytes

    @cached_property
    def private(self) -> X25519PrivateKey:
        """The key that opens sealed feedback."""
        return X25519PrivateKey.from_private_bytes(self.secret)

    @cached_property
    def public(self) -> X25519PublicKey:
        """The key to which feedback is sealed."""
        return self.private.public_key()

    @cached_property
    def lookup(self) -> bytes:
        """The key of the MACs of feedback codes."""
        return hmac.digest(self.secret, b"feedback codes", sha256)


@dataclass(frozen=True)
class Written:
    """What somebody wrote, in the form in which it is kept."""

    kind: str
    text: str


class WrongFeedbackError(ValueError):
    """Feedback that cannot be taken; carries the words for each field."""

    def __init__(self, problems: dict[str, Words]) -> None:
        super().__init__()
        self.problems = problems


def read_feedback_keys(settings: Settings) -> FeedbackKeys:
    """Read the installation's feedback key.

    Raises
    ------
    InstallationError
        The file is missing or has the wrong length; `hailong doctor` says what to do.
    """
    return FeedbackKeys(feedback_secret(settings))


def check(kind: str, text: str) -> Written:
    """Return feedback as it will be kept.

    Raises
    ------
    WrongFeedbackError
        No kind was chosen, or the text is empty, too long or holds a character that hides or
        breaks text; all faults at once.
    """
    problems = {}
    if kind not in KINDS:
        problems["kind"] = Words(
            "Xin chọn ý kiến thuộc loại nào.", "Please choose what it is about."
        )
    kept = normalized(text)
    bad = forbidden_character(kept)
    if not kept.strip():
        problems["text"] = Words("Xin viết ý kiến vào ô này.", "Please write in this box.")
    elif len(kept) > LONGEST:
        problems["text"] = Words(
            f"Ý kiến dài {_vi(len(kept))} ký tự, nhiều nhất là {_vi(LONGEST)}. Xin rút gọn.",
            f"The text has {len(kept):,} characters; {LONGEST:,} at most. Please shorten it.",
        )
    elif bad is not None:
        problems["text"] = Words(
            f"Ý kiến có ký tự mà hệ thống không lưu được ({bad}). Xin xóa ký tự đó hoặc gõ lại.",
            f"The text holds a character that cannot be stored ({bad}). Please delete it or type "
            "the text again.",
        )
    if problems:
        raise WrongFeedbackError(problems)
    return Written(kind, kept.strip())


def send(engine: Engine, keys: FeedbackKeys, counter: Counter, written: Written, on: date) -> str:
    """Seal feedback about a counter's agency and return the code that tells its state.

    Raises
    ------
    ResponseError
        ``not-saved``: the database could not take it, nothing was written.
    """
    code = new_code()
    mac = _code_mac(keys, code)
    content = {
        "agency": counter.agency_code,
        "quarter": f"{on.year}-Q{(on.month + 2) // 3}",
        "kind": written.kind,
        "text": written.text,
        "code_mac": mac.hex(),
    }
    sealed = seal(json.dumps(content, ensure_ascii=False).encode(), keys.public)
    try:
        with writing(engine) as connection:
            connection.execute(
                insert(feedback_inbox), {"id": secrets.token_bytes(16), "sealed": sealed}
            )
            connection.execute(insert(feedback_code), {"code_mac": mac, "state": RECEIVED})
    except DBAPIError:
        raise refused("not-saved") from None
    return code


def state_of(engine: Engine, keys: FeedbackKeys, code: str) -> tuple[int, str]:
    """Return how far the feedback of a code has come, and the reply where there is one.

    Raises
    ------
    ResponseError
        ``feedback-unknown``.
    """
    mac = _code_mac(keys, code)
    query = (
        select(feedback_code.c.state, feedback_reply.c.sealed)
        .outerjoin(feedback_reply, feedback_reply.c.code_mac == feedback_code.c.code_mac)
        .where(feedback_code.c.code_mac == mac)
    )
    with reading(engine) as connection:
        row = connection.execute(query).one_or_none()
    if row is None:
        raise refused("feedback-unknown")
    reply = unseal(row.sealed, keys.private) if row.sealed else None
    return int(row.state), (reply or b"").decode()


def has_feedback(engine: Engine) -> bool:
    """Tell whether voluntary feedback was ever taken here."""
    with reading(engine) as connection:
        return connection.execute(select(feedback_code.c.state).limit(1)).first() is not None


def _code_mac(keys: FeedbackKeys, code: str) -> bytes:
    return hmac.digest(keys.lookup, code.encode("ascii"), sha256)


def _vi(number: int) -> str:
    return f"{number:,}".replace(",", ".")
