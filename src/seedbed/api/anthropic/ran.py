"""Calls of servers' tools that were made for a message, among the blocks that the model wrote.

Floor 6. A reply has the model's own words alone, so that a whole message with such calls is made of
the events, as a streamed one is.
"""

from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing

from seedbed.api.anthropic import write
from seedbed.api.dialect import Way
from seedbed.core.event import Event, Finished, Fold, Reply, Stop, ToolPhase, ToolRan
from seedbed.core.usage import Usage
from seedbed.core.value import changed
from seedbed.serving.account import Order
from seedbed.serving.once import Generate

Block = dict[str, object]
_BETWEEN = Finished(Stop.CALL, Usage())
"""Where the model's words end for a call."""


def used(event: ToolRan, base: str) -> Block:
    """A call; `base` is what the message's id ends with."""
    told: Block = {"type": "mcp_tool_use", "id": _id(event, base), "name": event.name}
    return told | {"server_name": event.server, "input": write.arguments(event.arguments)}


def brought(event: ToolRan, base: str) -> Block:
    """What a call brought."""
    failed = event.phase is ToolPhase.FAILED
    text = event.error if failed else event.output
    told: Block = {"type": "mcp_tool_result", "tool_use_id": _id(event, base), "is_error": failed}
    return told | {"content": [{"type": "text", "text": text}]}


class Transcript:
    """The blocks of a whole message, in the order of the events."""

    def __init__(self, base: str) -> None:
        self._base = base
        self._fold = Fold()
        self._done: list[Reply | Block] = []

    def take(self, event: Event) -> None:
        """Hear of an event."""
        if not isinstance(event, ToolRan):
            self._fold.take(event)
        elif event.phase is ToolPhase.BEGUN:
            self._fold.take(_BETWEEN)
            self._done += [self._fold.reply(), used(event, self._base)]
            self._fold = Fold()
        else:
            self._done.append(brought(event, self._base))

    def all(self, model: str, written: Callable[[Reply], Iterator[Block]]) -> Iterator[Block]:
        """All of them; `written` makes blocks of what the model said."""
        for one in (*self._done, self._fold.reply()):
            if isinstance(one, Reply):
                yield from written(changed(one, model=model))
            else:
                yield one


class Heard:
    """A way whose events are heard of before they go out."""

    def __init__(self, way: Way, hear: Callable[[Event], None]) -> None:
        self._way, self.hear = way, hear

    async def generate(self, order: Order, generate: Generate) -> AsyncGenerator[Event]:
        """The answer."""
        async with aclosing(self._way.generate(order, generate)) as events:
            async for event in events:
                self.hear(event)
                yield event


def _id(event: ToolRan, base: str) -> str:
    return f"mcptoolu_{base}{event.ordinal:04x}"
