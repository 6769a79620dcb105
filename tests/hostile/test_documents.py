"""Hostile YAML and JSON as plain documents; what they would mean is for their own tests to ask."""

import pytest
from costs import MIB, refusal

from intake.documents import MAX_FAULTS, read_document

BOM = b"\xef\xbb\xbf"
LONG = "a" * 1000

SOUND = {
    "BOM": BOM + b"a: 1\n",
    "NaN stays text": b'{"a": NaN, "b": Infinity}',
    "numbers that are none": "a: 1_000\nb: 0x1f\nc: ５\nd: 1e999\ne: +5\nf: .inf\n".encode(),
    "twenty digits": b"a: 99999999999999999999\n",
    "60,000 values": b"- a\n" * 59_999,
    "32 levels": b"[" * 32 + b"]" * 32,
    "1 MiB": b"#" * (MIB - 1) + b"\n",
}
REFUSED = {
    "bomb of nine levels": (
        "a0: &a0 [x]\n" + "".join(f"a{n + 1}: &a{n + 1} [{f'*a{n},' * 9}]\n" for n in range(9)),
        "document-syntax",
    ),
    "an alias to itself": ("a: &a [*a]\n", "document-syntax"),
    "python object": ("a: !!python/object/new:os.system [id]\n", "tag-refused"),
    "tag of a key": ("!!python/name:os.system a: 1\n", "tag-refused"),
    "directive": ("%TAG ! tag:yaml.org,2002:python/\n--- !name:os x\n", "tag-refused"),
    "repeated JSON": ('{"a": 1, "\\u0061": 2}', "key-repeated"),
    "half a character": ('{"a": "\\ud800"}', "document-syntax"),
    "61,000 values": ("- a\n" * 61_000, "document-too-many-values"),
    "33 levels": ("[" * 34 + "]" * 34, "document-too-deep"),
    "a hundred thousand levels": ("[" * 100_000, "document-too-deep"),
    "a hundred thousand keys deep": ("? " * 100_000, "key-not-text"),
    "forbidden on each line": ("\x01\n" * (MIB // 2), "character-forbidden"),
    "tags on each line": ("- !x a\n" * 50_000, "tag-refused"),
    "repeated on each line": ("a: 1\n" * 50_000, "key-repeated"),
    "marks out of order": ("a: b" + "\u0301\u0316" * (MIB // 4 - 8), "character-forbidden"),
    "escaped NUL": ('a: "\\0"\n', "character-forbidden"),
    "escaped bidi": ('{"a": "\\u202e"}', "character-forbidden"),
    "escaped key": ('{"a\\u0085": 1}', "character-forbidden"),
    "escaped marks": ('a: "b' + "\\u0301\\u0316" * 60_000 + '"\n', "character-forbidden"),
    "UTF-16": ("a: 1\n".encode("utf-16"), "encoding-not-utf8"),
    "1 MiB and one": (b"#" * MIB + b"\n", "file-too-large"),
    "two documents": ("a: 1\n---\nb: 2\n", "document-syntax"),
    "anchors only": ("&a " * 1000, "document-syntax"),
    "long keys": ("\n".join(f"{LONG}{n}: !x 1" for n in range(1000)), "tag-refused"),
}


def look(path, content, **more):
    path = path / "a.yaml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return refusal(lambda: read_document(path), **more)


@pytest.mark.parametrize("name", SOUND)
def test_what_is_odd_and_sound_is_read(tmp_path, name):
    assert look(tmp_path, SOUND[name]) == []


@pytest.mark.parametrize("name", REFUSED)
def test_a_hostile_document_is_refused_at_little_cost(tmp_path, name):
    content, code = REFUSED[name]
    codes = look(tmp_path, content, memory=name == "repeated on each line")
    assert code in codes
    assert len(codes) <= MAX_FAULTS + 1
