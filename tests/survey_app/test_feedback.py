"""Channel S: voluntary feedback behind the open poster (security.md sections 2 and 4).

It needs no round, is sealed by itself, names nobody, and is never counted.
"""

import dataclasses
import io
import json
import re
import threading

import pytest
import zxingcpp
from browsing import violations
from builders import TODAY, a_counter, a_round, an_installation
from PIL import Image
from sqlalchemy import delete, func, select, update

from intake.findings import HailongError
from survey_app.db import reading, writing
from survey_app.db.answers import INBOXES, feedback_code, feedback_inbox, feedback_reply
from survey_app.db.fieldwork import invitation, receipt
from survey_app.db.installed import key_mark
from survey_app.services import feedback, feedback_desk, screen_switch, screens, withdrawals
from survey_app.services.attempts import FEEDBACKS, Attempts, Limits
from survey_app.services.codes import new_code
from survey_app.services.counters import find_counter
from survey_app.services.doctor import examine
from survey_app.services.installation import make_installation
from survey_app.services.mixing import mix
from survey_app.services.sealing import unseal
from survey_app.web import make_app

SAME = {"Sec-Fetch-Site": "same-origin"}
WRITTEN = {"kind": "complaint", "text": "Chờ lâu, không ai hướng dẫn."}
ADDRESS = "/q/q1/gop-y"


@pytest.fixture
def poster(installation, client):
    """A client before the poster of a counter; no round is open."""
    a_counter(installation, "q1")
    return client


def sent(client, **changes):
    return client.post(ADDRESS, data=WRITTEN | changes, headers=SAME)


def count(installation, table):
    with reading(installation.engine) as connection:
        return connection.scalar(select(func.count()).select_from(table))


def opened(installation):
    """Return what the sealed feedback says to whoever holds its key."""
    keys = feedback.read_feedback_keys(installation.settings)
    with reading(installation.engine) as connection:
        rows = connection.scalars(select(feedback_inbox.c.sealed))
        return [json.loads(message) for row in rows if (message := unseal(row, keys.private))]


def test_feedback_is_taken_without_a_round_and_leads_to_its_code(poster, installation):
    assert "Viết góp ý" in poster.get("/Q/Q1").text
    assert poster.get(ADDRESS).status_code == 200
    answer = sent(poster)
    assert answer.status_code == 303
    page = poster.get(answer.headers["Location"])
    assert "Đã nhận góp ý" in page.text
    assert 'aria-current="step">Đã nhận và niêm phong' in page.text
    assert WRITTEN["text"] not in page.text
    again = poster.get(answer.headers["Location"].partition("?")[0])
    assert "Đã nhận góp ý" not in again.text
    assert [count(installation, table) for table in (feedback_inbox, feedback_code)] == [1, 1]
    assert not any(count(installation, t) for t in (*INBOXES.values(), invitation, receipt))


def test_what_is_sealed_is_agency_quarter_kind_and_text_and_nothing_finer(poster, installation):
    code = re.search(r"/f/([^?]+)", sent(poster).headers["Location"])[1]
    (content,) = opened(installation)
    mac = content.pop("code_mac")
    assert content == WRITTEN | {"agency": "a-q1", "quarter": "2026-Q1"}
    with reading(installation.engine) as connection:
        assert connection.scalar(select(feedback_code.c.code_mac)).hex() == mac
    assert code.replace("-", "") not in json.dumps(content)


def test_no_file_holds_the_words_the_code_or_the_sender(poster, installation):
    answer = poster.post(
        ADDRESS, data=WRITTEN, headers=SAME | {"User-Agent": "MyPhone/9"},
        environ_overrides={"REMOTE_ADDR": "203.0.113.77"},
    )  # fmt: skip
    code = re.search(r"/f/([^?]+)", answer.headers["Location"])[1]
    assert "Set-Cookie" not in answer.headers
    kept = b"".join(p.read_bytes() for p in installation.settings.data.rglob("*") if p.is_file())
    for trace in (WRITTEN["text"].encode(), code.encode(), code.replace("-", "").encode(),
                  b"203.0.113.77", b"MyPhone"):  # fmt: skip
        assert trace not in kept


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"kind": ""}, "Xin chọn ý kiến thuộc loại nào"),
        ({"kind": "praise'--"}, "Xin chọn ý kiến thuộc loại nào"),
        ({"text": " \r\n "}, "Xin viết ý kiến"),
        ({"text": "ă" * 2001}, "2.001 ký tự, nhiều nhất là 2.000"),
        ({"text": "a\u202eb"}, "U+202E"),
        ({"text": "a\x00b"}, "U+0000"),
    ],
)
def test_feedback_that_cannot_be_taken_stays_on_the_page(poster, installation, changes, words):
    shown = sent(poster, **changes)
    assert shown.status_code == 422
    assert words in shown.text
    assert count(installation, feedback_inbox) == 0
    if "kind" in changes:
        assert WRITTEN["text"] in shown.text
    else:
        assert re.search(r'value="complaint" checked', shown.text)


