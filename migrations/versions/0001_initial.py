"""The tables of the main job: people, premises, checklists, inspections, photos, notices.

Revision ID: 0001
Revises: nothing
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:  # noqa: PLR0915 - a list of tables, no logic
    op.create_table(
        "audit_records",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("object_type", sa.String(), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("change_id", sa.Uuid(), nullable=True),
        sa.Column("request_id", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("after", sa.JSON(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_records")),
        sa.UniqueConstraint("change_id", name=op.f("uq_audit_records_change_id")),
    )
    op.create_index(op.f("ix_audit_records_at"), "audit_records", ["at"], unique=False)
    op.create_index("ix_audit_records_object", "audit_records", ["object_type", "object_id"], unique=False)
    op.create_index(op.f("ix_audit_records_person_id"), "audit_records", ["person_id"], unique=False)
    op.create_table(
        "regions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("level", sa.String(length=40), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name_zh", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("county_id", sa.Uuid(), nullable=True),
        sa.Column("township_id", sa.Uuid(), nullable=True),
        sa.Column("village_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["parent_id"], ["regions.id"], name=op.f("fk_regions_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_regions")),
        sa.UniqueConstraint("code", name=op.f("uq_regions_code")),
    )
    op.create_index(op.f("ix_regions_county_id"), "regions", ["county_id"], unique=False)
    op.create_index(op.f("ix_regions_parent_id"), "regions", ["parent_id"], unique=False)
    op.create_index(op.f("ix_regions_township_id"), "regions", ["township_id"], unique=False)
    op.create_index(op.f("ix_regions_village_id"), "regions", ["village_id"], unique=False)
    op.create_table(
        "roles",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roles")),
        sa.UniqueConstraint("name", name=op.f("uq_roles_name")),
    )
    op.create_table(
        "organisations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name_zh", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("number_prefix", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("objection_to", sa.String(), nullable=False),
        sa.Column("county_id", sa.Uuid(), nullable=False),
        sa.Column("township_id", sa.Uuid(), nullable=True),
        sa.Column("village_id", sa.Uuid(), nullable=True),
        sa.Column("region_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("fk_organisations_region_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisations")),
    )
    op.create_index(op.f("ix_organisations_region_id"), "organisations", ["region_id"], unique=False)
    op.create_table(
        "premises",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("person_in_charge", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("credit_code", sa.String(), nullable=False),
        sa.Column("high_rise", sa.Boolean(), nullable=False),
        sa.Column("staff_certificates", sa.Integer(), nullable=True),
        sa.Column("staff_certificates_until", sa.Date(), nullable=True),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("notes", sa.Text(), nullable=False),
        sa.Column("door_token", sa.String(), nullable=False),
        sa.Column("last_inspected_at", sa.DateTime(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.Column("merged_into_id", sa.Uuid(), nullable=True),
        sa.Column("county_id", sa.Uuid(), nullable=False),
        sa.Column("township_id", sa.Uuid(), nullable=True),
        sa.Column("village_id", sa.Uuid(), nullable=True),
        sa.Column("region_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["merged_into_id"], ["premises.id"], name=op.f("fk_premises_merged_into_id")),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("fk_premises_region_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_premises")),
        sa.UniqueConstraint("door_token", name=op.f("uq_premises_door_token")),
    )
    op.create_index("ix_premises_county_name", "premises", ["county_id", "name", "id"], unique=False)
    op.create_index(op.f("ix_premises_merged_into_id"), "premises", ["merged_into_id"], unique=False)
    op.create_index(
        "ix_premises_county_position", "premises", ["county_id", "latitude", "longitude"], unique=False
    )
    op.create_index(
        "ix_premises_township_position", "premises", ["township_id", "latitude", "longitude"], unique=False
    )
    op.create_index(op.f("ix_premises_region_id"), "premises", ["region_id"], unique=False)
    op.create_index("ix_premises_township_name", "premises", ["township_id", "name", "id"], unique=False)
    op.create_index("ix_premises_village_name", "premises", ["village_id", "name", "id"], unique=False)
    op.create_table(
        "licences",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("premises_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["premises_id"], ["premises.id"], name=op.f("fk_licences_premises_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_licences")),
    )
    op.create_index(op.f("ix_licences_premises_id"), "licences", ["premises_id"], unique=False)
    op.create_table(
        "number_series",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_number_series_organisation_id")
        ),
        sa.PrimaryKeyConstraint("organisation_id", "kind", "year", name=op.f("pk_number_series")),
    )
    op.create_table(
        "people",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("login", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("password", sa.String(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("fs_uniquifier", sa.String(length=64), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("certificate_number", sa.String(), nullable=False),
        sa.Column("certificate_until", sa.Date(), nullable=True),
        sa.Column("locale", sa.String(), nullable=False),
        sa.Column("must_change_password", sa.Boolean(), nullable=False),
        sa.Column("failed_sign_ins", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("tf_primary_method", sa.String(length=64), nullable=True),
        sa.Column("tf_totp_secret", sa.String(length=255), nullable=True),
        sa.Column("tf_phone_number", sa.String(length=128), nullable=True),
        sa.Column("mf_recovery_codes", sa.UnicodeText(), nullable=True),
        sa.Column("fs_webauthn_user_handle", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_people_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people")),
        sa.UniqueConstraint("email", name=op.f("uq_people_email")),
        sa.UniqueConstraint("fs_uniquifier", name=op.f("uq_people_fs_uniquifier")),
        sa.UniqueConstraint("fs_webauthn_user_handle", name=op.f("uq_people_fs_webauthn_user_handle")),
        sa.UniqueConstraint("login", name=op.f("uq_people_login")),
    )
    op.create_index(op.f("ix_people_organisation_id"), "people", ["organisation_id"], unique=False)
    op.create_table(
        "premises_domains",
        sa.Column("premises_id", sa.Uuid(), nullable=False),
        sa.Column("domain", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["premises_id"], ["premises.id"], name=op.f("fk_premises_domains_premises_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("premises_id", "domain", name=op.f("pk_premises_domains")),
    )
    op.create_index(op.f("ix_premises_domains_domain"), "premises_domains", ["domain"], unique=False)
    op.create_table(
        "premises_search_terms",
        sa.Column("premises_id", sa.Uuid(), nullable=False),
        sa.Column("term", sa.String().with_variant(sa.String(collation="C"), "postgresql"), nullable=False),
        sa.Column("county_id", sa.Uuid(), nullable=False),
        sa.Column("township_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(
            ["premises_id"],
            ["premises.id"],
            name=op.f("fk_premises_search_terms_premises_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("premises_id", "term", name=op.f("pk_premises_search_terms")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_premises_search_terms_county",
        "premises_search_terms",
        ["county_id", "term", "premises_id"],
        unique=False,
    )
    op.create_index(
        "ix_premises_search_terms_township",
        "premises_search_terms",
        ["township_id", "term", "premises_id"],
        unique=False,
    )
    op.create_table(
        "checklist_versions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("domain", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("published_at", sa.DateTime(), nullable=False),
        sa.Column("published_by_id", sa.Uuid(), nullable=True),
        sa.Column("remark", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["published_by_id"], ["people.id"], name=op.f("fk_checklist_versions_published_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checklist_versions")),
        sa.UniqueConstraint("domain", "number", name=op.f("uq_checklist_versions_domain_number")),
    )
    op.create_index(op.f("ix_checklist_versions_domain"), "checklist_versions", ["domain"], unique=False)
    op.create_table(
        "inspections",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("premises_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("lead_id", sa.Uuid(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=False),
        sa.Column("device_started_at", sa.DateTime(), nullable=True),
        sa.Column("clock_offset_ms", sa.Integer(), nullable=True),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("accuracy_m", sa.Double(), nullable=True),
        sa.Column("finished_at", sa.DateTime(), nullable=True),
        sa.Column("conclusion", sa.Text(), nullable=False),
        sa.Column("receipt", sa.String(length=40), nullable=True),
        sa.Column("signer_name", sa.String(), nullable=False),
        sa.Column("signature_key", sa.String(), nullable=False),
        sa.Column("refusal_reason", sa.String(), nullable=False),
        sa.Column("witness", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("county_id", sa.Uuid(), nullable=False),
        sa.Column("township_id", sa.Uuid(), nullable=True),
        sa.Column("village_id", sa.Uuid(), nullable=True),
        sa.Column("region_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["lead_id"], ["people.id"], name=op.f("fk_inspections_lead_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_inspections_organisation_id")
        ),
        sa.ForeignKeyConstraint(["parent_id"], ["inspections.id"], name=op.f("fk_inspections_parent_id")),
        sa.ForeignKeyConstraint(["premises_id"], ["premises.id"], name=op.f("fk_inspections_premises_id")),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("fk_inspections_region_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspections")),
    )
    op.create_index("ix_inspections_county_started", "inspections", ["county_id", "started_at"], unique=False)
    op.create_index(
        "ix_inspections_lead_status", "inspections", ["lead_id", "status", "started_at"], unique=False
    )
    op.create_index(
        "ix_inspections_premises_started", "inspections", ["premises_id", "started_at"], unique=False
    )
    op.create_index(op.f("ix_inspections_region_id"), "inspections", ["region_id"], unique=False)
    op.create_index(
        "ix_inspections_township_started", "inspections", ["township_id", "started_at"], unique=False
    )
    op.create_table(
        "passkeys",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(length=1024), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.Integer(), nullable=False),
        sa.Column("transports", sa.UnicodeText(), nullable=True),
        sa.Column("backup_state", sa.Boolean(), nullable=False),
        sa.Column("device_type", sa.String(length=64), nullable=False),
        sa.Column("extensions", sa.String(length=255), nullable=True),
        sa.Column("create_datetime", sa.DateTime(), nullable=False),
        sa.Column("lastuse_datetime", sa.DateTime(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("usage", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_passkeys_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkeys")),
    )
    op.create_index(op.f("ix_passkeys_credential_id"), "passkeys", ["credential_id"], unique=True)
    op.create_table(
        "people_roles",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("role_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_people_roles_person_id")),
        sa.ForeignKeyConstraint(["role_id"], ["roles.id"], name=op.f("fk_people_roles_role_id")),
        sa.PrimaryKeyConstraint("person_id", "role_id", name=op.f("pk_people_roles")),
    )
    op.create_table(
        "photos",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("storage_key", sa.String(length=250), nullable=False),
        sa.Column("original_name", sa.String(length=120), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("exif", sa.JSON(), nullable=False),
        sa.Column("taken_at", sa.DateTime(), nullable=True),
        sa.Column("taken_zone_assumed", sa.Boolean(), nullable=False),
        sa.Column("exif_latitude", sa.Double(), nullable=True),
        sa.Column("exif_longitude", sa.Double(), nullable=True),
        sa.Column("device", sa.String(length=100), nullable=False),
        sa.Column("captured_at", sa.DateTime(), nullable=True),
        sa.Column("clock_offset_ms", sa.BigInteger(), nullable=True),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("accuracy_m", sa.Double(), nullable=True),
        sa.Column("received_at", sa.DateTime(), nullable=False),
        sa.Column("uploaded_by_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["uploaded_by_id"], ["people.id"], name=op.f("fk_photos_uploaded_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_photos")),
    )
    op.create_index(op.f("ix_photos_received_at"), "photos", ["received_at"], unique=False)
    op.create_index(op.f("ix_photos_sha256"), "photos", ["sha256"], unique=False)
    op.create_index(
        "ix_photos_uploaded_by_id_received_at", "photos", ["uploaded_by_id", "received_at"], unique=False
    )
    op.create_table(
        "premises_imports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("header", sa.JSON(), nullable=False),
        sa.Column("rows", sa.JSON(), nullable=False),
        sa.Column("first_row", sa.Integer(), nullable=False),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column("finished_at", sa.DateTime(), nullable=True),
        sa.Column("summary", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_premises_imports_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_premises_imports")),
    )
    op.create_table(
        "checklist_items",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("title_zh", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text(), nullable=False),
        sa.Column("how_zh", sa.Text(), nullable=False),
        sa.Column("how_en", sa.Text(), nullable=False),
        sa.Column("basis_zh", sa.Text(), nullable=False),
        sa.Column("basis_en", sa.Text(), nullable=False),
        sa.Column("severity", sa.String(), nullable=False),
        sa.Column("deadline_zh", sa.String(), nullable=False),
        sa.Column("deadline_en", sa.String(), nullable=False),
        sa.Column("deadline_days", sa.Integer(), nullable=True),
        sa.Column("immediate", sa.Boolean(), nullable=False),
        sa.Column("quantity_zh", sa.Text(), nullable=True),
        sa.Column("quantity_en", sa.Text(), nullable=True),
        sa.Column("photo_required", sa.Boolean(), nullable=False),
        sa.Column("sources", sa.JSON(), nullable=False),
        sa.Column("unsure", sa.Boolean(), nullable=False),
        sa.Column("unsure_why", sa.String(), nullable=False),
        sa.Column("refer_to", sa.String(), nullable=False),
        sa.Column("advice_zh", sa.Text(), nullable=False),
        sa.Column("advice_en", sa.Text(), nullable=False),
        sa.Column("phrases", sa.JSON(), nullable=False),
        sa.Column("measures", sa.JSON(), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=True),
        sa.Column("conditions", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"], ["checklist_versions.id"], name=op.f("fk_checklist_items_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checklist_items")),
        sa.UniqueConstraint("version_id", "code", name=op.f("uq_checklist_items_version_id_code")),
    )
    op.create_index(op.f("ix_checklist_items_version_id"), "checklist_items", ["version_id"], unique=False)
    op.create_table(
        "inspection_fellows",
        sa.Column("inspection_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["inspection_id"],
            ["inspections.id"],
            name=op.f("fk_inspection_fellows_inspection_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_inspection_fellows_person_id")),
        sa.PrimaryKeyConstraint("inspection_id", "person_id", name=op.f("pk_inspection_fellows")),
    )
    op.create_table(
        "inspection_sheets",
        sa.Column("inspection_id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("item_ids", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["inspection_id"],
            ["inspections.id"],
            name=op.f("fk_inspection_sheets_inspection_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["checklist_versions.id"], name=op.f("fk_inspection_sheets_version_id")
        ),
        sa.PrimaryKeyConstraint("inspection_id", "version_id", name=op.f("pk_inspection_sheets")),
    )
    op.create_table(
        "notices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("inspection_id", sa.Uuid(), nullable=False),
        sa.Column("premises_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=True),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("drafted_by_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("issued_by_id", sa.Uuid(), nullable=True),
        sa.Column("issued_at", sa.DateTime(), nullable=True),
        sa.Column("replaces_id", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(), nullable=True),
        sa.Column("withdrawn_by_id", sa.Uuid(), nullable=True),
        sa.Column("withdrawn_reason", sa.Text(), nullable=False),
        sa.Column("openings", sa.Integer(), nullable=False),
        sa.Column("first_opened_at", sa.DateTime(), nullable=True),
        sa.Column("last_opened_at", sa.DateTime(), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(), nullable=True),
        sa.Column("missing_glyphs", sa.String(), nullable=False),
        sa.Column("county_id", sa.Uuid(), nullable=False),
        sa.Column("township_id", sa.Uuid(), nullable=True),
        sa.Column("village_id", sa.Uuid(), nullable=True),
        sa.Column("region_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["drafted_by_id"], ["people.id"], name=op.f("fk_notices_drafted_by_id")),
        sa.ForeignKeyConstraint(["inspection_id"], ["inspections.id"], name=op.f("fk_notices_inspection_id")),
        sa.ForeignKeyConstraint(["issued_by_id"], ["people.id"], name=op.f("fk_notices_issued_by_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_notices_organisation_id")
        ),
        sa.ForeignKeyConstraint(["premises_id"], ["premises.id"], name=op.f("fk_notices_premises_id")),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("fk_notices_region_id")),
        sa.ForeignKeyConstraint(["replaces_id"], ["notices.id"], name=op.f("fk_notices_replaces_id")),
        sa.ForeignKeyConstraint(["withdrawn_by_id"], ["people.id"], name=op.f("fk_notices_withdrawn_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint(
            "organisation_id",
            "kind",
            "year",
            "sequence",
            name=op.f("uq_notices_organisation_id_kind_year_sequence"),
        ),
        sa.UniqueConstraint("token", name=op.f("uq_notices_token")),
    )
    op.create_index(
        "ix_notices_county_status_due", "notices", ["county_id", "status", "due_on"], unique=False
    )
    op.create_index(op.f("ix_notices_inspection_id"), "notices", ["inspection_id"], unique=False)
    op.create_index("ix_notices_premises_issued", "notices", ["premises_id", "issued_at"], unique=False)
    op.create_index(op.f("ix_notices_region_id"), "notices", ["region_id"], unique=False)
    op.create_index(
        "ix_notices_township_status_due", "notices", ["township_id", "status", "due_on"], unique=False
    )
    op.create_table(
        "answers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("inspection_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("result", sa.String(length=40), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("phrases", sa.JSON(), nullable=False),
        sa.Column("readings", sa.JSON(), nullable=False),
        sa.Column("sweep_id", sa.Uuid(), nullable=True),
        sa.Column("answered_at", sa.DateTime(), nullable=False),
        sa.Column("answered_by_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["answered_by_id"], ["people.id"], name=op.f("fk_answers_answered_by_id")),
        sa.ForeignKeyConstraint(
            ["inspection_id"], ["inspections.id"], name=op.f("fk_answers_inspection_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["item_id"], ["checklist_items.id"], name=op.f("fk_answers_item_id")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["checklist_versions.id"], name=op.f("fk_answers_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_answers")),
        sa.UniqueConstraint("inspection_id", "item_id", name=op.f("uq_answers_inspection_id_item_id")),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("method", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("receiver", sa.String(), nullable=False),
        sa.Column("signature_key", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("witness", sa.String(), nullable=False),
        sa.Column("consent", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_deliveries_by_id")),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_deliveries_notice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
    )
    op.create_index(op.f("ix_deliveries_notice_id"), "deliveries", ["notice_id"], unique=False)
    op.create_table(
        "amendments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("inspection_id", sa.Uuid(), nullable=False),
        sa.Column("answer_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("after", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["answer_id"], ["answers.id"], name=op.f("fk_amendments_answer_id")),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_amendments_by_id")),
        sa.ForeignKeyConstraint(
            ["inspection_id"], ["inspections.id"], name=op.f("fk_amendments_inspection_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_amendments")),
    )
    op.create_index(op.f("ix_amendments_inspection_id"), "amendments", ["inspection_id"], unique=False)
    op.create_table(
        "findings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("answer_id", sa.Uuid(), nullable=False),
        sa.Column("inspection_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.String(length=40), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("refer_to", sa.String(), nullable=False),
        sa.Column("refer_reason", sa.Text(), nullable=False),
        sa.Column("refer_on", sa.Date(), nullable=True),
        sa.Column("guard", sa.String(), nullable=False),
        sa.Column("scene", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["answer_id"], ["answers.id"], name=op.f("fk_findings_answer_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["inspection_id"], ["inspections.id"], name=op.f("fk_findings_inspection_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_findings")),
        sa.UniqueConstraint("answer_id", name=op.f("uq_findings_answer_id")),
    )
    op.create_index(op.f("ix_findings_due_on"), "findings", ["due_on"], unique=False)
    op.create_index(op.f("ix_findings_inspection_id"), "findings", ["inspection_id"], unique=False)
    op.create_table(
        "inspection_photos",
        sa.Column("photo_id", sa.Uuid(), nullable=False),
        sa.Column("inspection_id", sa.Uuid(), nullable=False),
        sa.Column("answer_id", sa.Uuid(), nullable=True),
        sa.Column("premises_id", sa.Uuid(), nullable=False),
        sa.Column("inspector_id", sa.Uuid(), nullable=False),
        sa.Column("domain", sa.String(), nullable=False),
        sa.Column("severity", sa.String(), nullable=False),
        sa.Column("on_notice", sa.Boolean(), nullable=False),
        sa.Column("received_at", sa.DateTime(), nullable=False),
        sa.Column("review", sa.String(length=40), nullable=False),
        sa.Column("reviewed_by_id", sa.Uuid(), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(), nullable=True),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("county_id", sa.Uuid(), nullable=False),
        sa.Column("township_id", sa.Uuid(), nullable=True),
        sa.Column("village_id", sa.Uuid(), nullable=True),
        sa.Column("region_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["answer_id"], ["answers.id"], name=op.f("fk_inspection_photos_answer_id")),
        sa.ForeignKeyConstraint(
            ["inspection_id"], ["inspections.id"], name=op.f("fk_inspection_photos_inspection_id")
        ),
        sa.ForeignKeyConstraint(
            ["inspector_id"], ["people.id"], name=op.f("fk_inspection_photos_inspector_id")
        ),
        sa.ForeignKeyConstraint(["photo_id"], ["photos.id"], name=op.f("fk_inspection_photos_photo_id")),
        sa.ForeignKeyConstraint(
            ["premises_id"], ["premises.id"], name=op.f("fk_inspection_photos_premises_id")
        ),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("fk_inspection_photos_region_id")),
        sa.ForeignKeyConstraint(
            ["reviewed_by_id"], ["people.id"], name=op.f("fk_inspection_photos_reviewed_by_id")
        ),
        sa.PrimaryKeyConstraint("photo_id", name=op.f("pk_inspection_photos")),
    )
    op.create_index(op.f("ix_inspection_photos_answer_id"), "inspection_photos", ["answer_id"], unique=False)
    op.create_index(
        "ix_inspection_photos_county", "inspection_photos", ["county_id", "received_at"], unique=False
    )
    op.create_index(
        "ix_inspection_photos_county_review",
        "inspection_photos",
        ["county_id", "review", "received_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_inspection_photos_inspection_id"), "inspection_photos", ["inspection_id"], unique=False
    )
    op.create_index(
        "ix_inspection_photos_inspector", "inspection_photos", ["inspector_id", "received_at"], unique=False
    )
    op.create_index(
        "ix_inspection_photos_premises", "inspection_photos", ["premises_id", "received_at"], unique=False
    )
    op.create_index(op.f("ix_inspection_photos_region_id"), "inspection_photos", ["region_id"], unique=False)
    op.create_index(
        "ix_inspection_photos_township", "inspection_photos", ["township_id", "received_at"], unique=False
    )
    op.create_index(
        "ix_inspection_photos_township_review",
        "inspection_photos",
        ["township_id", "review", "received_at"],
        unique=False,
    )
    op.create_index(
        "ix_inspection_photos_village", "inspection_photos", ["village_id", "received_at"], unique=False
    )
    op.create_table(
        "notice_findings",
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("finding_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["finding_id"], ["findings.id"], name=op.f("fk_notice_findings_finding_id")),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notices.id"], name=op.f("fk_notice_findings_notice_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("notice_id", "finding_id", name=op.f("pk_notice_findings")),
    )


def downgrade() -> None:  # noqa: PLR0915 - a list of tables, no logic
    op.drop_table("notice_findings")
    op.drop_index("ix_inspection_photos_village", table_name="inspection_photos")
    op.drop_index("ix_inspection_photos_township_review", table_name="inspection_photos")
    op.drop_index("ix_inspection_photos_township", table_name="inspection_photos")
    op.drop_index(op.f("ix_inspection_photos_region_id"), table_name="inspection_photos")
    op.drop_index("ix_inspection_photos_premises", table_name="inspection_photos")
    op.drop_index("ix_inspection_photos_inspector", table_name="inspection_photos")
    op.drop_index(op.f("ix_inspection_photos_inspection_id"), table_name="inspection_photos")
    op.drop_index("ix_inspection_photos_county_review", table_name="inspection_photos")
    op.drop_index("ix_inspection_photos_county", table_name="inspection_photos")
    op.drop_index(op.f("ix_inspection_photos_answer_id"), table_name="inspection_photos")
    op.drop_table("inspection_photos")
    op.drop_index(op.f("ix_findings_inspection_id"), table_name="findings")
    op.drop_index(op.f("ix_findings_due_on"), table_name="findings")
    op.drop_table("findings")
    op.drop_index(op.f("ix_amendments_inspection_id"), table_name="amendments")
    op.drop_table("amendments")
    op.drop_index(op.f("ix_deliveries_notice_id"), table_name="deliveries")
    op.drop_table("deliveries")
    op.drop_table("answers")
    op.drop_index("ix_notices_township_status_due", table_name="notices")
    op.drop_index(op.f("ix_notices_region_id"), table_name="notices")
    op.drop_index("ix_notices_premises_issued", table_name="notices")
    op.drop_index(op.f("ix_notices_inspection_id"), table_name="notices")
    op.drop_index("ix_notices_county_status_due", table_name="notices")
    op.drop_table("notices")
    op.drop_table("inspection_sheets")
    op.drop_table("inspection_fellows")
    op.drop_index(op.f("ix_checklist_items_version_id"), table_name="checklist_items")
    op.drop_table("checklist_items")
    op.drop_table("premises_imports")
    op.drop_index("ix_photos_uploaded_by_id_received_at", table_name="photos")
    op.drop_index(op.f("ix_photos_sha256"), table_name="photos")
    op.drop_index(op.f("ix_photos_received_at"), table_name="photos")
    op.drop_table("photos")
    op.drop_table("people_roles")
    op.drop_index(op.f("ix_passkeys_credential_id"), table_name="passkeys")
    op.drop_table("passkeys")
    op.drop_index("ix_inspections_township_started", table_name="inspections")
    op.drop_index(op.f("ix_inspections_region_id"), table_name="inspections")
    op.drop_index("ix_inspections_premises_started", table_name="inspections")
    op.drop_index("ix_inspections_lead_status", table_name="inspections")
    op.drop_index("ix_inspections_county_started", table_name="inspections")
    op.drop_table("inspections")
    op.drop_index(op.f("ix_checklist_versions_domain"), table_name="checklist_versions")
    op.drop_table("checklist_versions")
    op.drop_index("ix_premises_search_terms_township", table_name="premises_search_terms")
    op.drop_index("ix_premises_search_terms_county", table_name="premises_search_terms")
    op.drop_table("premises_search_terms")
    op.drop_index(op.f("ix_premises_domains_domain"), table_name="premises_domains")
    op.drop_table("premises_domains")
    op.drop_index(op.f("ix_people_organisation_id"), table_name="people")
    op.drop_table("people")
    op.drop_table("number_series")
    op.drop_index(op.f("ix_licences_premises_id"), table_name="licences")
    op.drop_table("licences")
    op.drop_index("ix_premises_village_name", table_name="premises")
    op.drop_index("ix_premises_township_name", table_name="premises")
    op.drop_index(op.f("ix_premises_region_id"), table_name="premises")
    op.drop_index("ix_premises_township_position", table_name="premises")
    op.drop_index("ix_premises_county_position", table_name="premises")
    op.drop_index(op.f("ix_premises_merged_into_id"), table_name="premises")
    op.drop_index("ix_premises_county_name", table_name="premises")
    op.drop_table("premises")
    op.drop_index(op.f("ix_organisations_region_id"), table_name="organisations")
    op.drop_table("organisations")
    op.drop_table("roles")
    op.drop_index(op.f("ix_regions_village_id"), table_name="regions")
    op.drop_index(op.f("ix_regions_township_id"), table_name="regions")
    op.drop_index(op.f("ix_regions_parent_id"), table_name="regions")
    op.drop_index(op.f("ix_regions_county_id"), table_name="regions")
    op.drop_table("regions")
    op.drop_index(op.f("ix_audit_records_person_id"), table_name="audit_records")
    op.drop_index("ix_audit_records_object", table_name="audit_records")
    op.drop_index(op.f("ix_audit_records_at"), table_name="audit_records")
    op.drop_table("audit_records")
