"""An interviewer's day: a link, cases on the phone, no network, and everything sent in the evening.

The application is the real one behind a socket, the phone is Chromium. What the server has is
counted in its database, and looked at for anything that joins an answer to a case.
"""

import pytest
from browsing import to_the_end, until, violations
from builders import TODAY
from sqlalchemy import select

from survey_app.db import reading
from survey_app.db.answers import inbox_a
from survey_app.db.devices import assignment, case_count
from survey_app.db.fieldwork import receipt
from survey_app.services.assignments import codes_of, make_batch
from survey_app.services.codes import display
from survey_app.services.sealing import unseal

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("phone")]


@pytest.fixture
def key(site):
    """The key of a batch of four cases."""
    here = site.installation
    keys = here.keyring()["demo"]
    return make_batch(here, keys, label="Tổ 3", cell_id="demo.10507", count=4, expires_on=TODAY)


@pytest.fixture
def phone(chromium):
    made = chromium.new_context(
        viewport={"width": 360, "height": 740}, is_mobile=True, has_touch=True, locale="vi-VN"
    )
    yield made
    made.close()


def opened(site, phone, key):
    """Open the link of a batch and wait until the phone has all it needs."""
    page = phone.new_page()
    page.goto(f"{site.address}/i/{display(key)}")
    page.wait_for_selector(".cases li")
    until(page, "navigator.serviceWorker.controller !== null")
    until(page, "caches.match('/i/f/demo?lang=en').then(Boolean)")
    return page


def state(page, number: int) -> str:
    return page.inner_text(f".cases li:nth-child({number}) .state")


def unfold(page, number: int):
    case = page.locator(f".cases li:nth-child({number})")
    case.locator("summary").tap()
    return case


ROWS = """async () => {
  const base = await new Promise(done => {
    indexedDB.open('hailong', 1).onsuccess = event => done(event.target.result);
  });
  const rows = await new Promise(done => {
    base.transaction('forms').objectStore('forms').getAll().onsuccess =
      event => done(event.target.result);
  });
  base.close();
  return rows;
}"""


KEY_AT_REST = """async () => {
  const base = await new Promise(done => {
    indexedDB.open('hailong-rest', 1).onsuccess = event => done(event.target.result);
  });
  const key = await new Promise(done => {
    base.transaction('keys').objectStore('keys').get('rest').onsuccess =
      event => done(event.target.result);
  });
  base.close();
  return crypto.subtle.exportKey('raw', key).then(() => 'exported', error => error.name);
}"""


def answer(page, number: int, *, finish: bool = True) -> None:
    """Ask the questions of a case from the list, and come back to it."""
    unfold(page, number).locator("a.button").tap()
    page.wait_for_selector("#t-start.on")
    page.tap("#next")
    page.tap("#q-gioi_tinh .option >> nth=1")
    if finish:
        to_the_end(page)
        page.tap("#send-button")
        page.wait_for_selector("#outbox h1:visible")
        page.tap("#outbox a.button")
    else:
        code = page.evaluate("document.querySelector('[name=code]').value.replace(/-/g, '')")
        until(page, f"({ROWS})().then(rows => rows.some(row => row.id === {code!r} && row.clock))")
        page.tap(".brand a")
    page.wait_for_selector(".cases li")


