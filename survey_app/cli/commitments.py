"""What the commands of a draw share: the secret and its file, the moment, the papers."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from intake.findings import DrawError, Finding, Words

if TYPE_CHECKING:
    from sampling.drawing import Draw
    from sampling.minutes import Commitment

COMMITMENT = "commitment.json"
_MAX_SECRET = 4096
_SHORT_SECRET = 32
_PAPER_OPTIONS = (
    ("operator", "Who carries it out."),
    ("place", "Where; printed before the day."),
    ("issuer", "The body that issues the paper."),
    ("parent", "The body above it."),
    ("survey", "Title of the survey."),
)


def paper_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add what an official paper says about its occasion; left out, it is filled in by hand."""
    for name, meaning in reversed(_PAPER_OPTIONS):
        command = click.option(f"--{name}", default="", help=meaning)(command)
    return command


def now() -> datetime:
    """Return the time on the clock of this machine."""
    return datetime.now(UTC)


def new_secret(path: Path) -> str:
    """Make a secret of 256 random bits, in a new file that its owner alone can read."""
    secret = secrets.token_hex(32)
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secret + "\n")
    return secret


def read_secret(path: Path) -> tuple[str, list[Finding]]:
    """Return the secret in a file, and warnings about it; line feeds at its end are dropped.

    Raises
    ------
    DrawError
        The file is empty, too large or no UTF-8.
    """
    try:
        if path.stat().st_size > _MAX_SECRET:
            raise ValueError
        secret = path.read_text(encoding="utf-8").rstrip("\r\n")
        if not secret:
            raise ValueError
    except ValueError:
        raise DrawError.of(
            "draw-secret-file-unusable",
            "Tệp bí mật trống, quá lớn hoặc không phải chữ UTF-8.",
            "The file of the secret is empty, too large or no UTF-8 text.",
            "Ghi giá trị bí mật trên một dòng.",
            "Write the secret on one line.",
            file=path.name,
        ) from None
    return secret, _warnings(path, secret)


def _warnings(path: Path, secret: str) -> list[Finding]:
    found = []
    if os.name == "posix" and path.stat().st_mode & 0o077:
        found.append(
            Finding(
                "draw-secret-readable",
                Words("Người khác đọc được tệp bí mật.", "Others can read the secret's file."),
                Words("Chạy: chmod 600.", "Run: chmod 600."),
                "warning",
                path.name,
            )
        )
    if len(secret) < _SHORT_SECRET:
        found.append(
            Finding(
                "draw-secret-short",
                Words(
                    f"Giá trị bí mật chỉ dài {len(secret)} ký tự: có thể đoán ra từ mã băm.",
                    f"The secret has {len(secret)} characters: it can be guessed from its hash.",
                ),
                Words(
                    f"Dùng ít nhất {_SHORT_SECRET} ký tự ngẫu nhiên.",
                    f"Use at least {_SHORT_SECRET} random characters.",
                ),
                "warning",
                path.name,
            )
        )
    return found


def moment_of(text: str) -> datetime:
    """Return the moment that a text names: a day, or a day and a time.

    Raises
    ------
    DrawError
        It is neither.
    """
    try:
        found = datetime.fromisoformat(text.strip())
        found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise DrawError.of(
            "draw-public-time-invalid",
            f"Không hiểu thời điểm “{text[:40]}”.",
            f"'{text[:40]}' is no time.",
            "Ví dụ: 2026-07-02 18:30 (giờ Việt Nam).",
            "Such as: 2026-07-02 18:30 (Vietnamese time).",
            path="--public-at",
        ) from None
    return found


def require_new(folder: Path) -> None:
    """Refuse a folder that holds something.

    Raises
    ------
    DrawError
        It is not new and not empty.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise DrawError.of(
            "draw-directory-not-empty",
            f"Thư mục {folder.name} đã có nội dung.",
            f"The directory {folder.name} is not empty.",
            "Chọn thư mục mới: không ghi đè kết quả.",
            "Name a new one: nothing is overwritten.",
        )


def occasion_of(folder: Path) -> tuple[str, date | None]:
    """Return who drew and on which day, as far as the record of a draw names them."""
    occasion = json.loads((folder / "draw.json").read_text(encoding="utf-8")).get("occasion")
    if not isinstance(occasion, dict):
        return "", None
    try:
        day = date.fromisoformat(str(occasion.get("drawn_on")))
    except ValueError:
        day = None
    return str(occasion.get("operator", "")), day


def require_same(folder: Path, published: Path) -> Commitment:
    """Return the published commitment; refuse a draw that carries another one.

    Raises
    ------
    DrawError
        The two files say different things.
    """
    from sampling.minutes import read_commitment

    given = read_commitment(published)
    kept = folder / COMMITMENT
    if kept.exists() and read_commitment(kept) != given:
        raise DrawError.of(
            "draw-commitment-differs",
            "Cam kết trong thư mục kết quả khác với cam kết đã công bố.",
            "The commitment in the folder of the draw is not the published one.",
            "So với thông báo đã niêm yết.",
            "Compare both with the notice that was posted.",
            file=COMMITMENT,
        )
    return given


def write_papers(made: Draw, folder: Path, *, commitment: Path | None, **occasion: Any) -> None:  # noqa: ANN401
    """Write the minutes of a draw into its folder, and the commitment that it opens."""
    from sampling.minutes import minutes_files, read_commitment

    opened = read_commitment(commitment) if commitment else None
    if commitment:
        (folder / COMMITMENT).write_bytes(commitment.read_bytes())
    for name, data in minutes_files(made, commitment=opened, **occasion).items():
        (folder / name).write_bytes(data)
