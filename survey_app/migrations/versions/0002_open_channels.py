"""Screens at counters and voluntary feedback: recruitment of a cell, counts, feedback codes"""

import sqlalchemy as sa
from alembic import op

from intake.findings import Finding, InstallationError, Words

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "cell",
        sa.Column("recruitment", sa.String(length=10), nullable=False, server_default="drawn"),
    )
    op.create_table(
        "start_count",
        sa.Column("counter_id", sa.String(length=40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("quarter_hour", sa.SmallInteger(), nullable=False),
        sa.Column("starts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("counter_id", "day", "quarter_hour"),
    )
    op.create_table(
        "feedback_code",
        sa.Column("code_mac", sa.LargeBinary(length=32), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("code_mac"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    # The state before takes every cell for drawn: voluntary answers would enter the estimates.
    cell = sa.table("cell", sa.column("recruitment"))
    if op.get_bind().execute(sa.select(cell).where(cell.c.recruitment == "open")).first():
        raise InstallationError(
            Finding(
                "database-holds-open-cells",
                Words(
                    "Cơ sở dữ liệu có ô của màn hình tại quầy; bản trước sẽ tính nhầm các phiếu "
                    "tự nguyện vào mẫu.",
                    "The database holds cells of counter screens; the state before would take "
                    "voluntary answers for drawn ones.",
                ),
                Words(
                    "Hãy dùng bản sao lưu làm trước khi bật màn hình.",
                    "Use a backup made before the screens were switched on.",
                ),
            )
        )
    op.drop_table("feedback_code")
    op.drop_table("start_count")
    op.drop_column("cell", "recruitment")