def test_the_longest_text_is_taken_and_markup_is_only_text(poster, installation):
    assert sent(poster, text="ể" * 2000).status_code == 303
    assert sent(poster, text="ê\u0309" * 2000).status_code == 303  # 2,000 after NFC
    wrong = sent(poster, kind="", text="</textarea><script>alert(1)</script>{{ 7*7 }}")
    assert "&lt;/textarea&gt;&lt;script&gt;" in wrong.text
    assert "{{ 7*7 }}" in wrong.text
    assert {one["text"] for one in opened(installation)} == {"ể" * 2000}


def test_all_faults_are_said_at_once_in_the_language_of_the_page(poster):
    shown = poster.post(f"{ADDRESS}?lang=en", data={"kind": "", "text": ""}, headers=SAME)
    assert shown.status_code == 422
    assert "Please choose what it is about." in shown.text
    assert "Please write in this box." in shown.text


def test_ten_a_minute_from_one_network_and_what_was_typed_stays(poster, installation):
    assert FEEDBACKS == 10
    answers = [sent(poster) for _ in range(12)]
    assert [one.status_code for one in answers] == [303] * 10 + [429] * 2
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60
    assert WRITTEN["text"] in answers[-1].text
    assert count(installation, feedback_inbox) == 10
    elsewhere = {"REMOTE_ADDR": "203.0.113.9"}
    moved = poster.post(ADDRESS, data=WRITTEN, headers=SAME, environ_overrides=elsewhere)
    assert moved.status_code == 303


def test_a_new_minute_takes_feedback_again():
    now = [0.0]
    attempts = Attempts(FEEDBACKS, clock=lambda: now[0])
    assert [attempts.count("192.0.2.1") for _ in range(11)] == [0] * 10 + [60]
    now[0] = 60.0
    assert attempts.count("192.0.2.1") == 0


def test_a_post_of_a_strange_page_or_form_is_refused(poster, installation):
    strange = {"Sec-Fetch-Site": "cross-site"}
    assert poster.post(ADDRESS, data=WRITTEN, headers=strange).status_code == 403
    assert poster.post(ADDRESS, json=WRITTEN, headers=SAME).status_code == 415
    assert sent(poster, text="x" * 70_000).status_code == 413
    assert poster.get("/q/q9/gop-y").status_code == 404
    assert poster.post("/q/q9/gop-y", data=WRITTEN, headers=SAME).status_code == 404
    assert count(installation, feedback_inbox) == 0


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (feedback.RECEIVED, "Đã nhận và niêm phong"),
        (feedback.READ, "Đã đọc"),
        (feedback.FORWARDED, "Đã chuyển đến cơ quan"),
        (feedback.ANSWERED, "Đã trả lời"),
    ],
)
def test_a_code_tells_how_far_its_feedback_has_come(poster, installation, state, words):
    code = re.search(r"/f/([^?]+)", sent(poster).headers["Location"])[1]
    with writing(installation.engine) as connection:
        connection.execute(update(feedback_code).values(state=state))
    asked = poster.post("/f/", data={"code": code.lower().replace("-", " ")})
    assert asked.headers["Location"] == f"/f/{code}"
    page = poster.get(f"/F/{code}")
    assert f'aria-current="step">{words}' in page.text
    assert page.headers["Cache-Control"] == "no-store"


def test_what_was_answered_need_not_have_been_passed_on(poster, installation):
    code = re.search(r"/f/([^?]+)", sent(poster).headers["Location"])[1]
    with writing(installation.engine) as connection:
        connection.execute(update(feedback_code).values(state=feedback.ANSWERED))
    assert "Đã chuyển" not in poster.get(f"/f/{code}").text


