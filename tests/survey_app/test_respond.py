"""The respondent's pages over HTTP: what opens, what is counted, what is refused and how."""

import gzip
import os
import re
from dataclasses import replace
from datetime import timedelta
from urllib.parse import unquote

import pytest
from builders import TODAY, a_counter, a_form, a_round, an_installation, some_codes
from sqlalchemy import func, select

from questionnaires import Text, load
from survey_app.db import reading
from survey_app.db.answers import INBOXES, feedback_inbox
from survey_app.db.fieldwork import CLOSED, receipt, survey_round
from survey_app.services.codes import new_code
from survey_app.services.sealing import unseal
from survey_app.web import make_app
from survey_app.web.document import build_document
from survey_app.web.respond import COOKIE

SAME = {"Sec-Fetch-Site": "same-origin"}
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def code(installation):
    return some_codes(installation, a_round(installation))[0]


def opened(client, code):
    answer = client.get(f"/s/{code}")
    assert answer.status_code == 303
    return answer.headers["Location"].partition("#")[0]


def stored(installation, table):
    with reading(installation.engine) as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def answers_waiting(installation):
    return sum(stored(installation, inbox) for inbox in INBOXES.values())


def test_a_scanned_link_in_capitals_opens_the_questionnaire_and_spends_nothing(
    client, installation, code
):
    answer = client.get(f"/S/{code}")
    place, _, fragment = answer.headers["Location"].partition("#")
    assert re.fullmatch(r"/s/f/[\w-]{16}", place)
    assert fragment.replace("-", "") == code
    cookie = answer.headers["Set-Cookie"]
    assert f"Path={place};" in cookie + ";"
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    page = client.get(place)
    assert page.status_code == 200
    assert "Khảo sát" in page.text
    assert code not in page.text
    assert (stored(installation, receipt), answers_waiting(installation)) == (0, 0)


def test_the_name_of_the_unit_comes_in_a_cookie_where_the_questions_repeat_it(
    client, installation, monkeypatch
):
    code = some_codes(installation, a_round(installation), {"demo.10507": 1})[0]
    a_counter(installation, "10507", name="Một cửa A & B #2")
    asked = load("citizen", "2026-1")
    assert len(client.get(f"/s/{code}").headers.getlist("Set-Cookie")) == 1
    piping = replace(asked.sections[0], intro=Text({"vi": "Về {unit|địa phương này}"}))
    piped = replace(asked, sections=(piping, *asked.sections[1:]))
    monkeypatch.setattr("survey_app.web.respond.load", lambda *_: piped)

    answer = client.get(f"/s/{code}")

    place, _, fragment = answer.headers["Location"].partition("#")
    assert fragment.replace("-", "") == code
    name, *rest = answer.headers.getlist("Set-Cookie")[1].split("; ")
    assert re.fullmatch(r"hailong_unit=[\w%.-]+", name)
    assert unquote(name.partition("=")[2]) == "Một cửa A & B #2"
    assert f"Path={place}" in rest
    assert "HttpOnly" not in rest


def test_two_letters_opened_on_one_phone_never_meet(client, installation):
    first, second = some_codes(installation, a_round(installation), {"demo.10507": 2})
    places = [opened(client, first), opened(client, second)]
    for place in places:
        assert client.post(place, data=a_form(), headers=SAME).status_code == 303
    assert answers_waiting(installation) == 2


def test_a_form_is_counted_and_followed_by_a_receipt_that_shows_no_answer(
    client, installation, code
):
    sent = client.post(opened(client, code), data=a_form(), headers=SAME)
    assert sent.status_code == 303
    shown = client.get(sent.headers["Location"])
    assert shown.status_code == 200
    assert "đã được tính" in shown.text
    assert answers_waiting(installation) == 1
    assert client.get("/r/0000-0000-0000-0000").status_code == 404


