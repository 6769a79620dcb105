"""What a submitted form gives: codes, reasons for what is missing, and problems per field.

Covers security.md §4: open text, characters, number, choice, unknown fields, answers off the path.
"""

from __future__ import annotations

import time
from datetime import date
from decimal import Decimal

import pytest

from questionnaires import (
    MISSING_CODES,
    Condition,
    Option,
    Parsed,
    Question,
    Questionnaire,
    Section,
    Text,
    load,
    parse_answers,
)

REFUSED, DONT_KNOW, NOT_APPLICABLE, NOT_REACHED = (
    MISSING_CODES[reason] for reason in ("refused", "dont_know", "not_applicable", "not_reached")
)
LABEL = Text({"vi": "Nhãn", "en": "Label"})
LATE = load("transaction", "2026-1")


def choice(name: str, **more: object) -> Question:
    options = (
        Option("1", LABEL),
        Option("2", LABEL, specify=True),
        Option("8", LABEL, exclusive=True),
        Option("9", LABEL, missing="dont_know"),
    )
    return Question(**{"id": name, "type": "single", "label": LABEL, "options": options, **more})


def form(*questions: Question) -> Questionnaire:
    return Questionnaire(
        id="trial",
        version="1",
        languages=("vi", "en"),
        title=LABEL,
        sections=(Section("s", LABEL, questions=questions),),
    )


def answered(question: Question, *values: str) -> Parsed:
    return parse_answers(form(question), {question.id: values})


def codes(parsed: Parsed) -> list[tuple[str, str]]:
    return [(problem.field, problem.code) for problem in parsed.problems]


def number(**more: int) -> Question:
    return Question(id="n", type="number", label=LABEL, **more)


def text(**more: object) -> Question:
    return Question(id="t", type="text", label=LABEL, **more)


# One of several --------------------------------------------------------------------------------


def test_a_choice_becomes_its_code():
    assert answered(choice("q"), "2").answers.values["q"] == 2


def test_an_option_marked_missing_becomes_its_reason():
    parsed = answered(choice("q"), "9")

    assert parsed.answers.values["q"] == DONT_KNOW
    assert parsed.answers.answered == 0


@pytest.mark.parametrize("value", ["3", "1 ", " 1", "01", "１", "1\n", "one", "\x00"])
def test_a_choice_that_is_not_byte_equal_to_an_option_is_a_problem(value):
    assert codes(answered(choice("q"), value)) == [("q", "unknown-option")]


def test_an_option_value_is_compared_after_composing_its_characters():
    question = Question(id="q", type="single", label=LABEL, options=(Option("có", LABEL),))

    assert answered(question, "co\u0301").answers.values["q"] == 1


def test_two_values_for_one_choice_are_a_problem():
    assert codes(answered(choice("q"), "1", "2")) == [("q", "several-values")]


def test_options_that_are_no_numbers_are_coded_by_their_place():
    options = tuple(Option(value, LABEL) for value in ("no", "yes"))
    question = Question(id="q", type="single", label=LABEL, options=options)

    assert answered(question, "yes").answers.values["q"] == 2


# Several ---------------------------------------------------------------------------------------


def test_several_choices_become_flags():
    parsed = answered(choice("q", type="multi"), "1", "2")

    flags = {code: value for code, value in parsed.answers.values.items() if "text" not in code}
    assert flags == {"q_1": 1, "q_2": 1, "q_8": 0}


def test_an_exclusive_option_stands_alone():
    assert codes(answered(choice("q", type="multi"), "1", "8")) == [("q", "exclusive-option")]
    assert answered(choice("q", type="multi"), "8").answers.values["q_8"] == 1


def test_dont_know_among_several_gives_its_reason_to_every_flag():
    values = answered(choice("q", type="multi"), "9").answers.values

    assert [values[code] for code in ("q_1", "q_2", "q_8")] == [DONT_KNOW] * 3


