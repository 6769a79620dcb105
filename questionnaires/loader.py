"""From a YAML or JSON file to a ``Questionnaire``; what is wrong carries file, line and path."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from intake.documents import read_document
from intake.findings import Finding, IntakeError, QuestionnaireError, Words, errors_of
from intake.text import ID_PATTERN
from questionnaires.building import build
from questionnaires.checks import check_document, check_reachable
from questionnaires.exchange.reading import Form, is_workbook, read_form
from questionnaires.model import Questionnaire
from questionnaires.texts import MAIN_LANGUAGE

DEFINITIONS = Path(__file__).parent / "definitions"


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


def check_questionnaire(
    path: Path, language: str = MAIN_LANGUAGE
) -> tuple[Questionnaire | None, list[Finding]]:
    """Return the questionnaire, None when there are errors, and every finding about the file.

    An XLSForm may leave the language of its texts unmarked; they are then taken as ``language``.
    """
    try:
        if is_workbook(path):
            return check_form(read_form(path, language))
        document = read_document(path)
    except IntakeError as error:
        return None, list(error.findings)
    findings = check_document(document)
    if errors_of(findings):
        return None, findings
    questionnaire = build(document)
    findings += check_reachable(questionnaire, document)
    return (None if errors_of(findings) else questionnaire), findings


def check_form(form: Form) -> tuple[Questionnaire | None, list[Finding]]:
    """Return the questionnaire of an XLSForm, None when there are errors, and every finding."""
    findings = form.with_checks(check_document(form.document))
    if errors_of(findings):
        return None, findings
    questionnaire = build(form.document)
    findings += map(form.relocated, check_reachable(questionnaire, form.document))
    findings += form.unaccepted() if not errors_of(findings) else []
    return (None if errors_of(findings) else questionnaire), findings
