"""YAML and JSON from outside as plain values, with the line of every place.

Only what such a file needs is understood: mappings with text keys, lists, text, decimal
numbers, true, false, null. Aliases, tags and repeated keys are refused, since each has
been used to say one thing to a reader and another to a program. ``no``, ``on``, dates
and version numbers such as ``2026-1`` stay the text they look like.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import yaml

from intake.findings import Faults, IntakeError, Words
from intake.text import forbidden_character, normalized

MAX_BYTES = 1024 * 1024
MAX_DEPTH = 32

Place = tuple[str | int, ...]

_INTEGER = re.compile(r"^(0|-?[1-9][0-9]{0,17})$")
_DECIMAL = re.compile(r"^-?(0|[1-9][0-9]{0,17})\.[0-9]{1,17}$")
_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}
_PLAIN_TAGS = {"tag:yaml.org,2002:str", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"}


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
    try:
        root = _Composer(text).get_single_node()
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        problem = str(getattr(error, "problem", None) or "too deeply nested")
        faults.add(
            "document-syntax",
            Words(f"Tệp sai cú pháp: {problem}.", f"The file does not parse: {problem}."),
            Words("Hãy sửa dòng này.", "Mend this line."),
            row=mark.line + 1 if mark else None,
        )
        raise IntakeError(faults.findings) from None
    reader = _Reader(faults)
    value = reader.read(root, ()) if root is not None else None
    faults.raise_as(IntakeError)
    return Document(path.name, value, reader.lines)


def _text(path: Path, faults: Faults) -> str:
    try:
        data = path.read_bytes()
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
    for number, line in enumerate(text.split("\n"), start=1):
        bad = forbidden_character(line)
        if bad:
            faults.add(
                "character-forbidden",
                Words(f"Dòng có ký tự không cho phép {bad}.", f"The line holds {bad}."),
                Words("Hãy gõ lại dòng này.", "Type the line anew."),
                row=number,
            )
    return text


class _Composer(yaml.SafeLoader):
    """A composer that stops at the first alias, so that no bomb can be built."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()  # type: ignore[no-untyped-call]
            raise yaml.composer.ComposerError(
                None, None, "aliases are not allowed", event.start_mark
            )
        return super().compose_node(parent, index)


class _Reader:
    """Turns composed nodes into values and notes faults and lines on the way."""

    def __init__(self, faults: Faults) -> None:
        self.faults = faults
        self.lines: dict[Place, int] = {}

    def read(self, node: yaml.Node, path: Place) -> object:
        row = node.start_mark.line + 1
        self.lines[path] = row
        if len(path) > MAX_DEPTH:
            self._refuse(
                "document-too-deep",
                Words("Tệp lồng quá sâu.", "The file is nested too deeply."),
                path,
                row,
            )
            return None
        if isinstance(node, yaml.ScalarNode):
            return self._scalar(node, path)
        if node.tag not in _PLAIN_TAGS:
            self._refuse_tag(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.read(child, (*path, place)) for place, child in enumerate(node.value)]
        return self._mapping(node, path)

    def _mapping(self, node: yaml.Node, path: Place) -> dict[str, object]:
        values: dict[str, object] = {}
        for key_node, value_node in node.value:
            row = key_node.start_mark.line + 1
            key = key_node.value
            if not isinstance(key_node, yaml.ScalarNode):
                self._refuse(
                    "key-not-text",
                    Words("Khóa phải là văn bản.", "A key must be a text."),
                    path,
                    row,
                )
                continue
            if key in values:
                self._refuse(
                    "key-repeated",
                    Words(f"Khóa “{key}” bị lặp.", f"The key '{key}' stands twice."),
                    (*path, key),
                    row,
                )
            values[key] = self.read(value_node, (*path, key))
            self.lines[(*path, key)] = row
        return values

    def _scalar(self, node: yaml.ScalarNode, path: Place) -> object:
        text: str = node.value
        if node.style is not None:
            if node.tag != "tag:yaml.org,2002:str":
                self._refuse_tag(node, path)
            return text
        if _tagged(node):
            self._refuse_tag(node, path)
        if text in _WORDS:
            return _WORDS[text]
        if _INTEGER.match(text):
            return int(text)
        if _DECIMAL.match(text):
            return float(text)
        return text

    def _refuse_tag(self, node: yaml.Node, path: Place) -> None:
        self._refuse(
            "tag-refused",
            Words(f"Không dùng thẻ {node.tag}.", f"The tag {node.tag} is not allowed."),
            path,
            node.start_mark.line + 1,
        )

    def _refuse(self, code: str, message: Words, path: Place, row: int) -> None:
        self.faults.add(
            code,
            message,
            Words("Hãy sửa chỗ này.", "Mend this place."),
            row=row,
            path=path_text(path),
        )


def _tagged(node: yaml.ScalarNode) -> bool:
    """Tell whether an unquoted scalar carries a tag of its own, such as ``!!binary``."""
    buffer = node.start_mark.buffer
    return buffer is not None and str(buffer)[node.start_mark.pointer] == "!"
