"""One-time codes: security.md §2, "Code".

The test vectors were worked out with a table of the powers of x modulo x**5 + x**2 + 1, done
here a second time by `by_table`; the code itself uses Horner's rule and no table.
"""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from survey_app.services import codes
from survey_app.services.codes import ALPHABET, CodeError, read_code, read_receipt

# 16 characters -> check character. All zero; a one in the last and in the first place;
# every letter once in two halves; a code as it would be drawn.
VECTORS = {
    "0000000000000000": "0",
    "0000000000000001": "2",
    "1000000000000000": "V",
    "0123456789ABCDEF": "P",
    "GHJKMNPQRSTVWXYZ": "X",
    "ZZZZZZZZZZZZZZZZ": "M",
    "F8ZHKG6JWJ5NDW0Q": "T",
}

numbers = st.integers(0, (1 << 80) - 1)


def by_table(characters):
    powers = [1]
    for _ in range(31):
        following = powers[-1] * 2
        powers.append(following ^ 37 if following >= 32 else following)
    logarithm = {power: index for index, power in enumerate(powers[:31])}
    total = 0
    for place, character in enumerate(characters):
        value = ALPHABET.index(character)
        if value:
            total ^= powers[(logarithm[value] + 16 - place) % 31]
    return ALPHABET[total]


def kind_of(text, read=read_code):
    with pytest.raises(CodeError) as refused:
        read(text)
    return refused.value.kind


@pytest.mark.parametrize("characters", VECTORS)
def test_the_check_character_is_the_weighted_sum_over_the_field(characters):
    assert codes.with_check(characters)[-1] == VECTORS[characters] == by_table(characters)


@given(numbers)
def test_a_code_read_back_from_its_display_is_the_same_code(number):
    code = codes.with_check(codes.plain(number))
    shown = codes.display(code)
    assert re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{4}-){4}[0-9A-HJKMNP-TV-Z]", shown)
    assert read_code(shown) == code
    assert int("".join(f"{ALPHABET.index(c):05b}" for c in code[:16]), 2) == number


@given(numbers, st.randoms(use_true_random=False))
def test_case_blanks_dashes_and_lookalikes_do_not_matter(number, random):
    code = codes.with_check(codes.plain(number))
    lookalikes = {"0": "0oO", "1": "1iIlL"}
    typed = "".join(
        random.choice(lookalikes.get(c, c + c.lower()))
        + random.choice(["", "", " ", "-", "–", "\u00a0"])
        for c in code
    )
    assert read_code(f"\t{typed}\n") == code


def test_every_single_slip_in_any_place_is_seen():
    for characters in VECTORS:
        code = codes.with_check(characters)
        for place in range(17):
            for other in ALPHABET.replace(code[place], ""):
                assert kind_of(code[:place] + other + code[place + 1 :]) == "check"


def test_every_swap_of_two_characters_is_seen_the_check_character_included():
    for characters in VECTORS:
        code = codes.with_check(characters)
        for first in range(17):
            for second in range(first + 1, 17):
                swapped = list(code)
                swapped[first], swapped[second] = code[second], code[first]
                if code[first] != code[second]:
                    assert kind_of("".join(swapped)) == "check"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", "length"),
        ("0000-0000-0000-0001", "length"),
        ("0000-0000-0000-0001-22", "length"),
        ("0" * 100_000, "length"),
        ("0000-0000-0000-0001-U", "character"),
        ("0000-0000-0000-000đ-2", "character"),
        ("0000-0000-0000-000\uff11-2", "character"),
        ("0000-0000-0000-0001-3", "check"),
    ],
)
def test_a_text_that_is_no_code_is_refused_with_its_reason(text, kind):
    assert kind_of(text) == kind


def test_new_codes_are_right_and_all_different():
    made = {codes.new_code() for _ in range(2000)}
    assert len(made) == 2000
    assert all(read_code(code) == code for code in made)


@given(st.binary(min_size=10, max_size=32))
def test_a_receipt_shows_the_first_eighty_bits_and_is_read_back(bits):
    shown = codes.receipt_display(bits)
    assert re.fullmatch(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){3}", shown)
    assert read_receipt(shown.lower()) == codes.receipt_code(bits)
    assert codes.receipt_code(bits) == codes.receipt_code(bits[:10])


def test_a_receipt_of_the_wrong_length_is_refused():
    assert kind_of("0000-0000-0000-0001-2", read_receipt) == "length"
    with pytest.raises(ValueError, match="80 bits"):
        codes.receipt_code(b"short")