# D9: what staff see, and what agencies get.
def test_staff_read_feedback_masked_and_its_sender_sees_what_became_of_it(poster, installation):
    text = (
        "Gọi 0912.345.678 hay a.b@c.vn, căn cước 031 090 001 234. Ông Nguyễn Ví Dụ ngày 10/3/2026"
    )
    code = re.search(r"/f/([^?]+)", sent(poster, text=text).headers["Location"])[1]
    keys = feedback.read_feedback_keys(installation.settings)
    (one,) = feedback_desk.list_feedback(
        installation.engine, keys, quarter="2026-Q1", names=["nguyễn ví dụ", ""]
    )
    assert one.text == "Gọi [số] hay [thư điện tử], căn cước [số]. Ông [tên] ngày 10/3/2026"
    assert (one.state, one.agency, one.kind) == ("received", "a-q1", "complaint")
    assert not feedback_desk.list_feedback(installation.engine, keys, quarter="2026-Q2")
    reply = "Đã sửa <lịch> tiếp dân."
    feedback_desk.mark(installation.engine, keys, one.name, "answered", reply)
    page = poster.get(f"/f/{code}").text
    assert "Đã sửa &lt;lịch&gt; tiếp dân." in page
    assert 'aria-current="step">Đã trả lời' in page
    with reading(installation.engine) as connection:
        assert reply.encode() not in connection.scalar(select(feedback_reply.c.sealed))
    feedback_desk.mark(installation.engine, keys, one.name, "read")
    assert "lịch" not in poster.get(f"/f/{code}").text


def test_what_cannot_be_marked_is_told_and_changes_nothing(poster, installation):
    sent(poster)
    keys = feedback.read_feedback_keys(installation.settings)
    name = feedback_desk.list_feedback(installation.engine, keys)[0].name
    for wrong, code in (
        (("zz", "read", ""), "feedback-unknown"),
        (("", "read", ""), "feedback-unknown"),
        ((name, "read", "Sớm"), "reply-early"),
        ((name, "answered", "x" * 501), "reply-unusable"),
        ((name, "answered", "a\u202eb"), "reply-unusable"),
    ):
        with pytest.raises(HailongError) as error:
            feedback_desk.mark(installation.engine, keys, *wrong)
        assert error.value.code == code
    assert feedback_desk.list_feedback(installation.engine, keys)[0].state == "received"


def test_an_agency_gets_twenty_texts_of_a_quarter_or_none(installation):
    a_counter(installation, "q1")
    keys, counter = (
        feedback.read_feedback_keys(installation.settings),
        find_counter(installation.engine, "q1"),
    )
    texts = [f"Ý kiến {number}" for number in range(20)]
    for text in texts[:19]:
        feedback.send(installation.engine, keys, counter, feedback.Written("praise", text), TODAY)
    with pytest.raises(HailongError) as error:
        feedback_desk.for_agency(installation.engine, keys, "a-q1", "2026-Q1")
    assert error.value.code == "feedback-few"
    feedback.send(installation.engine, keys, counter, feedback.Written("praise", texts[19]), TODAY)
    found = feedback_desk.for_agency(installation.engine, keys, "a-q1", "2026-Q1")
    told = [one.text for one in found]
    assert sorted(told) == sorted(texts)
    assert told != texts


def test_the_form_of_a_counter_is_switched_off_and_on(poster, installation):
    code = re.search(r"/f/([^?]+)", sent(poster).headers["Location"])[1]
    withdrawals.switch_feedback(installation.engine, ["Q1"], off=True)
    for answer in (poster.get(ADDRESS), sent(poster)):
        assert answer.status_code == 410
        assert "không nhận góp ý" in answer.text
    assert "Viết góp ý" not in poster.get("/q/q1").text
    assert count(installation, feedback_inbox) == 1
    assert poster.get(f"/f/{code}").status_code == 200
    withdrawals.switch_feedback(installation.engine, ["q1"], off=False)
    assert sent(poster).status_code == 303
    with pytest.raises(HailongError) as error:
        withdrawals.switch_feedback(installation.engine, ["q9"], off=True)
    assert error.value.code == "counter-unknown"


