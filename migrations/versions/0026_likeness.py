"""By what photos that were used before are recognised.

Revision ID: 0026
Revises: 0025
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "photo_likenesses",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("places", sa.LargeBinary(), nullable=False),
        sa.Column("compared_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_photo_likenesses")),
        sa.UniqueConstraint("sha256", name=op.f("uq_photo_likenesses_sha256")),
    )
    op.create_table(
        "likeness_keys",
        sa.Column("key", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("key", "number", name=op.f("pk_likeness_keys")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "likeness_pairs",
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("other", sa.String(64), nullable=False),
        sa.Column("mirrored", sa.Boolean(), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("share", sa.Double(), nullable=False),
        sa.Column("agreement", sa.Double(), nullable=False),
        sa.Column("found_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", "other", name=op.f("pk_likeness_pairs")),
    )
    op.create_index(op.f("ix_likeness_pairs_other"), "likeness_pairs", ["other"])


def downgrade() -> None:
    for table in ("likeness_pairs", "likeness_keys", "photo_likenesses"):
        op.drop_table(table)
