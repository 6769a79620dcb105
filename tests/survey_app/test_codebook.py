"""The commands that bring questionnaires in and hand them on, and the codebook on paper."""

from __future__ import annotations

import json
import unicodedata
import xml.etree.ElementTree as ET
from random import Random

import pypdfium2
import pytest
from drawn_questionnaires import some_questionnaire

from questionnaires import load, read_questionnaire
from survey_app.cli import main
from survey_app.services.codebook import codebook
from survey_app.services.prints import PrintError


def words_of(pdf):
    pages = [page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(pdf)]
    words = " ".join(" ".join(pages).replace("\u200b", "").split())
    return unicodedata.normalize("NFC", words)


@pytest.fixture
def hailong(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HAILONG_LANG", "en")

    def run(*arguments):
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as left:
            code = left.code
        return code, capsys.readouterr()

    return run


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_the_codebook_names_every_column_value_and_who_is_asked(lang):
    questionnaire = load("transaction", "2026-1")
    words = words_of(codebook(questionnaire, lang))

    compact = words.replace(" ", "")
    for item in questionnaire.items:
        assert item.code in compact
        for option in item.options:
            assert option.label.in_language(lang) in words
    for factor in questionnaire.factors:
        assert factor.title.in_language(lang) in words
    asked = {"vi": "Hỏi người trả lời “Có” (tre_hen).", "en": "Asked of those who answered ‘Yes’"}
    assert asked[lang] in words


def test_any_questionnaire_can_be_printed_and_nothing_is_read_as_markup():
    for seed in range(4):
        questionnaire = some_questionnaire(Random(seed))
        words = words_of(codebook(questionnaire, "vi"))
        for item in questionnaire.items:
            assert item.code in words.replace(" ", "").replace("−", "-")


def test_a_letter_that_the_fonts_lack_refuses_the_codebook(tmp_path):
    path = tmp_path / "q.yaml"
    path.write_text(
        'id: q\nversion: "1"\ntitle: {vi: "ខ្មែរ"}\n'
        "questions: [{id: a, type: text, label: {vi: A}}]\n",
        "utf-8",
    )
    with pytest.raises(PrintError) as refused:
        codebook(read_questionnaire(path))
    assert refused.value.code == "glyph-missing"


def test_a_questionnaire_goes_out_in_every_form_and_comes_back(hailong, tmp_path):
    for target, begins in (("xlsform", b"PK"), ("ddi", b"<?xml"), ("codebook", b"%PDF")):
        out = tmp_path / f"out.{target}"
        code, said = hailong(
            *(
                "questionnaire",
                "export",
                "transaction@2026-1",
                "--to",
                target,
                "--out",
                out,
                "--json",
            )
        )
        assert code == 0, said.err
        result = json.loads(said.out)["result"]
        assert (result["id"], result["version"]) == ("transaction", "2026-1")
        assert out.read_bytes().startswith(begins)
    ET.parse(tmp_path / "out.ddi")

    (tmp_path / "out.xlsform").rename(tmp_path / "form.xlsx")
    code, said = hailong("questionnaire", "check", "form.xlsx", "--json")
    assert (code, json.loads(said.out)["findings"]) == (0, [])
    code, said = hailong("questionnaire", "import", "form.xlsx", "--out", "back.yaml")
    assert code == 0, said.err
    assert (
        read_questionnaire(tmp_path / "back.yaml").sections
        == load("transaction", "2026-1").sections
    )
    code, _ = hailong("questionnaire", "export", "back.yaml", "--to", "ddi", "--out", "back.ddi")
    assert code == 0
    assert (tmp_path / "back.ddi").read_bytes() == (tmp_path / "out.ddi").read_bytes()


def test_what_is_refused_leaves_no_file_and_what_was_there(hailong, tmp_path):
    (tmp_path / "form.xlsx").write_bytes(b"PK no workbook")
    (tmp_path / "kept.yaml").write_text("kept")

    code, said = hailong("questionnaire", "import", "form.xlsx", "--out", "kept.yaml")
    assert (code, (tmp_path / "kept.yaml").read_text()) == (1, "kept")
    assert "form.xlsx" in said.err
    code, said = hailong("questionnaire", "export", "nothing", "--to", "ddi", "--out", "x.xml")
    assert code == 1
    assert "citizen@2026-1" in said.err
    code, said = hailong("questionnaire", "export", "citizen", "--to", "ddi", "--out", "no/x.xml")
    assert code == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["form.xlsx", "kept.yaml"]


def test_a_language_begins_as_an_empty_file_and_the_check_counts_what_is_missing(hailong):
    code, said = hailong(
        *("questionnaire", "translate", "template", "citizen", "km", "--out", "a.km.yaml", "--json")
    )
    texts = json.loads(said.out)["result"]["texts"]
    assert code == 0

    code, said = hailong("questionnaire", "translate", "check", "a.km.yaml", "--json")
    assert code == 0
    document = json.loads(said.out)
    assert document["result"]["missing"] == texts > 100
    assert [finding["code"] for finding in document["findings"]] == ["translation-incomplete"]

    code, said = hailong("questionnaire", "translate", "template", "citizen", "vi", "--out", "b")
    assert code == 1
    assert "km" in said.err
