"""The questionnaires that come with the package say what the method asks.

Counts: SIPAS 2023-2026 (population form) and 2017-2020 (transaction form), as the project's
reference of the domain gives them in §3 and §4.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

from questionnaires import Questionnaire, Text, available, check_questionnaire, load
from questionnaires.loader import DEFINITIONS

SHIPPED = available()
CITIZEN = load("citizen", "2026-1")
TRANSACTION = load("transaction", "2026-1")
BUSINESS = load("business", "2026-1")


def texts_of(form: Questionnaire) -> Iterator[Text]:
    yield from (form.title, form.source, form.notice, *form.unverified)
    yield from (block.title for block in form.blocks)
    yield from (factor.title for factor in form.factors)
    for section in form.sections:
        yield section.title
        if section.intro is not None:
            yield section.intro
    for question in form.questions:
        yield question.label
        if question.hint is not None:
            yield question.hint
        yield from (option.label for option in question.options)
        yield from (row.label for row in question.rows)


@pytest.mark.parametrize(("code", "version"), SHIPPED)
def test_every_shipped_definition_is_read_without_a_finding(code, version):
    form, found = check_questionnaire(DEFINITIONS / code / f"{version}.yaml")

    assert found == []
    assert form is not None
    assert (form.id, form.version) == (code, version)


@pytest.mark.parametrize(("code", "version"), SHIPPED)
def test_every_shipped_text_is_complete_in_both_languages_and_in_nfc(code, version):
    form = load(code, version)

    assert form.languages == ("vi", "en")
    for text in texts_of(form):
        assert set(text) == {"vi", "en"}
        for words in text.values():
            assert words == words.strip()
            assert unicodedata.is_normalized("NFC", words)
            assert "…" not in words
    source = (DEFINITIONS / code / f"{version}.yaml").read_text(encoding="utf-8")
    assert unicodedata.is_normalized("NFC", source)


@pytest.mark.parametrize(("code", "version"), SHIPPED)
def test_no_answer_is_forced_and_no_topic_is_long(code, version):
    form = load(code, version)

    assert not any(question.required for question in form.questions)
    assert max(sum(len(q.fields) for q in section.questions) for section in form.sections) <= 10


@pytest.mark.parametrize(("code", "version"), SHIPPED)
def test_option_values_are_the_codes_of_the_analysis_file(code, version):
    for question in load(code, version).questions:
        assert [option.code for option in question.options] == [
            int(option.value) for option in question.options
        ]


@pytest.mark.parametrize(("code", "version"), SHIPPED)
def test_every_form_asks_whether_somebody_watched_or_told_how_to_answer(code, version):
    # security.md §3: the question is present in every published form.
    question = load(code, version).question_by_id["co_nguoi_huong_dan"]

    assert [option.value for option in question.options] == ["1", "2", "3"]


@pytest.mark.parametrize(("code", "version"), SHIPPED)
def test_the_closing_comment_is_no_column_of_the_answers(code, version):
    # security.md §2: comments go to a store of their own.
    form = load(code, version)

    assert form.question_by_id["y_kien_khac"].feedback
    assert "y_kien_khac" not in form.item_by_code
    assert "y_kien_khac" in form.fields


@pytest.mark.parametrize(("code", "version"), SHIPPED)
def test_the_notice_says_what_is_asked_why_how_long_and_that_it_is_voluntary(code, version):
    # security.md §10.
    notice = load(code, version).notice

    for words in ("tự nguyện", "phút", "không ảnh hưởng", "30 ngày", "quyền", "thư mời"):
        assert words in notice["vi"]
    for words in ("voluntary", "minutes", "no effect", "30 days", "right", "invitation"):
        assert words in notice["en"]


@pytest.mark.parametrize(("code", "version"), SHIPPED)
def test_what_is_not_confirmed_is_said_in_the_file(code, version):
    form = load(code, version)

    assert form.source["vi"]
    assert len(form.unverified) >= 5


def test_the_population_form_has_39_items_in_9_factors_and_2_blocks():
    sizes = {factor.code: len(factor.items) for factor in CITIZEN.factors}

    assert sizes == {
        "I.A": 2,
        "I.B": 2,
        "I.C": 9,
        "I.D": 10,
        "II.A": 3,
        "II.B": 4,
        "II.C": 3,
        "II.D": 3,
        "II.E": 3,
    }
    assert [code for factor in CITIZEN.factors for code in factor.items] == [
        f"cau_9_{number:02}" for number in range(1, 40)
    ]
    assert [(block.code, len(block.factors)) for block in CITIZEN.blocks] == [("I", 4), ("II", 5)]


def test_the_population_form_has_the_questions_and_rows_of_the_method():
    rows = {q.id: len(q.rows) for q in CITIZEN.questions if q.rows and q.code != "cau_9"}
    options = {q.id: len(q.options) for q in CITIZEN.questions if q.options and not q.rows}

    assert rows == {"cau_1": 9, "cau_3": 7, "cau_7": 3, "cau_8": 7, "cau_10": 10}
    assert options == {
        "gioi_tinh": 2,
        "dan_toc": 2,
        "do_tuoi": 5,
        "hoc_van": 6,
        "nghe_nghiep": 7,
        "cau_2": 7,
        "cau_4": 5,
        "cau_5": 3,
        "cau_6": 3,
        "co_nguoi_huong_dan": 3,
    }
    scales = {q.id: len(q.options) for q in CITIZEN.questions if q.rows}
    assert {scales[name] for name in scales if name.startswith("cau_9")} == {5}
    assert [scales[n] for n in ("cau_1", "cau_3", "cau_7", "cau_8", "cau_10")] == [4, 4, 4, 2, 4]


def test_the_scale_of_satisfaction_runs_from_very_dissatisfied_to_very_satisfied():
    options = CITIZEN.item_by_code["cau_9_01"].options

    assert [option.label["vi"] for option in options] == [
        "Rất không hài lòng",
        "Không hài lòng",
        "Bình thường",
        "Hài lòng",
        "Rất hài lòng",
    ]


def test_the_ethnic_group_is_optional_and_marked_sensitive():
    question = CITIZEN.question_by_id["dan_toc"]

    assert question.sensitive
    assert not question.required


def test_the_transaction_form_has_22_criteria_in_5_factors():
    assert [len(factor.items) for factor in TRANSACTION.factors] == [4, 5, 6, 3, 4]
    assert [block.code for block in TRANSACTION.blocks] == ["GD"]
    assert TRANSACTION.factors[1].items == tuple(f"gd_2_{number:02}" for number in range(1, 6))


def test_facts_of_a_transaction_belong_to_no_factor():
    facts = ("so_lan_den", "phien_ha", "tien_ngoai_quy_dinh", "tre_hen", "thu_xin_loi")

    assert all(TRANSACTION.item_by_code[code].factor is None for code in facts)


def test_the_apology_is_asked_only_when_the_result_was_late():
    condition = TRANSACTION.question_by_id["thu_xin_loi"].show_if

    assert [(one.question, one.values) for one in condition] == [("tre_hen", ("1",))]


def test_the_business_form_follows_the_method_and_says_that_it_is_not_official():
    assert [factor.code for factor in BUSINESS.factors] == [
        factor.code for factor in CITIZEN.factors
    ]
    assert sum(len(factor.items) for factor in BUSINESS.factors) == 34
    assert "Không phải mẫu phiếu chính thức" in BUSINESS.source["vi"]
    assert "not an official form" in BUSINESS.source["en"]


def test_the_wordings_given_in_full_by_the_reference_stand_in_the_form():
    reference = Path(__file__).parents[3] / "shared" / "domain" / "sipas.md"
    if not reference.is_file():
        pytest.skip("the domain reference is not here: shared/domain/sipas.md")
    given = reference.read_text(encoding="utf-8").replace("\n", " ")
    whole = (1, 2, 3, 4, 14, 15, 16, 17, 18, 19, 23)

    for number in whole:
        assert CITIZEN.item_by_code[f"cau_9_{number:02}"].label["vi"] in given
