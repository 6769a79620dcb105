"""What workers count together: whoever dies or stands still inside holds up nobody."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from threading import Thread

import pytest

from survey_app.services.shared_counts import SharedCounts
from survey_app.services.shared_lock import PATIENCE
from survey_app.services.tallies import Tallies

FORK = get_context("fork")
SERIES = ("forms", "accepted", "")


def stand_inside(lock, inside) -> None:
    with lock.held() as mine:
        inside.value = mine
        time.sleep(60)


@contextmanager
def a_worker_inside(lock) -> Iterator[int]:
    """A process that holds a lock and does not give it back; its id."""
    inside = FORK.Value("b", 0)
    worker = FORK.Process(target=stand_inside, args=(lock, inside))
    worker.start()
    until = time.monotonic() + 20
    while not inside.value:
        assert time.monotonic() < until
        time.sleep(0.001)
    try:
        yield worker.pid
    finally:
        worker.kill()
        worker.join()


def counts() -> tuple[object, Callable[[], object], Callable[[], int]]:
    made = SharedCounts(lambda: 0.0)
    return made, lambda: made.add(b"somebody", 60), lambda: made.count(b"somebody")


def tallies() -> tuple[object, Callable[[], object], Callable[[], int]]:
    made = Tallies()
    return made, lambda: made.add([SERIES]), lambda: made.read()[SERIES]


@pytest.mark.parametrize("kind", [counts, tallies])
def test_a_worker_killed_inside_gives_its_place_back(kind):
    made, add, read = kind()
    with a_worker_inside(made._lock) as pid:
        os.kill(pid, signal.SIGKILL)
        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        with made._lock.held() as mine:
            assert mine
        add()
        assert read() == 1


@pytest.mark.parametrize("kind", [counts, tallies])
def test_a_worker_that_stands_still_inside_is_waited_for_once_and_shortly(kind):
    made, add, read = kind()
    with a_worker_inside(made._lock):
        seconds = []
        for _ in range(20):
            begun = time.monotonic()
            add()
            seconds.append(time.monotonic() - begun)
        assert read() == 20
        assert seconds[0] >= PATIENCE
        assert sorted(seconds)[10] < PATIENCE
    with made._lock.held() as mine:
        assert mine


def test_a_killed_worker_leaves_counting_exact_for_those_after_it():
    made, add, read = counts()
    with a_worker_inside(made._lock):
        pass

    def many() -> None:
        for _ in range(200):
            add()

    workers = [FORK.Process(target=many) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert read() == 600


def test_threads_of_one_worker_count_exactly():
    _, add, read = counts()

    def many() -> None:
        for _ in range(200):
            add()

    threads = [Thread(target=many) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert read() == 1600
