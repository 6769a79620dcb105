"""A clock that jumps, a key that is missing or another's (FI-10, 21)."""

import secrets
import shutil
import time
from itertools import pairwise
from pathlib import Path

import pytest
from builders import a_round, an_installation, answered, some_codes
from faults.conftest import a_ledger
from faults.phones import phones
from faults.servers import served
from sqlalchemy import select

from intake.findings import HailongError
from survey_app import migrations
from survey_app.config import read_settings
from survey_app.db import reading
from survey_app.db.fieldwork import invitation
from survey_app.services.answering import code_mac
from survey_app.services.doctor import examine
from survey_app.services.installation import open_installation, upgrade_database
from survey_app.services.integrity import make_checkpoint
from survey_app.services.key_marks import marks
from survey_app.services.keys import LASTING

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


def refused_start(data: Path, capfd) -> str:
    """What the command says that serves pages, which must refuse to do so."""
    from survey_app.cli import main

    assert main(["--data", str(data), "serve", "--port", "1"]) != 0
    return "".join(capfd.readouterr())


NAMES = [*(f"demo/{one}" for one in ("code", "idem", "receipt", "lookup", "survey")), *LASTING]


@pytest.fixture(scope="module")
def kept(tmp_path_factory) -> Path:
    """The data folder of an installation that has all its keys."""
    made = an_installation(tmp_path_factory.mktemp("keys") / "data")
    a_ledger(made, 1)
    make_checkpoint(made)
    made.engine.dispose()
    return made.settings.data


@pytest.mark.parametrize("name", NAMES)
def test_a_missing_cut_or_other_key_refuses_the_start_with_its_name(kept, name, capfd):
    key = kept / "keys" / f"{name}.key"
    whole = key.read_bytes()
    for damage, told in ((None, "Thiếu"), (whole[:-1], "độ dài"), (whole[::-1], "không phải")):
        key.unlink()
        if damage is not None:
            key.write_bytes(damage)
        said = refused_start(kept, capfd)
        assert str(key) in said
        assert told in said
        assert (key.read_bytes() if key.exists() else None) == damage
        key.write_bytes(whole)
    open_installation(read_settings(kept)).engine.dispose()


def test_every_wrong_key_is_named_at_once_by_doctor_and_none_is_made(kept, tmp_path, capfd):
    from survey_app.cli import main

    data = tmp_path / "data"
    shutil.copytree(kept, data)
    keys = [data / "keys" / "demo" / f"{one}.key" for one in ("code", "survey")]
    for key in keys:
        key.write_bytes(secrets.token_bytes(32))
    checks = {check.name.en: check for check in examine(read_settings(data)).checks}
    check = checks["key files"]
    assert [(one.code, one.file) for one in check.findings] == [
        ("key-wrong", str(key)) for key in keys
    ]
    lost = data / "keys" / "feedback.key"
    lost.unlink()
    assert main(["--data", str(data), "init"]) != 0
    assert str(lost) in capfd.readouterr().err
    assert not lost.exists()


def test_keys_of_before_get_their_marks_by_the_upgrade_unless_the_database_speaks_against_them(
    installation,
):
    settings = installation.settings
    a_round(installation)
    answered(installation, 3)
    folder = settings.keys / "demo"
    whole = {one: (folder / f"{one}.key").read_bytes() for one in ("lookup", "receipt", "survey")}
    migrations.downgrade(installation.engine, "0006")
    migrations.upgrade(installation.engine)
    with pytest.raises(HailongError) as error:
        open_installation(settings)
    assert {finding.code for finding in error.value.findings} == {"key-unmarked"}
    for name, named in (("receipt", 2), ("lookup", 2), ("survey", 1)):
        (folder / f"{name}.key").write_bytes(bytes(32))
        with pytest.raises(HailongError) as error:
            upgrade_database(settings)
        assert [finding.code for finding in error.value.findings] == ["key-wrong"] * named
        assert str(folder / f"{name}.key") in {one.file for one in error.value.findings}
        (folder / f"{name}.key").write_bytes(whole[name])
    upgrade_database(settings)
    open_installation(settings).engine.dispose()


def test_marks_say_nothing_of_codes(installation):
    a_round(installation)
    (code,) = some_codes(installation, "demo", {"demo.10507": 1})
    with reading(installation.engine) as connection:
        kept = marks(connection)
        macs = set(connection.execute(select(invitation.c.code_mac)).scalars())
    keys = installation.keyring()["demo"]
    assert set(kept) == {*keys.by_file, "application", "feedback"}
    assert macs == {code_mac(keys, code)}
    assert len({*kept.values(), *macs, *keys.by_file.values()}) == len(kept) + 1 + 5
