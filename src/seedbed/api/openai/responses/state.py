"""What responses and conversations leave behind, and what the next ask goes on from.

Floor 6. A response keeps its own items and the id of the one before it, so that a chain of n turns
takes the room of n turns; to go on from it reads n rows. Whoever deletes one of them ends the chain
there. A project finds its own alone.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import cast

from seedbed.api.openai.responses.background import Background
from seedbed.api.openai.responses.items import REFERENCE, Kept, response_of
from seedbed.core.errors import ObjectUnknown, RequestMalformed
from seedbed.core.job import Owner
from seedbed.core.object import Object
from seedbed.jobs.response import KIND
from seedbed.kit.clock import Clock
from seedbed.store.objects import MOST_LISTED, Objects, Wish

RESPONSE, CONVERSATION, ITEM = KIND, "conversation", "conversation_item"
"""The kinds of objects."""
MOST_TURNS = 1_000
"""How many responses an ask may go on from."""
MOST_ITEMS = 10_000
"""How many items of a conversation an ask may go on from."""
KEPT_SECONDS = 30 * 86_400
"""How long a response is kept, if its caller says no other end (`expire_at`, Ark's)."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A response as it is kept, with the items that it answered."""

    response: Kept
    items: tuple[Kept, ...]


class Past:
    """What was said before."""

    def __init__(self, objects: Objects, background: Background, *, clock: Clock) -> None:
        self.objects, self._background, self._clock = objects, background, clock

    @property
    def now(self) -> int:
        """The moment, in epoch microseconds."""
        return round(self._clock.wall() * 1e6)

    async def turn(self, id_: str, project: str) -> Turn:
        """A response.

        Raises:
            ObjectUnknown: the project has none of that id.
        """
        one = await self.objects.find(RESPONSE, id_, project)
        return _turn(await self._background.found(one))

    async def followed(self, id_: str, project: str) -> AsyncGenerator[Turn | None]:
        """A response, once it has its end, or the server ends; before, `None` as a sign of life.

        Raises:
            ObjectUnknown: the project has none of that id.
        """
        one = await self.objects.find(RESPONSE, id_, project)
        async with aclosing(self._background.signs(one)) as signs:
            async for sign in signs:
                yield sign
        yield await self.turn(id_, project)

    async def earlier(
        self, previous: str | None, conversation: str | None, project: str
    ) -> list[Kept]:
        """All that was said before an ask: in a chain of responses or in a conversation.

        Raises:
            ObjectUnknown, RequestMalformed
        """
        if previous:
            return await self.before(previous, project)
        return await self.conversation(conversation, project) if conversation else []

    async def before(self, previous: str, project: str) -> list[Kept]:
        """All items of a chain of responses up to that one, the oldest first.

        Raises:
            ObjectUnknown: one of the chain is not there.
            RequestMalformed: it is not done yet, or the chain is too long.
        """
        said: list[list[Kept]] = []
        id_: object = previous
        while id_ is not None:
            turn = await self.turn(str(id_), project)
            if turn.response["status"] in {"queued", "in_progress"}:
                raise _unfinished(turn.response)
            if len(said) == MOST_TURNS:
                raise _too_long(f"more than {MOST_TURNS:,} responses")
            said.append([*turn.items, *_output(turn.response)])
            id_ = turn.response["previous_response_id"]
        return [item for items in reversed(said) for item in items]

    async def conversation(self, id_: str, project: str) -> list[Kept]:
        """All items of a conversation, the oldest first.

        Raises:
            ObjectUnknown: the project has none of that id.
            RequestMalformed: there are too many.
        """
        await self.objects.find(CONVERSATION, id_, project)
        items: list[Object] = []
        while True:
            after = items[-1].id if items else None
            wish = Wish(MOST_LISTED, after=after, newest_first=False)
            page = await self.objects.page(ITEM, project, wish, parent=id_)
            items += page.objects
            if not page.has_more:
                return [dict(item.body) for item in items]
            if len(items) >= MOST_ITEMS:
                raise _too_long(f"more than {MOST_ITEMS:,} items")

    async def resolved(self, items: Sequence[Kept], project: str) -> list[Kept]:
        """The items with those in the place of references that they refer to.

        Raises:
            ObjectUnknown: the project has no such item.
        """
        return [
            await self._item(str(item["id"]), project) if item["type"] == REFERENCE else item
            for item in items
        ]

    async def later(self, turn: Turn, owner: Owner, asked: Mapping[str, object]) -> None:
        """Have a response be answered in the background, by what is `asked`."""
        one = self._object(turn, owner.project)
        await self._background.submit(one, owner, asked)

    async def cancel(self, id_: str, project: str) -> Turn:
        """Have a response that is answered in the background end; one that has ended stays.

        Raises:
            ObjectUnknown: the project has none of that id.
            RequestMalformed: it is none of those.
        """
        one = await self.objects.find(RESPONSE, id_, project)
        if not self._background.has(one):
            raise RequestMalformed(
                f"The response {id_!r} was not asked for in the background.",
                hint="Close the connection that it comes over, to end one that is being made.",
            )
        await self._background.end(one, now=self.now)
        return await self.turn(id_, project)

    async def forget(self, id_: str, project: str) -> None:
        """Delete a response; one that is still being answered is wanted no longer.

        Raises:
            ObjectUnknown: the project has none of that id.
        """
        one = await self.objects.remove(RESPONSE, id_, project)
        await self._background.end(one, now=self.now)

    async def keep(self, turn: Turn, project: str, conversation: str | None) -> None:
        """Keep a response where it is to be stored, and what it adds to its conversation."""
        at, objects = self.now, list[Object]()
        if turn.response["store"]:
            objects.append(self._object(turn, project))
        if conversation is not None:
            said = [*turn.items, *_output(turn.response)]
            base = str(turn.response["id"])  # items of others are there, or elsewhere
            objects += [
                Object(str(item["id"]), ITEM, project, at, item, conversation)
                for item in said
                if response_of(str(item["id"])) == base
            ]
        if objects:
            await self.objects.put(*objects)

    def _object(self, turn: Turn, project: str) -> Object:
        id_, at = str(turn.response["id"]), self.now
        body = {"response": turn.response, "input": turn.items}
        end = cast(int | None, turn.response.get("expire_at"))
        until = at + KEPT_SECONDS * 10**6 if end is None else end * 10**6
        return Object(id_, RESPONSE, project, at, body, until=until)

    async def _item(self, id_: str, project: str) -> Kept:
        """An item by its id: of a response, or of a conversation.

        Raises:
            ObjectUnknown
        """
        try:
            turn = await self.turn(response_of(id_), project)
        except ObjectUnknown:
            return dict((await self.objects.find(ITEM, id_, project)).body)
        said = [*turn.items, *_output(turn.response)]
        found = next((item for item in said if item["id"] == id_), None)
        if found is None:
            raise ObjectUnknown("item", id_)
        return found


def _turn(one: Object) -> Turn:
    said = cast(Sequence[Kept], one.body["input"])
    return Turn(dict(cast(Mapping[str, object], one.body["response"])), tuple(said))


def _output(response: Mapping[str, object]) -> list[Kept]:
    return cast(list[Kept], response["output"])


def _unfinished(response: Kept) -> RequestMalformed:
    return RequestMalformed(
        f"The response {response['id']!r} is {response['status']}, and not at its end.",
        hint="Ask again when it is.",
        field="previous_response_id",
    )


def _too_long(what: str) -> RequestMalformed:
    return RequestMalformed(
        f"What was said before is {what}.", hint="Begin anew, with the last of it as input."
    )
