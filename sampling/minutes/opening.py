"""The opening of a commitment: a draw that is not the one committed to is refused."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from intake.findings import DrawError, Faults, Words
from sampling import chance
from sampling.design import SampleDesign
from sampling.frame import Frame
from sampling.minutes.commitment import VIETNAM, Commitment, to_minute
from sampling.minutes.figures import moment


def check_opening(
    made: Commitment,
    frame: Frame,
    design: SampleDesign,
    secret: str,
    public: str,
    *,
    drawn_at: datetime,
) -> None:
    """Refuse a draw that is not the one committed to, with every difference at once.

    Raises
    ------
    DrawError
        Frame, design or secret are others (both hashes are named), the public value is
        missing, or the draw comes before the time from which that value is known.
    """
    faults = Faults()
    now = {
        "H_frame": frame.sha256,
        "H_design": design.sha256,
        "commitment": chance.sha256_text(secret),
    }
    _compare(faults, made, now)
    if not public:
        faults.add(
            "draw-public-missing",
            Words(
                f"Thiếu giá trị công khai: {made.public_source}.",
                f"The public value is missing: {made.public_source}.",
            ),
            Words("Nhập giá trị đã cam kết dùng.", "Give the value that was named."),
            path="public",
        )
    _check_time(faults, made, to_minute(drawn_at))
    faults.raise_as(DrawError)


def check_record(made: Commitment, record: Mapping[str, object], drawn_on: date | None) -> None:
    """Refuse the record of a draw that is not the one committed to.

    Parameters
    ----------
    record
        What ``draw.json`` holds.
    drawn_on
        The day of the draw, where the record names it.

    Raises
    ------
    DrawError
        With every difference, as in `check_opening`.
    """
    faults = Faults("commitment.json")
    _compare(faults, made, record)
    if not record.get("public"):
        faults.add(
            "draw-public-missing",
            Words("Lần chọn mẫu không dùng giá trị công khai.", "The draw has no public value."),
            Words(
                f"Cam kết nêu: {made.public_source}.", f"The commitment names {made.public_source}."
            ),
            path="public",
        )
    if drawn_on is not None:
        latest = datetime(drawn_on.year, drawn_on.month, drawn_on.day, 23, 59, tzinfo=VIETNAM)
        _check_time(faults, made, latest)
    faults.raise_as(DrawError)


_CHANGED = {
    "H_frame": ("draw-commitment-frame", Words("Khung mẫu", "The frame")),
    "H_design": ("draw-commitment-design", Words("Thiết kế", "The design")),
    "commitment": ("draw-commitment-secret", Words("Giá trị bí mật", "The secret")),
}


def _compare(faults: Faults, made: Commitment, now: Mapping[str, object]) -> None:
    promised = made.as_dict()
    for key, (code, what) in _CHANGED.items():
        if promised[key] != now.get(key):
            faults.add(
                code,
                Words(
                    f"{what.vi} khác với cam kết: đã cam kết SHA-256 {promised[key]}, nay là "
                    f"{now.get(key)}.",
                    f"{what.en} is not the one committed to: SHA-256 {promised[key]} was "
                    f"committed to, now it is {now.get(key)}.",
                ),
                Words(
                    "Dùng đúng bản đã cam kết, hoặc công bố cam kết mới trước khi chọn.",
                    "Use what was committed to, or publish a new commitment before drawing.",
                ),
                path=key,
            )


def _check_time(faults: Faults, made: Commitment, drawn_at: datetime) -> None:
    if drawn_at >= made.public_at:
        return
    faults.add(
        "draw-too-early",
        Words(
            f"Giá trị công khai chỉ biết được từ {moment(made.public_at, 'vi')}; lúc chọn mẫu là "
            f"{moment(drawn_at, 'vi')} (giờ Việt Nam).",
            f"The public value is known only from {moment(made.public_at, 'en')}; the draw is at "
            f"{moment(drawn_at, 'en')} (Vietnamese time).",
        ),
        Words(
            "Chờ đến thời điểm đó; nếu đồng hồ của máy sai, hãy chỉnh đồng hồ.",
            "Wait until then; if the clock of the machine is wrong, set it right.",
        ),
        path="public_at",
    )