def test_a_double_tap_gets_the_first_receipt_on_a_page_that_says_so(client, installation, code):
    place = opened(client, code)
    first = client.post(place, data=a_form(), headers=SAME).headers["Location"]
    again = client.post(place, data=a_form(cau_9_01="1"), headers=SAME)
    assert again.status_code == 303
    assert again.headers["Location"] == f"{first}?again=1"
    assert (
        "Mã này đã được gửi trước đó. Câu trả lời vừa gửi không được ghi thêm."
        in client.get(again.headers["Location"]).text
    )
    assert answers_waiting(installation) == 1


def test_a_script_sends_with_a_key_and_gets_created_then_the_same_then_a_conflict(
    client, installation, code
):
    place = opened(client, code)
    headers = SAME | {"Accept": "application/json", "Idempotency-Key": "k-1"}
    first = client.post(place, data=a_form(), headers=headers)
    assert first.status_code == 201
    again = client.post(place, data=a_form(), headers=headers)
    assert (again.status_code, again.json) == (200, first.json)
    other = client.post(place, data=a_form(), headers=headers | {"Idempotency-Key": "k-2"})
    assert other.status_code == 409
    assert other.json["error"] == "code-used"
    assert answers_waiting(installation) == 1


def test_the_code_may_come_with_the_form_where_cookies_are_refused(client, installation, code):
    sent = client.post("/s/f/anything", data=a_form(code=code), headers=SAME)
    assert sent.status_code == 303
    assert answers_waiting(installation) == 1


def test_the_page_speaks_english_when_asked(client, code):
    place = opened(client, code)
    assert "satisf" in client.get(f"{place}?lang=en").text.lower()
    sent = client.post(f"{place}?lang=en", data=a_form(), headers=SAME)
    assert "lang=en" in sent.headers["Location"]


def test_a_wrong_answer_keeps_everything_that_was_typed_and_says_where(client, installation, code):
    place = opened(client, code)
    form = a_form(cau_9_01="7", y_kien_khac="Cảm ơn <b>cán bộ</b> phường")
    shown = client.post(place, data=form, headers=SAME)
    assert shown.status_code == 422
    assert "Cảm ơn &lt;b&gt;cán bộ&lt;/b&gt; phường" in shown.text
    assert re.search(r'name="cau_9_02"[^>]*value="4"[^>]*checked', shown.text)
    assert "Phiếu chưa gửi được" in shown.text
    assert answers_waiting(installation) == 0
    assert client.post(place, data=a_form(), headers=SAME).status_code == 303


def test_an_empty_form_is_not_counted_and_does_not_spend_the_code(client, installation, code):
    place = opened(client, code)
    shown = client.post(place, data={"y_kien_khac": "Chỉ góp ý"}, headers=SAME)
    assert shown.status_code == 422
    assert "Chỉ góp ý" in shown.text
    assert client.post(place, data=a_form(), headers=SAME).status_code == 303
    assert answers_waiting(installation) == 1


def test_a_comment_is_sealed_apart_from_the_answers(client, installation, code):
    form = a_form(y_kien_khac="Quầy số 2 rất tận tình")
    assert client.post(opened(client, code), data=form, headers=SAME).status_code == 303
    keys = installation.keyring()["demo"]
    with reading(installation.engine) as connection:
        remark = connection.execute(select(feedback_inbox.c.sealed)).scalar_one()
        answer = connection.execute(select(INBOXES["a"].c.sealed)).scalar_one()
    assert "tận tình" in unseal(remark, keys.private).decode()
    assert "tận tình" not in unseal(answer, keys.private).decode()
    assert "cau_9_01" not in unseal(remark, keys.private).decode()


