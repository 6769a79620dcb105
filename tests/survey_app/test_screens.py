"""Channel R: the rotating code of a counter's screen (security.md sections 2 and 3).

Every code is good for its own minute and a little around it, opens nothing by being looked at,
and what comes of it never reaches an estimate.
"""

import json
import re
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit

import numpy as np
import pandas as pd
import pytest
from builders import TODAY, a_counter, a_form, a_round, some_codes, still_limits
from sqlalchemy import func, select

from analysis.respondents import read_respondents
from intake.findings import HailongError
from survey_app import migrations
from survey_app.db import reading
from survey_app.db.fieldwork import CLOSED, invitation, start_count, survey_round
from survey_app.services import screen_switch, screens
from survey_app.services.codes import CodeError, display, read_code, read_screen_code
from survey_app.services.counters import find_counter
from survey_app.services.freezing import freeze_round
from survey_app.services.rounds import close_round, list_rounds
from survey_app.services.shared_counts import SharedCounts
from survey_app.services.start_counts import count_start
from survey_app.web import make_app

SAME = {"Sec-Fetch-Site": "same-origin"}
FORM = "application/x-www-form-urlencoded"
MORNING = datetime(2026, 3, 10, 9, 20, 30).timestamp()  # noqa: DTZ001 - opening hours are local


class Place:
    """One counter with a screen in an open round, its pages, and its clock."""

    def __init__(self, installation) -> None:
        self.installation, self.now = installation, MORNING
        a_counter(installation, "q1")
        a_counter(installation, "q2")
        self.round_id = a_round(installation)
        self.screen = screen_switch.switch_on(installation.engine, "demo", ["Q1"])[0]
        self.counter = find_counter(installation.engine, "q1")
        self.client = make_app(
            installation, still_limits(starts=SharedCounts(lambda: self.now))
        ).test_client()

    @property
    def keys(self):
        return self.installation.keyring()["demo"]

    def code(self, minutes: int = 0) -> str:
        window = screens.window_of(self.now + 60 * minutes)
        return screens.code_of(self.keys, self.screen, window)

    def press(self, code: str, counter: str = "q1", **more):
        sent = {"headers": SAME, "content_type": FORM, "data": ""} | more
        return self.client.post(f"/q/{counter}/{code}", **sent)

    def own_code(self) -> str:
        """Press the button and return the one-time code that the page shows."""
        page = self.press(self.code())
        assert page.status_code == 200
        return read_code(re.search(r'href="/s/([0-9A-Z]{17})', page.text)[1])

    def count(self, table) -> int:
        with reading(self.installation.engine) as connection:
            return connection.scalar(select(func.count()).select_from(table))


@pytest.fixture
def place(installation):
    return Place(installation)


def test_the_code_of_a_screen_is_that_of_counter_round_and_minute(place):
    code = place.code()
    assert read_screen_code(f" {display(code).lower()} ") == code
    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-.", display(code))
    other = screen_switch.switch_on(place.installation.engine, "demo", ["q2"])[0]
    a_round(place.installation, "later")
    later = screen_switch.switch_on(place.installation.engine, "later", ["q1"])[0]
    window = screens.window_of(place.now)
    keyring = place.installation.keyring()
    assert len({
        code, place.code(1), screens.code_of(place.keys, other, window),
        screens.code_of(keyring["later"], later, window),
    }) == 4  # fmt: skip
    slips = [code[:-1] + "Z", code[1] + code[0] + code[2:]]
    for slip in [one for one in slips if one != code]:
        with pytest.raises(CodeError):
            read_screen_code(slip)


def test_looking_at_a_scanned_code_gives_nothing_away(place):
    for _ in range(10):
        page = place.client.get(f"/Q/Q1/{place.code()}")
        assert page.status_code == 200
        assert page.text.count("<button") == 1
    assert place.count(invitation) == 0
    assert place.press(place.code()).status_code == 200


@pytest.mark.parametrize(
    ("minutes", "status"), [(-2, 200), (-1, 200), (0, 200), (1, 200), (-3, 410), (-60, 410),
                            (2, 404), (-1441, 404)]
)  # fmt: skip
def test_a_code_is_taken_around_its_minute_and_old_and_future_ones_are_told_apart(
    place, minutes, status
):
    code = place.code(minutes)
    assert place.client.get(f"/q/q1/{code}").status_code == status
    assert place.press(code).status_code == status
    assert place.count(invitation) == (1 if status == 200 else 0)


def test_six_people_start_with_one_code_and_the_seventh_waits_for_the_next(place):
    code = place.code()
    answers = [place.press(code) for _ in range(8)]
    assert [one.status_code for one in answers] == [200] * 6 + [429] * 2
    assert "màn hình hiện mã mới" in answers[-1].text
    assert len({re.search(r"/s/(\w{17})", one.text)[1] for one in answers[:6]}) == 6
    place.now += 120  # the code is still taken, and still used up
    assert place.press(code).status_code == 429
    assert place.press(place.code()).status_code == 200


