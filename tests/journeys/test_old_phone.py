"""The questionnaire on an old phone: in a real Chromium 83, as old web views have it, and its lint.

Covered: issue "Works on Chromium 83 syntax and CSS (an old WebView inside Zalo)". A whole form
goes from the link to the receipt by taps; the same page is opened without network; nothing
scrolls sideways at 320 px; the script is read by a parser that knows ECMAScript 2018 alone.
"""

import pytest
from old_phone import OldPage, an_old_page, faults_of_2018

from questionnaires import Option, Question, Questionnaire, Section, Text
from survey_app.db.answers import inbox_a
from survey_app.db.fieldwork import receipt
from survey_app.web import make_app
from survey_app.web.document import MODES, SCRIPT, WORKER, build_document, inline

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("old-phone")]


@pytest.fixture
def old_phone(playwright):
    """A phone whose console must not complain: the page and what it complained of."""
    said = []
    with an_old_page(playwright) as page:
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on(
            "console", lambda m: said.append(m.text) if m.type in {"error", "warning"} else None
        )
        yield OldPage(page)
    # A browser that reaches no server says so; that is no fault of the page.
    assert [one for one in said if "net::ERR_CONNECTION_REFUSED" not in one] == []


def check_layout(page) -> None:
    """Nothing sideways; each answer in view is a large target on the screen; faces are drawn."""
    assert page.ask("document.documentElement.scrollWidth") <= 320
    faults = page.ask(
        """() => Array.from(document.querySelectorAll('.topic.on .option')).filter(option => {
          if (!option.offsetParent) return false;
          const box = option.getBoundingClientRect();
          const face = getComputedStyle(option.querySelector('span'), '::before');
          const small = box.height < 48 || box.width < 44 || box.left < 0 || box.right > 320;
          return small || (option.closest('.scale') && !(parseFloat(face.width) >= 16));
        }).map(option => option.textContent)"""
    )
    assert faults == []


def forward(page) -> None:
    page.tap("#next")
    if page.shows("#missing"):
        page.tap("#next")
    check_layout(page)


def forward_to(page, selector: str) -> None:
    while not page.shows(selector):
        forward(page)


def test_a_form_goes_from_the_link_to_the_receipt_on_chromium_83(site, visitor, old_phone):
    page = old_phone
    page.page.goto(visitor)
    check_layout(page)
    forward(page)
    page.tap("#q-gioi_tinh .option:nth-of-type(2)")
    forward(page)
    page.write("#i-so_lan_den", "3")
    assert not page.shows("#q-thu_xin_loi")
    page.tap("#q-tre_hen .option")
    assert page.shows("#q-thu_xin_loi")
    page.tap("[data-lang=en]")
    page.until("document.documentElement.lang === 'en'")
    assert page.value("#i-so_lan_den") == "3"
    assert page.value("[name=tre_hen]:checked") == "1"
    assert page.shows("#q-thu_xin_loi")
    forward_to(page, "#q-gd_1_01")
    page.tap("#q-gd_1_01 .f5")
    assert page.value("[name=gd_1_01]:checked") == "5"
    forward_to(page, "#i-y_kien_khac")
    page.write("#i-y_kien_khac", "Chờ lâu.")
    forward_to(page, "#send-button")
    page.tap("#send-button")
    page.until("document.getElementById('receipt').textContent")
    assert len(page.ask("document.getElementById('receipt').textContent")) == 19
    assert (site.count(receipt), site.count(inbox_a)) == (1, 1)


def test_a_form_is_kept_without_network_and_leaves_later_on_chromium_83(site, old_phone):
    page = old_phone
    page.page.goto(site.link())
    page.until("navigator.serviceWorker.controller !== null")
    page.until("caches.open('hailong-pages').then(c => c.match(location.href)).then(Boolean)")
    forward_to(page, "#q-cau_2")
    page.tap("#q-cau_2 .option")
    site.down()
    page.page.reload()
    page.until("document.querySelectorAll('#q-cau_2 input:checked').length === 1")
    forward_to(page, "#send-button")
    page.tap("#send-button")
    page.until("document.querySelector('#outbox h1[data-when=waiting]').offsetParent !== null")
    site.up()
    page.tap("#send-now")
    page.until("document.getElementById('receipt').textContent")
    assert site.count(receipt) == 1


def words(text: str) -> Text:
    return Text({"vi": text, "en": text})


def a_rich_questionnaire() -> Questionnaire:
    """What the shipped questionnaires do not have: exclusive, shuffled, ranked, repeated, dated."""
    chosen = tuple(Option(value, words(f"phương án {value}")) for value in "1234")
    none = Option("9", words("Không có"), exclusive=True)
    asked = (
        Question("m", "multi", words("M"), options=(*chosen, none), random=True),
        Question("r", "ranking", words("R"), options=chosen[:2]),
        Question("d", "date", words("D")),
        Question("k", "number", words("K"), decimals=1),
    )
    later = Question("p", "single", words("Về {answer:d|ngày ấy}, {answer:k|số}"), options=chosen)
    sections = (
        Section("a", words("A"), questions=asked),
        Section("b", words("B"), questions=(later,)),
    )
    return Questionnaire("thu", "1", ("vi", "en"), words("Thử"), sections)


def test_every_kind_of_question_works_on_chromium_83(site, old_phone):
    with make_app(site.installation).app_context():
        html = build_document(a_rich_questionnaire(), "vi").html
    page = old_phone
    page.page.route("**/form", lambda route: route.fulfill(body=html, content_type="text/html"))
    page.page.route("**/form/draft/read", lambda route: route.fulfill(status=204))
    page.page.goto(f"{site.address}/form")
    forward(page)
    page.tap("#q-m [data-key='1']")
    page.tap("#q-m .option [data-alone]")
    assert page.value("[name=m]:checked") == "9"
    assert page.ask("document.querySelectorAll('[name=m]:checked').length") == 1
    assert sorted(page.value("[name='order.m']").split(",")) == list("1234")
    page.write("#i-d", "31/2/2026")
    page.write("#i-k", "2,5")
    page.tap("#next")
    assert page.shows("#e-d")
    page.ask("document.getElementById('i-d').value = ''")
    page.write("#i-d", "28/2/2026")
    forward_to(page, "#q-p")
    legend = page.ask("document.querySelector('#q-p legend').textContent")
    assert legend == "Về 28/02/2026, 2,5"


@pytest.mark.parametrize(
    "parts",
    [SCRIPT, WORKER, *(SCRIPT + more for _, more in MODES.values())],
    ids=["phone", "worker", *MODES],
)
def test_every_script_is_ecmascript_2018(parts):
    assert faults_of_2018(inline(*parts)) == ""


def test_the_parser_of_2018_knows_what_came_later():
    assert faults_of_2018("var a = b?.c;")
    assert faults_of_2018("try { a() } catch { b() }")
    assert faults_of_2018("var {a, ...b} = c; async function* d() {}") == ""
