"""Let a ballot carry a coarse hint that it may not come from a person, or not from one alone."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the hint; what is in the box already has none."""
    op.execute(
        "ALTER TABLE ballot ADD COLUMN risk SMALLINT DEFAULT 0 NOT NULL"
        " CONSTRAINT ck_ballot_risk CHECK (risk IN (0, 1))"
    )
