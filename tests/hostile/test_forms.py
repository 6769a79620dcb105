"""Every limit of security.md section 4 for a posted form, at the limit and one above it."""

import io
import json
from urllib.parse import urlencode

import pytest
from builders import a_form, some_codes
from sealing_device import sealed

from survey_app.services.keys import application_secret
from survey_app.services.sealed_forms import public_key

FORM = "application/x-www-form-urlencoded"
ASKED = {"Sec-Fetch-Site": "same-origin", "Accept": "application/json"}
PLACE = "/s/f/hostile"
KIB_64 = 64 * 1024


def post(target, body, **more):
    given = {"headers": ASKED, "content_type": FORM} | more
    return target.client.post(PLACE, data=body, **given)


def answers(target, **fields):
    """Post one visitor's form with a fresh code."""
    form = {"code": target.codes.pop(), "gioi_tinh": "1"} | fields
    return post(target, urlencode(form, doseq=True))


def padded(code, size):
    """A sound form of so many bytes."""
    body = urlencode({"code": code, "gioi_tinh": "1", "x": ""})
    return body + "x" * (size - len(body))


# The request ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("size", "status"), [(KIB_64, 201), (KIB_64 + 1, 413)])
def test_a_body_has_64_kib(target, size, status):
    assert post(target, padded(target.codes.pop(), size)).status_code == status


@pytest.mark.parametrize("same", [True, False], ids=["one name", "many names"])
@pytest.mark.parametrize(("count", "status"), [(400, 201), (401, 413)])
def test_a_form_has_400_fields(target, count, status, same):
    rest = count - 2
    more = {"x": ["1"] * rest} if same else {f"x{n}": "1" for n in range(rest)}
    assert answers(target, **more).status_code == status


@pytest.mark.parametrize(("count", "status"), [(400, 201), (401, 400)])
def test_a_sealed_form_has_400_fields_as_well(target, count, status):
    pairs = [["code", target.codes.pop()], ["gioi_tinh", "1"]]
    pairs += [[f"x{n}", "1"] for n in range(count - 2)]
    point = public_key(application_secret(target.installation.settings))
    body = urlencode({"sealed": sealed(point, json.dumps(pairs))})
    assert post(target, body).status_code == status


TYPES = {
    "JSON": {"content_type": "application/json"},
    "text": {"content_type": "text/plain"},
    "none": {"content_type": ""},
    "gzip": {"headers": ASKED | {"Content-Encoding": "gzip"}},
    "deflate": {"headers": ASKED | {"Content-Encoding": "deflate"}},
    "identity": {"headers": ASKED | {"Content-Encoding": "identity"}},
    "in pieces": {"headers": ASKED | {"Transfer-Encoding": "chunked"}},
}


@pytest.mark.parametrize("name", TYPES)
def test_a_body_that_is_packed_or_no_form_is_415(target, name):
    assert post(target, "code=x&gioi_tinh=1", **TYPES[name]).status_code == 415


TYPED = ["/", "/q/q1", "/f/"]
CHANGING = [
    PLACE,
    f"{PLACE}/draft/read",
    f"{PLACE}/draft/erase",
    "/q/q1/gop-y",
    "/q/q1/0000-0001-2",
]
CHANGING += ["/k/", "/k/leave", "/k/f/demo", "/i/cases", "/i/outcomes", "/i/f/demo"]


@pytest.mark.parametrize("address", TYPED + CHANGING)
def test_every_form_of_the_product_keeps_these_limits(target, address):
    def status(**more):
        given = {"headers": ASKED, "content_type": FORM} | more
        return target.client.post(address, **given).status_code

    assert status(data="{}", content_type="application/json") == 415
    assert status(data={"code": (io.BytesIO(b"x"), "a.txt")}, content_type=None) == 415
    assert status(data="code=x", headers=ASKED | {"Content-Encoding": "br"}) == 415
    assert status(data=urlencode({f"x{n}": "1" for n in range(401)})) == 413
    assert status(data="code=" + "x" * KIB_64) == 413


@pytest.mark.parametrize("address", CHANGING)
@pytest.mark.parametrize("origin", ["null", "http://[", "https://localhost.evil.example", "x", ""])
def test_a_post_from_elsewhere_is_403_however_it_names_itself(target, address, origin):
    headers = {"Origin": origin}
    assert target.client.post(address, data={"code": "x"}, headers=headers).status_code == 403


def test_unknown_fields_and_answers_off_the_path_are_never_stored(target):
    before = stored(target)
    sent = answers(target, __proto__="1", constructor="2", answers="3", id="x")
    assert sent.status_code == 201
    assert stored(target) == before + 1
    assert not {"__proto__", "constructor", "id"} & set(newest(target))


def stored(target):
    return len(waiting(target))


