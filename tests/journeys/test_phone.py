"""A form on one phone, through everything that a phone does: no network, reload, two views.

The application is the real one behind a socket, the phone is Chromium. What the server has
is counted in its database.
"""

from urllib.parse import urlencode
from urllib.request import urlopen

import pytest
from browsing import to_the_end, until
from builders import a_form
from sqlalchemy import select

from survey_app.db import reading
from survey_app.db.answers import inbox_a, response
from survey_app.db.fieldwork import draft, receipt
from survey_app.services.mixing import mix

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("phone")]


@pytest.fixture
def phone(chromium):
    """Make phones; each forgets everything when the test ends."""
    made = []

    def a_phone():
        context = chromium.new_context(
            viewport={"width": 360, "height": 740},
            device_scale_factor=2,
            is_mobile=True,
            has_touch=True,
            locale="vi-VN",
            timezone_id="Asia/Ho_Chi_Minh",
        )
        made.append(context)
        return context

    yield a_phone
    for context in made:
        context.close()


LEFT = """async () => {
  const base = await new Promise(done => {
    indexedDB.open('hailong', 1).onsuccess = event => done(event.target.result);
  });
  const rows = await new Promise(done => {
    base.transaction('forms').objectStore('forms').getAll().onsuccess =
      event => done(event.target.result);
  });
  const pages = await caches.open('hailong-pages').then(cache => cache.keys());
  return [rows.length, pages.length, document.querySelectorAll('#form input:checked').length];
}"""


def opened(context, link):
    """Open a link and wait until the page is kept for a time without network."""
    page = context.new_page()
    page.goto(link)
    until(page, "navigator.serviceWorker.controller !== null")
    until(page, "caches.open('hailong-pages').then(c => c.match(location.href)).then(Boolean)")
    return page


def until_chosen(page, field: str, value: str) -> None:
    until(page, f"document.querySelector('[name={field}][value=\"{value}\"]').checked")


def answer_something(page) -> None:
    page.tap("#next")
    page.tap("#q-gioi_tinh .option >> nth=1")
    page.tap("#q-do_tuoi .option >> nth=2")


CLOCK = "window.ahead = 0; performance.now = () => window.ahead;"
"""A clock of the page that the test moves; a reload begins it anew, as the real one."""


def let_pass(page, seconds: int, *, seen: bool = True) -> None:
    """Let time pass, with the page in view or behind another."""
    look = "Object.defineProperty(document, 'visibilityState', {value: '%s', configurable: true});"
    look += "document.dispatchEvent(new Event('visibilitychange'));"
    move = f"window.ahead += {1000 * seconds};"
    page.evaluate(move if seen else look % "hidden" + move + look % "visible")


def times(site) -> tuple[int | None, int | None]:
    """What is kept of the time of the one form that was sent."""
    mix(site.installation.engine, site.installation.keyring()["demo"], every_cell=True)
    with reading(site.installation.engine) as connection:
        query = select(response.c.n_fast_pages, response.c.duration_band)
        return tuple(connection.execute(query).one())


# FI-11 of security.md: offline, reload, later online.
def test_a_form_finished_without_network_is_sent_once_when_there_is_one(site, phone):
    context = phone()
    context.add_init_script(CLOCK)
    page = opened(context, site.link())
    let_pass(page, 60)
    page.tap("#next")
    let_pass(page, 3)
    page.tap("#q-gioi_tinh .option >> nth=1")
    page.tap("#q-do_tuoi .option >> nth=2")
    page.tap("#next")
    page.tap("#next")
    until(page, "document.querySelector('#at').textContent.startsWith('Phần 2')")
    site.down()
    page.reload()
    until_chosen(page, "gioi_tinh", "2")
    assert page.is_checked("[name=do_tuoi][value='3']")
    let_pass(page, 600, seen=False)
    let_pass(page, 118)
    to_the_end(page)
    assert not page.is_visible("#problems")
    page.tap("#send-button")
    page.wait_for_selector("text=Chưa gửi, sẽ tự gửi")
    page.reload()
    page.wait_for_selector("text=Chưa gửi, sẽ tự gửi")
    assert site.count(receipt) == 0
    site.up()
    page.reload()
    page.wait_for_selector("#receipt:not(:empty)")
    assert "Đã gửi" in page.inner_text("#outbox h1:visible")
    assert (site.count(receipt), site.count(inbox_a)) == (1, 1)
    # Two items in 3 seconds; 181 seconds in view, before the reload and after it.
    assert times(site) == (1, 2)


