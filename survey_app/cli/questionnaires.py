"""hailong questionnaire: check definitions, bring them in from other programs and hand them on."""

from __future__ import annotations

from pathlib import Path

import click

from survey_app.cli.output import Said, json_option


@click.group(no_args_is_help=True)
def questionnaire() -> None:
    """Work with questionnaire definitions.

    Example: hailong questionnaire check citizen.yaml
    """


_language = click.option(
    "--language",
    metavar="TAG",
    default="vi",
    show_default=True,
    help="Language of the texts that an XLSForm does not mark.",
)


@questionnaire.command()
@click.argument("file", type=click.Path(path_type=Path))
@_language
@json_option
def check(file: Path, language: str) -> Said:
    """Report every fault of a definition (YAML, JSON) or an XLSForm (.xls, .xlsx).

    Example: hailong questionnaire check citizen.yaml --json
    """
    from questionnaires import check_questionnaire

    found, findings = check_questionnaire(file, language)
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


@questionnaire.command("import")
@click.argument("xlsform", type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The YAML file.")
@_language
@json_option
def import_(xlsform: Path, out: Path, language: str) -> Said:
    """Write the definition that an XLSForm stands for; refuse it with a reason per row.

    Example: hailong questionnaire import form.xlsx --out citizen.yaml
    """
    from questionnaires.exchange import definition_text, read_form
    from questionnaires.loader import check_form

    form = read_form(xlsform, language)
    found, findings = check_form(form)
    if found is None:
        return Said({}, "", findings)
    _write(out, definition_text(form.value).encode())
    result = {"id": found.id, "version": found.version, "questions": len(found.questions)}
    text = f"{out}: {found.id}@{found.version}, {len(found.questions)} questions"
    return Said(result, text, findings)


def _write(path: Path, data: bytes) -> None:
    """Write a whole file, or leave what was there."""
    made = path.with_name(f".{path.name}.new")
    try:
        made.write_bytes(data)
        made.replace(path)
    finally:
        made.unlink(missing_ok=True)
