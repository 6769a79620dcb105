"""What a paper form says: numbered questions, boxes with numbers, the routing as sentences.

The words come from the questionnaire in its wording for paper. The script of a page routes;
on paper a sentence must: "Nếu chọn … thì chuyển đến câu …".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from questionnaires import Condition, Goto, Option, Question, Questionnaire, Section, Text, render
from questionnaires.parts import END
from survey_app.services.paper.layout import Asked

WIDEST_TABLE = 6
"""Columns of boxes that fit beside the rows; a matrix of more is printed row by row."""
SHORT_LABEL = 26
"""Characters up to which options stand in two columns."""

_DIGITS = 4


@dataclass(frozen=True, eq=False)
class Form:
    """A questionnaire in one language, ready to be set.

    ``sections`` are plain values for the template; ``asked`` says for every field what it asks.
    """

    questionnaire: Questionnaire
    lang: str

    @classmethod
    def of(cls, questionnaire: Questionnaire, lang: str) -> Form:
        """Return the form of a questionnaire in its wording for paper."""
        return cls(questionnaire.in_mode("paper"), lang)

    @cached_property
    def numbers(self) -> Mapping[str, str]:
        """The printed number of every question and of every row of a matrix, by id or field."""
        found: dict[str, str] = {}
        for number, question in enumerate(self.questionnaire.questions, start=1):
            found[question.id] = str(number)
            if question.type == "matrix":
                for place, row in enumerate(question.rows, start=1):
                    found[question.row_code(row)] = f"{number}.{place}"
        return found

    @cached_property
    def sections(self) -> list[dict[str, object]]:
        """The sections with their questions, as the template takes them."""
        return [self._section(section) for section in self.questionnaire.sections]

    @cached_property
    def asked(self) -> tuple[Asked, ...]:
        """Every field that can be keyed, in the order of the form."""
        return tuple(one for question in self.questionnaire.questions for one in self._of(question))

    def text(self, text: Text | None) -> str:
        """Return a text in the language, with the words that stand where others are piped in."""
        return render(text, {}, self.questionnaire, self.lang) if text else ""

    def say(self, vi: str, en: str) -> str:
        """Return one of two sentences."""
        return en if self.lang == "en" else vi

    # Fields ----------------------------------------------------------------------------------

    def _of(self, question: Question) -> list[Asked]:
        number, label = self.numbers[question.id], self.text(question.label)
        options = self._words(question.choices)
        kind = "single" if question.type in ("scale", "matrix") else question.type
        found = [
            Asked(field, kind, self.numbers[field], words, options)
            for field, words in self._heads(question)
        ]
        if question.apart:
            reasons = self._words(question.apart)
            found.append(Asked(question.missing_field, "single", number, label, reasons))
        return found + [
            Asked(
                question.specify_code(option),
                "text",
                number,
                f"{label} – {self.text(option.label)}",
            )
            for option in question.specified
        ]

    def _heads(self, question: Question) -> list[tuple[str, str]]:
        if question.type == "matrix":
            return [(question.row_code(row), self.text(row.label)) for row in question.rows]
        return [(question.id, self.text(question.label))]

    def _words(self, options: Sequence[Option]) -> dict[str, str]:
        return {str(option.code): self.text(option.label) for option in options}

    # Sections and questions -------------------------------------------------------------------

    def _section(self, section: Section) -> dict[str, object]:
        return {
            "title": self.text(section.title),
            "intro": self.text(section.intro),
            "only": self._only(section.show_if),
            "questions": [self._question(question) for question in section.questions],
        }

    def _question(self, question: Question) -> dict[str, object]:
        table = question.type == "matrix" and len(question.choices) <= WIDEST_TABLE
        options = [self._option(question, option) for option in question.choices]
        return {
            "id": question.id,
            "number": self.numbers[question.id],
            "label": self.text(question.label),
            "hint": self.text(question.hint),
            "only": self._only(question.show_if),
            "how": self._how(question),
            "kind": "table" if table else question.type,
            "options": options,
            "two": _in_two_columns(options),
            "apart": [self._option(question, option) for option in question.apart],
            "apart_field": question.missing_field,
            "rows": [
                {
                    "field": question.row_code(row),
                    "number": self.numbers[question.row_code(row)],
                    "label": self.text(row.label),
                }
                for row in question.rows
            ],
            "lines": _lines(question),
            "digits": _digits(question),
            "decimals": question.decimals,
            "after": self._after(question),
        }

    def _option(self, question: Question, option: Option) -> dict[str, object]:
        more = question.specify_code(option) if option in question.specified else ""
        jumps = [goto for goto in question.goto if _belongs(goto, question, option)]
        return {
            "number": str(option.code),
            "label": self.text(option.label),
            "more": more,
            "goto": self._target(jumps[0].to) if jumps else "",
        }

    def _how(self, question: Question) -> str:
        if question.type == "multi" and not question.hint:
            return self.say(
                "Có thể đánh dấu nhiều ô.",
                "You may tick several boxes.",
            )
        if question.type == "ranking":
            return self.say(
                "Ghi 1 vào ô của điều quan trọng nhất, 2 cho điều tiếp theo, và cứ thế.",
                "Write 1 in the box of what comes first, 2 for the next, and so on.",
            )
        if question.type == "matrix":
            return self.say(
                "Mỗi dòng đánh dấu một ô.",
                "Tick one box in each row.",
            )
        if question.type in ("single", "scale"):
            return self.say("Đánh dấu một ô.", "Tick one box.")
        return ""

    # Routing ----------------------------------------------------------------------------------

    def _only(self, conditions: Sequence[Condition]) -> str:
        if not conditions:
            return ""
        met = self._conditions(conditions)
        return self.say(f"Chỉ trả lời nếu {met}.", f"Answer only if {met}.")

    def _after(self, question: Question) -> list[str]:
        """Return the jumps that do not belong to one option, as sentences."""
        beside = {
            goto
            for option in question.options
            for goto in [g for g in question.goto if _belongs(g, question, option)][:1]
        }
        return [self._jump(goto) for goto in question.goto if goto not in beside]

    def _jump(self, goto: Goto) -> str:
        target = self._target(goto.to)
        if not goto.when:
            return self.say(f"Sau câu này, {target}.", f"After this question, {target}.")
        met = self._conditions(goto.when)
        return self.say(f"Nếu {met} thì {target}.", f"If {met}, {target}.")

    def _target(self, to: str) -> str:
        if to == END:
            return self.say("chuyển đến cuối phiếu", "go to the end of the form")
        section = next((s for s in self.questionnaire.sections if s.id == to), None)
        question = section.questions[0].id if section and section.questions else to
        number = self.numbers.get(question, "")
        return self.say(f"chuyển đến câu {number}", f"go to question {number}")

    def _conditions(self, conditions: Sequence[Condition]) -> str:
        return self.say(" và ", " and ").join(map(self._condition, conditions))

    def _condition(self, condition: Condition) -> str:
        asked = next((one for one in self.asked if one.field == condition.question), None)
        number = self.numbers.get(condition.question, "")
        values = self._chosen(condition)
        chosen = asked is not None and bool(asked.options)
        shown = [f"“{value}”" for value in values] if chosen else values
        listed = self.say(" hoặc ", " or ").join(shown)
        return (
            self.say(f"câu {number} chọn {listed}", f"question {number} is {listed}")
            if chosen
            else self.say(f"câu {number} ghi {listed}", f"question {number} is {listed}")
        )

    def _chosen(self, condition: Condition) -> list[str]:
        """Return the words of the values that a condition names."""
        asking = self.questionnaire.questions
        question = next(one for one in asking if condition.question in one.fields)
        words = {option.value: self.text(option.label) for option in question.options}
        return [words.get(value, value) for value in condition.values]


def _belongs(goto: Goto, question: Question, option: Option) -> bool:
    """Tell whether a jump hangs on this option of its own question and on nothing else."""
    if question.type not in ("single", "scale") or len(goto.when) != 1:
        return False
    [condition] = goto.when
    return condition.question == question.id and option.value in condition.values


def _in_two_columns(options: Sequence[Mapping[str, object]]) -> bool:
    plain = all(not one["more"] and not one["goto"] for one in options)
    return len(options) > 1 and plain and all(len(str(o["label"])) <= SHORT_LABEL for o in options)


def _lines(question: Question) -> int:
    """Return how many lines a text gets: handwriting is larger than print."""
    return 2 if question.lines == 1 else question.lines


def _digits(question: Question) -> int:
    """Return how many digits a number has before the comma."""
    return len(str(int(question.max))) if question.max is not None else _DIGITS