def test_feedback_is_dealt_with_on_the_command_line(poster, installation, monkeypatch, capsys):
    from survey_app.cli import main

    sent(poster)
    monkeypatch.setenv("HAILONG_DATA", str(installation.settings.data))
    monkeypatch.setenv("DATABASE_URL", installation.settings.database_url)

    def run(*arguments):
        try:
            code = main([*arguments, "--json"])
        except SystemExit as left:
            code = left.code
        return code, json.loads(capsys.readouterr().out)

    (one,) = run("feedback", "list")[1]["result"]["feedback"]
    assert one["text"] == WRITTEN["text"]
    assert run("feedback", "mark", one["name"], "forwarded")[0] == 0
    assert main(["feedback", "list"]) == 0
    assert "\tforwarded\ta-q1\t2026-Q1\tcomplaint\t" in capsys.readouterr().out
    code, said = run("feedback", "agency", "a-q1", "2026-Q1")
    assert (code, said["findings"][0]["code"]) == (1, "feedback-few")
    assert run("feedback", "off", "Q1")[1]["result"]["counters"] == ["q1"]
    assert sent(poster).status_code == 410
    assert run("feedback", "on", "q1")[1]["result"]["off"] is False


def test_guessed_feedback_codes_are_unknown_and_held_back(poster):
    code = re.search(r"/f/([^?]+)", sent(poster).headers["Location"])[1]
    slip = code[:-1] + ("0" if code[-1] != "0" else "1")
    assert {poster.get(f"/f/{slip}").status_code for _ in range(25)} == {404}
    assert poster.post("/f/", data={"code": slip}).status_code == 422
    guesses = [poster.get(f"/f/{new_code()}").status_code for _ in range(22)]
    assert guesses == [404] * 20 + [429] * 2
    assert poster.get(f"/f/{code}").status_code == 429


def test_an_installation_without_the_key_says_what_to_do_and_gets_one(tmp_path):
    here = an_installation(tmp_path / "data")
    a_counter(here, "q1")
    # As it was before feedback could be given: there is neither the key nor its mark.
    (here.settings.keys / "feedback.key").unlink()
    with writing(here.engine) as connection:
        connection.execute(delete(key_mark).where(key_mark.c.name == "feedback"))
    client = make_app(here).test_client()
    for answer in (client.get(ADDRESS), sent(client), client.get(f"/f/{new_code()}")):
        assert answer.status_code == 503
        assert "hailong init" in answer.text
    found = {finding.code: finding for finding in examine(here.settings).findings}
    assert "hailong init" in found["feedback-key-missing"].advice.en
    make_installation(here.settings, {})
    assert (here.settings.keys / "feedback.key").stat().st_mode & 0o077 == 0
    assert sent(client).status_code == 303
    assert "feedback-key-missing" not in {f.code for f in examine(here.settings).findings}
    here.engine.dispose()


def test_a_lost_key_is_never_replaced_while_feedback_waits(tmp_path):
    here = an_installation(tmp_path / "data")
    a_counter(here, "q1")
    assert sent(make_app(here).test_client()).status_code == 303
    key = here.settings.keys / "feedback.key"
    key.unlink()
    with pytest.raises(HailongError) as refused:
        make_installation(here.settings, {})
    assert refused.value.code == "key-file"
    assert not key.exists()
    here.engine.dispose()


def test_a_busy_database_keeps_the_feedback_on_the_page(tmp_path):
    here = an_installation(tmp_path / "data")
    a_counter(here, "q1")
    with here.engine.begin() as connection:
        feedback_code.drop(connection)
    shown = sent(make_app(here).test_client())
    assert shown.status_code == 503
    assert WRITTEN["text"] in shown.text
    assert "chưa được lưu" in shown.text
    assert count(here, feedback_inbox) == 0
    here.engine.dispose()


def test_the_mix_of_a_round_leaves_feedback_whole(poster, installation):
    a_round(installation)
    for _ in range(5):
        sent(poster)
    before = sorted(one["code_mac"] for one in opened(installation))
    mix(installation.engine, installation.keyring()["demo"], every_cell=True)
    assert sorted(one["code_mac"] for one in opened(installation)) == before
    assert count(installation, feedback_code) == 5


