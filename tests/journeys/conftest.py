"""What journeys in a browser start from: a served installation and Chromium."""

import shutil

import pytest
from browsing import FLAGS, Site
from builders import a_round, some_codes


@pytest.fixture
def site(tmp_path):
    made = Site(tmp_path / "data")
    yield made
    made.close()


@pytest.fixture
def visitor(site):
    """The link of a visitor of a counter: numbers, routing, scales, texts."""
    a_round(site.installation, "tx", questionnaire=("transaction", "2026-1"))
    code = some_codes(site.installation, "tx", {"tx.10507": 1})[0]
    return f"{site.address}/s/{code}"


@pytest.fixture(scope="module")  # one Playwright at a time in a process
def chromium():
    found = shutil.which("chromium")
    if found is None:
        pytest.skip("chromium is not installed")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()