def test_a_day_without_network_ends_with_receipts_and_counts(site, phone, key):
    page = opened(site, phone, key)
    assert key not in page.url.replace("-", "")
    assert [state(page, number) for number in (1, 2, 3, 4)] == ["Cần làm"] * 4
    site.down()
    page.goto(f"{site.address}/i/")  # from the phone's first screen
    page.wait_for_selector(".cases li")
    answer(page, 1)
    answer(page, 2)
    answer(page, 3, finish=False)
    refused = unfold(page, 4)
    refused.locator("select").select_option("2")
    refused.locator("[value=refusal]").check()
    refused.locator("[type=submit]").tap()
    page.wait_for_selector(".cases li:nth-child(4).ended")
    shown = [state(page, number) for number in (1, 2, 3, 4)]
    assert shown == ["Xong, chờ gửi", "Xong, chờ gửi", "Đang dở", "Từ chối trả lời"]
    assert "Chờ gửi: 3" in page.inner_text("#sending")
    # An unfinished one shows no answer to whoever reads the storage.
    (begun,) = (row for row in page.evaluate(ROWS) if row["state"] == "open" and row["clock"])
    assert (begun["fields"], begun["topic"], begun["asked"]) == ({}, "", [])
    assert set(begun["rest"]) == {"nonce", "cipher"}
    assert page.evaluate(KEY_AT_REST) == "InvalidAccessError"
    # A finished form can be opened no more, neither here nor with the tools of the phone.
    kept = [repr(row) for row in page.evaluate(ROWS) if row["state"] == "waiting"]
    assert len(kept) == 2
    assert not any("gioi_tinh" in row for row in kept)
    assert not page.locator(".waiting a.button:visible").count()
    assert site.count(receipt) == 0
    site.up()
    page.evaluate("window.dispatchEvent(new Event('online'))")
    page.wait_for_selector("text=Mọi phiếu và kết quả đã được gửi.")
    assert [state(page, number) for number in (1, 2)] == ["Đã gửi", "Đã gửi"]
    unfold(page, 1)
    assert "Mã biên nhận" in page.inner_text(".cases li:nth-child(1)")
    assert (site.count(receipt), site.count(inbox_a)) == (2, 2)
    # Who reads aloud and taps is not measured.
    private = site.installation.keyring()["demo"].private
    with reading(site.installation.engine) as connection:
        sealed = connection.scalars(select(inbox_a.c.sealed)).all()
        assert all(
            b'"n_fast_pages":null,"duration_band":null' in unseal(one, private) for one in sealed
        )
        rows = connection.execute(select(case_count).order_by(case_count.c.outcome)).all()
    assert [(row.outcome, row.visits, row.cases) for row in rows] == [
        ("complete", 1, 2),
        ("refusal", 2, 1),
    ]


@pytest.mark.long
def test_the_unfinished_case_goes_on_after_a_reload_and_in_another_language(site, phone, key):
    page = opened(site, phone, key)
    answer(page, 2, finish=False)
    assert state(page, 2) == "Đang dở"
    answer(page, 1, finish=False)
    site.down()
    unfold(page, 2).locator("a.button").tap()
    page.wait_for_selector("#form")
    until(page, "document.querySelectorAll('input:checked').length === 1")
    page.tap("[data-lang=en]")
    until(page, "document.documentElement.lang === 'en'")
    page.tap("#q-do_tuoi .option >> nth=0")
    page.reload()
    until(page, "document.querySelectorAll('input:checked').length === 2")


@pytest.mark.long
def test_a_form_that_must_be_mended_rests_sealed_again_and_is_sent_once(site, phone, key):
    page = opened(site, phone, key)
    unfold(page, 1).locator("a.button").tap()
    page.wait_for_selector("#t-start.on")
    to_the_end(page)
    page.tap("#send-button")  # nothing was answered, which the server alone refuses
    page.wait_for_selector("#problems:visible")
    until(page, f"({ROWS})().then(rows => rows.length === 1 && rows[0].state === 'open')")
    page.evaluate("location.hash = ''")
    page.evaluate("document.querySelector('#q-gioi_tinh input').click()")
    until(page, f"({ROWS})().then(rows => rows[0].clock > 0 && 'rest' in rows[0])")
    page.reload()
    until(page, "document.querySelectorAll('input:checked').length === 1")
    to_the_end(page)
    page.tap("#send-button")
    page.wait_for_selector("#receipt:not(:empty)")
    (row,) = page.evaluate(ROWS)
    assert (row["state"], row["fields"], "rest" in row) == ("sent", {}, False)
    assert site.count(receipt) == 1


def test_the_list_and_the_questionnaire_hurt_nobody(site, phone, key):
    page = opened(site, phone, key)
    unfold(page, 1)
    faults = violations(page)
    page.goto(f"{site.address}/i/f/demo#{display(codes_of(key, 1)[0])}")
    page.wait_for_selector("#t-start.on")
    faults += violations(page, "header")
    assert faults == []
    small = "[...document.querySelectorAll('.cases a, .cases button, .cases summary')]"
    page.goto(f"{site.address}/i/")
    page.wait_for_selector(".cases li")
    assert page.evaluate(f"{small}.every(it => !it.offsetHeight || it.offsetHeight >= 48)")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_database_holds_no_code_and_no_key_of_a_batch(site, key):
    kept = b""
    with reading(site.installation.engine) as connection:
        for table in (assignment, case_count):
            for row in connection.execute(select(table)):
                kept += b"|".join(str(part).encode() + bytes(repr(part), "utf-8") for part in row)
    for secret in (key, display(key), *codes_of(key, 4)):
        assert secret.encode() not in kept
