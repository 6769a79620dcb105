"""What the script of a tablet or an interviewer's phone does to a finished form."""

from __future__ import annotations

import secrets
from base64 import b64decode, urlsafe_b64encode

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def sealed(point: str, body: str) -> str:
    """Seal a form as the script of a device does."""
    theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), b64decode(point))
    own = ec.generate_private_key(ec.SECP256R1())
    head = own.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    key = HKDF(algorithm=SHA256(), length=32, salt=head, info=b"hailong form v1").derive(
        own.exchange(ec.ECDH(), theirs)
    )
    framed = len(body.encode()).to_bytes(4, "big") + body.encode()
    nonce = secrets.token_bytes(12)
    bundle = AESGCM(key).encrypt(nonce, framed + bytes(-len(framed) % 4096), None)
    return urlsafe_b64encode(head + nonce + bundle).decode().rstrip("=")
