"""One installation on SQLite for all hostile requests of a module: none of them may change it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from builders import a_counter, a_round, an_installation, some_codes
from flask.testing import FlaskClient

from survey_app.services.installation import Installation
from survey_app.web import make_app


@dataclass
class Target:
    """What is attacked: an installation, a client of its application, codes that open a round."""

    installation: Installation
    client: FlaskClient
    codes: list[str]


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """Rounds of citizens and of visitors, a counter, and faults of ours shown as 500."""
    made = an_installation(tmp_path_factory.mktemp("hostile") / "data")
    a_round(made)
    a_round(made, "visits", questionnaire=("transaction", "2026-1"))
    a_counter(made)
    client = make_app(made).test_client()
    yield Target(made, client, some_codes(made, "visits", {"visits.10507": 150}))
    made.engine.dispose()
