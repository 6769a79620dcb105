"""Releases that take the place of earlier ones: a new folder that names the old, which stays."""

from __future__ import annotations

import json
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import select

from intake.findings import Finding, ReleaseError, Words
from intake.text import forbidden_character, normalized
from survey_app.config import Settings
from survey_app.db import reading
from survey_app.db.audit import audit
from survey_app.services.installation import Installation
from survey_app.services.releases.counts import earlier_releases

LONGEST_REASON = 1000


def newest_release(settings: Settings) -> Path | None:
    """Return the folder of the newest release that no other one corrects, or None."""
    found, corrected = [], set()
    for manifest in settings.releases.glob("*/manifest.json"):
        if not _stands(manifest.parent):
            continue
        held = json.loads(manifest.read_text(encoding="utf-8"))
        corrected.add((held.get("corrects") or {}).get("manifest_sha256"))
        found.append((str(held.get("released_on", "")), manifest.parent))
    standing = [one for one in found if _manifest(one[1]) not in corrected]
    return max(standing)[1] if standing else None


def _stands(folder: Path) -> bool:
    """Tell whether a folder is a release, and not one that is being built or taken away.

    A build that dies in the moment of the exchange leaves the release that stood before beside
    its place, as ``.NAME.old``: until the next build that is the one that stands.
    """
    if not folder.name.startswith("."):
        return True
    name = folder.name.removeprefix(".").removesuffix(".old")
    return folder.name == f".{name}.old" and not folder.with_name(name).exists()


def correction_of(
    installation: Installation,
    rounds: Sequence[str],
    year: int,
    out: Path,
    corrects: str,
    reason: str,
) -> dict[str, str] | None:
    """Return what a release corrects, or None where it is the first of its rounds and year.

    Parameters
    ----------
    corrects
        SHA-256 of the manifest of the release that is replaced, empty for none.

    Raises
    ------
    ReleaseError
        ``corrects-unknown``: the log knows of no such release of the year; ``reason-unusable``;
        ``release-stands``: these rounds were published, and no correction is named;
        ``release-kept``: the folder holds a published release, which stays. In a trial the last
        two are let pass. All at once.
    """
    published = _published(installation, year)
    kept, trial = normalized(reason).strip(), not installation.settings.two_person
    findings = []
    if corrects and corrects not in published:
        findings.append(
            _refused(
                "corrects-unknown",
                f"Nhật ký không có bản công bố năm {year} với mã {corrects[:64]}.",
                f"The log knows of no release of {year} with the hash {corrects[:64]}.",
            )
        )
    if bool(corrects) != bool(kept) or len(kept) > LONGEST_REASON or forbidden_character(kept):
        findings.append(
            _refused(
                "reason-unusable",
                "Đính chính cần --corrects và --reason; lý do dài tối đa "
                f"{LONGEST_REASON} ký tự lưu được.",
                "A correction takes both --corrects and --reason, of at most "
                f"{LONGEST_REASON} characters that can be stored.",
            )
        )
    standing = [one for one, held in published.items() if set(held) & set(rounds)]
    if standing and not corrects and not trial:
        findings.append(
            _refused(
                "release-stands",
                f"Đã có bản công bố của các đợt này: {standing[-1]}.",
                f"These rounds were published before: {standing[-1]}.",
            )
        )
    if _manifest(out) in published and (corrects or not trial):
        findings.append(
            _refused(
                "release-kept",
                f"{out} chứa một bản đã công bố; bản đó phải giữ nguyên.",
                f"{out} holds a release that was published; it stays as it is.",
            )
        )
    if findings:
        raise ReleaseError(findings)
    return {"manifest_sha256": corrects, "reason": kept} if corrects else None


def published_before(
    installation: Installation, rounds: Sequence[str], *, corrected: bool
) -> list[str]:
    """Return the hashes of the manifests of earlier releases of rounds, of whatever year.

    None for a trial that corrects nothing.
    """
    compared = corrected or installation.settings.two_person
    return earlier_releases(_built(installation), rounds, compared=compared)


def _published(installation: Installation, year: int) -> dict[str, list[str]]:
    """Return the rounds of each release of a year by the hash of its manifest, oldest first."""
    made = _built(installation, year)
    return {one["files"]["manifest.json"]: one["rounds"] for one in made}


def _built(installation: Installation, year: int | None = None) -> list[dict[str, Any]]:
    """Return what the log says of each release, of a year or of all, oldest first."""
    query = select(audit.c.payload).where(audit.c.action == "release-built")
    if year is not None:
        query = query.where(audit.c.object == str(year))
    with reading(installation.engine) as connection:
        rows = connection.execute(query.order_by(audit.c.seq)).scalars()
        return [json.loads(row) for row in rows]


def _manifest(folder: Path) -> str:
    path = folder / "manifest.json"
    return sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def _refused(code: str, vi: str, en: str) -> Finding:
    return Finding(
        code,
        Words(vi, en),
        Words(
            "Lập bản mới trong thư mục mới với --corrects MÃ và --reason LÝ_DO.",
            "Build a new one in a new folder with --corrects SHA256 and --reason WHY.",
        ),
    )
