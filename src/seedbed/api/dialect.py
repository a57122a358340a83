"""What a dialect is: how one vendor's model call is read and its answer written.

Floor 6. `hot.py` carries the call; the dialect only translates, without waiting.
"""

from dataclasses import dataclass
from typing import Protocol

from seedbed.api.problems import Problem
from seedbed.core.ask import Ask
from seedbed.core.errors import SeedbedError
from seedbed.core.event import Event, Reply


class Writer(Protocol):
    """Writes one answer in one dialect."""

    def whole(self, reply: Reply) -> bytes:
        """The body of a whole answer."""
        ...

    def chunk(self, event: Event) -> bytes:
        """What a stream sends for one event, `Failed` included; empty where it sends nothing."""
        ...


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read from a body: the ask, whether to stream, and who writes the answer."""

    ask: Ask
    stream: bool
    writer: Writer


class Dialect(Protocol):
    """One vendor's model call."""

    def read(self, body: bytes, *, request_id: str, now: int) -> Reading:
        """Understand a body. `now` is in epoch seconds.

        Raises:
            RequestMalformed, FieldUnserved
        """
        ...

    def problem(self, error: SeedbedError) -> Problem:
        """An error as the whole response."""
        ...
