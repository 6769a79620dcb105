"""What people must do by a day, because no program may: keys, requests, the assessment file.

`hailong doctor` shows these, and the daily job counts them in its report.
"""

from __future__ import annotations

import csv
import unicodedata
from datetime import date, timedelta

from sqlalchemy import Row, select

from intake.findings import Finding, HailongError, Words
from survey_app.db import reading
from survey_app.db.fieldwork import CLOSED, FROZEN, survey_round
from survey_app.services.installation import Installation
from survey_app.services.mixing import count_waiting
from survey_app.services.notices import find_changed
from survey_app.services.privacy import subject_requests
from survey_app.services.privacy.impact_dates import read_dates
from survey_app.services.privacy.retention_job import last_run
from survey_app.services.privacy.working_days import read_working_days
from survey_app.services.retention import KEPT_AFTER_CLOSE
from survey_app.services.rounds import SAMPLE_FOLDER

MOST_DAYS_BETWEEN_RUNS = 2
REVIEW_NOTICE = timedelta(days=30)
CONTACT_NOTICE = timedelta(days=14)
"""So long the office is told to delete its contact list; whether it did is not known here."""

# Words for persons that a column of a frame may be called by; an office's address is none.
_OF_PERSONS = {
    "ho_ten", "ho_va_ten", "hoten", "full_name", "fullname", "person_name", "phone", "telephone",
    "mobile", "dien_thoai", "so_dien_thoai", "sdt", "email", "e_mail", "cccd", "cmnd", "so_cccd",
    "so_giay_to", "ngay_sinh", "date_of_birth", "birthday",
}  # fmt: skip


def find_reminders(installation: Installation) -> list[Finding]:
    """Return all that is due today, as warnings."""
    with reading(installation.engine) as connection:
        query = select(survey_round).order_by(survey_round.c.round_id)
        rounds = list(connection.execute(query))
    return [
        *of_missed_runs(installation, some=bool(rounds)),
        *of_rounds(installation, rounds),
        *of_requests(installation),
        *of_impact(installation),
        *find_changed(installation.engine, installation.settings),
    ]


def of_missed_runs(installation: Installation, *, some: bool) -> list[Finding]:
    """Tell whether the job of each day has not run although there are rounds."""
    last = last_run(installation) if some else installation.today()
    if last and installation.today() - last <= timedelta(days=MOST_DAYS_BETWEEN_RUNS):
        return []
    return [
        _warning(
            "retention-not-run",
            Words(
                f"Việc xóa dữ liệu hết hạn chạy lần cuối ngày {last:%d/%m/%Y}."
                if last
                else "Việc xóa dữ liệu hết hạn chưa chạy lần nào.",
                f"Data past their time were last deleted on {last}."
                if last
                else "Data past their time have never been deleted.",
            ),
            Words(
                "Hãy bật hailong-retention.timer, hoặc chạy: hailong retention run",
                "Switch hailong-retention.timer on, or run: hailong retention run",
            ),
        )
    ]


def of_rounds(installation: Installation, rounds: list[Row[tuple[object, ...]]]) -> list[Finding]:
    """Tell which keys are to be destroyed, which draws name people, and whether answers wait."""
    found = []
    for row in rounds:
        last = row.closes + KEPT_AFTER_CLOSE
        held = (installation.settings.keys / row.round_id).is_dir()
        over = row.state in (CLOSED, FROZEN) and last <= installation.today()
        if over and held:
            found.append(_keys_due(row.round_id, row.state, last))
        if over and not row.simulated and installation.today() < last + CONTACT_NOTICE:
            found.append(_contacts_due(row.round_id, last))
        if _names_people(installation, row.round_id):
            found.append(_people_named(row.round_id))
    waiting = rounds and all(row.state in (CLOSED, FROZEN) for row in rounds)
    if waiting and count_waiting(installation.engine):
        found.append(
            _warning(
                "inbox-waits",
                Words(
                    "Mọi đợt đã đóng nhưng vẫn còn phiếu niêm phong chưa trộn.",
                    "Every round is closed, and sealed answers still wait to be mixed.",
                ),
                Words(
                    "Hãy chạy: hailong round mix ĐỢT --all", "Run: hailong round mix ROUND --all"
                ),
            )
        )
    return found


