"""hailong questionnaire: check definitions, bring them in from other programs and hand them on."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from intake.findings import Finding, QuestionnaireError
from survey_app.cli.opened import opened
from survey_app.cli.output import Said, json_option, language

if TYPE_CHECKING:
    from questionnaires import Questionnaire


@click.group(no_args_is_help=True)
def questionnaire() -> None:
    """Work with questionnaire definitions.

    Example: hailong questionnaire check citizen.yaml
    """


_unmarked = click.option(
    "--language",
    "unmarked",
    metavar="TAG",
    default="vi",
    show_default=True,
    help="Language of the texts that an XLSForm does not mark.",
)


@questionnaire.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--against",
    metavar="FILE|ROUND",
    help="An earlier version, or a round that asks with it: tell what changes.",
)
@_unmarked
@json_option
def check(file: Path, against: str | None, unmarked: str) -> Said:
    """Report every fault of a definition (YAML, JSON) or an XLSForm (.xls, .xlsx).

    Example: hailong questionnaire check citizen.yaml --against citizen-2025.yaml
    """
    from questionnaires import check_questionnaire

    earlier = _earlier(against, unmarked) if against else None
    found, findings = check_questionnaire(file, unmarked)
    if found is None:
        return Said({}, "", findings)
    questions = sum(len(section.questions) for section in found.sections)
    result: dict[str, object] = {
        "id": found.id,
        "version": found.version,
        "questions": questions,
        "languages": list(found.languages),
    }
    text = (
        f"{found.id}@{found.version}: {questions} questions, {len(found.items)} items, "
        f"{', '.join(found.languages)}"
    )
    if earlier is not None:
        changes, told = _compared(earlier, found, file)
        findings = [*findings, *told]
        named = f"{earlier.id}@{earlier.version}"
        result |= {"against": named, "changes": changes}
        text += f"\n{len(changes)} change{'s' if len(changes) != 1 else ''} from {named}"
    return Said(result, text, findings)


def _earlier(name: str, unmarked: str) -> Questionnaire:
    """Return the questionnaire of a file or a round."""
    from questionnaires import check_questionnaire
    from questionnaires.loader import is_definition

    if not is_definition(name):
        from survey_app.services.rounds import questionnaire_in_use

        return questionnaire_in_use(opened().engine, name)
    found, findings = check_questionnaire(Path(name), unmarked)
    if found is None:
        raise QuestionnaireError(findings)
    return found


def _compared(
    earlier: Questionnaire, found: Questionnaire, file: Path
) -> tuple[list[dict[str, object]], list[Finding]]:
    """Return what changes as plain values and as findings."""
    from questionnaires.comparison import compare

    lang = language()
    changes = compare(earlier, found)
    same = (earlier.id, earlier.version) == (found.id, found.version)
    plain: list[dict[str, object]] = [
        {
            "code": change.code,
            "path": change.path,
            "old": change.old.in_language(lang),
            "new": change.new.in_language(lang),
        }
        for change in changes
    ]
    return plain, [change.finding(file.name, same) for change in changes]


@questionnaire.command("import")
@click.argument("xlsform", type=click.Path(path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The YAML file.")
@_unmarked
@json_option
def import_(xlsform: Path, out: Path, unmarked: str) -> Said:
    """Write the definition that an XLSForm stands for; refuse it with a reason per row.

    Example: hailong questionnaire import form.xlsx --out citizen.yaml
    """
    from questionnaires.exchange import definition_text, read_form
    from questionnaires.loader import check_form

    form = read_form(xlsform, unmarked)
    found, findings = check_form(form)
    if found is None:
        return Said({}, "", findings)
    _write(out, definition_text(form.value).encode())
    result = {"id": found.id, "version": found.version, "questions": len(found.questions)}
    text = f"{out}: {found.id}@{found.version}, {len(found.questions)} questions"
    return Said(result, text, findings)


@questionnaire.command()
@click.argument("questionnaire_id", metavar="ID")
@click.option(
    "--to",
    "target",
    required=True,
    type=click.Choice(["xlsform", "ddi", "codebook"]),
    help="Workbook for ODK and Kobo, DDI Codebook 2.5 (XML), codebook to print (PDF).",
)
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The file.")
@json_option
def export(questionnaire_id: str, target: str, out: Path) -> Said:
    """Hand a questionnaire on: citizen, citizen@2026-1, or a file. The codebook follows --lang.

    Example: hailong questionnaire export citizen@2026-1 --to xlsform --out citizen.xlsx
    """
    from questionnaires.exchange import ddi_of, losses, xlsform_of
    from questionnaires.loader import find, read_questionnaire

    found = read_questionnaire(find(questionnaire_id))
    if target == "codebook":
        from survey_app.services.codebook import codebook

        data = codebook(found, language())
    else:
        data = xlsform_of(found) if target == "xlsform" else ddi_of(found)
    _write(out, data)
    result = {"id": found.id, "version": found.version, "columns": len(found.items)}
    text = f"{out}: {found.id}@{found.version}, {len(data)} bytes"
    return Said(result, text, losses(found, target))


@questionnaire.group(no_args_is_help=True)
def translate() -> None:
    """Bring a questionnaire into further languages, one file each.

    Example: hailong questionnaire translate check 2026-1.km.yaml
    """


@translate.command("template")
@click.argument("questionnaire_id", metavar="ID")
@click.argument("tag")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="The YAML file.")
@json_option
def template_(questionnaire_id: str, tag: str, out: Path) -> Said:
    """Write the empty file of a language: every text in Vietnamese, a place for its own.

    Example: hailong questionnaire translate template citizen km --out 2026-1.km.yaml
    """
    from intake.documents import read_document
    from questionnaires.loader import find
    from questionnaires.translations import check_tag, template, texts_of

    check_tag(tag)
    document = read_document(find(questionnaire_id))
    _write(out, template(document, tag).encode())
    texts = len(texts_of(document.value))
    return Said({"language": tag, "texts": texts}, f"{out}: {texts} texts")


@translate.command("check")
@click.argument("file", type=click.Path(path_type=Path))
@json_option
def check_translation_(file: Path) -> Said:
    """Report what is missing or wrong in the file of a language.

    Example: hailong questionnaire translate check 2026-1.km.yaml
    """
    from intake.documents import read_document
    from questionnaires.loader import find
    from questionnaires.translations import base_of, check_translation

    document = read_document(find(base_of(file)))
    translation, findings = check_translation(file, document)
    if translation is None:
        return Said({}, "", findings)
    text = f"{translation.of}, {translation.language}: {translation.texts} texts, "
    return Said(asdict(translation), f"{text}{translation.missing} missing", findings)


def _write(path: Path, data: bytes) -> None:
    """Write a whole file, or leave what was there."""
    made = path.with_name(f".{path.name}.new")
    try:
        made.write_bytes(data)
        made.replace(path)
    finally:
        made.unlink(missing_ok=True)
