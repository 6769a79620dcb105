"""The entries of a questionnaire file as they were read: their shapes, texts, ids and names."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from intake.documents import Document, path_text
from intake.findings import Faults, Words
from intake.text import ID_PATTERN, folded, forbidden_character, normalized
from questionnaires.checks import limits
from questionnaires.checks.keys import KEYS
from questionnaires.texts import MAIN_LANGUAGE

LABEL_LIMIT = 2000
NOTICE_LIMIT = 8000

LANGUAGE = re.compile(r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")

Place = tuple[str | int, ...]


def plain_text(value: object) -> str | None:
    """Return the text of a value that is a text or a whole number, else None."""
    if isinstance(value, str):
        return normalized(value)
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def mappings_of(value: object) -> list[dict[str, object]]:
    """Return the mappings of a list."""
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []


@dataclass
class Look:
    """One look at one file: what was found in it so far, and what is wrong with it.

    ``scales`` hold the values of each named scale, ``factors`` the places of the factors that the
    blocks define (None without blocks). ``targets`` are the positions that a jump may lead to,
    ``answers`` the position of every field that a condition may ask for, with the values it
    offers (None for a number; ``numbers`` are those questions), ``piped`` the position of every
    field whose answer a later text may repeat, and ``loose`` the questions that stand in random
    order. ``names`` are the ids in use, ``codes`` the columns with the question that each belongs
    to.
    """

    document: Document
    faults: Faults = field(init=False)
    languages: tuple[str, ...] = (MAIN_LANGUAGE,)
    scales: dict[str, list[str]] = field(default_factory=dict)
    factors: dict[str, Place] | None = None
    used_factors: set[str] = field(default_factory=set)
    targets: dict[str, int] = field(default_factory=dict)
    answers: dict[str, tuple[int, list[str] | None]] = field(default_factory=dict)
    numbers: dict[str, dict[str, object]] = field(default_factory=dict)
    piped: dict[str, int] = field(default_factory=dict)
    loose: set[str] = field(default_factory=set)
    names: dict[str, Place] = field(default_factory=dict)
    codes: dict[str, tuple[str, Place]] = field(default_factory=dict)
    errors: int = 0
    untranslated: int = 0

    def __post_init__(self) -> None:
        self.faults = Faults(self.document.file)

    def say(
        self, code: str, place: Place, message: Words, advice: Words, severity: str = "error"
    ) -> None:
        """Note a finding at a place; stop the look at one error too many (``TooMuchError``)."""
        self.errors += severity == "error"
        if self.errors > limits.MAX_ERRORS:
            raise limits.TooMuchError
        self.faults.add(
            code,
            message,
            advice,
            row=self.document.line(place),
            path=path_text(place) or None,
            severity=severity,
        )

    def shape(self, place: Place, vi: str, en: str) -> None:
        """Report a value of the wrong shape; the words say what it must be."""
        self.say(
            "wrong-shape",
            place,
            Words(f"Ở đây cần {vi}.", f"This must be {en}."),
            Words("Hãy viết lại theo mẫu.", "Write it in that form."),
        )

    def mapping(self, value: object, place: Place, kind: str) -> dict[str, object]:
        """Return the mapping, its unknown keys reported; empty when it is none."""
        if not isinstance(value, dict):
            self.shape(place, "một nhóm “khóa: giá trị”", "a mapping of keys to values")
            return {}
        for key in value:
            if key not in KEYS[kind]:
                near = difflib.get_close_matches(key, KEYS[kind], 1)
                hint_vi = f"Có phải là “{near[0]}”? " if near else ""
                hint_en = f"Did you mean '{near[0]}'? " if near else ""
                listed = ", ".join(KEYS[kind])
                self.say(
                    "unknown-key",
                    (*place, key),
                    Words(f"Không có khóa “{key}” ở đây.", f"There is no key '{key}' here."),
                    Words(f"{hint_vi}Dùng: {listed}.", f"{hint_en}Use: {listed}."),
                )
        held = {key: entry for key, entry in value.items() if entry is not None}
        if not held:
            self.shape(place, "một nhóm “khóa: giá trị”, không để trống", "filled in, not empty")
        return held

    def each(self, value: object, place: Place) -> Iterator[tuple[object, Place]]:
        """Yield the entries of a list with their places."""
        if not isinstance(value, list):
            self.shape(place, "một danh sách", "a list")
            return
        for number, entry in enumerate(value):
            yield entry, (*place, number)

    def needed(self, mapping: dict[str, object], key: str, place: Place) -> bool:
        """Tell whether the key is there; report it when it is not."""
        if key in mapping:
            return True
        self.say(
            "missing-key",
            place,
            Words(f"Thiếu “{key}”.", f"'{key}' is missing."),
            Words(f"Hãy thêm {key}.", f"Add {key}."),
        )
        return False

    def word(self, value: object, place: Place, limit: int = LABEL_LIMIT) -> str | None:
        """Return a text such as an id or a value."""
        text = plain_text(value)
        if text is None:
            self.shape(place, "văn bản, nên đặt trong ngoặc kép", "text, best in quotes")
            return None
        self.characters(text, place, limit)
        return text

    def whole(self, value: object, place: Place, low: int, high: int = 10**9 - 1) -> int | None:
        """Return a whole number from ``low`` to ``high``."""
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
            return value
        self.say(
            "bad-number",
            place,
            Words(
                f"Ở đây cần một số nguyên từ {low} đến {high}.",
                f"This must be a whole number from {low} to {high}.",
            ),
            Words("Hãy viết số không có ngoặc kép.", "Write the number without quotes."),
        )
        return None

    def switch(self, value: object, place: Place) -> None:
        """Look at a value that is true or false."""
        if not isinstance(value, bool):
            self.shape(place, "true hoặc false", "true or false")

    def characters(self, text: str, place: Place, limit: int) -> None:
        """Look at the length and the characters of a text."""
        if len(text) > limit:
            self.say(
                "text-too-long",
                place,
                Words(
                    f"Văn bản có {len(text)} ký tự, tối đa là {limit}.",
                    f"The text has {len(text)} characters, the limit is {limit}.",
                ),
                Words("Hãy rút ngắn.", "Shorten it."),
            )
        bad = forbidden_character(text)
        if bad:
            self.say(
                "character-forbidden",
                place,
                Words(f"Có ký tự không cho phép {bad}.", f"There is a forbidden {bad}."),
                Words("Hãy xóa ký tự đó.", "Delete that character."),
            )

    def text(self, value: object, place: Place, limit: int = LABEL_LIMIT) -> None:
        """Look at one text in every listed language."""
        if not isinstance(value, dict):
            self.shape(place, "văn bản theo ngôn ngữ: {vi: …}", "text by language: {vi: …}")
            return
        present = set()
        for tag, entry in value.items():
            if not LANGUAGE.match(tag):
                self.bad_language(tag, (*place, tag))
            elif entry is not None:
                written = self.word(entry, (*place, tag), limit)
                if written is not None and written.strip():
                    present.add(tag)
        for tag in dict.fromkeys((MAIN_LANGUAGE, *self.languages)):
            if tag not in present:
                main = tag == MAIN_LANGUAGE
                self.untranslated += not main
                if self.untranslated > limits.MAX_UNTRANSLATED and not main:
                    continue
                self.say(
                    "missing-text" if main else "missing-translation",
                    (*place, tag),
                    Words(f"Thiếu văn bản “{tag}”.", f"The text in '{tag}' is missing."),
                    Words(
                        f"Hãy thêm {tag}: “…”." if main else f"Hãy dịch sang “{tag}”.",
                        f'Add {tag}: "…".' if main else f"Translate it into '{tag}'.",
                    ),
                    "error" if main else "warning",
                )

    def bad_language(self, tag: str, place: Place) -> None:
        """Report what is no language tag."""
        self.say(
            "bad-language",
            place,
            Words(f"“{tag}” không phải mã ngôn ngữ.", f"'{tag}' is no language tag."),
            Words("Dùng mã như vi, en, tyz.", "Use a tag such as vi, en, tyz."),
        )

    def identifier(self, mapping: dict[str, object], key: str, place: Place) -> str | None:
        """Return the id under a key when it is one."""
        if key not in mapping:
            self.say(
                "missing-id",
                place,
                Words(f"Thiếu “{key}”.", f"'{key}' is missing."),
                Words("Hãy đặt một mã ngắn, không dấu.", "Give it a short id."),
            )
            return None
        place = (*place, key)
        text = self.word(mapping[key], place)
        if text is not None and not ID_PATTERN.match(text):
            self.say(
                "bad-id",
                place,
                Words(f"Mã “{text[:60]}” không hợp lệ.", f"The id '{text[:60]}' is not valid."),
                Words(
                    "Dùng chữ không dấu, số, dấu chấm, gạch dưới, gạch nối; tối đa 40 ký tự, "
                    "bắt đầu bằng chữ hoặc số.",
                    "Use unaccented letters, digits, dot, underscore, hyphen; at most 40 "
                    "characters, beginning with a letter or digit.",
                ),
            )
            return None
        return text

    def once(self, name: str, place: Place, seen: dict[str, Place], code: str) -> bool:
        """Report a name that was used before; upper and lower case count as the same."""
        first = seen.setdefault(folded(name), place)
        if first == place:
            return True
        line = self.document.line(first)
        self.say(
            code,
            place,
            Words(
                f"“{name}” đã dùng ở dòng {line}.",
                f"'{name}' is already used on line {line}.",
            ),
            Words("Hãy đổi một trong hai.", "Change one of the two."),
        )
        return False

    def refer(self, code: str, name: str, place: Place, known: Sequence[str]) -> None:
        """Report a name that stands for nothing."""
        near = difflib.get_close_matches(name, known[: limits.MAX_COMPARED], 1)
        listed = ", ".join(known[:12]) + (" …" if len(known) > 12 else "")
        what = f"'{near[0]}'" if near else listed or "–"
        self.say(
            code,
            place,
            Words(f"“{name}” không có trong phiếu.", f"'{name}' does not exist in this file."),
            Words(f"Hãy dùng tên có sẵn: {what}.", f"Use a name that exists: {what}."),
        )
