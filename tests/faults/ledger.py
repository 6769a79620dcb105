"""What the senders know, and whether the database knows the same.

The ledger holds every key that was sent and every receipt that came back. Each questionnaire
carries the number of its sender in its answers, so a lost or doubled one is seen by itself.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from threading import Lock

from builders import a_form
from sqlalchemy import func, select

from survey_app.db import reading
from survey_app.db.answers import INBOXES, response
from survey_app.db.fieldwork import USED, invitation, receipt
from survey_app.services.answering import _key_mac, _receipt_code
from survey_app.services.installation import Installation
from survey_app.services.sealing import unseal

DIGITS = 8
CHOICES = 5


def numbered(number: int) -> dict[str, str | list[str]]:
    """A filled form that says who sent it: eight answers are the digits of a number."""
    digits = [number // CHOICES**place % CHOICES for place in range(DIGITS)]
    return a_form(**{f"cau_9_{place + 1:02}": str(one + 1) for place, one in enumerate(digits)})


def number_of(answers: dict[str, int]) -> int:
    """The number that `numbered` put into a form."""
    digits = [answers[f"cau_9_{place + 1:02}"] - 1 for place in range(DIGITS)]
    return sum(digit * CHOICES**place for place, digit in enumerate(digits))


@dataclass
class Ledger:
    """Keys that were sent with their codes and numbers, and receipts that came back."""

    codes: list[str]
    sent: dict[str, tuple[str, int]] = field(default_factory=dict)
    got: dict[str, str] = field(default_factory=dict)
    answers: Counter = field(default_factory=Counter)
    longest: float = 0.0
    _lock: Lock = field(default_factory=Lock)

    def will_send(self, key: str, code: str, number: int) -> None:
        with self._lock:
            self.sent[key] = (code, number)

    def was_answered(self, key: str, status: object, given: str | None, seconds: float = 0) -> None:
        with self._lock:
            self.answers[status] += 1
            self.longest = max(self.longest, seconds)
            if given is not None:
                assert self.got.setdefault(key, given) == given, "one key, two receipts"


@dataclass(frozen=True)
class Tally:
    """What is left after a fault."""

    acknowledged: int
    present: int
    lost: int
    doubled: int

    def line(self, fault: str, seconds: float, *also: str) -> str:
        words = f"{fault:34} acknowledged {self.acknowledged:6}  present {self.present:6}  "
        words += f"lost {self.lost}  doubled {self.doubled}  {seconds:6.1f} s"
        return "  ".join([words, *also])


def tally(installation: Installation, ledger: Ledger, round_id: str = "demo") -> Tally:
    """Compare the ledger with the database; every invariant that must hold is asserted."""
    keys = installation.keyring()[round_id]
    with reading(installation.engine) as connection:
        known = {row.key_mac: row.receipt_mac for row in connection.execute(select(receipt))}
        used = connection.scalar(
            select(func.count()).select_from(invitation).where(invitation.c.state == USED)
        )
        sealed = [
            row.sealed
            for inbox in INBOXES.values()
            for row in connection.execute(select(inbox.c.sealed))
        ]
        mixed = list(connection.execute(select(response.c.answers)).scalars())
    waiting = [json.loads(unseal(one, keys.private))["answers"] for one in sealed]
    numbers = Counter(number_of(one) for one in waiting + mixed)
    macs = {_key_mac(keys, code, key): key for key, (code, _) in ledger.sent.items()}
    present = {macs[mac] for mac in known}  # a receipt that nobody sent for is an error here
    lost = set(ledger.got) - present
    numbers_sent = Counter(ledger.sent[key][1] for key in present)
    doubled = sum((numbers - numbers_sent).values())
    missing = sum((numbers_sent - numbers).values())
    assert used == len(known) == len(waiting) + len(mixed)
    for key, given in ledger.got.items():
        mac = _key_mac(keys, ledger.sent[key][0], key)
        assert given == _receipt_code(keys, mac)
    return Tally(len(ledger.got), len(present), len(lost) + missing, doubled)
