"""A route that is there for some requests only, beside another's at the same path.

Floor 6.
"""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match, Route
from starlette.types import Scope

from seedbed.api.anthropic.manner import VERSION

Endpoint = Callable[[Request], Awaitable[Response]]


class Chosen(Route):
    """For requests that are `wanted`; others find the next route at the path, or none."""

    def __init__(
        self, path: str, endpoint: Endpoint, *, method: str, wanted: Callable[[Scope], bool]
    ) -> None:
        super().__init__(path, endpoint, methods=[method])
        self._wanted = wanted

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Whether a request is for this route."""
        if scope["type"] == "http" and self._wanted(scope):
            return super().matches(scope)
        return Match.NONE, {}


def is_anthropic(scope: Scope) -> bool:
    """Whether a request tells the version of Anthropic's words that it speaks."""
    return any(name == VERSION for name, _ in scope["headers"])


def is_head(scope: Scope) -> bool:
    """Whether a request wants to see that something answers."""
    return bool(scope["method"] == "HEAD")
