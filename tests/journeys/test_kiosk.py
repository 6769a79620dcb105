"""A tablet at a counter, used by one person after the other: nobody sees what the one before wrote.

The application is the real one behind a socket, the tablet is Chromium with a clock that the
tests move. Tried are back, reload, idling, no network, and looking into the tablet's storage.
"""

import json
from unittest.mock import ANY

import pytest
from browsing import to_the_end, until, violations
from builders import a_counter, some_codes
from sqlalchemy import select

from survey_app.db import reading
from survey_app.db.answers import inbox_a
from survey_app.db.devices import kiosk
from survey_app.db.fieldwork import receipt
from survey_app.services.codes import display, new_code
from survey_app.services.kiosks import add_kiosk

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("tablet")]

COMMENT = "Cán bộ ở quầy số 3 rất tận tình"
STORED = """async () => {
  const base = await new Promise(done => {
    indexedDB.open('hailong', 1).onsuccess = event => done(event.target.result);
  });
  const rows = await new Promise(done => {
    base.transaction('forms').objectStore('forms').getAll().onsuccess =
      event => done(event.target.result);
  });
  base.close();
  return JSON.stringify(rows);
}"""


class Tablet:
    """A tablet that was set up at a counter, before which people stand one after the other."""

    def __init__(self, site, chromium) -> None:
        self.site = site
        a_counter(site.installation, "q1")
        self.made = add_kiosk(site.installation, "Q1")
        self.context = chromium.new_context(viewport={"width": 800, "height": 1280}, has_touch=True)
        self.page = self.context.new_page()
        self.page.clock.install()
        self.page.goto(f"{site.address}/k/{self.made.link.rsplit('/', 1)[1]}")
        until(self.page, "navigator.serviceWorker.controller !== null")
        until(self.page, "caches.open('hailong-pages').then(c => c.match('/k/')).then(Boolean)")

    def without_network(self):
        """Take the network away, once the tablet has all that it keeps for such a time."""
        until(self.page, "localStorage.getItem('rounds') !== null")
        self.site.down()

    def open_form(self):
        """Type the code of a new ticket on the tablet's own keys."""
        self.code = some_codes(self.site.installation, "demo", {"demo.10507": 1})[0]
        for letter in self.code:
            self.page.tap(f"[data-key='{letter}']")
        assert self.page.input_value("#code") == display(self.code)
        self.page.tap("#go")
        self.page.wait_for_selector("#t-start.on")
        until(
            self.page,
            "caches.open('hailong-pages').then(c => c.match(location.href)).then(Boolean)",
        )

    def answer(self):
        self.page.tap("#next")
        self.page.tap("#q-gioi_tinh .option >> nth=1")
        self.page.tap("#q-do_tuoi .option >> nth=2")

    def to_the_end(self):
        to_the_end(self.page)
        self.page.evaluate("text => { document.querySelector('textarea').value = text; }", COMMENT)

    def at_the_start(self) -> bool:
        """Whether the next person finds the start page, and nothing of anybody."""
        self.page.wait_for_selector("#open")
        assert self.page.url == f"{self.site.address}/k/"
        assert self.page.input_value("#code") == ""
        return True

    def shows_answers(self) -> bool:
        """Whether anything is chosen or written on the page in view."""
        return self.page.evaluate(
            """[...document.querySelectorAll('input:not([type=hidden]),textarea')].some(
              field => field.checked || (!/radio|checkbox/.test(field.type) && field.value))"""
        )

    def stored(self) -> str:
        return self.page.evaluate(STORED)


@pytest.fixture
def tablet(site, chromium):
    made = Tablet(site, chromium)
    yield made
    made.context.close()


def test_after_the_receipt_the_tablet_is_empty_for_the_next_person(site, tablet):
    page = tablet.page
    tablet.open_form()
    assert tablet.code not in page.url.replace("-", "")
    tablet.answer()
    assert not page.locator("a:visible:not([data-lang]):not([href^='#'])").count()
    tablet.to_the_end()
    assert tablet.shows_answers()
    page.tap("#send-button")
    page.wait_for_selector("#receipt:not(:empty)")
    assert (site.count(receipt), site.count(inbox_a)) == (1, 1)
    page.tap("#longer")
    page.clock.run_for(15_000)
    assert page.is_visible("#receipt")
    assert "tự xóa sau" in page.inner_text("#leaving")
    page.clock.run_for(6_000)
    assert tablet.at_the_start()
    assert tablet.stored() == "[]"
    # Back, as often as one likes, shows no form that holds anything, and leads nowhere else.
    for _ in range(3):
        page.evaluate("history.back()")
        page.wait_for_timeout(150)
        assert not tablet.shows_answers()
        assert page.url.startswith(f"{site.address}/k/")


