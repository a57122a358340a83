"""The tokens of runs: what a step shows at our own doors, to act on its job's behalf.

Floor 2. A token is good while its run lasts, so that a worker that was fenced has none.
"""

import hashlib
import secrets

from sqlalchemy import Connection

from seedbed.core.access import Principal, Scope
from seedbed.store import holds
from seedbed.store.database import Database, execute
from seedbed.store.jobs import find

PREFIX = "sbj-"
"""How one begins."""

_WANTED = """
    SELECT 1 FROM jobs WHERE id = ? AND cancelling = 0 AND state IN ('queued', 'running')
"""
_TOKENED = """
    SELECT jobs.*, keys.scopes, keys.revoked FROM jobs JOIN keys ON keys.id = jobs.key
    WHERE jobs.token = ? AND jobs.state = 'running'
"""


class Tokens:
    """The tokens of the jobs that run."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def principal(self, token: str) -> Principal | None:
        """On whose behalf a job's token acts, with what bounds it, or `None`.

        It carries `Scope.MODELS` at most, whatever the key does that the job runs for.
        """
        return await self._database.read(lambda c: _principal(c, token))

    async def is_wanted(self, job: str) -> bool:
        """Whether anybody waits for what a job does: it has not ended, and nobody wants it to."""
        return await self._database.read(
            lambda c: execute(c, _WANTED, (job,)).fetchone() is not None
        )


def fresh() -> str:
    """A token that nobody guesses."""
    return PREFIX + secrets.token_urlsafe(32)


def digest(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def _principal(connection: Connection, token: str) -> Principal | None:
    row = execute(connection, _TOKENED, (digest(token),)).fetchone()
    if row is None or row["revoked"] is not None:
        return None
    job = find(connection, row["id"])
    may_ask = not {Scope.MODELS, Scope.ADMIN}.isdisjoint(row["scopes"].split())
    scopes = frozenset({Scope.MODELS} if may_ask else ())
    owner, bounds = job.owner, holds.bounds(connection, job)
    return Principal(owner.user, owner.project, owner.key, scopes, budgets=bounds)
