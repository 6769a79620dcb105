"""Which programs may serve these tables, and which key files are this installation's own"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    served = op.create_table(
        "served_state",
        sa.Column("state", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("state"),
        sqlite_with_rowid=False,
    )
    op.bulk_insert(served, [{"state": revision}])
    op.create_table(
        "key_mark",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("mark", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("name"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("key_mark")
    op.drop_table("served_state")
