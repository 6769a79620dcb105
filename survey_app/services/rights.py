"""What each of PostgreSQL's roles may do: the server of pages, and whoever mixes and manages.

The role that owns the tables moves them from state to state and does nothing else. The server's
role can neither change nor remove a response or a row of the log, nor see accounts.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

from intake.findings import Finding, InstallationError, Words
from survey_app.config import Settings
from survey_app.db import writing
from survey_app.db.answers import INBOXES, feedback_code, feedback_inbox, response
from survey_app.db.audit import APPEND_ONLY, account, audit, pending_step
from survey_app.db.fieldwork import invitation, receipt
from survey_app.db.installed import key_mark, served_state
from survey_app.db.subject_requests import subject_request
from survey_app.db.tables import metadata
from survey_app.services.installation import engine_of

STATE = "alembic_version"
_FIXED = {key_mark.name, served_state.name}
_OF_STAFF = {account.name, pending_step.name, subject_request.name}
_REWRITTEN = (
    *(inbox.name for inbox in INBOXES.values()),
    *(table.name for table in (response, invitation, receipt, feedback_inbox, feedback_code)),
)


def grant_rights(settings: Settings, *, app: str, mixer: str) -> None:
    """Give two roles of PostgreSQL the rights that they need, and take all others.

    Parameters
    ----------
    app
        Role of the server of pages.
    mixer
        Role of the commands: mixing, closing, freezing, accounts.

    Raises
    ------
    InstallationError
        ``rights-of-sqlite``; ``role-unknown``; ``role-too-strong``: a superuser or the owner of
        the tables, who may do anything whatever is granted.
    """
    engine = engine_of(settings)
    try:
        if engine.dialect.name == "sqlite":
            raise InstallationError(
                Finding(
                    "rights-of-sqlite",
                    Words("SQLite không có vai trò.", "SQLite has no roles."),
                    Words(
                        "Bộ kích hoạt (trigger) đã chặn sửa và xóa; phân quyền chỉ dùng cho "
                        "PostgreSQL.",
                        "Triggers refuse changes there; rights are for PostgreSQL.",
                    ),
                )
            )
        with writing(engine) as connection:
            for role in (app, mixer):
                _refuse_strong(connection, role)
            _grant(connection, app, mixer)
    finally:
        engine.dispose()


def _grant(connection: Connection, app: str, mixer: str) -> None:
    quoted = connection.dialect.identifier_preparer.quote
    free = sorted(set(metadata.tables) - set(APPEND_ONLY) - _OF_STAFF - _FIXED)
    everything = [*metadata.tables, STATE]
    for role in (quoted(app), quoted(mixer)):
        schema = connection.scalar(text("SELECT quote_ident(current_schema())"))
        connection.execute(text(f"GRANT USAGE ON SCHEMA {schema} TO {role}"))
        _do(connection, f"REVOKE ALL ON {{}} FROM {role}", everything)
        _do(connection, f"GRANT SELECT, INSERT, UPDATE, DELETE ON {{}} TO {role}", free)
        _do(connection, f"GRANT SELECT ON {{}} TO {role}", [*APPEND_ONLY, *sorted(_FIXED), STATE])
        _do(connection, f"GRANT INSERT ON {{}} TO {role}", [audit.name])
        # The server counts those that are due, for its metrics.
        _do(connection, f"GRANT SELECT ON {{}} TO {role}", [subject_request.name])
    role = quoted(mixer)
    _do(connection, f"GRANT INSERT ON {{}} TO {role}", [*APPEND_ONLY, key_mark.name])
    _do(connection, f"GRANT TRUNCATE ON {{}} TO {role}", _REWRITTEN)
    _do(connection, f"GRANT SELECT, INSERT, UPDATE, DELETE ON {{}} TO {role}", sorted(_OF_STAFF))


def _do(connection: Connection, statement: str, tables: list[str] | tuple[str, ...]) -> None:
    quoted = connection.dialect.identifier_preparer.quote
    connection.execute(text(statement.format(", ".join(quoted(one) for one in tables))))


def _refuse_strong(connection: Connection, role: str) -> None:
    found = connection.execute(
        text(
            "SELECT rolsuper OR pg_has_role(oid, (SELECT relowner FROM pg_class "
            "WHERE oid = to_regclass('audit')), 'MEMBER') FROM pg_roles WHERE rolname = :role"
        ),
        {"role": role},
    ).scalar()
    if found is None:
        raise InstallationError(
            Finding(
                "role-unknown",
                Words(f"Không có vai trò {role}.", f"There is no role {role}."),
                Words(
                    f'Người quản trị tạo: CREATE ROLE "{role}" LOGIN PASSWORD …',
                    f'Its administrator makes it: CREATE ROLE "{role}" LOGIN PASSWORD …',
                ),
            )
        )
    if found:
        raise InstallationError(
            Finding(
                "role-too-strong",
                Words(
                    f"Vai trò {role} sở hữu các bảng hoặc là quản trị, nên quyền không ràng buộc.",
                    f"The role {role} owns the tables or is a superuser; no right binds it.",
                ),
                Words(
                    "Hãy dùng vai trò khác với vai trò chạy hailong db upgrade.",
                    "Use another role than the one that runs hailong db upgrade.",
                ),
            )
        )
