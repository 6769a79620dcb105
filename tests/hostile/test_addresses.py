"""Addresses, methods and headers that no browser of an honest person sends: refused, never a fault.

Every route of the product is met, so that a new one is tested without a line here.
"""

import re
from collections import defaultdict

import pytest
from builders import a_round, an_installation, some_codes
from werkzeug.test import EnvironBuilder, run_wsgi_app

from survey_app.web import make_app

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"]
METHODS += ["PROPFIND", "get", "G\u00c9T"]
UP = [
    "../{}", "..%2f{}", "%2e%2e/{}", "%2e%2e%2f{}", "..%5c{}", "..\\{}", "....//{}",
    "%252e%252e/{}",
    "..%c0%af{}", "..;/{}", "//{}", "/{}", "./../{}", "x/../../{}", "%00{}",
    "{}%00.html", "..%00/{}",
    "C:\\{}", "file:///{}", "..%ef%bc%8f{}", "．．/{}", "../" * 12 + "{}",
]  # fmt: skip
SECRET = "keys/feedback"
FOLDERS = ["/static/", "/ket-qua/", "/s/audio/citizen/2026-1/vi/", "/s/audio/citizen/", "/s/audio/"]
HOSTS = [
    "evil.example", "localhost.evil.example", "evil.example:80@localhost", "localhost@evil.example",
    "localhost:99999999", "localhost/evil", "localhost evil", "localhost\t",
    "localhost%00", "[::1", "[::1]", "127.0.0.1.", "2130706433", "", "x" * 5000, "localhost,evil",
]  # fmt: skip


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """An application with a release to read from, and one code."""
    made = an_installation(tmp_path_factory.mktemp("addresses") / "data")
    site = made.settings.releases / "2026" / "site"
    site.mkdir(parents=True)
    (site / "index.html").write_text("<p>Kết quả</p>", encoding="utf-8")
    (site.parent / "manifest.json").write_text('{"released_on": "2026-07-01"}')
    a_round(made)
    yield make_app(made), some_codes(made, "demo")[0]
    made.engine.dispose()


def raw(app, path, **environ):
    """Answer a path just as it came, with parts of the environment laid over it."""
    built = EnvironBuilder(method=environ.pop("method", "GET")).get_environ()
    built |= {
        "PATH_INFO": path.encode().decode("latin-1"),
        "QUERY_STRING": "",
        "SERVER_PROTOCOL": "HTTP/1.1",
    } | environ
    body, status, headers = run_wsgi_app(app, built, buffered=True)
    return int(status.split()[0]), headers, b"".join(body)


def is_here(location):
    """Whether a browser at our address stays there when it follows a redirect."""
    own = re.match(r"(http://localhost(:80)?)?(/[^/\\]|/\Z)", location)
    return bool(own) and not re.search(r"[\x00-\x20\x7f]", location)


def test_the_judge_of_this_file_knows_where_a_redirect_leads():
    for away in (
        "//evil",
        "/\\evil",
        "http://localhost.evil/",
        "https:evil",
        "javascript:1",
        "/\t/evil",
    ):
        assert not is_here(away)
    assert is_here("/s/f/x#0000")
    assert is_here("http://localhost/ket-qua/")


def test_every_method_on_every_route_is_answered_or_refused_and_none_is_a_fault(place):
    app, _ = place
    known = defaultdict(set)
    for rule in app.url_map.iter_rules():
        known[rule.rule] |= rule.methods | {"get"}
    for rule in app.url_map.iter_rules():
        for filling, methods in (("x", METHODS), ("0000-0000-0000-0001-2", ("GET", "POST"))):
            path = re.sub(r"<[^>]+>", filling, rule.rule)
            for method in methods:
                status, headers, _ = raw(app, path, method=method)
                assert status in {200, 204, 303, 308, 400, 404, 405, 413, 415, 429, 403, 410}, path
                if status == 405:
                    assert headers["Allow"], (method, path)
                if method not in known[rule.rule]:
                    assert status in {404, 405, 308, 429}, (method, path, status)


def test_no_way_leads_out_of_a_folder(place):
    app, _ = place
    secret = next((app.extensions["hailong"].settings.data / "keys").glob("feedback*")).read_bytes()
    client = app.test_client()
    for folder in FOLDERS:
        for up in UP:
            for name in ("manifest.json", "web/__init__.py"):
                status, headers, body = raw(app, folder + up.format(name))
                assert status in {404, 308}, (folder, up, name)
                assert is_here(headers.get("Location", "/")), (folder, up)
                assert secret not in body
                encoded = client.get(folder + up.format(name))
                assert encoded.status_code in {404, 308}, (folder, up, name)


@pytest.mark.parametrize("path", ["/q/\0", "/i/f/\0", "/k/f/a\0b", "/r/\0", "/ket-qua/\0", "/\0"])
def test_nul_in_an_address_is_no_page(place, path):
    assert raw(place[0], path)[0] == 404


