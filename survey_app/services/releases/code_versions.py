"""Which program made a release: its version, its files, the libraries that compute."""

from __future__ import annotations

from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_ROOT = Path(__file__).parents[3]
_PACKAGES = ("analysis", "intake", "questionnaires", "sampling", "survey_app")
_ENDINGS = {".py", ".yaml", ".html", ".css", ".js", ".csv"}
_COMPUTING = ("cryptography", "numpy", "pandas", "pyarrow", "scipy")
LOCK = "requirements.lock"


def code_versions() -> dict[str, str]:
    """Return version and SHA-256 of the program, of its lock file, and versions of libraries.

    ``lock_sha256`` is empty where the program was installed without the file.
    """
    lock = _ROOT / LOCK
    return {
        "hailong": version("hailong"),
        "code_sha256": code_digest(),
        "lock_sha256": sha256(lock.read_bytes()).hexdigest() if lock.is_file() else "",
        **{name: found for name in _COMPUTING if (found := _version(name))},
    }


def code_digest() -> str:
    """Return one SHA-256 over the program's own files: each path and digest, sorted."""
    lines = [
        f"{sha256(path.read_bytes()).hexdigest()}  {path.relative_to(_ROOT).as_posix()}\n"
        for package in _PACKAGES
        for path in (_ROOT / package).rglob("*")
        if path.suffix in _ENDINGS
    ]
    return sha256("".join(sorted(lines)).encode()).hexdigest()


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
