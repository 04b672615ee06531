"""What owners answer to a notice, the photos of it, wrong digits tried, and their own look round.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "replies",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("finding_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("wished_on", sa.Date(), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("as_note", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("proved_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["finding_id"], ["findings.id"], name=op.f("fk_replies_finding_id")),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_replies_notice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_replies")),
        sa.UniqueConstraint("notice_id", "sequence", name=op.f("uq_replies_notice_id_sequence")),
    )
    op.create_index("ix_replies_notice_finding_sent", "replies", ["notice_id", "finding_id", "sent_at"])
    op.create_index(op.f("ix_replies_finding_id"), "replies", ["finding_id"])
    op.create_table(
        "reply_photos",
        sa.Column("photo_id", sa.Uuid(), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("finding_id", sa.Uuid(), nullable=False),
        sa.Column("draft_id", sa.Uuid(), nullable=False),
        sa.Column("reply_id", sa.Uuid(), nullable=True),
        sa.Column("received_at", sa.DateTime(), nullable=False),
        sa.Column("seen_before", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(["finding_id"], ["findings.id"], name=op.f("fk_reply_photos_finding_id")),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_reply_photos_notice_id")),
        sa.ForeignKeyConstraint(["photo_id"], ["photos.id"], name=op.f("fk_reply_photos_photo_id")),
        sa.ForeignKeyConstraint(["reply_id"], ["replies.id"], name=op.f("fk_reply_photos_reply_id")),
        sa.PrimaryKeyConstraint("photo_id", name=op.f("pk_reply_photos")),
    )
    op.create_index("ix_reply_photos_notice_draft", "reply_photos", ["notice_id", "draft_id"])
    op.create_index(op.f("ix_reply_photos_reply_id"), "reply_photos", ["reply_id"])
    op.create_table(
        "reply_locks",
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("pauses", sa.Integer(), nullable=False),
        sa.Column("paused_until", sa.DateTime(), nullable=True),
        sa.Column("last_try_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_reply_locks_notice_id")),
        sa.PrimaryKeyConstraint("notice_id", name=op.f("pk_reply_locks")),
    )
    op.create_table(
        "self_checks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("item_id", sa.Uuid(), nullable=False),
        sa.Column("says", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["checklist_items.id"], name=op.f("fk_self_checks_item_id")),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_self_checks_notice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_self_checks")),
        sa.UniqueConstraint("notice_id", "item_id", name=op.f("uq_self_checks_notice_id_item_id")),
    )


def downgrade() -> None:
    op.drop_table("self_checks")
    op.drop_table("reply_locks")
    op.drop_table("reply_photos")
    op.drop_table("replies")