@pytest.mark.parametrize("host", HOSTS)
def test_another_host_is_refused_before_anything_is_looked_at(place, host):
    app, code = place
    for path in ("/", "/none", f"/s/{code}", "/ket-qua", "/health", "/staff/entry"):
        status, headers, body = raw(app, path, HTTP_HOST=host)
        assert status == 400, (host[:40], path)
        assert b"href" not in body
        assert "evil" not in str(headers)


def test_a_host_that_somebody_passed_on_changes_no_address(place):
    app, code = place
    passed = {
        f"HTTP_{name}": "evil.example"
        for name in (
            "X_FORWARDED_HOST",
            "X_HOST",
            "X_FORWARDED_SERVER",
            "FORWARDED",
            "X_REWRITE_URL",
        )
    } | {"HTTP_X_FORWARDED_PROTO": "javascript", "HTTP_X_ORIGINAL_URL": "/staff/entry"}
    for path in ("/", f"/s/{code}", "/ket-qua", "/q/none"):
        status, headers, body = raw(app, path, **passed)
        assert (status, b"evil" in body) == (raw(app, path)[0], False)
        assert is_here(headers.get("Location", "/"))


AWAY = [
    "//evil.example",
    "/\\evil.example",
    "https://evil.example",
    "\\\\evil",
    "%2f%2fevil.example",
]
AWAY += ["/%09/evil.example", "x\r\nSet-Cookie: a=b", "%0d%0aSet-Cookie:%20a=b", "\u560d\u560aX: y"]


@pytest.mark.parametrize("away", AWAY)
def test_no_redirect_leaves_the_host_and_no_header_is_made_by_an_address(place, away):
    app, code = place
    client = app.test_client()
    answers = [
        raw(app, path)[:2]
        for path in (away, f"/{away}", f"//{away}", f"/ket-qua/{away}", f"/s/{code}/{away}")
    ]
    for query in ({"lang": away}, {"next": away}, {"url": away, "lang": "en"}):
        for path in (f"/s/{code}", "/ket-qua", "/"):
            sent = client.get(path, query_string=query)
            answers.append((sent.status_code, sent.headers))
        sent = client.post("/", data={"code": code}, query_string=query)
        answers.append((sent.status_code, sent.headers))
        assert sent.status_code == 303
    for status, headers in answers:
        assert status < 500
        assert is_here(headers.get("Location", "/")), headers["Location"]
        assert "a=b" not in headers.get("Set-Cookie", "")
        assert "X" not in headers


ODD = {
    "HTTP_COOKIE": ["hailong_code=\xff\xfe", "a=b; hailong_code=" + "x" * 8000, "=;;==", "\0"],
    "HTTP_IDEMPOTENCY_KEY": ["", "\xff" * 5000, "a,b", "\0"],
    "HTTP_ACCEPT": ["*/*;q=abc,,;", "application/json;q=1;q=", "\xff", "x" * 9000, "a/b;" * 2000],
    "HTTP_ACCEPT_ENCODING": [";q=;;", "br;q=nan, gzip;q=inf", "\xff"],
    "HTTP_IF_NONE_MATCH": ['W/"', '"' * 999, "\xff"],
    "HTTP_IF_MODIFIED_SINCE": ["x", "Thu, 99 Foo 9999999 99:99:99 GMT"],
    "HTTP_RANGE": ["bytes=-", "bytes=9-1", "bytes=0-,0-,0-", "x", "bytes=" + "0-," * 3000],
    "HTTP_ORIGIN": ["http://[", "\xff", "null", "http://localhost:x"],
    "HTTP_SEC_FETCH_SITE": ["", "same-origin, none", "\xff"],
    "CONTENT_LENGTH": ["-1", "x", "99999999999999999999", ""],
    "CONTENT_TYPE": [
        "application/x-www-form-urlencoded; charset=utf-7",
        "multipart/form-data",
        ";",
    ],
    "HTTP_TRANSFER_ENCODING": ["chunked", "chunked, identity", "x"],
    "REMOTE_ADDR": ["", "unix:", "x" * 999, "::ffff:1.2.3.4%eth0"],
}


@pytest.mark.parametrize("header", ODD)
def test_no_header_is_a_fault_of_ours(place, header):
    app, code = place
    for value in ODD[header]:
        for method, path in (
            ("GET", f"/s/{code}"), ("GET", "/s/f/x"), ("GET", "/ket-qua/"),
            ("GET", "/static/pages.css"),
            ("POST", "/s/f/x"), ("POST", "/k/"), ("POST", "/q/q1/gop-y"), ("PUT", "/s/f/x/draft"),
            ("GET", "/s/0000-0000-0000-0000-0"),
        ):  # fmt: skip
            assert raw(app, path, method=method, **{header: value})[0] < 500, (path, value[:40])
