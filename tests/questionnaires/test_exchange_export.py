"""A questionnaire goes out as an XLSForm and comes back as itself; other programs ask the same."""

from __future__ import annotations

import io
from random import Random

import pytest
from drawn_questionnaires import some_questionnaire
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.findings import QuestionnaireError
from questionnaires import (
    Condition,
    Option,
    Question,
    Questionnaire,
    Section,
    Text,
    available,
    load,
)
from questionnaires.building import build
from questionnaires.exchange import losses, read_form, xlsform_of
from questionnaires.exchange.expressions import Both, Chosen, Compared, Either, Negated, tree_of
from questionnaires.exchange.form_rows import FormRows, xml_name
from questionnaires.loader import check_questionnaire
from questionnaires.routing import questions_on_path

PARTS = (
    *("id", "version", "languages", "title", "sections", "source", "notice", "unverified"),
    *("blocks", "wording"),
)


def there_and_back(questionnaire, path):
    path.write_bytes(xlsform_of(questionnaire))
    return read_form(path)


@pytest.mark.parametrize(("code", "version"), available())
def test_what_ships_comes_back_as_itself_and_pyxform_takes_it(code, version, tmp_path):
    questionnaire = load(code, version)
    path = tmp_path / "form.xlsx"
    path.write_bytes(xlsform_of(questionnaire))

    again, findings = check_questionnaire(path)

    assert findings == []
    for part in (*PARTS, "factors"):
        assert getattr(again, part) == getattr(questionnaire, part), part
    assert path.read_bytes() == xlsform_of(again)


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 2**32))
def test_whatever_the_model_holds_comes_back(seed):
    import tempfile
    from pathlib import Path

    questionnaire = some_questionnaire(Random(seed))
    with tempfile.TemporaryDirectory() as folder:
        form = there_and_back(questionnaire, Path(folder) / "form.xlsx")

    assert [f.sentence("en") for f in form.findings] == []
    assert form.unaccepted() == []
    again = build(form.document)
    for part in PARTS[:5]:
        assert getattr(again, part) == getattr(questionnaire, part), part


# The same questions in other programs ---


def value(tree, answers):
    """Evaluate an expression as an XForms engine does: no answer is an empty text."""
    if isinstance(tree, Both):
        return value(tree.left, answers) and value(tree.right, answers)
    if isinstance(tree, Either):
        return value(tree.left, answers) or value(tree.right, answers)
    if isinstance(tree, Negated):
        return not value(tree.inner, answers)
    given = answers.get(tree.name, "")
    if isinstance(tree, Chosen):
        return tree.value in given.split()
    assert isinstance(tree, Compared)
    assert tree.operator in ("=", "!=")
    return (given == tree.value) == (tree.operator == "=")


def asked_elsewhere(questionnaire, answers):
    """Return the questions that are relevant in the rows of the form, with these answers."""
    counted: dict[str, str] = {}
    ids = {xml_name(question.id): question.id for question in questionnaire.questions}
    met, shown = [], []
    for row in FormRows(questionnaire).survey():
        kind, name = row["type"], row.get("name", "")
        if kind == "end_group":
            shown.pop()
            continue
        relevant = all(shown) and (
            not row.get("relevant") or value(tree_of(row["relevant"]), counted)
        )
        if kind == "begin_group":
            shown.append(relevant)
        elif relevant and kind == "calculate" and row["calculation"].startswith("if("):
            when = row["calculation"].removeprefix("if(").removesuffix(", 1, 0)")
            counted[name] = "1" if when == "1=1" or value(tree_of(when), counted) else "0"
        elif relevant and name in answers:
            counted[name] = answers[name]
        if relevant and name in ids:
            met.append(ids[name])
    return met


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 2**32))
def test_other_programs_ask_the_same_questions(seed):
    rng = Random(seed)
    questionnaire = some_questionnaire(rng)
    answers, elsewhere = {}, {}
    names = FormRows(questionnaire).asked
    for question in questionnaire.questions:
        if question.apart and rng.random() < 0.5:
            reason = rng.choice(question.apart).value
            answers[question.missing_field] = [reason]
            elsewhere[names[question.missing_field].name] = reason
            continue
        for field in question.heads:
            if rng.random() < 0.2 or question.type in ("date", "text"):
                continue
            values = ["3"] if question.type == "number" else [o.value for o in question.choices]
            several = question.type in ("multi", "ranking")
            chosen = rng.sample(values, rng.randint(1, len(values)) if several else 1)
            answers[field] = chosen
            elsewhere[xml_name(field)] = " ".join(chosen)

    here = [question.id for question in questions_on_path(questionnaire, answers)]

    assert asked_elsewhere(questionnaire, elsewhere) == here


# What a workbook can say ---


