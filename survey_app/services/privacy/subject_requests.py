"""What persons ask for about their own data, and by when they must be answered.

Only the number, the kind and the days stand here. Who asked, in which words and how to reach them
stays in the office's own file under the same number: a register of names would be new personal
data, and the clocks do not need it. Days are those of security.md, section 10; which articles say
so has not been verified.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection, Engine, Row, func, insert, select, update

from intake.findings import InstallationError, Words
from survey_app.db import reading, writing
from survey_app.db.subject_requests import subject_request
from survey_app.services.privacy.working_days import WorkingDays
from survey_app.services.trail.audit import lock, record

ANSWER_WORKING_DAYS = 2
FINISH_DAYS, FINISH_DAYS_THIRD_PARTIES, EXTENSION_DAYS = 15, 20, 15
WARN_DAYS = 3
"""A request is due when its next day is so near."""

KINDS: Mapping[str, Words] = {
    "question": Words("hỏi", "question"),
    "complaint": Words("khiếu nại", "complaint"),
    "access": Words("xem dữ liệu", "access"),
    "correction": Words("sửa dữ liệu", "correction"),
    "deletion": Words("xóa dữ liệu", "deletion"),
    "withdrawal": Words("rút lại đồng ý", "withdrawal of consent"),
    "restriction": Words("hạn chế xử lý", "restriction"),
    "objection": Words("phản đối", "objection"),
}
WITH_A_LAST_DAY = ("withdrawal", "restriction", "objection")
"""Kinds that must be carried out by a day. Of the others only the day of the answer is known."""

CONTACT, STAFF_ACCOUNT, RESPONSE = "contact", "account", "response"
ABOUT: Mapping[str, Words] = {
    CONTACT: Words("dữ liệu liên hệ của mẫu", "contact data of a sample"),
    STAFF_ACCOUNT: Words("tài khoản cán bộ", "account of staff"),
    RESPONSE: Words("phiếu đã trả lời", "a response"),
}
ACCEPTED, DONE, DECLINED, NOT_FOUND = "accepted", "done", "refused", "not-found"
OUTCOMES: Mapping[str, Words] = {
    ACCEPTED: Words("tiếp nhận, đang làm", "accepted, in hand"),
    DONE: Words("đã làm xong", "done"),
    DECLINED: Words("từ chối, có nêu lý do", "refused, with the reason"),
    NOT_FOUND: Words("không thể tìm được phiếu", "a response cannot be found"),
}
CANNOT_BE_FOUND = Words(
    "Phiếu không ghi tên và được lưu tách khỏi mã mời, nên không ai, kể cả cơ quan tổ chức khảo "
    "sát, tìm được phiếu của một người để xem, sửa hay xóa. Phiếu đang viết dở thì chính người "
    "viết xóa được ở cuối trang; dữ liệu liên hệ dùng để gửi thư mời vẫn xóa được theo yêu cầu.",
    "A response has no name and is kept apart from its code, so nobody, the body that asks "
    "included, can find the response of a person to show, change or delete it. An unfinished form "
    "can be erased by whoever writes it, at the foot of the page; contact data used for "
    "invitations can still be deleted on request.",
)
"""The plain answer to whoever asks for a response."""

LATE, DUE, IN_TIME, CLOSED = "late", "due", "open", "closed"


@dataclass(frozen=True)
class SubjectRequest:
    """A request with its two days: of the answer, and the last one to carry it out (or None)."""

    number: str
    kind: str
    about: str
    received: date
    third_parties: bool
    extended: bool
    answered: date | None
    closed: date | None
    outcome: str | None
    answer_by: date
    finish_by: date | None

    @property
    def next_day(self) -> date | None:
        """The day that is next to be kept, if any."""
        if self.closed:
            return None
        return self.finish_by if self.answered else self.answer_by

    def state(self, on: date) -> str:
        """Return ``closed``, ``late``, ``due`` within `WARN_DAYS`, or ``open``."""
        if self.closed:
            return CLOSED
        if self.next_day is None or on + timedelta(days=WARN_DAYS) < self.next_day:
            return IN_TIME
        return LATE if on > self.next_day else DUE


def add_request(
    engine: Engine,
    calendar: WorkingDays,
    kind: str,
    about: str,
    *,
    received: date,
    on: date,
    third_parties: bool = False,
) -> SubjectRequest:
    """Enter a request and return it with its number and days.

    Raises
    ------
    InstallationError
        ``request-day``: it was received after today.
    """
    if received > on:
        raise _day_fault()
    with writing(engine) as connection:
        lock(connection)  # two at once do not get one number
        of_year = subject_request.c.number.startswith(f"{received.year}-")
        last = connection.scalar(select(func.max(subject_request.c.number)).where(of_year))
        number = f"{received.year}-{int(last.split('-')[1]) + 1 if last else 1:05}"
        row = {"number": number, "kind": kind, "about": about, "received": received}
        row |= {"third_parties": third_parties, "extended": False}
        connection.execute(insert(subject_request), row)
        kept = {"kind": kind, "about": about, "received": received, "third": third_parties}
        record(connection, "request-added", number, kept, on=on)
        return _read(_find(connection, number), calendar)


def answer_request(
    engine: Engine, calendar: WorkingDays, number: str, outcome: str, *, day: date, on: date
) -> SubjectRequest:
    """Note that a person was answered on a day; every outcome but ``accepted`` closes it.

    Raises
    ------
    InstallationError
        ``request-unknown``, ``request-closed``, ``request-day``; ``request-outcome``: a response
        can only be not found, all else only be found.
    """
    with writing(engine) as connection:
        found = _open(connection, number)
        if not found.received <= day <= on:
            raise _day_fault()
        if (found.about == RESPONSE) != (outcome == NOT_FOUND):
            raise InstallationError.of(
                "request-outcome",
                "Kết quả này không hợp với loại dữ liệu của yêu cầu.",
                "This outcome does not fit what the request is about.",
                "Về phiếu đã trả lời chỉ có not-found; về dữ liệu khác thì không dùng not-found.",
                "About a response it is not-found; about anything else it never is.",
            )
        values = {"answered": found.answered or day, "outcome": outcome}
        values["closed"] = None if outcome == ACCEPTED else day
        _change(connection, number, values)
        record(connection, "request-answered", number, {"outcome": outcome, "day": day}, on=on)
        return _read(_find(connection, number), calendar)


def extend_request(
    engine: Engine, calendar: WorkingDays, number: str, *, on: date
) -> SubjectRequest:
    """Put off the last day of a request, once.

    Raises
    ------
    InstallationError
        ``request-unknown``, ``request-closed``; ``request-not-extendable``: it was extended
        before, has no last day, or that day is over.
    """
    with writing(engine) as connection:
        found = _read(_open(connection, number), calendar)
        if found.extended or found.finish_by is None or on > found.finish_by:
            raise InstallationError.of(
                "request-not-extendable",
                f"Yêu cầu {number} không gia hạn được: đã gia hạn, không có hạn, hoặc đã quá hạn.",
                f"Request {number} cannot be extended: it was before, has no last day, or is late.",
                "Hãy trả lời người yêu cầu và ghi lại: hailong requests answer.",
                "Answer the person and note it: hailong requests answer.",
            )
        _change(connection, number, {"extended": True})
        after = _read(_find(connection, number), calendar)
        record(connection, "request-extended", number, {"finish_by": after.finish_by}, on=on)
        return after


def list_requests(
    engine: Engine, calendar: WorkingDays, *, closed: bool = True
) -> list[SubjectRequest]:
    """Return all requests by number, or those alone that are not closed."""
    query = select(subject_request).order_by(subject_request.c.number)
    if not closed:
        query = query.where(subject_request.c.closed.is_(None))
    with reading(engine) as connection:
        return [_read(row, calendar) for row in connection.execute(query)]


def _read(row: Row[Any], calendar: WorkingDays) -> SubjectRequest:
    days = FINISH_DAYS_THIRD_PARTIES if row.third_parties else FINISH_DAYS
    days += EXTENSION_DAYS if row.extended else 0
    return SubjectRequest(
        **row._mapping,
        answer_by=calendar.after(row.received, ANSWER_WORKING_DAYS),
        finish_by=row.received + timedelta(days=days) if row.kind in WITH_A_LAST_DAY else None,
    )


def _find(connection: Connection, number: str) -> Row[Any]:
    own = subject_request.c.number == number
    found = connection.execute(select(subject_request).where(own)).one_or_none()
    if found is None:
        raise InstallationError.of(
            "request-unknown",
            f"Không có yêu cầu {number}.",
            f"There is no request {number}.",
            "Xem: hailong requests list",
            "See: hailong requests list",
        )
    return found


def _open(connection: Connection, number: str) -> Row[Any]:
    found = _find(connection, number)
    if found.closed:
        raise InstallationError.of(
            "request-closed",
            f"Yêu cầu {number} đã khép ngày {found.closed:%d/%m/%Y}.",
            f"Request {number} was closed on {found.closed}.",
            "Nếu người đó hỏi tiếp, hãy ghi một yêu cầu mới.",
            "Where the person asks again, enter a new request.",
        )
    return found


def _change(connection: Connection, number: str, values: Mapping[str, object]) -> None:
    own = subject_request.c.number == number
    connection.execute(update(subject_request).where(own).values(**values))


def _day_fault() -> InstallationError:
    return InstallationError.of(
        "request-day",
        "Ngày này không thể đúng: sau hôm nay, hoặc trước ngày nhận.",
        "This day cannot be right: after today, or before the request came.",
        "Hãy sửa ngày.",
        "Mend the day.",
    )
