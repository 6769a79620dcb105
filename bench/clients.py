"""Many phones in one thread: prebuilt requests over kept connections, answers read to the end.

The client shares the two cores with the server, so it does as little as it can: one loop that
waits for whichever phone can go on.
"""

import selectors
import socket
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

HOST = "127.0.0.1"


@dataclass
class Journey:
    """One respondent: the request for the document, and the form; a reader sends no form."""

    ask: bytes
    send: bytes = b""


@dataclass
class Seen:
    """What the phones saw: seconds of each journey, how long all took, answers that failed.

    ``cpu`` is what the phones themselves took of the processor, in seconds.
    """

    seconds: list[float] = field(default_factory=list)
    wall: float = 0.0
    cpu: float = 0.0
    faults: list[bytes] = field(default_factory=list)

    def percentile(self, share: float) -> float:
        ordered = sorted(self.seconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def journey(code: str, form: Sequence[tuple[str, str]], place: str) -> Journey:
    body = urlencode([*form, ("code", code)]).encode()
    head = f"Host: {HOST}\r\nCookie: hailong_code={code}\r\n"
    ask = f"GET /s/f/{place} HTTP/1.1\r\n{head}Accept-Encoding: gzip, br\r\n\r\n"
    send = (
        f"POST /s/f/{place} HTTP/1.1\r\n{head}Accept: application/json\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\n"
        f"Idempotency-Key: {place}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return Journey(ask.encode(), send.encode() + body)


def look(path: str, host: str = HOST) -> Journey:
    """One reader who asks for a page, compressed where it can be had."""
    return Journey(
        f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept-Encoding: gzip, br\r\n\r\n".encode()
    )


class _Phone:
    """One kept connection and the journey that it is on."""

    def __init__(self, host: str, port: int) -> None:
        self._address = host, port
        self.socket: socket.socket | None = None
        self._got = b""
        self._sent = b""

    def send(self, request: bytes) -> None:
        if self.socket is None:
            self.socket = socket.create_connection(self._address, timeout=30)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._got, self._sent = b"", request
        self.socket.sendall(request)

    def answer(self) -> bytes | None:
        """Read what has come; return the first line of an answer that is whole."""
        try:
            more = self.socket.recv(1 << 18)
        except ConnectionResetError:
            more = b""
        if not more:
            # The server closes a connection now and then; a new one takes over.
            self.socket.close()
            self.socket = None
            return None
        self._got += more
        head, mark, body = self._got.partition(b"\r\n\r\n")
        if not mark:
            return None
        said = head.lower()
        if b"transfer-encoding: chunked" in said:
            whole = body.endswith(b"0\r\n\r\n")
        else:
            length = int(said.partition(b"content-length:")[2].split(b"\r\n")[0] or 0)
            whole = len(body) >= length
        return head.split(b"\r\n", 1)[0] if whole else None

    def hang_up(self) -> None:
        if self.socket is not None:
            self.socket.close()

    def again(self) -> None:
        self.send(self._sent)


def walk(
    port: int,
    journeys: Sequence[Journey],
    hands: int,
    rate: float | None = None,
    hosts: Sequence[str] = (HOST,),
) -> Seen:
    """Let ``hands`` phones walk through the journeys; they take the hosts in turn.

    At a rate, the time of a journey counts from when it was due.
    """
    seen = Seen()
    waiting = iter(enumerate(journeys))
    begun, cpu = time.perf_counter(), time.process_time()
    with selectors.DefaultSelector() as selector:
        free = [_Phone(hosts[number % len(hosts)], port) for number in range(hands)]
        coming = next(waiting, None)
        busy = 0
        while coming is not None or busy:
            while free and coming is not None and _due(begun, coming[0], rate) <= 0:
                phone = free.pop()
                number, one = coming
                start = begun + number / rate if rate else time.perf_counter()
                _go(selector, phone, _steps(phone, one, start, seen))
                busy, coming = busy + 1, next(waiting, None)
            wait = max(0.0, _due(begun, coming[0], rate)) if coming and free else 5.0
            for key, _ in selector.select(wait):
                phone, steps = key.data
                selector.unregister(key.fileobj)
                try:
                    next(steps)
                    selector.register(phone.socket, selectors.EVENT_READ, (phone, steps))
                except StopIteration:
                    free.append(phone)
                    busy -= 1
    seen.wall, seen.cpu = time.perf_counter() - begun, time.process_time() - cpu
    for phone in free:
        phone.hang_up()
    return seen


def _due(begun: float, number: int, rate: float | None) -> float:
    """Return the seconds until a journey is due; none wait where no rate is given."""
    return begun + number / rate - time.perf_counter() if rate else 0.0


def _go(selector: selectors.BaseSelector, phone: _Phone, steps: Iterator[None]) -> None:
    next(steps)
    selector.register(phone.socket, selectors.EVENT_READ, (phone, steps))


def _steps(phone: _Phone, one: Journey, start: float, seen: Seen) -> Iterator[None]:
    """Yield whenever the phone must wait for the server."""
    lines = []
    for request in filter(None, (one.ask, one.send)):
        phone.send(request)
        yield
        while (line := phone.answer()) is None:
            if phone.socket is None:
                phone.again()
            yield
        lines.append(line)
    seen.seconds.append(time.perf_counter() - start)
    if any(b" %d " % good not in line for good, line in zip((200, 201), lines, strict=False)):
        seen.faults.append(b" / ".join(lines))
