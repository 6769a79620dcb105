"""Screens and feedback addresses that were withdrawn; replies to feedback"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "withdrawal",
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("place", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("kind", "place"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "feedback_reply",
        sa.Column("code_mac", sa.LargeBinary(length=32), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("code_mac"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("feedback_reply")
    op.drop_table("withdrawal")
