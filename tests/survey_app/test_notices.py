"""The notice before the first question: whole, numbered, and known for each round.

Covered: security.md section 10, notice before the first question (what, why, who, how long,
rights, contact; voluntary; a response cannot be found later; version kept with the form).
"""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from builders import TODAY, a_round, an_installation, some_codes
from sqlalchemy import select

from intake.findings import HailongError
from questionnaires import load
from survey_app.cli import main
from survey_app.db import reading
from survey_app.db.audit import audit
from survey_app.services.installation import Installation
from survey_app.services.integrity import find_faults
from survey_app.services.notices import (
    find_changed,
    list_notices,
    list_shown,
    note_shown,
    read_notice,
)
from survey_app.web.notices import note_open_rounds, notices_of, text_of

ASKED = ("citizen", "2026-1")
# What must be told, and words by which it is told.
TOLD = {
    "vi": {
        "what and why": "muốn biết",
        "who": "Cơ quan tổ chức khảo sát: Sở Nội vụ.",
        "how long it takes": "phút",
        "voluntary": "tự nguyện",
        "without effect": "không ảnh hưởng",
        "may stop": "dừng lại bất cứ lúc nào",
        "what becomes of it": "công bố",
        "sensitive": "nhạy cảm",
        "how long it is kept": "30 ngày sau khi khảo sát kết thúc",
        "cannot be found": "không thể tìm lại",
        "rights": "phản đối hoặc yêu cầu xóa",
        "contact": "Hỏi hoặc khiếu nại về cuộc khảo sát: số thử",
    },
    "en": {
        "what and why": "wants to know",
        "who": "Sở Nội vụ",
        "how long it takes": "minutes",
        "voluntary": "voluntary",
        "without effect": "no effect",
        "may stop": "stop at any time",
        "what becomes of it": "published",
        "how long it is kept": "30 days after the survey ends",
        "cannot be found": "cannot be found again",
        "rights": "right to ask or complain",
        "contact": "số thử",
    },
}


def with_contact(made: Installation, contact: str = "số thử") -> Installation:
    return replace(made, settings=replace(made.settings, contact=contact))


@pytest.mark.parametrize("kind", ["citizen", "business", "transaction"])
def test_each_notice_tells_all_that_must_be_told_in_each_way_of_answering(tmp_path, kind):
    made = with_contact(an_installation(tmp_path / "data"))
    found = notices_of(made, (kind, "2026-1"))
    assert set(found) == {
        f"{lang}-{way}" for lang in ("vi", "en") for way in ("phone", "kiosk", "interviewer")
    }
    sensitive = any(one.id == "dan_toc" for one in load(kind, "2026-1").questions)
    for name, text in found.items():
        told = TOLD[name[:2]]
        missing = {what for what, words in told.items() if words not in text}
        assert missing <= (set() if sensitive else {"sensitive"}), (name, missing)
        assert "checked" not in text


def test_the_text_is_what_the_page_says_before_its_first_question(client, installation):
    (code,) = some_codes(installation, a_round(installation))[:1]
    shown = client.get(f"/s/{code}", follow_redirects=True).text
    assert text_of(shown) == notices_of(installation, ASKED)["vi-phone"]
    assert text_of('<section id="t-start"><p>a<b>b</b></p></section><section>c</section>') == "ab\n"


def test_a_changed_text_gets_the_next_number_and_an_old_one_its_own(installation):
    engine, settings = installation.engine, installation.settings
    a_round(installation)

    def shown(text):
        return note_shown(engine, settings, "demo", ASKED, {"vi-phone": text}, on=TODAY)

    assert [shown(text) for text in ("một\n", "một\n", "hai\n", "một\n")] == [
        True, False, True, True,
    ]  # fmt: skip
    assert [dict(one.numbers) for one in list_shown(engine, "demo")] == [
        {"vi-phone": 1}, {"vi-phone": 2}, {"vi-phone": 1},
    ]  # fmt: skip
    kept = list_notices(engine, "citizen@2026-1")
    assert [(one.name, one.number) for one in kept] == [("vi-phone", 1), ("vi-phone", 2)]
    assert len({one.sha256 for one in kept}) == 2
    assert list_notices(engine, "business@2026-1") == []
    assert read_notice(engine, settings, "citizen@2026-1", "vi-phone", 1)[1] == "một\n"
    assert read_notice(engine, settings, "citizen@2026-1", "vi-phone")[1] == "hai\n"
    assert find_faults(installation) == []


