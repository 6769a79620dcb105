"""What is said of a keyed or scanned form that is not counted: place, fault, remedy.

Each is a warning: it holds back its own form, and no other.
"""

from __future__ import annotations

from intake.findings import Finding, HailongError, Words
from intake.tables import Row
from survey_app.services.paper.keying import Checked, Difference, shown
from survey_app.services.paper.layout import Asked, PaperError

NUMBER = "form_number"


def faults_of(file: str, row: Row, checked: Checked) -> list[Finding]:
    """Return what is wrong with a keyed form: each impossible value, or that it is blank."""
    if not checked.faults and checked.answered == 0:
        words = Words("Phiếu không có câu trả lời nào.", "The form holds no answer.")
        advice = Words(
            "Phiếu trắng không được ghi; để riêng và đếm.", "Blank forms are set aside and counted."
        )
        return [finding(file, row, NUMBER, "form-empty", words, advice)]
    advice = Words("Xem lại phiếu giấy và sửa ô này.", "Look at the paper and mend this cell.")
    return [finding(file, row, one.field, one.code, one.words, advice) for one in checked.faults]


def of_another_round(round_id: str) -> PaperError:
    """Return the error of a form that belongs elsewhere."""
    return PaperError.of(
        "form-of-another-round",
        f"Phiếu thuộc đợt {round_id}.",
        f"The form belongs to round {round_id}.",
        "Nhập phiếu này vào đợt của nó.",
        "Enter it into its own round.",
    )


def refused(file: str, row: Row, error: HailongError) -> Finding:
    """Return why the number of a form cannot be used, at its row."""
    first = error.findings[0]
    return finding(file, row, NUMBER, first.code, first.message, first.advice)


def not_in_both(file: str, row: Row) -> Finding:
    """Return that only one of two files holds a form."""
    return finding(
        file,
        row,
        NUMBER,
        "form-not-in-both",
        Words("Phiếu này chưa có trong tệp kia.", "The other file lacks this form."),
        Words("Nhập phiếu này vào cả hai tệp.", "Key it in both files."),
    )


def differing(file: str, row: Row, one: Difference) -> Finding:
    """Return that a field was keyed differently, with both values."""
    place, keyed = one.asked.place, [shown(one.asked, v) for v in (one.first, one.second)]
    vi, en = ([value or blank for value in keyed] for blank in ("để trống", "blank"))
    return finding(
        file,
        row,
        one.asked.field,
        "keyings-differ",
        Words(
            f"Câu {place}: lần một “{vi[0]}”, lần hai “{vi[1]}”.",
            f"Question {place}: first “{en[0]}”, second “{en[1]}”.",
        ),
        Words("Xem phiếu giấy và sửa tệp sai.", "Look at the paper and mend the wrong file."),
    )


def undecided(file: str, row: Row, asked: Asked) -> Finding:
    """Return that a person has yet to decide a field of a scanned form."""
    return finding(
        file,
        row,
        asked.field,
        "doubt-undecided",
        Words(f"Câu {asked.place} còn nghi ngờ.", f"Question {asked.place} is still in doubt."),
        Words(
            "Xem review.html và ghi quyết định vào doubts.csv.",
            "Look at review.html and write the decision into doubts.csv.",
        ),
    )


def finding(file: str, row: Row, column: str, code: str, message: Words, advice: Words) -> Finding:
    """Return a warning at a place of a table."""
    return Finding(code, message, advice, "warning", file, row.line, column)
