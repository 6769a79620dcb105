"""Further languages of a questionnaire: one file each beside its definition.

``citizen/2026-1.km.yaml`` holds the texts of ``citizen/2026-1.yaml`` in the language ``km``, each
under the path to its place with the Vietnamese words it was translated from. A language is
offered when no text of it is missing and every check is passed, and not before.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, replace
from glob import escape
from pathlib import Path
from typing import Any

from intake.documents import Document, read_document
from intake.findings import Faults, Finding, IntakeError, Words, errors_of
from intake.text import normalized
from questionnaires.checks import check_document
from questionnaires.checks.entries import LANGUAGE
from questionnaires.exchange.definition_text import definition_text
from questionnaires.texts import MAIN_LANGUAGE, Hole, parts_of

_NOT_FOR_RESPONDENTS = ("source", "unverified", "blocks", "languages")
_EMPTY = b': ""'
_KEYS = ("of", "language", "texts")

Mapped = dict[str, Any]


@dataclass(frozen=True)
class Translation:
    """One language of one questionnaire: how many texts there are, and what is still missing."""

    of: str
    language: str
    texts: int
    missing: int

    @property
    def complete(self) -> bool:
        """Whether every text is there."""
        return self.missing == 0


def is_translation(path: Path) -> bool:
    """Tell whether a file stands beside a definition as one of its languages."""
    base, _, tag = path.stem.rpartition(".")
    return bool(base and tag) and path.with_name(f"{base}{path.suffix}").is_file()


def base_of(file: Path) -> str:
    """Return the definition that a translation belongs to: the file beside it, else its name.

    Raises
    ------
    IntakeError
        The file cannot be read, or names no questionnaire.
    """
    base = file.with_name(f"{file.stem.rpartition('.')[0]}{file.suffix}")
    if is_translation(file):
        return str(base)
    value = read_document(file).value
    of = value.get("of") if isinstance(value, dict) else None
    if isinstance(of, str):
        return of
    faults = Faults(file.name)
    _say_no_translation(faults)
    raise IntakeError(faults.findings)


def texts_of(value: object) -> dict[str, Mapped]:
    """Return the texts that respondents see, by the path to their place.

    Examples
    --------
    >>> texts_of({"id": "a", "questions": [{"id": "q", "label": {"vi": "Tuổi", "en": "Age"}}]})
    {'questions/q/label': {'vi': 'Tuổi', 'en': 'Age'}}
    """
    return {"/".join(place): text for place, text in _texts(value, ())}


def _texts(value: object, place: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Mapped]]:
    if isinstance(value, list):
        for number, entry in enumerate(value):
            name = (
                entry.get("id", entry.get("value", number)) if isinstance(entry, dict) else number
            )
            yield from _texts(entry, (*place, str(name)))
    elif isinstance(value, dict) and isinstance(value.get(MAIN_LANGUAGE), str):
        yield place, value
    elif isinstance(value, dict):
        for key, entry in value.items():
            if place or key not in _NOT_FOR_RESPONDENTS:
                yield from _texts(entry, (*place, str(key)))


def check_tag(tag: str) -> None:
    """Refuse what is no tag of a further language.

    Raises
    ------
    IntakeError
        It is no language tag, or that of the language all definitions are written in.
    """
    if LANGUAGE.match(tag) and tag != MAIN_LANGUAGE:
        return
    raise IntakeError.of(
        "bad-language",
        f"“{tag[:20]}” không phải mã của một ngôn ngữ khác.",
        f"'{tag[:20]}' is no tag of a further language.",
        "Dùng mã như tyz, hmn-Latn, km.",
        "Use a tag such as tyz, hmn-Latn, km.",
    )


def template(document: Document, tag: str) -> str:
    """Return the empty file of a language: every Vietnamese text with a place for its own."""
    root: Mapped = document.value if isinstance(document.value, dict) else {}
    texts = {
        path: {MAIN_LANGUAGE: normalized(str(text[MAIN_LANGUAGE])), tag: ""}
        for path, text in texts_of(root).items()
    }
    of = f"{root.get('id')}@{root.get('version')}"
    return definition_text({"of": of, "language": tag, "texts": texts})


def translated(document: Document, path: Path) -> Document:
    """Return a definition with the languages that stand complete and sound beside it."""
    for file in sorted(path.parent.glob(f"{escape(path.stem)}.*{path.suffix}")):
        # An empty text is seen without reading the whole: three empty languages took 0.5 s.
        if not is_translation(file) or _EMPTY in file.read_bytes():
            continue
        translation, findings = check_translation(file, document)
        if translation is not None and translation.complete and not errors_of(findings):
            document = _merged(document, read_document(file).value, translation.language)
    return document


def check_translation(file: Path, document: Document) -> tuple[Translation | None, list[Finding]]:
    """Return what a translation holds, None when it is no such file, and every finding."""
    try:
        held = read_document(file)
    except IntakeError as error:
        return None, list(error.findings)
    faults = Faults(file.name)
    root = held.value if isinstance(held.value, dict) else {}
    tag, given = root.get("language"), root.get("texts")
    if set(root) != set(_KEYS) or not isinstance(tag, str) or not isinstance(given, dict):
        _say_no_translation(faults)
        return None, faults.findings
    wanted = texts_of(document.value)
    _check_of(root, tag, file, document, faults)
    for path in given:
        if path not in wanted:
            _say_unknown(path, held, faults)
    missing = 0
    for path, text in wanted.items():
        missing += not _check_text(path, text, given.get(path), tag, held, faults)
    if missing:
        _say_missing(missing, len(wanted), faults)
    elif not errors_of(faults.findings):
        merged = check_document(_merged(document, root, tag))
        faults.findings += [replace(one, file=file.name) for one in errors_of(merged)]
    return Translation(str(root["of"]), tag, len(wanted), missing), faults.findings


def _merged(document: Document, translation: object, tag: str) -> Document:
    value = copy.deepcopy(document.value)
    given = translation["texts"] if isinstance(translation, dict) else {}
    for path, text in texts_of(value).items():
        text[tag] = given[path][tag]
    if isinstance(value, dict):
        value["languages"] = [*value.get("languages", [MAIN_LANGUAGE]), tag]
    return replace(document, value=value)


def _check_text(
    path: str, text: Mapped, given: object, tag: str, held: Document, faults: Faults
) -> bool:
    """Look at one text; tell whether it is there."""
    words = given.get(tag) if isinstance(given, dict) else None
    source = given.get(MAIN_LANGUAGE) if isinstance(given, dict) else None
    if not isinstance(words, str) or not words.strip():
        return False
    if source != normalized(str(text[MAIN_LANGUAGE])):
        faults.add(
            "translation-outdated",
            Words("Câu tiếng Việt đã thay đổi.", "The Vietnamese text has changed."),
            Words(
                "Hãy dịch lại theo câu hiện nay, rồi chép câu đó vào vi.",
                "Translate the present text, and copy it to vi.",
            ),
            row=held.line(("texts", path)),
            path=path,
        )
    if _holes(words) != _holes(str(text[MAIN_LANGUAGE])):
        faults.add(
            "translation-holes",
            Words(
                "Các chỗ {…} không giống câu tiếng Việt.",
                "The places {…} are not those of the Vietnamese text.",
            ),
            Words("Giữ đủ từng chỗ, chỉ dịch chữ sau dấu |.", "Keep each; translate behind the |."),
            row=held.line(("texts", path)),
            path=path,
        )
    return True


def _holes(text: str) -> list[str]:
    return sorted(part.field for part in parts_of(text) if isinstance(part, Hole))


def _check_of(root: Mapped, tag: str, file: Path, document: Document, faults: Faults) -> None:
    base: Mapped = document.value if isinstance(document.value, dict) else {}
    of = f"{base.get('id')}@{base.get('version')}"
    if root["of"] != of or (is_translation(file) and not file.stem.endswith(f".{tag}")):
        faults.add(
            "translation-of-another",
            Words(
                f"Tệp ghi {root['of']}, ngôn ngữ {tag}; tên tệp và phiếu {of} không khớp.",
                f"The file says {root['of']}, language {tag}; its name and {of} do not match.",
            ),
            Words("Hãy đặt tên tệp là phiên bản.ngôn ngữ.yaml.", "Name it version.language.yaml."),
            row=1,
        )


def _say_unknown(path: str, held: Document, faults: Faults) -> None:
    faults.add(
        "translation-unknown-text",
        Words(f"Phiếu không có “{path}”.", f"The questionnaire has no '{path}'."),
        Words("Hãy xóa mục này.", "Delete this entry."),
        row=held.line(("texts", path)),
        path=path,
    )


def _say_missing(missing: int, texts: int, faults: Faults) -> None:
    faults.add(
        "translation-incomplete",
        Words(
            f"Còn thiếu {missing} trên {texts} văn bản; ngôn ngữ này chưa hiện trên phiếu.",
            f"{missing} of {texts} texts are missing; the language is not offered yet.",
        ),
        Words("Hãy dịch tiếp các mục còn trống.", "Translate the entries that are empty."),
        severity="warning",
    )


def _say_no_translation(faults: Faults) -> None:
    faults.add(
        "translation-wrong-shape",
        Words("Tệp không phải bản dịch của phiếu.", "The file is no translation."),
        Words(
            "Tạo tệp trống bằng hailong questionnaire translate template.",
            "Make an empty one with hailong questionnaire translate template.",
        ),
        row=1,
    )
