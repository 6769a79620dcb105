"""What a screen reader is given, read from the accessibility tree of Chromium; axe in every state.

Covered: WCAG 2.2: 1.3.1 and 4.1.2 (names, roles, values), 2.4.6 (headings), 3.3.1 (errors are
told), 4.1.3 (status is announced), in both languages, and every state of the page in light, dark,
forced colours and type of 200 %.
"""

from dataclasses import dataclass
from itertools import pairwise
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest
from browsing import violations
from builders import some_codes

from questionnaires import load

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("phone")]
QUESTIONNAIRE = load("transaction", "2026-1")


@dataclass
class Node:
    """One thing a reader speaks of, with what lies within it."""

    role: str
    name: str
    value: str
    description: str
    states: dict
    within: list

    def __iter__(self):
        yield self
        for node in self.within:
            yield from node

    def all(self, *roles: str) -> list["Node"]:
        return [node for node in self if node.role in roles]

    def one(self, role: str, name: str) -> "Node":
        (found,) = [node for node in self.all(role) if node.name == name]
        return found


def tree(page) -> Node:
    """The page as a screen reader gets it; what is passed over is left out."""
    given = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    by_id = {node["nodeId"]: node for node in given}

    def nodes(node: dict) -> list[Node]:
        within = [one for key in node.get("childIds", ()) for one in nodes(by_id[key])]
        if node.get("ignored"):
            return within

        def text(key: str) -> str:
            return str(node.get(key, {}).get("value", ""))

        states = {one["name"]: one["value"].get("value") for one in node.get("properties", ())}
        return [
            Node(text("role"), text("name"), text("value"), text("description"), states, within)
        ]

    (root,) = nodes(given[0])
    return root


def check_headings(root: Node) -> None:
    """One heading leads; none of the others skips a level."""
    levels = [node.states["level"] for node in root.all("heading")]
    assert levels.count(1) == 1
    assert all(level <= before + 1 for before, level in pairwise(levels))


def spoken(question, lang: str) -> dict[str, list[str]]:
    """The groups of choices of a question: what is asked -> what may be chosen."""
    labels = [option.label.in_language(lang) for option in question.options]
    rows = question.rows or (question,)
    return {row.label.in_language(lang): labels for row in rows}


@pytest.fixture
def reader(chromium):
    """Make phones with wishes of their own; each forgets everything when the test ends."""
    made = []

    def a_page(**wishes):
        context = chromium.new_context(
            viewport={"width": 360, "height": 740}, is_mobile=True, has_touch=True, **wishes
        )
        made.append(context)
        return context.new_page()

    yield a_page
    for context in made:
        context.close()


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_every_question_is_named_and_what_is_hidden_is_not_spoken(visitor, reader, lang):
    page = reader()
    page.goto(f"{visitor}?lang={lang}")
    start = tree(page)
    check_headings(start)
    assert start.all("radio", "textbox", "progressbar", "alert") == []
    for place, section in enumerate(QUESTIONNAIRE.sections, 1):
        page.evaluate("document.getElementById('next').click()")
        if page.is_visible("#missing"):
            page.evaluate("document.getElementById('next').click()")
        root = tree(page)
        check_headings(root)
        assert root.all("heading")[0].name == section.title.in_language(lang)
        (bar,) = root.all("progressbar")
        assert (bar.value, str(place) in bar.name) == (str(place), True)
        met = {node.name: node for node in root.all("group") if node.all("radio", "checkbox")}
        wanted = {}
        for question in section.questions:
            if question.options and not question.show_if and not question.apart:
                wanted |= spoken(question, lang)
        # A question of many rows is a group around the groups of its rows.
        outer = {q.label.in_language(lang) for q in section.questions if q.rows}
        assert outer <= set(met)
        assert {
            name: [one.name for one in node.all("radio", "checkbox")]
            for name, node in met.items()
            if name not in outer
        } == wanted


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_what_is_wrong_is_announced_and_described_at_its_field(visitor, reader, lang):
    page = reader()
    page.goto(f"{visitor}?lang={lang}")
    for _ in range(3):
        page.tap("#next")
    assert tree(page).all("alert") == []
    page.fill("#i-so_lan_den", "ba")
    page.tap("#next")
    root = tree(page)
    check_headings(root)
    (alert,) = root.all("alert")
    asked = QUESTIONNAIRE.question_by_id["so_lan_den"].label.in_language(lang)
    (link,) = alert.all("link")
    field = root.one("textbox", asked)
    said = link.name.removeprefix(asked).strip()
    assert field.states["invalid"] == "true"
    assert said
    assert field.description.endswith(said)
    page.fill("#i-so_lan_den", "3")
    page.tap("#next")
    (alert,) = tree(page).all("alert")
    assert "3" in alert.all("heading")[0].name


LOOKS = {
    "light vi": {"color_scheme": "light"},
    "dark en": {"color_scheme": "dark"},
    "forced colours, large type": {"forced_colors": "active", "contrast": "more"},
}


@pytest.mark.parametrize(
    "look",
    ["light vi", *(pytest.param(look, marks=pytest.mark.long) for look in list(LOOKS)[1:])],
)
def test_no_state_of_the_page_has_an_accessibility_violation(site, visitor, reader, look):
    page = reader(**LOOKS[look])
    states = {}

    def seen(state: str) -> None:
        if "large" in look:
            page.evaluate("() => { document.documentElement.style.fontSize = '200%' }")
        # What stands around the form is the same in every state.
        part = None if state == "start" else "#main"
        states[state] = violations(page, part)
        check_headings(tree(page))

    def forward_to(selector: str) -> None:
        while not page.is_visible(selector):
            page.evaluate("document.getElementById('next').click()")

    page.goto(f"{visitor}?lang={'en' if 'en' in look else 'vi'}")
    seen("start")
    page.tap(".mine summary")
    page.tap("#erase")
    seen("erasing")
    page.tap("#no")
    forward_to("#t-su_viec")
    seen("topic")
    page.fill("#i-so_lan_den", "ba")
    page.tap("#next")
    seen("problems")
    page.fill("#i-so_lan_den", "3")
    page.tap("#next")
    seen("missing")
    forward_to("#send-button")
    seen("last")
    site.down()
    page.tap("#send-button")
    page.wait_for_selector("h1[data-when=waiting]:visible")
    seen("waiting")
    site.up()
    page.tap("#send-now")
    page.wait_for_selector("#receipt:not(:empty)")
    seen("sent")
    code = some_codes(site.installation, "tx", {"tx.10507": 1})[0]
    page.goto(f"{site.address}/s/{code}")
    form = urlencode({"code": code, "gioi_tinh": "1"}).encode()
    assert urlopen(f"{site.address}/s/f/elsewhere", form).status == 200
    forward_to("#send-button")
    page.tap("#send-button")
    page.wait_for_selector("#refusal:not(:empty)")
    seen("refused")
    assert {state: found for state, found in states.items() if found} == {}
    assert len(states) == 9