# In a browser ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shown(tmp_path_factory, chromium):
    """Open pages of a counter in Chromium; give the base address, a context and a screen code."""
    from werkzeug.serving import make_server

    here = an_installation(tmp_path_factory.mktemp("site") / "data")
    here = dataclasses.replace(here, today=lambda: TODAY)
    a_counter(here, "q1", name="Trung tâm Phục vụ hành chính công phường Lê Chân")
    a_round(here)
    screen = screen_switch.switch_on(here.engine, "demo", ["q1"])[0]
    limits = Limits()
    keys = here.keyring()["demo"]
    server = make_server("127.0.0.1", 0, make_app(here, limits), threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base = f"http://127.0.0.1:{server.port}"
    context = chromium.new_context(
        base_url=base,
        viewport={"width": 320, "height": 640},
        bypass_csp=True,  # axe is put into the page
    )
    window = screens.window_of(limits.starts.clock())
    context.base = base
    yield context, screens.code_of(keys, screen, window), screens.monitor_key(keys, screen)
    context.close()
    server.shutdown()
    server.server_close()
    here.engine.dispose()


def fits(page) -> bool:
    """Tell whether nothing is scrolled sideways and every target is large enough."""
    return page.evaluate(
        "document.documentElement.scrollWidth <= innerWidth && [...document.querySelectorAll("
        "'main a.button, main button, .option')].every(e => e.offsetHeight >= 48)"
    )


@pytest.mark.browser
@pytest.mark.xdist_group("feedback")
def test_every_page_of_a_counter_is_accessible_and_fits_a_small_phone(shown):
    context, code, _ = shown
    page = context.new_page()
    for address in ("/q/q1", ADDRESS, "/f/", f"/q/q1/{code}"):
        page.goto(address)
        assert (address, violations(page), fits(page)) == (address, [], True)
    page.click("main button")
    assert page.inner_text("h1") == "Mã riêng của Ông/Bà"
    assert (violations(page), fits(page)) == ([], True)
    page.goto(ADDRESS)
    page.click("main button")
    assert page.inner_text(".alert h2") == "Góp ý chưa gửi được"
    assert (violations(page), fits(page)) == ([], True)
    page.check("text=Lời khen")
    page.fill("#text", "Cán bộ tận tình.")
    page.click("main button")
    assert page.inner_text("h1").startswith("Đã nhận góp ý")
    assert (violations(page), fits(page)) == ([], True)
    page.close()


@pytest.mark.browser
@pytest.mark.xdist_group("feedback")
def test_without_script_a_screen_leads_to_a_receipt_and_a_poster_to_a_feedback_code(shown):
    context, code, _ = shown
    plain = context.browser.new_context(base_url=context.base, java_script_enabled=False)
    page = plain.new_page()
    page.goto(f"/q/q1/{code}")
    page.click("main button")
    page.click("text=Trả lời ngay")
    page.check("[name=gioi_tinh][value='1']", force=True)
    page.click("#send-button")
    page.wait_for_url("**/r/*")
    assert "Phiếu của Ông/Bà đã được tính." in page.inner_text("main")
    page.goto("/q/q1")
    page.click("text=Viết góp ý")
    page.check("text=Câu hỏi")
    page.fill("#text", "Mấy giờ mở cửa?")
    page.click("main button")
    page.wait_for_url("**/f/*")
    assert page.inner_text("h1").startswith("Đã nhận góp ý")
    plain.close()


@pytest.mark.browser
@pytest.mark.xdist_group("feedback")
@pytest.mark.parametrize("size", [(1280, 720), (1280, 800), (1024, 768), (800, 1280)])
@pytest.mark.long
def test_the_monitor_fills_its_screen_without_scrolling(shown, size):
    context, _, key = shown
    page = context.new_page()
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(f"/q/q1/screen/{key}")
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    assert page.evaluate("document.querySelector('.qr').clientHeight") >= 0.43 * max(size[1], 720)
    # Letters of a 32-inch television, two metres away: a twentieth of its height for the code.
    assert page.evaluate("parseFloat(getComputedStyle(document.querySelector('.code')).fontSize)") \
        >= size[0 if size[0] < size[1] else 1] / 16  # fmt: skip
    (read,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(page.screenshot())))
    typed = page.inner_text(".code").replace("-", "")
    assert read.text == f"HTTP://127.0.0.1:8000/Q/Q1/{typed}"
    assert read.ec_level == "M"
    if size == (1280, 720):
        assert violations(page) == []
    page.close()
