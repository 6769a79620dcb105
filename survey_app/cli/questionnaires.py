"""hailong questionnaire: check definitions."""

from __future__ import annotations

from pathlib import Path

import click

from survey_app.cli.output import Said, json_option


@click.group(no_args_is_help=True)
def questionnaire() -> None:
    """Work with questionnaire definitions.

    Example: hailong questionnaire check citizen.yaml
    """


@questionnaire.command()
@click.argument("file", type=click.Path(path_type=Path))
@json_option
def check(file: Path) -> Said:
    """Report every fault of a definition (YAML or JSON).

    Example: hailong questionnaire check citizen.yaml --json
    """
    from questionnaires import check_questionnaire

    found, findings = check_questionnaire(file)
    if found is None:
        return Said({}, "", findings)
    questions = sum(len(section.questions) for section in found.sections)
    result = {
        "id": found.id,
        "version": found.version,
        "questions": questions,
        "languages": list(found.languages),
    }
    text = (
        f"{found.id}@{found.version}: {questions} questions, {len(found.items)} items, "
        f"{', '.join(found.languages)}"
    )
    return Said(result, text, findings)
