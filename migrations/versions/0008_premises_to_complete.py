"""Imports are written in pieces and remember how far they are; places begun on the way are marked to be completed.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

PREMISES, IMPORTS, INDEX = "premises", "premises_imports", "ix_premises_to_complete"


def upgrade() -> None:
    op.add_column(IMPORTS, sa.Column("plan", sa.JSON(), nullable=True))
    op.add_column(IMPORTS, sa.Column("written", sa.Integer(), nullable=False, server_default="0"))
    op.add_column(PREMISES, sa.Column("to_complete", sa.Boolean(), nullable=False, server_default=sa.false()))
    marked = sa.text("to_complete")
    columns = ["county_id", "created_at"]
    op.create_index(INDEX, PREMISES, columns, sqlite_where=marked, postgresql_where=marked)


def downgrade() -> None:
    op.drop_index(INDEX, table_name=PREMISES)
    op.drop_column(PREMISES, "to_complete")
    op.drop_column(IMPORTS, "written")
    op.drop_column(IMPORTS, "plan")
