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
from questionnaires.translations import is_translation, translated

DEFINITIONS = Path(__file__).parent / "definitions"

_FILES = (".yaml", ".yml", ".json", ".xls", ".xlsx")


def available() -> tuple[tuple[str, str], ...]:
    """Return id and version of every questionnaire that comes with the package.

    Examples
    --------
    >>> ("citizen", "2026-1") in available()
    True
    """
    return tuple(sorted((path.parent.name, path.stem) for path in definition_files()))


def definition_files() -> list[Path]:
    """Return the files of the questionnaires that come with the package, languages left out."""
    return sorted(path for path in DEFINITIONS.glob("*/*.yaml") if not is_translation(path))


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
    return read_questionnaire(_file_of(code, version))


def _file_of(code: str, version: str) -> Path:
    path = DEFINITIONS / code / f"{version}.yaml"
    if not (ID_PATTERN.match(code) and ID_PATTERN.match(version)) or not path.is_file():
        known = ", ".join(f"{one}@{of}" for one, of in available())
        name = f"{code}@{version}" if version else code
        raise QuestionnaireError(
            Finding(
                "questionnaire-unknown",
                Words(f"Không có phiếu {name}.", f"There is no form {name}."),
                Words(f"Các phiếu hiện có: {known}.", f"These exist: {known}."),
            )
        )
    return path


def find(name: str) -> Path:
    """Return the file of a questionnaire: of an id, of ``id@version``, or the file that it names.

    An id alone stands for its last version that comes with the package.

    Raises
    ------
    QuestionnaireError
        The package has none of that name.
    """
    if is_definition(name):
        return Path(name)
    code, _, version = name.partition("@")
    versions = [known for of, known in available() if of == code]
    return _file_of(code, version or max(versions, default=""))


def is_definition(name: str) -> bool:
    """Tell whether a name is that of a file a questionnaire can stand in."""
    return Path(name).suffix.lower() in _FILES


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
        document = translated(read_document(path), path)
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
