"""Numbers kept for phones without network; when a phone issued; the official registration number.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

TABLE, NOTICES = "number_reservations", "notices"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("reserved_at", sa.DateTime(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.Column("closed_at", sa.DateTime(), nullable=True),
        sa.Column("notice_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name="fk_number_reservations_notice_id"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_number_reservations_organisation_id"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_number_reservations_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_number_reservations"),
        sa.UniqueConstraint("batch_id", "position", name="uq_number_reservations_batch_id_position"),
        sa.UniqueConstraint("notice_id", name="uq_number_reservations_notice_id"),
        sa.UniqueConstraint(
            "organisation_id",
            "kind",
            "year",
            "sequence",
            name="uq_number_reservations_organisation_id_kind_year_sequence",
        ),
        sa.UniqueConstraint("token", name="uq_number_reservations_token"),
    )
    op.create_index("ix_number_reservations_person_kind_state", TABLE, ["person_id", "kind", "state"])
    op.create_index("ix_number_reservations_state_reserved", TABLE, ["state", "reserved_at"])
    op.add_column(NOTICES, sa.Column("issued_on_device_at", sa.DateTime(), nullable=True))
    op.add_column(NOTICES, sa.Column("registration_number", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    for column in ("registration_number", "issued_on_device_at"):
        op.drop_column(NOTICES, column)  # no copy of the table: what refers to it would be deleted along
    op.drop_table(TABLE)
