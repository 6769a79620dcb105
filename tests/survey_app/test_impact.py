"""The impact-assessment file: made from the inventory, with what only the office knows left open.

Covered: security.md section 10, impact-assessment file, filed within 60 days, reviewed each six
months.
"""

import io
import json
from dataclasses import replace
from datetime import date, timedelta

import docx
import pytest
from builders import TODAY, a_round, an_installation

from intake.findings import HailongError
from survey_app.cli import main
from survey_app.db import writing
from survey_app.services.notices import note_shown
from survey_app.services.privacy.impact import impact_paper, write_impact
from survey_app.services.privacy.impact_dates import note_filed, note_reviewed, read_dates
from survey_app.services.privacy.inventory import NONE, TO_FILL, read_inventory
from survey_app.services.reminders import find_reminders
from survey_app.services.trail.audit import record


@pytest.fixture
def made(tmp_path):
    return an_installation(tmp_path / "data")


def opened_on(made, round_id, day, *, simulated=False):
    a_round(made, round_id, simulated=simulated)
    with writing(made.engine) as connection:
        record(connection, "round-opened", round_id, on=day)


def due(made, days=0):
    later = replace(made, today=lambda: TODAY + timedelta(days=days))
    return [one.code for one in find_reminders(later) if one.code.startswith("impact")]


def test_the_clock_starts_with_the_first_real_round_and_never_with_a_trial(installation):
    opened_on(installation, "trial", date(2026, 1, 5), simulated=True)
    assert read_dates(installation.engine).start is None
    assert due(installation) == []
    opened_on(installation, "second", TODAY)
    opened_on(installation, "first", TODAY - timedelta(days=3))
    dates = read_dates(installation.engine)
    assert (dates.start, dates.file_by) == (date(2026, 3, 7), date(2026, 5, 6))
    assert due(installation) == ["impact-due"]


def test_once_filed_it_is_reviewed_each_six_months(installation):
    opened_on(installation, "first", TODAY)
    with pytest.raises(HailongError) as error:
        note_reviewed(installation.engine, TODAY, on=TODAY)
    assert error.value.code == "impact-not-filed"
    with pytest.raises(HailongError) as error:
        note_filed(installation.engine, TODAY + timedelta(days=1), on=TODAY)
    assert error.value.code == "impact-day"
    filed = note_filed(installation.engine, date(2025, 8, 31), on=TODAY)
    assert (filed.file_by, filed.review_by) == (None, date(2026, 2, 28))
    assert due(installation) == ["impact-review-due"]
    assert note_reviewed(installation.engine, TODAY, on=TODAY).review_by == date(2026, 9, 10)
    assert [due(installation, days) for days in (0, 153, 154)] == [[], [], ["impact-review-due"]]


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_it_says_what_is_kept_and_leaves_open_what_only_the_office_knows(made, tmp_path, lang):
    opened_on(made, "hp-2026", TODAY)
    note_shown(
        made.engine, made.settings, "hp-2026", ("citizen", "2026-1"), {"vi-phone": "x"}, on=TODAY
    )
    out = tmp_path / "file.md"
    write_impact(made, out, lang)
    text = " ".join(out.read_text(encoding="utf-8").split())
    plain = text.replace("\\", "")
    for one in read_inventory().kept:
        if one.table:
            assert one.place.en in plain
        if one.kind != NONE:
            assert one.content.in_language(lang) in plain
    assert plain.count(TO_FILL.in_language(lang)) > 20
    assert ("chưa kiểm chứng" if lang == "vi" else "not verified") in plain.lower()
    for known in ("hp-2026", "Sở Nội vụ", "91/2025/QH15", "356/2025/NĐ-CP", "116/2025/QH15"):
        assert known in plain
    assert ("09/05/2026" if lang == "vi" else "2026-05-09") in plain


def test_word_and_markdown_hold_the_same_sections(made, tmp_path):
    titles = [one.title for one in impact_paper(made, "vi").sections]
    assert len(titles) == 12
    write_impact(made, tmp_path / "a.docx", "vi")
    document = docx.Document(io.BytesIO((tmp_path / "a.docx").read_bytes()))
    headings = [one.text for one in document.paragraphs if one.style.name == "Heading 2"]
    assert headings == titles
    write_impact(made, tmp_path / "a.md", "vi")
    lines = (tmp_path / "a.md").read_text(encoding="utf-8").splitlines()
    assert [one.removeprefix("## ") for one in lines if one.startswith("## ")] == titles
    with pytest.raises(HailongError) as error:
        write_impact(made, tmp_path / "a.odt", "vi")
    assert error.value.code == "impact-format"
    assert not (tmp_path / "a.odt").exists()


def test_a_contact_in_hostile_characters_reaches_the_file_as_text(made, tmp_path):
    hostile = "<b>\u202ex</b> {{7*7}} | # [x](y)"
    settings = replace(made.settings, contact=hostile, organisation="=1+1")
    write_impact(replace(made, settings=settings), tmp_path / "a.docx", "vi")
    said = "\n".join(one.text for one in docx.Document(str(tmp_path / "a.docx")).paragraphs)
    assert "<b>[U+202E]x</b> {{7*7}} | # [x](y)" in said


def test_the_commands_write_both_and_note_the_days(made, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("HAILONG_DATA", str(made.settings.data))
    monkeypatch.setenv("HAILONG_LANG", "en")
    assert main(["privacy", "inventory", "--out", str(tmp_path / "i.csv"), "--json"]) == 0
    lines = json.loads(capsys.readouterr().out)["result"]["lines"]
    assert lines == len(read_inventory().kept)
    assert main(["privacy", "impact", "--out", str(tmp_path / "new" / "i.md")]) == 0
    assert (tmp_path / "new" / "i.md").is_file()
    assert main(["privacy", "reviewed"]) == 1
    assert main(["privacy", "filed", "--on", "2026-03-01"]) == 0
    assert "next review by 01/09/2026" in capsys.readouterr().out
    assert main(["privacy", "reviewed", "--on", "2026-03-02", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["result"]["review_by"] == "2026-09-02"
