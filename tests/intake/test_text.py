"""Characters: what is kept as it is, what is refused."""

import pytest

from intake.findings import Finding, HailongError, Words
from intake.text import ID_PATTERN, folded, forbidden_character, normalized


def test_vietnamese_is_kept_in_one_form():
    assert normalized("Ha\u0300i lo\u0300ng\r\n") == "Hài lòng\n"
    assert forbidden_character(normalized("Ý kiến khác:\n\tphường Lê Chân – 5★")) is None


@pytest.mark.parametrize(
    ("text", "bad"),
    [
        ("a\x00b", "U+0000"),
        ("a\x85b", "U+0085"),
        ("a\u2028b", "U+2028"),
        ("a\u202eb", "U+202E"),
        ("a\u2066b", "U+2066"),
        ("a\u200bb", "U+200B"),
        ("a\ud800b", "U+D800"),
        ("a\U000e0041b", "U+E0041"),
        ("x\u0307\u0307\u0307\u0307", "U+0307"),
    ],
)
def test_a_character_that_hides_or_reorders_text_is_named(text: str, bad: str):
    assert forbidden_character(text) == bad


def test_joined_emoji_are_text_and_a_lone_joiner_is_not():
    assert forbidden_character("👨\u200d👩\u200d👧") is None
    assert forbidden_character("a\u200db") == "U+200D"


def test_ids_that_look_alike_fold_to_the_same():
    assert folded("ＣＩＴＩＺＥＮ") == folded("citizen")
    assert ID_PATTERN.match("citizen-2026.1")
    assert not ID_PATTERN.match("-x")


def test_an_error_tells_fifty_findings_and_counts_the_rest():
    findings = [Finding(f"c{n}", Words("sai", "wrong"), Words("", ""), row=n) for n in range(60)]
    error = HailongError(findings)
    assert error.code == "c0"
    assert len(error.text("vi").splitlines()) == 51
    assert error.text("en").endswith("… and 10 more.")
