"""`/v1/conversations`: items that are said one after the other, and asks that go on from them.

Floor 6. A conversation and its items are kept until somebody deletes them. An item belongs to one
conversation; what a response adds is in `responses/state.py`.
"""

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from seedbed.api.intake import LONGEST_BODY, body, heard
from seedbed.api.openai.body import Body, read_body
from seedbed.api.openai.listing import read_wish, told
from seedbed.api.openai.responses.items import PREFIXES, Kept, kept, read_items
from seedbed.api.openai.responses.routes import Archive
from seedbed.api.openai.responses.state import CONVERSATION, ITEM
from seedbed.api.openai.responses.wire import Metadata
from seedbed.api.openai.responses.words import ApprovalRequestItem, ReferenceItem
from seedbed.core.errors import FieldUnserved, ObjectUnknown
from seedbed.core.object import Object
from seedbed.core.value import changed
from seedbed.kit import ids

PATH = "/v1/conversations"


class ConversationBody(msgspec.Struct):
    """The body of `POST /v1/conversations`, and of a change of one."""

    items: list[dict[str, object]] | None = None
    metadata: Metadata | None = None


class ItemsBody(msgspec.Struct):
    """The body of `POST /v1/conversations/{id}/items`."""

    items: list[dict[str, object]]


def routes(archive: Archive) -> list[Route]:
    """The routes."""
    objects = archive.past.objects

    async def create(request: Request) -> Response:
        project = await archive.admit(request)
        read = await _read(request, ConversationBody)
        at, id_ = archive.past.now, ids.fresh("conv")
        told_ = {"metadata": read.metadata or {}}
        made = Object(id_, CONVERSATION, project, at, told_)
        await objects.put(made, *_items(read.items or [], made))
        return JSONResponse(_told(made))

    async def show(request: Request) -> Response:
        return JSONResponse(_told(await _named(archive, request)))

    async def change(request: Request) -> Response:
        project = await archive.admit(request)
        read = await _read(request, ConversationBody)
        body_ = {"metadata": read.metadata or {}}
        made = await objects.change(
            CONVERSATION, request.path_params["id"], project, lambda one: changed(one, body=body_)
        )
        return JSONResponse(_told(made))

    async def delete(request: Request) -> Response:
        project, id_ = await archive.admit(request), request.path_params["id"]
        await objects.remove(CONVERSATION, id_, project)
        return JSONResponse({"id": id_, "object": "conversation.deleted", "deleted": True})

    return [
        Route(PATH, heard(create), methods=["POST"]),
        Route(f"{PATH}/{{id}}", show, methods=["GET"]),
        Route(f"{PATH}/{{id}}", heard(change), methods=["POST"]),
        Route(f"{PATH}/{{id}}", delete, methods=["DELETE"]),
        *_item_routes(archive),
    ]


def _item_routes(archive: Archive) -> list[Route]:
    objects = archive.past.objects

    async def add(request: Request) -> Response:
        conversation = await _named(archive, request)
        read = await _read(request, ItemsBody)
        items = _items(read.items, conversation)
        await objects.put(*items)
        return JSONResponse(told([item.body for item in items], has_more=False))

    async def list_them(request: Request) -> Response:
        one = await _named(archive, request)
        wish = read_wish(request.query_params)
        page = await objects.page(ITEM, one.project, wish, parent=one.id)
        return JSONResponse(told([item.body for item in page.objects], has_more=page.has_more))

    async def show(request: Request) -> Response:
        return JSONResponse((await _item(archive, request)).body)

    async def delete(request: Request) -> Response:
        item = await _item(archive, request)
        await objects.remove(ITEM, item.id, item.project)
        return JSONResponse(_told(await _named(archive, request)))

    return [
        Route(f"{PATH}/{{id}}/items", heard(add), methods=["POST"]),
        Route(f"{PATH}/{{id}}/items", list_them, methods=["GET"]),
        Route(f"{PATH}/{{id}}/items/{{item}}", show, methods=["GET"]),
        Route(f"{PATH}/{{id}}/items/{{item}}", delete, methods=["DELETE"]),
    ]


async def _named(archive: Archive, request: Request) -> Object:
    """The conversation of the path.

    Raises:
        AccessDenied, ObjectUnknown
    """
    project = await archive.admit(request)
    return await archive.past.objects.find(CONVERSATION, request.path_params["id"], project)


async def _item(archive: Archive, request: Request) -> Object:
    """The item of the path, which is of the conversation of the path.

    Raises:
        AccessDenied, ObjectUnknown
    """
    conversation, id_ = await _named(archive, request), request.path_params["item"]
    found = await archive.past.objects.find(ITEM, id_, conversation.project)
    if found.parent != conversation.id:
        raise ObjectUnknown(ITEM, id_)
    return found


def _items(said: list[dict[str, object]], conversation: Object) -> list[Object]:
    """What is said, as objects of that conversation; each is kept under an id of the house's.

    Raises:
        RequestMalformed, FieldUnserved
    """
    read = read_items(said, field="items")
    for place, item in enumerate(read):
        if isinstance(item, ReferenceItem | ApprovalRequestItem):
            because = "such an item has an id already; send what was said, or its answer."
            raise FieldUnserved(f"items[{place}]", value=repr(item.id[:80]), because=because)
    bodies = [kept(item, lambda kind: ids.fresh(PREFIXES[kind])) for item in read]
    at, project = conversation.at, conversation.project
    return [Object(str(one["id"]), ITEM, project, at, one, conversation.id) for one in bodies]


def _told(one: Object) -> Kept:
    return {
        "id": one.id,
        "object": "conversation",
        "created_at": one.at // 1_000_000,
        "metadata": one.body["metadata"],
    }


async def _read(request: Request, kind: type[Body]) -> Body:
    """The body of a request; where there is none, an empty one.

    Raises:
        RequestMalformed, RequestTooLarge, Left
    """
    headers = dict(request.scope["headers"])
    said = await body(request.receive, headers, limit=LONGEST_BODY)
    return read_body(said or b"{}", kind)[0]
