"""Samples 抽查: the draw, its population, call-back sheets with their calls, what owners said about the visit.

Revision ID: 0027
Revises: 0026
"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

ANSWERS = ("visited", "as_recorded", "satisfied")


def upgrade() -> None:
    op.create_table(
        "samples",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.Column("method", sa.String(length=40), nullable=False),
        sa.Column("stratum", sa.String(length=40), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("confidence", sa.Integer(), nullable=False),
        sa.Column("margin", sa.Integer(), nullable=False),
        sa.Column("seed", sa.String(length=64), nullable=False),
        sa.Column("population_size", sa.Integer(), nullable=False),
        sa.Column("population_digest", sa.String(length=64), nullable=False),
        sa.Column("strata", sa.JSON(), nullable=False),
        sa.Column("exclusions", sa.JSON(), nullable=False),
        sa.Column("drawn_by_id", sa.Uuid(), nullable=False),
        sa.Column("drawn_at", sa.DateTime(), nullable=False),
        sa.Column("county_id", sa.Uuid(), nullable=False),
        sa.Column("township_id", sa.Uuid(), nullable=True),
        sa.Column("village_id", sa.Uuid(), nullable=True),
        sa.Column("region_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["drawn_by_id"], ["people.id"], name=op.f("fk_samples_drawn_by_id")),
        sa.ForeignKeyConstraint(["region_id"], ["regions.id"], name=op.f("fk_samples_region_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_samples")),
    )
    op.create_index("ix_samples_county_drawn", "samples", ["county_id", "drawn_at", "id"])
    op.create_index("ix_samples_township_drawn", "samples", ["township_id", "drawn_at", "id"])
    op.create_index(op.f("ix_samples_region_id"), "samples", ["region_id"])

    op.create_table(
        "sample_populations",
        sa.Column("sample_id", sa.Uuid(), nullable=False),
        sa.Column("packed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["sample_id"], ["samples.id"], name=op.f("fk_sample_populations_sample_id")),
        sa.PrimaryKeyConstraint("sample_id", name=op.f("pk_sample_populations")),
    )

    op.create_table(
        "call_sheets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sample_id", sa.Uuid(), nullable=False),
        sa.Column("inspection_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("stratum", sa.String(), nullable=False),
        sa.Column("state", sa.String(length=40), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("last_call_at", sa.DateTime(), nullable=True),
        *(sa.Column(name, sa.String(length=40), nullable=True) for name in ANSWERS),
        sa.ForeignKeyConstraint(["inspection_id"], ["inspections.id"], name=op.f("fk_call_sheets_inspection_id")),
        sa.ForeignKeyConstraint(["sample_id"], ["samples.id"], name=op.f("fk_call_sheets_sample_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_sheets")),
        sa.UniqueConstraint("sample_id", "inspection_id", name=op.f("uq_call_sheets_sample_id_inspection_id")),
        sa.UniqueConstraint("sample_id", "position", name=op.f("uq_call_sheets_sample_id_position")),
    )
    op.create_index(op.f("ix_call_sheets_inspection_id"), "call_sheets", ["inspection_id"])
    op.create_index("ix_call_sheets_state", "call_sheets", ["sample_id", "state", "position"])

    op.create_table(
        "call_sheet_calls",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sheet_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=False),
        sa.Column("reached", sa.String(length=40), nullable=False),
        *(sa.Column(name, sa.String(length=40), nullable=True) for name in ANSWERS),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("corrects_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_call_sheet_calls_by_id")),
        sa.ForeignKeyConstraint(
            ["corrects_id"], ["call_sheet_calls.id"], name=op.f("fk_call_sheet_calls_corrects_id")
        ),
        sa.ForeignKeyConstraint(["sheet_id"], ["call_sheets.id"], name=op.f("fk_call_sheet_calls_sheet_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_sheet_calls")),
    )
    op.create_index(op.f("ix_call_sheet_calls_sheet_id"), "call_sheet_calls", ["sheet_id"])

    op.create_table(
        "visit_confirmations",
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("inspection_id", sa.Uuid(), nullable=False),
        sa.Column("says", sa.String(length=40), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("proved_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["inspection_id"], ["inspections.id"], name=op.f("fk_visit_confirmations_inspection_id")
        ),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_visit_confirmations_notice_id")),
        sa.PrimaryKeyConstraint("notice_id", name=op.f("pk_visit_confirmations")),
    )
    op.create_index(op.f("ix_visit_confirmations_inspection_id"), "visit_confirmations", ["inspection_id"])


def downgrade() -> None:
    for table in ("visit_confirmations", "call_sheet_calls", "call_sheets", "sample_populations", "samples"):
        op.drop_table(table)
