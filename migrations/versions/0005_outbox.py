"""What phones send later: devices, changes, announced photos, and the clocks beside answers and visits.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

WIDE = sa.Integer().with_variant(sa.BigInteger(), "postgresql")
HELD, MISSING = sa.text("status = 'held'"), sa.text("arrived_at IS NULL")
NEW = {
    "inspections": [
        ("received_at", sa.DateTime()),
        ("device_finished_at", sa.DateTime()),
        ("finish_received_at", sa.DateTime()),
    ],
    "answers": [("device_at", sa.DateTime()), ("clock_offset_ms", WIDE), ("received_at", sa.DateTime())],
}


def upgrade() -> None:
    for table, columns in NEW.items():
        for name, kind in columns:
            op.add_column(table, sa.Column(name, kind, nullable=True))
    op.add_column("answers", sa.Column("heads", sa.JSON(), nullable=False, server_default=sa.text("'{}'")))
    _widen(sa.BigInteger(), sa.Integer())
    _devices()
    _changes()
    _announced()


def downgrade() -> None:
    for table in ("announced_photos", "sync_changes", "devices"):
        op.drop_table(table)
    _widen(sa.Integer(), sa.BigInteger())
    op.drop_column("answers", "heads")
    for table, columns in NEW.items():
        for name, _kind in columns:
            op.drop_column(table, name)  # no copy of the table: what refers to it would be deleted along


def _widen(wanted: sa.types.TypeEngine, before: sa.types.TypeEngine) -> None:
    """A clock years off does not fit 32 bits; SQLite's integers do not care."""
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("inspections", "clock_offset_ms", type_=wanted, existing_type=before)


def _devices() -> None:
    op.create_table(
        "devices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(), nullable=False),
        sa.Column("clock_offset_ms", WIDE, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_devices_person_id"),
        sa.PrimaryKeyConstraint("id", "person_id", name="pk_devices"),
        sqlite_with_rowid=False,
    )


def _changes() -> None:
    op.create_table(
        "sync_changes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("content", sa.LargeBinary(length=32), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("inspection_id", sa.Uuid(), nullable=True),
        sa.Column("answer_id", sa.Uuid(), nullable=True),
        sa.Column("item_id", sa.Uuid(), nullable=True),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("device_at", sa.BigInteger(), nullable=False),
        sa.Column("offset_ms", WIDE, nullable=True),
        sa.Column("received_at", sa.DateTime(), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_sync_changes_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_sync_changes"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_sync_changes_visit", "sync_changes", ["inspection_id", "answer_id"])
    op.create_index(
        "ix_sync_changes_held", "sync_changes", ["received_at"], sqlite_where=HELD, postgresql_where=HELD
    )


def _announced() -> None:
    op.create_table(
        "announced_photos",
        sa.Column("photo_id", sa.Uuid(), nullable=False),
        sa.Column("inspection_id", sa.Uuid(), nullable=False),
        sa.Column("answer_id", sa.Uuid(), nullable=True),
        sa.Column("item_id", sa.Uuid(), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.String(length=40), nullable=False),
        sa.Column("meta", sa.JSON(), nullable=False),
        sa.Column("announced_at", sa.DateTime(), nullable=False),
        sa.Column("arrived_at", sa.DateTime(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["inspection_id"], ["inspections.id"], name="fk_announced_photos_inspection_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["answer_id"], ["answers.id"], name="fk_announced_photos_answer_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_announced_photos_person_id"),
        sa.PrimaryKeyConstraint("photo_id", name="pk_announced_photos"),
    )
    op.create_index("ix_announced_photos_inspection", "announced_photos", ["inspection_id", "answer_id"])
    op.create_index(
        "ix_announced_photos_missing", "announced_photos", ["announced_at"],
        sqlite_where=MISSING, postgresql_where=MISSING,
    )  # fmt: skip
