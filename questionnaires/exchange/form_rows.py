"""A questionnaire as the rows of an XLSForm.

What XLSForm cannot say stands as JSON in the column ``hailong``, which other programs pass over.
Rows that only they need (a text to specify, the reasons beside a number, the label of a choice, a
jump) are marked there as made, and are read as part of their question when the form comes back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from questionnaires.exchange.formulas import (
    Asked,
    Jump,
    constraint_of,
    how_of,
    jumps_of,
    literal,
    relevant_of,
)
from questionnaires.exchange.lists import Lists, extra_text, wording_of
from questionnaires.exchange.state import other_words
from questionnaires.model import Questionnaire, Section
from questionnaires.parts import SPECIFY_LIMIT, Condition
from questionnaires.questions import APART_TYPES, CHOICE_TYPES, OPTION_TYPES, Question
from questionnaires.texts import UNIT, Hole, Text, parts_of

Row = dict[str, Any]
"""Key of a column -> text, or texts by language."""

_TYPES = {
    "single": "select_one",
    "scale": "select_one",
    "multi": "select_multiple",
    "ranking": "rank",
    "date": "date",
    "text": "text",
    "matrix": "select_one",
}
_REASON = Text({"vi": "Lý do không trả lời", "en": "Reason for giving no answer"})
_RESERVED = {"meta", "data", "instanceid", "instancename"}


def xml_name(name: str) -> str:
    """Return the name in a form for an id: an XML name must not begin with a digit."""
    return f"_{name}" if not name[0].isalpha() or name.lower() in _RESERVED else name


class FormRows:
    """Makes the rows of the sheets ``survey`` and ``choices`` of one questionnaire."""

    def __init__(self, questionnaire: Questionnaire) -> None:
        self.questionnaire = questionnaire
        self.taken = {xml_name(s.id).casefold() for s in questionnaire.sections}
        self.asked = dict(self._fields())
        self.lists = Lists()
        self.jumps, self.past = jumps_of(questionnaire, self.asked, self._free)
        self.labels = self._labels()
        self.unit = self._free("unit") if self._pipes(UNIT) else ""

    def survey(self) -> Iterator[Row]:
        """Yield the rows of the sheet ``survey``."""
        if self.unit:
            yield {
                "type": "calculate",
                "name": self.unit,
                "calculation": "''",
                "hailong": extra_text({"made": "unit"}),
            }
        for section in self.questionnaire.sections:
            yield from self._section(section)

    def _fields(self) -> Iterator[tuple[str, Asked]]:
        for question in self.questionnaire.questions:
            self.taken.add(xml_name(question.id).casefold())
            for field in question.heads:
                self.taken.add(xml_name(field).casefold())
                yield field, Asked(xml_name(field), how_of(question))
        for question in self.questionnaire.questions:
            if _reasons(question):
                yield (
                    question.missing_field,
                    Asked(self._free(f"{xml_name(question.id)}_missing"), "equals"),
                )

    def _free(self, name: str) -> str:
        name = re.sub(r"[^A-Za-z0-9_.-]", "_", name)
        while name.casefold() in self.taken:
            name += "_"
        self.taken.add(name.casefold())
        return name

    def _texts(self) -> Iterator[Text]:
        for section in self.questionnaire.sections:
            yield section.intro or Text({})
            for question in section.questions:
                yield question.label
                yield question.hint or Text({})
                yield from (row.label for row in question.rows)

    def _pipes(self, field: str) -> bool:
        return any(hole.field == field for text in self._texts() for hole in text.holes())

    def _labels(self) -> dict[str, str]:
        """Return the rows that hold the label of a choice for later texts, by form field."""
        return {
            field: self._free(f"{asked.name}_label")
            for field, asked in self.asked.items()
            if asked.how == "equals" and self._pipes(field)
        }

    def _words(self, texts: Mapping[str, Text | None]) -> tuple[Row, Row]:
        """Return texts with references in place of holes, and the words of the holes apart."""
        cells: Row = {}
        otherwise: Row = {}
        for key, text in texts.items():
            if text is None:
                continue
            cells[key] = {tag: self._referring(words) for tag, words in text.items()}
            words = other_words(dict(text))
            if words:
                otherwise[key] = words
        return cells, {"otherwise": otherwise} if otherwise else {}

    def _referring(self, text: str) -> str:
        return "".join(
            f"${{{self._referred(part)}}}" if isinstance(part, Hole) else part
            for part in parts_of(text)
        )

    def _referred(self, hole: Hole) -> str:
        if hole.field == UNIT:
            return self.unit
        return self.labels.get(hole.field) or self.asked[hole.field].name

    def _section(self, section: Section) -> Iterator[Row]:
        cells, _ = self._words({"label": section.title})
        extra = {"order": "random"} if section.random else {}
        yield {
            "type": "begin_group",
            "name": xml_name(section.id),
            **cells,
            "relevant": relevant_of(section.show_if, self.asked),
            "hailong": extra_text(extra | wording_of(section)),
        }
        if section.intro:
            cells, otherwise = self._words({"label": section.intro})
            name = self._free(f"{xml_name(section.id)}_intro")
            yield {"type": "note", "name": name, **cells, "hailong": extra_text(otherwise)}
        for question in section.questions:
            yield from self._question(question)
        yield {"type": "end_group"}

    def _question(self, question: Question) -> Iterator[Row]:
        relevant, kept = self._relevant(question)
        cells, otherwise = self._words({"label": question.label, "hint": question.hint})
        row: Row = {
            "type": self._type(question),
            "name": xml_name(question.id),
            **cells,
            "required": "yes" if question.required else "",
            "relevant": relevant,
            "constraint": constraint_of(question),
            "appearance": "likert" if question.type == "scale" else "",
            "rows": str(question.lines) if question.type == "text" else "",
            "hailong": extra_text(_beside(question) | kept | otherwise | wording_of(question)),
        }
        if question.random and question.type != "matrix":
            row["parameters"] = "randomize=true"
        if question.type == "matrix":
            yield from self._matrix(question, row)
        else:
            yield row
        yield from self._made(question, relevant)

    def _type(self, question: Question) -> str:
        if question.type == "number":
            return "decimal" if question.decimals else "integer"
        if question.type not in OPTION_TYPES:
            return _TYPES[question.type]
        name = self.lists.name_of(question.choices, xml_name(question.id))
        return f"{_TYPES[question.type]} {name}"

    def _relevant(self, question: Question) -> tuple[str, Row]:
        """Return when a question is asked; what jumps add is kept apart from its conditions."""
        own = relevant_of(question.show_if, self.asked)
        past = [f"${{{name}}} != 1" for name in self.past.get(question.id, ())]
        if not past:
            return own, {}
        text = " and ".join([*([f"({own})"] if own else []), *past])
        return text, {"relevant": text, "show_if": _shown(question.show_if)}

    def _matrix(self, question: Question, row: Row) -> Iterator[Row]:
        kind = row["type"]
        yield row | {"type": "begin_group", "appearance": "table-list", "required": ""}
        for line in question.rows:
            cells, otherwise = self._words({"label": line.label})
            factor = {"factor": line.factor} if line.factor else {}
            yield {
                "type": kind,
                "name": xml_name(question.row_code(line)),
                **cells,
                "required": row["required"],
                "hailong": extra_text(factor | otherwise | wording_of(line)),
            }
        yield {"type": "end_group"}

    def _made(self, question: Question, relevant: str) -> Iterator[Row]:
        """Yield the rows that other programs need after a question."""
        for option in question.specified:
            how = "selected" if question.type == "multi" else "equals"
            chosen = Condition(question.id, (option.value,))
            name = self.asked[question.id].name
            yield {
                "type": "text",
                "name": self._free(xml_name(question.specify_code(option))),
                "label": dict(option.label),
                "relevant": relevant_of([chosen], {question.id: Asked(name, how)}),
                "constraint": f"string-length(.) <= {SPECIFY_LIMIT}",
                "hailong": extra_text({"made": "specify"}),
            }
        reasons = _reasons(question)
        if reasons:
            field = self.asked[question.missing_field].name
            places = [at for at, option in enumerate(question.options) if option.missing]
            inside = question.type == "ranking" and places[0] < len(question.choices)
            yield {
                "type": f"select_one {self.lists.name_of(reasons, field)}",
                "name": field,
                "label": dict(_REASON),
                "relevant": f"${{{xml_name(question.id)}}} = ''",
                "hailong": extra_text({"made": "reasons"} | ({"at": places} if inside else {})),
            }
        yield from self._computed(question, relevant)

    def _computed(self, question: Question, relevant: str) -> Iterator[Row]:
        for field in question.heads:
            if field in self.labels:
                name = f"${{{self.asked[field].name}}}"
                yield {
                    "type": "calculate",
                    "name": self.labels[field],
                    "calculation": f"jr:choice-name({name}, {literal(name)})",
                    "hailong": extra_text({"made": "label"}),
                }
        for jump in self.jumps:
            if jump.question == question.id:
                yield _jump_row(jump, relevant)


def _jump_row(jump: Jump, relevant: str) -> Row:
    return {
        "type": "calculate",
        "name": jump.name,
        "calculation": jump.calculation,
        "relevant": relevant,
        "hailong": extra_text({"made": "jump"}),
    }


def _reasons(question: Question) -> tuple[Any, ...]:
    """Return the reasons for giving no answer that stand beside the answer."""
    if question.type not in APART_TYPES:
        return ()
    return tuple(option for option in question.options if option.missing is not None)


def _shown(conditions: tuple[Condition, ...]) -> dict[str, list[str]]:
    return {condition.question: list(condition.values) for condition in conditions}


def _beside(question: Question) -> Row:
    """Return what a question says and XLSForm cannot."""
    said: Row = {key: True for key in ("sensitive", "reverse", "feedback") if vars(question)[key]}
    if question.factor:
        said["factor"] = question.factor
    if not question.required and question.soft is not None:
        said["required"] = "soft" if question.soft else False
    if question.decimals:
        said["decimals"] = question.decimals
    if question.type == "matrix":
        said |= {"order": "random"} if question.random else {}
        said |= {"code": question.code} if question.code != question.id else {}
    if question.type in CHOICE_TYPES:
        ends = {"min": question.min, "max": question.max}
        said |= {key: int(end) for key, end in ends.items() if end is not None}
    if question.goto:
        said["goto"] = [
            {"to": jump.to} | ({"when": _shown(jump.when)} if jump.when else {})
            for jump in question.goto
        ]
    return said
