"""What each client request was about stands beside its id, so that another content under it is noticed.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

AUDIT, UNIQUE = "audit_records", "uq_audit_records_change_id"


def upgrade() -> None:
    op.create_table(
        "changes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_changes"),
        sqlite_with_rowid=False,
    )
    old = sa.table("audit_records", *map(sa.column, ("change_id", "person_id", "action", "at")))
    new = sa.table("changes", *map(sa.column, ("id", "person_id", "action", "digest", "at")))
    no_digest = sa.cast(sa.literal(""), sa.LargeBinary())
    done = sa.select(old.c.change_id, old.c.person_id, old.c.action, no_digest, old.c.at)
    op.execute(new.insert().from_select(list(new.c.keys()), done.where(old.c.change_id.is_not(None))))
    with op.batch_alter_table(AUDIT) as table:
        table.drop_constraint(UNIQUE, type_="unique")


def downgrade() -> None:
    with op.batch_alter_table(AUDIT) as table:
        table.create_unique_constraint(UNIQUE, ["change_id"])
    op.drop_table("changes")
