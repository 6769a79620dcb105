"""Single looks at an installation: each returns what it found wrong and changes nothing."""

from __future__ import annotations

import shutil
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, text

from intake.findings import Finding, Words
from survey_app.config import Settings
from survey_app.db import reading
from survey_app.services.keys import FEEDBACK_KEY, has_feedback_secret

_LITTLE_SPACE = 1 << 30
_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_VIETNAM = timedelta(hours=7)
_WRITTEN_IN = datetime(2026, 1, 1, tzinfo=UTC)
_APART = timedelta(minutes=1)


def of_address(settings: Settings) -> list[Finding]:
    """Look whether respondents reach the server over https."""
    if settings.secure:
        return []
    return [
        Finding(
            "plain-http",
            Words(
                "Trang chạy bằng http, chỉ nên dùng khi chạy thử trên mạng nội bộ.",
                "Pages are served over plain http, fit only for a trial on a local network.",
            ),
            Words("Khi dùng thật hãy đặt sau máy chủ https.", "Put it behind https."),
            severity="warning",
        ),
    ]


def of_contact(settings: Settings) -> list[Finding]:
    """Look whether printed matter says how to ask or complain."""
    if settings.contact:
        return []
    return [
        Finding(
            "contact-missing",
            Words(
                "Phiếu và thư mời chưa ghi cách liên hệ để hỏi hoặc khiếu nại.",
                "Questionnaires and letters do not say how to ask or complain.",
            ),
            Words(
                "Hãy đặt HAILONG_CONTACT: số điện thoại, địa chỉ.",
                "Set HAILONG_CONTACT: telephone, address.",
            ),
            severity="warning",
        ),
    ]


def of_folder(settings: Settings) -> list[Finding]:
    """Look whether only its owner enters the data folder."""
    if not settings.data.is_dir() or not settings.data.stat().st_mode & _OTHERS:
        return []
    return [
        Finding(
            "data-folder-open",
            Words("Người khác vào được thư mục dữ liệu.", "Others can enter the data folder."),
            Words(f"Hãy chạy: chmod 700 {settings.data}", f"Run: chmod 700 {settings.data}"),
            file=str(settings.data),
        )
    ]


def of_keys(settings: Settings) -> list[Finding]:
    """Look whether the keys are for their owner alone, and feedback can be sealed."""
    found = []
    if settings.data.is_dir() and not has_feedback_secret(settings):
        found.append(
            Finding(
                "feedback-key-missing",
                Words(
                    "Chưa có khóa niêm phong nên trang của quầy chưa nhận góp ý tự nguyện.",
                    "There is no key to seal it with, so counters take no voluntary feedback yet.",
                ),
                Words(
                    "Hãy chạy lại: hailong init. Nếu trước đây đã có khóa, hãy chép lại từ bản "
                    "sao lưu.",
                    "Run again: hailong init. Where there was a key before, copy it back from its "
                    "backup.",
                ),
                severity="warning",
                file=str(settings.keys / FEEDBACK_KEY),
            )
        )
    places = [settings.keys, *sorted(settings.keys.rglob("*"))] if settings.keys.is_dir() else []
    return found + [_open_key(path) for path in places if path.stat().st_mode & _OTHERS]


def _open_key(path: Path) -> Finding:
    mode = 700 if path.is_dir() else 600
    return Finding(
        "key-readable",
        Words("Người khác đọc được khóa.", "Others can read keys."),
        Words(f"Hãy chạy: chmod {mode} {path}", f"Run: chmod {mode} {path}"),
        file=str(path),
    )


def of_disk(settings: Settings) -> list[Finding]:
    """Look whether a round still finds room."""
    if not settings.data.is_dir() or shutil.disk_usage(settings.data).free >= _LITTLE_SPACE:
        return []
    return [
        Finding(
            "disk-nearly-full",
            Words("Ổ đĩa còn dưới 1 GiB.", "Less than 1 GiB of disk is free."),
            Words("Hãy giải phóng dung lượng.", "Free some space."),
        ),
    ]


def of_clock(settings: Settings, now: datetime) -> list[Finding]:
    """Look whether a moment in this machine's zone can be the present; codes expire by its date."""
    kept = settings.data.rglob("*") if settings.data.is_dir() else iter(())
    last = max((path.stat().st_mtime for path in kept if path.is_file()), default=0.0)
    behind = datetime.fromtimestamp(last, UTC) - timedelta(days=1) > now
    if now < _WRITTEN_IN or behind:
        return [
            Finding(
                "clock-wrong",
                Words(
                    f"Đồng hồ máy chỉ {now:%d/%m/%Y %H:%M}, sớm hơn dữ liệu đã ghi.",
                    f"The clock says {now:%d/%m/%Y %H:%M}, before what was already written.",
                ),
                Words(
                    "Hãy chỉnh giờ và bật đồng bộ: timedatectl set-ntp true",
                    "Set it, and let it be synchronised: timedatectl set-ntp true",
                ),
            )
        ]
    if now.utcoffset() == _VIETNAM:
        return []
    return [
        Finding(
            "clock-zone",
            Words(
                f"Múi giờ của máy là {now:%Z} (UTC{now:%z}); mã mở và hết hạn theo ngày của máy.",
                f"The machine's zone is {now:%Z} (UTC{now:%z}); codes open and expire by its date.",
            ),
            Words(
                "Hãy chạy: timedatectl set-timezone Asia/Ho_Chi_Minh",
                "Run: timedatectl set-timezone Asia/Ho_Chi_Minh",
            ),
            severity="warning",
        )
    ]


def of_database_clock(engine: Engine, now: datetime) -> list[Finding]:
    """Look whether a database on a server has the time of this machine."""
    if engine.dialect.name == "sqlite":
        return []
    with reading(engine) as connection:
        there: datetime = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    apart = abs(there - now)
    if apart < _APART:
        return []
    seconds = round(apart.total_seconds())
    return [
        Finding(
            "clock-differs",
            Words(
                f"Đồng hồ của máy chủ cơ sở dữ liệu lệch {seconds} giây.",
                f"The clock of the database server differs by {seconds} seconds.",
            ),
            Words(
                "Hãy bật đồng bộ giờ trên cả hai máy: timedatectl set-ntp true",
                "Let both be synchronised: timedatectl set-ntp true",
            ),
            severity="warning",
        )
    ]
