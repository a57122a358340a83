"""`/v1/vector_stores` in OpenAI's words.

Floor 6. A store that has expired is gone, where the vendor would tell it as `expired`.
"""

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from seedbed.api.edge import REQUEST_ID
from seedbed.api.intake import heard
from seedbed.api.openai import listing
from seedbed.api.openai.vector_stores import files, told
from seedbed.api.openai.vector_stores.library import PATH, Library, read
from seedbed.api.openai.vector_stores.read import searched
from seedbed.api.openai.vector_stores.wire import (
    SearchBody,
    VectorStoreBody,
    VectorStoreChange,
    VectorStoreFileBody,
)
from seedbed.jobs.index_file import STORE


def routes(library: Library) -> list[Route]:
    """The routes, for keys that carry `Scope.MODELS`."""
    stores = library.stores

    async def create(request: Request) -> Response:
        principal, said = await library.admit(request), await read(request, VectorStoreBody)
        cut, reader = said.chunking_strategy, library.chosen()
        wishes = [VectorStoreFileBody(id_, None, cut) for id_ in said.file_ids or ()]
        await library.added(wishes, principal.project)  # a store of what is not there is none
        known = {
            "name": said.name or "",
            "description": said.description,
            "metadata": said.metadata or {},
            "days": said.expires_after and said.expires_after.days,
            "model": reader.model,
            "window": reader.window,
        }
        store = await stores.create(principal.project, known)
        if wishes:
            await library.put_in(store, wishes, principal)
        return JSONResponse(told.store(store, await stores.files(store)))

    async def list_them(request: Request) -> Response:
        principal = await library.admit(request)
        wish = listing.read_wish(request.query_params)
        page = await stores.objects.page(STORE, principal.project, wish)
        data = [told.store(one, await stores.files(one)) for one in page.objects]
        return JSONResponse(listing.told(data, has_more=page.has_more))

    async def show(request: Request) -> Response:
        _, store = await library.store(request)
        return JSONResponse(told.store(store, await stores.files(store)))

    async def change(request: Request) -> Response:
        _, store = await library.store(request)
        said = await read(request, VectorStoreChange)
        known = {name: one for name, one in msgspec.structs.asdict(said).items() if one is not None}
        if said.expires_after is not None:
            known["days"] = known.pop("expires_after").days
        store = await stores.change(store, known)
        return JSONResponse(told.store(store, await stores.files(store)))

    async def delete(request: Request) -> Response:
        _, store = await library.store(request)
        await stores.remove(store)
        return JSONResponse({"id": store.id, "object": f"{STORE}.deleted", "deleted": True})

    async def search(request: Request) -> Response:
        principal, store = await library.store(request)
        wish = searched(await read(request, SearchBody))
        request_id = request.scope[REQUEST_ID]
        found = await library.searching.search(store, wish, principal, request_id)
        return JSONResponse(told.results(wish.queries, found))

    return [
        Route(PATH, heard(create), methods=["POST"]),
        Route(PATH, list_them, methods=["GET"]),
        Route(f"{PATH}/{{id}}", show, methods=["GET"]),
        Route(f"{PATH}/{{id}}", heard(change), methods=["POST"]),
        Route(f"{PATH}/{{id}}", delete, methods=["DELETE"]),
        Route(f"{PATH}/{{id}}/search", heard(search), methods=["POST"]),
        *files.routes(library),
    ]
