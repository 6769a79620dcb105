"""YAML and JSON from outside as plain values, with the line of every place.

Only what such a file needs is understood: mappings with text keys, lists, text, decimal
numbers, true, false, null. Aliases, tags and repeated keys are refused, since each has
been used to say one thing to a reader and another to a program. ``no``, ``on``, dates
and version numbers such as ``2026-1`` stay the text they look like.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import yaml
from yaml import cyaml

from intake.files import read_at_most
from intake.findings import Faults, IntakeError, Words
from intake.text import forbidden_character, normalized

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 32
MAX_VALUES = 60_000
MAX_FAULTS = 1_000

Place = tuple[str | int, ...]

_PAIR = re.compile(r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}")
"""One letter as JSON writes it in ASCII, which YAML does not read."""
_INTEGER = re.compile(r"^(0|-?[1-9][0-9]{0,17})$")
_DECIMAL = re.compile(r"^-?(0|[1-9][0-9]{0,17})\.[0-9]{1,17}$")
_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}


@dataclass(frozen=True)
class Document:
    """The values of one file and the line on which each of them begins."""

    file: str
    value: object
    lines: dict[Place, int]

    def line(self, path: Place) -> int | None:
        """Return the line of a place, or of the nearest place around it."""
        while path not in self.lines and path:
            path = path[:-1]
        return self.lines.get(path)


def path_text(path: Place) -> str:
    """Return ``questions[2].goto[0].to`` for ``("questions", 2, "goto", 0, "to")``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def read_document(path: Path | str) -> Document:
    """Read a YAML or JSON file of at most 1 MiB and 32 levels.

    Raises
    ------
    IntakeError
        With every fault that could be found: missing file, encoding, syntax, aliases,
        tags, repeated keys, keys that are no text, forbidden characters.
    """
    path = Path(path)
    faults = Faults(path.name)
    text = _text(path, faults)
    faults.raise_as(IntakeError)
    reader = _Reader(text, faults)
    try:
        value = reader.document()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        problem = str(getattr(error, "problem", None) or error)
        faults.add(
            "document-syntax",
            Words(f"Tệp sai cú pháp: {problem}.", f"The file does not parse: {problem}."),
            Words("Hãy sửa dòng này.", "Mend this line."),
            row=mark.line + 1 if mark else None,
        )
        raise IntakeError(faults.findings) from None
    faults.raise_as(IntakeError)
    return Document(path.name, value, reader.lines)


