"""Jobs with their steps, workers, schedules and holds; answers that are given once; artifacts."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the tables."""
    _workers_and_jobs()
    _beside_jobs()
    _answers_and_artifacts()


def _workers_and_jobs() -> None:
    op.create_table(
        "workers",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("host", sa.String(100), nullable=False),
        sa.Column("process", sa.String(60), nullable=False),
        sa.Column("kinds", sa.Text, nullable=False),
        sa.Column("began", sa.BigInteger, nullable=False),
        sa.Column("beat", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_workers"),
    )
    op.create_index("ix_workers_state", "workers", ["state"])
    op.create_table(
        "jobs",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("input", sa.Text, nullable=False),
        sa.Column("user", sa.String(100), nullable=False),
        sa.Column("project", sa.String(100), nullable=False),
        sa.Column("key", sa.String(40), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("seq", sa.BigInteger, nullable=False),
        sa.Column("priority", sa.Integer, nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.Column("begins", sa.BigInteger, nullable=False),
        sa.Column("expires", sa.BigInteger),
        sa.Column("micros", sa.BigInteger),
        sa.Column("cap", sa.BigInteger),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("once", sa.String(200)),
        sa.Column("done", sa.BigInteger, nullable=False),
        sa.Column("total", sa.BigInteger),
        sa.Column("note", sa.String(200), nullable=False),
        sa.Column("run", sa.Integer, nullable=False),
        sa.Column("deaths", sa.Integer, nullable=False),
        sa.Column("worker", sa.String(40)),
        sa.Column("token", sa.String(64)),
        sa.Column("began", sa.BigInteger),
        sa.Column("ended", sa.BigInteger),
        sa.Column("cancelling", sa.Integer, nullable=False),
        sa.Column("result", sa.Text),
        sa.Column("fault", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
        sa.ForeignKeyConstraint(["worker"], ["workers.id"], name="fk_jobs_worker_workers"),
        sa.UniqueConstraint("key", "once", name="uq_jobs_key_once"),
    )
    ready = ["state", sa.text("priority DESC"), "created", "id"]
    ready += ["kind", "key", "begins", "expires", "run"]
    op.create_index("ix_jobs_ready", "jobs", ready)
    op.create_index("ix_jobs_state_expires", "jobs", ["state", "expires"])
    op.create_index("ix_jobs_token", "jobs", ["token"])
    op.create_index("ix_jobs_worker_state", "jobs", ["worker", "state"])


def _beside_jobs() -> None:
    op.create_table(
        "job_links",
        sa.Column("job", sa.String(40), nullable=False),
        sa.Column("after", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("job", "after", name="pk_job_links"),
        sa.ForeignKeyConstraint(["after"], ["jobs.id"], name="fk_job_links_after_jobs"),
        sa.ForeignKeyConstraint(["job"], ["jobs.id"], name="fk_job_links_job_jobs"),
    )
    op.create_index("ix_job_links_after", "job_links", ["after"])
    op.create_table(
        "steps",
        sa.Column("job", sa.String(40), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("result", sa.Text, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("job", "number", name="pk_steps"),
        sa.ForeignKeyConstraint(["job"], ["jobs.id"], name="fk_steps_job_jobs"),
    )
    op.create_table(
        "holds",
        sa.Column("job", sa.String(40), nullable=False),
        sa.Column("budget", sa.String(40), nullable=False),
        sa.Column("begins", sa.BigInteger, nullable=False),
        sa.Column("granted", sa.BigInteger, nullable=False),
        sa.Column("spent", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("job", "budget", name="pk_holds"),
        sa.ForeignKeyConstraint(["budget"], ["budgets.id"], name="fk_holds_budget_budgets"),
        sa.ForeignKeyConstraint(["job"], ["jobs.id"], name="fk_holds_job_jobs"),
    )
    op.create_table(
        "schedules",
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("input", sa.Text, nullable=False),
        sa.Column("user", sa.String(100), nullable=False),
        sa.Column("project", sa.String(100), nullable=False),
        sa.Column("key", sa.String(40), nullable=False),
        sa.Column("cron", sa.String(100), nullable=False),
        sa.Column("due", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_schedules"),
    )


def _answers_and_artifacts() -> None:
    op.create_table(
        "answers",
        sa.Column("key", sa.String(40), nullable=False),
        sa.Column("once", sa.String(200), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("request_id", sa.String(40), nullable=False),
        sa.Column("reply", sa.LargeBinary, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("key", "once", name="pk_answers"),
    )
    op.create_index("ix_answers_at", "answers", ["at"])
    op.create_table(
        "artifacts",
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("created", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("hash", name="pk_artifacts"),
    )
    op.create_table(
        "artifact_holds",
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("holder", sa.String(60), nullable=False),
        sa.Column("project", sa.String(100), nullable=False),
        sa.Column("media", sa.String(100), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("until", sa.BigInteger),
        sa.PrimaryKeyConstraint("hash", "holder", name="pk_artifact_holds"),
        sa.ForeignKeyConstraint(
            ["hash"], ["artifacts.hash"], name="fk_artifact_holds_hash_artifacts"
        ),
    )
    op.create_index("ix_artifact_holds_holder", "artifact_holds", ["holder"])
    op.create_table(
        "secrets",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("value", sa.String(100), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_secrets"),
    )


def downgrade() -> None:
    """Take them away."""
    for table in (
        "secrets",
        "artifact_holds",
        "artifacts",
        "answers",
        "schedules",
        "holds",
        "steps",
        "job_links",
        "jobs",
        "workers",
    ):
        op.drop_table(table)
