"""One row of the sheet ``survey`` as a question: its texts, options, bounds and conditions."""

from __future__ import annotations

from decimal import Decimal

from intake.documents import Place
from intake.findings import Words
from questionnaires.exchange.bounds import Bounds, bounds_of
from questionnaires.exchange.choices import leave_audio, options_of, refuse_media
from questionnaires.exchange.columns import EXTRA, FormRow
from questionnaires.exchange.conditions import Known
from questionnaires.exchange.expressions import ExpressionError
from questionnaires.exchange.kinds import Kind
from questionnaires.exchange.state import Mapped, Reading
from questionnaires.texts import MAIN_LANGUAGE

_READ = {
    *("type", "name", "label", "hint", "required", "relevant", "constraint", "appearance"),
    *("rows", "parameters", "list_name", EXTRA),
}
_KEPT = (
    *("required", "decimals", "max_length", "lines", "goto", "order", "factor", "reverse"),
    *("sensitive", "feedback", "code", "wording", "min", "max"),
)
"""What a question may say in the column of what XLSForm cannot say."""

_MOST_STEPS = 60
_OFTEN_LOST = {
    "constraint_message": Words("lời báo lỗi do hệ thống tự viết", "faults have their own words"),
    "required_message": Words("lời nhắc do hệ thống tự viết", "reminders have their own words"),
    "guidance_hint": Words("không có chỗ cho lời dặn thêm", "there is no place for guidance"),
    "default": Words("không câu nào được chọn sẵn", "nothing is answered beforehand"),
}
_REFUSED = {
    "choice_filter": (
        "xlsform-choice-filter",
        Words(
            "phương án lọc theo câu trước chưa giữ được",
            "options that depend on an earlier answer cannot be held",
        ),
        Words(
            "Hãy tách thành một câu cho mỗi câu trả lời trước, với relevant.",
            "Ask one question for each earlier answer, with relevant.",
        ),
    ),
    "calculation": (
        "xlsform-calculation",
        Words("giá trị tính sẵn không giữ được", "values that are computed cannot be held"),
        Words("Hãy bỏ phần tính; tính khi phân tích.", "Leave it out; compute in the analysis."),
    ),
    "trigger": (
        "xlsform-calculation",
        Words("giá trị tính sẵn không giữ được", "values that are computed cannot be held"),
        Words("Hãy bỏ phần tính; tính khi phân tích.", "Leave it out; compute in the analysis."),
    ),
    "bind::entities:saveto": (
        "xlsform-calculation",
        Words("không ghi câu trả lời vào nơi khác", "answers are written nowhere else"),
        Words("Hãy bỏ cột save_to.", "Leave save_to out."),
    ),
}


def question_of(row: FormRow, kind: Kind, place: Place, reading: Reading) -> Mapped:
    """Return the question that a row asks, as a file of questionnaires says it."""
    extra = reading.beside(row)
    question: Mapped = {"id": id_of(row.get("name")), "type": kind.name}
    _note_places(row, place, reading)
    check_columns(row, reading)
    otherwise = extra.get("otherwise")
    otherwise = otherwise if isinstance(otherwise, dict) else {}
    for key in ("label", "hint"):
        texts = reading.texts(row, key, otherwise)
        if texts or key == "label":
            question[key] = texts
    _put_required(question, row, reading)
    _put_conditions(question, row, extra, reading)
    if kind.choices:
        _put_options(question, row, kind, reading)
    elif kind.name == "text":
        _put_lines(question, row)
    if kind.decimals:
        question["decimals"] = extra.get("decimals", kind.decimals)
    _put_bounds(question, row, kind, reading)
    question |= {key: value for key, value in extra.items() if key in _KEPT}
    if _is_numbered(question):
        del question["options"], question["scale"]
    register(question, row, reading)
    return question


def _is_numbered(question: Mapped) -> bool:
    """Tell whether a scale is given by its ends alone, its labels being its numbers."""
    low, high = question.get("min"), question.get("max")
    if question["type"] != "scale" or not isinstance(low, int) or not isinstance(high, int):
        return False
    steps = [str(step) for step in range(low, high + 1)] if 0 <= high - low < _MOST_STEPS else []
    numbered = [{"value": step, "label": {MAIN_LANGUAGE: step}} for step in steps]
    return bool(steps) and "scale" in question and question.get("options") == numbered


def id_of(name: str) -> str:
    """Return the id for a name: XML names may begin with ``_`` where ids begin with a digit."""
    return name.lstrip("_") or name


def _note_places(row: FormRow, place: Place, reading: Reading) -> None:
    reading.put(place, row, "name")
    for key, column in (
        *(("id", "name"), ("type", "type"), ("label", "label"), ("hint", "hint")),
        *(("options", "type"), ("scale", "type"), ("show_if", "relevant")),
        *(("required", "required"), ("min", "constraint"), ("max", "constraint")),
        *(("lines", "rows"), ("rows", "name"), ("max_length", "constraint")),
        *((key, EXTRA) for key in ("goto", "order", "factor", "code", "wording", "decimals")),
    ):
        reading.put((*place, key), row, column)


