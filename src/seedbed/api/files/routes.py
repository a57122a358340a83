"""What the doors of files share: OpenAI and Ark ask for the same paths, and differ in their words.

Floor 6.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from seedbed.api.files.files import KIND, File, Files
from seedbed.api.files.paging import read_wish
from seedbed.api.intake import heard

Told: TypeAlias = dict[str, object]
"""A file in a vendor's words."""


class Listed(Protocol):
    """Tells a part of a list."""

    def __call__(self, data: list[Told], *, has_more: bool) -> Mapping[str, object]:
        """Tell it."""
        ...


@dataclass(frozen=True, slots=True)
class Words:
    """A vendor's words for files: for what a file is for, for a file, and for a part of a list,
    which has `usual` files if nothing is said, and `most` at most.
    """

    usual: int
    most: int
    purpose: Callable[[str], str]
    told: Callable[[File], Told]
    listed: Listed


def routes(
    files: Files, path: str, words: Words, create: Callable[[Request], Awaitable[Response]]
) -> list[Route]:
    """The routes below that path, for keys that carry `Scope.MODELS`."""

    async def list_them(request: Request) -> Response:
        principal, query = await files.admit(request), request.query_params
        wish = read_wish(query, KIND, usual=words.usual, most=words.most)
        asked = query.get("purpose")

        def wanted(kept: str) -> bool:
            return not asked or words.purpose(kept) == asked

        found, more = await files.page(principal.project, wish, wanted)
        return JSONResponse(words.listed([words.told(one) for one in found], has_more=more))

    async def show(request: Request) -> Response:
        return JSONResponse(words.told(await files.named(request)))

    async def content(request: Request) -> Response:
        return await files.content(request, await files.named(request))

    async def delete(request: Request) -> Response:
        """A body, such as Ark's SDK sends with it, is not read."""
        file = await files.named(request)
        await files.remove(file)
        return JSONResponse({"id": file.id, "object": KIND, "deleted": True})

    return [
        Route(path, heard(create), methods=["POST"]),
        Route(path, list_them, methods=["GET"]),
        Route(f"{path}/{{id}}", show, methods=["GET"]),
        Route(f"{path}/{{id}}/content", content, methods=["GET"]),
        Route(f"{path}/{{id}}", delete, methods=["DELETE"]),
    ]
