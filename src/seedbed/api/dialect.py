"""What a dialect is: how one vendor's model call is read and its answer written.

Floor 6. `hot.py` carries the call; the dialect only translates, without waiting.
"""

from typing import Protocol

from seedbed.api.problems import Problem
from seedbed.core.ask import AnyAsk
from seedbed.core.errors import SeedbedError
from seedbed.core.event import Event, Reply
from seedbed.core.value import value


class Writer(Protocol):
    """Writes one whole answer in one dialect."""

    def whole(self, reply: Reply) -> bytes:
        """The body of a whole answer."""
        ...


class Streamer(Protocol):
    """Writes one answer in one dialect, piece by piece."""

    def chunk(self, event: Event) -> bytes:
        """What a stream sends for one event, `Failed` included; empty where it sends nothing."""
        ...


@value
class Reading:
    """What was read from a body: the ask, and who writes the answer.

    With a `streamer` the answer is sent as it is made, and `writer` is not asked.
    """

    ask: AnyAsk
    writer: Writer
    streamer: Streamer | None = None


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
