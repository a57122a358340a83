"""How an ask for a response comes to its answer in Ark's dialect.

Floor 6. Where a prefix is cached, the model reads what is said, and says nothing: that is an ask of
one token, which is charged.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from seedbed.api.ark.responses_read import Read, is_cached
from seedbed.api.openai.responses.items import Kept
from seedbed.api.openai.responses.state import Past
from seedbed.api.openai.responses.way import Conversing, Hearer
from seedbed.core.ask import Ask
from seedbed.core.errors import RequestMalformed
from seedbed.core.message import Message, Role, Text
from seedbed.core.value import changed
from seedbed.serving.account import Order
from seedbed.tools.remote import Bounds

_NOTHING = Message(Role.USER, (Text(""),))
"""What is asked where a prefix is cached: most templates want a user to have spoken last."""


class Following(Conversing):
    """The way of an ask that may go on from a response."""

    def __init__(self, past: Past, read: Read, hearer: Hearer, bounds: Bounds) -> None:
        super().__init__(past, read.asked, hearer, bounds)
        self._read = read

    async def _told(self, order: Order, items: Sequence[Kept], project: str) -> Order:
        """The order with all that was said before in its ask.

        Raises:
            ObjectUnknown: that is not there.
            RequestMalformed: there is too much of it, or nothing at all was said, or it stood below
                instructions, and a cache is wanted.
        """
        previous = self._read.asked.previous
        if previous and is_cached(self._read.body):
            turn = await self._past.turn(previous, project)
            if turn.response["instructions"]:
                raise _uncached(previous)
        order = await super()._told(order, items, project)
        return _asking(order) if self._read.reads_only else order


def _asking(order: Order) -> Order:
    """The order with a user who spoke last."""
    ask = cast(Ask, order.ask)
    if ask.messages[-1].role is Role.USER:
        return order
    return replace(order, ask=changed(ask, messages=(*ask.messages, _NOTHING)))


def _uncached(previous: str) -> RequestMalformed:
    return RequestMalformed(
        f"The response {previous!r} had 'instructions', and so its words are in no cache.",
        hint="Leave 'caching' out, or begin with a message of the role 'system' instead.",
        field="caching",
    )
