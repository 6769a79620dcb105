"""Forms that wait on a device which is not the respondent's own, sealed so that only we open them.

A tablet at a counter and an interviewer's phone keep a finished form until there is a network.
They hold no key that opens it again: the browser seals it to a public key of this installation
(P-256, which every browser's WebCrypto speaks), with a fresh key for each form. The private key
follows from the application's secret, so there is no further file to lose.

Sealed are ``ephemeral point ‖ nonce ‖ AES-256-GCM``; inside four bytes of length, the fields of
the form as a JSON list of pairs, zeros. The other half is ``static/respond/sealing.js``.
"""

from __future__ import annotations

from base64 import b64encode
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

_POINT, _NONCE, _KEY, _LENGTH = 65, 12, 32, 4
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_SCALAR = 48  # so many more bits than the order that the remainder favours no key


class SealedFormError(ValueError):
    """It was not sealed to this installation, or it was changed on its way."""


def public_key(secret: bytes) -> str:
    """Return what devices seal to, as base64 of the uncompressed point."""
    point = (
        _private(secret).public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    )
    return b64encode(point).decode()


def open_form(secret: bytes, sealed: bytes) -> str:
    """Return the text of a form that a device has sealed.

    Raises
    ------
    SealedFormError
        It cannot be opened; nothing more is told.
    """
    point, nonce = sealed[:_POINT], sealed[_POINT : _POINT + _NONCE]
    try:
        theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        shared = _private(secret).exchange(ec.ECDH(), theirs)
        key = _derive(shared, point, b"hailong form v1", _KEY)
        framed = AESGCM(key).decrypt(nonce, sealed[_POINT + _NONCE :], None)
        length = int.from_bytes(framed[:_LENGTH], "big")
        return framed[_LENGTH : _LENGTH + length].decode()
    except (ValueError, InvalidTag):
        raise SealedFormError("the sealed form cannot be opened") from None


@lru_cache(maxsize=4)
def _private(secret: bytes) -> ec.EllipticCurvePrivateKey:
    scalar = int.from_bytes(_derive(secret, b"", b"hailong form key v1", _SCALAR), "big")
    return ec.derive_private_key(scalar % (_ORDER - 1) + 1, ec.SECP256R1())


def _derive(secret: bytes, salt: bytes, label: bytes, length: int) -> bytes:
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=label).derive(secret)