def test_nothing_chosen_among_several_is_no_zero():
    values = parse_answers(
        form(choice("q", type="multi"), choice("r")), {"r": ["1"]}
    ).answers.values

    assert [values[code] for code in ("q_1", "q_2", "q_8")] == [REFUSED] * 3


def test_an_unknown_value_among_several_is_a_problem():
    assert codes(answered(choice("q", type="multi"), "1", "7")) == [("q", "unknown-option")]


# Rows and ranks --------------------------------------------------------------------------------


def test_each_row_of_a_matrix_is_a_field_of_its_own():
    parsed = parse_answers(LATE, {"gd_1_01": ["5"], "gd_1_02": ["6"], "gd_1_04": ["1"]})

    assert codes(parsed) == [("gd_1_02", "unknown-option")]
    assert parsed.answers.values["gd_1_01"] == 5
    assert parsed.answers.values["gd_1_03"] == REFUSED
    assert parsed.answers.values["gd_2_01"] == NOT_REACHED


def test_ranked_values_become_their_places():
    question = choice("q", type="ranking")

    values = answered(question, "8", "1").answers.values
    assert (values["q_8"], values["q_1"]) == (1, 2)
    assert codes(answered(question, "1", "1")) == [("q", "ranked-twice")]
    assert codes(answered(question, "1", "x")) == [("q", "unknown-option")]


# Numbers and dates -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "meant"), [("0", 0), ("7", 7), ("007", 7), ("999999999", 10**9 - 1)]
)
def test_digits_become_a_number(value, meant):
    assert answered(number(), value).answers.values["n"] == meant


@pytest.mark.parametrize(
    "value",
    [
        "1000000000",
        "1,5",
        "1.5",
        "1e3",
        "0x1",
        "٣",
        "３",
        "²",
        "+1",
        "--1",
        "1 000",
        "1_000",
        "NaN",
    ],
)
def test_whatever_is_no_plain_number_is_a_problem(value):
    assert codes(answered(number(), value)) == [("n", "not-a-number")]


def test_a_number_stays_between_its_bounds():
    bounded = number(min=1, max=9)

    assert codes(answered(bounded, "0")) == [("n", "below-minimum")]
    assert codes(answered(bounded, "1")) == []
    assert codes(answered(bounded, "9")) == []
    assert codes(answered(bounded, "10")) == [("n", "above-maximum")]


def test_a_number_below_zero_never_passes_for_a_missing_answer():
    assert codes(answered(number(), "-1")) == [("n", "below-minimum")]


def test_a_date_is_kept_as_it_is_written_in_the_standard():
    question = Question(id="d", type="date", label=LABEL)

    assert answered(question, "2026-02-28").answers.values["d"] == "2026-02-28"
    for wrong in ("2026-02-30", "30/02/2026", "20260228", "2026-W01-1", "28/2-2026", "1/1/0001"):
        assert codes(answered(question, wrong)) == [("d", "not-a-date")]


# Texts -----------------------------------------------------------------------------------------


def test_a_text_holds_2000_characters_after_composing_and_not_one_more():
    decomposed = "e\u0302\u0301"  # ế

    assert answered(text(), decomposed * 2000).answers.values["t"] == "ế" * 2000
    too_long = answered(text(), decomposed * 2001)
    assert codes(too_long) == [("t", "text-too-long")]
    assert "2.001" in too_long.problems[0].words.vi
    assert "2,001" in too_long.problems[0].words.en


def test_windows_line_ends_count_as_one_character():
    parsed = answered(text(max_length=3), "a\r\nb")

    assert parsed.answers.values["t"] == "a\nb"


@pytest.mark.parametrize(
    "character",
    [
        "\x00",
        "\x0b",
        "\x1b",
        "\x85",
        "\u2028",
        "\u202e",
        "\u2067",
        "\u200b",
        "\ud800",
        "\U000e0041",
    ],
)
def test_a_hidden_or_broken_character_is_a_problem_that_names_it(character):
    parsed = answered(text(), f"a{character}b")

    assert codes(parsed) == [("t", "forbidden-character")]
    assert f"U+{ord(character):04X}" in parsed.problems[0].words.vi


