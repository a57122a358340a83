"""`/api/v3/files` in Ark's words.

Floor 6. A file is there at once: none is prepared ahead, and what `preprocess_configs` says of its
videos is kept beside it. Files come with the request: `url` and `tos` are refused. The purposes of
other vendors are told as `user_data`, and a file without an end as one that ends with the year
9999, since each has one here. Bytes are read back by `/content`, which OpenAI's SDK asks for.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Literal, TypeAlias

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from seedbed.api.ark.manner import BASES
from seedbed.api.files import routes as shared
from seedbed.api.files.files import KIND, File, Files
from seedbed.api.files.form import read_fields
from seedbed.api.files.receiving import keep, uploaded
from seedbed.core.errors import FieldUnserved, RequestMalformed

_USUAL, _MOST = 100, 1_000
_A_WEEK = 7 * 86_400
_NEVER = 253_402_300_799
"""The last second of the year 9999."""
Purpose: TypeAlias = Literal["user_data", "agent"]
_Count: TypeAlias = Annotated[int, msgspec.Meta(ge=0)]


class _Video(msgspec.Struct, omit_defaults=True):
    fps: Annotated[float, msgspec.Meta(gt=0, le=1_000)] | None = None
    model: str | None = None
    max_video_tokens: _Count | None = None
    min_frame_tokens: _Count | None = None
    max_frame_tokens: _Count | None = None
    min_frames: _Count | None = None


class _Configs(msgspec.Struct, omit_defaults=True):
    video: _Video | None = None


class _Fields(msgspec.Struct):
    purpose: Purpose
    expire_at: str | None = None
    preprocess_configs: _Configs | None = None


def routes(files: Files) -> list[Route]:
    """The routes below each of Ark's roots, for keys that carry `Scope.MODELS`."""

    async def create(request: Request) -> Response:
        async with uploaded(files, request) as form:
            _refuse(form.fields)
            said = read_fields(form.fields, _Fields)
            until = _until(said.expire_at, files.now)
            more: Mapping[str, object] = msgspec.to_builtins(said.preprocess_configs or _Configs())
            return JSONResponse(told(await keep(files, form, said.purpose, until=until, more=more)))

    words = shared.Words(_USUAL, _MOST, _shown, told, _listed)
    return [
        route for base in BASES for route in shared.routes(files, f"{base}/files", words, create)
    ]


def told(file: File) -> dict[str, object]:
    """A file as Ark's clients read it."""
    return {
        "id": file.id,
        "object": KIND,
        "bytes": file.size,
        "created_at": file.at // 10**6,
        "expire_at": _NEVER if file.until is None else file.until // 10**6,
        "filename": file.name,
        "purpose": _shown(file.purpose),
        "status": "active",
        "mime_type": file.media,
        "preprocess_configs": file.more or None,
    }


def _listed(data: list[dict[str, object]], *, has_more: bool) -> Mapping[str, object]:
    """A part of a list as Ark's clients page through it."""
    return {"object": "list", "data": data, "has_more": has_more}


def _shown(purpose: str) -> str:
    return purpose if purpose == "agent" else "user_data"


def _refuse(fields: Mapping[str, str]) -> None:
    for name, said in fields.items():
        head = name.partition("[")[0]
        if said and head in {"url", "tos"}:
            raise FieldUnserved(
                head, value=repr(said[:80]), because="a file comes with the request itself."
            )


def _until(said: str | None, now: int) -> int:
    """When a file is gone, in epoch microseconds: after a week, if nothing is said.

    Raises:
        RequestMalformed: it is no moment, or none that is to come.
    """
    if said is None:
        return now + _A_WEEK * 10**6
    try:
        moment = int(said) if said.isdecimal() else datetime.fromisoformat(said)
    except ValueError:
        moment = 0
    if isinstance(moment, datetime):
        zoned = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        moment = int(zoned.timestamp())
    if not now < moment * 10**6 <= _NEVER * 10**6:
        raise RequestMalformed(
            f"Field 'expire_at' is {said[:40]!r}, which is no moment to come.",
            hint="Give it in epoch seconds, later than now.",
            field="expire_at",
        )
    return moment * 10**6