@pytest.mark.parametrize(
    ("kind", "status", "words"),
    [
        ("unknown", 404, "Không tìm thấy mã này"),
        ("slip", 404, "Mã có một ký tự chưa đúng"),
        ("used", 409, "Mã này đã được dùng để gửi phiếu"),
        ("expired", 410, "Mã này đã hết hạn"),
        ("early", 403, "Đợt khảo sát này chưa mở"),
        ("late", 410, "Đợt khảo sát này đã kết thúc"),
    ],
)
def test_a_code_that_cannot_be_used_has_a_page_that_helps(
    client, installation, kind, status, words
):
    day = timedelta(days=1)
    early = TODAY + day if kind == "early" else TODAY - day
    a_round(installation, opens=early)
    expires = TODAY - day if kind == "expired" else None
    code = some_codes(installation, "demo", expires_on=expires)[0]
    if kind == "unknown":
        code = new_code()
    elif kind == "slip":
        code = code[:-1] + ("0" if code[-1] != "0" else "1")
    elif kind == "used":
        client.post(opened(client, code), data=a_form(), headers=SAME)
    elif kind == "late":
        with installation.engine.begin() as connection:
            connection.execute(survey_round.update().values(state=CLOSED))
    answer = client.get(f"/s/{code}")
    assert answer.status_code == status
    assert words in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert client.get(f"/s/{code}?lang=en").status_code == status


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"content_type": "application/json", "data": "{}"}, 415),
        ({"headers": SAME | {"Content-Encoding": "gzip"}}, 415),
        ({"headers": {"Sec-Fetch-Site": "cross-site"}}, 403),
        ({"headers": {"Origin": "https://evil.example"}}, 403),
        ({"data": {"x": "y" * 70_000}}, 413),
        ({"data": {f"f{number}": "1" for number in range(401)}}, 413),
    ],
)
def test_a_post_that_no_page_of_ours_sends_is_refused_and_spends_nothing(
    client, installation, code, change, status
):
    place = opened(client, code)
    sent = {"data": a_form(), "headers": SAME, "content_type": FORM} | change
    assert client.post(place, **sent).status_code == status
    assert answers_waiting(installation) == 0
    assert client.post(
        place, data=a_form(), headers={"Origin": "http://localhost"}
    ).status_code == (303)


def test_a_lost_cookie_asks_to_open_the_link_again(client, code):
    assert client.get("/s/f/nowhere").status_code == 400
    assert client.post("/s/f/nowhere", data=a_form(), headers=SAME).status_code == 400


def test_a_busy_database_keeps_the_form_on_the_page(client, installation, code, monkeypatch):
    if installation.engine.dialect.name != "sqlite":
        pytest.skip("SQLite has one writer; PostgreSQL does not lock the whole database")
    place = opened(client, code)
    # Another program holds the writer's place for longer than a form may wait.
    blocker = installation.engine.raw_connection()
    blocker.cursor().execute("BEGIN IMMEDIATE")
    try:
        with installation.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA busy_timeout=50")
        shown = client.post(place, data=a_form(dan_toc="1"), headers=SAME)
    finally:
        blocker.rollback()
        blocker.close()
    assert shown.status_code == 503
    assert re.search(r'name="cau_9_02"[^>]*value="4"[^>]*checked', shown.text)
    assert client.post(place, data=a_form(), headers=SAME).status_code == 303


def test_every_page_carries_the_headers_that_protect_it(client, code):
    place = opened(client, code)
    for path in ("/", f"/s/{code}", place, "/r/0000-0000-0000-0000", "/nothing", "/health"):
        headers = client.get(path).headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    policy = client.get(place).headers["Content-Security-Policy"]
    assert "'sha256-" in policy
    assert "unsafe" not in policy


