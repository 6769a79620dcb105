"""A release: a frozen folder, its manifest, and the check that it is still what it was.

``build_release`` writes the folder beside its place and moves it there in one step, so that
an interrupted build leaves the release that stood before. The same content gives the same
bytes. With what the manifest is signed and who may publish are left to the caller.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from analysis.publication.content import ReleaseContent, RoundFacts
from analysis.publication.pages import write_site
from analysis.publication.tables import FACTS, freeze
from intake.findings import Finding, ReleaseError, Words
from intake.text import ID_PATTERN

__all__ = [
    "ReleaseContent",
    "RoundFacts",
    "build_release",
    "rebuild_site",
    "seal",
    "verify_release",
]

MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"
_BUILD_AGAIN = Words(
    "Hãy lấy lại bản công bố gốc hoặc lập lại.", "Fetch the original release or build it again."
)


def build_release(
    content: ReleaseContent,
    out: Path,
    *,
    more: Mapping[str, Path] | None = None,
    sign: Callable[[bytes], bytes] | None = None,
) -> dict[str, Any]:
    """Write the release folder ``out`` and return its manifest.

    Parameters
    ----------
    content
        What is published, before disclosure control.
    out
        The folder. One that is there already is replaced once the new one is complete.
    more
        Further files by their path in the folder, such as ``report/...`` and ``log/...``;
        they are copied and stand in the manifest.
    sign
        Gives the signature of the bytes of ``manifest.json``, kept as ``manifest.sig``.

    Raises
    ------
    ReleaseError
        The content is at fault. Nothing is changed.
    """
    _check(content)
    copies = {f"data/{name}": path for name, path in content.files.items()} | dict(more or {})
    _check_copies(copies)
    out = out.absolute()
    out.parent.mkdir(parents=True, exist_ok=True)
    _tidy(out)
    building = Path(tempfile.mkdtemp(prefix=f".{out.name}.building-", dir=out.parent))
    try:
        building.chmod(0o755)
        freeze(content, building / "tables")
        for name, path in sorted(copies.items()):
            target = building / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
        write_site(building)
        manifest = seal(building)
        if sign:
            (building / SIGNATURE).write_bytes(sign((building / MANIFEST).read_bytes()))
        _swap(building, out)
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return manifest


def rebuild_site(folder: Path) -> None:
    """Write the pages of a release again from its frozen tables: the same bytes.

    Raises
    ------
    ReleaseError
        The frozen tables cannot be read. The pages stay as they are.
    """
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}.site-", dir=folder.parent) as name:
        beside = Path(name)
        for part in ("tables", "data", "log"):
            if (folder / part).is_dir():
                shutil.copytree(folder / part, beside / part)
        write_site(beside)
        _swap(beside / "site", folder / "site")


def seal(folder: Path) -> dict[str, Any]:
    """Write ``manifest.json`` with the SHA-256 of every file of the folder, and return it."""
    facts = json.loads((folder / "tables" / FACTS).read_text(encoding="utf-8"))
    kept = (
        "title",
        "province",
        "simulated",
        "two_person",
        "released_on",
        "versions",
        "seeds",
        "withheld",
        "corrects",
        "key_sha256",
    )
    manifest: dict[str, Any] = {
        "format": "hailong-release-1",
        "files": _digests(folder),
        "rounds": [each["id"] for each in facts["rounds"]],
        "rules": {
            "in_force": facts["rule"],
            "version": facts["rule_version"],
            "computed": ["top2", "mean5", "mean04"],
        },
        **{name: facts[name] for name in kept},
    }
    text = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    (folder / MANIFEST).write_text(text, encoding="utf-8")
    return manifest


def verify_release(folder: Path) -> list[Finding]:
    """Compare a release folder with its manifest; return what is missing, added or changed.

    The signature of the manifest is checked elsewhere. An empty list means that every file is
    byte for byte the one that was published.
    """
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        files = {str(name): str(digest) for name, digest in manifest["files"].items()}
    except (OSError, ValueError, KeyError, AttributeError, TypeError, RecursionError):
        return [
            Finding(
                "release-manifest-unreadable",
                Words("Không đọc được tệp kê manifest.json.", "manifest.json cannot be read."),
                _BUILD_AGAIN,
                file=MANIFEST,
            )
        ]
    found = _digests(folder)
    findings = []
    for name in sorted({*files, *found}):
        if name not in found:
            said = ("missing", Words(f"Thiếu tệp {name}.", f"The file {name} is missing."))
        elif name not in files:
            said = (
                "added",
                Words(
                    f"Tệp {name} không có trong bản kê.",
                    f"The file {name} is not in the manifest.",
                ),
            )
        elif files[name] != found[name]:
            said = (
                "changed",
                Words(f"Tệp {name} đã bị thay đổi.", f"The file {name} was changed."),
            )
        else:
            continue
        findings.append(Finding(f"release-file-{said[0]}", said[1], _BUILD_AGAIN, file=name))
    return findings


def _digests(folder: Path) -> dict[str, str]:
    found = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if name in {MANIFEST, SIGNATURE} or (path.is_dir() and not path.is_symlink()):
            continue
        # A link is no published file: whatever it points to, its digest never matches.
        content = b"link" if path.is_symlink() else path.read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        found[name] = f"link-{digest}" if path.is_symlink() else digest
    return found


def _check(content: ReleaseContent) -> None:
    named = all(ID_PATTERN.match(each.id) for each in content.rounds)
    if content.rule in {"top2", "mean5", "mean04"} and content.rounds and named:
        return
    raise ReleaseError.of(
        "release-content",
        f"Bản công bố cần ít nhất một đợt và một quy tắc đã biết (có: '{content.rule}').",
        f"A release needs at least one round and a known rule (given: '{content.rule}').",
        "Quy tắc là top2, mean5 hoặc mean04.",
        "The rule is top2, mean5 or mean04.",
    )


def _check_copies(copies: Mapping[str, Path]) -> None:
    findings = []
    for name, path in copies.items():
        parts = PurePosixPath(name)
        if parts.is_absolute() or ".." in parts.parts or "\\" in name or _is_own(parts):
            findings.append(
                Finding(
                    "release-path",
                    Words(
                        f"Đường dẫn '{name}' không hợp lệ.", f"The path '{name}' is not allowed."
                    ),
                    Words(
                        "Hãy dùng đường dẫn tương đối bên trong bản công bố.",
                        "Use a relative path inside the release.",
                    ),
                    file=name,
                )
            )
        elif not path.is_file():
            findings.append(
                Finding(
                    "release-source-missing",
                    Words(f"Không có tệp {path}.", f"There is no file {path}."),
                    Words("Hãy kiểm tra đường dẫn.", "Check the path."),
                    file=name,
                )
            )
    if findings:
        raise ReleaseError(findings)


def _is_own(path: PurePosixPath) -> bool:
    """Say whether the release writes this path itself."""
    return not path.parts or path.parts[0] in {"site", "tables", MANIFEST, SIGNATURE}


def _swap(new: Path, place: Path) -> None:
    """Put a finished folder in its place; what stood there goes only when it is done."""
    old = place.with_name(f".{place.name}.old")
    if old.exists():
        shutil.rmtree(old)
    if place.exists():
        place.rename(old)
    new.rename(place)
    shutil.rmtree(old, ignore_errors=True)


def _tidy(out: Path) -> None:
    """Mend what an interrupted build left: bring the old release back, drop unfinished ones."""
    old = out.with_name(f".{out.name}.old")
    if old.exists() and not out.exists():
        old.rename(out)
    for leftover in out.parent.glob(f".{out.name}.building-*"):
        shutil.rmtree(leftover, ignore_errors=True)
