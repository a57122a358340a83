"""How a vendor's house answers whatever it is asked: its errors, and what names a request.

Floor 6. Whose manner a request wants is told by its path and its headers.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol, TypeAlias

from seedbed.api.problems import Problem
from seedbed.core.errors import SeedbedError

Sent: TypeAlias = Mapping[bytes, bytes]
"""The headers of a request; their names are in small letters."""
Headers: TypeAlias = tuple[tuple[bytes, bytes], ...]


class Manner(Protocol):
    """One vendor's."""

    def problem(self, error: SeedbedError, *, request_id: str) -> Problem:
        """An error as the whole response."""
        ...

    def head(self, request_id: str, sent: Sent) -> Headers:
        """The headers that every response has: they name the request."""
        ...


class Manners:
    """The manners of this house: that of the first `others` that want the request, or the usual."""

    def __init__(
        self, usual: Manner, others: Iterable[tuple[Callable[[str, Sent], bool], Manner]] = ()
    ) -> None:
        self._usual, self._others = usual, tuple(others)

    def of(self, path: str, sent: Sent) -> Manner:
        """Whose manner a request wants."""
        for wants, manner in self._others:
            if wants(path, sent):
                return manner
        return self._usual


def authorization(sent: Sent) -> str:
    """What a request shows at the door, as an `Authorization` header; empty where it shows nothing.

    Anthropic's SDKs had a header of their own for the key.
    """
    if b"authorization" in sent:
        return sent[b"authorization"].decode("latin-1")
    return f"Bearer {sent[b'x-api-key'].decode('latin-1')}" if b"x-api-key" in sent else ""
