"""From a YAML or JSON file to a ``Questionnaire``; what is wrong carries file, line and path."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from intake.documents import read_document
from intake.findings import Finding, IntakeError, QuestionnaireError, Words, errors_of
from intake.text import ID_PATTERN
from questionnaires.building import build
from questionnaires.checks import check_document, check_reachable
from questionnaires.model import Questionnaire

DEFINITIONS = Path(__file__).parent / "definitions"

_XLSFORM = (".xls", ".xlsx")


def available() -> tuple[tuple[str, str], ...]:
    """Return id and version of every questionnaire that comes with the package.

    Examples
    --------
    >>> ("citizen", "2026-1") in available()
    True
    """
    return tuple(sorted((path.parent.name, path.stem) for path in DEFINITIONS.glob("*/*.yaml")))


@lru_cache(maxsize=32)
def load(code: str, version: str) -> Questionnaire:
    """Return a questionnaire that comes with the package.

    Raises
    ------
    QuestionnaireError
        There is none of that id and version; the advice lists those there are.

    Examples
    --------
    >>> load("citizen", "2026-1").title.in_language("en")
    'Citizen satisfaction survey on the service of state administrative agencies'
    """
    path = DEFINITIONS / code / f"{version}.yaml"
    if not (ID_PATTERN.match(code) and ID_PATTERN.match(version)) or not path.is_file():
        known = ", ".join(f"{one}@{of}" for one, of in available())
        raise QuestionnaireError(
            Finding(
                "questionnaire-unknown",
                Words(f"Không có phiếu {code}@{version}.", f"There is no form {code}@{version}."),
                Words(f"Các phiếu hiện có: {known}.", f"These exist: {known}."),
            )
        )
    return read_questionnaire(path)


def read_questionnaire(path: Path) -> Questionnaire:
    """Read one definition.

    Raises
    ------
    QuestionnaireError
        With every finding, warnings among them, when at least one is an error.
    """
    questionnaire, findings = check_questionnaire(path)
    if questionnaire is None:
        raise QuestionnaireError(findings)
    return questionnaire


def check_questionnaire(path: Path) -> tuple[Questionnaire | None, list[Finding]]:
    """Return the questionnaire, None when there are errors, and every finding about the file."""
    if path.suffix.lower() in _XLSFORM:
        return None, [_no_xlsform(path)]
    try:
        document = read_document(path)
    except IntakeError as error:
        return None, list(error.findings)
    findings = check_document(document)
    if errors_of(findings):
        return None, findings
    questionnaire = build(document)
    findings += check_reachable(questionnaire, document)
    return (None if errors_of(findings) else questionnaire), findings


def _no_xlsform(path: Path) -> Finding:
    return Finding(
        "xlsform-not-readable",
        Words(
            "Chưa đọc được biểu mẫu XLSForm trực tiếp.",
            "XLSForm files cannot be read here yet.",
        ),
        Words(
            "Hãy viết phiếu bằng YAML hoặc JSON.",
            "Write the form as YAML or JSON.",
        ),
        file=path.name,
    )
