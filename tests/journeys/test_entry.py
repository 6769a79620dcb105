"""The page of double entry in every state that it has: nothing in it hurts anybody."""

import dataclasses

import pytest
from browsing import violations
from builders import a_round, some_codes

from survey_app.web import make_app

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("tablet")]

LOOKS = [
    pytest.param({}, id="light"),
    pytest.param({"color_scheme": "dark"}, id="dark", marks=pytest.mark.long),
    pytest.param({"forced_colors": "active"}, id="forced", marks=pytest.mark.long),
]


@pytest.fixture
def desk(site):
    """The address of the page, which the setting opens, and the number of a form."""
    here = site.installation
    a_round(here, "tx", questionnaire=("transaction", "2026-1"))
    (code,) = some_codes(here, "tx", {"tx.10507": 1})
    opened = dataclasses.replace(here, settings=dataclasses.replace(here.settings, entry=True))
    site.server.app = make_app(opened)
    return f"{site.address}/staff/entry", code


def keyed(page, code, mark) -> None:
    page.fill("[name=code]", code)
    page.click("main [type=submit]")
    page.fill("[name='k.gd_1_01']", mark)
    page.click("[name=step][value=key]")


@pytest.mark.parametrize("look", LOOKS)
def test_no_state_of_double_entry_has_an_accessibility_violation(chromium, desk, look):
    address, code = desk
    context = chromium.new_context(viewport={"width": 360, "height": 740}, bypass_csp=True, **look)
    page, faults = context.new_page(), {}

    def looked(state, words) -> None:
        assert words in page.inner_text("main"), state
        faults[state] = violations(page)
        page.goto(address)

    page.goto(address)
    looked("number", "Mỗi phiếu được hai người")
    page.fill("[name=code]", "0000-0000-0000-0000-1")
    page.click("main [type=submit]")
    looked("wrong number", "ký tự")
    keyed(page, code, "77")
    assert page.locator("[aria-invalid=true]").count() == 1
    looked("wrong value", "Giữ lần nhập này")
    keyed(page, code, "4")
    looked("kept", "Đã giữ lần nhập thứ nhất")
    keyed(page, code, "5")
    looked("differing", "Lần 2:")
    keyed(page, code, "5")
    looked("counted", "Hai lần nhập khớp")
    assert not [found for found in faults.items() if found[1]]
    assert len(faults) == 6
    context.close()