def test_sixteen_who_press_at_once_get_six_codes(place):
    code, app = place.code(), place.client.application

    def press(_number):
        return (
            app.test_client()
            .post(f"/q/q1/{code}", headers=SAME, content_type=FORM, data="")
            .status_code
        )

    with ThreadPoolExecutor(16) as crowd:
        answers = sorted(crowd.map(press, range(16)))
    assert answers == [200] * 6 + [429] * 10
    assert place.count(invitation) == 6


def test_a_screens_code_of_another_counter_or_round_is_unknown(place):
    screen_switch.switch_on(place.installation.engine, "demo", ["q2"])
    assert place.press(place.code(), "q2").status_code == 404
    assert place.client.get("/q/nowhere/000000000").status_code == 404
    assert place.count(invitation) == 0


def test_guessing_screen_codes_is_held_back(place):
    wrong = place.code(100)
    assert [place.client.get(f"/q/q1/{wrong}").status_code for _ in range(22)] == (
        [404] * 20 + [429] * 2
    )
    assert place.client.get(f"/q/q1/{place.code()}").status_code == 429


def test_a_start_that_no_page_of_ours_sends_is_refused(place):
    code = place.code()
    assert place.press(code, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert place.press(code, content_type="application/json").status_code == 415
    assert place.count(invitation) == 0


def test_a_code_of_ones_own_can_be_answered_at_home_for_seven_days(place):
    page = place.press(place.code())
    assert "17/03/2026" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    code = re.search(r"/s/(\w{17})", page.text)[1]
    place.installation.today = lambda: TODAY + timedelta(days=7)
    form = place.client.get(f"/s/{code}").headers["Location"].partition("#")[0]
    assert place.client.post(form, data=a_form(), headers=SAME).status_code == 303
    late = place.own_code()
    place.installation.today = lambda: TODAY + timedelta(days=15)
    assert place.client.get(f"/s/{late}").status_code == 410


def test_no_code_outlives_its_round(place):
    place.installation.today = lambda: TODAY + timedelta(days=18)
    assert "30/03/2026" in place.press(place.code()).text  # the round closes then
    place.installation.today = lambda: TODAY + timedelta(days=21)
    assert place.press(place.code()).status_code == 410
    place.installation.today = lambda: TODAY - timedelta(days=6)
    assert place.press(place.code()).status_code == 403
    place.installation.today = lambda: TODAY
    with place.installation.engine.begin() as connection:
        connection.execute(survey_round.update().values(state=CLOSED))
    assert place.press(place.code()).status_code == 410


def test_the_monitor_shows_this_minutes_code_and_asks_again_when_it_changes(place):
    key = screens.monitor_key(place.keys, place.screen)
    page = place.client.get(f"/q/q1/screen/{key}")
    assert page.headers["Refresh"] == str(60 - 30 + 1)
    assert display(place.code()) in page.text
    assert "Không ai ở quầy xem được câu trả lời" in page.text
    assert "<script" not in page.text
    link = screens.link_of("http://127.0.0.1:8000", place.counter, place.code())
    assert link == f"HTTP://127.0.0.1:8000/Q/Q1/{place.code()}"
    place.now += 31
    assert display(place.code()) in place.client.get(f"/q/q1/screen/{key}").text
    place.installation.today = lambda: TODAY + timedelta(days=30)
    closed = place.client.get(f"/q/q1/screen/{key}")
    assert "<svg" not in closed.text
    assert int(closed.headers["Refresh"]) > 60
    assert place.client.get("/q/q1/screen/0000000000000000").status_code == 404
    assert place.client.get(f"/q/q2/screen/{key}").status_code == 404


def test_a_monitor_outlives_wrong_codes_of_its_network_and_faults_of_the_server(place):
    address = f"/q/q1/screen/{screens.monitor_key(place.keys, place.screen)}"
    for _ in range(25):
        place.client.get(f"/q/q1/{place.code(100)}")
    assert place.client.get(address).status_code == 200
    with place.installation.engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE cell RENAME TO lost")
    place.client.application.config["PROPAGATE_EXCEPTIONS"] = False
    fault = place.client.get(address)
    assert (fault.status_code, fault.headers["Refresh"]) == (503, "60")


def test_a_screen_that_was_switched_off_says_so_and_gives_nothing_away(place):
    own, code, old = place.own_code(), place.code(), place.code(-3)
    address = f"/q/q1/screen/{screens.monitor_key(place.keys, place.screen)}"
    assert screen_switch.switch_off(place.installation.engine, "demo", ["Q1"]) == ["q1"]
    monitor = place.client.get(address)
    assert (monitor.status_code, monitor.headers["Refresh"]) == (410, "60")
    assert "đã tắt" in monitor.text
    assert display(code) not in monitor.text
    before = place.count(invitation)
    for page in (place.client.get(f"/q/q1/{code}"), place.press(code)):
        assert page.status_code == 410
        assert "Màn hình ở quầy này đã tắt" in page.text
    assert place.press(old).status_code == 404
    assert place.count(invitation) == before
    # What was given away before is still good, and the screen goes on where it was.
    assert place.client.get(f"/s/{own}").status_code == 303
    screen_switch.switch_on(place.installation.engine, "demo", ["q1"])
    assert place.press(code).status_code == 200
    with pytest.raises(HailongError) as error:
        screen_switch.switch_off(place.installation.engine, "demo", ["q1", "q2"])
    assert error.value.code == "screen-off"
    assert not screen_switch.list_screens(place.installation.engine, "q1")[0].off


def test_a_code_typed_on_the_counters_page_leads_where_it_belongs(place):
    typed = {"code": display(place.code()).lower()}
    assert place.client.post("/q/q1", data=typed).headers["Location"] == f"/q/q1/{place.code()}"
    ticket = some_codes(place.installation, "demo")[0]
    assert place.client.post("/q/q1", data={"code": ticket}).headers["Location"] == f"/s/{ticket}"
    wrong = place.client.post("/q/q1", data={"code": "ABC"})
    assert wrong.status_code == 422
    assert "trên màn hình gồm 9" in wrong.text
    assert place.client.post("/", data=typed).status_code == 422


def test_starts_are_counted_by_quarter_of_an_hour_and_linked_to_nothing(place):
    for minutes in (0, 1, 20):
        place.now = MORNING + 60 * minutes
        place.press(place.code())
    with reading(place.installation.engine) as connection:
        rows = connection.execute(select(start_count).order_by(start_count.c.quarter_hour)).all()
    assert rows == [("q1", date(2026, 3, 10), 37, 2), ("q1", date(2026, 3, 10), 38, 1)]


def test_a_start_that_cannot_be_counted_sends_nobody_away(place):
    with place.installation.engine.begin() as connection:
        start_count.drop(connection)
    count_start(place.installation.engine, "q1", MORNING)
    assert place.press(place.code()).status_code == 200


def test_answers_of_a_screen_wait_in_a_cell_of_their_own_and_reach_no_frozen_sample(
    place, tmp_path, monkeypatch
):
    here = place.installation
    letters = some_codes(here, "demo", {"demo.10507": 6, "demo.10525": 6})
    own = []
    for _ in range(11):
        own.append(place.own_code())
        place.now += 60
    for codes, value in ((letters, "5"), (own, "1")):
        for code in codes:
            sent = a_form(code=code) | {f"cau_9_{number:02}": value for number in range(1, 40)}
            assert place.client.post("/s/f/x", data=sent, headers=SAME).status_code == 303
    status = list_rounds(here.engine, "demo")[0]
    assert (status.issued, status.used) == (12, 12)
    assert (status.open_issued, status.open_used) == (11, 11)
    close_round(here.engine, here.settings, "demo")
    folder = here.settings.rounds / "demo"
    (folder / "sample").mkdir(parents=True)
    (folder / "sample" / "frame.csv").write_text("unit_id\n10507\n10525\n", encoding="utf-8")
    rows, _ = freeze_round(here.engine, here.settings, "demo", folder / "respondents.parquet")
    assert rows == 12
    frozen = read_respondents(folder / "respondents.parquet")
    assert set(frozen.table["recruitment"]) == {"drawn"}
    assert set(frozen.cases["cell"]) == {"demo.10507", "demo.10525"}
    assert frozen.cases["used"].sum() == 12
    beside = pd.read_parquet(folder / "respondents-open.parquet")
    assert len(beside) == 11
    assert set(beside["recruitment"]) == {"open"}
    assert set(beside["mode"]) == {"screen"}
    with pytest.raises(HailongError) as refused:
        read_respondents(folder / "respondents-open.parquet")
    assert refused.value.code == "responses-not-drawn"
    # To the estimate: every letter was a top mark, every screen the worst.
    from survey_app.services.results import make_estimates

    spec = folder / "estimate.yaml"
    spec.write_text(
        "version: 1\nquestionnaire: citizen@2026-1\nweights: unweighted\n"
        "design: {strata: stratum, lonely_psu: fail}\nrules: [top2]\n"
        "aggregation: {factor: mean, block: items, overall: items}\n"
        "domains: [[]]\nshares: false\n",
        encoding="utf-8",
    )
    made = make_estimates(spec, folder / "respondents.parquet", folder / "estimates.parquet")
    assert set(np.round(made["value"], 9)) == {100.0}
    assert made["n"].max() == 12
    assert freeze_round(here.engine, here.settings, "demo", folder / "respondents.parquet")[0] == 12
    assert list_rounds(here.engine, "demo")[0].open_responses == 11


def test_no_file_knows_the_codes_the_minute_or_the_sender(place):
    if place.installation.engine.dialect.name != "sqlite":
        pytest.skip("the files of PostgreSQL belong to its server")
    scanned, marks = place.code(), {"REMOTE_ADDR": "203.0.113.77"}
    page = place.press(scanned, environ_overrides=marks)
    own = re.search(r"/s/(\w{17})", page.text)[1]
    assert "Set-Cookie" not in page.headers
    data = a_form(code=own)
    sent = place.client.post("/s/f/x", data=data, headers=SAME, environ_overrides=marks)
    assert sent.status_code == 303
    folder = place.installation.settings.data
    kept = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    for trace in (scanned, display(scanned), own, display(own), "203.0.113.77", "09:20"):
        assert trace.encode() not in kept


def test_letters_are_never_printed_for_a_screens_cell(place):
    from survey_app.services.drawn_cells import cases_per_cell

    assert set(cases_per_cell(place.installation.engine, "demo")) == {"demo.10507", "demo.10525"}
    with pytest.raises(HailongError) as refused:
        some_codes(place.installation, "demo", {place.screen.cell_id: 1})
    assert refused.value.code == "cell-unknown"


def test_the_tables_before_cannot_hold_a_screens_answers(place):
    with pytest.raises(HailongError) as refused:
        migrations.downgrade(place.installation.engine, "0001")
    assert refused.value.code == "database-holds-open-cells"
    assert migrations.current(place.installation.engine) == migrations.head()


def test_a_screen_is_switched_on_and_read_from_the_command_line(tmp_path, monkeypatch, capsys):
    from builders import an_installation

    from survey_app.cli import main

    here = an_installation(tmp_path / "data")
    a_counter(here, "q1")
    a_round(here)
    monkeypatch.setenv("HAILONG_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("HAILONG_LANG", "en")
    for name in ("HAILONG_BASE_URL", "DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments):
        try:
            code = main([*arguments, "--json"])
        except SystemExit as left:
            code = left.code
        return code, json.loads(capsys.readouterr().out or "{}")

    def fault(*arguments):
        code, said = run(*arguments)
        assert code == 1
        return said["findings"][0]["code"]

    assert fault("codes", "screen", "q1") == "screen-off"
    assert fault("codes", "screen", "q9") == "counter-unknown"
    assert fault("round", "screens", "demo", "q1", "q9") == "counter-unknown"
    assert run("round", "screens", "demo")[0] == 2
    code, said = run("round", "screens", "demo", "--all")
    assert code == 0
    monitor = said["result"]["screens"]["q1"]
    assert run("round", "screens", "demo", "Q1") == (code, said)
    shown = run("codes", "screen", "Q1", "--at", "2026-03-10T09:20")[1]["result"]
    screen = screen_switch.list_screens(here.engine, "q1")[0]
    expected = screens.code_of(here.keyring()["demo"], screen, screens.window_of(MORNING))
    assert shown["code"] == display(expected)
    assert shown["monitor"] == monitor
    assert urlsplit(shown["link"]).path == f"/Q/Q1/{expected}"
    assert main(["round", "status", "demo"]) == 0
    assert "screens" not in capsys.readouterr().out
    now = datetime.combine(TODAY, datetime.min.time()).timestamp()
    code = screens.code_of(here.keyring()["demo"], screen, screens.window_of(now))
    counter = find_counter(here.engine, "q1")
    screens.exchange(here.engine, here.keyring(), SharedCounts(lambda: now), counter, code,
                     at=now, on=TODAY)  # fmt: skip
    assert main(["round", "status", "demo"]) == 0
    assert "by screens: issued 1, used 0, mixed 0" in capsys.readouterr().out
    assert run("round", "screens", "demo", "--all", "--off")[1]["result"]["off"] == ["q1"]
    assert fault("codes", "screen", "q1") == "screen-off"
    assert fault("round", "screens", "demo", "q9", "--off") == "screen-off"
    run("round", "screens", "demo", "q1")
    a_round(here, "later", state="planned")
    run("round", "screens", "later", "q1")
    assert fault("codes", "screen", "q1") == "screen-several"
    named = run("codes", "screen", "q1", "--round", "later")[1]["result"]
    assert named["round"] == "later"
    assert named["code"] != run("codes", "screen", "q1", "--round", "demo")[1]["result"]["code"]
    here.engine.dispose()


def test_an_exchange_costs_little(place):
    begun = time.process_time()
    for _ in range(5):
        place.press(place.code(-40))  # the dearest: a whole day of codes is looked through
    assert (time.process_time() - begun) / 5 < 0.05
