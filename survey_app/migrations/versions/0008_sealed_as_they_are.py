"""Sealed bytes are stored as they are: PostgreSQL tried to compress what cannot be compressed"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_SEALED = ("inbox_a", "inbox_b", "feedback_inbox", "draft")


def upgrade() -> None:
    _store("EXTERNAL")
    op.execute(f"INSERT INTO served_state VALUES ('{revision}')")  # noqa: S608 - ours


def downgrade() -> None:
    op.execute(f"DELETE FROM served_state WHERE state = '{revision}'")  # noqa: S608 - ours
    _store("EXTENDED")


def _store(how: str) -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table in _SEALED:
            op.execute(f"ALTER TABLE {table} ALTER COLUMN sealed SET STORAGE {how}")