def test_leaving_reload_and_back_in_the_middle_forget_the_answers(tablet):
    page = tablet.page
    tablet.open_form()
    tablet.answer()
    page.tap("#next")
    page.tap("#next")
    page.evaluate("history.back()")
    until(page, "document.querySelector('#t-start') !== null")
    assert page.locator("input:checked").count() == 2  # back leads to the topic before, no further
    assert tablet.stored() == "[]"
    page.reload()
    assert tablet.at_the_start()
    page.evaluate("history.back()")
    page.wait_for_timeout(200)
    assert not tablet.shows_answers()


def test_who_goes_away_is_asked_for_and_then_forgotten(tablet):
    page = tablet.page
    tablet.open_form()
    tablet.answer()
    page.clock.run_for(61_000)
    page.wait_for_selector("#idle:visible")
    assert "còn ở đây không" in page.inner_text("#idle")
    assert page.evaluate("document.activeElement.id") == "still-here"
    page.tap("#still-here")
    assert not page.is_visible("#idle")
    assert page.locator("input:checked").count() == 2
    page.clock.run_for(61_000)
    assert page.is_visible("#idle")
    page.clock.run_for(20_000)
    assert tablet.at_the_start()
    assert tablet.stored() == "[]"


def test_a_form_without_network_is_kept_sealed_and_leaves_later(site, tablet):
    page = tablet.page
    tablet.open_form()
    tablet.answer()
    tablet.to_the_end()
    tablet.without_network()
    page.tap("#send-button")
    page.wait_for_selector("text=Chưa gửi, sẽ tự gửi")
    assert "niêm phong" in page.inner_text("#outbox")
    page.tap("#done")
    assert tablet.at_the_start()
    kept = tablet.stored()
    assert "sealed=" in kept
    for secret in (tablet.code, display(tablet.code), "gioi_tinh", "tận tình"):
        assert secret not in kept
    assert site.count(receipt) == 0
    # The next ones begin without network: with a slip, a code nobody issued, their own.
    own = some_codes(site.installation, "demo", {"demo.10507": 1})[0]
    page.fill("#code", own[:-1] + ("0" if own[-1] != "0" else "1"))
    page.tap("#go")
    page.wait_for_selector("#wrong:visible")
    assert "một ký tự chưa đúng" in page.inner_text("#wrong")
    for code in (new_code(), own):
        page.fill("#code", code)
        page.tap("#go")
        page.wait_for_selector("#unchecked:visible")
        assert "Mã chưa được kiểm tra" in page.inner_text("#unchecked")
        page.tap("#choices button")
        page.wait_for_selector("#t-start.on")
        tablet.answer()
        tablet.to_the_end()
        page.tap("#send-button")
        page.wait_for_selector("text=Chưa gửi, sẽ tự gửi")
        page.tap("#done")
        assert tablet.at_the_start()
    assert own not in tablet.stored()
    assert tablet.stored().count('"waiting"') == 3
    site.up()
    page.evaluate("window.dispatchEvent(new Event('online'))")
    until(page, f"({STORED})().then(rows => !rows.includes('waiting'))")
    assert (site.count(receipt), site.count(inbox_a)) == (2, 2)
    # Of the one that could not count the tablet knows nothing but that there was one.
    assert json.loads(tablet.stored()) == [{"id": ANY, "places": [], "state": "refused"}]
    page.tap("#staff")
    page.wait_for_selector("#uncounted:visible")
    assert "1 phiếu" in page.inner_text("#uncounted")


def test_only_the_pin_lets_out_and_it_is_kept_as_a_digest(site, tablet):
    page, pin = tablet.page, tablet.made.pin
    wrong = f"{(int(pin) + 1) % 10**6:06}"
    page.tap("#staff")
    page.fill("#pin", wrong)
    page.press("#pin", "Enter")
    page.wait_for_selector("#refused:visible")
    assert "chưa đúng" in page.inner_text("#refused")
    page.fill("#pin", pin)
    page.press("#pin", "Enter")
    page.wait_for_url(f"{site.address}/")
    page.goto(f"{site.address}/k/")
    assert "chưa được đặt" in page.inner_text("h1")
    with reading(site.installation.engine) as connection:
        kept = connection.execute(select(kiosk)).one()
    assert pin.encode() not in b"".join(part for part in kept if isinstance(part, bytes))


def test_a_mistyped_code_is_told_and_nothing_of_a_page_of_the_tablet_hurts_anybody(site, tablet):
    page = tablet.page
    page.fill("#code", "0000-0000-0000-0000-1")
    page.tap("#go")
    page.wait_for_selector("#wrong:visible")
    page.tap("#staff")
    faults = violations(page)
    page.tap("#stay")
    tablet.without_network()
    page.fill("#code", "0000-0000-0000-0001-2")
    page.tap("#go")
    page.wait_for_selector("#unchecked:visible")
    faults += violations(page)
    site.up()
    page.tap("#clear")
    assert not page.is_visible("#unchecked")
    tablet.open_form()
    page.clock.run_for(61_000)
    page.wait_for_selector("#idle:visible")
    faults += violations(page)
    assert faults == []
