"""An ask answered with tools: the model is asked, its calls are made, and it is asked again.

Floor 5. A way of an ask between its door and the gateway. Each round is an ask of its own, promised
and settled like every other; what a tool brings goes to the model and is told as events. Calls of
the caller's own functions end the rounds, and go out as ever.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, aclosing

from seedbed.core.ask import Ask
from seedbed.core.errors import FieldUnserved, ToolsUnreachable
from seedbed.core.event import Event, Failed, Started, Stop, ToolPhase, ToolRan, ToolsListed
from seedbed.core.message import Call
from seedbed.core.value import changed, value
from seedbed.serving.account import Order
from seedbed.serving.once import Generate
from seedbed.tools.menu import Dish, Menu, Offer
from seedbed.tools.talk import Talk
from seedbed.tools.tool import Said

_SPENT = "No more calls are made for this answer. Answer with what you know."


@value
class Most:
    """How many rounds an answer may take, and how many calls in all of them together."""

    rounds: int = 16
    calls: int = 64


@value
class Approved:
    """A call that was asked for before, and that somebody has allowed since."""

    id: str
    server: str
    name: str
    arguments: str


MOST = Most()


class Rounds:
    """The way of one ask with the tools of `offers`; the `approved` calls are made before it."""

    def __init__(
        self, offers: Sequence[Offer], most: Most = MOST, approved: Sequence[Approved] = ()
    ) -> None:
        self._offers, self._most, self._approved = tuple(offers), most, tuple(approved)

    def around(self, generate: Generate) -> Generate:
        """The same road with rounds on it, for a way that has more to do before and behind."""

        def generate_in_rounds(order: Order) -> AsyncGenerator[Event]:
            return self.generate(order, generate)

        return generate_in_rounds

    async def generate(self, order: Order, generate: Generate) -> AsyncGenerator[Event]:
        """The answer. What is no ask for words has no use for tools."""
        if not isinstance(order.ask, Ask):
            async with aclosing(generate(order)) as events:
                async for event in events:
                    yield event
            return
        if order.once is not None:
            why = "what tools did cannot be done again the same."
            yield Failed(FieldUnserved("idempotency-key", value=repr(order.once.key), because=why))
            return
        async with AsyncExitStack() as opened:
            menu = Menu([tool.name for tool in order.ask.tools])
            held: list[Event] = []
            for offer in self._offers:
                box = await opened.enter_async_context(offer.source.open(order.principal))
                if box.fault:
                    yield Failed(ToolsUnreachable(offer.source.label, why=box.fault))
                    return
                added = menu.add(offer, box)
                if offer.source.label:
                    held.append(ToolsListed(offer.source.label, added))
            talk = Talk(order, order.ask, menu)
            run = _Run(talk, menu, self._most)
            held += await run.approved(self._approved)
            async with aclosing(run.rounds(generate, held)) as events:
                async for event in events:
                    yield event


class _Run:
    """One answer on its way."""

    def __init__(self, talk: Talk, menu: Menu, most: Most) -> None:
        self._talk, self._menu, self._most = talk, menu, most
        self._calls = 0
        self._is_waiting = False

    async def approved(self, calls: Sequence[Approved]) -> list[Event]:
        """Make calls that were allowed; the model sees them as its own."""
        told: list[Event] = []
        for one in calls:
            found = self._menu.of(one.server, one.name)
            if found is None:
                continue  # its server offers it no longer, and the model is not told of it
            call, dish = Call(one.id, found[0], one.arguments), found[1]
            self._talk.say(call)
            async with aclosing(self._make(call, dish, one.id)) as events:
                told += [event async for event in events]
        return told

    async def rounds(self, generate: Generate, held: list[Event]) -> AsyncGenerator[Event]:
        """Ask until an answer has no calls for us; what is `held` is told once it has begun."""
        for number in range(1, self._most.rounds):
            async with aclosing(self._asked(generate, number, held)) as events:
                async for event in events:
                    yield event
            if self._talk.is_over:
                return
            for call, dish in self._talk.calls():
                async with aclosing(self._answered(call, dish)) as events:
                    async for event in events:
                        yield event
            if self._is_waiting or self._talk.has_others:
                yield self._talk.end(Stop.CALL)
                return
        async with aclosing(self._asked(generate, self._most.rounds, held)) as events:
            async for event in events:
                yield event
        if not self._talk.is_over:
            yield self._talk.end(Stop.LENGTH)

    async def _asked(
        self, generate: Generate, number: int, held: list[Event]
    ) -> AsyncGenerator[Event]:
        """One round, the last of which has no tools."""
        order = self._talk.order(number, is_last=number == self._most.rounds)
        async with aclosing(generate(order)) as events:
            async for event in events:
                for told in self._talk.take(event):
                    yield told
                    if type(told) is Started:
                        for one in held:
                            yield one

    async def _answered(self, call: Call, dish: Dish) -> AsyncGenerator[ToolRan]:
        """One call: made, or asked for, as its offer says."""
        if dish.asks:
            yield self._told(call, dish, ToolPhase.ASKED)
            self._calls += 1
            self._is_waiting = True
            return
        async with aclosing(self._make(call, dish)) as events:
            async for event in events:
                yield event

    async def _make(self, call: Call, dish: Dish, approval: str = "") -> AsyncGenerator[ToolRan]:
        yield changed(self._told(call, dish, ToolPhase.BEGUN), approval=approval)
        if self._calls < self._most.calls:
            said = await dish.call(call.arguments, self._talk.principal)
        else:
            said = Said.wrong(_SPENT)
        self._talk.hear(call, said)
        phase = ToolPhase.FAILED if said.is_error else ToolPhase.DONE
        yield changed(self._told(call, dish, phase, said), approval=approval)
        self._calls += 1

    def _told(self, call: Call, dish: Dish, phase: ToolPhase, said: Said | None = None) -> ToolRan:
        text = said.text if said else ""
        output, error = ("", text) if said and said.is_error else (text, "")
        ran = ToolRan(self._calls, dish.server, dish.name, call.arguments, output, error, phase)
        return changed(ran, found=said.found) if said and said.found else ran
