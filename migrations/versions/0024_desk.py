"""The supervisor's desk: marks that can be taken back, messages about a photo, saved filters.

Revision ID: 0024
Revises: 0023
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "photo_marks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("photo_id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=True),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("review", sa.String(40), nullable=False),
        sa.Column("remark", sa.Text(), nullable=False),
        sa.Column("was", sa.JSON(), nullable=False),
        sa.Column("undone_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_photo_marks_by_id")),
        sa.ForeignKeyConstraint(["photo_id"], ["inspection_photos.photo_id"], name=op.f("fk_photo_marks_photo_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_photo_marks")),
    )
    op.create_index("ix_photo_marks_photo", "photo_marks", ["photo_id", "at"])
    op.create_index("ix_photo_marks_batch", "photo_marks", ["batch_id"])
    op.create_table(
        "photo_messages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("photo_id", sa.Uuid(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("from_desk", sa.Boolean(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("read_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_photo_messages_by_id")),
        sa.ForeignKeyConstraint(
            ["photo_id"], ["inspection_photos.photo_id"], name=op.f("fk_photo_messages_photo_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_photo_messages")),
    )
    op.create_index("ix_photo_messages_photo", "photo_messages", ["photo_id", "at"])
    op.create_index(
        "ix_photo_messages_unread",
        "photo_messages",
        ["from_desk", "at"],
        sqlite_where=sa.text("read_at IS NULL"),
        postgresql_where=sa.text("read_at IS NULL"),
    )
    op.create_table(
        "saved_filters",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("arguments", sa.JSON(), nullable=False),
        sa.Column("saved_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_saved_filters_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_filters")),
        sa.UniqueConstraint("person_id", "name", name="uq_saved_filters_person_name"),
    )


def downgrade() -> None:
    op.drop_table("saved_filters")
    op.drop_index("ix_photo_messages_unread", table_name="photo_messages")
    op.drop_index("ix_photo_messages_photo", table_name="photo_messages")
    op.drop_table("photo_messages")
    op.drop_index("ix_photo_marks_batch", table_name="photo_marks")
    op.drop_index("ix_photo_marks_photo", table_name="photo_marks")
    op.drop_table("photo_marks")
