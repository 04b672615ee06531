"""Papers as they were handed out, each with its hash; notices and referrals are found by their digest.

Revision ID: 0023
Revises: 0022
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

CURRENT = {kind: sa.text("replaced_at IS NULL") for kind in ("sqlite_where", "postgresql_where")}


def upgrade() -> None:
    op.create_table(
        "paper_files",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("slot", sa.String(), nullable=False),
        sa.Column("subject_type", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("storage_key", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("grade", sa.Integer(), nullable=False),
        sa.Column("certificate", sa.String(), nullable=False),
        sa.Column("stamped", sa.Boolean(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("replaced_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_paper_files")),
    )
    op.create_index("uq_paper_files_current", "paper_files", ["slot"], unique=True, **CURRENT)
    op.create_index("ix_paper_files_subject", "paper_files", ["subject_type", "subject_id"])
    op.create_index(op.f("ix_paper_files_sha256"), "paper_files", ["sha256"])
    op.create_index(op.f("ix_paper_files_made_at"), "paper_files", ["made_at"])
    op.create_index("ix_notices_digest", "notices", ["digest"])
    op.create_index("ix_referrals_digest", "referrals", ["digest"])


def downgrade() -> None:
    op.drop_index("ix_referrals_digest", "referrals")
    op.drop_index("ix_notices_digest", "notices")
    op.drop_table("paper_files")
