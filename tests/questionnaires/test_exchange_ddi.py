"""The DDI Codebook of a questionnaire: the order of the schema, every column, every language."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from random import Random

import pytest
from drawn_questionnaires import some_questionnaire

from questionnaires import Questionnaire, available, load
from questionnaires.exchange import ddi_of
from questionnaires.exchange.ddi import NAMESPACE
from questionnaires.parts import MISSING_CODES

LANG = "{http://www.w3.org/XML/1998/namespace}lang"

# The content models of the elements in use and their attributes, read in ``codebook.xsd`` of DDI
# Codebook 2.5 (2.5.1 of 2014-01-28, LGPL-3.0-or-later); a star or question mark as there, elements
# that are never written left out. ``qstn`` and ``catgry`` are stricter here than there.
CONTENT = {
    "codeBook": "stdyDscr+ dataDscr*",
    "stdyDscr": "citation+ notes*",
    "citation": "titlStmt verStmt*",
    "titlStmt": "titl parTitl* IDNo*",
    "verStmt": "version?",
    "dataDscr": "varGrp* var*",
    "varGrp": "labl* txt*",
    "var": "labl* qstn* valrng* invalrng* universe* catgry* concept* varFormat?",
    "qstn": "preQTxt* qstnLit* postQTxt*",
    "valrng": "range+",
    "invalrng": "item+",
    "catgry": "catValu? labl*",
}
ATTRIBUTES = {
    "codeBook": {
        "version",
        "ID",
        LANG,
        "{http://www.w3.org/2001/XMLSchema-instance}schemaLocation",
    },
    "varGrp": {"ID", "type", "name", "var"},
    "var": {"ID", "name", "intrvl", "dcml", "scale", "representationType"},
    "catgry": {"missing", "missType"},
    "varFormat": {"type", "category"},
    "range": {"min", "max"},
    "item": {"VALUE"},
    "notes": {"type", LANG},
}
CHOICES = {
    "type": {"section", "multipleResp", "grid", "subject", "numeric", "character"},
    "intrvl": {"contin", "discrete"},
    "representationType": {"text", "numeric", "code", "datetime"},
    "missing": {"Y"},
    "category": {"date"},
}


def name_of(element):
    return element.tag.removeprefix(f"{{{NAMESPACE}}}")


# The types of attributes: xs:ID, xs:language, and xs:IDREFS, which is never empty.
TYPES = {
    "ID": r"[A-Za-z_][A-Za-z0-9._-]*",
    LANG: r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*",
    "var": r"\S+( \S+)*",
    "dcml": r"0",
    "version": r"2\.5",
}


def check(root):
    assert root.tag == f"{{{NAMESPACE}}}codeBook"
    assert root.get("version") == "2.5"
    ids = [e.get("ID") for e in root.iter() if e.get("ID")]
    assert len(set(ids)) == len(ids)
    for element in root.iter():
        name = name_of(element)
        children = " ".join(map(name_of, element))
        model = "".join(
            rf"(?:{part.rstrip('*?+')} )" + (part[-1] if part[-1] in "*?+" else "")
            for part in CONTENT.get(name, "").split()
        )
        assert re.fullmatch(model, f"{children} " if children else ""), (name, children)
        assert set(element.keys()) <= ATTRIBUTES.get(name, {LANG}), (name, element.keys())
        for key in set(TYPES) & set(element.keys()):
            assert re.fullmatch(TYPES[key], element.get(key)), (name, key)
        for key in set(CHOICES) & set(element.keys()) - ({"type"} if name == "notes" else set()):
            assert element.get(key) in CHOICES[key]
        assert set(element.get("var", "").split()) <= set(ids)


def of(questionnaire: Questionnaire):
    return ET.fromstring(ddi_of(questionnaire))


def every(root, path):
    return root.findall("/".join(f"{{{NAMESPACE}}}{step}" for step in path.split("/")))


@pytest.mark.parametrize(("code", "version"), available())
def test_what_ships_has_the_structure_of_the_schema_and_a_variable_for_each_column(code, version):
    questionnaire = load(code, version)
    root = of(questionnaire)

    check(root)
    variables = every(root, "dataDscr/var")
    assert [v.get("name") for v in variables] == [item.code for item in questionnaire.items]
    for variable in variables:
        tags = {e.get(LANG) for e in every(variable, "labl")}
        assert tags == set(questionnaire.languages)


def first(data):
    return every(data, "var")[0]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: data.insert(0, data[-1]),  # a variable before the groups
        lambda data: first(data).append(first(data)[0]),  # a label behind what it must precede
        lambda data: first(data).set("name_", "x"),
        lambda data: first(data).set("ID", "1st"),
        lambda data: first(data).set("ID", data[-1].get("ID")),
        lambda data: first(data).set("intrvl", "interval"),
        lambda data: data[0].set("var", ""),
        lambda data: data[0].set("var", "nothing"),
        lambda data: first(data)[0].set(LANG, "tiếng Việt"),
    ],
)
def test_what_departs_from_the_structure_is_found(spoil):
    root = of(load("transaction", "2026-1"))
    (data,) = every(root, "dataDscr")
    spoil(data)

    with pytest.raises(AssertionError):
        check(root)


def test_whatever_the_model_holds_has_that_structure():
    for seed in range(12):
        questionnaire = some_questionnaire(Random(seed))
        root = of(questionnaire)
        check(root)
        assert len(every(root, "dataDscr/var")) == len(questionnaire.items)


def test_categories_say_which_codes_are_missing_and_why():
    root = of(load("transaction", "2026-1"))
    (late,) = [v for v in every(root, "dataDscr/var") if v.get("name") == "thu_xin_loi"]

    missing = {
        every(c, "catValu")[0].text: c.get("missType")
        for c in every(late, "catgry")
        if c.get("missing") == "Y"
    }
    assert missing == {str(code): reason for reason, code in MISSING_CODES.items()}
    assert [e.get("VALUE") for e in every(late, "invalrng/item")] == list(missing)
    assert [c.text for c in every(late, "catgry/catValu")][:2] == ["1", "2"]


def test_the_universe_says_in_each_language_who_is_asked():
    root = of(load("transaction", "2026-1"))
    (late,) = [v for v in every(root, "dataDscr/var") if v.get("name") == "thu_xin_loi"]

    assert {u.get(LANG): u.text for u in every(late, "universe")} == {
        "vi": "Hỏi người trả lời “Có” (tre_hen).",
        "en": "Asked of those who answered ‘Yes’ (tre_hen).",
    }
    first = every(root, "dataDscr/var")[0]
    assert every(first, "universe") == []


def test_the_same_bytes_come_out_each_time_and_no_time_of_making():
    questionnaire = load("citizen", "2026-1")

    assert ddi_of(questionnaire) == ddi_of(questionnaire)
    assert b"prodDate" not in ddi_of(questionnaire)
