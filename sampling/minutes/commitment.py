"""The commitment to a draw before it is made, and its opening when the draw is made.

What is published first are the hashes of the frame and of the design, the SHA-256 of a
secret, and the name of a public value that nobody can know yet (Blum 1981, Coin flipping by
telephone, is the idea: whoever has published a hash cannot choose afterwards, and whoever
has seen one has learnt nothing). When the public value is known, the secret is opened, and
the seed follows from all four. ``commitment.json`` holds it:

``version``, ``algorithm``
    1, and the algorithm of the draw.
``H_frame``, ``H_design``, ``commitment``
    SHA-256 of ``frame.csv``, ``design.json`` and the secret, in lower-case hexadecimal.
``public_source``, ``public_at``
    What the public value will be, and from when it is known.
``made_at``
    When the commitment was made. Moments are ISO 8601 with their distance from UTC.
``frame``, ``design``
    Units, total size and strata of the frame; name of the design.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

from intake.findings import DrawError, Faults, Finding, Words
from intake.text import forbidden_character, normalized
from sampling import chance
from sampling.design import SampleDesign
from sampling.frame import Frame
from sampling.minutes.figures import moment
from sampling.takes import takes_of

VERSION = 1
VIETNAM = timezone(timedelta(hours=7))

_MAX_FILE = 64 * 1024
_MAX_TEXT = 1000
_HASH = re.compile(r"[0-9a-f]{64}")
_HASHES = ("H_frame", "H_design", "commitment")


@dataclass(frozen=True)
class Commitment:
    """A commitment to a draw; the module says what each field holds."""

    h_frame: str
    h_design: str
    secret_hash: str
    public_source: str
    public_at: datetime
    made_at: datetime
    frame: Mapping[str, object]
    design: str
    algorithm: str = chance.ALGORITHM

    def as_dict(self) -> dict[str, object]:
        """Return the commitment as plain values, as ``commitment.json`` holds them."""
        return {
            "version": VERSION,
            "algorithm": self.algorithm,
            "H_frame": self.h_frame,
            "H_design": self.h_design,
            "commitment": self.secret_hash,
            "public_source": self.public_source,
            "public_at": self.public_at.isoformat(timespec="minutes"),
            "made_at": self.made_at.isoformat(timespec="minutes"),
            "frame": dict(self.frame),
            "design": self.design,
        }

    @property
    def canonical(self) -> bytes:
        """The bytes of ``commitment.json``."""
        return (json.dumps(self.as_dict(), ensure_ascii=False, indent=1) + "\n").encode("utf-8")


def commit(
    frame: Frame,
    design: SampleDesign,
    secret: str,
    *,
    public_source: str,
    public_at: datetime,
    made_at: datetime,
) -> Commitment:
    """Commit to a draw: fix frame, design and secret, and name the public value to come.

    Parameters
    ----------
    frame, design
        What will be drawn from, and what will be drawn.
    secret
        One line of text; 256 random bits as 64 hexadecimal characters are best.
    public_source
        What the public value will be: "drand quicknet, vòng 12345678", "kết quả xổ số …".
    public_at, made_at
        From when it is known, and the time now. Without a distance from UTC both are taken
        as Vietnamese time; seconds are dropped.

    Raises
    ------
    DesignError
        The design does not fit the frame.
    DrawError
        Secret or source are not plain texts, or the public value is known already.

    Examples
    --------
    >>> frame = Frame.from_rows([{"unit_id": "a", "unit_name": "A", "province": "31",
    ...     "stratum": "s", "size": 9}])
    >>> design = SampleDesign.from_dict(
    ...     {"version": 1, "stages": [{"unit": "commune", "method": "srs", "take": 1}]})
    >>> made = commit(frame, design, "7", public_source="lottery",
    ...     public_at=datetime(2026, 7, 2, 18, 30), made_at=datetime(2026, 6, 20, 9))
    >>> made.secret_hash[:8], made.as_dict()["public_at"]
    ('7902699b', '2026-07-02T18:30+07:00')
    """
    takes_of(design, frame)
    faults = Faults()
    _check_text(faults, secret, "seed", "draw-seed-invalid")
    _check_text(faults, public_source, "public_source", "draw-public-source-invalid")
    made_at, public_at = to_minute(made_at), to_minute(public_at)
    if public_at <= made_at:
        faults.add(
            "draw-public-too-early",
            Words(
                f"Giá trị công khai biết được từ {moment(public_at, 'vi')}, không sau lúc cam "
                f"kết ({moment(made_at, 'vi')}).",
                f"The public value is known from {moment(public_at, 'en')}, which is not after "
                f"the commitment ({moment(made_at, 'en')}).",
            ),
            Words(
                "Chọn một giá trị mà lúc công bố cam kết chưa ai biết.",
                "Name a value that nobody knows when the commitment is published.",
            ),
            path="public_at",
        )
    faults.raise_as(DrawError)
    return Commitment(
        frame.sha256,
        design.sha256,
        chance.sha256_text(secret),
        public_source,
        public_at,
        made_at,
        {key: value for key, value in frame.summary.items() if key != "sha256"},
        design.name,
    )


def read_commitment(path: Path | str) -> Commitment:
    """Read ``commitment.json``.

    Raises
    ------
    DrawError
        It is too large, no JSON, of an unknown version, or a field is missing or wrong.
    """
    path = Path(path)
    try:
        if path.stat().st_size > _MAX_FILE:
            raise ValueError
        stored = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError):
        stored = None
    if not isinstance(stored, dict):
        raise _broken(path, Words("không phải JSON", "it is no JSON object"))
    for key, known in (("version", VERSION), ("algorithm", chance.ALGORITHM)):
        if stored.get(key) != known or isinstance(stored.get(key), bool):
            value = shortened(stored.get(key))
            raise _broken(path, Words(f"{key} là {value}", f"{key} is {value}"), key)
    return _parts(path, stored)


def _parts(path: Path, stored: Mapping[str, object]) -> Commitment:
    """Return the commitment that plain values hold, each of them checked."""
    texts = {key: stored.get(key) for key in (*_HASHES, "public_source", "design")}
    for key, value in texts.items():
        plain = isinstance(value, str) and forbidden_character(value) is None
        if not plain or (key in _HASHES and not _HASH.fullmatch(str(value))):
            raise _broken(path, Words(f"{key} không hợp lệ", f"{key} is not usable"), key)
    moments = {}
    for key in ("public_at", "made_at"):
        try:
            moments[key] = to_minute(datetime.fromisoformat(str(stored.get(key))))
        except (ValueError, OverflowError):
            raise _broken(
                path, Words(f"{key} không phải thời điểm", f"{key} is no time"), key
            ) from None
    about = stored.get("frame")
    return Commitment(
        str(texts["H_frame"]),
        str(texts["H_design"]),
        str(texts["commitment"]),
        str(texts["public_source"]),
        moments["public_at"],
        moments["made_at"],
        about if isinstance(about, dict) else {},
        str(texts["design"]),
    )


def to_minute(value: datetime) -> datetime:
    """Return a moment in Vietnamese time, without seconds."""
    aware = value if value.tzinfo else value.replace(tzinfo=VIETNAM)
    return aware.astimezone(VIETNAM).replace(second=0, microsecond=0)


def shortened(value: object) -> str:
    """Return a value that somebody else wrote, short enough for a message."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 40 else text[:40] + "…"


def _check_text(faults: Faults, text: str, path: str, code: str) -> None:
    plain = text == normalized(text).strip() and not forbidden_character(text)
    if text and plain and "\n" not in text and len(text) <= _MAX_TEXT:
        return
    faults.add(
        code,
        Words(f"Giá trị “{path}” không hợp lệ.", f"The value of '{path}' is not usable."),
        Words(
            f"Dùng một dòng chữ, tối đa {_MAX_TEXT} ký tự, không có dấu cách ở hai đầu.",
            f"Use one line of text, at most {_MAX_TEXT} characters, without blanks at its ends.",
        ),
        path=path,
    )


def _broken(path: Path, why: Words, place: str | None = None) -> DrawError:
    return DrawError(
        Finding(
            "draw-commitment-broken",
            Words(f"Không dùng được tệp cam kết: {why.vi}.", f"No usable commitment: {why.en}."),
            Words("Lấy lại bản đã công bố.", "Fetch the published file."),
            file=path.name,
            path=place,
        )
    )
