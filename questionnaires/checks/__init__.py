"""What is wrong with a questionnaire file: every fault at once, each with a stable code.

The file is looked at as it was read, before any of it becomes a ``Questionnaire``, so that one
fault does not hide the next. A finding names the line and the path inside the file, says what is
wrong and what to do. Errors refuse the file; warnings do not.
"""

from intake.documents import Document
from intake.findings import Finding, Words
from questionnaires.checks.bounds import day_of, number_of
from questionnaires.checks.entries import Look, plain_text
from questionnaires.checks.keys import KEYS
from questionnaires.checks.limits import MAX_ERRORS, TooMuchError
from questionnaires.checks.options import numbered_scale
from questionnaires.checks.questions import BELONGS
from questionnaires.checks.routing import check_reachable, values_of
from questionnaires.checks.structure import check_structure

__all__ = [
    "BELONGS",
    "KEYS",
    "check_document",
    "check_reachable",
    "day_of",
    "number_of",
    "numbered_scale",
    "plain_text",
    "values_of",
]


def check_document(document: Document) -> list[Finding]:
    """Return every finding about a definition, in the order of the file.

    Whether each question can be reached is seen on the finished questionnaire only; see
    ``check_reachable``.
    """
    look = Look(document)
    try:
        check_structure(look)
    except TooMuchError:
        look.faults.add(
            "too-many-errors",
            Words(
                f"Tệp có hơn {MAX_ERRORS} lỗi nên không xem tiếp.",
                f"There are more than {MAX_ERRORS} errors; the rest was not looked at.",
            ),
            Words("Hãy sửa những lỗi đã nêu trước.", "Mend those that are told first."),
            row=document.line(()),
        )
    return sorted(look.faults.findings, key=lambda finding: finding.row or 0)
