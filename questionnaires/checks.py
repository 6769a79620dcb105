"""What is wrong with a questionnaire file: every fault at once, each with a stable code.

The file is looked at as it was read, before any of it becomes a ``Questionnaire``, so that one
fault does not hide the next. A finding names the line and the path inside the file, says what is
wrong and what to do. Errors refuse the file; warnings do not.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from intake.documents import Document, path_text
from intake.findings import Faults, Finding, Words
from intake.text import ID_PATTERN, folded, forbidden_character, normalized
from questionnaires.model import (
    END,
    MAIN_LANGUAGE,
    MISSING_CODES,
    OPTION_TYPES,
    TEXT_LIMIT,
    TYPES,
    Questionnaire,
)
from questionnaires.routing import unmet_questions

MAX_QUESTIONS = 300
MAX_OPTIONS = 60
MAX_NESTING = 8
LABEL_LIMIT = 2000
NOTICE_LIMIT = 8000
VALUE_LIMIT = 40

KEYS = {
    "questionnaire": (
        *("id", "version", "languages", "title", "source", "unverified", "notice"),
        *("scales", "blocks", "sections", "questions"),
    ),
    "section": ("id", "title", "intro", "show_if", "questions"),
    "question": (
        *("id", "type", "label", "hint", "options", "scale", "rows", "code", "required"),
        *("show_if", "goto", "min", "max", "max_length", "factor", "reverse", "sensitive"),
        "feedback",
    ),
    "option": ("value", "label", "missing", "exclusive", "specify"),
    "row": ("id", "label", "factor"),
    "goto": ("when", "to"),
    "block": ("code", "title", "factors"),
    "factor": ("code", "title"),
}
"""The keys that each part of a file may have."""

BELONGS = {
    "options": OPTION_TYPES,
    "scale": OPTION_TYPES,
    "rows": {"matrix"},
    "code": {"matrix"},
    "min": {"number", "scale"},
    "max": {"number", "scale"},
    "max_length": {"text"},
    "factor": {"single", "scale", "matrix"},
    "reverse": {"single", "scale", "matrix"},
    "feedback": {"text"},
}
"""Keys that mean something for some types of question only."""

_LANGUAGE = re.compile(r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$")
_VALUE = re.compile(r"^\S+$")

Place = tuple[str | int, ...]


def plain_text(value: object) -> str | None:
    """Return the text of a value that is a text or a whole number, else None."""
    if isinstance(value, str):
        return normalized(value)
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def values_of(value: object) -> tuple[str, ...] | None:
    """Return the values a condition names, one or a list of them; None when it names none."""
    listed = value if isinstance(value, list) else [value]
    texts = [plain_text(one) for one in listed]
    known = [text for text in texts if text is not None]
    return tuple(known) if known and len(known) == len(texts) else None


def numbered_scale(question: dict[str, object]) -> range | None:
    """Return the steps of a scale that is given by its ends alone, as in ``min: 1, max: 5``."""
    low, high = question.get("min"), question.get("max")
    if question.get("type") != "scale" or "options" in question or "scale" in question:
        return None
    if isinstance(low, int) and isinstance(high, int) and 0 <= low < high <= low + MAX_OPTIONS - 1:
        return range(low, high + 1)
    return None


def check_document(document: Document) -> list[Finding]:
    """Return every finding about a definition, in the order of the file.

    Whether each question can be reached is seen on the finished questionnaire only; see
    ``check_reachable``.
    """
    check = _Check(document)
    check.questionnaire()
    return sorted(check.faults.findings, key=lambda finding: finding.row or 0)


def check_reachable(questionnaire: Questionnaire, document: Document) -> list[Finding]:
    """Return a finding for every question that no answers lead to; an error if it is required."""
    faults = Faults(document.file)
    unmet = unmet_questions(questionnaire)
    if unmet is None:
        faults.add(
            "reachability-not-checked",
            Words(
                "Có quá nhiều điều kiện nên không kiểm tra được câu nào không thể tới.",
                "There are too many conditions to see whether every question can be reached.",
            ),
            Words(
                "Hãy bớt điều kiện, hoặc tự kiểm tra đường đi.",
                "Use fewer conditions, or check the routes by hand.",
            ),
            row=document.line(()),
            severity="warning",
        )
    places = {
        plain_text(question.get("id")): place for place, question in _questions(document.value)
    }
    for question in unmet or ():
        place = places.get(question.id, ())
        faults.add(
            "required-unreachable" if question.required else "question-unreachable",
            Words(
                f"Không câu trả lời nào dẫn tới câu “{question.id}”.",
                f"No answers lead to the question '{question.id}'.",
            ),
            Words(
                "Hãy sửa show_if của câu này hoặc goto của các câu trước.",
                "Mend its show_if, or the goto of the questions before it.",
            ),
            row=document.line(place),
            path=path_text(place),
            severity="error" if question.required else "warning",
        )
    return faults.findings


def _questions(root: object) -> Iterator[tuple[Place, dict[str, object]]]:
    """Yield every question that is a mapping, with its place, in order."""
    if not isinstance(root, dict):
        return
    lists: list[tuple[Place, object]] = [(("questions",), root.get("questions"))]
    sections = root.get("sections")
    for number, section in enumerate(sections if isinstance(sections, list) else []):
        if isinstance(section, dict):
            lists.append((("sections", number, "questions"), section.get("questions")))
    for place, listed in lists:
        for number, question in enumerate(listed if isinstance(listed, list) else []):
            if isinstance(question, dict):
                yield (*place, number), question


@dataclass
class _Known:
    """What the file defines, gathered before anything that refers to it is looked at."""

    languages: tuple[str, ...] = (MAIN_LANGUAGE,)
    scales: dict[str, list[str]] = field(default_factory=dict)
    factors: dict[str, Place] | None = None
    used_factors: set[str] = field(default_factory=set)
    targets: dict[str, int] = field(default_factory=dict)
    answers: dict[str, tuple[int, list[str] | None]] = field(default_factory=dict)
    names: dict[str, Place] = field(default_factory=dict)
    codes: dict[str, tuple[str, Place]] = field(default_factory=dict)


class _Check:
    """One look at one file. Methods are named after the thing they look at."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.faults = Faults(document.file)
        self.known = _Known()

    def say(
        self, code: str, place: Place, message: Words, advice: Words, severity: str = "error"
    ) -> None:
        self.faults.add(
            code,
            message,
            advice,
            row=self.document.line(place),
            path=path_text(place) or None,
            severity=severity,
        )

    # Shapes ----------------------------------------------------------------------------------

    def shape(self, place: Place, vi: str, en: str) -> None:
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
        if key in mapping:
            return True
        self.say(
            "missing-key",
            place,
            Words(f"Thiếu “{key}”.", f"'{key}' is missing."),
            Words(f"Hãy thêm {key}.", f"Add {key}."),
        )
        return False

    def word(self, value: object, place: Place) -> str | None:
        """Return a short text such as an id or a value."""
        text = plain_text(value)
        if text is None:
            self.shape(place, "văn bản, nên đặt trong ngoặc kép", "text, best in quotes")
            return None
        self.characters(text, place, LABEL_LIMIT)
        return text

    def whole(self, value: object, place: Place, low: int) -> int | None:
        if isinstance(value, int) and not isinstance(value, bool) and low <= value <= 10**9 - 1:
            return value
        self.say(
            "bad-number",
            place,
            Words(
                f"Ở đây cần một số nguyên từ {low} đến 999999999.",
                f"This must be a whole number from {low} to 999999999.",
            ),
            Words("Hãy viết số không có ngoặc kép.", "Write the number without quotes."),
        )
        return None

    def switch(self, value: object, place: Place) -> None:
        if not isinstance(value, bool):
            self.shape(place, "true hoặc false", "true or false")

    # Texts -----------------------------------------------------------------------------------

    def characters(self, text: str, place: Place, limit: int) -> None:
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
                "forbidden-character",
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
            if not _LANGUAGE.match(tag):
                self.bad_language(tag, (*place, tag))
            elif entry is not None:
                written = self.word(entry, (*place, tag))
                if written is not None and written.strip():
                    present.add(tag)
                    if len(written) > limit > LABEL_LIMIT:
                        self.characters(written, (*place, tag), limit)
        for tag in dict.fromkeys((MAIN_LANGUAGE, *self.known.languages)):
            if tag not in present:
                main = tag == MAIN_LANGUAGE
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
        self.say(
            "bad-language",
            place,
            Words(f"“{tag}” không phải mã ngôn ngữ.", f"'{tag}' is no language tag."),
            Words("Dùng mã như vi, en, tyz.", "Use a tag such as vi, en, tyz."),
        )

    # Ids -------------------------------------------------------------------------------------

    def identifier(self, mapping: dict[str, object], key: str, place: Place) -> str | None:
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

    # The parts of a file ---------------------------------------------------------------------

    def questionnaire(self) -> None:
        root = self.mapping(self.document.value, (), "questionnaire")
        if not root:
            return
        self.nesting(root, (), 1)
        self.identifier(root, "id", ())
        if self.needed(root, "version", ()):
            self.version(root["version"])
        self.languages(root)
        if self.needed(root, "title", ()):
            self.text(root["title"], ("title",))
        for key in ("notice", "source"):
            if key in root and not (key == "source" and plain_text(root[key]) is not None):
                self.text(root[key], (key,), NOTICE_LIMIT)
        if "source" not in root:
            self.say(
                "source-missing",
                (),
                Words("Chưa ghi nguồn của phiếu.", "The source of the form is not given."),
                Words("Hãy thêm source.", "Add source."),
                "warning",
            )
        for entry, place in self.each(root.get("unverified", []), ("unverified",)):
            self.text(entry, place)
        self.scales(root.get("scales", {}))
        if "blocks" in root:
            self.blocks(root["blocks"])
        self.gather()
        self.sections(root)
        for code, place in (self.known.factors or {}).items():
            if code not in self.known.used_factors:
                self.say(
                    "factor-without-items",
                    place,
                    Words(f"Yếu tố “{code}” không có tiêu chí.", f"Factor '{code}' has no items."),
                    Words(
                        "Hãy gắn factor vào câu hỏi hoặc bỏ yếu tố này.",
                        "Name it as the factor of a question, or leave it out.",
                    ),
                )

    def nesting(self, value: object, place: Place, depth: int) -> bool:
        """Report the first place that lies more than eight mappings deep; True when found."""
        if isinstance(value, dict):
            if depth > MAX_NESTING:
                self.say(
                    "nested-too-deeply",
                    place,
                    Words(
                        f"Lồng sâu hơn {MAX_NESTING} bậc.",
                        f"This is nested deeper than {MAX_NESTING} levels.",
                    ),
                    Words("Hãy viết phẳng hơn.", "Write it flatter."),
                )
                return True
            return any(self.nesting(v, (*place, k), depth + 1) for k, v in value.items())
        if isinstance(value, list):
            return any(self.nesting(v, (*place, n), depth) for n, v in enumerate(value))
        return False

    def version(self, value: object) -> None:
        text = self.word(value, ("version",))
        usual = text is not None and ID_PATTERN.match(text) and any(c.isdigit() for c in text)
        if text is not None and not usual:
            self.say(
                "bad-version",
                ("version",),
                Words(f"Phiên bản “{text[:60]}” không hợp lệ.", f"'{text[:60]}' is no version."),
                Words('Viết như "2026-1".', 'Write it like "2026-1".'),
            )

    def languages(self, root: dict[str, object]) -> None:
        if "languages" not in root:
            self.say(
                "languages-missing",
                (),
                Words("Chưa ghi các ngôn ngữ.", "The languages are not listed."),
                Words("Hãy thêm languages: [vi, en].", "Add languages: [vi, en]."),
                "warning",
            )
            return
        tags: list[str] = []
        for entry, place in self.each(root["languages"], ("languages",)):
            tag = self.word(entry, place)
            if tag is not None and not _LANGUAGE.match(tag):
                self.bad_language(tag, place)
            elif tag is not None:
                tags.append(tag)
        self.known.languages = tuple(tags)

    def scales(self, value: object) -> None:
        if not isinstance(value, dict):
            self.shape(("scales",), "một nhóm “tên: danh sách”", "a mapping of names to lists")
            return
        for name, options in value.items():
            self.known.scales[name] = self.options(options, ("scales", name))

    def blocks(self, value: object) -> None:
        factors: dict[str, Place] = {}
        seen: dict[str, Place] = {}
        for entry, place in self.each(value, ("blocks",)):
            block = self.mapping(entry, place, "block")
            self.named(block, place, seen)
            if not block or not self.needed(block, "factors", place):
                continue
            for inner, inner_place in self.each(block["factors"], (*place, "factors")):
                factor = self.mapping(inner, inner_place, "factor")
                code = self.named(factor, inner_place, seen)
                if code is not None:
                    factors.setdefault(code, inner_place)
        self.known.factors = factors

    def named(self, mapping: dict[str, object], place: Place, seen: dict[str, Place]) -> str | None:
        """Look at the code and title of a block or factor."""
        if not mapping:
            return None
        code = self.identifier(mapping, "code", place)
        if code is not None:
            self.once(code, (*place, "code"), seen, "duplicate-id")
        if self.needed(mapping, "title", place):
            self.text(mapping["title"], (*place, "title"))
        return code

    def gather(self) -> None:
        """Note what conditions and jumps may refer to: ids, positions, values."""
        count = -1
        for count, (place, question) in enumerate(_questions(self.document.value)):
            if place[0] == "sections" and place[3] == 0:
                self.target(self.section_id(int(place[1])), count)
            name = plain_text(question.get("id"))
            if name is None:
                continue
            self.target(name, count)
            kind = plain_text(question.get("type"))
            if kind == "matrix":
                prefix = plain_text(question.get("code")) or name
                for row in _dicts(question.get("rows")):
                    field_name = f"{prefix}_{plain_text(row.get('id'))}"
                    self.known.answers.setdefault(field_name, (count, self.values(question)))
            elif kind in OPTION_TYPES:
                self.known.answers.setdefault(name, (count, self.values(question)))
            elif kind == "number":
                self.known.answers.setdefault(name, (count, None))
        self.known.targets.setdefault(END, count + 1)

    def section_id(self, number: int) -> str | None:
        root = self.document.value
        sections = root.get("sections") if isinstance(root, dict) else None
        section = sections[number] if isinstance(sections, list) else None
        return plain_text(section.get("id")) if isinstance(section, dict) else None

    def target(self, name: str | None, position: int) -> None:
        if name is not None:
            self.known.targets.setdefault(name, position)

    def values(self, question: dict[str, object]) -> list[str]:
        steps = numbered_scale(question)
        if steps is not None:
            return [str(step) for step in steps]
        scale = plain_text(question.get("scale"))
        if scale is not None and "options" not in question:
            return self.known.scales.get(scale, [])
        texts = [plain_text(option.get("value")) for option in _dicts(question.get("options"))]
        return [text for text in texts if text is not None]

    def sections(self, root: dict[str, object]) -> None:
        if "sections" in root and "questions" in root:
            self.say(
                "sections-and-questions",
                ("questions",),
                Words(
                    "Phiếu có cả sections và questions.",
                    "The file has both sections and questions.",
                ),
                Words("Hãy chuyển mọi câu vào sections.", "Move every question into sections."),
            )
        count = 0
        if "sections" in root:
            for entry, place in self.each(root["sections"], ("sections",)):
                count = self.section(entry, place, count)
        elif "questions" in root:
            for entry, place in self.each(root["questions"], ("questions",)):
                self.question(entry, place, count)
                count += 1
        if count == 0:
            self.say(
                "no-questions",
                (),
                Words("Phiếu không có câu hỏi nào.", "The file has no questions."),
                Words("Hãy thêm questions hoặc sections.", "Add questions or sections."),
            )
        asked = count + sum(
            max(len(_dicts(question.get("rows"))) - 1, 0)
            for _, question in _questions(root)
            if question.get("type") == "matrix"
        )
        if asked > MAX_QUESTIONS:
            self.say(
                "too-many-questions",
                (),
                Words(
                    f"Phiếu có {asked} câu (mỗi dòng của bảng là một câu), tối đa {MAX_QUESTIONS}.",
                    f"There are {asked} questions (each row of a matrix counts), the limit is "
                    f"{MAX_QUESTIONS}.",
                ),
                Words("Hãy bớt câu hỏi hoặc chia phiếu.", "Ask less, or make two forms."),
            )

    def section(self, entry: object, place: Place, count: int) -> int:
        section = self.mapping(entry, place, "section")
        if not section:
            return count
        name = self.identifier(section, "id", place)
        if name is not None:
            self.once(name, (*place, "id"), self.known.names, "duplicate-id")
        if "title" in section:
            self.text(section["title"], (*place, "title"))
        if "intro" in section:
            self.text(section["intro"], (*place, "intro"), NOTICE_LIMIT)
        if "show_if" in section:
            self.conditions(section["show_if"], (*place, "show_if"), count)
        before = count
        for question, inner in self.each(section.get("questions", []), (*place, "questions")):
            self.question(question, inner, count)
            count += 1
        if count == before:
            self.say(
                "no-questions",
                place,
                Words("Phần này không có câu hỏi.", "This section has no questions."),
                Words("Hãy thêm câu hỏi hoặc bỏ phần này.", "Add questions, or drop the section."),
            )
        return count

    def question(self, entry: object, place: Place, position: int) -> None:
        question = self.mapping(entry, place, "question")
        if not question:
            return
        name = self.identifier(question, "id", place)
        unique = name is not None and self.once(
            name, (*place, "id"), self.known.names, "duplicate-id"
        )
        kind = self.type(question, place)
        if self.needed(question, "label", place):
            self.text(question["label"], (*place, "label"))
        if "hint" in question:
            self.text(question["hint"], (*place, "hint"))
        for key in ("required", "sensitive", "reverse", "feedback"):
            if key in question:
                self.switch(question[key], (*place, key))
        if kind is not None:
            self.misplaced(question, kind, place)
            self.answer(question, kind, place)
        self.bounds(question, place)
        if "factor" in question:
            self.factor(question["factor"], (*place, "factor"))
        if "show_if" in question:
            self.conditions(question["show_if"], (*place, "show_if"), position)
        if "goto" in question:
            self.goto(question["goto"], (*place, "goto"), position)
        if unique and name is not None and kind is not None:
            self.item_codes(question, kind, name, place)

    def type(self, question: dict[str, object], place: Place) -> str | None:
        if not self.needed(question, "type", place):
            return None
        kind = question["type"]
        if isinstance(kind, str) and kind in TYPES:
            return kind
        self.say(
            "unknown-type",
            (*place, "type"),
            Words(f"Không có loại câu hỏi “{kind}”.", f"There is no type '{kind}'."),
            Words(f"Dùng: {', '.join(TYPES)}.", f"Use: {', '.join(TYPES)}."),
        )
        return None

    def misplaced(self, question: dict[str, object], kind: str, place: Place) -> None:
        for key, kinds in BELONGS.items():
            if key in question and kind not in kinds:
                self.say(
                    "misplaced-key",
                    (*place, key),
                    Words(
                        f"“{key}” không có tác dụng với loại {kind}.",
                        f"'{key}' means nothing for the type {kind}.",
                    ),
                    Words("Hãy bỏ khóa này.", "Leave it out."),
                    "warning",
                )

    def answer(self, question: dict[str, object], kind: str, place: Place) -> None:
        """Look at what can be answered: options or scale, rows."""
        if "scale" in question:
            scale = self.word(question["scale"], (*place, "scale"))
            if scale is not None and scale not in self.known.scales:
                self.refer("unknown-scale", scale, (*place, "scale"), list(self.known.scales))
        if "options" in question:
            self.options(question["options"], (*place, "options"))
        elif kind in OPTION_TYPES and "scale" not in question and numbered_scale(question) is None:
            self.say(
                "options-missing",
                place,
                Words("Câu hỏi không có phương án trả lời.", "The question has no options."),
                Words("Hãy thêm options hoặc scale.", "Add options, or name a scale."),
            )
        if kind == "matrix":
            self.rows(question, place)

    def rows(self, question: dict[str, object], place: Place) -> None:
        if "code" in question:
            self.identifier(question, "code", place)
        seen: dict[str, Place] = {}
        for entry, inner in self.each(question.get("rows", []), (*place, "rows")):
            row = self.mapping(entry, inner, "row")
            if not row:
                continue
            name = self.identifier(row, "id", inner)
            if name is not None:
                self.once(name, (*inner, "id"), seen, "duplicate-id")
            if self.needed(row, "label", inner):
                self.text(row["label"], (*inner, "label"))
            if "factor" in row:
                self.factor(row["factor"], (*inner, "factor"))
        if not question.get("rows"):
            self.say(
                "rows-missing",
                place,
                Words("Bảng hỏi không có dòng.", "The matrix has no rows."),
                Words("Hãy thêm rows.", "Add rows."),
            )

    def options(self, value: object, place: Place) -> list[str]:
        """Look at a list of options; return the values it offers."""
        values: list[str] = []
        seen: dict[str, Place] = {}
        for entry, inner in self.each(value, place):
            option = self.mapping(entry, inner, "option")
            if not option:
                continue
            if self.needed(option, "value", inner):
                text = self.option_value(option["value"], (*inner, "value"))
                if text is not None:
                    self.once(text, (*inner, "value"), seen, "duplicate-option")
                    values.append(text)
            if self.needed(option, "label", inner):
                self.text(option["label"], (*inner, "label"))
            for key in ("exclusive", "specify"):
                if key in option:
                    self.switch(option[key], (*inner, key))
            missing = option.get("missing", True)
            if not isinstance(missing, bool) and missing not in MISSING_CODES:
                self.refer(
                    "unknown-missing-reason", str(missing), (*inner, "missing"), [*MISSING_CODES]
                )
        if isinstance(value, list) and not value:
            self.say(
                "options-missing",
                place,
                Words("Danh sách phương án trống.", "The list of options is empty."),
                Words("Hãy thêm phương án.", "Add options."),
            )
        if isinstance(value, list) and len(value) > MAX_OPTIONS:
            self.say(
                "too-many-options",
                place,
                Words(
                    f"Có {len(value)} phương án, tối đa {MAX_OPTIONS}.",
                    f"There are {len(value)} options, the limit is {MAX_OPTIONS}.",
                ),
                Words("Hãy gộp bớt phương án.", "Join some of them."),
            )
        return values

    def option_value(self, value: object, place: Place) -> str | None:
        text = self.word(value, place)
        if text is None or (_VALUE.match(text) and len(text) <= VALUE_LIMIT):
            return text
        self.say(
            "bad-option-value",
            place,
            Words(f"Giá trị “{text[:60]}” không hợp lệ.", f"The value '{text[:60]}' is not valid."),
            Words(
                f"Dùng tối đa {VALUE_LIMIT} ký tự, không có dấu cách, ví dụ 1, 2, 3.",
                f"Use at most {VALUE_LIMIT} characters without blanks, such as 1, 2, 3.",
            ),
        )
        return None

    def bounds(self, question: dict[str, object], place: Place) -> None:
        # A negative number would be taken for the reason of a missing answer.
        numbers = {
            key: self.whole(question[key], (*place, key), low)
            for key, low in (("min", 0), ("max", 0), ("max_length", 1))
            if key in question
        }
        low, high = numbers.get("min"), numbers.get("max")
        if low is not None and high is not None and low > high:
            self.say(
                "min-above-max",
                (*place, "min"),
                Words(f"min {low} lớn hơn max {high}.", f"min {low} is above max {high}."),
                Words("Hãy sửa một trong hai số.", "Change one of the two."),
            )
        length = numbers.get("max_length")
        if length is not None and length > TEXT_LIMIT:
            self.say(
                "max-length-too-large",
                (*place, "max_length"),
                Words(
                    f"Văn bản mở nhận tối đa {TEXT_LIMIT} ký tự.",
                    f"An open text holds {TEXT_LIMIT} characters at most.",
                ),
                Words(f"Dùng số không quá {TEXT_LIMIT}.", f"Use {TEXT_LIMIT} or less."),
            )

    def factor(self, value: object, place: Place) -> None:
        code = self.word(value, place)
        if code is None:
            return
        self.known.used_factors.add(code)
        if self.known.factors is not None and code not in self.known.factors:
            self.refer("unknown-factor", code, place, list(self.known.factors))

    def refer(self, code: str, name: str, place: Place, known: Sequence[str]) -> None:
        """Report a name that stands for nothing."""
        near = difflib.get_close_matches(name, known, 1)
        listed = ", ".join(known[:12]) + (" …" if len(known) > 12 else "")
        what = f"'{near[0]}'" if near else listed or "–"
        self.say(
            code,
            place,
            Words(f"“{name}” không có trong phiếu.", f"'{name}' does not exist in this file."),
            Words(f"Hãy dùng tên có sẵn: {what}.", f"Use a name that exists: {what}."),
        )

    # Routing ---------------------------------------------------------------------------------

    def conditions(self, value: object, place: Place, before: int) -> None:
        """Look at conditions; they may ask for questions at positions below ``before`` only."""
        if not isinstance(value, dict) or not value:
            self.shape(place, "điều kiện “câu: giá trị”", "conditions: {question: value}")
            return
        for name, wanted in value.items():
            inner = (*place, name)
            if name not in self.known.answers:
                self.refer("unknown-condition-question", name, inner, list(self.known.answers))
                continue
            position, offered = self.known.answers[name]
            if position >= before:
                self.say(
                    "backward-condition",
                    inner,
                    Words(
                        f"Điều kiện hỏi câu “{name}”, nhưng câu đó chưa được hỏi tới.",
                        f"The condition asks for '{name}', which has not been asked yet.",
                    ),
                    Words("Chỉ dùng những câu đứng trước.", "Refer to earlier questions only."),
                )
            values = values_of(wanted)
            if values is None:
                self.shape(inner, "một giá trị hoặc danh sách giá trị", "a value or a list of them")
                continue
            for text in values:
                if offered is None and not re.fullmatch(r"0|[1-9][0-9]{0,8}", text):
                    self.refer("unknown-condition-value", text, inner, ["0", "1", "2"])
                elif offered is not None and text not in offered:
                    self.refer("unknown-condition-value", text, inner, offered)

    def goto(self, value: object, place: Place, position: int) -> None:
        for entry, inner in self.each(value, place):
            jump = self.mapping(entry, inner, "goto")
            if not jump:
                continue
            if "when" in jump:
                self.conditions(jump["when"], (*inner, "when"), position + 1)
            if not self.needed(jump, "to", inner):
                continue
            name = self.word(jump["to"], (*inner, "to"))
            if name is None:
                continue
            if name not in self.known.targets:
                self.refer("unknown-target", name, (*inner, "to"), list(self.known.targets))
            elif self.known.targets[name] <= position:
                self.say(
                    "backward-goto",
                    (*inner, "to"),
                    Words(
                        f"“{name}” không đứng sau câu này.",
                        f"'{name}' does not come after this question.",
                    ),
                    Words("Chỉ nhảy tới phía trước.", "Jump forward only."),
                )

    # Item codes ------------------------------------------------------------------------------

    def item_codes(self, question: dict[str, object], kind: str, name: str, place: Place) -> None:
        """Report a column or form field that two questions would share."""
        options = [plain_text(option.get("value")) for option in _dicts(question.get("options"))]
        codes = {
            "matrix": lambda: [
                f"{plain_text(question.get('code')) or name}_{plain_text(row.get('id'))}"
                for row in _dicts(question.get("rows"))
            ],
            "multi": lambda: [name, *(f"{name}_{value}" for value in options)],
            "ranking": lambda: [name, *(f"{name}_{value}" for value in options)],
        }
        made: Callable[[], list[str]] = codes.get(kind, lambda: [name])
        specified = [
            f"{name}_{plain_text(option.get('value'))}_text"
            for option in _dicts(question.get("options"))
            if option.get("specify") is True
        ]
        for code in dict.fromkeys((*made(), *specified)):
            owner, first = self.known.codes.setdefault(folded(code), (name, place))
            if owner != name:
                self.say(
                    "duplicate-item-code",
                    place,
                    Words(
                        f"Cột “{code}” đã thuộc câu ở dòng {self.document.line(first)}.",
                        f"The column '{code}' already belongs to the question on line "
                        f"{self.document.line(first)}.",
                    ),
                    Words(
                        "Hãy đổi mã của câu, dòng hoặc phương án.",
                        "Change the id of the question, the row or the option value.",
                    ),
                )


def _dicts(value: object) -> list[dict[str, object]]:
    """Return the mappings of a list."""
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
