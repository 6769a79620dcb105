"""Laws of questionnaires: whatever is sent, every item gets a value and nothing breaks."""

from __future__ import annotations

import re
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from questionnaires import (
    MISSING_CODES,
    Questionnaire,
    answers_on_path,
    load,
    parse_answers,
    questions_on_path,
    read_questionnaire,
    render,
)

GUIDE = Path(__file__).parents[2] / "docs" / "questionnaires.md"


def one_of_everything() -> Questionnaire:
    """The example of the guide, which has every feature that a definition can have."""
    written = re.findall(r"```yaml\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "mau.yaml"
        path.write_text(written[0], encoding="utf-8")
        return read_questionnaire(path)


SHIPPED = [load(code, "2026-1") for code in ("citizen", "transaction", "business")]
FORMS = [*SHIPPED, one_of_everything()]
REASONS = set(MISSING_CODES.values())
values = st.one_of(
    st.sampled_from(["", "1", "2", "3", "4", "5", "6", "7", "99", "100", "-1"]),
    st.sampled_from(["dat", "khac", "kb", "tc", "2,5", "99.6", "1/3/2026", "nhanh", "02,01"]),
    st.text(max_size=30),
)


@st.composite
def submissions(draw):
    form = draw(st.sampled_from(FORMS))
    names = st.one_of(st.sampled_from(form.fields), st.text(max_size=8))
    return form, draw(st.dictionaries(names, st.lists(values, max_size=3), max_size=60))


@settings(max_examples=150, deadline=None)
@given(submissions())
def test_every_item_gets_a_value_of_its_kind_whatever_was_sent(submission):
    form, fields = submission

    parsed = parse_answers(form, fields)

    orders = []
    assert list(parsed.answers.values) == [item.code for item in form.items]
    for item in form.items:
        value = parsed.answers.values[item.code]
        if value in REASONS:
            continue
        if item.kind == "order":
            orders.append(value)
        if item.kind == "choice":
            assert value in {option.code for option in item.options}
        elif item.kind == "flag":
            assert value in (0, 1)
        else:
            assert isinstance(value, str) is item.text
    real = [value for value in parsed.answers.values.values() if value not in REASONS]
    assert parsed.answers.answered == len(real) - len(orders)
    assert parsed.unknown == len(set(fields) - set(form.fields))
    heads = {head for question in form.questions for head in question.heads}
    assert {problem.field for problem in parsed.problems} - heads <= set(fields)


@settings(max_examples=100, deadline=None)
@given(submissions())
def test_every_text_is_repeated_with_words_whatever_was_sent(submission):
    form, fields = submission
    counted = answers_on_path(form, parse_answers(form, fields).chosen)

    for question in form.questions:
        assert "{" not in render(question.label, counted, form, "vi")


@settings(max_examples=100, deadline=None)
@given(submissions())
def test_unknown_fields_and_the_order_of_fields_change_nothing(submission):
    form, fields = submission
    known = {name: fields[name] for name in reversed(list(fields)) if name in form.fields}

    assert parse_answers(form, known).answers == parse_answers(form, fields).answers


@settings(max_examples=100, deadline=None)
@given(submissions())
def test_the_path_is_an_ordered_part_of_the_questionnaire(submission):
    form, fields = submission
    order = {question.id: position for position, question in enumerate(form.questions)}

    path = [order[question.id] for question in questions_on_path(form, fields)]

    assert path == sorted(set(path))


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(SHIPPED), st.data())
def test_an_answer_sent_in_order_comes_back_as_its_code(form, data):
    chosen = {
        item.code: data.draw(st.sampled_from(item.options))
        for item in form.items
        if item.kind == "choice"
    }

    parsed = parse_answers(form, {code: [option.value] for code, option in chosen.items()})

    assert parsed.problems == ()
    for code, option in chosen.items():
        expected = MISSING_CODES[option.missing] if option.missing else option.code
        assert parsed.answers.values[code] in (expected, MISSING_CODES["not_applicable"])