def _text(path: Path, faults: Faults) -> str:
    try:
        data = read_at_most(path, MAX_BYTES)
    except OSError:
        faults.add(
            "file-missing",
            Words(f"Không đọc được tệp {path}.", f"The file {path} cannot be read."),
            Words("Hãy kiểm tra đường dẫn.", "Check the path."),
        )
        return ""
    if len(data) > MAX_BYTES:
        faults.add(
            "file-too-large",
            Words("Tệp lớn hơn 1 MiB.", "The file is larger than 1 MiB."),
            Words("Hãy chia tệp nhỏ hơn.", "Make it smaller."),
        )
        return ""
    try:
        text = normalized(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        faults.add(
            "encoding-not-utf8",
            Words("Tệp không phải UTF-8.", "The file is not UTF-8."),
            Words("Hãy lưu lại tệp dưới dạng UTF-8.", "Save the file as UTF-8."),
            row=data[: error.start].count(b"\n") + 1,
        )
        return ""
    if path.suffix.lower() == ".json":
        text = _PAIR.sub(lambda pair: json.loads(f'"{pair[0]}"'), text)
    for number, line in enumerate(text.split("\n"), start=1):
        bad = forbidden_character(line)
        if bad and len(faults.findings) < MAX_FAULTS:
            faults.add(
                "character-forbidden",
                Words(f"Dòng có ký tự không cho phép {bad}.", f"The line holds {bad}."),
                Words("Hãy gõ lại dòng này.", "Type the line anew."),
                row=number,
            )
    return text


class _Reader:
    """Turns the events of a parser into values and notes faults and lines on the way.

    No tree of nodes is built: it takes a hundred times the bytes of a hostile file. The first
    alias stops the reading, so that no bomb can be built, and so does one value too many.
    """

    def __init__(self, text: str, faults: Faults) -> None:
        self.parser = cyaml.CParser(text)  # type: ignore[attr-defined]
        self.faults = faults
        self.lines: dict[Place, int] = {}

    def document(self) -> object:
        """Return the value of the only document there is."""
        self.parser.get_event()
        value = None
        if not self.parser.check_event(yaml.StreamEndEvent):
            self.parser.get_event()
            value = self._read(())
            self.parser.get_event()
        if not self.parser.check_event(yaml.StreamEndEvent):
            event: Any = self.parser.peek_event()
            _stop(event.start_mark, "a second document is not allowed")
        return value

    def _read(self, path: Place) -> object:
        event: Any = self.parser.get_event()
        mark: Any = event.start_mark
        row = mark.line + 1
        self.lines[path] = row
        if isinstance(event, yaml.AliasEvent):
            _stop(mark, "aliases are not allowed")
        if len(path) > MAX_DEPTH or len(self.lines) > MAX_VALUES:
            deep = len(path) > MAX_DEPTH
            code = "document-too-deep" if deep else "document-too-many-values"
            self._refuse(code, _TOO_DEEP if deep else _TOO_MANY, path, row)
            raise IntakeError(self.faults.findings)
        self._refuse_tag(event.tag, path, row)
        if isinstance(event, yaml.ScalarEvent):
            return self._text(event, path, row) if event.style else _scalar(event.value)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(path)
        return self._mapping(path)

    def _sequence(self, path: Place) -> list[object]:
        values: list[object] = []
        while not self.parser.check_event(yaml.SequenceEndEvent):
            values.append(self._read((*path, len(values))))
        self.parser.get_event()
        return values

    def _mapping(self, path: Place) -> dict[str, object]:
        values: dict[str, object] = {}
        while not self.parser.check_event(yaml.MappingEndEvent):
            event: Any = self.parser.peek_event()
            row = event.start_mark.line + 1
            if not isinstance(event, yaml.ScalarEvent):
                # What stands in such a key may be nested without end, so the reading stops here.
                self._refuse("key-not-text", _KEY_NOT_TEXT, path, row)
                raise IntakeError(self.faults.findings)
            self.parser.get_event()
            key = self._text(event, path, row)
            self._refuse_tag(event.tag, (*path, key), row)
            if key in values:
                message = Words(f"Khóa “{key}” bị lặp.", f"The key '{key}' stands twice.")
                self._refuse("key-repeated", message, (*path, key), row)
            values[key] = self._read((*path, key))
            self.lines[(*path, key)] = row
        self.parser.get_event()
        return values

    def _text(self, event: yaml.ScalarEvent, path: Place, row: int) -> str:
        """Return the text of a scalar; between double quotes a character may have been escaped."""
        text = str(event.value)
        if event.style == '"':
            text = normalized(text)
            bad = forbidden_character(text)
            if bad:
                message = Words(f"Văn bản có ký tự không cho phép {bad}.", f"The text holds {bad}.")
                self._refuse("character-forbidden", message, path, row)
        return text

    def _refuse_tag(self, tag: str | None, path: Place, row: int) -> None:
        if tag is not None:
            message = Words(f"Không dùng thẻ {tag}.", f"The tag {tag} is not allowed.")
            self._refuse("tag-refused", message, path, row)

    def _refuse(self, code: str, message: Words, path: Place, row: int) -> None:
        if len(self.faults.findings) >= MAX_FAULTS:
            raise IntakeError(self.faults.findings)
        self.faults.add(
            code,
            message,
            Words("Hãy sửa chỗ này.", "Mend this place."),
            row=row,
            path=path_text(path),
        )


_TOO_MANY = Words(
    f"Tệp có hơn {MAX_VALUES} giá trị.", f"The file holds more than {MAX_VALUES} values."
)
_TOO_DEEP = Words("Tệp lồng quá sâu.", "The file is nested too deeply.")
_KEY_NOT_TEXT = Words("Khóa phải là văn bản.", "A key must be a text.")


def _stop(mark: yaml.Mark, problem: str) -> NoReturn:
    raise yaml.composer.ComposerError(None, None, problem, mark)


def _scalar(text: str) -> object:
    """Return the value of a scalar without quotes."""
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.match(text):
        return int(text)
    return float(text) if _DECIMAL.match(text) else text
