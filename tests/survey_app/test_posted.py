"""The reader of plain forms: the same fields as the standard library's, whatever is sent."""

from urllib.parse import parse_qs, urlencode

from hypothesis import given
from hypothesis import strategies as st

from survey_app.web.posted import read_fields

PAIRS = st.lists(st.tuples(st.text(), st.text()))


@given(PAIRS)
def test_fields_are_those_that_were_sent(pairs):
    expected = {}
    for name, value in pairs:
        expected.setdefault(name, []).append(value)
    assert read_fields(urlencode(pairs).encode()) == expected


@given(st.text("ab=&%+12cC3;\u00e1", max_size=40) | st.binary(max_size=40))
def test_any_body_is_read_as_the_standard_library_does(body):
    raw = body.encode() if isinstance(body, str) else body
    text = raw.decode("utf-8", "replace")
    assert read_fields(raw) == parse_qs(text, keep_blank_values=True, errors="replace")
