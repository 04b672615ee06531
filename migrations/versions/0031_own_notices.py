"""One's own notices are walked in the order of the list, without reading a row.

Revision ID: 0031
Revises: 0030
"""

from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_notices_lead_stage_verify", "notices", ["lead_id", "stage", "verify_by", "id", "status"])
    op.drop_index("ix_notices_lead_stage", table_name="notices")


def downgrade() -> None:
    op.create_index("ix_notices_lead_stage", "notices", ["lead_id", "stage", "verify_by"])
    op.drop_index("ix_notices_lead_stage_verify", table_name="notices")
