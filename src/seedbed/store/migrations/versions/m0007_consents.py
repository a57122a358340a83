"""What people allowed to be made with their face or voice, and who is told of a job's end."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Make the tables and the column."""
    op.add_column("jobs", sa.Column("callback", sa.Text))
    op.create_table(
        "consents",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("project", sa.String(100), nullable=False),
        sa.Column("who", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("uses", sa.String(60), nullable=False),
        sa.Column("evidence", sa.String(64), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("until", sa.BigInteger),
        sa.Column("withdrawn", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_consents"),
    )
    op.create_index("ix_consents_project_at", "consents", ["project", "at"])
    op.create_table(
        "consents_made",
        sa.Column("consent", sa.String(40), nullable=False),
        sa.Column("artifact", sa.String(64), nullable=False),
        sa.Column("job", sa.String(40), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(
            ["consent"], ["consents.id"], name="fk_consents_made_consent_consents"
        ),
        sa.PrimaryKeyConstraint("consent", "artifact", "job", name="pk_consents_made"),
    )


def downgrade() -> None:
    """Take them away."""
    op.drop_table("consents_made")
    op.drop_table("consents")
    op.drop_column("jobs", "callback")
