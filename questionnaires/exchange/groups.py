"""The groups of an XLSForm as sections: one level, in the order of the rows.

A group inside a group becomes a section of its own, shown when both are; what follows it in the
outer group becomes another. A note goes before the questions that follow it, as their intro.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from intake.documents import Place
from intake.findings import Words
from questionnaires.exchange.asked import check_columns, id_of
from questionnaires.exchange.columns import EXTRA, FormRow
from questionnaires.exchange.conditions import Conditions, joined
from questionnaires.exchange.expressions import ExpressionError
from questionnaires.exchange.state import Mapped, Reading


@dataclass(frozen=True)
class Group:
    """An open group: its id, its title or that of the group around it, when it is shown."""

    id: str
    title: dict[str, str]
    conditions: Conditions
    row: FormRow
    extra: Mapped


@dataclass
class Sections:
    """The sections made so far; ``open`` is the one that takes the next question."""

    reading: Reading
    made: list[Mapped] = field(default_factory=list)
    open: Mapped | None = None
    groups: list[Group] = field(default_factory=list)
    notes: list[tuple[FormRow, dict[str, str], Conditions]] = field(default_factory=list)
    names: set[str] = field(default_factory=set)

    def begin(self, row: FormRow) -> None:
        """Open a group."""
        reading = self.reading
        check_columns(row, reading)
        conditions = self._within(row)
        outer = self.groups[-1].title if self.groups else {}
        title = reading.texts(row, "label") or outer
        name = id_of(row.get("name")) or f"group-{row.number}"
        self.groups.append(Group(name, title, conditions, row, reading.beside(row)))
        self.open = None
        hint = reading.texts(row, "hint")
        if hint:
            self.notes.append((row, hint, conditions))

    def end(self, row: FormRow) -> None:
        """Close the innermost group."""
        self.open = None
        if self.groups:
            self.groups.pop()
            return
        self.reading.faults.refuse(
            "xlsform-group-end",
            row,
            "type",
            row.get("type"),
            Words("không có nhóm nào đang mở", "no group is open here"),
            Words("Hãy xóa dòng này hoặc thêm begin group.", "Delete it, or add a begin group."),
        )

    def note(self, row: FormRow) -> None:
        """Keep a note for the questions that follow it."""
        check_columns(row, self.reading)
        words = self.reading.beside(row).get("otherwise")
        texts = self.reading.texts(row, "label", words if isinstance(words, dict) else {})
        for tag, hint in self.reading.texts(row, "hint").items():
            texts[tag] = f"{texts[tag]}\n\n{hint}" if tag in texts else hint
        if self.open is not None and self.open["questions"]:
            self.open = None
        self.notes.append((row, texts, self._within(row)))

    def place(self, row: FormRow) -> Place:
        """Return the place of the next question, in a new section where none is open."""
        if self.open is None:
            self.open = self._section(row)
        return ("sections", len(self.made) - 1, "questions", len(self.open["questions"]))

    def add(self, question: Mapped) -> None:
        """Put a question into the open section."""
        if self.open is None:
            raise TypeError("a question is added at its place")
        self.open["questions"].append(question)

    def close(self) -> None:
        """Say what is left open at the end of the form."""
        for group in self.groups:
            self.reading.faults.refuse(
                "xlsform-group-open",
                group.row,
                "type",
                group.row.get("name"),
                Words("nhóm này không khép lại", "this group is never closed"),
                Words("Hãy thêm dòng end group.", "Add a row end group."),
            )
        self._refuse_notes(self.notes)

    def _within(self, row: FormRow) -> Conditions:
        """Return when a row is shown: when the groups around it are, and its own condition."""
        around = self.groups[-1].conditions if self.groups else {}
        own = self.reading.conditions(row)
        try:
            return joined(around, own)
        except ExpressionError as error:
            self.reading.faults.refuse(
                "xlsform-condition",
                row,
                "relevant",
                row.get("relevant"),
                error.why,
                Words(
                    "Hãy để một điều kiện ở nhóm ngoài.",
                    "Leave one condition, at the outer group.",
                ),
            )
            return around

    def _section(self, row: FormRow) -> Mapped:
        group = self.groups[-1] if self.groups else None
        source, number = (group.row if group else row), len(self.made)
        conditions = group.conditions if group else {}
        section: Mapped = {"id": self._name(group), "title": self._title(group)}
        section |= self._intro(conditions)
        if conditions:
            section["show_if"] = conditions
        if group:
            section |= {k: v for k, v in group.extra.items() if k in ("order", "wording")}
        section["questions"] = []
        self.made.append(section)
        place = ("sections", number)
        self.reading.put(place, source, "name")
        for key, column in (("title", "label"), ("show_if", "relevant"), ("order", EXTRA)):
            self.reading.put((*place, key), source, column)
        return section

    def _name(self, group: Group | None) -> str:
        base = group.id if group else "part"
        number, name = 1, base
        while name.casefold() in self.names or (not group and number == 1):
            number += 1
            name = f"{base}-{number - (not group)}"
        self.names.add(name.casefold())
        return name

    def _title(self, group: Group | None) -> dict[str, str]:
        return dict((group.title if group else {}) or self.reading.title)

    def _intro(self, conditions: Conditions) -> Mapped:
        """Return the waiting notes as an intro; those shown at other times are refused."""
        fitting = [texts for _, texts, when in self.notes if when == conditions]
        self._refuse_notes([note for note in self.notes if note[2] != conditions])
        for row, _, when in self.notes:
            if when == conditions:
                self.reading.put(("sections", len(self.made), "intro"), row, "label")
        self.notes = []
        tags = dict.fromkeys(tag for texts in fitting for tag in texts)
        intro = {tag: "\n\n".join(texts[tag] for texts in fitting if tag in texts) for tag in tags}
        return {"intro": intro} if intro else {}

    def _refuse_notes(self, notes: list[tuple[FormRow, dict[str, str], Conditions]]) -> None:
        for row, texts, _ in notes:
            self.reading.faults.refuse(
                "xlsform-note-place",
                row,
                "label",
                next(iter(texts.values()), row.get("name")),
                Words(
                    "ghi chú phải đứng ngay trước câu hỏi, dưới cùng điều kiện",
                    "a note must stand before a question, under the same condition",
                ),
                Words(
                    "Hãy chuyển lời này vào hint của một câu.",
                    "Move the words into the hint of a question.",
                ),
            )
