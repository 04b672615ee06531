"""Information reports 信息报告, their steps and photos.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "information_reports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("reporter_id", sa.Uuid(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("premises_id", sa.Uuid(), nullable=True),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("accuracy_m", sa.Double(), nullable=True),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("discovered_at", sa.DateTime(), nullable=False),
        sa.Column("reported_at", sa.DateTime(), nullable=False),
        sa.Column("received_at", sa.DateTime(), nullable=False),
        sa.Column("device_at", sa.DateTime(), nullable=True),
        sa.Column("clock_offset_ms", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("forwarded_at", sa.DateTime(), nullable=True),
        sa.Column("forwarded_to", sa.String(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("fed_back_at", sa.DateTime(), nullable=True),
        sa.Column("outcome_seen_at", sa.DateTime(), nullable=True),
        sa.Column("county_id", sa.Uuid(), nullable=False),
        sa.Column("township_id", sa.Uuid(), nullable=True),
        sa.Column("village_id", sa.Uuid(), nullable=True),
        sa.Column("region_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_information_reports_organisation_id")
        ),
        sa.ForeignKeyConstraint(
            ["premises_id"], ["premises.id"], name=op.f("fk_information_reports_premises_id")
        ),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("fk_information_reports_region_id")),
        sa.ForeignKeyConstraint(
            ["reporter_id"], ["people.id"], name=op.f("fk_information_reports_reporter_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_information_reports")),
    )
    op.create_index(
        "ix_information_reports_county", "information_reports", ["county_id", "discovered_at", "id"]
    )
    op.create_index(
        "ix_information_reports_county_state",
        "information_reports",
        ["county_id", "state", "discovered_at", "id"],
    )
    op.create_index(op.f("ix_information_reports_premises_id"), "information_reports", ["premises_id"])
    op.create_index(op.f("ix_information_reports_region_id"), "information_reports", ["region_id"])
    op.create_index(
        "ix_information_reports_reporter", "information_reports", ["reporter_id", "discovered_at", "id"]
    )
    op.create_index(
        "ix_information_reports_township", "information_reports", ["township_id", "discovered_at", "id"]
    )
    op.create_index(
        "ix_information_reports_township_state",
        "information_reports",
        ["township_id", "state", "discovered_at", "id"],
    )

    op.create_table(
        "information_report_photos",
        sa.Column("photo_id", sa.Uuid(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("meta", sa.JSON(), nullable=False),
        sa.Column("announced_at", sa.DateTime(), nullable=False),
        sa.Column("arrived_at", sa.DateTime(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_information_report_photos_person_id")
        ),
        sa.ForeignKeyConstraint(
            ["report_id"], ["information_reports.id"], name=op.f("fk_information_report_photos_report_id")
        ),
        sa.PrimaryKeyConstraint("photo_id", name=op.f("pk_information_report_photos")),
    )
    op.create_index(
        "ix_information_report_photos_missing",
        "information_report_photos",
        ["announced_at"],
        sqlite_where=sa.text("arrived_at IS NULL"),
        postgresql_where=sa.text("arrived_at IS NULL"),
    )
    op.create_index(
        op.f("ix_information_report_photos_report_id"), "information_report_photos", ["report_id"]
    )

    op.create_table(
        "information_report_turns",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("event", sa.String(length=40), nullable=False),
        sa.Column("state_before", sa.String(length=40), nullable=False),
        sa.Column("state_after", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("to", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_information_report_turns_by_id")),
        sa.ForeignKeyConstraint(
            ["report_id"], ["information_reports.id"], name=op.f("fk_information_report_turns_report_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_information_report_turns")),
    )
    op.create_index(op.f("ix_information_report_turns_report_id"), "information_report_turns", ["report_id"])


def downgrade() -> None:
    op.drop_table("information_report_turns")
    op.drop_table("information_report_photos")
    op.drop_table("information_reports")
