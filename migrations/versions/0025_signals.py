"""Signals: what was found, what was said about it, and what computing remembers of each visit.

Revision ID: 0025
Revises: 0024
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

ORDER = ("found_at", "id")


def upgrade() -> None:
    op.create_table(
        "signals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("inspection_id", sa.Uuid(), nullable=False),
        sa.Column("photo_id", sa.Uuid(), nullable=True),
        sa.Column("other_inspection_id", sa.Uuid(), nullable=True),
        sa.Column("other_photo_id", sa.Uuid(), nullable=True),
        sa.Column("premises_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("numbers", sa.JSON(), nullable=False),
        sa.Column("shadow", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("found_at", sa.DateTime(), nullable=False),
        sa.Column("answered_at", sa.DateTime(), nullable=True),
        sa.Column("decided_at", sa.DateTime(), nullable=True),
        sa.Column("decided_by_id", sa.Uuid(), nullable=True),
        sa.Column("region_id", sa.Uuid(), nullable=False),
        sa.Column("county_id", sa.Uuid(), nullable=False),
        sa.Column("township_id", sa.Uuid(), nullable=True),
        sa.Column("village_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["inspection_id"], ["inspections.id"], name=op.f("fk_signals_inspection_id")),
        sa.ForeignKeyConstraint(["photo_id"], ["photos.id"], name=op.f("fk_signals_photo_id")),
        sa.ForeignKeyConstraint(["other_inspection_id"], ["inspections.id"], name=op.f("fk_signals_other_inspection_id")),
        sa.ForeignKeyConstraint(["other_photo_id"], ["photos.id"], name=op.f("fk_signals_other_photo_id")),
        sa.ForeignKeyConstraint(["premises_id"], ["premises.id"], name=op.f("fk_signals_premises_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_signals_person_id")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["people.id"], name=op.f("fk_signals_decided_by_id")),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("fk_signals_region_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signals")),
    )
    for level in ("county", "township"):
        op.create_index(f"ix_signals_{level}_state", "signals", [f"{level}_id", "shadow", "state", *ORDER])
        op.create_index(f"ix_signals_{level}_kind", "signals", [f"{level}_id", "kind", "shadow", "state", *ORDER])
    op.create_index("ix_signals_person_state", "signals", ["person_id", "shadow", "state", *ORDER])
    for column in ("inspection_id", "photo_id", "region_id"):
        op.create_index(op.f(f"ix_signals_{column}"), "signals", [column])
    op.create_table(
        "signal_words",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("signal_id", sa.Uuid(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("state", sa.String(40), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["signal_id"], ["signals.id"], name=op.f("fk_signal_words_signal_id")),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_signal_words_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signal_words")),
    )
    op.create_index(op.f("ix_signal_words_signal_id"), "signal_words", ["signal_id"])
    _memory()


def _memory() -> None:
    op.create_table(
        "signal_traces",
        sa.Column("inspection_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("premises_id", sa.Uuid(), nullable=False),
        sa.Column("began_at", sa.DateTime(), nullable=False),
        sa.Column("known", sa.Boolean(), nullable=False),
        sa.Column("latitude", sa.Double(), nullable=True),
        sa.Column("longitude", sa.Double(), nullable=True),
        sa.Column("positioned", sa.Boolean(), nullable=False),
        sa.Column("pattern", sa.String(), nullable=False),
        sa.Column("marks", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["inspection_id"], ["inspections.id"], name=op.f("fk_signal_traces_inspection_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_signal_traces_person_id")),
        sa.ForeignKeyConstraint(["premises_id"], ["premises.id"], name=op.f("fk_signal_traces_premises_id")),
        sa.PrimaryKeyConstraint("inspection_id", name=op.f("pk_signal_traces")),
    )
    op.create_index("ix_signal_traces_person_began", "signal_traces", ["person_id", "began_at"])
    op.create_index("ix_signal_traces_person_pattern", "signal_traces", ["person_id", "pattern", "began_at"])
    op.create_table(
        "signal_signatures",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("inspection_id", sa.Uuid(), nullable=False),
        sa.Column("county_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["inspection_id"], ["inspections.id"], name=op.f("fk_signal_signatures_inspection_id")),
        sa.ForeignKeyConstraint(["county_id"], ["regions.id"], name=op.f("fk_signal_signatures_county_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signal_signatures")),
    )
    op.create_index("ix_signal_signatures_sha256", "signal_signatures", ["sha256", "at"])
    op.create_table(
        "signal_checks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.Column("event_at", sa.DateTime(), nullable=True),
        sa.Column("failed", sa.String(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signal_checks")),
    )
    op.create_index("ix_signal_checks_event", "signal_checks", ["event_at"])
    where = sa.text("failed <> ''")
    op.create_index("ix_signal_checks_failed", "signal_checks", ["tries"], sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    for table in ("signal_checks", "signal_signatures", "signal_traces", "signal_words", "signals"):
        op.drop_table(table)
