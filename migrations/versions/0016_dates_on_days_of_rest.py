"""Open points by their date: which of them fall on a day that became a day of rest.

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

INDEX = "ix_notice_findings_awaited_due"


def upgrade() -> None:
    open_points = sa.text("step = 'awaited'")
    op.create_index(INDEX, "notice_findings", ["due_on"], sqlite_where=open_points, postgresql_where=open_points)


def downgrade() -> None:
    op.drop_index(INDEX, table_name="notice_findings")
