"""Reminders: what was said to whom about which date on which channel, claimed before it is sent.

Revision ID: 0019
Revises: 0018
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reminders",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("county_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.String(40), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("anchor", sa.Date(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("claimed_at", sa.DateTime(), nullable=False),
        sa.Column("tried_at", sa.DateTime(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(), nullable=True),
        sa.Column("sent_at", sa.DateTime(), nullable=True),
        sa.Column("done_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["county_id"], ["regions.id"], name=op.f("fk_reminders_county_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_reminders_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminders")),
        sa.UniqueConstraint(
            "subject_id", "kind", "step", "anchor", "recipient", "channel", name="uq_reminders_said_once"
        ),
    )
    op.create_index("ix_reminders_county_claimed", "reminders", ["county_id", "claimed_at", "id"])
    op.create_index(
        "ix_reminders_person_done", "reminders", ["person_id", "channel", "done_at", "claimed_at", "id"]
    )
    op.create_index("ix_reminders_state_claimed", "reminders", ["state", "claimed_at"])


def downgrade() -> None:
    op.drop_index("ix_reminders_state_claimed", table_name="reminders")
    op.drop_index("ix_reminders_person_done", table_name="reminders")
    op.drop_index("ix_reminders_county_claimed", table_name="reminders")
    op.drop_table("reminders")
