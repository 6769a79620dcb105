"""Laws of questionnaires: whatever is sent, every item gets a value and nothing breaks."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from questionnaires import MISSING_CODES, load, parse_answers, questions_on_path

FORMS = [load(code, "2026-1") for code in ("citizen", "transaction", "business")]
REASONS = set(MISSING_CODES.values())
values = st.one_of(
    st.sampled_from(["", "1", "2", "3", "4", "5", "6", "7", "99", "100", "-1"]),
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

    assert list(parsed.answers.values) == [item.code for item in form.items]
    for item in form.items:
        value = parsed.answers.values[item.code]
        if value in REASONS:
            continue
        if item.kind == "choice":
            assert value in {option.code for option in item.options}
        elif item.kind == "flag":
            assert value in (0, 1)
        else:
            assert isinstance(value, str) is item.text
    real = [value for value in parsed.answers.values.values() if value not in REASONS]
    assert parsed.answers.answered == len(real)
    assert parsed.unknown == len(set(fields) - set(form.fields))
    assert {problem.field for problem in parsed.problems} <= set(fields)


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
@given(st.sampled_from(FORMS), st.data())
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
