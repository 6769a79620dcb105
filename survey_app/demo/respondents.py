"""Simulated respondents at the door: they open links and send forms over HTTP.

They use what a phone uses: the printed link, the cookie it sets, the form of the page, a
plain post. They check what they get: the fields of the page, the receipt, and that a double
tap brings the same receipt.
"""

from __future__ import annotations

import http.client
import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from queue import Empty, SimpleQueue
from urllib.parse import urlencode, urlsplit

_DOUBLE_TAP = 50  # every fiftieth respondent sends the form twice
_RECEIPT = re.compile(r"^/r/([0-9A-Z-]+)")


@dataclass(frozen=True)
class Visit:
    """One respondent: the link that was scanned and the form that will be sent."""

    link: str
    fields: list[tuple[str, str]]


@dataclass
class Outcome:
    """What the respondents saw, counted."""

    receipts: int = 0
    repeats: int = 0
    requests: int = 0
    document_bytes: int = 0
    faults: list[str] = field(default_factory=list)


def answer_all(
    host: str,
    port: int,
    visits: Sequence[Visit],
    *,
    hands: int = 4,
    progress: Callable[[int], None] = lambda _done: None,
) -> Outcome:
    """Let every visit happen, several at a time, and return what was seen."""
    queue: SimpleQueue[tuple[int, Visit]] = SimpleQueue()
    for number, visit in enumerate(visits):
        queue.put((number, visit))
    total, lock = Outcome(), threading.Lock()

    def work() -> None:
        hand = _Hand(host, port)
        while True:
            try:
                number, visit = queue.get_nowait()
            except Empty:
                break
            try:
                hand.answer(visit, twice=number % _DOUBLE_TAP == 0)
            except (OSError, http.client.HTTPException, _UnexpectedAnswerError) as fault:
                hand.outcome.faults.append(f"{type(fault).__name__}: {fault}")
                hand.reconnect()
            with lock:
                progress(number)
        hand.connection.close()
        with lock:
            _add(total, hand.outcome)

    threads = [threading.Thread(target=work) for _ in range(hands)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return total


def _add(total: Outcome, part: Outcome) -> None:
    total.receipts += part.receipts
    total.repeats += part.repeats
    total.requests += part.requests
    total.document_bytes = max(total.document_bytes, part.document_bytes)
    total.faults += part.faults


class _UnexpectedAnswerError(Exception):
    """The server answered something a respondent should not see."""


class _FieldNames(HTMLParser):
    """Collects the names of the fields of a form."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def handle_starttag(self, _tag: str, attrs: list[tuple[str, str | None]]) -> None:
        name = dict(attrs).get("name")
        if name:
            self.names.add(name)


class _Hand:
    """One phone with one connection."""

    def __init__(self, host: str, port: int) -> None:
        self.place = (host, port)
        self.connection = http.client.HTTPConnection(host, port, timeout=30)
        self.outcome = Outcome()
        self._names: dict[str, set[str]] = {}

    def reconnect(self) -> None:
        self.connection.close()
        self.connection = http.client.HTTPConnection(*self.place, timeout=30)

    def answer(self, visit: Visit, *, twice: bool) -> None:
        """Open the link, read the page, send the form, see the receipt."""
        opened, _ = self._request("GET", urlsplit(visit.link).path, expect=303)
        address = urlsplit(opened.getheader("Location", "")).path
        cookie = (opened.getheader("Set-Cookie") or "").partition(";")[0]
        page, body = self._request("GET", address, {"Cookie": cookie, "Accept-Encoding": "gzip"})
        self.outcome.document_bytes = len(body)
        names = self._field_names(page.getheader("ETag") or "", address, cookie)
        unknown = {name for name, _ in visit.fields} - names
        if unknown:
            raise _UnexpectedAnswerError(f"the page has no field {sorted(unknown)[0]}")
        receipt = self._send(address, cookie, visit)
        self.outcome.receipts += 1
        if twice:
            if self._send(address, cookie, visit) != receipt:
                raise _UnexpectedAnswerError("a double tap brought another receipt")
            self.outcome.repeats += 1

    def _send(self, address: str, cookie: str, visit: Visit) -> str:
        sent, _ = self._request(
            "POST",
            address,
            {
                "Cookie": cookie,
                "Content-Type": "application/x-www-form-urlencoded",
                "Sec-Fetch-Site": "same-origin",
            },
            urlencode(visit.fields),
            expect=303,
        )
        found = _RECEIPT.match(sent.getheader("Location", ""))
        if not found:
            raise _UnexpectedAnswerError("a form was not followed by a receipt")
        return found.group(1)

    def _field_names(self, etag: str, address: str, cookie: str) -> set[str]:
        """Read the form of a page once per version; the bytes are the same for everybody."""
        if etag not in self._names:
            _, body = self._request("GET", address, {"Cookie": cookie})
            parser = _FieldNames()
            parser.feed(body.decode())
            self._names[etag] = parser.names
        return self._names[etag]

    def _request(
        self,
        method: str,
        path: str,
        headers: dict[str, str] | None = None,
        body: str | None = None,
        *,
        expect: int = 200,
    ) -> tuple[http.client.HTTPResponse, bytes]:
        self.connection.request(method, path, body=body, headers=headers or {})
        answer = self.connection.getresponse()
        data = answer.read()
        self.outcome.requests += 1
        if answer.status != expect:
            raise _UnexpectedAnswerError(f"{method} answered {answer.status}, not {expect}")
        return answer, data
