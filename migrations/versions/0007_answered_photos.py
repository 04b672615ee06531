"""Who took a photo that was sent back can answer: in words, with a later photo, or both.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TABLE, KEY = "inspection_photos", "fk_inspection_photos_in_answer_to_id"


def upgrade() -> None:
    with op.batch_alter_table(TABLE) as table:
        table.add_column(sa.Column("reply", sa.Text(), nullable=False, server_default=""))
        table.add_column(sa.Column("replied_at", sa.DateTime(), nullable=True))
        table.add_column(sa.Column("in_answer_to_id", sa.Uuid(), nullable=True))
        table.create_foreign_key(KEY, TABLE, ["in_answer_to_id"], ["photo_id"])
    with op.batch_alter_table(TABLE) as table:
        table.alter_column("reply", existing_type=sa.Text(), existing_nullable=False, server_default=None)


def downgrade() -> None:
    with op.batch_alter_table(TABLE) as table:
        table.drop_constraint(KEY, type_="foreignkey")
        table.drop_column("in_answer_to_id")
        table.drop_column("replied_at")
        table.drop_column("reply")
