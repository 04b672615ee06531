"""Links to referrals have an end and one that follows; a referral keeps the web hook of its addressee.

Revision ID: 0020
Revises: 0019
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("referral_links", sa.Column("expires_at", sa.DateTime(), nullable=True))
    op.add_column("referral_links", sa.Column("follows_id", sa.Uuid(), nullable=True))
    op.add_column("referrals", sa.Column("to_web_hook", sa.String(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("referrals", "to_web_hook")
    op.drop_column("referral_links", "follows_id")
    op.drop_column("referral_links", "expires_at")
