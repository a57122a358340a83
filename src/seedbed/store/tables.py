"""The tables, as SQLAlchemy sees them; `migrations/` brings a database to this shape.

Floor 2. Money is integers of a millionth; moments are epoch microseconds. A test compares this file
with what the migrations make.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

SHAPE = "0007"
"""The newest migration, which is the shape below."""

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

NUMBER = BigInteger().with_variant(Integer, "sqlite")
"""What counts rows: SQLite does so by itself in an `INTEGER`, which has 64 bits there."""

KEYS = Table(
    "keys",
    METADATA,
    Column("id", String(40), primary_key=True),
    Column("name", String(100), nullable=False, unique=True),
    Column("digest", String(64), nullable=False, unique=True),
    Column("shown", String(20), nullable=False),
    Column("user", String(100), nullable=False),
    Column("project", String(100), nullable=False),
    Column("scopes", String(200), nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("revoked", BigInteger),
)

BUDGETS = Table(
    "budgets",
    METADATA,
    Column("id", String(40), primary_key=True),
    Column("owner", String(12), nullable=False),
    Column("subject", String(100), nullable=False),
    Column("window", String(12), nullable=False),
    Column("measure", String(12), nullable=False),
    Column("cap", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("warn", Integer, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("removed", BigInteger),
    Index(
        "uq_budgets_living",
        "owner",
        "subject",
        "window",
        "measure",
        unique=True,
        sqlite_where=text("removed IS NULL"),
        postgresql_where=text("removed IS NULL"),
    ),
)

WINDOWS = Table(
    "windows",
    METADATA,
    Column("budget", String(40), ForeignKey("budgets.id"), primary_key=True),
    Column("begins", BigInteger, primary_key=True, autoincrement=False),
    Column("used", BigInteger, nullable=False),  # what its leases were granted, all together
    Column("spent", BigInteger, nullable=False),  # what of that is settled or written off
)

LEASES = Table(
    "leases",
    METADATA,
    Column("id", String(40), primary_key=True),
    Column("currency", String(3), nullable=False),
    Column("granted", BigInteger, nullable=False),
    Column("spent", BigInteger, nullable=False),
    Column("renewed", BigInteger, nullable=False),
    Column("state", String(12), nullable=False),  # open | closed | reconciled
    Column("budget", String(40), ForeignKey("budgets.id")),  # null: the house's own money
    Column("begins", BigInteger, nullable=False, server_default="0"),
    Index(None, "state", "renewed"),
)

ENTRIES = Table(
    "entries",
    METADATA,
    Column("id", NUMBER, primary_key=True),
    Column("request_id", String(40), nullable=False, unique=True),
    Column("lease", String(40), ForeignKey("leases.id"), nullable=False),
    Column("user", String(100), nullable=False),
    Column("project", String(100), nullable=False),
    Column("key", String(40), nullable=False),
    Column("model", String(200), nullable=False),
    Column("deployment", String(200), nullable=False),
    Column("input_fresh", BigInteger, nullable=False),
    Column("input_cache_read", BigInteger, nullable=False),
    Column("input_cache_write", BigInteger, nullable=False),
    Column("output_visible", BigInteger, nullable=False),
    Column("output_reasoning", BigInteger, nullable=False),
    Column("held", BigInteger, nullable=False),
    Column("reserved", BigInteger, nullable=False),
    Column("spent", BigInteger, nullable=False),
    Column("currency", String(3), nullable=False),
    Column("began", BigInteger, nullable=False),
    Column("took", BigInteger, nullable=False),
    Column("stop", String(12), nullable=False),
    Column("modality", String(12), nullable=False, server_default="text"),
    Column("shadow", BigInteger),
    Column("first", BigInteger),
    Column("images", BigInteger, nullable=False, server_default="0"),
    Column("film_milliseconds", BigInteger, nullable=False, server_default="0"),
    Column("sound_milliseconds", BigInteger, nullable=False, server_default="0"),
    Index(None, "began"),
)

HOURS = Table(
    "hours",
    METADATA,
    Column("deployment", String(200), primary_key=True),
    Column("day", BigInteger, primary_key=True, autoincrement=False),
    Column("loaded", BigInteger, nullable=False),
    Column("busy", BigInteger, nullable=False),
    Column("loading", BigInteger, nullable=False),
)

AUDIT = Table(
    "audit",
    METADATA,
    Column("id", NUMBER, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("actor", String(100), nullable=False),
    Column("action", String(40), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("facts", Text, nullable=False),
)

JOBS = Table(
    "jobs",
    METADATA,
    Column("id", String(40), primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("input", Text, nullable=False),
    Column("user", String(100), nullable=False),
    Column("project", String(100), nullable=False),
    Column("key", String(40), nullable=False),
    Column("state", String(12), nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("begins", BigInteger, nullable=False),
    Column("expires", BigInteger),
    Column("micros", BigInteger),  # how long it may run
    Column("cap", BigInteger),
    Column("currency", String(3), nullable=False),
    Column("once", String(200)),
    Column("done", BigInteger, nullable=False),
    Column("total", BigInteger),
    Column("note", String(200), nullable=False),
    Column("run", Integer, nullable=False),  # how often it was begun
    Column("deaths", Integer, nullable=False),  # how often its worker died of it, perhaps
    Column("worker", String(40), ForeignKey("workers.id")),
    Column("token", String(64)),  # the digest of what this run shows to our own doors
    Column("began", BigInteger),
    Column("ended", BigInteger),
    Column("cancelling", Integer, nullable=False),
    Column("result", Text),
    Column("fault", Text),
    Column("callback", Text),  # who is told of its end
    UniqueConstraint("key", "once"),
    # What decides whether a job may begin, so that the rows, long as they may be, are not read.
    Index(
        "ix_jobs_ready",
        *("state", text("priority DESC"), "created", "id"),
        *("kind", "key", "begins", "expires", "run"),
    ),
    Index(None, "state", "expires"),
    Index(None, "worker", "state"),
    Index(None, "token"),
)

JOB_LINKS = Table(
    "job_links",
    METADATA,
    Column("job", String(40), ForeignKey("jobs.id"), primary_key=True),
    Column("after", String(40), ForeignKey("jobs.id"), primary_key=True),
    Index(None, "after"),
)

STEPS = Table(
    "steps",
    METADATA,
    Column("job", String(40), ForeignKey("jobs.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("name", String(200), nullable=False),
    Column("result", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
)

HOLDS = Table(
    "holds",
    METADATA,
    Column("job", String(40), ForeignKey("jobs.id"), primary_key=True),
    Column("budget", String(40), ForeignKey("budgets.id"), primary_key=True),
    Column("begins", BigInteger, nullable=False),
    Column("granted", BigInteger, nullable=False),
    Column("spent", BigInteger, nullable=False),
)

WORKERS = Table(
    "workers",
    METADATA,
    Column("id", String(40), primary_key=True),
    Column("host", String(100), nullable=False),
    Column("process", String(60), nullable=False),
    Column("kinds", Text, nullable=False),
    Column("began", BigInteger, nullable=False),
    Column("beat", BigInteger, nullable=False),
    Column("state", String(12), nullable=False),  # living | left | fenced
    Index(None, "state"),
)

SCHEDULES = Table(
    "schedules",
    METADATA,
    Column("name", String(100), primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("input", Text, nullable=False),
    Column("user", String(100), nullable=False),
    Column("project", String(100), nullable=False),
    Column("key", String(40), nullable=False),
    Column("cron", String(100), nullable=False),
    Column("due", BigInteger, nullable=False),
)

ANSWERS = Table(
    "answers",
    METADATA,
    Column("key", String(40), primary_key=True),
    Column("once", String(200), primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("request_id", String(40), nullable=False),
    Column("reply", LargeBinary, nullable=False),
    Column("at", BigInteger, nullable=False),
    Index(None, "at"),
)

ARTIFACTS = Table(
    "artifacts",
    METADATA,
    Column("hash", String(64), primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("created", BigInteger, nullable=False),
)

ARTIFACT_HOLDS = Table(
    "artifact_holds",
    METADATA,
    Column("hash", String(64), ForeignKey("artifacts.hash"), primary_key=True),
    Column("holder", String(60), primary_key=True),  # what needs it: a job, a document, a key
    Column("project", String(100), nullable=False),
    Column("media", String(100), nullable=False),  # the holder's word: others may have another
    Column("name", String(200), nullable=False),
    Column("until", BigInteger),
    Index(None, "holder"),
)

SECRETS = Table(
    "secrets",
    METADATA,
    Column("name", String(40), primary_key=True),  # what it is for
    Column("value", String(100), nullable=False),
)

ROUTES = Table(
    "routes",
    METADATA,
    Column("request_id", String(60), primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("told", Text, nullable=False),  # as JSON: it is read whole, and by its request only
    Index(None, "at"),
)

OBJECTS = Table(
    "objects",
    METADATA,
    Column("number", NUMBER, primary_key=True),  # in the order of their making
    Column("id", String(80), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("project", String(100), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("parent", String(80), nullable=False),  # what it belongs to and goes with, or nothing
    Column("until", BigInteger),
    Column("body", Text, nullable=False),
    UniqueConstraint("id", "project"),
    Index(None, "kind", "project", "parent", "number"),
    Index(None, "parent"),
    Index(None, "until"),
)

CONSENTS = Table(
    "consents",
    METADATA,
    Column("id", String(40), primary_key=True),
    Column("project", String(100), nullable=False),
    Column("who", String(200), nullable=False),
    Column("kind", String(12), nullable=False),  # face | voice | likeness
    Column("purpose", Text, nullable=False),
    Column("uses", String(60), nullable=False),
    Column("evidence", String(64), nullable=False),  # an artifact, which is held for it
    Column("at", BigInteger, nullable=False),
    Column("until", BigInteger),
    Column("withdrawn", BigInteger),
    Index(None, "project", "at"),
)

CONSENTS_MADE = Table(
    "consents_made",
    METADATA,
    Column("consent", String(40), ForeignKey("consents.id"), primary_key=True),
    Column("artifact", String(64), primary_key=True),  # which may be gone
    Column("job", String(40), primary_key=True),
    Column("at", BigInteger, nullable=False),
)
