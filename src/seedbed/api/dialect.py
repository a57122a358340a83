"""What a dialect is: how one vendor's model call is read and its answer written.

Floor 6. `hot.py` carries the call; the dialect only translates, without waiting.
"""

from collections.abc import AsyncGenerator, Callable
from typing import Protocol

from starlette.types import Scope

from seedbed.api.manner import Manner
from seedbed.core.ask import AnyAsk
from seedbed.core.event import Event, Reply
from seedbed.core.value import value
from seedbed.serving.account import Order
from seedbed.serving.once import Generate


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


class Way(Protocol):
    """How an ask comes to its answer where that takes more than asking once: what was said before
    is looked up, tools of the house are called in between, the answer is kept.
    """

    def generate(self, order: Order, generate: Generate) -> AsyncGenerator[Event]:
        """The answer; `generate` asks a model. As ever, a stream never raises a `SeedbedError`."""
        ...


@value
class Reading:
    """What was read from a body: the ask, and who writes the answer.

    With a `streamer` the answer is sent as it is made, and `writer` is not asked. Without a `way`
    the ask goes to its model as it is. What is neither JSON nor a stream of events has a `media`
    type of its own; streamed it is a file, in which nothing can be told that goes wrong.
    """

    ask: AnyAsk
    writer: Writer
    streamer: Streamer | None = None
    way: Way | None = None
    media: str = ""


class Dialect(Manner, Protocol):
    """One vendor's model call."""

    def read(self, body: bytes, *, request_id: str, now: int) -> Reading:
        """Understand a body. `now` is in epoch seconds.

        Raises:
            RequestMalformed, FieldUnserved
        """
        ...


@value
class ByRequest:
    """A call whose dialect is not told by its path alone: by who asks, and where they see us."""

    choose: Callable[[Scope], Dialect]
