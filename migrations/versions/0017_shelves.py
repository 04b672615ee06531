"""Notices say whose visit they are of and whether more time was given; shelves are counted along their indexes.

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

AREAS = ("county", "township")


def upgrade() -> None:
    with op.batch_alter_table("notices") as table:
        table.add_column(sa.Column("lead_id", sa.Uuid(), nullable=True))
        table.add_column(sa.Column("extended", sa.Boolean(), server_default=sa.false(), nullable=False))
        table.create_foreign_key(op.f("fk_notices_lead_id"), "people", ["lead_id"], ["id"])
    op.execute(
        "UPDATE notices SET lead_id = (SELECT lead_id FROM inspections WHERE inspections.id = notices.inspection_id)"
    )
    op.execute(
        "UPDATE notices SET extended = (1 = 1) WHERE id IN (SELECT notice_id FROM notice_findings"
        " WHERE extended_at IS NOT NULL AND step <> 'closed')"
    )
    for area in AREAS:
        name = f"ix_notices_{area}_stage_verify"
        op.drop_index(name, table_name="notices")
        op.create_index(name, "notices", [f"{area}_id", "stage", "verify_by", "status", "due_on"])
        op.create_index(f"ix_notices_{area}_closed", "notices", [f"{area}_id", "closed_at"])
    op.create_index("ix_notices_lead_stage", "notices", ["lead_id", "stage", "verify_by"])


def downgrade() -> None:
    op.drop_index("ix_notices_lead_stage", table_name="notices")
    for area in AREAS:
        op.drop_index(f"ix_notices_{area}_closed", table_name="notices")
        name = f"ix_notices_{area}_stage_verify"
        op.drop_index(name, table_name="notices")
        op.create_index(name, "notices", [f"{area}_id", "stage", "verify_by"])
    with op.batch_alter_table("notices") as table:
        table.drop_constraint(op.f("fk_notices_lead_id"), type_="foreignkey")
        table.drop_column("extended")
        table.drop_column("lead_id")
