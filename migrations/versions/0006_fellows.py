"""Whoever comes along finds their open visits without reading everybody's.

Revision ID: 0006
Revises: 0005
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_inspection_fellows_person_id", "inspection_fellows", ["person_id"])


def downgrade() -> None:
    op.drop_index("ix_inspection_fellows_person_id", table_name="inspection_fellows")
