"""What the worker makes films of a Scene with.

Floor 7.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

import anyio.to_thread

from seedbed.app.rules import rules_of
from seedbed.core.scene.scene import Scene
from seedbed.jobs.film import Calls
from seedbed.kit.clock import Clock
from seedbed.media.asked import planned
from seedbed.media.drafting import Drafting, Shelf
from seedbed.media.studio.studio import Studio
from seedbed.settings import Settings
from seedbed.store.artifacts import Artifacts
from seedbed.store.database import Database
from seedbed.store.objects import Objects
from seedbed.store.secrets import Secrets

_MARK_BYTES = 8


def drafting_of(
    settings: Settings, database: Database, artifacts: Artifacts, calls: Calls, clock: Clock
) -> Drafting:
    """What makes films of a Scene; the mark in them tells this house from others."""
    secret = Secrets(database).get_now("mark")
    mark = hashlib.sha256(secret).digest()[:_MARK_BYTES].hex()
    objects = Objects(database, clock=clock)
    shelf = Shelf(artifacts, objects, clock, settings.home / "certificates", mark)
    rules = rules_of(settings, database, clock)
    return Drafting(shelf, calls, Studio(), plan=plan, rules=rules)


async def plan(ask: Mapping[str, Any], token: str) -> tuple[Scene, tuple[str, ...]]:
    """The Scene of an ask, by rule, and what was not understood."""
    del token  # no model is asked
    return await anyio.to_thread.run_sync(planned, ask)
