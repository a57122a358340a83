"""What must hold for pictures and films, in the server and in the worker.

Floor 7.
"""

from seedbed.kit.clock import Clock
from seedbed.media.consenting import Consenting
from seedbed.media.permitting import Permitting
from seedbed.media.rules import Rules
from seedbed.media.safety import Safety
from seedbed.serving.once import Generate
from seedbed.settings import Settings
from seedbed.store.consents import Consents
from seedbed.store.database import Database


def rules_of(settings: Settings, database: Database, clock: Clock) -> Rules:
    """What must hold for pictures and films."""
    program = settings.home / settings.safety_program if settings.safety_program else None
    safety = Safety(program, settings.home / "safety")
    return Rules(Consenting(Consents(database), clock), safety)


def permitting_of(
    generate: Generate, settings: Settings, database: Database, clock: Clock
) -> Permitting:
    """The road behind, for pictures and films that may be made."""
    return Permitting(generate, rules_of(settings, database, clock), settings.home / "safety")
