"""Whatever bytes come in, a parser refuses them in its own words and the application answers.

`make test` tries the same examples in every run, `make fuzz` looks for new ones for minutes.
"""

import io
import json
import zipfile
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlencode

import pytest
from builders import a_form
from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from sealing_device import sealed

from intake.documents import read_document
from intake.findings import HailongError
from intake.tables import read_table, write_csv
from intake.text import folded, forbidden_character, normalized
from questionnaires import check_questionnaire
from survey_app.services.codes import CodeError, display, read_code, read_receipt, read_screen_code
from survey_app.services.keys import application_secret
from survey_app.services.sealed_forms import SealedFormError, open_form, public_key

FORM = "application/x-www-form-urlencoded"
SAME = {"Sec-Fetch-Site": "same-origin"}
OURS = (HailongError, CodeError, SealedFormError)
ODD = "\0\t\n\r,;\"'=+-@＝\u0301\u0316\u200b\u200d\u202e\u2028\ufeff\U000e0041ệA0é😀"
texts = st.one_of(st.text(max_size=40), st.text(ODD, max_size=40))
# A profile with more examples, as that of `make fuzz`, takes its own number.
FEW = settings(max_examples=max(40, settings().max_examples * 2 // 5))


def workbook() -> bytes:
    made = Workbook()
    made.active.append(["unit_id", "name"])
    made.active.append(["u1", "Hà Nội"])
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


YAML = b"id: &a x\nlanguages: [vi, 'en']\n? k\n: |\n  text\nq: {a: -1.5, \"b\": !t null}\n"
CSV = '\ufeffunit_id;"na""me"\r\nu1;"Hà\n Nội"\r\n\r\n=1;2\r\n'.encode()
XLSX = workbook()


@st.composite
def spoilt(draw, whole: bytes):
    """A file of which some bytes were changed, cut out, doubled or put in."""
    data = bytearray(whole)
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(data)))
        much = draw(st.sampled_from([0, 1, 1, 2, 8, 64]))
        put = draw(
            st.one_of(st.binary(max_size=8), texts.map(lambda t: t.encode("utf-8", "ignore")))
        )
        again = bytes(data[at : at + much]) * draw(st.integers(0, 2))
        data[at : at + much] = put + again
    return bytes(data)


@st.composite
def spoilt_members(draw):
    """A workbook whose archive is in order and one of whose parts is not."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(XLSX)) as old, zipfile.ZipFile(out, "w") as new:
        chosen = draw(st.sampled_from(old.namelist()))
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, draw(spoilt(data)) if name == chosen else data)
    return out.getvalue()


def look(data: bytes, name: str, read):
    """Read a file of these bytes; a refusal in words of our own is an answer too."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        with suppress(HailongError):
            return read(path)
    return None


@FEW
@given(
    st.one_of(
        spoilt(CSV), st.binary(max_size=200), texts.map(lambda t: t.encode("utf-8", "ignore"))
    )
)
def test_any_bytes_are_a_table_or_refused(data):
    table = look(data, "a.csv", lambda path: read_table(path, required=[]))
    for row in table.rows if table else ():
        assert set(row.cells) == set(table.columns)
        assert not any(map(forbidden_character, row.cells.values()))


@FEW
@given(st.one_of(spoilt(XLSX), spoilt_members()))
def test_any_workbook_is_a_table_or_refused(data):
    look(data, "a.xlsx", lambda path: read_table(path, required=[]))


@FEW
@given(
    st.one_of(
        spoilt(YAML), st.binary(max_size=200), texts.map(lambda t: t.encode("utf-8", "ignore"))
    )
)
def test_any_bytes_are_a_document_or_refused(data):
    document = look(data, "a.yaml", read_document)
    assert document is None or document.line(()) in {1, None} or document.lines


@FEW
@given(st.one_of(spoilt(YAML), spoilt(XLSX), spoilt_members()))
def test_any_bytes_are_a_questionnaire_or_refused(data):
    for name in ("form.yaml", "form.xlsx"):
        look(data, name, lambda path: check_questionnaire(path))


