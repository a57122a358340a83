"""Secrets that the house makes for itself, the same for every server of one database.

Floor 2. Each is 256 random bits, made when it is first asked for.
"""

import secrets

from sqlalchemy import Connection, insert, select

from seedbed.store.database import Database
from seedbed.store.tables import SECRETS


class Secrets:
    """The secrets of a house."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, name: str) -> bytes:
        """The secret for that purpose.

        Raises:
            StoreUnusable: the database refused.
        """
        return bytes.fromhex(await self._database.write(lambda c: _get(c, name)))

    def get_now(self, name: str) -> bytes:
        """`get` for programs that do not wait."""
        return bytes.fromhex(self._database.write_now(lambda c: _get(c, name)))


def _get(connection: Connection, name: str) -> str:
    wanted = select(SECRETS.c.value).where(SECRETS.c.name == name)
    found = connection.execute(wanted).scalar()
    if found is None:
        found = secrets.token_hex(32)
        connection.execute(insert(SECRETS).values(name=name, value=found))
    return str(found)
