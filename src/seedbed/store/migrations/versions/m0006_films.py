"""How long the films are that a use made, and the sound that it heard or spoke."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the columns."""
    for name in ("film_milliseconds", "sound_milliseconds"):
        length = sa.Column(name, sa.BigInteger, nullable=False, server_default="0")
        op.add_column("entries", length)


def downgrade() -> None:
    """Take them away."""
    op.drop_column("entries", "sound_milliseconds")
    op.drop_column("entries", "film_milliseconds")