def test_a_text_that_was_changed_afterwards_is_not_shown_as_what_people_read(installation):
    engine, settings = installation.engine, installation.settings
    a_round(installation)
    note_shown(engine, settings, "demo", ASKED, {"vi-phone": "một\n"}, on=TODAY)
    (file,) = (settings.data / "notices").rglob("*.txt")
    assert file.relative_to(settings.data).as_posix() == "notices/citizen/2026-1/vi-phone-1.txt"
    assert find_changed(engine, settings) == []
    file.write_text("khác\n", encoding="utf-8")
    assert [(one.code, one.severity) for one in find_changed(engine, settings)] == [
        ("notice-changed", "warning")
    ]
    for number, code in ((1, "notice-changed"), (2, "notice-unknown")):
        with pytest.raises(HailongError) as error:
            read_notice(engine, settings, "citizen@2026-1", "vi-phone", number)
        assert error.value.code == code


def test_a_file_that_is_missing_comes_back_and_nothing_new_is_noted(installation):
    engine, settings = installation.engine, installation.settings
    a_round(installation)
    for first in (True, False):
        assert note_shown(engine, settings, "demo", ASKED, {"vi-phone": "một\n"}, on=TODAY) is first
        (file,) = (settings.data / "notices").rglob("*.txt")
        assert file.read_text(encoding="utf-8") == "một\n"
        file.unlink()
    assert len(list_shown(engine, "demo")) == 1


def test_a_server_that_starts_with_another_text_notes_it_once(tmp_path):
    made = an_installation(tmp_path / "data")
    a_round(made)
    a_round(made, "closed", state="closed")
    assert note_open_rounds(made) == ["demo"]
    assert note_open_rounds(made) == []
    other = replace(with_contact(made), today=lambda: TODAY + timedelta(days=1))
    assert note_open_rounds(other) == ["demo"]
    first, second = list_shown(made.engine, "demo")
    assert (set(first.numbers.values()), set(second.numbers.values())) == ({1}, {2})
    assert second.since == TODAY + timedelta(days=1)


def test_opening_a_round_keeps_its_notices_and_says_which_in_the_log(tmp_path, monkeypatch, capsys):
    made = an_installation(tmp_path / "data")
    monkeypatch.setenv("HAILONG_DATA", str(made.settings.data))
    monkeypatch.setenv("HAILONG_LANG", "en")
    a_round(made, "next", state="planned", simulated=False)
    assert main(["round", "open", "next", "--json"]) == 0
    assert [one["code"] for one in json.loads(capsys.readouterr().out)["findings"]] == [
        "contact-missing"
    ]
    with reading(made.engine) as connection:
        opened = select(audit.c.payload).where(
            audit.c.action == "round-opened", audit.c.object == "next"
        )
        said = json.loads(connection.execute(opened).scalar_one())
    assert said["notices"] == dict.fromkeys(sorted(notices_of(made, ASKED)), 1)
    assert main(["notices", "shown", "next"]) == 0
    assert "\tcitizen@2026-1\tvi-phone\t1" in capsys.readouterr().out
    assert main(["notices", "list", "citizen@2026-1", "--json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["result"]["notices"]) == 6
    assert main(["notices", "show", "citizen@2026-1", "vi-phone"]) == 0
    assert "không thể tìm lại" in capsys.readouterr().out
    assert main(["notices", "shown", "none"]) == 1
