"""Tablets at counters and interviewers' batches of cases"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "kiosk",
        sa.Column("key_mac", sa.LargeBinary(length=32), nullable=False),
        sa.Column("counter_id", sa.String(length=40), nullable=False),
        sa.Column("pin_salt", sa.LargeBinary(length=16), nullable=False),
        sa.Column("pin_digest", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("key_mac"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "assignment",
        sa.Column("key_mac", sa.LargeBinary(length=32), nullable=False),
        sa.Column("cell_id", sa.String(length=80), nullable=False),
        sa.Column("label", sa.String(length=40), nullable=False),
        sa.Column("cases", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(["cell_id"], ["cell.cell_id"]),
        sa.PrimaryKeyConstraint("key_mac"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "case_count",
        sa.Column("key_mac", sa.LargeBinary(length=32), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("visits", sa.SmallInteger(), nullable=False),
        sa.Column("cases", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(["key_mac"], ["assignment.key_mac"]),
        sa.PrimaryKeyConstraint("key_mac", "outcome", "visits"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("case_count")
    op.drop_table("assignment")
    op.drop_table("kiosk")
