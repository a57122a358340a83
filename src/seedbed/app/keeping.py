"""What a server keeps and hands out: artifacts, objects, files, jobs, and who may have them.

Floor 7.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from seedbed.api.artifacts import Shelf
from seedbed.api.files.files import Files
from seedbed.api.following import Following
from seedbed.api.guard import Guard
from seedbed.api.jobs import Desk
from seedbed.api.links import Links
from seedbed.api.stopping import Stopping
from seedbed.app.answering import Base
from seedbed.app.store import artifacts_of, jobs_of
from seedbed.core.access import Principal
from seedbed.store.artifacts import Artifacts
from seedbed.store.keys import Keys
from seedbed.store.objects import Objects
from seedbed.store.overview import Overview
from seedbed.store.secrets import Secrets
from seedbed.store.tokens import PREFIX, Tokens

_SUBMITTED = frozenset({"batch"})
"""Kinds of jobs that callers may submit."""


@dataclass(frozen=True, slots=True)
class Keeping:
    """What is kept, behind a `guard`; `tokens` are those of jobs."""

    tokens: Tokens
    guard: Guard
    artifacts: Artifacts
    objects: Objects
    files: Files
    shelf: Shelf
    following: Following
    desk: Desk


def keeping_of(base: Base, stopping: Stopping | None) -> Keeping:
    """What is kept in the database and beside it; whoever follows is told of the end."""
    settings, database, clock = base.settings, base.database, base.clock
    tokens = Tokens(database)
    guard = Guard(_finder(Keys(database), tokens), clock=clock)
    artifacts = artifacts_of(settings, database, base.environment, clock)
    objects = Objects(database, clock=clock)
    links = Links(lambda: Secrets(database).get("links"), clock=clock)
    following = Following(
        Overview(database), clock=clock, is_ending=lambda: bool(stopping and stopping.is_begun)
    )
    jobs = jobs_of(settings, database)
    return Keeping(
        tokens,
        guard,
        artifacts,
        objects,
        Files(objects, artifacts, guard, clock, settings.artifact_bytes),
        Shelf(artifacts, links, guard, clock, settings.artifact_bytes),
        following,
        Desk(jobs, following, guard, clock, _SUBMITTED, settings.currency),
    )


def _finder(keys: Keys, tokens: Tokens) -> Callable[[str], Awaitable[Principal | None]]:
    """Who stands behind a secret: the owner of a key, or of the job whose token it is."""

    async def find(secret: str) -> Principal | None:
        return await (tokens.principal if secret.startswith(PREFIX) else keys.find)(secret)

    return find
