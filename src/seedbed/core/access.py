"""Who asks, and what they may do.

Floor 1. A principal is made by `seedbed.api.guard` from a key, and by nobody else.
"""

from dataclasses import dataclass
from enum import StrEnum

from seedbed.core.budget import Budget


class Scope(StrEnum):
    """A right that a key carries."""

    MODELS = "models"
    """Ask models for answers."""
    METRICS = "metrics"
    """Read the house's metrics."""
    ADMIN = "admin"
    """Everything, the keys of others included."""


@dataclass(frozen=True, slots=True)
class Principal:
    """The one on whose behalf something is done and paid, and the budgets that bound it."""

    user: str
    project: str
    key: str
    scopes: frozenset[Scope]
    budgets: tuple[Budget, ...] = ()

    def may(self, scope: Scope) -> bool:
        """Whether the right is carried; `ADMIN` carries all."""
        return scope in self.scopes or Scope.ADMIN in self.scopes
