"""The files of a draw: written once, and read again to draw anew and compare."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from itertools import chain
from pathlib import Path

from intake.findings import DesignError, DrawError, Finding, HailongError, Words
from sampling import chance, redraw
from sampling.design import SampleDesign
from sampling.drawing import Draw, draw, persons_csv
from sampling.drawing.told import Told
from sampling.frame import read_frame, write_frame
from sampling.given import require
from sampling.sample import sample_csv

NEEDED = ("sample.csv", "reserves.csv", "draw.json", "frame.csv", "design.json")
PERSONS = "persons.csv"
REDRAW = "redraw.py"
_MAX_RECORD = 200 * 1024 * 1024
_DIFFERENT = {
    "sample.csv": "draw-sample-differs",
    "reserves.csv": "draw-reserves-differ",
    PERSONS: "draw-persons-differ",
}


def write_draw(
    draw: Draw, directory: Path | str, *, operator: str = "", drawn_on: date | None = None
) -> None:
    """Write the files of a draw into a new or empty directory.

    ``sample.csv``, ``reserves.csv``, ``draw.json``, ``minutes.md``, the canonical
    ``frame.csv`` and ``design.json``, whose SHA-256 are the hashes of the record, and
    ``redraw.py``, a program that draws again with the standard library of Python alone. A
    design that ends with a Kish grid adds ``persons.csv``: whom to ask in each household.
    Operator and day enter the minutes and the record; they are no part of the draw.

    Raises
    ------
    DrawError
        The directory holds something already.
    """
    require((draw, Draw))
    directory = Path(directory)
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise _refusal(
            "draw-directory-not-empty",
            Words(
                f"Thư mục {directory.name} đã có nội dung.",
                f"The directory {directory.name} is not empty.",
            ),
            Words("Chọn thư mục mới: không ghi đè kết quả.", "Name a new one: draws stay."),
        )
    directory.mkdir(parents=True, exist_ok=True)
    write_frame(draw.frame, directory / "frame.csv")
    (directory / "design.json").write_bytes(draw.design.canonical)
    for name, rows in (("sample.csv", draw.rows), ("reserves.csv", draw.reserve_rows)):
        (directory / name).write_bytes(sample_csv(rows).encode("utf-8"))
    if not draw.persons.empty:
        (directory / PERSONS).write_bytes(persons_csv(draw.persons).encode("utf-8"))
    shutil.copyfile(Path(redraw.__file__), directory / REDRAW)
    occasion = {"operator": operator, "drawn_on": drawn_on.isoformat() if drawn_on else ""}
    record = {**draw.told, "occasion": occasion}
    pieces = json.JSONEncoder(ensure_ascii=False, indent=1, default=Told.plain).iterencode(record)
    with (directory / "draw.json").open("w", encoding="utf-8") as file:
        file.writelines(chain(pieces, ("\n",)))
    minutes = draw.minutes(operator=operator, drawn_on=drawn_on)
    (directory / "minutes.md").write_text(minutes, encoding="utf-8")


def verify_draw(directory: Path | str) -> Draw:
    """Draw again from the files of a draw and compare; return the new draw when equal.

    Minutes are compared by `sampling.minutes.compare_minutes`. A ``redraw.py`` that is
    another than that of this release is a warning among the findings of the draw.

    Raises
    ------
    DrawError
        A file is missing or the first difference found, with its file and line.
    """
    directory = Path(directory)
    stored = _stored_record(directory)
    try:
        frame = read_frame(directory / "frame.csv")
        design = SampleDesign.read(directory / "design.json")
    except HailongError as error:
        raise DrawError(error.findings) from None
    for name, mine in (("H_frame", frame.sha256), ("H_design", design.sha256)):
        file = "frame.csv" if name == "H_frame" else "design.json"
        on_disk = hashlib.sha256((directory / file).read_bytes()).hexdigest()
        if not stored.get(name) == mine == on_disk:
            raise _refusal(
                "draw-frame-changed" if name == "H_frame" else "draw-design-changed",
                Words(
                    f"{name} trong biên bản là {str(stored.get(name))[:16]}…, tệp cho "
                    f"{on_disk[:16]}….",
                    f"The record says {name} = {str(stored.get(name))[:16]}…, the file gives "
                    f"{on_disk[:16]}….",
                ),
                Words("Tệp đã bị sửa sau khi chọn mẫu.", "It was changed after the draw."),
                file=file,
            )
    try:
        again = draw(frame, design, str(stored.get("secret")), public=str(stored.get("public")))
    except DesignError as error:
        raise DrawError(error.findings) from None
    _compare_record(again, stored)
    for file, rows in (("sample.csv", again.rows), ("reserves.csv", again.reserve_rows)):
        _compare_rows(directory / file, sample_csv(rows))
    if not again.persons.empty:
        _compare_rows(directory / PERSONS, persons_csv(again.persons))
    elif (directory / PERSONS).exists():
        raise _refusal(
            "draw-persons-differ",
            Words("Lần chọn mẫu này không có danh sách người.", "This draw chooses no persons."),
            Words("Bỏ tệp này đi.", "Remove the file."),
            file=PERSONS,
        )
    return replace(again, findings=(*again.findings, *_program(directory)))


def _program(directory: Path) -> list[Finding]:
    """Warn of a program in the folder that is not the one of this installation."""
    path = directory / REDRAW
    if path.is_file() and path.read_bytes() == Path(redraw.__file__).read_bytes():
        return []
    message = Words(
        "Chương trình chọn lại trong thư mục không phải bản đi kèm phần mềm này.",
        "The program in the folder is not the one that comes with this release.",
    )
    advice = Words(
        "Chỉ chạy bản lấy từ mã nguồn đã công bố.",
        "Run none but the one from the published source.",
    )
    return [Finding("draw-program-differs", message, advice, "warning", REDRAW)]


def _stored_record(directory: Path) -> Mapping[str, object]:
    for name in NEEDED:
        if not (directory / name).is_file():
            raise _refusal(
                "draw-file-missing",
                Words(f"Thiếu tệp {name}.", f"The file {name} is missing."),
                Words("Cần đủ các tệp của lần chọn mẫu.", "All files of the draw are needed."),
                file=name,
            )
    path = directory / "draw.json"
    try:
        if path.stat().st_size > _MAX_RECORD:
            raise ValueError
        stored = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=_told_once)
    except (ValueError, RecursionError):
        stored = None
    if not isinstance(stored, dict):
        raise _refusal(
            "draw-record-broken",
            Words("Không đọc được draw.json.", "draw.json cannot be read."),
            Words("Lấy lại bản gốc.", "Fetch the original."),
            file="draw.json",
        )
    if stored.get("algorithm") != chance.ALGORITHM:
        raise _refusal(
            "draw-algorithm-unknown",
            Words(
                f"Không hiểu thuật toán {stored.get('algorithm')!r}.",
                f"The algorithm {stored.get('algorithm')!r} is unknown.",
            ),
            Words(f"Bản này biết {chance.ALGORITHM}.", f"Known is {chance.ALGORITHM}."),
            file="draw.json",
        )
    return stored


def _told_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Refuse a key that stands twice: a reader would see the one, a program the other."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError
    return found


def _compare_record(again: Draw, stored: Mapping[str, object]) -> None:
    mine = json.loads(json.dumps(again.record))
    theirs = {key: value for key, value in stored.items() if key != "occasion"}
    # Hashes of whole files come last: what differs inside them says more.
    late = ("sample_sha256", "reserves_sha256", "persons_sha256", "drawn", "reserves")
    for key in (*(key for key in {**mine, **theirs} if key not in late), *late):
        difference = _difference(theirs.get(key), mine.get(key), key)
        if difference:
            path, there, here = difference
            raise _refusal(
                "draw-record-differs",
                Words(
                    f"draw.json ghi {_short(there)}, chọn lại cho {_short(here)}.",
                    f"draw.json says {_short(there)}, drawing again gives {_short(here)}.",
                ),
                Words("Kết quả đã bị sửa.", "The record was changed after the draw."),
                file="draw.json",
                path=path,
            )


def _difference(there: object, here: object, path: str) -> tuple[str, object, object] | None:
    """Return the first place where two plain values differ, and both values."""
    if isinstance(there, dict) and isinstance(here, dict):
        for key in {**here, **there}:
            found = _difference(there.get(key), here.get(key), f"{path}.{key}")
            if found:
                return found
        return None
    if isinstance(there, list) and isinstance(here, list) and len(there) == len(here):
        for place, (one, other) in enumerate(zip(there, here, strict=True)):
            found = _difference(one, other, f"{path}[{place}]")
            if found:
                return found
        return None
    same = there == here and type(there) is type(here)
    return None if same else (path, there, here)


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:60] + "…"


def _compare_rows(path: Path, text: str) -> None:
    mine = text.split("\n")
    found = path.read_bytes() if path.is_file() else b""
    theirs = found.decode("utf-8", errors="replace").split("\n")
    for number in range(max(len(mine), len(theirs))):
        here = mine[number] if number < len(mine) else "—"
        there = theirs[number] if number < len(theirs) else "—"
        if here != there:
            raise _refusal(
                _DIFFERENT[path.name],
                Words(
                    f"Tệp ghi “{there[:120]}”, chọn lại cho “{here}”.",
                    f"The file has '{there[:120]}', drawing again gives '{here}'.",
                ),
                Words("Kết quả đã bị sửa.", "The file was changed after the draw."),
                file=path.name,
                row=number + 1,
            )


def _refusal(
    code: str,
    message: Words,
    advice: Words,
    *,
    file: str | None = None,
    row: int | None = None,
    path: str | None = None,
) -> DrawError:
    return DrawError(Finding(code, message, advice, file=file, row=row, path=path))
