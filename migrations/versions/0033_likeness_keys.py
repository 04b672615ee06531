"""Photos that were used before stand under other keys, one for a place and its mirror image.

The index begins empty: the process beside the server fills it from what is kept of each picture (likeness_renew).

Revision ID: 0033
Revises: 0032
"""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def _empty_index() -> None:
    op.drop_table("likeness_keys")
    op.create_table(
        "likeness_keys",
        sa.Column("key", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("key", "number", name=op.f("pk_likeness_keys")),
        sqlite_with_rowid=False,
    )


def upgrade() -> None:
    _empty_index()
    op.create_index("ix_photo_likenesses_version", "photo_likenesses", ["version", "number"])


def downgrade() -> None:
    """What was before knows nothing of the newer keys: it describes all pictures again."""
    op.drop_index("ix_photo_likenesses_version", table_name="photo_likenesses")
    op.execute("DELETE FROM photo_likenesses")
    _empty_index()
