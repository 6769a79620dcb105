"""Many phones in one process: prebuilt requests over kept connections, answers read to the end.

The client shares the two cores with the server, so it does as little as it can.
"""

import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

HOST = "127.0.0.1"


@dataclass
class Journey:
    """One respondent: the request for the document, and the form."""

    ask: bytes
    send: bytes


@dataclass
class Seen:
    """What the phones saw: seconds of each journey, how long all took, answers that failed."""

    seconds: list[float] = field(default_factory=list)
    wall: float = 0.0
    faults: list[bytes] = field(default_factory=list)

    def percentile(self, share: float) -> float:
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def journey(code: str, form: Sequence[tuple[str, str]], place: str) -> Journey:
    body = urlencode([*form, ("code", code)]).encode()
    head = f"Host: {HOST}\r\nCookie: hailong_code={code}\r\n"
    ask = f"GET /s/f/{place} HTTP/1.1\r\n{head}Accept-Encoding: gzip, br\r\n\r\n"
    send = (
        f"POST /s/f/{place} HTTP/1.1\r\n{head}Content-Type: application/x-www-form-urlencoded\r\n"
        f"Accept: application/json\r\nIdempotency-Key: {place}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return Journey(ask.encode(), send.encode() + body)


class _Line:
    """One kept connection."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._socket: socket.socket | None = None

    def exchange(self, request: bytes) -> bytes:
        """Send a request and return the first line of its answer, read to its end."""
        try:
            return self._exchange(request)
        except OSError:
            # The server closes a connection now and then; a new one takes over.
            self._socket = None
            return self._exchange(request)

    def _exchange(self, request: bytes) -> bytes:
        if self._socket is None:
            self._socket = socket.create_connection((HOST, self._port), timeout=30)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(request)
        got = b""
        while b"\r\n\r\n" not in got:
            more = self._socket.recv(65536)
            if not more:
                raise ConnectionResetError
            got += more
        head, _, body = got.partition(b"\r\n\r\n")
        lower = head.lower()
        length = int(lower.partition(b"content-length:")[2].split(b"\r\n")[0] or 0)
        while len(body) < length:
            body += self._socket.recv(65536)
        if b"connection: close" in lower:
            self._socket.close()
            self._socket = None
        return head.split(b"\r\n", 1)[0]


def walk(port: int, journeys: Sequence[Journey], hands: int, rate: float | None = None) -> Seen:
    """Let ``hands`` phones walk through the journeys.

    At a rate, the time of a journey counts from when it was due.
    """
    seen, lock = Seen(), threading.Lock()
    waiting = iter(enumerate(journeys))
    begun = time.perf_counter()

    def work() -> None:
        line = _Line(port)
        while True:
            with lock:
                number, one = next(waiting, (0, None))
            if one is None:
                return
            due = begun + number / rate if rate else time.perf_counter()
            time.sleep(max(0.0, due - time.perf_counter()))
            first, second = line.exchange(one.ask), line.exchange(one.send)
            took = time.perf_counter() - due
            with lock:
                seen.seconds.append(took)
                if b" 200 " not in first or b" 201 " not in second:
                    seen.faults.append(first + b" / " + second)

    _together(work, hands)
    seen.wall = time.perf_counter() - begun
    return seen


def _together(work: Callable[[], None], hands: int) -> None:
    threads = [threading.Thread(target=work) for _ in range(hands)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
