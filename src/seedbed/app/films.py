"""What the worker makes films with.

Floor 7.
"""

import hashlib
from functools import partial

from seedbed.app.planning import plan_for
from seedbed.app.rules import rules_of
from seedbed.jobs.film import Calls, Film
from seedbed.kit.clock import Clock
from seedbed.kit.media.fetching import Fetcher, Reach
from seedbed.media.drafting import Drafting
from seedbed.media.finishing import Finishing
from seedbed.media.generated import Generated
from seedbed.media.given import Given
from seedbed.media.shelf import Shelf
from seedbed.media.studio.studio import Studio
from seedbed.settings import Settings
from seedbed.store.artifacts import Artifacts
from seedbed.store.database import Database
from seedbed.store.objects import Objects
from seedbed.store.secrets import Secrets

_MARK_BYTES = 8


def films_of(
    settings: Settings, database: Database, artifacts: Artifacts, calls: Calls, clock: Clock
) -> Film:
    """What makes films, and finishes them; the mark in them tells this house from others."""
    secret = Secrets(database).get_now("mark")
    mark = hashlib.sha256(secret).digest()[:_MARK_BYTES].hex()
    home, objects, studio = settings.home, Objects(database, clock=clock), Studio()
    shelf = Shelf(
        *(artifacts, objects, clock),
        signer=home / "certificates",
        bench=home / "studio",
        fonts=home / "fonts",
        mark=mark,
    )
    rules = rules_of(settings, database, clock)
    given = Given(artifacts, Fetcher(Reach(inward=settings.fetch_private)))
    plan = partial(plan_for, calls, settings.planner)
    draw = Drafting(shelf, calls, studio, plan=plan, rules=rules, given=given).run
    return Film(calls, draw, finish=Generated(shelf, Finishing(shelf, studio), rules).made)
