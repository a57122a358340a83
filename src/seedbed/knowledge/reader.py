"""Which model turns texts into vectors for searches.

Floor 5.
"""

from collections.abc import Mapping

from seedbed.core.ask import Feature
from seedbed.core.value import value
from seedbed.serving.deployment import LiveDeployment


@value
class Reader:
    """A model that makes vectors, and how many tokens it reads at most."""

    model: str
    window: int


def reader_of(named: Mapping[str, LiveDeployment], wanted: str = "") -> Reader | None:
    """The model of that name, or without one the first that makes vectors; none, if none does."""
    for name, live in named.items():
        if Feature.EMBEDDING in live.engine.features and wanted in {"", name}:
            return Reader(name, live.deployment.model.window)
    return None
