"""What is known while the rows of an XLSForm are read from top to bottom."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from intake.documents import Place
from intake.findings import Words
from questionnaires.exchange.columns import EXTRA, FormRow
from questionnaires.exchange.conditions import Conditions, Known, conditions_of
from questionnaires.exchange.expressions import ExpressionError
from questionnaires.exchange.faults import FormFaults
from questionnaires.texts import Hole, parts_of

Mapped = dict[str, Any]

BLANK = "…"
"""What stands in a text for an answer where the form brings no other words."""

_REFERENCE = re.compile(r"\$\{\s*([^{}\s]{1,200})\s*\}")


@dataclass
class Reading:
    """The state of one reading.

    ``places`` are the cells that the values of the document come from. ``known`` are the
    questions that conditions may ask for, ``pipes`` what texts may repeat, both by the names that
    the form gives them. ``lists`` are the options of each list with their rows.
    """

    faults: FormFaults
    title: dict[str, str] = field(default_factory=dict)
    places: dict[Place, tuple[FormRow, str]] = field(default_factory=dict)
    known: dict[str, Known] = field(default_factory=dict)
    pipes: dict[str, str] = field(default_factory=dict)
    lists: dict[str, list[tuple[Mapped, FormRow]]] = field(default_factory=dict)
    uses: dict[str, int] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    warned: set[str] = field(default_factory=set)

    def put(self, place: Place, row: FormRow, key: str) -> None:
        """Note from which cell a value of the document comes."""
        self.places[place] = (row, key)

    def beside(self, row: FormRow) -> Mapped:
        """Return what a row says in the column of what XLSForm cannot say."""
        text = row.get(EXTRA)
        if not text:
            return {}
        try:
            value = json.loads(text, parse_constant=_no_constant)
        except (ValueError, RecursionError):
            value = None
        if isinstance(value, dict):
            return value
        self.faults.refuse(
            "xlsform-extra-broken",
            row,
            EXTRA,
            text,
            Words("không phải một nhóm JSON", "this is no JSON object"),
            Words(
                'Viết như {"factor": "A1"} hoặc để trống.',
                'Write it like {"factor": "A1"}, or leave it empty.',
            ),
        )
        return {}

    def conditions(self, row: FormRow) -> Conditions:
        """Return the conditions in ``relevant``; none when they cannot be held, which is said."""
        text = row.get("relevant")
        if not text:
            return {}
        try:
            return conditions_of(text, self.known)
        except ExpressionError as error:
            self.faults.refuse(
                "xlsform-condition",
                row,
                "relevant",
                text,
                error.why,
                Words(
                    "Viết lại bằng ${câu}='giá trị' hoặc selected(${câu}, 'giá trị'), nối bằng "
                    "and; cần “or” giữa hai câu thì tách thành hai câu hỏi.",
                    "Write it with ${question}='value' or selected(${question}, 'value') joined "
                    "by 'and'; where two questions meet in 'or', ask two questions.",
                ),
            )
            return {}

    def texts(self, row: FormRow, key: str, otherwise: Mapped | None = None) -> dict[str, str]:
        """Return the texts under a key, references to answers turned into holes."""
        words = (otherwise or {}).get(key, {})
        found = {}
        for tag, text in row.texts(key).items():
            left = iter(words.get(tag, ()) if isinstance(words, dict) else ())
            found[tag] = self._with_holes(row, key, text, left)
        return found

    def _with_holes(self, row: FormRow, key: str, text: str, words: Iterator[object]) -> str:
        def hole(found: re.Match[str]) -> str:
            name = found[1]
            asked = self.pipes.get(name)
            if asked is None:
                self._unknown_reference(row, key, found[0])
                return BLANK
            instead = next(words, None)
            if not isinstance(instead, str):
                self._say_no_words(row, key, found[0])
                instead = BLANK
            return f"{{{asked}|{instead}}}"

        return _REFERENCE.sub(hole, text)

    def _unknown_reference(self, row: FormRow, key: str, read: str) -> None:
        self.faults.refuse(
            "xlsform-reference",
            row,
            key,
            read,
            Words(
                "chỉ nhắc lại được câu trả lời chọn một, số, ngày, văn bản một dòng hỏi trước đó",
                "only an earlier choice of one, number, date or text of one line can be repeated",
            ),
            Words("Hãy viết câu không nhắc lại.", "Word it without the reference."),
        )

    def _say_no_words(self, row: FormRow, key: str, read: str) -> None:
        self.faults.say(
            "xlsform-no-other-words",
            row,
            key,
            Words(
                f"“{read}”: chưa có chữ thay thế khi chưa biết câu trả lời; tạm ghi “{BLANK}”.",
                f"'{read}': there are no words for when the answer is not known; '{BLANK}' it is.",
            ),
            Words(
                "Sau khi nhập, hãy thay dấu … bằng chữ thích hợp.",
                "After the import put fitting words in place of the dots.",
            ),
            "warning",
        )


def other_words(texts: dict[str, str]) -> dict[str, list[str]]:
    """Return the words behind the bars of the holes in texts, by language."""
    found = {
        tag: [part.otherwise for part in parts_of(text) if isinstance(part, Hole)]
        for tag, text in texts.items()
    }
    return {tag: words for tag, words in found.items() if words}


def _no_constant(text: str) -> object:
    raise ValueError(text)
