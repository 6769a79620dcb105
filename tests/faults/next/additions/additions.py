"""What a next version may do to the tables that respondents reach: it only adds."""

from pathlib import Path

import sqlalchemy as sa
from alembic import op

from survey_app import migrations

VERSIONS = Path(migrations.__file__).parent / "versions"

revision = "9001"
down_revision = max(path.name for path in VERSIONS.glob("0*.py")).split("_")[0]
branch_labels = None
depends_on = None

TABLES = ("round", "cell", "invitation", "receipt", "draft", "inbox_a", "inbox_b", "feedback_inbox")


def upgrade() -> None:
    for table in TABLES:
        op.add_column(table, sa.Column("more", sa.Integer(), nullable=True))
        op.add_column(table, sa.Column("kind", sa.String(1), nullable=False, server_default="a"))
    op.create_index("of_cell", "invitation", ["cell_id"])
    op.create_table("next_thing", sa.Column("id", sa.Integer(), primary_key=True))
    op.execute(f"INSERT INTO served_state VALUES ('{revision}')")
