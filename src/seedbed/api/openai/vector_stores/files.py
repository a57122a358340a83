"""The files of a vector store, and those that are put in together.

Floor 6. A file has the id that it has in `/v1/files`.
"""

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from seedbed.api.intake import heard
from seedbed.api.openai import listing
from seedbed.api.openai.body import missing
from seedbed.api.openai.vector_stores import told
from seedbed.api.openai.vector_stores.library import PATH, Library, file_of, read
from seedbed.api.openai.vector_stores.wire import (
    AttributesBody,
    FileBatchBody,
    VectorStoreFileBody,
)
from seedbed.core.errors import RequestMalformed
from seedbed.core.object import Object
from seedbed.jobs.index_file import FILE

_ONE = f"{PATH}/{{id}}/files"
_MANY = f"{PATH}/{{id}}/file_batches"


def routes(library: Library) -> list[Route]:
    """The routes, for keys that carry `Scope.MODELS`."""
    stores = library.stores

    async def add(request: Request) -> Response:
        principal, store = await library.store(request)
        wish = await read(request, VectorStoreFileBody)
        batch = await library.put_in(store, [wish], principal)
        (one,) = _of(batch, await stores.files(store))
        return JSONResponse(told.file(one))

    async def list_them(request: Request) -> Response:
        _, store = await library.store(request)
        return _listed(request, await stores.files(store))

    async def show(request: Request) -> Response:
        _, one = await library.file(request)
        return JSONResponse(told.file(one))

    async def change(request: Request) -> Response:
        store, _ = await library.file(request)
        said = await read(request, AttributesBody)
        one = await stores.describe(store, file_of(request), said.attributes or {})
        return JSONResponse(told.file(one))

    async def take_out(request: Request) -> Response:
        store, one = await library.file(request)
        id_ = str(one.body["file"])
        await stores.take_out(store, id_)
        return JSONResponse({"id": id_, "object": f"{FILE}.deleted", "deleted": True})

    async def content(request: Request) -> Response:
        store, one = await library.file(request)
        texts = await stores.index().texts(store.id, str(one.body["file"]))
        return JSONResponse(told.content(texts))

    return [
        Route(_ONE, heard(add), methods=["POST"]),
        Route(_ONE, list_them, methods=["GET"]),
        Route(f"{_ONE}/{{file}}", show, methods=["GET"]),
        Route(f"{_ONE}/{{file}}", heard(change), methods=["POST"]),
        Route(f"{_ONE}/{{file}}", take_out, methods=["DELETE"]),
        Route(f"{_ONE}/{{file}}/content", content, methods=["GET"]),
        *_batches(library),
    ]


def _batches(library: Library) -> list[Route]:
    stores = library.stores

    async def shown(store: Object, batch: Object) -> Response:
        state = await stores.state(batch)
        return JSONResponse(told.batch(batch, _of(batch, await stores.files(store)), state))

    async def add(request: Request) -> Response:
        principal, store = await library.store(request)
        wishes = _wishes(await read(request, FileBatchBody))
        return await shown(store, await library.put_in(store, wishes, principal))

    async def show(request: Request) -> Response:
        return await shown(*await library.batch(request))

    async def cancel(request: Request) -> Response:
        store, batch = await library.batch(request)
        await stores.cancel(batch)
        return await shown(store, batch)

    async def list_them(request: Request) -> Response:
        store, batch = await library.batch(request)
        return _listed(request, _of(batch, await stores.files(store)))

    return [
        Route(_MANY, heard(add), methods=["POST"]),
        Route(f"{_MANY}/{{batch}}", show, methods=["GET"]),
        Route(f"{_MANY}/{{batch}}/cancel", cancel, methods=["POST"]),
        Route(f"{_MANY}/{{batch}}/files", list_them, methods=["GET"]),
    ]


def _wishes(said: FileBatchBody) -> list[VectorStoreFileBody]:
    """What is to be put in.

    Raises:
        RequestMalformed: nothing, or it is told in both ways.
    """
    if said.files and said.file_ids:
        raise RequestMalformed(
            "Fields 'files' and 'file_ids' both name files.", hint="Send one.", field="files"
        )
    wishes = said.files or [
        VectorStoreFileBody(id_, said.attributes, said.chunking_strategy)
        for id_ in said.file_ids or ()
    ]
    if not wishes:
        raise missing("file_ids", "there is nothing to put in")
    return wishes


def _of(batch: Object, files: Sequence[Object]) -> list[Object]:
    return [one for one in files if one.body["batch"] == batch.id]


def _listed(request: Request, files: Sequence[Object]) -> Response:
    """The part of them that the query wants.

    Raises:
        RequestMalformed: it wants what is no state, no order or no number.
        ObjectUnknown: the part begins or ends at no file of these.
    """
    wanted = request.query_params.get("filter")
    if wanted and wanted not in told.STATES:
        raise RequestMalformed(
            f"Parameter 'filter' is {wanted[:40]!r}.",
            hint=f"Send one of {', '.join(told.STATES)}.",
            field="filter",
        )
    data = [told.file(one) for one in files if not wanted or one.body["status"] == wanted]
    return JSONResponse(listing.part(data, listing.read_wish(request.query_params)))
