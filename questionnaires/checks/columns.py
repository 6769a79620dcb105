"""The columns and form fields that the questions of a form fill: no two may share one."""

from __future__ import annotations

from collections.abc import Iterable

from intake.findings import Words
from intake.text import folded
from questionnaires.checks.entries import Look, Place, mappings_of, plain_text

RESERVED = frozenset(
    {
        *("round", "cell", "unit", "stratum", "psu", "mode", "recruitment", "design_weight"),
        *("weight", "code", "n_fast_pages", "duration_band"),
    }
)
"""Columns of the file of answers and fields of the form that are no answers."""


def row_columns(question: dict[str, object], name: str) -> list[str]:
    """Return the codes of the rows of a matrix: its own prefix, else its id, and the row's id."""
    prefix = plain_text(question.get("code")) or name
    return [f"{prefix}_{plain_text(row.get('id'))}" for row in mappings_of(question.get("rows"))]


def order_columns(part: dict[str, object], name: str) -> list[str]:
    """Return the field and the item that hold the order of a question or section."""
    return [f"order.{name}", f"order_{name}"] if "order" in part else []


def check_columns(
    look: Look, question: dict[str, object], kind: str, name: str, place: Place
) -> None:
    """Report a column or form field that two questions would share."""
    values = [plain_text(option.get("value")) for option in mappings_of(question.get("options"))]
    made = [name]
    if kind == "matrix":
        made = row_columns(question, name)
    elif kind in ("multi", "ranking"):
        made += [f"{name}_{value}" for value in values]
    specified = [
        f"{name}_{plain_text(option.get('value'))}_text"
        for option in mappings_of(question.get("options"))
        if option.get("specify") is True
    ]
    if any(option.get("missing") for option in mappings_of(question.get("options"))):
        specified.append(f"{name}.missing")
    claim(look, (*made, *specified, *order_columns(question, name)), name, place)


def claim(look: Look, codes: Iterable[str], name: str, place: Place) -> None:
    """Note the columns and fields of a question or section; report those of another."""
    for code in dict.fromkeys(codes):
        if folded(code) in RESERVED:
            look.say(
                "reserved-id",
                place,
                Words(
                    f"“{code}” là tên cột hoặc ô mà hệ thống đã dùng.",
                    f"'{code}' is a column or field that the system uses itself.",
                ),
                Words("Hãy đặt mã khác, ví dụ thêm q_.", "Take another id, such as one with q_."),
            )
        owner, first = look.codes.setdefault(folded(code), (name, place))
        if owner != name:
            look.say(
                "duplicate-item-code",
                place,
                Words(
                    f"Cột “{code}” đã thuộc câu ở dòng {look.document.line(first)}.",
                    f"The column '{code}' already belongs to the question on line "
                    f"{look.document.line(first)}.",
                ),
                Words(
                    "Hãy đổi mã của câu, dòng hoặc phương án.",
                    "Change the id of the question, the row or the option value.",
                ),
            )
