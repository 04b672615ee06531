"""Audit records stand in one chain, each bound to the one before it and to the rows it left."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("audit_records", sa.Column("seq", sa.BigInteger(), nullable=True))
    op.add_column("audit_records", sa.Column("content", sa.LargeBinary(32), nullable=True))
    op.add_column("audit_records", sa.Column("rows", sa.Text(), nullable=True))
    op.add_column("audit_records", sa.Column("hash", sa.LargeBinary(32), nullable=True))
    with op.batch_alter_table("audit_records") as batch:
        batch.create_unique_constraint(op.f("uq_audit_records_seq"), ["seq"])


def downgrade() -> None:
    with op.batch_alter_table("audit_records") as batch:
        batch.drop_constraint(op.f("uq_audit_records_seq"), type_="unique")
        for name in ("hash", "rows", "content", "seq"):
            batch.drop_column(name)
