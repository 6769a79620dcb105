"""Double entry on the page: for this machine only; what two keyings agree on is counted once."""

import dataclasses
import os
import re

import pytest
from builders import a_round, an_installation, some_codes
from sqlalchemy import select

from survey_app.db import reading
from survey_app.db.answers import INBOXES
from survey_app.services.codes import display
from survey_app.services.paper import entry
from survey_app.web import make_app

HERE = "/staff/entry"


@pytest.fixture
def desk(tmp_path):
    """An installation whose setting opens the page, one code, and a client at the machine."""
    made = an_installation(tmp_path / "data")
    made = dataclasses.replace(made, settings=dataclasses.replace(made.settings, entry=True))
    a_round(made, questionnaire=("transaction", "2026-1"))
    [code] = some_codes(made, "demo", {"demo.10507": 1})
    app = make_app(made)
    app.testing = True
    yield made, code, app.test_client()
    made.engine.dispose()


def fields_of(page: str) -> list[str]:
    return re.findall(r'name="(k\.[^"]+)"', page)


def post(client, **fields):
    return client.post(HERE, data=fields)


def key(client, code, **values):
    """Key a whole form: every field of the page, blank unless a value is given."""
    page = post(client, code=code, step="open").get_data(as_text=True)
    given = dict.fromkeys(fields_of(page), "") | {f"k.{n}": v for n, v in values.items()}
    return client.post(HERE, data={"code": code, "step": "key", **given})


def inbox(made):
    with reading(made.engine) as connection:
        return [row for table in INBOXES.values() for row in connection.execute(select(table))]


def kept(made):
    return list((made.settings.data / entry.FOLDER).rglob("*"))


def test_nobody_enters_unless_the_setting_says_so(tmp_path):
    made = an_installation(tmp_path / "data")
    client = make_app(made).test_client()
    assert client.get(HERE).status_code == 404
    assert client.post(HERE, data={"code": "x"}).status_code == 404
    made.engine.dispose()


def test_only_the_machine_itself_enters(desk):
    made, _, client = desk
    assert client.get(HERE).status_code == 200
    assert client.get(HERE, environ_base={"REMOTE_ADDR": "192.168.1.9"}).status_code == 404
    for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via", "X-Forwarded-Host"):
        assert client.get(HERE, headers={name: "127.0.0.1"}).status_code == 404, name
    settings = dataclasses.replace(made.settings, trusted_hosts=("khaosat.example",))
    named = make_app(dataclasses.replace(made, settings=settings)).test_client()
    assert named.get(HERE, headers={"Host": "khaosat.example"}).status_code == 404
    proxied = dataclasses.replace(made.settings, proxies=1)
    behind = make_app(dataclasses.replace(made, settings=proxied)).test_client()
    assert behind.get(HERE).status_code == 404
    strange = client.post(HERE, data={"code": "x"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert strange.status_code == 403


def test_a_form_is_counted_when_two_keyings_agree(desk):
    made, code, client = desk
    first = key(client, code, gioi_tinh="2", gd_1_01="4", so_lan_den="2")
    assert "Đã giữ lần nhập thứ nhất" in first.get_data(as_text=True)
    assert inbox(made) == []
    second = post(client, code=display(code).lower(), step="open").get_data(as_text=True)
    assert "Lần nhập thứ hai" in second
    assert 'value="4"' not in second
    assert "Lần 1:" not in second
    done = key(client, code, gioi_tinh="2", gd_1_01="4", so_lan_den="02")
    assert "Hai lần nhập khớp" in done.get_data(as_text=True)
    assert len(inbox(made)) == 1
    assert [path for path in kept(made) if path.is_file()] == []
    again = post(client, code=code, step="open")
    assert again.status_code == 409
    assert len(inbox(made)) == 1


def test_what_differs_is_shown_with_both_values_and_keyed_once_more(desk):
    made, code, client = desk
    key(client, code, gioi_tinh="2", gd_1_01="4", gd_1_02="1")
    page = key(client, code, gioi_tinh="2", gd_1_01="5", gd_1_02="").get_data(as_text=True)
    assert fields_of(page) == ["k.gd_1_01", "k.gd_1_02"]
    assert "4 – Hài lòng" in page
    assert "5 – Rất hài lòng" in page
    assert inbox(made) == []
    still = client.post(
        HERE, data={"code": code, "step": "key", "k.gd_1_01": "3", "k.gd_1_02": "1"}
    ).get_data(as_text=True)
    assert fields_of(still) == ["k.gd_1_01"]
    done = client.post(HERE, data={"code": code, "step": "key", "k.gd_1_01": "5"})
    assert "Hai lần nhập khớp" in done.get_data(as_text=True)
    assert len(inbox(made)) == 1


def test_a_keying_with_a_fault_is_shown_again_and_a_blank_form_is_not_kept(desk):
    made, code, client = desk
    wrong = key(client, code, gioi_tinh="7", do_tuoi="2")
    assert wrong.status_code == 422
    page = wrong.get_data(as_text=True)
    assert "không có ô số 7" in page
    assert 'value="7"' in page
    blank = key(client, code)
    assert blank.status_code == 422
    assert "Phiếu trắng không được ghi" in blank.get_data(as_text=True)
    assert kept(made) == []
    for typed, status in (("0000", 422), ("0000-0000-0000-0001-2", 404)):
        assert post(client, code=typed, step="open").status_code == status


def test_the_first_keying_is_sealed_owned_without_time_and_goes(desk):
    made, code, client = desk
    key(client, code, gioi_tinh="2", y_kien_khac="Chờ quá lâu")
    [path] = [path for path in kept(made) if path.is_file()]
    assert code not in path.name
    assert b"gioi_tinh" not in path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0
    assert path.stat().st_mtime % 86400 == 0
    dropped = post(client, code=code, step="drop").get_data(as_text=True)
    assert "Đã bỏ mọi lần nhập" in dropped
    key(client, code, gioi_tinh="2")
    [path] = [path for path in kept(made) if path.is_file()]
    old = path.stat().st_mtime - (entry.DAYS + 1) * 86400
    os.utime(path, (old, old))
    assert entry.forget_old(made) == 1
    assert entry.keyings_of(made, entry.open_form(made, code)) == []
