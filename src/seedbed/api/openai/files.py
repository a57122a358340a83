"""`/v1/files` in OpenAI's words.

Floor 6. What these words do not tell of a file is dropped: its media type, and what Ark's door was
told of its videos. Every file can be read back, whatever its purpose.
"""

from collections.abc import Mapping
from typing import Annotated, Literal, TypeAlias

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from seedbed.api.files import routes as shared
from seedbed.api.files.files import KIND, File, Files
from seedbed.api.files.form import read_fields
from seedbed.api.files.receiving import keep, uploaded

PATH = "/v1/files"
_MOST = 10_000
_A_MONTH = 30 * 86_400
_AGENT = "agent"
"""A purpose of Ark's, which is told here as the nearest of OpenAI's."""
Purpose: TypeAlias = Literal["assistants", "batch", "fine-tune", "vision", "user_data", "evals"]


class Ends(msgspec.Struct):
    """How many seconds after its making a file is gone."""

    anchor: Literal["created_at"]
    seconds: Annotated[int, msgspec.Meta(ge=3600, le=_A_MONTH)]


class _Fields(msgspec.Struct):
    purpose: Purpose
    expires_after: Ends | None = None


def routes(files: Files) -> list[Route]:
    """The routes, for keys that carry `Scope.MODELS`."""

    async def create(request: Request) -> Response:
        async with uploaded(files, request) as form:
            said = read_fields(form.fields, _Fields)
            until = ends(said.purpose, said.expires_after, files.now)
            return JSONResponse(told(await keep(files, form, said.purpose, until=until)))

    words = shared.Words(_MOST, _MOST, _shown, told, listed)
    return shared.routes(files, PATH, words, create)


def ends(purpose: str, said: Ends | None, now: int) -> int | None:
    """When a file is gone, in epoch microseconds: one of asks after a month, if nothing is said."""
    if said is not None:
        return now + said.seconds * 10**6
    return now + _A_MONTH * 10**6 if purpose == "batch" else None


def _shown(purpose: str) -> str:
    return "user_data" if purpose == _AGENT else purpose


def told(file: File) -> dict[str, object]:
    """A file as OpenAI's clients read it."""
    return {
        "id": file.id,
        "object": KIND,
        "bytes": file.size,
        "created_at": file.at // 10**6,
        "expires_at": None if file.until is None else file.until // 10**6,
        "filename": file.name,
        "purpose": _shown(file.purpose),
        "status": "processed",
        "status_details": None,
    }


def listed(data: list[dict[str, object]], *, has_more: bool) -> Mapping[str, object]:
    """A part of a list as OpenAI's clients page through it."""
    edges = (data[0]["id"], data[-1]["id"]) if data else (None, None)
    return {
        "object": "list",
        "data": data,
        "first_id": edges[0],
        "last_id": edges[1],
        "has_more": has_more,
    }