def waiting(target):
    from sqlalchemy import select

    from survey_app.db import reading
    from survey_app.db.answers import INBOXES
    from survey_app.services.sealing import unseal

    keys = target.installation.keyring()["visits"]
    with reading(target.installation.engine) as connection:
        rows = [row for one in INBOXES.values() for row in connection.scalars(select(one.c.sealed))]
    opened = [json.loads(message) for row in rows if (message := unseal(row, keys.private))]
    return [one["answers"] for one in opened]


def newest(target):
    """The items of all answers: a name that was stored once would be among them."""
    return {name for answers in waiting(target) for name in answers}


# The answers ------------------------------------------------------------------------------------

FORBIDDEN = [
    *map(chr, [*range(9), 0x0B, 0x0C, *range(0x0E, 0x20), *range(0x7F, 0xA0), 0x2028, 0x2029]),
    *map(chr, [*range(0x202A, 0x202F), *range(0x2066, 0x206A), *range(0xE0000, 0xE0080)]),
    *"\u200b\u200c\u200d\u200e\u200f\u2060\ufeff",
]


@pytest.mark.parametrize(
    "character",
    [*"\0\b\x0b\x1f\x7f\x85\x9f\u2028\u2029\u202a\u202e\u2066\u2069\u200b\ufeff\U000e0041"],
    ids=lambda character: f"{ord(character):04X}",
)
def test_a_character_that_hides_or_breaks_text_is_422_and_named(target, character):
    sent = answers(target, y_kien_khac=f"a{character}b")
    assert sent.status_code == 422
    assert f"U+{ord(character):04X}" in sent.json["problems"]["y_kien_khac"]


def test_every_forbidden_character_is_refused_in_voluntary_feedback_too():
    from survey_app.services.feedback import WrongFeedbackError, check

    for character in FORBIDDEN:
        with pytest.raises(WrongFeedbackError) as error:
            check("praise", f"a{character}b")
        assert list(error.value.problems) == ["text"]


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("ệ" * 2000, 201),
        ("e\u0323\u0302" * 2000, 201),  # becomes 2,000 code points
        ("x\r\n" * 1000, 201),
        ("ệ" * 2001, 422),
        ("😀" * 2000, 201),
        ("😀" * 2001, 422),
        ("q\u0307\u0327\u0331", 201),
        ("q\u0307\u0327\u0331\u0308", 422),
        ("a" + "\u0301\u0316" * 5_000, 422),
        ("👨\u200d👩\u200d👧", 201),
        ("a\tb\nc", 201),
    ],
    ids=lambda value: f"{len(value)} {value[:2]!a}" if isinstance(value, str) else None,
)
def test_a_text_has_2000_code_points_and_three_marks_in_a_row(target, text, status):
    assert answers(target, y_kien_khac=text).status_code == status


def test_a_text_that_is_too_long_is_told_its_length(target):
    assert "2.001" in answers(target, y_kien_khac="x" * 2001).json["problems"]["y_kien_khac"]


@pytest.mark.parametrize(
    ("value", "status"),
    [
        ("0", 201),
        ("99", 201),
        ("00099", 201),
        ("100", 422),
        ("999999999", 422),
        ("-1", 422),
        *(
            (odd, 422)
            for odd in ["+5", "5e1", "5E1", "0x5", "1_0", "5.", ".5", "5.0", "5,5", "1 0"]
        ),
        *((odd, 422) for odd in ["NaN", "Infinity", "inf", "--5", "５", "٥", "५", "²", "Ⅴ", "1٫5"]),
        *((odd, 422) for odd in ["0000000005", "9" * 5000, "5\n", "\t5", "5\u00a0", "true", "[5]"]),
    ],
    ids=lambda value: f"{value[:8]!a}" if isinstance(value, str) else None,
)
def test_a_number_is_plain_digits(target, value, status):
    assert answers(target, so_lan_den=value).status_code == status


@pytest.mark.parametrize(
    "value",
    [
        "01",
        "1 ",
        "1\0",
        "１",
        "1\u200b",
        "0",
        "9",
        ["1", "2"],
        ["1", "1"],
        "dat",
        "{1}",
        "1;2",
        "99",
    ],
    ids=ascii,
)
def test_a_choice_is_one_of_its_options_byte_for_byte(target, value):
    sent = answers(target, gioi_tinh=value)
    assert sent.status_code == 422
    assert list(sent.json["problems"]) == ["gioi_tinh"]


def test_bytes_that_are_no_text_are_never_a_fault_of_ours(target):
    code = some_codes(target.installation, "demo")[0].encode()
    empty = [b"%ff%fe=%ed%a0%80", b"&&&===%%%", b"a=%", b"\x00" * 999, b"%00=1"]
    for body in (*empty, b"\xff" * 999):
        assert post(target, body).status_code == 400
    for body in empty:
        assert post(target, b"code=" + code + b"&" + body).status_code == 422
    assert post(target, urlencode(a_form(code=code.decode()))).status_code == 201
