"""A round in today's calendar, since the servers here are real and have a real clock."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from builders import a_round, an_installation, some_codes
from faults.ledger import Ledger, Tally, tally
from faults.servers import OwnPostgres, own_postgres

from survey_app.services.installation import Installation, local_day


def a_ledger(installation: Installation, count: int) -> Ledger:
    """An open round of today with codes that nobody has sent yet."""
    today = local_day()
    a_round(installation, opens=today - timedelta(days=3), closes=today + timedelta(days=9))
    return Ledger(some_codes(installation, "demo", {"demo.10507": count}))


@pytest.fixture
def nothing_is_lost(request: pytest.FixtureRequest) -> Callable[..., Tally]:
    """Compare ledger and database after a fault, print its line, and fail on any loss."""
    begun = time.monotonic()

    def compare(installation: Installation, ledger: Ledger, fault: str, *also: str) -> Tally:
        found = tally(installation, ledger)
        kind = installation.engine.dialect.name
        print("\n" + found.line(f"{fault} {kind}", time.monotonic() - begun, *also), end="")
        assert (found.lost, found.doubled) == (0, 0)
        # Whoever never got a receipt may have been counted; nobody else may.
        assert found.present - found.acknowledged <= len(set(ledger.sent) - set(ledger.got))
        assert found.acknowledged > 0
        return found

    return compare


@pytest.fixture(scope="module")
def restartable() -> Iterator[OwnPostgres]:
    """A PostgreSQL server of our own, which may be stopped."""
    with TemporaryDirectory() as folder, own_postgres(Path(folder)) as server:
        yield server


@pytest.fixture
def on_restartable(restartable: OwnPostgres, tmp_path: Path) -> Iterator[Installation]:
    """An installation on that server."""
    made = an_installation(tmp_path / "data", restartable.url)
    yield made
    made.engine.dispose()