def of_requests(installation: Installation) -> list[Finding]:
    """Tell which requests of persons are late or nearly so; or that no calendar can be read."""
    day = installation.today()
    try:
        calendar = read_working_days(installation.settings)
    except HailongError as error:
        return list(error.findings)
    still = subject_requests.list_requests(installation.engine, calendar, closed=False)
    return [
        _request_due(one.number, one.next_day, late=day > one.next_day)
        for one in still
        if one.next_day and one.state(day) != subject_requests.IN_TIME
    ]


def of_impact(installation: Installation) -> list[Finding]:
    """Tell whether the impact-assessment file is to be filed, or soon to be reviewed."""
    dates, day = read_dates(installation.engine), installation.today()
    if dates.file_by:
        return [
            _warning(
                "impact-due",
                Words(
                    f"Hồ sơ đánh giá tác động phải nộp trước {dates.file_by:%d/%m/%Y}.",
                    f"The impact-assessment file is to be filed by {dates.file_by}.",
                ),
                Words(
                    "Tạo: hailong privacy impact; nộp xong thì ghi: hailong privacy filed",
                    "Make it: hailong privacy impact; once filed, note it: hailong privacy filed",
                ),
            )
        ]
    if dates.start and dates.review_by and day >= dates.review_by - REVIEW_NOTICE:
        return [
            _warning(
                "impact-review-due",
                Words(
                    f"Hồ sơ đánh giá tác động phải rà soát trước {dates.review_by:%d/%m/%Y}.",
                    f"The impact-assessment file is to be reviewed by {dates.review_by}.",
                ),
                Words(
                    "Rà soát xong thì ghi: hailong privacy reviewed",
                    "Once reviewed, note it: hailong privacy reviewed",
                ),
            )
        ]
    return []


def _request_due(number: str, day: date, *, late: bool) -> Finding:
    return _warning(
        "request-late" if late else "request-due",
        Words(
            f"Yêu cầu {number} {'quá hạn từ' if late else 'đến hạn'} {day:%d/%m/%Y}.",
            f"Request {number} {'was due on' if late else 'is due on'} {day}.",
        ),
        Words(
            "Hãy trả lời người yêu cầu, rồi ghi: hailong requests answer",
            "Answer the person, then note it: hailong requests answer",
        ),
    )


def _keys_due(round_id: str, state: str, last: date) -> Finding:
    freeze = "" if state == FROZEN else f"hailong round freeze {round_id}; "
    return _warning(
        "keys-due",
        Words(
            f"Khóa của đợt {round_id} phải hủy từ {last:%d/%m/%Y}.",
            f"The keys of {round_id} are to be destroyed since {last}.",
        ),
        Words(
            f"Hai người chạy: {freeze}hailong round destroy-keys {round_id}",
            f"Two people run: {freeze}hailong round destroy-keys {round_id}",
        ),
    )


def _contacts_due(round_id: str, last: date) -> Finding:
    return _warning(
        "contacts-due",
        Words(
            f"Danh sách liên hệ của đợt {round_id} phải xóa từ {last:%d/%m/%Y}.",
            f"The contact list of {round_id} is to be deleted since {last}.",
        ),
        Words(
            "Danh sách không nằm trong hệ thống: ai giữ thì xóa, và ghi lại ngày xóa.",
            "It does not lie here: whoever holds it deletes it and notes the day.",
        ),
    )


def _people_named(round_id: str) -> Finding:
    return _warning(
        "sample-names-people",
        Words(
            f"Tệp mẫu của đợt {round_id} có cột giống dữ liệu liên hệ của người.",
            f"The draw of {round_id} has a column that looks like contact data of persons.",
        ),
        Words(
            "Danh sách liên hệ không thuộc khung mẫu, vì khung được công bố. Hãy chọn mẫu lại từ "
            "khung không có cột đó.",
            "A list of contacts does not belong into a frame, which is published. Draw anew from a "
            "frame without it.",
        ),
    )


def _names_people(installation: Installation, round_id: str) -> bool:
    folder = installation.settings.rounds / round_id / SAMPLE_FOLDER
    for path in folder.glob("*.csv"):
        with path.open(encoding="utf-8-sig", newline="") as file:
            header = next(csv.reader(file), [])
        if _OF_PERSONS & {_plain(name) for name in header}:
            return True
    return False


def _plain(name: str) -> str:
    """Return the name of a column without marks, in small letters, its words joined."""
    letters = unicodedata.normalize("NFD", name.casefold().replace("đ", "d"))
    bare = (one for one in letters if not unicodedata.combining(one))
    return "_".join("".join(one if one.isalnum() else " " for one in bare).split())


def _warning(code: str, message: Words, advice: Words) -> Finding:
    return Finding(code, message, advice, severity="warning")
