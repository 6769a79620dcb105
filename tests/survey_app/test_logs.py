"""What the server logs can be read by programs, and leads to nobody."""

import json
import logging
import sys
from urllib.parse import urlencode, urlsplit

import pytest
from builders import a_form, a_round, an_installation, some_codes
from served import AGENT, CLIENT, Served

from survey_app.services.installation import local_day
from survey_app.web.logs import JsonLines, masked_path

SECRET = "quay-bi-mat"


def test_after_journeys_neither_files_nor_log_know_address_agent_or_code(tmp_path):
    made = an_installation(tmp_path / "data")
    made.today = local_day
    a_round(made, opens=local_day(), closes=local_day())
    code, other = some_codes(made, "demo", {"demo.10507": 2})
    served = Served(tmp_path / "data", tmp_path / "server.log")
    try:
        place = urlsplit(served.ask("GET", f"/s/{code}")[1]["Location"]).path
        form = urlencode(a_form(code=code, cau_9_40="chuyện riêng"))
        kind = {"Content-Type": "application/x-www-form-urlencoded", "Origin": "http://none"}
        assert served.ask("POST", place, form, **kind)[0] == 403
        kind.pop("Origin")
        status, headers = served.ask("POST", place, form, **kind)
        assert status == 303
        receipt = headers["Location"].split("/")[-1]
        assert served.ask("GET", f"/r/{receipt}")[0] == 200
        assert served.ask("GET", "/s/1111-1111-1111-1111-1")[0] == 404
        # What cannot be read is quoted by the server's own messages.
        for raw in (f"GET /s/{other}", f"GET /s/{other} HTTP/9.9\r\n\r\n",
                    f"GET /s/{other} HTTP/1.1\r\nUser-Agent {AGENT}\r\n\r\n",
                    f"GET /s/{other} HTTP/1.1\r\nContent-Length: {AGENT}\r\n\r\n"):  # fmt: skip
            served.say(f"{raw}\r\n\r\n".encode())
        with made.engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE invitation RENAME TO away")
            connection.exec_driver_sql("ALTER TABLE service_point RENAME TO gone")
        assert served.ask("GET", f"/s/{other}")[0] == 503
        assert served.ask("GET", f"/q/{SECRET}")[0] == 503
    finally:
        served.stop()
        made.engine.dispose()
    log = served.log.read_text()
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    events = [line["event"] for line in lines]
    assert events.count("Invalid request from ip=…") >= 3
    told = [(line["path"], line.get("error")) for line in lines if "path" in line]
    assert told == [("/s/…", None), ("/q/…", "OperationalError")]
    kept = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    traces = (CLIENT, AGENT, SECRET, code, other, receipt, place, "chuyện riêng")
    for trace in traces:
        for written in (trace.encode(), json.dumps(trace)[1:-1].encode()):
            assert [path for path, held in kept.items() if written in held] == []
    print(f"{len(traces)} traces in {len(kept)} files, {len(lines)} lines of log: 0 hits")


def line_of(message, *arguments, name="survey_app", **more):
    record = logging.LogRecord(name, logging.WARNING, "x.py", 1, message, arguments, None, **more)
    return JsonLines().format(record)


@pytest.mark.parametrize(
    ("message", "arguments", "event"),
    [
        ("Error handling request %s", ("/s/SECRET",), "Error handling request …"),
        ("Worker (pid:%s) exited with code %s.", (7, 1), "Worker (pid:7) exited with code 1."),
        ("Refused a\r\nSET level: SECRET", (), "Refused a\r\nSET level"),
        ("Exception on /s/SECRET [GET]", (), "Exception on … [GET]"),
        ("From 203.0.113.7 and 2001:db8::7 came", (), "From … and … came"),
        ("Too few %s %s", ("SECRET",), "Too few %s %s"),
        (ValueError("SECRET"), (), "ValueError"),
    ],
)
def test_a_line_holds_numbers_and_no_other_value(message, arguments, event):
    line = line_of(message, *arguments)
    assert json.loads(line)["event"] == event
    assert "\n" not in line
    assert "\r" not in line
    assert "SECRET" not in line


def test_an_error_is_told_by_its_kind_and_places_alone():
    try:
        int("SECRET")
    except ValueError:
        told = logging.LogRecord("a", 40, "x.py", 1, "Fault", (), sys.exc_info())
    line = json.loads(JsonLines().format(told))
    assert line["error"] == "ValueError"
    assert line["at"][0].rpartition(":")[0].endswith("test_logs.py")
    assert "SECRET" not in json.dumps(line)


@pytest.mark.parametrize("path", ["/s/SECRET", "/S/SECRET", "/SECRET", "/s/f/SECRET", "//SECRET"])
def test_a_path_is_told_by_its_first_part(path):
    assert "SECRET" not in masked_path(path)
