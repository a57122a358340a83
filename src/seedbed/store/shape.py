"""Bring a database to the newest shape, by the history in `migrations/`.

Floor 2. The only importer of Alembic, and imported only when there is something to bring.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

_MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(connection: Connection) -> None:
    """Run what is missing, inside the connection's transaction."""
    command.upgrade(config(connection), "head")


def config(connection: Connection) -> Config:
    """Alembic's own settings, over that connection."""
    settings = Config()
    settings.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    settings.attributes["connection"] = connection
    return settings
