"""What an exported questionnaire loses in other programs: each loss a warning with its places.

A workbook comes back as the same questionnaire: what XLSForm cannot say is kept beside it. Who
asks with it in another program, or reads a DDI Codebook, must know what is not there.
"""

from __future__ import annotations

from collections.abc import Iterator

from intake.findings import Finding, Words
from questionnaires.exchange.state import other_words
from questionnaires.model import Questionnaire
from questionnaires.parts import Option, Row
from questionnaires.questions import Question
from questionnaires.texts import Text

_SHOWN = 8
_WHERE = {
    "xlsform": Words("Ở chương trình khác,", "In other programs"),
    "ddi": Words("Trong tệp DDI,", "In a DDI Codebook"),
}
_PROGRAMS = ("xlsform",)
_BOTH = ("xlsform", "ddi")

_LOSSES = {
    "unit": (_PROGRAMS, "tên cơ quan trong câu chữ để trống", "the name of the unit is empty"),
    "wording": (
        _BOTH,
        "lời riêng cho từng cách trả lời không dùng đến",
        "words for one way of answering are not used",
    ),
    "order": (
        _PROGRAMS,
        "câu hỏi và dòng của bảng không xáo thứ tự",
        "questions and rows of matrices are not shuffled",
    ),
    "fixed": (
        _PROGRAMS,
        "phương án giữ chỗ cũng bị xáo thứ tự",
        "options that keep their place are shuffled, too",
    ),
    "soft": (_PROGRAMS, "câu bỏ trống không được hỏi lại", "a blank is not asked about"),
    "feedback": (
        _PROGRAMS,
        "ý kiến góp ý nằm chung với câu trả lời",
        "comments lie among the answers",
    ),
    "required": (("ddi",), "không có mức bắt buộc", "it is not told what is required"),
    "routing": (("ddi",), "đường đi chỉ có bằng lời", "who is asked is told in words only"),
    "comments": (
        ("ddi",),
        "không có câu góp ý, vì câu này không có cột",
        "comments are left out, for they have no column",
    ),
    "holes": (
        ("ddi",),
        "chỗ nhắc lại câu trả lời trước chỉ còn lời thay thế",
        "only the other words stand where an earlier answer is repeated",
    ),
    "exclusive": (
        ("ddi",),
        "không ghi phương án nào phải chọn một mình",
        "it is not told which options exclude the others",
    ),
}
"""What is lost: to which targets, and how that is said in Vietnamese and in English."""


def losses(questionnaire: Questionnaire, target: str) -> list[Finding]:
    """Return a warning for everything that ``target`` (``xlsform``, ``ddi``) does not carry."""
    places: dict[str, list[str]] = {}
    for name, place in _found(questionnaire):
        places.setdefault(name, []).append(place)
    return [
        _finding(Words(vi, en), list(dict.fromkeys(places[name])), target)
        for name, (targets, vi, en) in _LOSSES.items()
        if target in targets and name in places
    ]


def _found(questionnaire: Questionnaire) -> Iterator[tuple[str, str]]:
    if questionnaire.pipes_unit:
        yield "unit", questionnaire.id
    if questionnaire.wording:
        yield "wording", questionnaire.id
    for section in questionnaire.sections:
        if section.random:
            yield "order", section.id
        if section.wording:
            yield "wording", section.id
        if section.show_if:
            yield "routing", section.id
        if other_words(dict(section.intro or {})):
            yield "holes", section.id
        for question in section.questions:
            yield from ((name, question.id) for name in _of_question(question))


def _of_question(question: Question) -> Iterator[str]:
    parts: tuple[Question | Option | Row, ...] = (question, *question.options, *question.rows)
    texts = [question.label, question.hint or Text({}), *(row.label for row in question.rows)]
    found = {
        "wording": any(part.wording for part in parts),
        "order": question.random and question.type == "matrix",
        "fixed": question.random and any(o.fixed or o.missing for o in question.options),
        "soft": question.sought and not question.required,
        "feedback": question.feedback,
        "comments": question.feedback,
        "required": question.required,
        "routing": bool(question.show_if or question.goto),
        "holes": any(other_words(dict(text)) for text in texts),
        "exclusive": any(option.exclusive for option in question.options),
    }
    yield from (name for name, there in found.items() if there)


def _finding(words: Words, places: list[str], target: str) -> Finding:
    more = f" … ({len(places)})" if len(places) > _SHOWN else ""
    listed = ", ".join(places[:_SHOWN]) + more
    where = _WHERE[target]
    return Finding(
        "export-loses",
        Words(f"{where.vi} {words.vi}: {listed}.", f"{where.en} {words.en}: {listed}."),
        Words("Bản đầy đủ là tệp YAML.", "The YAML file is the whole."),
        "warning",
    )