@FEW
@given(st.lists(st.lists(texts, min_size=2, max_size=2), max_size=5))
def test_what_is_written_is_read_back_or_refused(rows):
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        write_csv(path, ["a", "b"], rows)
        with suppress(HailongError):
            for row in read_table(path, required=["a", "b"]).rows:
                for cell in row.cells.values():
                    assert not cell.startswith(("=", "+", "@", "＝", "-")) or float(cell) <= 0


@FEW
@given(texts)
def test_any_text_is_a_code_or_none_and_codes_are_read_as_they_are_shown(text):
    for read in (read_code, read_screen_code, read_receipt):
        with suppress(CodeError):
            code = read(text)
            assert read(display(code)) == code


@FEW
@given(texts)
@example("a" + "\u0301\u0316" * 20)
def test_texts_have_one_form(text):
    assert normalized(normalized(text)) == normalized(text)
    assert folded(folded(text)) == folded(text) or not text.isascii()
    if forbidden_character(normalized(text)) is None:
        normalized(text).encode()


# The application ----------------------------------------------------------------------------------

ADDRESSES = ["/", "/q/q1", "/q/q1/gop-y", "/q/q1/0000-0001-2", "/f/", "/s/f/x", "/s/f/x/draft/read"]
ADDRESSES += ["/s/f/x/draft/erase", "/k/", "/k/leave", "/k/f/demo", "/i/cases", "/i/outcomes"]
names = st.one_of(
    st.sampled_from(
        ["code", "sealed", "unattended", "key", "pin", "kind", "text", "count", "step"]
    ),
    st.sampled_from([*a_form(), "y_kien_khac", "base"]),
    texts,
)


def held(answer):
    """An answer that is one of ours: never a fault, never without its policy."""
    assert answer.status_code < 500
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


@FEW
@given(
    st.sampled_from(ADDRESSES), st.one_of(st.binary(max_size=300), spoilt(b"code=x&a=%C3%A9&b=1"))
)
def test_any_body_is_answered(target, address, body):
    held(target.client.post(address, data=body, headers=SAME, content_type=FORM))


@FEW
@given(
    st.sampled_from(ADDRESSES),
    st.dictionaries(names, st.lists(texts, min_size=1, max_size=2), max_size=8),
    st.sampled_from(["text/html", "application/json"]),
    st.booleans(),
)
def test_any_form_is_answered(target, address, fields, wanted, known):
    if known:
        fields = fields | {"code": [target.codes[-1]]}
    body = urlencode([(n, v.encode("utf-8", "replace")) for n, vs in fields.items() for v in vs])
    headers = SAME | {"Accept": wanted}
    held(target.client.post(address, data=body, headers=headers, content_type=FORM))


@FEW
@given(
    st.text(max_size=30),
    st.sampled_from(["/", "/q/", "/s/", "/s/f/", "/r/", "/f/", "/k/", "/i/f/"]),
)
def test_any_address_is_answered(target, rest, start):
    held(target.client.get(start + rest.encode("utf-8", "replace").decode().replace("?", "%3f")))


@FEW
@given(st.one_of(st.binary(max_size=200), spoilt(b"\x04" + bytes(64) + bytes(12) + bytes(32))))
def test_any_bytes_are_a_sealed_form_or_refused(target, data):
    with pytest.raises(SealedFormError):
        open_form(application_secret(target.installation.settings), data)


@FEW
@given(
    st.one_of(
        st.text(max_size=60),
        st.sampled_from(["[", "[[", '[["', "1" * 5000, "[" * 3000, "null", '[["a","\\ud800"]]']),
        st.lists(st.tuples(names, texts), max_size=5).map(
            lambda pairs: json.dumps([list(pair) for pair in pairs])
        ),
    ),
    st.sampled_from(["", "1"]),
)
def test_any_sealed_text_is_answered(target, text, unattended):
    secret = application_secret(target.installation.settings)
    text = text.encode("utf-8", "replace").decode()
    body = {"sealed": sealed(public_key(secret), text), "unattended": unattended}
    held(target.client.post("/k/f/demo", data=body, headers=SAME))