def check_columns(row: FormRow, reading: Reading) -> None:
    """Refuse the cells of a row that change what is asked; warn of those that do not."""
    for key, (code, why, do) in _REFUSED.items():
        if row.get(key):
            reading.faults.refuse(code, row, key, row.get(key), why, do)
    if truth_of(row.get("readonly")):
        reading.faults.refuse(
            "xlsform-read-only",
            row,
            "readonly",
            row.get("readonly"),
            Words("câu chỉ để đọc không phải câu hỏi", "what is only read is no question"),
            Words("Hãy dùng dòng note.", "Make it a note."),
        )
    for key in ("image", "video"):
        if row.get(key):
            refuse_media(row, key, reading)
    if row.get("audio"):
        leave_audio(row, reading)
    for key, why in _OFTEN_LOST.items():
        if row.get(key):
            reading.faults.leave_out(row, key, row.get(key), why)
    _warn_of_columns(row, reading)


def _warn_of_columns(row: FormRow, reading: Reading) -> None:
    known = _READ | set(_OFTEN_LOST) | set(_REFUSED) | {"readonly", "image", "audio", "video"}
    for key in row.cells:
        if key not in known and key not in reading.warned:
            reading.warned.add(key)
            reading.faults.leave_out(
                row,
                key,
                row.header(key),
                Words("cột này không có nghĩa ở đây", "this column means nothing here"),
            )


def truth_of(text: str) -> bool | None:
    """Return what a cell says that is yes or no; None when it says something else."""
    from pyxform import aliases

    return aliases.yes_no.get(text) if text else False


def _put_required(question: Mapped, row: FormRow, reading: Reading) -> None:
    truth = truth_of(row.get("required"))
    if truth is None:
        reading.faults.refuse(
            "xlsform-required",
            row,
            "required",
            row.get("required"),
            Words("“bắt buộc” theo điều kiện không giữ được", "it depends on a condition"),
            Words("Hãy ghi yes hoặc no.", "Write yes or no."),
        )
    elif truth:
        question["required"] = True


def _put_conditions(question: Mapped, row: FormRow, extra: Mapped, reading: Reading) -> None:
    """Take the conditions; those beside a jump are written out for XLSForm and kept apart."""
    if "relevant" in extra and extra["relevant"] == row.get("relevant"):
        conditions = extra.get("show_if", {})
    else:
        conditions = reading.conditions(row)
    if conditions:
        question["show_if"] = conditions


def _put_options(question: Mapped, row: FormRow, kind: Kind, reading: Reading) -> None:
    options = options_of(row, kind.choices, kind.other, reading)
    if "likert" in row.get("appearance").split() and kind.name == "single":
        question["type"] = "scale"
    question["options"] = options or []
    if options and not kind.other:
        reading.uses[kind.choices] = reading.uses.get(kind.choices, 0) + 1
        question["scale"] = kind.choices
    if "randomize=true" in row.get("parameters").replace(" ", "").lower():
        question["order"] = "random"


def _put_lines(question: Mapped, row: FormRow) -> None:
    rows = row.get("rows")
    if rows.isdecimal() and len(rows) < 3:
        question["lines"] = int(rows)
    elif "multiline" not in row.get("appearance").split():
        question["lines"] = 1


def _put_bounds(question: Mapped, row: FormRow, kind: Kind, reading: Reading) -> None:
    text = row.get("constraint") or kind.constraint
    if not text:
        return
    try:
        bounds = bounds_of(text, kind.name, kind.decimals)
    except ExpressionError as error:
        reading.faults.refuse(
            "xlsform-constraint",
            row,
            "constraint",
            text,
            error.why,
            Words("Hãy viết lại hoặc bỏ ràng buộc.", "Write it so, or leave it out."),
        )
        return
    for key, end in (("min", bounds.low), ("max", bounds.high)):
        if end is not None:
            question[key] = end if kind.name == "date" else _number(end)
    if bounds.longest is not None:
        question["max_length"] = bounds.longest
    _stand_alone(question, bounds)


def _number(text: str) -> int | float:
    return float(Decimal(text)) if "." in text else int(text)


def _stand_alone(question: Mapped, bounds: Bounds) -> None:
    """Let options stand alone; a list that others share is then no longer theirs."""
    for option in question.get("options", ()):
        if option["value"] in bounds.alone and not option.get("missing"):
            if not option.get("exclusive"):
                question.pop("scale", None)
            option["exclusive"] = True


def register(question: Mapped, row: FormRow, reading: Reading) -> None:
    """Let later rows ask for the answer to a question and repeat it."""
    name, kind = row.get("name"), question["type"]
    field = question["id"]
    values = tuple(option["value"] for option in question.get("options", ()))
    always = question.get("required") is True and not question.get("show_if")
    if kind in ("single", "scale", "multi", "ranking"):
        several = kind in ("multi", "ranking")
        reading.known[name] = Known(field, values, several, always)
    elif kind == "number":
        low, high = _whole(question.get("min")), _whole(question.get("max"))
        whole = not question.get("decimals")
        reading.known[name] = Known(field, None, False, always, low, high, whole)
    short = kind != "text" or (question.get("lines") == 1 and not question.get("feedback"))
    if kind in ("single", "scale", "number", "date") or (kind == "text" and short):
        reading.pipes[name] = f"answer:{field}"


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) else None
