"""Each finding on a notice has a step and a date of its own; the notice knows its stage; every turn is written down.

Revision ID: 0009
Revises: 0008
"""

from datetime import date, timedelta

import sqlalchemy as sa
from alembic import op

from app.core.database import UTCDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

WORKING_DAYS_TO_VERIFY = 3


def upgrade() -> None:
    _add_columns()
    op.create_index("ix_notice_findings_finding_id", "notice_findings", ["finding_id"])
    op.create_table(
        "turns",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("notice_id", sa.Uuid(), nullable=False),
        sa.Column("finding_id", sa.Uuid(), nullable=False),
        sa.Column("event", sa.String(40), nullable=False),
        sa.Column("step_before", sa.String(40), nullable=False),
        sa.Column("step_after", sa.String(40), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("by_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name="fk_turns_notice_id_notices"),
        sa.ForeignKeyConstraint(["finding_id"], ["findings.id"], name="fk_turns_finding_id_findings"),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name="fk_turns_by_id_people"),
        sa.PrimaryKeyConstraint("id", name="pk_turns"),
    )
    op.create_index("ix_turns_notice_finding_at", "turns", ["notice_id", "finding_id", "at"])
    _place_what_is_there()
    for area in ("county", "township"):
        op.create_index(f"ix_notices_{area}_stage_verify", "notices", [f"{area}_id", "stage", "verify_by"])


def _add_columns() -> None:
    op.add_column("notices", sa.Column("stage", sa.String(40), nullable=False, server_default="issued"))
    op.add_column("notices", sa.Column("verify_by", sa.Date(), nullable=True))
    op.add_column("notices", sa.Column("closed_at", UTCDateTime(), nullable=True))
    op.add_column("notice_findings", sa.Column("step", sa.String(40), nullable=False, server_default="awaited"))
    for name in ("first_due_on", "due_on"):
        op.add_column("notice_findings", sa.Column(name, sa.Date(), nullable=True))
    for name in ("extended_at", "turned_at"):
        op.add_column("notice_findings", sa.Column(name, UTCDateTime(), nullable=True))


def _place_what_is_there() -> None:
    """Notices issued before stand where their findings' outcomes put them; nobody could reply until now."""
    outcome = "(SELECT outcome FROM findings WHERE findings.id = notice_findings.finding_id)"
    due = "(SELECT due_on FROM findings WHERE findings.id = notice_findings.finding_id AND outcome = 'by_a_date')"
    op.execute(
        f"UPDATE notice_findings SET first_due_on = {due}, due_on = {due}, step = CASE {outcome} "  # noqa: S608 - the words of this file
        "WHEN 'fixed_on_the_spot' THEN 'closed' WHEN 'by_a_date' THEN 'awaited' ELSE 'referred' END"
    )
    point = "SELECT 1 FROM notice_findings p WHERE p.notice_id = notices.id AND p.step"
    op.execute(
        f"UPDATE notices SET stage = CASE WHEN NOT EXISTS ({point} <> 'closed') THEN 'closed' "  # noqa: S608 - as above
        f"WHEN NOT EXISTS ({point} = 'awaited') THEN 'referred' "
        "WHEN first_opened_at IS NOT NULL OR acknowledged_at IS NOT NULL THEN 'opened' "
        "WHEN EXISTS (SELECT 1 FROM deliveries d WHERE d.notice_id = notices.id) THEN 'delivered' "
        "ELSE 'issued' END WHERE status <> 'draft'"
    )
    op.execute("UPDATE notices SET closed_at = issued_at WHERE stage = 'closed' AND status <> 'draft'")
    _look_again_by()


def _look_again_by() -> None:
    notices = sa.table("notices", sa.column("due_on", sa.Date), sa.column("verify_by", sa.Date), sa.column("status"))
    there = op.get_bind()
    for due_on in there.execute(sa.select(notices.c.due_on).where(notices.c.due_on.is_not(None)).distinct()).scalars():
        day = _working_days_after(due_on)
        there.execute(notices.update().where(notices.c.due_on == due_on, notices.c.status != "draft").values(verify_by=day))


def _working_days_after(day: date) -> date:
    """Weekends alone are known here; the product's calendar sets the day anew at the next turn."""
    left = WORKING_DAYS_TO_VERIFY
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < 5
    return day


def downgrade() -> None:
    for area in ("township", "county"):
        op.drop_index(f"ix_notices_{area}_stage_verify", table_name="notices")
    op.drop_table("turns")
    op.drop_index("ix_notice_findings_finding_id", table_name="notice_findings")
    for name in ("turned_at", "extended_at", "due_on", "first_due_on", "step"):
        op.drop_column("notice_findings", name)
    for name in ("closed_at", "verify_by", "stage"):
        op.drop_column("notices", name)
