"""A group that is shown as a table of choices, as one matrix question."""

from __future__ import annotations

from collections.abc import Sequence

from intake.documents import Place
from questionnaires.exchange.asked import id_of, question_of
from questionnaires.exchange.columns import FormRow
from questionnaires.exchange.conditions import Known
from questionnaires.exchange.kinds import Kind, kind_of
from questionnaires.exchange.state import Mapped, Reading

_ROW_MAY_SAY = {"type", "name", "label", "required", "appearance", "hailong"}


def table_rows(rows: Sequence[FormRow]) -> Sequence[FormRow]:
    """Return the rows of the table that the first row begins; none when it is no plain table.

    A plain table asks choices of one from one list, each row with nothing of its own but words:
    anything more is kept by asking the rows as questions.
    """
    if "table-list" not in rows[0].get("appearance").split():
        return ()
    inner: list[FormRow] = []
    for row in rows[1:]:
        kind = kind_of(row.get("type"))
        if kind.name == "end":
            break
        if kind.name != "single" or kind.other or set(row.cells) - _ROW_MAY_SAY:
            return ()
        if row.get("appearance") or (inner and kind != kind_of(inner[0].get("type"))):
            return ()
        if inner and row.get("required") != inner[0].get("required"):
            return ()
        inner.append(row)
    return inner


def matrix_of(begin: FormRow, inner: Sequence[FormRow], place: Place, reading: Reading) -> Mapped:
    """Return the matrix of a plain table."""
    kind = kind_of(inner[0].get("type"))
    asked = {key: texts for key, texts in begin.cells.items() if key != "appearance"}
    if "required" in inner[0].cells:
        asked["required"] = inner[0].cells["required"]
    head = FormRow(begin.sheet, begin.number, asked, begin.headers)
    question = question_of(head, Kind("matrix", kind.choices), place, reading)
    prefix = str(question.get("code", question["id"])) + "_"
    names = [id_of(row.get("name")) for row in inner]
    if all(name.startswith(prefix) and name != prefix for name in names):
        names = [name.removeprefix(prefix) for name in names]
    question["rows"] = []
    values = tuple(option["value"] for option in question["options"])
    for number, (name, row) in enumerate(zip(names, inner, strict=True)):
        extra = reading.beside(row)
        words = extra.get("otherwise")
        label = reading.texts(row, "label", words if isinstance(words, dict) else {})
        made: Mapped = {"id": name, "label": label}
        made |= {key: extra[key] for key in ("factor", "wording") if key in extra}
        question["rows"].append(made)
        for key in ("", "id", "label", "factor"):
            at = (*place, "rows", number, key) if key else (*place, "rows", number)
            reading.put(at, row, "label" if key == "label" else "name")
        reading.known[row.get("name")] = Known(f"{prefix}{name}", values)
        reading.pipes[row.get("name")] = f"answer:{prefix}{name}"
    return question