def test_three_marks_on_a_letter_are_read_and_four_are_not():
    assert codes(answered(text(), "x\u0323\u0330\u0331")) == []
    assert codes(answered(text(), "x\u0323\u0330\u0331\u0323")) == [("t", "forbidden-character")]


def test_a_family_of_emoji_is_a_text_like_any_other():
    family = "👨\u200d👩\u200d👧"

    assert answered(text(), family).answers.values["t"] == family


def test_blanks_alone_are_no_answer():
    assert answered(text(), " \n ").answers.values["t"] == NOT_REACHED


def test_a_closing_comment_is_handed_over_apart_from_the_answers():
    parsed = answered(text(feedback=True), "Cảm ơn")

    assert parsed.comments == {"t": "Cảm ơn"}
    assert parsed.answers.values == {}


def test_a_short_text_belongs_to_its_option_only():
    question = choice("q")
    told = {"q": ["2"], "q_2_text": ["Tày"]}
    left_behind = {"q": ["1"], "q_2_text": ["Tày"]}

    assert parse_answers(form(question), told).answers.values["q_2_text"] == "Tày"
    off = parse_answers(form(question), left_behind)
    assert off.answers.values["q_2_text"] == NOT_APPLICABLE
    assert off.problems == ()


def test_a_short_text_holds_200_characters():
    fields = {"q": ["2"], "q_2_text": ["ă" * 200]}

    assert codes(parse_answers(form(choice("q")), fields)) == []
    fields["q_2_text"] = ["ă" * 201]
    assert codes(parse_answers(form(choice("q")), fields)) == [("q_2_text", "text-too-long")]


# What is missing -------------------------------------------------------------------------------


def test_every_item_has_a_value_and_a_blank_one_its_reason():
    questions = (
        choice("a"),
        choice("b", show_if=(Condition("a", ("2",)),)),
        choice("c"),
        choice("d"),
    )

    values = parse_answers(form(*questions), {"c": ["1"]}).answers.values

    assert values == {
        "a": REFUSED,
        "a_2_text": NOT_APPLICABLE,
        "b": NOT_APPLICABLE,
        "b_2_text": NOT_APPLICABLE,
        "c": 1,
        "c_2_text": NOT_APPLICABLE,
        "d": NOT_REACHED,
        "d_2_text": NOT_APPLICABLE,
    }


def test_an_empty_form_reaches_nothing():
    parsed = parse_answers(LATE, {})

    assert set(parsed.answers.values) == {item.code for item in LATE.items}
    assert set(parsed.answers.values.values()) == {NOT_REACHED, NOT_APPLICABLE}
    assert parsed.answers.answered == 0


def test_an_empty_value_is_a_blank():
    assert answered(choice("q"), "").answers.values["q"] == NOT_REACHED


def test_only_items_with_a_real_answer_are_counted():
    parsed = parse_answers(LATE, {"tre_hen": ["1"], "thu_xin_loi": ["3"], "gd_5_04": ["5"]})

    assert parsed.answers.answered == 2
    assert parsed.answers.values["thu_xin_loi"] == DONT_KNOW


def test_an_answer_off_the_path_is_left_out_without_a_word():
    parsed = parse_answers(LATE, {"tre_hen": ["2"], "thu_xin_loi": ["nonsense"]})

    assert parsed.problems == ()
    assert parsed.answers.values["thu_xin_loi"] == NOT_APPLICABLE


def test_a_required_question_must_be_answered_where_it_is_on_the_path():
    first = choice("a")
    second = choice("b", required=True, show_if=(Condition("a", ("1",)),))

    assert codes(parse_answers(form(first, second), {"a": ["1"]})) == [("b", "answer-missing")]
    assert codes(parse_answers(form(first, second), {"a": ["2"]})) == []
    assert codes(parse_answers(form(first, second), {"a": ["1"], "b": ["9"]})) == []


