"""How tools ask models: by the one road, for a whole answer, in the name of who calls them.

Floor 5.
"""

from collections.abc import Awaitable, Callable
from contextlib import aclosing

from seedbed.core.access import Principal
from seedbed.core.ask import AnyAsk
from seedbed.core.event import Event, Fold, Reply
from seedbed.kit import ids
from seedbed.serving.account import Order
from seedbed.serving.once import Generate


async def unseen(_: Event) -> None:
    """For those whom no event concerns before the end."""


async def ask(
    generate: Generate,
    wish: AnyAsk,
    principal: Principal,
    see: Callable[[Event], Awaitable[None]] = unseen,
) -> Reply:
    """The whole answer; `see` is told of each event.

    Raises:
        SeedbedError: there was no whole answer.
    """
    fold = Fold()
    async with aclosing(generate(Order(wish, principal, ids.fresh("req")))) as events:
        async for event in events:
            fold.take(event)
            await see(event)
    return fold.reply()
