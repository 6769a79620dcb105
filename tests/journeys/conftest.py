"""What journeys in a browser start from: a served installation and Chromium."""

import pytest
from browsing import Site
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
