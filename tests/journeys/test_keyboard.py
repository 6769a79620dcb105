"""A form from its link to its receipt by Tab, arrows, Space and Enter alone.

Covered: WCAG 2.2: 2.1.1 and 2.1.2 (keyboard, no trap), 2.4.1 (skip link), 2.4.3 (order of focus),
2.4.7 and 2.4.11 (focus seen, not covered), 3.2.1 (nothing happens by focus alone).
"""

import pytest

from survey_app.db.fieldwork import receipt

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("tablet")]

# What has the focus: its name, whether a line of two pixels or more stands around it (a choice
# shows it around its whole row), whether it is on the screen, whether it follows the last one.
HERE = """() => {
  const it = document.activeElement, drawn = it.closest('.option') ? it.nextElementSibling : it;
  const style = getComputedStyle(drawn), box = drawn.getBoundingClientRect();
  return {
    name: it.id || it.name || it.className,
    ringed: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
    seen: box.height > 0 && box.bottom > 0 && box.top < innerHeight && box.left >= 0,
    follows: Boolean(window.before.compareDocumentPosition(it) & Node.DOCUMENT_POSITION_FOLLOWING),
  };
}"""


@pytest.fixture
def keys(chromium, visitor):
    """A page opened by a link on a computer, and what its console complains of."""
    context = chromium.new_context(viewport={"width": 900, "height": 700}, locale="vi-VN")
    page, said = context.new_page(), []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.goto(visitor)
    yield page
    context.close()
    assert said == []


def tab(page) -> str:
    """Press Tab; what has the focus is on the screen, is marked, and comes later in the page."""
    page.evaluate("() => { window.before = document.activeElement }")
    page.keyboard.press("Tab")
    here = page.evaluate(HERE)
    name = here.pop("name")
    assert here == {"ringed": True, "seen": True, "follows": True}, name
    return name


def tab_to(page, name: str) -> list[str]:
    """Press Tab until something has the focus; the names of all that had it on the way."""
    met = [tab(page)]
    while met[-1] != name:
        met.append(tab(page))
        assert len(met) < 60, met
    return met


def focus(page) -> str:
    return page.evaluate("document.activeElement.id")


def forward(page) -> list[str]:
    """Go on by keys, without the answers that are asked about; what could be reached."""
    met = tab_to(page, "next")
    page.keyboard.press("Enter")
    if focus(page) == "missing":
        tab_to(page, "next")
        page.keyboard.press("Enter")
    # The heading of the new topic has the focus, so that Tab leads to its first question.
    assert page.evaluate("document.activeElement.matches('.topic.on > h2')")
    return met


def test_a_form_is_filled_and_sent_by_keys_alone(site, keys):
    page = keys
    assert tab(page) == "skip"
    forward(page)
    assert tab(page) == "gioi_tinh"
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    assert page.is_checked("[name=gioi_tinh][value='2']")
    # One stop for each question, in the order of the page.
    assert forward(page) == ["do_tuoi", "back", "next"]
    assert tab(page) == "i-so_lan_den"
    page.keyboard.type("ba")
    tab_to(page, "next")
    page.keyboard.press("Enter")
    assert focus(page) == "problems"
    tab(page)
    page.keyboard.press("Enter")
    assert focus(page) == "q-so_lan_den"
    assert tab(page) == "i-so_lan_den"
    page.keyboard.press("Control+a")
    page.keyboard.type("3")
    while focus(page) != "n-send":
        forward(page)
    tab_to(page, "send-button")
    page.keyboard.press("Enter")
    page.wait_for_selector("#receipt:not(:empty)")
    assert page.evaluate("document.activeElement.dataset.when") == "sent"
    assert site.count(receipt) == 1


def test_enter_in_a_field_and_the_skip_link_never_leave_or_send_the_form(site, keys):
    page = keys
    tab(page)
    forward(page)
    forward(page)
    tab(page)
    page.keyboard.type("3")
    page.keyboard.press("Enter")
    assert focus(page) == "missing"
    page.evaluate("document.querySelector('.skip').focus()")
    page.keyboard.press("Enter")
    assert focus(page) == "main"
    assert page.is_visible("#t-su_viec")
    assert tab(page) == "i-so_lan_den"
    assert site.count(receipt) == 0
