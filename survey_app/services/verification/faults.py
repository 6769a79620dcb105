"""How a fault of a release is told."""

from __future__ import annotations

from intake.findings import Finding, ReleaseError, Words

_ADVICE = Words(
    "Đừng dùng bản này. Hãy lấy lại bản gốc, hoặc hỏi cơ quan công bố.",
    "Do not rely on this copy. Fetch the original again, or ask whoever published it.",
)


def wrong(code: str, item: str, vi: str, en: str) -> Finding:
    """Return the finding that names a bad item of a release."""
    return Finding(code, Words(vi, en), _ADVICE, path=item)


def unreadable(file: str) -> ReleaseError:
    """Return the error of a file of a release that is not what it should be."""
    return ReleaseError(
        wrong(
            "release-file-unreadable",
            file,
            f"Không đọc được tệp {file} của bản công bố.",
            f"The file {file} of the release cannot be read.",
        )
    )
