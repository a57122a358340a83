"""The ways that requests took."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "routes",
        sa.Column("request_id", sa.String(60), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("told", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("request_id", name="pk_routes"),
    )
    op.create_index("ix_routes_at", "routes", ["at"])


def downgrade() -> None:
    """Take it away."""
    op.drop_table("routes")
