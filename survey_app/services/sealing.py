"""Sealing answers on arrival, so that a stolen database shows none that wait to be mixed.

X25519 with a fresh key for each message, HKDF-SHA-256, ChaCha20-Poly1305. Every message is
padded to a multiple of 8 KiB, so that its length says nothing about the answers.
"""

from __future__ import annotations

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

PADDED = 8 * 1024
_KEY = 32
# Each message has a key of its own, so one fixed nonce is used once per key.
_NONCE = bytes(12)
_LABEL = b"hailong answer v1"


def seal(message: bytes, to: X25519PublicKey) -> bytes:
    """Return the message sealed to a public key: ephemeral key, then ciphertext."""
    ephemeral = X25519PrivateKey.generate()
    head = ephemeral.public_key().public_bytes_raw()
    key = _derive(ephemeral.exchange(to), head, to)
    return head + ChaCha20Poly1305(key).encrypt(_NONCE, _padded(message), None)


def unseal(sealed: bytes, private: X25519PrivateKey) -> bytes | None:
    """Return the message, or None where it was sealed to another key or was changed."""
    head, body = sealed[:_KEY], sealed[_KEY:]
    shared = private.exchange(X25519PublicKey.from_public_bytes(head))
    try:
        padded = ChaCha20Poly1305(_derive(shared, head, private.public_key())).decrypt(
            _NONCE, body, None
        )
    except InvalidTag:
        return None
    length = int.from_bytes(padded[:4], "big")
    return padded[4 : 4 + length]


def _padded(message: bytes) -> bytes:
    framed = len(message).to_bytes(4, "big") + message
    return framed + bytes(-len(framed) % PADDED)


def _derive(shared: bytes, head: bytes, to: X25519PublicKey) -> bytes:
    kdf = HKDF(
        algorithm=SHA256(), length=_KEY, salt=None, info=_LABEL + head + to.public_bytes_raw()
    )
    return kdf.derive(shared)
