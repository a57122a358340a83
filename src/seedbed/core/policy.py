"""By what a deployment is chosen among several.

Floor 1.
"""

from enum import StrEnum


class Policy(StrEnum):
    """Among those that can answer in time."""

    CHEAPEST = "cheapest"
    """The one that is expected to cost least."""
    FASTEST = "fastest"
    """The one that is expected to have answered first."""
    BALANCED = "balanced"
    """The one where what it costs and what the caller's waiting costs is least."""
    PINNED = "pinned"
    """The one that is named, and no other."""
