"""Retention: deleted photos, what the public does not see of a photo, legal holds, looks at evidence, runs.

Revision ID: 0021
Revises: 0020
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

IN_FORCE = {"sqlite_where": sa.text("lifted_at IS NULL"), "postgresql_where": sa.text("lifted_at IS NULL")}
UNSENT = {"sqlite_where": sa.text("reply_id IS NULL"), "postgresql_where": sa.text("reply_id IS NULL")}


def upgrade() -> None:
    op.add_column("photos", sa.Column("removed_at", sa.DateTime(), nullable=True))
    op.create_index("ix_reply_photos_unsent", "reply_photos", ["received_at"], **UNSENT)
    op.create_table(
        "photo_covers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("photo_id", sa.Uuid(), nullable=False),
        sa.Column("boxes", sa.JSON(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("undone_at", sa.DateTime(), nullable=True),
        sa.Column("undone_by_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["photo_id"], ["photos.id"], name=op.f("fk_photo_covers_photo_id")),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_photo_covers_by_id")),
        sa.ForeignKeyConstraint(["undone_by_id"], ["people.id"], name=op.f("fk_photo_covers_undone_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_photo_covers")),
    )
    op.create_index("ix_photo_covers_photo_at", "photo_covers", ["photo_id", "at"])
    op.create_table(
        "legal_holds",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.String(40), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("placed_at", sa.DateTime(), nullable=False),
        sa.Column("placed_by_id", sa.Uuid(), nullable=False),
        sa.Column("lifted_at", sa.DateTime(), nullable=True),
        sa.Column("lifted_by_id", sa.Uuid(), nullable=True),
        sa.Column("lifted_reason", sa.Text(), nullable=False),
        sa.Column("region_id", sa.Uuid(), nullable=False),
        sa.Column("county_id", sa.Uuid(), nullable=False),
        sa.Column("township_id", sa.Uuid(), nullable=True),
        sa.Column("village_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("fk_legal_holds_region_id")),
        sa.ForeignKeyConstraint(["placed_by_id"], ["people.id"], name=op.f("fk_legal_holds_placed_by_id")),
        sa.ForeignKeyConstraint(["lifted_by_id"], ["people.id"], name=op.f("fk_legal_holds_lifted_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_holds")),
    )
    op.create_index("uq_legal_holds_in_force", "legal_holds", ["subject", "subject_id"], unique=True, **IN_FORCE)
    op.create_index("ix_legal_holds_subject", "legal_holds", ["subject_id", "placed_at"])
    op.create_index("ix_legal_holds_county_placed", "legal_holds", ["county_id", "placed_at", "id"])
    op.create_index(op.f("ix_legal_holds_region_id"), "legal_holds", ["region_id"])
    op.create_table(
        "evidence_looks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("county_id", sa.Uuid(), nullable=False),
        sa.Column("what", sa.String(40), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("address", sa.String(60), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_evidence_looks_person_id")),
        sa.ForeignKeyConstraint(["county_id"], ["regions.id"], name=op.f("fk_evidence_looks_county_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_looks")),
    )
    op.create_index("ix_evidence_looks_object", "evidence_looks", ["object_id", "at"])
    op.create_index("ix_evidence_looks_county_at", "evidence_looks", ["county_id", "at", "id"])
    op.create_table(
        "retention_runs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("started_at", sa.DateTime(), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_runs")),
    )
    op.create_index(op.f("ix_retention_runs_started_at"), "retention_runs", ["started_at"])


def downgrade() -> None:
    for table in ("retention_runs", "evidence_looks", "legal_holds", "photo_covers"):
        op.drop_table(table)
    op.drop_index("ix_reply_photos_unsent", table_name="reply_photos")
    op.drop_column("photos", "removed_at")
