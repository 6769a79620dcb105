"""What is wrong with an installation, and what to do about it."""

from __future__ import annotations

import os
import shutil
import stat
from dataclasses import dataclass

from intake.findings import Finding, HailongError, Words
from survey_app.config import Settings
from survey_app.services.installation import open_installation
from survey_app.services.keys import FEEDBACK_KEY, has_feedback_secret

_LITTLE_SPACE = 1 << 30


@dataclass(frozen=True)
class Examined:
    """The settings with their sources, and every fault that was found."""

    settings: tuple[tuple[str, str, str], ...]
    findings: tuple[Finding, ...]


def examine(settings: Settings) -> Examined:
    """Look at settings, folder, database and keys; nothing is changed."""
    values = {
        "HAILONG_BASE_URL": settings.base_url,
        "HAILONG_TRUSTED_HOSTS": ",".join(settings.trusted_hosts),
        "HAILONG_PROXIES": str(settings.proxies),
        "HAILONG_LANG": settings.lang,
        "HAILONG_TWO_PERSON": "on" if settings.two_person else "off",
        "HAILONG_ENTRY": "local" if settings.entry else "off",
        "HAILONG_ORGANISATION": settings.organisation,
        "HAILONG_CONTACT": settings.contact,
        "HAILONG_PROVINCE": settings.province,
        "DATABASE_URL": _without_password(settings.database_url),
    }
    shown = [("HAILONG_DATA", str(settings.data), _source_of_data())]
    shown += [(name, value, settings.sources.get(name, "")) for name, value in values.items()]
    findings: list[Finding] = []
    try:
        open_installation(settings).engine.dispose()
    except HailongError as error:
        findings += error.findings
    findings += _warnings(settings)
    return Examined(tuple(shown), tuple(findings))


def _warnings(settings: Settings) -> list[Finding]:
    findings = []
    if not settings.secure:
        findings.append(
            Finding(
                "plain-http",
                Words(
                    "Trang chạy bằng http, chỉ nên dùng khi chạy thử trên mạng nội bộ.",
                    "Pages are served over plain http, fit only for a trial on a local network.",
                ),
                Words("Khi dùng thật hãy đặt sau máy chủ https.", "Put it behind https."),
                severity="warning",
            )
        )
    if not settings.contact:
        findings.append(
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
            )
        )
    if settings.data.is_dir() and not has_feedback_secret(settings):
        findings.append(
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
    findings += [
        Finding(
            "key-readable",
            Words("Người khác đọc được tệp khóa.", "Others can read the key file."),
            Words(f"Hãy chạy: chmod 600 {path}", f"Run: chmod 600 {path}"),
            file=str(path),
        )
        for path in sorted(settings.keys.rglob("*.key"))
        if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)
    ]
    if settings.data.is_dir() and shutil.disk_usage(settings.data).free < _LITTLE_SPACE:
        findings.append(
            Finding(
                "disk-nearly-full",
                Words("Ổ đĩa còn dưới 1 GiB.", "Less than 1 GiB of disk is free."),
                Words("Hãy giải phóng dung lượng.", "Free some space."),
            )
        )
    return findings


def _without_password(url: str) -> str:
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        return make_url(url).render_as_string(hide_password=True)
    except ArgumentError:
        return "?"


def _source_of_data() -> str:
    return "environment" if "HAILONG_DATA" in os.environ else "--data / default"
