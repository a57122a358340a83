import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from seedbed.store import shape
from seedbed.store.database import Database
from seedbed.store.tables import METADATA, SHAPE


def _differences(connection: Connection) -> list[object]:
    def is_compared(_: object, name: str, *__: object) -> bool:
        """SQLite does not tell in which direction an index runs; PostgreSQL does."""
        return not (name == "ix_jobs_ready" and connection.dialect.name == "sqlite")

    opts = {"compare_type": True, "compare_server_default": True, "include_object": is_compared}
    context = MigrationContext.configure(connection, opts=opts)
    return list(compare_metadata(context, METADATA))


def _tables(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names())


@pytest.mark.slow
def test_the_migrations_make_the_tables_that_the_program_uses(database: Database) -> None:
    assert database.read_now(_differences) == []


def test_a_difference_would_be_seen(database: Database) -> None:
    database.write_now(lambda c: c.exec_driver_sql("ALTER TABLE keys ADD COLUMN door TEXT"))
    assert len(database.read_now(_differences)) == 1


def test_the_shape_is_the_last_migration(database: Database) -> None:
    heads = database.read_now(lambda c: ScriptDirectory.from_config(shape.config(c)).get_heads())
    assert heads == [SHAPE]


@pytest.mark.slow
def test_every_migration_can_be_taken_back_and_run_again(database: Database) -> None:
    database.write_now(lambda c: command.downgrade(shape.config(c), "base"))
    assert database.read_now(_tables) == {"alembic_version"}
    database.write_now(shape.upgrade)
    assert database.read_now(_differences) == []
    assert database.read_now(_tables) == {*METADATA.tables, "alembic_version"}
