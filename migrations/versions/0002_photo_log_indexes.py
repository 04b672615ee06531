"""Indexes the photo log walks and sieves without reading a row; who was visited longest ago.

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

PHOTOS, PREMISES = "inspection_photos", "premises"
ORDER, SIEVE = ["received_at", "photo_id"], ["domain", "severity", "on_notice"]
BEFORE = {
    "county": ["county_id", "received_at"],
    "township": ["township_id", "received_at"],
    "village": ["village_id", "received_at"],
    "county_review": ["county_id", "review", "received_at"],
    "township_review": ["township_id", "review", "received_at"],
    "premises": ["premises_id", "received_at"],
    "inspector": ["inspector_id", "received_at"],
}
AFTER = {
    "county": ["county_id", *ORDER, *SIEVE, "review"],
    "township": ["township_id", *ORDER, *SIEVE, "review"],
    "village": ["village_id", *ORDER, *SIEVE, "review"],
    "county_review": ["county_id", "review", *ORDER, *SIEVE],
    "township_review": ["township_id", "review", *ORDER, *SIEVE],
    "premises": ["premises_id", *ORDER],
    "inspector": ["inspector_id", *ORDER, *SIEVE, "review", "county_id", "township_id"],
}


def upgrade() -> None:
    _replace(AFTER)
    op.create_index("ix_premises_county_visited", PREMISES, ["county_id", "last_inspected_at"])
    op.create_index("ix_premises_township_visited", PREMISES, ["township_id", "last_inspected_at"])


def downgrade() -> None:
    op.drop_index("ix_premises_township_visited", table_name=PREMISES)
    op.drop_index("ix_premises_county_visited", table_name=PREMISES)
    _replace(BEFORE)


def _replace(columns: dict[str, list[str]]) -> None:
    for name, wanted in columns.items():
        op.drop_index(f"ix_inspection_photos_{name}", table_name=PHOTOS)
        op.create_index(f"ix_inspection_photos_{name}", PHOTOS, wanted)
