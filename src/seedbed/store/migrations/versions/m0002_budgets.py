"""Budgets and their windows, leases of them, hours of own hardware, and who changed what."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables, and widen those that are there; what lies in them is kept."""
    _budgets()
    _hours_and_audit()
    op.add_column("keys", sa.Column("revoked", sa.BigInteger))
    budget = sa.ForeignKey("budgets.id", name="fk_leases_budget_budgets")
    op.add_column("leases", sa.Column("budget", sa.String(40), budget), inline_references=True)
    begins = sa.Column("begins", sa.BigInteger, nullable=False, server_default="0")
    op.add_column("leases", begins)
    modality = sa.Column("modality", sa.String(12), nullable=False, server_default="text")
    op.add_column("entries", modality)
    op.add_column("entries", sa.Column("shadow", sa.BigInteger))
    op.add_column("entries", sa.Column("first", sa.BigInteger))


def _budgets() -> None:
    op.create_table(
        "budgets",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("owner", sa.String(12), nullable=False),
        sa.Column("subject", sa.String(100), nullable=False),
        sa.Column("window", sa.String(12), nullable=False),
        sa.Column("measure", sa.String(12), nullable=False),
        sa.Column("cap", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("warn", sa.Integer, nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("removed", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_budgets"),
    )
    op.create_index(
        "uq_budgets_living",
        "budgets",
        ["owner", "subject", "window", "measure"],
        unique=True,
        sqlite_where=sa.text("removed IS NULL"),
        postgresql_where=sa.text("removed IS NULL"),
    )
    op.create_table(
        "windows",
        sa.Column("budget", sa.String(40), nullable=False),
        sa.Column("begins", sa.BigInteger, nullable=False),
        sa.Column("used", sa.BigInteger, nullable=False),
        sa.Column("spent", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("budget", "begins", name="pk_windows"),
        sa.ForeignKeyConstraint(["budget"], ["budgets.id"], name="fk_windows_budget_budgets"),
    )


def _hours_and_audit() -> None:
    op.create_table(
        "hours",
        sa.Column("deployment", sa.String(200), nullable=False),
        sa.Column("day", sa.BigInteger, nullable=False),
        sa.Column("loaded", sa.BigInteger, nullable=False),
        sa.Column("busy", sa.BigInteger, nullable=False),
        sa.Column("loading", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("deployment", "day", name="pk_hours"),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("actor", sa.String(100), nullable=False),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("facts", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )


def downgrade() -> None:
    """Take them away."""
    for column in ("first", "shadow", "modality"):
        op.drop_column("entries", column)
    for column in ("begins", "budget"):
        op.drop_column("leases", column)
    op.drop_column("keys", "revoked")
    for table in ("audit", "hours", "windows", "budgets"):
        op.drop_table(table)
