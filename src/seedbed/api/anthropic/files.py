"""`/v1/files` in Anthropic's words, for requests with `anthropic-version`.

Floor 6. What these words do not tell of a file is dropped: its purpose. Every file can be
downloaded. Lists go on by `page`, and for older SDKs by `after_id` and `before_id`.
"""

from collections.abc import Mapping
from typing import Annotated

import msgspec
from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from seedbed.api.anthropic.route import Chosen, is_anthropic
from seedbed.api.files.files import KIND, File, Files
from seedbed.api.files.form import read_fields
from seedbed.api.files.naming import checked, own
from seedbed.api.files.paging import read_limit
from seedbed.api.files.receiving import keep, uploaded
from seedbed.api.intake import heard
from seedbed.core.errors import ObjectUnknown, RequestMalformed
from seedbed.jobs.telling import moment
from seedbed.store.objects import Wish

PATH = "/v1/files"
USUAL, MOST = 20, 1_000
_PAGE = "page_"
_PURPOSE = "user_data"
_MOST_NAMED = 100
_IDS = ("ids", "ids[]")
_THREE_MONTHS = 90 * 86_400


class _Fields(msgspec.Struct):
    expires_in_seconds: Annotated[int, msgspec.Meta(ge=3600, le=_THREE_MONTHS)] | None = None


def routes(files: Files) -> list[Route]:
    """The routes, for keys that carry `Scope.MODELS`, to be asked before those of other vendors."""

    async def upload(request: Request) -> Response:
        async with uploaded(files, request) as form:
            seconds = read_fields(form.fields, _Fields).expires_in_seconds
            until = None if seconds is None else files.now + seconds * 10**6
            return JSONResponse(told(await keep(files, form, _PURPOSE, until=until)))

    async def list_them(request: Request) -> Response:
        principal, query = await files.admit(request), request.query_params
        wanted = [id_ for name in _IDS for id_ in query.getlist(name)]
        if wanted:
            return JSONResponse(_listed(await _these(files, wanted, principal.project), more=False))
        found, more = await files.page(principal.project, _wish(query))
        return JSONResponse(_listed(found, more=more))

    async def show(request: Request) -> Response:
        return JSONResponse(told(await files.named(request)))

    async def download(request: Request) -> Response:
        return await files.content(request, await files.named(request))

    async def delete(request: Request) -> Response:
        file = await files.named(request)
        await files.remove(file)
        return JSONResponse({"id": shown(file.id), "type": "file_deleted"})

    return [
        Chosen(PATH, heard(upload), method="POST", wanted=is_anthropic),
        Chosen(PATH, list_them, method="GET", wanted=is_anthropic),
        Chosen(f"{PATH}/{{id}}", show, method="GET", wanted=is_anthropic),
        Chosen(f"{PATH}/{{id}}/content", download, method="GET", wanted=is_anthropic),
        Chosen(f"{PATH}/{{id}}", delete, method="DELETE", wanted=is_anthropic),
    ]


def shown(id_: str) -> str:
    """The id of a file in Anthropic's form.

    >>> shown("file-ab")
    'file_ab'
    """
    return f"file_{id_.removeprefix('file-')}" if id_.startswith("file-") else id_


def told(file: File) -> dict[str, object]:
    """A file as Anthropic's clients read it."""
    return {
        "id": shown(file.id),
        "type": KIND,
        "filename": file.name,
        "mime_type": file.media,
        "size_bytes": file.size,
        "created_at": moment(file.at),
        "expires_at": moment(file.until),
        "downloadable": True,
    }


def read_edges(query: QueryParams, kind: str) -> Wish:
    """What `limit`, `after_id` and `before_id` ask for; the newest first.

    Raises:
        RequestMalformed: the limit is out of range.
        ObjectUnknown: the list cannot go on at what is no id.
    """
    after, before = query.get("after_id"), query.get("before_id")
    return Wish(
        read_limit(query, usual=USUAL, most=MOST),
        after=checked(kind, after) if after and not before else None,
        before=checked(kind, before) if before else None,
    )


def _wish(query: QueryParams) -> Wish:
    page = query.get("page")
    if not page:
        return read_edges(query, KIND)
    if not page.startswith(_PAGE):
        raise RequestMalformed(
            f"The page {page[:40]!r} is none.", hint="Take `next_page` of a list.", field="page"
        )
    after = checked(KIND, page.removeprefix(_PAGE))
    return Wish(read_limit(query, usual=USUAL, most=MOST), after=own(after))


async def _these(files: Files, wanted: list[str], project: str) -> list[File]:
    """The files of those ids that there are.

    Raises:
        RequestMalformed: they are more than may be named.
    """
    if len(wanted := list(dict.fromkeys(wanted))) > _MOST_NAMED:
        raise RequestMalformed(
            f"The list names {len(wanted):,} files.",
            hint=f"Name {_MOST_NAMED} at most.",
            field="ids",
        )
    found: list[File] = []
    for id_ in wanted:
        try:
            found.append(await files.find(id_, project))
        except ObjectUnknown:
            continue
    return found


def _listed(found: list[File], *, more: bool) -> Mapping[str, object]:
    data = [told(one) for one in found]
    last = data[-1]["id"] if data else None
    return {
        "data": data,
        "has_more": more,
        "first_id": data[0]["id"] if data else None,
        "last_id": last,
        "next_page": f"{_PAGE}{last}" if more else None,
    }
