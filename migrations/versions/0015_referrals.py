"""Referrals: what is handed over to whom, its photos, every step, links for bodies without account, the county's list.

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "addressees",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("authority", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("web_hook", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=True),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.Column("county_id", sa.Uuid(), nullable=False),
        sa.Column("township_id", sa.Uuid(), nullable=True),
        sa.Column("village_id", sa.Uuid(), nullable=True),
        sa.Column("region_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_addressees_organisation_id")
        ),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("fk_addressees_region_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_addressees")),
    )
    op.create_index("ix_addressees_county_authority", "addressees", ["county_id", "authority"])
    op.create_index(op.f("ix_addressees_region_id"), "addressees", ["region_id"])
    op.create_table(
        "referral_series",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_referral_series_organisation_id")
        ),
        sa.PrimaryKeyConstraint("organisation_id", "year", name=op.f("pk_referral_series")),
    )
    op.create_table(
        "referrals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("matter", sa.String(), nullable=False),
        sa.Column("urgency", sa.String(40), nullable=False),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=True),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("premises_id", sa.Uuid(), nullable=True),
        sa.Column("inspection_id", sa.Uuid(), nullable=True),
        sa.Column("notice_id", sa.Uuid(), nullable=True),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("person_in_charge", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("business", sa.String(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("scene", sa.Text(), nullable=False),
        sa.Column("opinion", sa.Text(), nullable=False),
        sa.Column("answer_opinion", sa.Text(), nullable=False),
        sa.Column("papers", sa.JSON(), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("accuracy_m", sa.Double(), nullable=True),
        sa.Column("authority", sa.String(), nullable=False),
        sa.Column("to_name", sa.String(), nullable=False),
        sa.Column("to_phone", sa.String(), nullable=False),
        sa.Column("to_email", sa.String(), nullable=False),
        sa.Column("to_organisation_id", sa.Uuid(), nullable=True),
        sa.Column("discovered_at", sa.DateTime(), nullable=False),
        sa.Column("discovered_by", sa.String(), nullable=False),
        sa.Column("due_at", sa.DateTime(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.Column("sent_at", sa.DateTime(), nullable=True),
        sa.Column("order_at", sa.DateTime(), nullable=False),
        sa.Column("closed_at", sa.DateTime(), nullable=True),
        sa.Column("outcome", sa.String(40), nullable=True),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("county_id", sa.Uuid(), nullable=False),
        sa.Column("township_id", sa.Uuid(), nullable=True),
        sa.Column("village_id", sa.Uuid(), nullable=True),
        sa.Column("region_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["created_by_id"], ["people.id"], name=op.f("fk_referrals_created_by_id")),
        sa.ForeignKeyConstraint(
            ["inspection_id"], ["inspections.id"], name=op.f("fk_referrals_inspection_id")
        ),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_referrals_notice_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_referrals_organisation_id")
        ),
        sa.ForeignKeyConstraint(["premises_id"], ["premises.id"], name=op.f("fk_referrals_premises_id")),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("fk_referrals_region_id")),
        sa.ForeignKeyConstraint(
            ["to_organisation_id"], ["organisations.id"], name=op.f("fk_referrals_to_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referrals")),
        sa.UniqueConstraint(
            "organisation_id", "year", "sequence", name=op.f("uq_referrals_organisation_id_year_sequence")
        ),
    )
    op.create_index(
        "ix_referrals_county_status_order", "referrals", ["county_id", "status", "order_at", "id"]
    )
    op.create_index(op.f("ix_referrals_inspection_id"), "referrals", ["inspection_id"])
    op.create_index(op.f("ix_referrals_notice_id"), "referrals", ["notice_id"])
    op.create_index("ix_referrals_premises_created", "referrals", ["premises_id", "created_at"])
    op.create_index(op.f("ix_referrals_region_id"), "referrals", ["region_id"])
    op.create_index(
        "ix_referrals_township_status_order", "referrals", ["township_id", "status", "order_at", "id"]
    )
    op.create_table(
        "referral_links",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("made_by_id", sa.Uuid(), nullable=False),
        sa.Column("used_at", sa.DateTime(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(), nullable=True),
        sa.Column("openings", sa.Integer(), nullable=False),
        sa.Column("first_opened_at", sa.DateTime(), nullable=True),
        sa.Column("last_opened_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["made_by_id"], ["people.id"], name=op.f("fk_referral_links_made_by_id")),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referrals.id"], name=op.f("fk_referral_links_referral_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral_links")),
        sa.UniqueConstraint("token", name=op.f("uq_referral_links_token")),
    )
    op.create_index(op.f("ix_referral_links_referral_id"), "referral_links", ["referral_id"])
    op.create_table(
        "referral_photos",
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("photo_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("caption", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["photo_id"], ["photos.id"], name=op.f("fk_referral_photos_photo_id")),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referrals.id"], name=op.f("fk_referral_photos_referral_id")
        ),
        sa.PrimaryKeyConstraint("referral_id", "photo_id", name=op.f("pk_referral_photos")),
    )
    op.create_index(op.f("ix_referral_photos_photo_id"), "referral_photos", ["photo_id"])
    op.create_table(
        "referral_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("event", sa.String(40), nullable=False),
        sa.Column("before", sa.String(40), nullable=False),
        sa.Column("after", sa.String(40), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("outcome", sa.String(40), nullable=True),
        sa.Column("link_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_referral_events_by_id")),
        sa.ForeignKeyConstraint(["link_id"], ["referral_links.id"], name=op.f("fk_referral_events_link_id")),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referrals.id"], name=op.f("fk_referral_events_referral_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_referral_events")),
        sa.UniqueConstraint("referral_id", "place", name=op.f("uq_referral_events_referral_id_place")),
    )
    op.create_table(
        "referral_findings",
        sa.Column("referral_id", sa.Uuid(), nullable=False),
        sa.Column("finding_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["finding_id"], ["findings.id"], name=op.f("fk_referral_findings_finding_id")
        ),
        sa.ForeignKeyConstraint(
            ["referral_id"], ["referrals.id"], name=op.f("fk_referral_findings_referral_id")
        ),
        sa.PrimaryKeyConstraint("referral_id", "finding_id", name=op.f("pk_referral_findings")),
    )
    op.create_index(op.f("ix_referral_findings_finding_id"), "referral_findings", ["finding_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_referral_findings_finding_id"), table_name="referral_findings")
    op.drop_table("referral_findings")
    op.drop_table("referral_events")
    op.drop_index(op.f("ix_referral_photos_photo_id"), table_name="referral_photos")
    op.drop_table("referral_photos")
    op.drop_index(op.f("ix_referral_links_referral_id"), table_name="referral_links")
    op.drop_table("referral_links")
    op.drop_index("ix_referrals_township_status_order", table_name="referrals")
    op.drop_index(op.f("ix_referrals_region_id"), table_name="referrals")
    op.drop_index("ix_referrals_premises_created", table_name="referrals")
    op.drop_index(op.f("ix_referrals_notice_id"), table_name="referrals")
    op.drop_index(op.f("ix_referrals_inspection_id"), table_name="referrals")
    op.drop_index("ix_referrals_county_status_order", table_name="referrals")
    op.drop_table("referrals")
    op.drop_table("referral_series")
    op.drop_index(op.f("ix_addressees_region_id"), table_name="addressees")
    op.drop_index("ix_addressees_county_authority", table_name="addressees")
    op.drop_table("addressees")
