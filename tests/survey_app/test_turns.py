"""Requests of a worker come one after another, unless the one before waits for something."""

import threading
import time
from io import BytesIO

from survey_app.web.turns import PATIENCE, Turns


class Slow:
    """A phone whose body comes when it is let go."""

    def __init__(self, body: bytes) -> None:
        self.body, self.go = body, threading.Event()

    def read(self, size: int) -> bytes:
        self.go.wait(10)
        return self.body[:size]


def call(app: Turns, body: object = None, length: str = "") -> threading.Thread:
    environ = {"wsgi.input": body or BytesIO(), "CONTENT_LENGTH": length}
    thread = threading.Thread(target=lambda: app(environ, None))
    thread.start()
    return thread


def test_no_more_requests_compute_at_the_same_time_than_may():
    inside, most = [], []

    def compute(_environ, _start):
        inside.append(1)
        most.append(len(inside))
        time.sleep(PATIENCE / 50)
        inside.pop()
        return []

    for at_once in (1, 2):
        app = Turns(compute, 100, at_once=at_once)
        threads = [call(app) for _ in range(6)]
        for thread in threads:
            thread.join()
        assert max(most) == at_once


def test_a_request_that_waits_for_the_disk_holds_up_nobody_for_long():
    disk, done = threading.Event(), []

    def wait(environ, _start):
        if environ["CONTENT_LENGTH"] == "1":
            disk.wait(10)
        done.append(environ["CONTENT_LENGTH"])
        return []

    app = Turns(wait, 100)
    first = call(app, BytesIO(b"x"), "1")
    call(app, BytesIO(b"xx"), "2").join(5)
    assert done == ["2"]
    disk.set()
    first.join()
    call(app, BytesIO(b"xxx"), "3").join(5)
    assert done == ["2", "1", "3"]


def test_a_body_is_read_whole_before_the_turn_and_one_too_long_is_left_alone():
    seen = []

    def read(environ, _start):
        seen.append(environ["wsgi.input"])
        return []

    app = Turns(read, 3)
    phone = Slow(b"abc")
    slow = call(app, phone, "3")
    long = BytesIO(b"abcd")
    call(app, long, "4").join(5)
    assert seen == [long]
    assert long.tell() == 0
    phone.go.set()
    slow.join(5)
    assert seen[1].read() == b"abc"
