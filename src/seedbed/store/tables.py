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
    MetaData,
    String,
    Table,
    Text,
    text,
)

SHAPE = "0002"
"""The newest migration, which is the shape below."""

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

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
    Column("id", Integer, primary_key=True),
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
    Column("id", Integer, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("actor", String(100), nullable=False),
    Column("action", String(40), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("facts", Text, nullable=False),
)
