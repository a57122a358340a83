"""What doors keep for their callers, and how many pictures a use made."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_NUMBER = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Make the table and the column."""
    images = sa.Column("images", sa.BigInteger, nullable=False, server_default="0")
    op.add_column("entries", images)
    op.create_table(
        "objects",
        sa.Column("number", _NUMBER, nullable=False),
        sa.Column("id", sa.String(80), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("project", sa.String(100), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("parent", sa.String(80), nullable=False),
        sa.Column("until", sa.BigInteger),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_objects"),
        sa.UniqueConstraint("id", "project", name="uq_objects_id_project"),
    )
    listed = ["kind", "project", "parent", "number"]
    op.create_index("ix_objects_kind_project_parent_number", "objects", listed)
    op.create_index("ix_objects_parent", "objects", ["parent"])
    op.create_index("ix_objects_until", "objects", ["until"])


def downgrade() -> None:
    """Take them away."""
    op.drop_table("objects")
    op.drop_column("entries", "images")
