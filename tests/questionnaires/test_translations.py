"""A further language is one file beside a definition, offered when it is complete and sound."""

from __future__ import annotations

import pytest
import yaml

from intake.documents import read_document
from intake.findings import IntakeError
from questionnaires import available, load, read_questionnaire
from questionnaires.loader import definition_files
from questionnaires.translations import base_of, check_tag, check_translation, template

DEFINITION = """
id: trial
version: "1"
languages: [vi]
source: {vi: "Nguồn"}
title: {vi: "Phiếu"}
scales:
  co_khong: [{value: "1", label: {vi: "Có"}}, {value: "2", label: {vi: "Không"}}]
sections:
  - id: s
    title: {vi: "Phần"}
    questions:
      - {id: a, type: single, scale: co_khong, label: {vi: "Câu A"}}
      - {id: b, type: text, label: {vi: "Vì sao {answer:a|như vậy}?"},
         wording: {kiosk: {hint: {vi: "Chạm"}}}}
"""
PATHS = [
    "title",
    "scales/co_khong/1/label",
    "scales/co_khong/2/label",
    "sections/s/title",
    "sections/s/questions/a/label",
    "sections/s/questions/b/label",
    "sections/s/questions/b/wording/kiosk/hint",
]


@pytest.fixture
def definition(tmp_path):
    path = tmp_path / "1.yaml"
    path.write_text(DEFINITION, "utf-8")
    return path


def filled(definition, tag="km", **changes):
    """Write the translation of a definition: each text its own Vietnamese, marked."""
    value = yaml.safe_load(template(read_document(definition), tag))
    for text in value["texts"].values():
        text[tag] = f"{tag} {text['vi']}"
    for path, words in changes.items():
        value["texts"][path.replace("__", "/")][tag] = words
    return written(definition, tag, value)


def written(definition, tag, value):
    file = definition.with_name(f"{definition.stem}.{tag}.yaml")
    file.write_text(yaml.safe_dump(value, allow_unicode=True), "utf-8")
    return file


def found(file, definition):
    translation, findings = check_translation(file, read_document(definition))
    return translation, {(finding.code, finding.severity) for finding in findings}


def test_the_empty_file_names_every_text_that_respondents_see_and_is_sound(definition):
    file = definition.with_name("1.km.yaml")
    file.write_text(template(read_document(definition), "km"), "utf-8")

    assert list(read_document(file).value["texts"]) == PATHS
    translation, findings = found(file, definition)
    assert (translation.texts, translation.missing) == (7, 7)
    assert findings == {("translation-incomplete", "warning")}
    assert read_questionnaire(definition).languages == ("vi",)


def test_a_complete_language_is_offered_with_all_of_its_texts(definition):
    file = filled(definition)

    assert found(file, definition)[0].complete
    questionnaire = read_questionnaire(definition)
    assert questionnaire.languages == ("vi", "km")
    assert questionnaire.title["km"] == "km Phiếu"
    a, b = questionnaire.questions
    assert [option.label["km"] for option in a.options] == ["km Có", "km Không"]
    assert b.label["km"] == "km Vì sao {answer:a|như vậy}?"
    assert b.in_mode("kiosk").hint["km"] == "km Chạm"


def test_one_text_less_and_the_language_is_not_offered(definition):
    file = filled(definition, sections__s__title=" ")

    translation, findings = found(file, definition)
    assert (translation.missing, findings) == (1, {("translation-incomplete", "warning")})
    assert read_questionnaire(definition).languages == ("vi",)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"sections__s__questions__b__label": "km không có chỗ"}, "translation-holes"),
        ({"sections__s__questions__a__label": "x" * 9000}, "text-too-long"),
        ({"title": "km {lạ}"}, "bad-hole"),
    ],
)
def test_an_unsound_language_is_named_and_not_offered(definition, change, code):
    file = filled(definition, **change)

    assert (code, "error") in found(file, definition)[1]
    assert read_questionnaire(definition).languages == ("vi",)


def test_a_text_translated_from_other_words_is_outdated(definition):
    file = filled(definition)
    definition.write_text(DEFINITION.replace("Câu A", "Câu khác"), "utf-8")

    assert ("translation-outdated", "error") in found(file, definition)[1]
    assert read_questionnaire(definition).languages == ("vi",)


def test_texts_of_no_place_and_files_of_another_form_are_named(definition):
    value = yaml.safe_load(template(read_document(definition), "km"))
    value["texts"]["sections/s/intro"] = {"vi": "Cũ", "km": "x"}
    value["of"] = "other@1"

    _, findings = found(written(definition, "km", value), definition)
    assert ("translation-unknown-text", "error") in findings
    assert ("translation-of-another", "error") in findings

    translation, findings = found(written(definition, "km", {"km": "x"}), definition)
    assert translation is None
    assert findings == {("translation-wrong-shape", "error")}


def test_a_file_alone_is_checked_against_the_form_it_names(tmp_path):
    file = tmp_path / "anywhere.yaml"
    file.write_text('{of: "citizen@2026-1", language: km, texts: {}}', "utf-8")
    assert base_of(file) == "citizen@2026-1"

    file.write_text("[]", "utf-8")
    with pytest.raises(IntakeError) as refused:
        base_of(file)
    assert refused.value.code == "translation-wrong-shape"


def test_a_tag_that_is_none_is_refused():
    check_tag("hmn-Latn")
    for tag in ("vi", "Tày", "../x", ""):
        with pytest.raises(IntakeError) as refused:
            check_tag(tag)
        assert refused.value.code == "bad-language"


def test_the_languages_of_minorities_ship_empty_up_to_date_and_are_not_offered():
    assert len(available()) == len(definition_files())
    for path in definition_files():
        document = read_document(path)
        for tag in ("tyz", "hmn-Latn", "km"):
            file = path.with_name(f"{path.stem}.{tag}.yaml")
            assert file.read_text("utf-8") == template(document, tag), f"make {file.name} anew"
            assert tag not in load(path.parent.name, path.stem).languages

    translation, findings = check_translation(file, document)
    assert (translation.missing, len(findings)) == (translation.texts, 1)
