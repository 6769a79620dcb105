"""A clock that jumps, a key that is missing, a build that is interrupted (FI-10, 21, 22)."""

import time
from itertools import pairwise
from pathlib import Path

import pytest
from builders import an_installation
from faults.conftest import a_ledger
from faults.phones import phones
from faults.servers import served

DAY = 24 * 3600


def set_clock(clock: Path, shift: int) -> None:
    """Move the clock of a server at once: no moment finds half of a file."""
    new = clock.with_suffix(".new")
    new.write_text(str(shift))
    new.replace(clock)


@pytest.mark.faults
def test_a_clock_that_jumps_loses_nothing(installation, tmp_path, nothing_is_lost):
    ledger = a_ledger(installation, 20_000)
    clock = tmp_path / "clock"
    set_clock(clock, 0)
    program = (str(Path(__file__).with_name("shifted.py")),)
    counted = [0]
    with (
        served(installation, environment={"CLOCK": str(clock)}, program=program) as server,
        phones(server.port, ledger),
    ):
        for shift in (-DAY, DAY, -3600, 0, 30 * DAY):
            set_clock(clock, shift)
            time.sleep(1.5)
            counted.append(len(ledger.got))
            if shift == 30 * DAY:  # its code has expired by then, so the clock was moved
                assert ledger.answers[410] > 0
        set_clock(clock, 0)
    assert all(one < two for one, two in pairwise(counted[:5]))
    assert set(ledger.answers) == {201, 410}
    also = f"counted after −1 d, +1 d, −1 h, 0: {counted[1:5]}; after +30 d refused"
    nothing_is_lost(installation, ledger, "FI-10 clock jumps", also)


@pytest.mark.parametrize("name", ["code", "idem", "receipt", "lookup", "survey"])
def test_a_missing_or_cut_key_refuses_the_start_with_its_name(tmp_path, name, capfd):
    from survey_app.cli import main

    made = an_installation(tmp_path / "data")
    a_ledger(made, 1)
    made.engine.dispose()
    key = made.settings.keys / "demo" / f"{name}.key"
    whole = key.read_bytes()
    for damage in (None, whole[:-1]):
        key.unlink()
        if damage is not None:
            key.write_bytes(damage)
        assert main(["--data", str(made.settings.data), "serve", "--port", "1"]) != 0
        assert str(key) in "".join(capfd.readouterr())
        assert (key.read_bytes() if key.exists() else None) == damage
        key.write_bytes(whole)
