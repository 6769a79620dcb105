"""Steps that two people take together, as long as there are no accounts yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from intake.findings import Finding, Words
from survey_app.cli.output import SecondPersonError

if TYPE_CHECKING:
    from survey_app.config import Settings


def require_trial(settings: Settings, account: str | None) -> None:
    """Let a two-person step pass only where the installation is marked as a trial.

    Accounts, and with them the second person, come later; until then a step that needs two
    people is refused rather than done by one in silence.
    """
    if settings.two_person:
        asked_by = f" ({account})" if account else ""
        raise SecondPersonError(
            Finding(
                "second-person-needed",
                Words(
                    f"Bước này{asked_by} cần hai người cùng thực hiện.",
                    f"This step{asked_by} takes two people.",
                ),
                Words(
                    "Bản này chưa có tài khoản; khi chạy thử hãy đặt HAILONG_TWO_PERSON=off, và "
                    "mọi trang kết quả sẽ ghi rõ điều đó.",
                    "This version has no accounts yet; for a trial set HAILONG_TWO_PERSON=off, "
                    "and every page of the release will say so.",
                ),
            )
        )
