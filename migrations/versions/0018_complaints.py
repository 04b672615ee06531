"""Complaints 投诉举报; a report may lead to a referral.

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("information_reports") as reports:
        reports.add_column(sa.Column("referral_id", sa.Uuid(), nullable=True))
        reports.create_foreign_key(
            op.f("fk_information_reports_referral_id"), "referrals", ["referral_id"], ["id"]
        )
    op.create_table(
        "complaint_refusals",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "reason", name=op.f("pk_complaint_refusals")),
    )
    op.create_table(
        "complaints",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("channel", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("domain", sa.String(), nullable=False),
        sa.Column("premises_id", sa.Uuid(), nullable=True),
        sa.Column("inspection_id", sa.Uuid(), nullable=True),
        sa.Column("notice_id", sa.Uuid(), nullable=True),
        sa.Column("referral_id", sa.Uuid(), nullable=True),
        sa.Column("matter", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("is_anonymous", sa.Boolean(), nullable=False),
        sa.Column("registered_by_id", sa.Uuid(), nullable=True),
        sa.Column("handler_id", sa.Uuid(), nullable=True),
        sa.Column("verifier_id", sa.Uuid(), nullable=True),
        sa.Column("received_at", sa.DateTime(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("handed_to", sa.String(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.DateTime(), nullable=True),
        sa.Column("purged_at", sa.DateTime(), nullable=True),
        sa.Column("county_id", sa.Uuid(), nullable=False),
        sa.Column("township_id", sa.Uuid(), nullable=True),
        sa.Column("village_id", sa.Uuid(), nullable=True),
        sa.Column("region_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["handler_id"], ["people.id"], name=op.f("fk_complaints_handler_id")),
        sa.ForeignKeyConstraint(
            ["inspection_id"], ["inspections.id"], name=op.f("fk_complaints_inspection_id")
        ),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_complaints_notice_id")),
        sa.ForeignKeyConstraint(["premises_id"], ["premises.id"], name=op.f("fk_complaints_premises_id")),
        sa.ForeignKeyConstraint(["referral_id"], ["referrals.id"], name=op.f("fk_complaints_referral_id")),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("fk_complaints_region_id")),
        sa.ForeignKeyConstraint(
            ["registered_by_id"], ["people.id"], name=op.f("fk_complaints_registered_by_id")
        ),
        sa.ForeignKeyConstraint(["verifier_id"], ["people.id"], name=op.f("fk_complaints_verifier_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaints")),
        sa.UniqueConstraint("number", name=op.f("uq_complaints_number")),
    )
    op.create_index(op.f("ix_complaints_answered_at"), "complaints", ["answered_at"])
    op.create_index("ix_complaints_channel", "complaints", ["channel", "received_at"])
    op.create_index("ix_complaints_county", "complaints", ["county_id", "state", "received_at", "id"])
    op.create_index(op.f("ix_complaints_premises_id"), "complaints", ["premises_id"])
    op.create_index(op.f("ix_complaints_region_id"), "complaints", ["region_id"])
    op.create_index(op.f("ix_complaints_registered_by_id"), "complaints", ["registered_by_id"])
    op.create_index(op.f("ix_complaints_verifier_id"), "complaints", ["verifier_id"])

    op.create_table(
        "complaint_photos",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("complaint_id", sa.Uuid(), nullable=False),
        sa.Column("storage_key", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["complaint_id"], ["complaints.id"], name=op.f("fk_complaint_photos_complaint_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint_photos")),
    )
    op.create_index(op.f("ix_complaint_photos_complaint_id"), "complaint_photos", ["complaint_id"])

    op.create_table(
        "complaint_subjects",
        sa.Column("complaint_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["complaint_id"], ["complaints.id"], name=op.f("fk_complaint_subjects_complaint_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_complaint_subjects_person_id")),
        sa.PrimaryKeyConstraint("complaint_id", "person_id", name=op.f("pk_complaint_subjects")),
    )
    op.create_index(op.f("ix_complaint_subjects_person_id"), "complaint_subjects", ["person_id"])

    op.create_table(
        "complaint_turns",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("complaint_id", sa.Uuid(), nullable=False),
        sa.Column("event", sa.String(length=40), nullable=False),
        sa.Column("state_before", sa.String(length=40), nullable=False),
        sa.Column("state_after", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("to", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_complaint_turns_by_id")),
        sa.ForeignKeyConstraint(
            ["complaint_id"], ["complaints.id"], name=op.f("fk_complaint_turns_complaint_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint_turns")),
    )
    op.create_index(op.f("ix_complaint_turns_complaint_id"), "complaint_turns", ["complaint_id"])


def downgrade() -> None:
    op.drop_table("complaint_turns")
    op.drop_table("complaint_subjects")
    op.drop_table("complaint_photos")
    op.drop_table("complaints")
    op.drop_table("complaint_refusals")
    with op.batch_alter_table("information_reports") as reports:
        reports.drop_constraint(op.f("fk_information_reports_referral_id"), type_="foreignkey")
        reports.drop_column("referral_id")