@pytest.mark.faults
def test_a_form_leaves_by_itself_after_offline_3_hours(site, phone):
    context = phone()
    context.clock.install()
    page = opened(context, site.link())
    answer_something(page)
    context.set_offline(True)
    site.down()
    page.reload()
    until_chosen(page, "gioi_tinh", "2")
    to_the_end(page)
    page.tap("#send-button")
    page.wait_for_selector("text=Chưa gửi, sẽ tự gửi")
    asked = page.evaluate("Date.now()")
    for _ in range(36):  # it tries now and then, all the time in vain
        context.clock.fast_forward(300_000)
    hours = (page.evaluate("Date.now()") - asked) / 3_600_000
    assert hours >= 3
    page.reload()
    page.wait_for_selector("text=Chưa gửi, sẽ tự gửi")
    assert site.count(receipt) == 0
    site.up()
    context.set_offline(False)  # nobody touches the phone
    page.wait_for_selector("#receipt:not(:empty)")
    counted = (site.count(receipt), site.count(inbox_a))
    assert counted == (1, 1)
    print(f"\nFI-11 phone offline {hours:.1f} h: responses {counted[1]}, receipt shown", end="")


def test_nothing_of_the_answers_stays_on_the_phone_after_the_receipt(site, phone):
    context = phone()
    page = opened(context, site.link())
    answer_something(page)
    while not page.is_visible("#t-send"):  # here by every tap, elsewhere in one step
        page.tap("#next")
    page.tap("#send-button")
    page.wait_for_selector("#receipt:not(:empty)")
    assert page.evaluate(LEFT) == [0, 0, 0]
    page.go_back()
    page.wait_for_selector("#receipt:not(:empty)")
    assert not page.is_visible("#form")


def test_the_link_alone_resumes_on_another_phone_and_the_draft_cannot_be_read(site, phone):
    link = site.link()
    first = opened(phone(), link)
    answer_something(first)
    first.tap("#next")
    first.tap("#next")
    first.wait_for_timeout(300)
    assert site.count(draft) == 1
    with reading(site.installation.engine) as connection:
        kept = connection.execute(select(draft)).one()
    assert b"gioi_tinh" not in kept.sealed
    assert len(kept.sealed) == 12 + 4096 + 16
    second = phone().new_page()
    second.goto(link)
    until_chosen(second, "gioi_tinh", "2")
    assert second.inner_text("#at") == first.inner_text("#at")
    to_the_end(second)
    second.tap("#send-button")
    second.wait_for_selector("#receipt:not(:empty)")
    assert (site.count(draft), site.count(receipt)) == (0, 1)
    # The first view sends the same form: it counted already, and gets the same receipt.
    to_the_end(first)
    first.tap("#send-button")
    first.wait_for_selector("#receipt:not(:empty)")
    assert first.inner_text("#receipt") == second.inner_text("#receipt")
    assert site.count(receipt) == 1
    # Neither phone has seen the whole of it.
    assert times(site) == (None, None)


def test_two_views_of_one_link_keep_each_others_answers(site, phone):
    link, context = site.link(), phone()
    one, other = opened(context, link), opened(context, link)
    for page in (one, other):
        page.tap("#next")
    one.tap("#q-gioi_tinh .option >> nth=0")
    other.tap("#q-do_tuoi .option >> nth=4")
    until_chosen(other, "gioi_tinh", "1")
    one.bring_to_front()
    one.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    until_chosen(one, "do_tuoi", "5")


def test_answers_are_erased_from_phone_and_server_when_asked_twice(site, phone):
    context = phone()
    page = opened(context, site.link())
    answer_something(page)
    page.tap("#next")
    page.tap("#next")
    page.wait_for_timeout(300)
    assert site.count(draft) == 1
    page.tap(".mine summary")
    page.tap("#erase")
    page.tap("#no")
    assert page.is_visible("#form")
    page.tap("#erase")
    page.tap("#yes")
    assert page.is_visible("h1[data-when=erased]")
    until(page, f"({LEFT})().then(left => left.join() === '0,0,0')")
    for _ in range(40):
        if site.count(draft) == 0:
            break
        page.wait_for_timeout(50)
    assert (site.count(draft), site.count(receipt)) == (0, 0)
    # The phone has forgotten the code too; the letter still has it.
    assert context.cookies() == []
    page.goto(f"{site.address}/s/{site.code}")
    page.tap("#next")
    assert page.locator("#form input:checked").count() == 0


