"""What the version before cannot live with: a column is gone, so its state is served no more."""

from pathlib import Path

from alembic import op

from survey_app import migrations

VERSIONS = Path(migrations.__file__).parent / "versions"

revision = "9001"
down_revision = max(path.name for path in VERSIONS.glob("0*.py")).split("_")[0]
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.alter_column("draft", "version", new_column_name="changes")
    op.execute("DELETE FROM served_state")
    op.execute(f"INSERT INTO served_state VALUES ('{revision}')")
