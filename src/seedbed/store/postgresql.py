"""A database on a PostgreSQL server, for the programs of several machines.

Floor 2. One writes at a time, as with SQLite: a write begins with a lock that the next one waits
for, so what it has read is still true when it writes. The driver is psycopg, which comes with the
extra `postgresql` and which SQLAlchemy imports by the address.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any, Protocol, cast

from sqlalchemy import Connection, Engine, create_engine, event, make_url

LOCK = 0x5EEDBED
"""The advisory lock that a write holds: any number, as long as all of ours take the same."""

_CONNECTIONS = 10
"""Of one process; a server allows a hundred in all, unless it is told otherwise."""
_READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_WRITE = """
    BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;
    SET LOCAL idle_in_transaction_session_timeout = {busy_ms};
    SELECT pg_advisory_xact_lock({lock})
"""
"""Each statement after the lock sees what the write before has left; a snapshot of the whole
transaction would be older than the lock. Who is frozen while it holds the lock loses it."""
_PREPARE = """
    SET lock_timeout = {busy_ms};
    SELECT set_config('synchronous_commit', 'on', false)
    WHERE current_setting('synchronous_commit') IN ('off', 'local')
"""
_DRIVER = (
    "Install the driver: `pip install 'seedbed[postgresql]'`, or, in a checkout, "
    "`.venv/bin/uv pip install -e '.[postgresql]'`."
)
_HINTS = {
    "psycopg": _DRIVER,
    "pq wrapper": _DRIVER,
    "password": "Name the password in the setting `database_password`, or put it into ~/.pgpass.",
    "lock timeout": "Another program has been writing to it for long: see which one, or try again.",
    "read-only": "The server only follows another, or was told to refuse writes: name the first.",
    "QueuePool": "All connections of this program are in use: ask for less at once, or try again.",
    "No space": "The server's disk is full: make room on it.",
    "does not exist": "Make the user and the database that the setting `database` names.",
}
_OTHERWISE = "See whether the server runs and can be reached, and what its log says."


@dataclass(frozen=True, slots=True)
class Server:
    """A database by its address, `postgresql://USER@HOST/NAME`, with what libpq takes after `?`.

    Without a password libpq looks for one in `~/.pgpass`.
    """

    url: str
    password: str = field(default="", repr=False)

    def __str__(self) -> str:
        named = make_url(self.url).difference_update_query(["application_name"])
        return named.render_as_string(hide_password=True)


class _Described(Protocol):
    """A cursor of psycopg once its rows are there."""

    @property
    def description(self) -> Sequence[Any] | None: ...


def connect(server: Server, busy_ms: int) -> Engine:
    """The server; it is spoken to by whoever asks first.

    Raises:
        ImportError: the driver is not here.
    """
    url = make_url(server.url).set(drivername="postgresql+psycopg")
    if server.password:
        url = url.set(password=server.password)
    asked = _line(busy_ms)
    engine = create_engine(
        url.update_query_dict({name: asked[name] for name in asked.keys() - url.query.keys()}),
        pool_pre_ping=True,
        pool_size=_CONNECTIONS,
        max_overflow=0,
        pool_timeout=busy_ms / 1_000,
        use_native_hstore=False,
    )
    event.listen(engine, "connect", partial(_prepare, busy_ms))
    event.listen(engine, "begin", partial(_begin, busy_ms))
    return engine


def hint(reason: str) -> str:
    """What to do about it, by what the server or the driver said."""
    return next((_HINTS[word] for word in _HINTS if word in reason), _OTHERWISE)


def execute(connection: Connection, sql: str, values: Sequence[object]) -> Any:  # noqa: ANN401
    """Run a plain statement by the driver itself; its rows are dictionaries."""
    psycopg: Any = connection.dialect.loaded_dbapi
    cursor = psycopg.RawCursor(connection.connection.driver_connection, row_factory=_named)
    return cursor.execute(_numbered(sql), values)


@cache
def _numbered(sql: str) -> str:
    """The statement with the server's own placeholders, `$1` and so on."""
    first, *rest = sql.split("?")
    return first + "".join(f"${number}{part}" for number, part in enumerate(rest, start=1))


def _named(cursor: _Described) -> Callable[[Sequence[object]], dict[str, object]]:
    names = [column.name for column in cursor.description or ()]
    return lambda values: dict(zip(names, values, strict=True))


def _line(busy_ms: int) -> dict[str, str]:
    """How soon a server that went away in silence is given up, if the address does not say it."""
    seconds = str(max(2, busy_ms // 1_000))
    return {
        "application_name": "seedbed",
        "client_encoding": "utf8",
        "connect_timeout": seconds,
        "keepalives_idle": seconds,
        "keepalives_interval": "2",
        "keepalives_count": "3",
        "tcp_user_timeout": str(busy_ms),
    }


def _prepare(busy_ms: int, connection: Any, _: object) -> None:  # noqa: ANN401
    connection.autocommit = True  # SQLAlchemy says BEGIN, see _begin
    connection.execute(_PREPARE.format(busy_ms=busy_ms))
    # A sum of integers comes as `numeric`, which would be read as decimals; no column of ours is.
    adapters = connection.adapters
    integer = adapters.get_loader(adapters.types["int8"].oid, 0)  # 0: as text
    adapters.register_loader("numeric", integer)


def _begin(busy_ms: int, connection: Connection) -> None:
    reads = connection.get_execution_options().get("reads", False)
    driver = cast("Any", connection.connection.driver_connection)
    driver.execute(_READ if reads else _WRITE.format(busy_ms=busy_ms, lock=LOCK))
