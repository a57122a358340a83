"""What a caller wishes for in our own words: the field `seedbed` of a body.

Floor 6.
"""

from seedbed.api.openai import wire
from seedbed.core.check import Check, Program, Quote


def read_checks(wishes: wire.Wishes) -> tuple[Check, ...]:
    """The checks that an answer must pass."""
    return tuple(_check(one) for one in wishes.checks)


def _check(found: wire.QuoteCheck | wire.ProgramCheck) -> Check:
    if isinstance(found, wire.QuoteCheck):
        return Quote(tuple(found.paths), found.least)
    return Program(found.name)