def test_fields_that_the_form_does_not_know_are_counted_and_not_kept():
    parsed = parse_answers(LATE, {"code": ["x"], "<script>": ["y"], "gioi_tinh": ["1"]})

    assert parsed.unknown == 2
    assert set(parsed.answers.values) == {item.code for item in LATE.items}


def test_all_problems_come_at_once_and_each_says_what_to_do_in_both_languages():
    parsed = parse_answers(LATE, {"so_lan_den": ["nhiều"], "gioi_tinh": ["3"], "gd_1_01": ["x"]})

    assert codes(parsed) == [
        ("gioi_tinh", "unknown-option"),
        ("so_lan_den", "not-a-number"),
        ("gd_1_01", "unknown-option"),
    ]
    for problem in parsed.problems:
        assert "Xin" in problem.words.vi
        assert "Please" in problem.words.en


def test_a_full_population_form_is_read_in_less_than_a_millisecond():
    citizen = load("citizen", "2026-1")
    fields = {name: ["1"] for name in citizen.fields}
    parse_answers(citizen, fields)

    spent = []
    for _ in range(50):
        start = time.process_time()
        parse_answers(citizen, fields)
        spent.append(time.process_time() - start)

    assert min(spent) < 0.001


# Reasons beside an answer ----------------------------------------------------------------------

REASONS = (Option("kb", LABEL, missing="dont_know"), Option("tc", LABEL, missing="refused"))


def beside(kind: str, **more: object) -> Question:
    return Question(id="q", type=kind, label=LABEL, options=REASONS, **more)


@pytest.mark.parametrize("kind", ["number", "date", "text"])
def test_not_knowing_and_not_wanting_to_say_are_kept_apart_beside_what_is_typed(kind):
    asked = form(beside(kind))

    assert parse_answers(asked, {"q.missing": ["kb"]}).answers.values == {"q": DONT_KNOW}
    assert parse_answers(asked, {"q.missing": ["tc"]}).answers.values == {"q": REFUSED}
    assert parse_answers(asked, {"q.missing": ["tc"]}).answers.answered == 0
    assert parse_answers(asked, {"q.missing": ["tc"]}).chosen == {"q.missing": ("tc",)}


def test_a_reason_beside_a_ranking_is_given_to_every_place():
    question = Question(
        id="q", type="ranking", label=LABEL, options=(*choice("q").options[:2], *REASONS)
    )

    assert parse_answers(form(question), {"q.missing": ["kb"]}).answers.values == {
        "q_1": DONT_KNOW,
        "q_2": DONT_KNOW,
    }
    assert codes(answered(question, "kb")) == [("q", "unknown-option")]
    both = parse_answers(form(question), {"q": ["1"], "q.missing": ["kb"]})
    assert codes(both) == [("q", "answer-and-missing")]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"q": ["3"], "q.missing": ["kb"]}, "answer-and-missing"),
        ({"q.missing": ["kb", "tc"]}, "several-values"),
        ({"q.missing": ["3"]}, "unknown-option"),
        ({"q": ["x"], "q.missing": ["kb"]}, "not-a-number"),
    ],
)
def test_what_cannot_be_told_apart_is_asked_again_at_the_question(fields, code):
    assert codes(parse_answers(form(beside("number")), fields)) == [("q", code)]


def test_a_reason_satisfies_a_required_question():
    required = form(beside("number", required=True))

    assert codes(parse_answers(required, {})) == [("q", "answer-missing")]
    assert codes(parse_answers(required, {"q.missing": ["tc"]})) == []


# Decimals and bounds ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "units", "text_of_it"),
    [("12,5", 1250, "12.5"), ("012.50", 1250, "12.5"), ("7", 700, "7"), (" 0,05 ", 5, "0.05")],
)
def test_a_decimal_comma_or_point_is_taken_and_counted_in_units(value, units, text_of_it):
    parsed = answered(number(decimals=2), value)

    assert parsed.answers.values["n"] == units
    assert parsed.chosen["n"] == (text_of_it,)