def only(*questions):
    label = Text({"vi": "Phiếu"})
    return Questionnaire("q", "1", ("vi",), label, (Section("s", label, questions=questions),))


def single(value):
    return Question("a", "single", Text({"vi": "A"}), options=(Option(value, Text({"vi": "x"})),))


def test_a_scale_of_numbers_comes_back_as_its_ends(tmp_path):
    path = tmp_path / "q.yaml"
    path.write_text(
        'id: q\nversion: "1"\nlanguages: [vi, en]\nsource: {vi: N, en: S}\n'
        "title: {vi: P, en: F}\nsections:\n  - id: s\n    title: {vi: P, en: F}\n    questions:\n"
        "      - {id: a, type: scale, min: 0, max: 10, label: {vi: A, en: A}}\n"
        "      - {id: b, type: scale, min: 0, max: 10, label: {vi: B, en: B}}\n",
        "utf-8",
    )
    questionnaire, _ = check_questionnaire(path)
    (tmp_path / "q.xlsx").write_bytes(xlsform_of(questionnaire))

    again, findings = check_questionnaire(tmp_path / "q.xlsx")

    assert (findings, again.sections) == ([], questionnaire.sections)


def test_a_value_with_both_quotes_cannot_be_said():
    odd = "'\""
    asked = Question("b", "text", Text({"vi": "B"}), show_if=(Condition("a", (odd,)),))

    with pytest.raises(QuestionnaireError) as refused:
        xlsform_of(only(single(odd), asked))

    assert refused.value.code == "xlsform-cannot-say"


def test_a_text_longer_than_a_cell_is_refused():
    long = Question("a", "text", Text({"vi": "x" * 40_000}))

    with pytest.raises(QuestionnaireError) as refused:
        xlsform_of(only(long))

    assert refused.value.code == "xlsform-cell-too-long"


def test_no_text_becomes_a_formula():
    from openpyxl import load_workbook

    data = xlsform_of(only(Question("a", "text", Text({"vi": '=HYPERLINK("x")'}))))
    sheet = load_workbook(io.BytesIO(data))["survey"]

    cells = {cell.value: cell.data_type for row in sheet.rows for cell in row}
    assert cells['=HYPERLINK("x")'] == "s"


def test_conditions_changed_in_the_workbook_count_and_not_those_kept_beside_them(tmp_path):
    from dataclasses import replace

    from openpyxl import load_workbook

    from questionnaires import Goto

    options = tuple(Option(value, Text({"vi": value})) for value in ("1", "2"))
    first = Question("a", "single", Text({"vi": "A"}), options=options)
    jump = replace(first, goto=(Goto((Condition("a", ("1",)),), "end"),))
    path = tmp_path / "form.xlsx"
    path.write_bytes(xlsform_of(only(jump, Question("b", "text", Text({"vi": "B"})))))
    book = load_workbook(path)
    for row in book["survey"].rows:
        for cell in row:
            if cell.value == "${a_jump1} != 1":
                cell.value = "${a} = '2'"
    book.save(path)

    questionnaire, _ = check_questionnaire(path)

    assert questionnaire.question_by_id["b"].show_if == (Condition("a", ("2",)),)


EVERYTHING = """
id: q
version: "1"
languages: [vi]
source: {vi: N}
title: {vi: P}
sections:
  - id: s
    title: {vi: P}
    intro: {vi: "Ở {unit|đây}"}
    order: random
    questions:
      - {id: a, type: multi, order: random, label: {vi: A}, options: [
          {value: "1", label: {vi: M}}, {value: "2", label: {vi: H}},
          {value: "9", label: {vi: K}, exclusive: true, fixed: true}]}
      - {id: b, type: text, lines: 1, label: {vi: B}, required: true,
         wording: {paper: {hint: {vi: V}}}}
  - id: t
    title: {vi: T}
    show_if: {a: "1"}
    questions:
      - {id: c, type: text, feedback: true, label: {vi: "{answer:b|việc này}"}}
      - {id: d, type: number, label: {vi: D}, required: false}
"""


@pytest.mark.parametrize(
    ("target", "places"),
    [
        ("xlsform", ["q", "b", "s", "a", "a", "c"]),
        ("ddi", ["b", "b", "t", "c", "s, c", "a"]),
        ("codebook", []),
    ],
)
def test_what_an_export_loses_is_told_with_its_places(tmp_path, target, places):
    path = tmp_path / "q.yaml"
    path.write_text(EVERYTHING, "utf-8")
    questionnaire, findings = check_questionnaire(path)
    assert questionnaire, findings

    told = losses(questionnaire, target)

    assert {(one.code, one.severity) for one in told} <= {("export-loses", "warning")}
    assert [one.message.en.rpartition(": ")[2].rstrip(".") for one in told] == places
    assert all(one.message.vi and one.message.vi != one.message.en for one in told)
