"""Who signed the manifest of a release."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from analysis.publication.release import MANIFEST, SIGNATURE
from intake.findings import Finding, ReleaseError, Words
from survey_app.services.trail.checkpoints import PUBLIC_KEY, fingerprint, read_public_key
from survey_app.services.verification.bundle import Bundle
from survey_app.services.verification.faults import wrong

OWN_KEY = f"log/{PUBLIC_KEY}"


def read_signature(
    folder: Path, given: Ed25519PublicKey | None
) -> tuple[Ed25519PublicKey, list[Finding]]:
    """Return the key that signed the manifest, and a warning where it is only the release's own.

    Raises
    ------
    ReleaseError
        ``release-unsigned``, ``release-signature``.
    InstallationError
        ``public-key-unreadable``.
    """
    signature = folder / SIGNATURE
    if not signature.is_file() or not (given or (folder / OWN_KEY).is_file()):
        raise ReleaseError(
            wrong(
                "release-unsigned",
                SIGNATURE,
                "Bản công bố không có chữ ký: không chứng tỏ được ai đã lập.",
                "The release carries no signature: nothing shows who made it.",
            )
        )
    key = given or read_public_key(folder / OWN_KEY)
    try:
        key.verify(signature.read_bytes(), (folder / MANIFEST).read_bytes())
    except (InvalidSignature, OSError):
        raise ReleaseError(
            wrong(
                "release-signature",
                MANIFEST,
                f"Chữ ký của bản kê {MANIFEST} không phải của khóa này.",
                f"The signature of {MANIFEST} is not by that key.",
            )
        ) from None
    return key, [] if given else [_own_key(fingerprint(key))]


def same_key(bundle: Bundle) -> Iterator[Finding]:
    """Look whether the release names the key that signed it, in its files and on its pages."""
    text = bundle.file(OWN_KEY).read_text(encoding="ascii", errors="replace").strip()
    named = {bundle.facts["key_sha256"], bundle.manifest["key_sha256"]}
    if text != bundle.key.public_bytes_raw().hex() or named != {fingerprint(bundle.key)}:
        yield wrong(
            "release-key",
            OWN_KEY,
            "Bản công bố ghi một khóa khác với khóa đã ký.",
            "The release names another key than the one that signed it.",
        )
    for name in ("corrects", "released_on", "simulated", "two_person", "versions", "seeds"):
        if bundle.manifest[name] != bundle.facts[name]:
            yield wrong(
                "release-manifest",
                f"{MANIFEST} {name}",
                f"{name} trong {MANIFEST} khác với trong các bảng.",
                f"{name} in {MANIFEST} is not what the tables say.",
            )
            return


def _own_key(printed: str) -> Finding:
    return Finding(
        "signature-own-key",
        Words(
            f"Chữ ký chỉ được kiểm với khóa nằm ngay trong bản công bố. Dấu vân khóa: {printed}",
            "The signature was checked only against the key in the release itself. Its "
            f"fingerprint: {printed}",
        ),
        Words(
            "Hãy so dấu vân khóa với bản in đã công bố, hoặc thêm --key.",
            "Compare the fingerprint with the printed one, or give --key.",
        ),
        "warning",
        OWN_KEY,
    )
