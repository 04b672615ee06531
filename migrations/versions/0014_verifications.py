"""What re-inspections made of earlier findings; what follows a visit is found by its parent.

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "verifications",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("inspection_id", sa.Uuid(), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("finding_id", sa.Uuid(), nullable=False),
        sa.Column("answer_id", sa.Uuid(), nullable=False),
        sa.Column("result", sa.String(length=40), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("turn_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["answer_id"], ["answers.id"], name=op.f("fk_verifications_answer_id")),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_verifications_by_id")),
        sa.ForeignKeyConstraint(["finding_id"], ["findings.id"], name=op.f("fk_verifications_finding_id")),
        sa.ForeignKeyConstraint(["inspection_id"], ["inspections.id"], name=op.f("fk_verifications_inspection_id")),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_verifications_notice_id")),
        sa.ForeignKeyConstraint(["turn_id"], ["turns.id"], name=op.f("fk_verifications_turn_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verifications")),
    )
    for column in ("inspection_id", "notice_id", "finding_id"):
        op.create_index(op.f(f"ix_verifications_{column}"), "verifications", [column])
    op.create_index("ix_inspections_parent", "inspections", ["parent_id", "started_at"])


def downgrade() -> None:
    op.drop_index("ix_inspections_parent", table_name="inspections")
    op.drop_table("verifications")
