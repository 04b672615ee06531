"""One more reminder, asked for by somebody: one a day and notice.

Revision ID: 0022
Revises: 0021
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reminder_requests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("county_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_reminder_requests_by_id")),
        sa.ForeignKeyConstraint(["county_id"], ["regions.id"], name=op.f("fk_reminder_requests_county_id")),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_reminder_requests_notice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder_requests")),
        sa.UniqueConstraint("notice_id", "day", name=op.f("uq_reminder_requests_notice_id_day")),
    )
    op.create_index("ix_reminder_requests_county_day", "reminder_requests", ["county_id", "day"])


def downgrade() -> None:
    op.drop_index("ix_reminder_requests_county_day", table_name="reminder_requests")
    op.drop_table("reminder_requests")
