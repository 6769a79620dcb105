"""A questionnaire as DDI Codebook 2.5: a study, its groups and variables, in all its languages.

The children of each element stand in the order that the schema demands.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterable

from questionnaires.exchange.described import Described, Value, described
from questionnaires.model import Questionnaire
from questionnaires.texts import MAIN_LANGUAGE, Text, plain

NAMESPACE = "ddi:codebook:2_5"
SCHEMA = "http://www.ddialliance.org/Specification/DDI-Codebook/2.5/XMLSchema/codebook.xsd"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_GROUPED = {"flag": "multipleResp", "choice": "grid", "number": "grid"}


def ddi_of(questionnaire: Questionnaire) -> bytes:
    """Return the DDI Codebook 2.5 of a questionnaire as XML in UTF-8; the same bytes each time."""
    root = ET.Element(
        "codeBook",
        {
            "xmlns": NAMESPACE,
            "xmlns:xsi": _XSI,
            "version": "2.5",
            "ID": "codebook",
            _LANG: MAIN_LANGUAGE,
            "xsi:schemaLocation": f"{NAMESPACE} {SCHEMA}",
        },
    )
    _study(root, questionnaire)
    data = ET.SubElement(root, "dataDscr")
    columns = list(described(questionnaire))
    ids = {column.item.code: f"V{number}" for number, column in enumerate(columns, start=1)}
    _groups(data, questionnaire, columns, ids)
    for column in columns:
        _variable(data, column, ids[column.item.code])
    ET.indent(root)
    return b"%s\n" % ET.tostring(root, encoding="utf-8", xml_declaration=True)


def _texts(parent: ET.Element, tag: str, text: Text | None, **attributes: str) -> None:
    """Add an element per language of a text."""
    for language, words in (text or {}).items():
        child = ET.SubElement(parent, tag, {**attributes, _LANG: language})
        child.text = plain(words)


def _study(root: ET.Element, questionnaire: Questionnaire) -> None:
    study = ET.SubElement(root, "stdyDscr")
    citation = ET.SubElement(study, "citation")
    titles = ET.SubElement(citation, "titlStmt")
    title = dict(questionnaire.title)
    main = MAIN_LANGUAGE if MAIN_LANGUAGE in title else next(iter(title))
    ET.SubElement(titles, "titl", {_LANG: main}).text = title.pop(main)
    _texts(titles, "parTitl", Text(title))
    ET.SubElement(titles, "IDNo").text = f"{questionnaire.id}@{questionnaire.version}"
    version = ET.SubElement(ET.SubElement(citation, "verStmt"), "version")
    version.text = questionnaire.version
    _texts(study, "notes", questionnaire.source, type="source")
    _texts(study, "notes", questionnaire.notice, type="notice")
    for unverified in questionnaire.unverified:
        _texts(study, "notes", unverified, type="unverified")


def _groups(
    data: ET.Element,
    questionnaire: Questionnaire,
    columns: list[Described],
    ids: dict[str, str],
) -> None:
    """Add groups of variables: sections, questions with several columns, factors."""
    for number, section in enumerate(questionnaire.sections, start=1):
        held = [c for c in columns if c.section is section]
        group = _group(data, f"S{number}", "section", section.id, (ids[c.item.code] for c in held))
        _texts(group, "labl", section.title)
        _texts(group, "txt", section.intro)
    for number, question in enumerate(questionnaire.questions, start=1):
        held = [c for c in columns if c.question is question]
        kind = _GROUPED.get(held[0].item.kind) if len(held) > 1 else None
        if kind:
            codes = (ids[c.item.code] for c in held)
            group = _group(data, f"Q{number}", kind, question.id, codes)
            _texts(group, "labl", question.label)
    for number, factor in enumerate(questionnaire.factors, start=1):
        codes = (ids[code] for code in factor.items)
        group = _group(data, f"F{number}", "subject", factor.code, codes)
        _texts(group, "labl", factor.title)


def _group(data: ET.Element, name: str, kind: str, code: str, columns: Iterable[str]) -> ET.Element:
    attributes = {"ID": name, "type": kind, "name": code}
    held = " ".join(columns)
    return ET.SubElement(data, "varGrp", attributes | ({"var": held} if held else {}))


def _variable(data: ET.Element, column: Described, name: str) -> None:
    item = column.item
    number = item.kind == "number"
    attributes = {
        "ID": name,
        "name": item.code,
        "intrvl": "contin" if number else "discrete",
        "representationType": {"number": "numeric", "date": "datetime"}.get(
            item.kind, "text" if item.text else "code"
        ),
    }
    if number:
        # The column counts in units of the last decimal.
        attributes |= (
            {"dcml": "0", "scale": f"x{10**-item.decimals:g}"} if item.decimals else {"dcml": "0"}
        )
    variable = ET.SubElement(data, "var", attributes)
    _texts(variable, "labl", column.label)
    _question(variable, column)
    _ranges(variable, column)
    _texts(variable, "universe", column.universe)
    for value in column.values:
        _category(variable, value)
    if item.factor:
        ET.SubElement(variable, "concept").text = item.factor
    kind = "character" if item.text else "numeric"
    category = {"category": "date"} if item.kind == "date" else {}
    ET.SubElement(variable, "varFormat", {"type": kind, **category})


def _question(variable: ET.Element, column: Described) -> None:
    """Add what is asked: the question, before it the text above the rows of a matrix."""
    if column.question is None:
        return
    asked = ET.SubElement(variable, "qstn")
    if column.question.type == "matrix":
        _texts(asked, "preQTxt", column.asked)
        _texts(asked, "qstnLit", column.label)
    else:
        _texts(asked, "qstnLit", column.asked)
    _texts(asked, "postQTxt", column.question.hint)


def _ranges(variable: ET.Element, column: Described) -> None:
    low, high = column.range
    if low or high:
        ends = {key: end for key, end in (("min", low), ("max", high)) if end}
        ET.SubElement(ET.SubElement(variable, "valrng"), "range", ends)
    missing = [value for value in column.values if value.missing]
    if missing:
        invalid = ET.SubElement(variable, "invalrng")
        for value in missing:
            ET.SubElement(invalid, "item", {"VALUE": str(value.code)})


def _category(variable: ET.Element, value: Value) -> None:
    attributes = {"missing": "Y", "missType": value.missing} if value.missing else {}
    category = ET.SubElement(variable, "catgry", attributes)
    ET.SubElement(category, "catValu").text = str(value.code)
    _texts(category, "labl", value.label)
