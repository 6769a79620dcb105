"""What staff do with voluntary feedback: read it masked, say how far it has come, reply.

A feedback is named by the first twelve digits of its code's MAC: whoever holds the key finds them
in the sealed text, its sender knows the code alone. Agencies get the texts of a quarter together,
shuffled, and not before there are twenty (security.md, D9).
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Engine, delete, insert, select, update

from intake.findings import Finding, RoundError, Words
from intake.text import forbidden_character, normalized
from survey_app.db import reading, writing
from survey_app.db.answers import feedback_code, feedback_inbox, feedback_reply
from survey_app.services.feedback import ANSWERED, FORWARDED, READ, RECEIVED, FeedbackKeys
from survey_app.services.masking import masked
from survey_app.services.sealing import seal, unseal
from survey_app.services.trail.audit import record

STATES = {"received": RECEIVED, "read": READ, "forwarded": FORWARDED, "answered": ANSWERED}
NAME_DIGITS = 12
LONGEST_REPLY = 500
FEWEST = 20
"""So many texts of one agency and quarter are handed over together, or none."""


@dataclass(frozen=True)
class Feedback:
    """One feedback as staff see it: its name, how far it has come, its masked text."""

    name: str
    state: str
    agency: str
    quarter: str
    kind: str
    text: str


def list_feedback(
    engine: Engine, keys: FeedbackKeys, *, quarter: str | None = None, names: Sequence[str] = ()
) -> list[Feedback]:
    """Return the feedback that was taken here, of all quarters or one, in a random order.

    ``names`` of staff are masked, as numbers and addresses are.
    """
    words = {state: word for word, state in STATES.items()}
    with reading(engine) as connection:
        states = dict(
            connection.execute(select(feedback_code.c.code_mac, feedback_code.c.state)).all()
        )
        sealed = connection.scalars(select(feedback_inbox.c.sealed)).all()
    # Comments of a survey lie there too, sealed to the key of their round.
    opened = [
        json.loads(message) for one in sealed if (message := unseal(one, keys.private)) is not None
    ]
    found = [
        Feedback(
            one["code_mac"][:NAME_DIGITS],
            words[states[bytes.fromhex(one["code_mac"])]],
            one["agency"],
            one["quarter"],
            one["kind"],
            masked(one["text"], names),
        )
        for one in opened
        if quarter in {None, one["quarter"]}
    ]
    with writing(engine) as connection:
        record(connection, "feedback-read", quarter or "", {"texts": len(found)})
    secrets.SystemRandom().shuffle(found)
    return found


def for_agency(
    engine: Engine, keys: FeedbackKeys, agency: str, quarter: str, names: Sequence[str] = ()
) -> list[Feedback]:
    """Return what an agency is handed over of a quarter.

    Raises
    ------
    RoundError
        ``feedback-few``: fewer than twenty texts, which would tell who wrote them.
    """
    found = [
        one
        for one in list_feedback(engine, keys, quarter=quarter, names=names)
        if one.agency == agency
    ]
    if len(found) < FEWEST:
        raise RoundError(
            Finding(
                "feedback-few",
                Words(
                    f"Cơ quan {agency} có chưa đến {FEWEST} góp ý trong quý {quarter}.",
                    f"Agency {agency} has fewer than {FEWEST} feedbacks in {quarter}.",
                ),
                Words(
                    "Chưa chuyển nguyên văn được, vì dễ lộ người viết; hãy tóm tắt hoặc chờ.",
                    "The texts cannot be handed over, since they would show who wrote them; "
                    "summarise them or wait.",
                ),
            )
        )
    return found


def mark(engine: Engine, keys: FeedbackKeys, name: str, state: str, reply: str = "") -> None:
    """Say how far a feedback has come; a reply is shown to whoever has its code.

    Raises
    ------
    RoundError
        ``feedback-unknown``: no feedback, or several, begin with this name; ``reply-unusable``;
        ``reply-early``: a reply with another state than answered.
    """
    kept = normalized(reply).strip()
    _refuse_reply(kept, state)
    with writing(engine) as connection:
        macs = [bytes(mac) for mac in connection.scalars(select(feedback_code.c.code_mac))]
        found = [mac for mac in macs if name and mac.hex().startswith(name.lower())]
        if len(found) != 1:
            raise RoundError(
                Finding(
                    "feedback-unknown",
                    Words(f"Không có góp ý {name}.", f"There is no feedback {name}."),
                    Words("Xem: hailong feedback list", "See: hailong feedback list"),
                )
            )
        own = feedback_reply.c.code_mac == found[0]
        connection.execute(
            update(feedback_code)
            .where(feedback_code.c.code_mac == found[0])
            .values(state=STATES[state])
        )
        connection.execute(delete(feedback_reply).where(own))
        if kept:
            row = {"code_mac": found[0], "sealed": seal(kept.encode(), keys.public)}
            connection.execute(insert(feedback_reply), row)


def _refuse_reply(reply: str, state: str) -> None:
    if len(reply) > LONGEST_REPLY or forbidden_character(reply):
        raise RoundError(
            Finding(
                "reply-unusable",
                Words("Câu trả lời không dùng được.", "The reply cannot be used."),
                Words(
                    f"Nhiều nhất {LONGEST_REPLY} ký tự, không có ký tự ẩn.",
                    f"At most {LONGEST_REPLY} characters, none of them hidden.",
                ),
            )
        )
    if reply and state != "answered":
        raise RoundError(
            Finding(
                "reply-early",
                Words(
                    "Câu trả lời chỉ đi cùng trạng thái answered.",
                    "A reply goes with the state answered only.",
                ),
                Words("Hãy dùng: answered --reply …", "Use: answered --reply …"),
            )
        )
