"""`/v1/chat/completions` beside the call itself: the answers of those who sent `store: true`.

Floor 6. An answer is kept for thirty days, once it is whole, with the messages that it answers; it
is its project's alone. Beside what the call told it has the metadata that came with it.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import cast

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from seedbed.api.dialect import Writer
from seedbed.api.guard import Guard
from seedbed.api.intake import LONGEST_BODY, body, heard
from seedbed.api.openai import wire
from seedbed.api.openai.body import read_body
from seedbed.api.openai.listing import part, read_wish, told
from seedbed.api.openai.responses.wire import Metadata
from seedbed.core.access import Scope
from seedbed.core.errors import SeedbedError
from seedbed.core.event import Event, Failed, Finished, Fold
from seedbed.core.object import Object
from seedbed.core.value import changed
from seedbed.kit.clock import Clock
from seedbed.serving.account import Order
from seedbed.serving.once import Generate
from seedbed.store.objects import MOST_LISTED, Objects, Wish

PATH = "/v1/chat/completions"
KIND = "chat.completion"
KEPT_SECONDS = 30 * 86_400


class StoredBody(msgspec.Struct):
    """The body of a change: what it says is kept, in the place of what was."""

    metadata: Metadata | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """The answers that are kept, and who is let in to them: keys with the scope `models`."""

    objects: Objects
    guard: Guard
    clock: Clock

    async def admit(self, request: Request) -> str:
        """The project of who asks.

        Raises:
            AccessDenied: nobody whom we know, or without `Scope.MODELS`.
        """
        return (await self.guard.let_in(request.scope, Scope.MODELS)).project

    async def keep(self, chat: wire.ChatBody, completion: bytes, project: str) -> None:
        """Keep an answer as its caller is told it."""
        answer: dict[str, object] = msgspec.json.decode(completion)
        said = {
            "completion": answer,
            "messages": msgspec.to_builtins(chat.messages),
            "metadata": chat.metadata or {},
        }
        at = round(self.clock.wall() * 1e6)
        until = at + KEPT_SECONDS * 10**6
        await self.objects.put(Object(str(answer["id"]), KIND, project, at, said, until=until))

    async def named(self, request: Request) -> Object:
        """The answer of the path.

        Raises:
            AccessDenied, ObjectUnknown
        """
        project = await self.admit(request)
        return await self.objects.find(KIND, request.path_params["id"], project)

    async def page(self, project: str, wish: Wish, query: Mapping[str, str]) -> list[Object]:
        """The first of those that the query wants, one more than is wished for if there are more.

        Raises:
            ObjectUnknown: the part begins at none of them.
        """
        found, part_ = list[Object](), changed(wish, limit=MOST_LISTED)
        while True:
            page = await self.objects.page(KIND, project, part_)
            found += [one for one in page.objects if _is_wanted(one, query)]
            if len(found) > wish.limit or not page.has_more:
                return found[: wish.limit + 1]
            part_ = changed(part_, after=page.objects[-1].id)


class Keeping:
    """The way of an answer that is kept before its caller is told that it is whole."""

    def __init__(self, stored: Stored, chat: wire.ChatBody, writer: Writer) -> None:
        self._stored, self._chat, self._writer = stored, chat, writer

    async def generate(self, order: Order, generate: Generate) -> AsyncGenerator[Event]:
        """The answer; if it cannot be kept it is none."""
        fold = Fold()
        async with aclosing(generate(order)) as events:
            async for event in events:
                fold.take(event)
                if type(event) is Finished:
                    yield await self._kept(event, fold, order.principal.project)
                else:
                    yield event

    async def _kept(self, end: Finished, fold: Fold, project: str) -> Event:
        try:
            await self._stored.keep(self._chat, self._writer.whole(fold.reply()), project)
        except SeedbedError as error:
            return Failed(error, end.entry)
        return end


def routes(stored: Stored) -> list[Route]:
    """The routes."""

    async def list_them(request: Request) -> Response:
        project, query = await stored.admit(request), request.query_params
        wish = changed(read_wish({"order": "asc", **query}), before=None)
        found = await stored.page(project, wish, query)
        data = [_told(one) for one in found[: wish.limit]]
        return JSONResponse(told(data, has_more=len(found) > wish.limit))

    async def show(request: Request) -> Response:
        return JSONResponse(_told(await stored.named(request)))

    async def change(request: Request) -> Response:
        project, id_ = await stored.admit(request), request.path_params["id"]
        sent = await body(request.receive, dict(request.scope["headers"]), limit=LONGEST_BODY)
        metadata = read_body(sent, StoredBody)[0].metadata or {}
        made = await stored.objects.change(
            KIND, id_, project, lambda one: changed(one, body={**one.body, "metadata": metadata})
        )
        return JSONResponse(_told(made))

    async def delete(request: Request) -> Response:
        project, id_ = await stored.admit(request), request.path_params["id"]
        await stored.objects.remove(KIND, id_, project)
        return JSONResponse({"id": id_, "object": "chat.completion.deleted", "deleted": True})

    async def list_messages(request: Request) -> Response:
        one = await stored.named(request)
        wish = read_wish({"order": "asc", **request.query_params})
        return JSONResponse(part(_messages(one), wish))

    return [
        Route(PATH, list_them, methods=["GET"]),
        Route(f"{PATH}/{{id}}", show, methods=["GET"]),
        Route(f"{PATH}/{{id}}", heard(change), methods=["POST"]),
        Route(f"{PATH}/{{id}}", delete, methods=["DELETE"]),
        Route(f"{PATH}/{{id}}/messages", list_messages, methods=["GET"]),
    ]


def _told(one: Object) -> Mapping[str, object]:
    completion = cast("Mapping[str, object]", one.body["completion"])
    return {**completion, "metadata": one.body["metadata"]}


def _is_wanted(one: Object, query: Mapping[str, str]) -> bool:
    """Whether it is of the model that a query names, and has the metadata."""
    told_ = _told(one)
    metadata = cast("Mapping[str, str]", told_["metadata"])
    wanted = {n[9:-1]: v for n, v in query.items() if n.startswith("metadata[") and n[-1] == "]"}
    is_of_model = query.get("model") in {None, told_["model"]}
    return is_of_model and all(metadata.get(name) == said for name, said in wanted.items())


def _messages(one: Object) -> list[Mapping[str, object]]:
    """The messages that it answers, each under an id; several parts stand beside the content."""
    said = cast("Sequence[Mapping[str, object]]", one.body["messages"])
    return [
        {
            **{name: value for name, value in message.items() if value is not None},
            "id": f"{one.id}-{at}",
            "content": None if isinstance(content := message["content"], list) else content,
            "content_parts": content if isinstance(content, list) else None,
        }
        for at, message in enumerate(said)
    ]
