"""What a county decides itself.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "county_options",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("county_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.Column("changed_by_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["county_id"], ["regions.id"], name=op.f("fk_county_options_county_id")),
        sa.ForeignKeyConstraint(["changed_by_id"], ["people.id"], name=op.f("fk_county_options_changed_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_county_options")),
        sa.UniqueConstraint("county_id", "key", name=op.f("uq_county_options_county_id_key")),
    )


def downgrade() -> None:
    op.drop_table("county_options")
