"""Monthly reports as they were issued; notices and referrals are counted by the day they went out.

Revision ID: 0032
Revises: 0031
"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

COUNTED = (("notices", "issued_at", "issued"), ("referrals", "sent_at", "sent"))


def upgrade() -> None:
    op.create_table(
        "monthly_reports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("issued_by_id", sa.Uuid(), nullable=False),
        sa.Column("issued_at", sa.DateTime(), nullable=False),
        sa.Column("replaces_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("county_id", sa.Uuid(), nullable=False),
        sa.Column("township_id", sa.Uuid(), nullable=True),
        sa.Column("village_id", sa.Uuid(), nullable=True),
        sa.Column("region_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_monthly_reports_organisation_id")
        ),
        sa.ForeignKeyConstraint(
            ["issued_by_id"], ["people.id"], name=op.f("fk_monthly_reports_issued_by_id")
        ),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("fk_monthly_reports_region_id")),
        sa.ForeignKeyConstraint(
            ["replaces_id"], ["monthly_reports.id"], name=op.f("fk_monthly_reports_replaces_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_monthly_reports")),
        sa.UniqueConstraint(
            "region_id", "month", "edition", name=op.f("uq_monthly_reports_region_id_month_edition")
        ),
        sa.UniqueConstraint("replaces_id", name=op.f("uq_monthly_reports_replaces_id")),
    )
    op.create_index("ix_monthly_reports_county_month", "monthly_reports", ["county_id", "month", "id"])
    op.create_index("ix_monthly_reports_township_month", "monthly_reports", ["township_id", "month", "id"])
    op.create_index("ix_monthly_reports_digest", "monthly_reports", ["digest"])
    op.create_index(op.f("ix_monthly_reports_region_id"), "monthly_reports", ["region_id"])
    for table, column, word in COUNTED:
        for area in ("county", "township"):
            op.create_index(f"ix_{table}_{area}_{word}", table, [f"{area}_id", column])


def downgrade() -> None:
    for table, _column, word in COUNTED:
        for area in ("county", "township"):
            op.drop_index(f"ix_{table}_{area}_{word}", table_name=table)
    op.drop_table("monthly_reports")