@pytest.mark.parametrize("value", ["1,505", "1.000", "1,", ",5", "1,5,0", "1.5.0"])
def test_no_thousands_separator_is_guessed(value):
    parsed = answered(number(decimals=2), value)

    assert codes(parsed) == [("n", "not-a-number")]
    assert "ví dụ 3,55." in parsed.problems[0].words.vi
    assert "for example 3.55." in parsed.problems[0].words.en


def test_bounds_of_a_number_may_have_decimals_too():
    bounded = number(decimals=1, min=Decimal("0.5"), max=Decimal("9.5"))

    assert codes(answered(bounded, "0,4")) == [("n", "below-minimum")]
    assert "0,5" in answered(bounded, "0,4").problems[0].words.vi
    assert codes(answered(bounded, "9,6")) == [("n", "above-maximum")]
    assert codes(answered(bounded, "9,5")) == []


@pytest.mark.parametrize("value", ["1/3/2026", "01.03.2026", "1-3-2026", "01032026", "2026-03-01"])
def test_a_date_is_taken_as_people_write_it(value):
    question = Question(id="d", type="date", label=LABEL)

    assert answered(question, value).answers.values["d"] == "2026-03-01"


def test_a_date_stays_between_its_bounds():
    question = Question(
        id="d", type="date", label=LABEL, earliest=date(2026, 1, 1), latest=date(2026, 3, 31)
    )

    assert codes(answered(question, "31/12/2025")) == [("d", "before-earliest")]
    assert codes(answered(question, "01/04/2026")) == [("d", "after-latest")]
    assert "31/03/2026" in answered(question, "01/04/2026").problems[0].words.vi
    assert codes(answered(question, "31/03/2026")) == []


# Random order ----------------------------------------------------------------------------------


def shuffled() -> Questionnaire:
    options = (
        *choice("q").options,
        Option("5", LABEL, fixed=True),
        Option("6", LABEL),
    )
    sections = (
        Section("s", LABEL, questions=(choice("a", options=options, random=True),)),
        Section(
            "r",
            LABEL,
            questions=(choice("b"), choice("c")),
            show_if=(Condition("a", ("1",)),),
            random=True,
        ),
    )
    return Questionnaire("trial", "1", ("vi",), LABEL, sections)


def test_the_order_in_which_parts_were_shown_is_kept():
    parsed = parse_answers(
        shuffled(), {"a": ["1"], "b": ["1"], "order.a": ["6,1,2"], "order.r": ["c,b"]}
    )

    assert parsed.answers.values["order_a"] == "6,1,2"
    assert parsed.answers.values["order_r"] == "c,b"
    assert parsed.answers.answered == 2
    assert parsed.unknown == 0


@pytest.mark.parametrize(
    "sent",
    [[], [""], ["1,2"], ["1,2,6,8"], ["1,1,6"], ["6,1,2", "6,1,2"], ["6, 1,2"], ["," * 20000]],
)
def test_a_wrong_order_is_ignored(sent):
    parsed = parse_answers(shuffled(), {"a": ["2"], "order.a": sent, "order.r": ["c,b"]})

    assert parsed.problems == ()
    assert parsed.answers.values["a"] == 2
    assert parsed.answers.values["order_a"] == NOT_APPLICABLE
    # The section was not on the path.
    assert parsed.answers.values["order_r"] == NOT_APPLICABLE


def test_the_items_of_a_shuffled_form_are_all_there_and_orders_are_texts():
    asked = shuffled()

    assert list(parse_answers(asked, {}).answers.values) == [item.code for item in asked.items]
    assert {item.code for item in asked.items if item.kind == "order" and item.text} == {
        "order_a",
        "order_r",
    }