def test_the_same_bytes_go_to_everybody_and_are_not_sent_twice(client, installation):
    codes = some_codes(installation, a_round(installation), {"demo.10507": 2})
    first, second = (client.get(opened(client, code)) for code in codes)
    assert first.data == second.data
    again = client.get(opened(client, codes[0]), headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    small = client.get(opened(client, codes[0]), headers={"Accept-Encoding": "gzip"})
    assert small.headers["Content-Encoding"] == "gzip"
    assert len(small.data) < 40_000


def test_a_typed_code_leads_to_its_form_and_a_slip_is_told_kindly(client, code):
    sent = client.post("/", data={"code": f" {code[:4]}-{code[4:].lower()} "})
    assert sent.status_code == 303
    assert sent.headers["Location"].startswith(f"/s/{code}")
    wrong = client.post("/", data={"code": code[:-1]})
    assert wrong.status_code == 422
    assert code[:-1] in wrong.text
    assert "17 chữ và số" in wrong.text


def test_the_poster_of_a_counter_has_a_page_in_any_case_of_letters(client, installation):
    from sqlalchemy import insert

    from survey_app.db.registry import agency, service_point

    with installation.engine.begin() as connection:
        connection.execute(
            insert(agency),
            {"agency_code": "a", "name": "UBND phường", "type": "commune", "source": "test"},
        )
        connection.execute(
            insert(service_point),
            {
                "counter_id": "tt-le-chan",
                "name": "Trung tâm Phục vụ hành chính công",
                "agency_code": "a",
                "unit_code": "11383",
                "address": "",
                "opens": "07:30",
                "closes": "16:30",
                "source": "test",
            },
        )
    shown = client.get("/Q/TT-LE-CHAN")
    assert shown.status_code == 200
    assert "Trung tâm Phục vụ hành chính công" in shown.text
    assert client.get("/q/none").status_code == 404


def test_the_server_is_alive_and_ready(client):
    assert client.get("/health").json == {"ok": True}
    assert client.get("/ready").json == {"ok": True}


def test_there_are_no_results_before_a_release_and_no_way_out_of_its_folder(client, installation):
    assert client.get("/ket-qua/").status_code == 404
    site = installation.settings.releases / "2026" / "site"
    site.mkdir(parents=True)
    (site / "index.html").write_text("<p>Kết quả</p>", encoding="utf-8")
    (site.parent / "manifest.json").write_text('{"released_on": "2026-07-01"}')
    with client.get("/ket-qua/") as shown:
        assert shown.text == "<p>Kết quả</p>"
        assert shown.headers["Cache-Control"].startswith("public")
    for path in ("../manifest.json", "..%2fmanifest.json", "%2e%2e/%2e%2e/.env"):
        assert client.get(f"/ket-qua/{path}").status_code == 404


def test_results_come_packed_and_new_ones_at_once(client, installation):
    site = installation.settings.releases / "2026" / "site"
    site.mkdir(parents=True)
    (site.parent / "manifest.json").write_text('{"released_on": "2026-07-01"}')
    index, gzipped = site / "index.html", {"Accept-Encoding": "gzip"}
    for words in ("<p>83,94%</p>", "<p>84,10%</p>"):
        index.write_text(90 * words, encoding="utf-8")
        os.utime(index, (0, int(words[3:5])))
        with client.get("/ket-qua/", headers=gzipped) as packed, client.get("/ket-qua/") as plain:
            assert gzip.decompress(packed.data) == plain.data == index.read_bytes()
            assert (packed.content_encoding, plain.content_encoding) == ("gzip", None)
            assert packed.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"
            seen = gzipped | {"If-None-Match": packed.headers["ETag"]}
        with client.get("/ket-qua/", headers=seen) as known:
            assert known.status_code == 304
    (site / "long.csv").write_bytes(b"1," * 600_000)
    with client.get("/ket-qua/long.csv", headers=gzipped) as long:
        assert long.content_encoding is None


def test_after_a_form_no_file_of_the_installation_knows_the_sender(client, installation, code):
    marks = {"REMOTE_ADDR": "203.0.113.77"}
    headers = SAME | {"User-Agent": "Điện-thoại-của-tôi/9".encode().decode("latin-1")}
    place = opened(client, code)
    client.post(place, data=a_form(), headers=headers, environ_overrides=marks)
    if installation.engine.dialect.name == "sqlite":
        kept = b"".join(
            path.read_bytes() for path in installation.settings.data.rglob("*") if path.is_file()
        )
        for trace in (b"203.0.113.77", "Điện-thoại".encode(), code.encode(), COOKIE.encode()):
            assert trace not in kept


def test_the_questionnaire_says_who_asks_and_where_to_complain(tmp_path):
    installation = an_installation(tmp_path / "data")
    installation.settings = replace(installation.settings, contact="điện thoại <b>0000</b>")
    with make_app(installation).app_context():
        page = build_document(load("citizen", "2026-1"), "vi").html.decode()
    assert "Cơ quan tổ chức khảo sát: Sở Nội vụ" in page
    assert "Hỏi hoặc khiếu nại về cuộc khảo sát: điện thoại &lt;b&gt;0000&lt;/b&gt;" in page
