"""The tables, as SQLAlchemy sees them; `migrations/` brings a database to this shape.

Floor 2. Money is integers of a millionth; moments are epoch microseconds. A test compares this file
with what the migrations make.
"""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, MetaData, String, Table

SHAPE = "0001"
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
    Index(None, "began"),
)
