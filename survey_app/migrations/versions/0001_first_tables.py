"""The first tables"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "admin_unit",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("parent_code", sa.String(length=40), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("population", sa.Integer(), nullable=True),
        sa.Column("area_km2", sa.Float(), nullable=True),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("source", sa.String(length=1000), nullable=False),
        sa.PrimaryKeyConstraint("code", "valid_from"),
    )
    op.create_table(
        "agency",
        sa.Column("agency_code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("type", sa.String(length=40), nullable=False),
        sa.Column("unit_code", sa.String(length=40), nullable=True),
        sa.Column("source", sa.String(length=1000), nullable=False),
        sa.PrimaryKeyConstraint("agency_code"),
    )
    op.create_table(
        "assessment",
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("agency_code", sa.String(length=40), nullable=False),
        sa.Column("criterion", sa.String(length=40), nullable=False),
        sa.Column("self_scored", sa.Float(), nullable=True),
        sa.Column("appraised", sa.Float(), nullable=True),
        sa.Column("evidence", sa.String(length=1000), nullable=False),
        sa.Column("source", sa.String(length=1000), nullable=False),
        sa.PrimaryKeyConstraint("year", "agency_code", "criterion"),
    )
    op.create_table(
        "draft",
        sa.Column("code_mac", sa.LargeBinary(length=32), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code_mac"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "feedback",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("agency_code", sa.String(length=40), nullable=True),
        sa.Column("quarter", sa.String(length=7), nullable=False),
        sa.Column("text", sa.String(length=2000), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "feedback_inbox",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "head_rating",
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("agency_code", sa.String(length=40), nullable=False),
        sa.Column("rating", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("year", "agency_code"),
    )
    op.create_table(
        "inbox_a",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "inbox_b",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "procedure",
        sa.Column("procedure_id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=1000), nullable=False),
        sa.Column("field", sa.String(length=200), nullable=False),
        sa.Column("agency_code", sa.String(length=40), nullable=False),
        sa.Column("source", sa.String(length=1000), nullable=False),
        sa.PrimaryKeyConstraint("procedure_id"),
    )
    op.create_table(
        "receipt",
        sa.Column("key_mac", sa.LargeBinary(length=32), nullable=False),
        sa.Column("receipt_mac", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("key_mac"),
        sa.UniqueConstraint("receipt_mac"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "round",
        sa.Column("round_id", sa.String(length=40), nullable=False),
        sa.Column("questionnaire_id", sa.String(length=40), nullable=False),
        sa.Column("questionnaire_version", sa.String(length=40), nullable=False),
        sa.Column("opens", sa.Date(), nullable=False),
        sa.Column("closes", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("inbox", sa.String(length=1), nullable=False),
        sa.Column("frame_sha256", sa.String(length=64), nullable=False),
        sa.Column("draw_sha256", sa.String(length=64), nullable=False),
        sa.Column("snapshot_sha256", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("round_id"),
    )
    op.create_table(
        "service_point",
        sa.Column("counter_id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("agency_code", sa.String(length=40), nullable=False),
        sa.Column("unit_code", sa.String(length=40), nullable=False),
        sa.Column("address", sa.String(length=1000), nullable=False),
        sa.Column("opens", sa.String(length=40), nullable=False),
        sa.Column("closes", sa.String(length=40), nullable=False),
        sa.Column("expected", sa.Integer(), nullable=True),
        sa.Column("source", sa.String(length=1000), nullable=False),
        sa.PrimaryKeyConstraint("counter_id"),
    )
    op.create_table(
        "unit_change",
        sa.Column("old_code", sa.String(length=40), nullable=False),
        sa.Column("new_code", sa.String(length=40), nullable=False),
        sa.Column("old_name", sa.String(length=200), nullable=False),
        sa.Column("old_parent_code", sa.String(length=40), nullable=False),
        sa.Column("old_parent_name", sa.String(length=200), nullable=False),
        sa.Column("old_province_code", sa.String(length=40), nullable=False),
        sa.Column("old_province_name", sa.String(length=200), nullable=False),
        sa.Column("part", sa.String(length=40), nullable=False),
        sa.Column("share", sa.Float(), nullable=True),
        sa.Column("source", sa.String(length=1000), nullable=False),
        sa.PrimaryKeyConstraint("old_code", "new_code"),
    )
    op.create_table(
        "cell",
        sa.Column("cell_id", sa.String(length=80), nullable=False),
        sa.Column("round_id", sa.String(length=40), nullable=False),
        sa.Column("stratum", sa.String(length=80), nullable=False),
        sa.Column("psu", sa.String(length=80), nullable=True),
        sa.Column("unit_id", sa.String(length=40), nullable=False),
        sa.Column("design_weight", sa.Float(), nullable=False),
        sa.Column("expected", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["round_id"],
            ["round.round_id"],
        ),
        sa.PrimaryKeyConstraint("cell_id"),
    )
    op.create_table(
        "invitation",
        sa.Column("code_mac", sa.LargeBinary(length=32), nullable=False),
        sa.Column("cell_id", sa.String(length=80), nullable=False),
        sa.Column("channel", sa.String(length=1), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("state", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["cell_id"],
            ["cell.cell_id"],
        ),
        sa.PrimaryKeyConstraint("code_mac"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "response",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("questionnaire_version", sa.String(length=80), nullable=False),
        sa.Column("cell_id", sa.String(length=80), nullable=False),
        sa.Column("round_id", sa.String(length=40), nullable=False),
        sa.Column(
            "answers",
            sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql"),
            nullable=False,
        ),
        sa.Column("n_fast_pages", sa.Integer(), nullable=True),
        sa.Column("duration_band", sa.Integer(), nullable=True),
        sa.Column("flags", sa.Integer(), nullable=False),
        sa.Column("nonce", sa.LargeBinary(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["cell_id"],
            ["cell.cell_id"],
        ),
        sa.ForeignKeyConstraint(
            ["round_id"],
            ["round.round_id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("response")
    op.drop_table("invitation")
    op.drop_table("cell")
    op.drop_table("unit_change")
    op.drop_table("service_point")
    op.drop_table("round")
    op.drop_table("receipt")
    op.drop_table("procedure")
    op.drop_table("inbox_b")
    op.drop_table("inbox_a")
    op.drop_table("head_rating")
    op.drop_table("feedback_inbox")
    op.drop_table("feedback")
    op.drop_table("draft")
    op.drop_table("assessment")
    op.drop_table("agency")
    op.drop_table("admin_unit")
