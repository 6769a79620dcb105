"""Receipts after a round: the list of them that is published, and what is left without keys.

A receipt code has 80 random bits, so its hash can be published and tells nothing; whoever holds
the code can look it up. The list is sorted and goes by the round alone. No row of a response has
anything to do with it. When the keys of a round are destroyed, its receipts are kept as these
hashes: so it can still be told that a receipt was counted, and that it can be looked up no more.
"""

from __future__ import annotations

import hmac
from hashlib import sha256

from sqlalchemy import Connection, bindparam, select, update

from survey_app.db.fieldwork import receipt
from survey_app.services.codes import receipt_code
from survey_app.services.keys import RoundKeys

RECEIPT_BYTES = 10
_PREFIX = b"hailong-receipt-1|"
_KEEP_HASH = (
    update(receipt)
    .where(receipt.c.key_mac == bindparam("key"))
    .values(receipt_mac=bindparam("hash"))
)


def code_of(keys: RoundKeys, key_mac: bytes) -> str:
    """Return the 16 characters of the receipt that a client key leads to in a round."""
    return receipt_code(hmac.digest(keys.receipt, key_mac, sha256)[:RECEIPT_BYTES])


def mac_of(keys: RoundKeys, code: str) -> bytes:
    """Return what the table keeps of a receipt code while the round has its keys."""
    return hmac.digest(keys.lookup, code.encode("ascii"), sha256)


def hash_of(code: str) -> bytes:
    """Return what is published of a receipt code: SHA-256 of ``hailong-receipt-1|`` and it."""
    return sha256(_PREFIX + code.encode("ascii")).digest()


def receipt_list(connection: Connection, keys: RoundKeys) -> str:
    """Return the published list of a round: the hash of each receipt in hex, sorted, one a line."""
    hashes = sorted(one.hex() for one in _own(connection, keys).values())
    return "".join(f"{one}\n" for one in hashes)


def keep_hashes(connection: Connection, keys: RoundKeys) -> None:
    """Leave of the receipts of a round what is published of them, before its keys go."""
    rows = [{"key": key, "hash": found} for key, found in _own(connection, keys).items()]
    if rows:
        connection.execute(_KEEP_HASH, rows)


def _own(connection: Connection, keys: RoundKeys) -> dict[bytes, bytes]:
    """Return the published hash of each receipt of a round by its key; the table names no round."""
    found = {}
    for row in connection.execute(select(receipt.c.key_mac, receipt.c.receipt_mac)):
        code = code_of(keys, row.key_mac)
        if hmac.compare_digest(mac_of(keys, code), row.receipt_mac):
            found[bytes(row.key_mac)] = hash_of(code)
    return found