def test_a_finished_form_that_has_not_left_is_asked_about_a_second_time(site, phone):
    page = opened(phone(), site.link())
    answer_something(page)
    to_the_end(page)
    site.down()
    page.tap("#send-button")
    page.wait_for_selector("text=Chưa gửi, sẽ tự gửi")
    page.tap(".mine summary")
    page.tap("#erase")
    page.tap("#yes")
    assert "phiếu không được tính" in page.inner_text("#sure")
    page.tap("#yes")
    page.wait_for_selector("h1[data-when=erased]")
    # Without network the sealed copy on the server stays; that is said.
    page.wait_for_selector("#copy:not([hidden])")
    assert page.evaluate(LEFT) == [0, 0, 0]
    site.up()
    page.evaluate("window.dispatchEvent(new Event('online'))")
    page.wait_for_timeout(200)
    assert site.count(receipt) == 0


def test_a_shared_phone_keeps_nothing_and_is_erased_after_minutes_without_a_touch(site, phone):
    context = phone()
    page = opened(context, site.link())
    page.tap(".mine summary")
    page.tap(".mine .option")
    answer_something(page)
    page.tap("#next")
    page.tap("#next")
    until(page, f"({LEFT})().then(left => left.slice(0, 2).join() === '0,0')")
    assert site.count(draft) == 0
    ahead = "seconds => { const was = Date.now; Date.now = () => was() + 1000 * seconds }"
    page.evaluate(ahead, 185)
    page.wait_for_selector("#idle:not([hidden])")
    assert page.evaluate("document.activeElement.id") == "still-here"
    page.tap("#still-here")
    assert not page.is_visible("#idle")
    page.tap("[data-lang=en]")
    page.wait_for_selector("html[lang=en]")
    until(page, "document.getElementById('shared').checked")
    page.evaluate(ahead, 201)
    page.wait_for_selector("h1[data-when=erased]:visible")
    assert page.evaluate(LEFT) == [0, 0, 0]
    assert context.cookies() == []
    # Finished in time, a form is sent as from any phone.
    page.goto(site.link())
    assert page.evaluate("document.getElementById('shared').checked")
    answer_something(page)
    to_the_end(page)
    page.tap("#send-button")
    page.wait_for_selector("#receipt:not(:empty)")
    assert site.count(receipt) == 1


def test_two_letters_on_one_phone_never_meet(site, phone):
    context = phone()
    one = opened(context, site.link())
    answer_something(one)
    other = opened(context, site.link())
    other.tap("#next")
    assert other.locator("input:checked").count() == 0


def test_a_used_code_is_told_and_the_answers_stay_in_view(site, phone):
    page = opened(phone(), site.link())
    answer_something(page)
    to_the_end(page)
    # Somebody else has sent a form with the same code, without script.
    form = urlencode(a_form(code=site.code)).encode()
    assert urlopen(f"{site.address}/s/f/elsewhere", form).status == 200
    page.tap("#send-button")
    page.wait_for_selector("#refusal:not(:empty)")
    assert "đã được dùng" in page.inner_text("#refusal")
    page.tap("#review")
    assert page.is_visible("#form")
    assert page.is_checked("[name=gioi_tinh][value='2']")
    assert site.count(receipt) == 1


def test_a_form_that_left_while_no_page_of_it_was_open_shows_its_receipt_at_the_link(site, phone):
    context, link = phone(), site.link()
    page = opened(context, link)
    answer_something(page)
    to_the_end(page)
    site.down()
    page.tap("#send-button")
    page.wait_for_selector("text=Chưa gửi, sẽ tự gửi")
    page.close()
    site.up()
    # Any other letter that is opened on this phone sends what waits; so does the worker.
    other = opened(context, site.link())
    until_sent = 100
    while site.count(receipt) == 0 and until_sent:
        other.wait_for_timeout(50)
        until_sent -= 1
    other.goto(link)
    other.wait_for_selector("#own:not([hidden])")
    assert len(other.inner_text("#own-receipt")) == 19
    other.reload()
    other.wait_for_timeout(200)
    assert not other.is_visible("#own")
    assert site.count(receipt) == 1
