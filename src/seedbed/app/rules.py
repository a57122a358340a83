"""What must hold for pictures and films, in the server and in the worker.

Floor 7.
"""

from seedbed.kit.clock import Clock
from seedbed.media.consenting import Consenting
from seedbed.media.rules import Rules
from seedbed.media.safety import Safety
from seedbed.settings import Settings
from seedbed.store.consents import Consents
from seedbed.store.database import Database


def rules_of(settings: Settings, database: Database, clock: Clock) -> Rules:
    """What must hold for pictures and films."""
    program = settings.home / settings.safety_program if settings.safety_program else None
    safety = Safety(program, settings.home / "safety")
    return Rules(Consenting(Consents(database), clock), safety)
