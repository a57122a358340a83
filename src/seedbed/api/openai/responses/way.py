"""How an ask comes to its answer here: what was said before is found, the answer is kept.

Floor 6. Nothing here is of one dialect: whoever writes responses in other words hands in a writer
of their own.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Protocol

from seedbed.api.openai.body import missing
from seedbed.api.openai.responses.approving import APPROVAL, approved
from seedbed.api.openai.responses.items import Kept, read_items
from seedbed.api.openai.responses.read import Asked
from seedbed.api.openai.responses.replay import Replay
from seedbed.api.openai.responses.said import messages
from seedbed.api.openai.responses.searching import source_of
from seedbed.api.openai.responses.servers import offers
from seedbed.api.openai.responses.state import Past, Turn
from seedbed.api.openai.responses.words import Item
from seedbed.core import budget
from seedbed.core.access import Principal, Scope
from seedbed.core.ask import AnyAsk, CountAsk
from seedbed.core.errors import AccessDenied, ScopeMissing, SeedbedError
from seedbed.core.event import Event, Failed, Finished, Started, Stop, UsageNow
from seedbed.core.job import Owner
from seedbed.core.message import Message
from seedbed.core.usage import Usage
from seedbed.core.value import changed
from seedbed.knowledge.search import Searching
from seedbed.serving.account import Order
from seedbed.serving.once import Generate
from seedbed.tools.menu import Offer
from seedbed.tools.remote import BOUNDS, Bounds
from seedbed.tools.rounds import MOST, Most, Rounds


class Hearer(Protocol):
    """Who writes the response hears of each event, and knows the response as it stands."""

    is_begun: bool

    def take(self, event: Event) -> None:
        """Hear of an event."""
        ...

    @property
    def body(self) -> Kept:
        """The response as it stands."""
        ...


class Conversing:
    """The way of one ask. What fails in a stream that had begun is kept, too, since its caller
    knows its id. Servers of tools are held to the `bounds`; with `searching` files are searched.
    """

    def __init__(
        self,
        past: Past,
        asked: Asked,
        hearer: Hearer | None,
        bounds: Bounds = BOUNDS,
        searching: Searching | None = None,
    ) -> None:
        self._past, self._asked, self._hearer, self._bounds = past, asked, hearer, bounds
        self._searching = searching

    async def generate(self, order: Order, generate: Generate) -> AsyncGenerator[Event]:
        """The answer."""
        project = order.principal.project
        try:
            items = await self._past.resolved(self._asked.items, project)
            order = await self._told(order, items, project)
            generate = await self._with_tools(items, order, generate)
        except SeedbedError as error:
            yield Failed(error)
            return
        async with aclosing(generate(order)) as events:
            async for event in events:
                if self._hearer is None:
                    yield event
                    continue
                self._hearer.take(event)
                if type(event) is Finished or type(event) is Failed:
                    yield await self._ended(self._hearer, event, items, project)
                else:
                    yield event

    async def _told(self, order: Order, items: Sequence[Kept], project: str) -> Order:
        """The order with all that was said before in its ask.

        Raises:
            ObjectUnknown: that is not there.
            RequestMalformed: there is too much of it, or nothing at all was said.
        """
        said = await self._said(items, project)
        told = messages(said, instructions=self._asked.instructions)
        if not told:
            raise missing("input", "nothing was said")
        return replace(order, ask=_with(order.ask, told))

    async def _said(self, items: Sequence[Kept], project: str) -> list[Item]:
        """All that was said before, and the items.

        Raises:
            ObjectUnknown, RequestMalformed
        """
        asked = self._asked
        before = await self._past.earlier(asked.previous, asked.conversation, project)
        return read_items([*before, *items], field="input")

    async def _with_tools(
        self, items: Sequence[Kept], order: Order, generate: Generate
    ) -> Generate:
        """The road, with the tools on it that this house runs.

        Raises:
            ObjectUnknown: what was said before is not there, or a store that is to be searched.
            RequestMalformed: a call is allowed that nobody asked for.
        """
        project, found = order.principal.project, offers(self._asked.tools.servers, self._bounds)
        if self._asked.tools.search and self._searching:
            search = self._asked.tools.search
            source = await source_of(search, self._searching, project, order.request_id)
            found.append(Offer(source))
        if not found:
            return generate
        allows = any(item["type"] == APPROVAL for item in items)
        calls = approved(await self._said(items, project)) if allows else []
        most = Most(calls=self._asked.calls or MOST.calls)
        return Rounds(found, most, calls).around(generate)

    async def _ended(
        self, hearer: Hearer, end: Finished | Failed, items: Sequence[Kept], project: str
    ) -> Event:
        """The end, once what it is of is kept."""
        is_whole = type(end) is Finished
        if not is_whole and (self._asked.ask.whole or not hearer.is_begun):
            return end
        conversation = self._asked.conversation if is_whole else None
        try:
            await self._past.keep(Turn(hearer.body, tuple(items)), project, conversation)
        except SeedbedError as error:
            return Failed(error, end.entry)
        return end


class Later:
    """The way of an ask that is answered in the background: what it is told at once is no answer,
    but under which id there will be one. Who wants it as a stream is told the rest at its end.
    """

    def __init__(
        self, past: Past, asked: Asked, replay: Replay, said: Mapping[str, object]
    ) -> None:
        self._past, self._asked, self._replay, self._said = past, asked, replay, said

    async def generate(self, order: Order, generate: Generate) -> AsyncGenerator[Event]:
        """An answer without words."""
        del generate
        who, asked = order.principal, self._asked
        try:
            _admit(who)
            items = await self._past.resolved(asked.items, who.project)
            await self._past.earlier(asked.previous, asked.conversation, who.project)
            turn = Turn(self._replay.response, tuple(items))
            await self._past.later(turn, Owner(who.user, who.project, who.key), self._said)
        except SeedbedError as error:
            yield Failed(error)
            return
        yield Started(order.ask.model)
        if self._replay.is_awaited:
            async with aclosing(self._rest(str(turn.response["id"]), who.project)) as events:
                async for event in events:
                    yield event
        else:
            yield Finished(Stop.END, Usage())

    async def _rest(self, id_: str, project: str) -> AsyncGenerator[Event]:
        """The end, once the answer is there; until then, that nothing is used is a sign of life."""
        try:
            async with aclosing(self._past.followed(id_, project)) as turns:
                async for turn in turns:
                    if turn is None:
                        yield UsageNow(Usage())
                    else:
                        self._replay.response = turn.response
        except SeedbedError as error:  # it was deleted meanwhile
            yield Failed(error)
            return
        yield Finished(Stop.END, Usage())


def _admit(principal: Principal) -> None:
    """See that somebody may have a job run.

    Raises:
        AccessDenied: the key does not carry the right, or is the token of a job, whose budget would
            not bound what it submits.
    """
    if not principal.may(Scope.MODELS):
        raise ScopeMissing(Scope.MODELS.value)
    if any(one.owner is budget.Owner.JOB for one in principal.budgets):
        raise AccessDenied("The token of a job does not ask in the background.", hint="Use a key.")


def _with(ask: AnyAsk, told: tuple[Message, ...]) -> AnyAsk:
    if isinstance(ask, CountAsk):
        return CountAsk(changed(ask.ask, messages=told))
    return changed(ask, messages=told)
