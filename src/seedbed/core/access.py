"""Who asks, and what they may do.

Floor 1. A principal is made by `seedbed.api.guard` from a key, and by nobody else.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from seedbed.core.budget import Budget

_PRIVATE = re.compile(r"/private_[0-9a-f]{24}\Z")


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
    """The one on whose behalf something is done and paid, and the budgets that bound it.

    What is kept for it is its project's; its project's `payer` pays.
    """

    user: str
    project: str
    key: str
    scopes: frozenset[Scope]
    budgets: tuple[Budget, ...] = ()

    def may(self, scope: Scope) -> bool:
        """Whether the right is carried; `ADMIN` carries all."""
        return scope in self.scopes or Scope.ADMIN in self.scopes


def private(project: str, id_: str) -> str:
    """The name of a private project within a project; `id_` is of `ids.fresh("private")`.

    >>> private("web", "private_5f0c2d7e8a915f0c2d7e8a91")
    'web/private_5f0c2d7e8a915f0c2d7e8a91'
    """
    return f"{project}/{id_}"


def payer(project: str) -> str:
    """The project that pays for what a project uses: of a private one, that which it is within.

    >>> payer("web/private_5f0c2d7e8a915f0c2d7e8a91"), payer("web/site")
    ('web', 'web/site')
    """
    return _PRIVATE.sub("", project)
