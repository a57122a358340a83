"""`/v1/batches` in OpenAI's words.

Floor 6. What these words have and a job does not is dropped: `usage`, `model`, when it was
finalizing, and lines of those that nobody came to ask. A batch that its job's budget ended is told
as `failed`, with the files of what was answered.
"""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Annotated, Literal, cast

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from seedbed.api.files.batches import A_DAY, Batch, Batches
from seedbed.api.files.files import File
from seedbed.api.files.naming import fresh
from seedbed.api.files.paging import read_wish
from seedbed.api.intake import body, heard
from seedbed.api.openai.body import read_body
from seedbed.api.openai.files import Ends, ends, listed
from seedbed.core.errors import FieldUnserved
from seedbed.core.job import Job, State
from seedbed.jobs.batch import LINES, PATHS, REFUSED
from seedbed.kit import ids

PATH = "/v1/batches"
_KIND = "batch"
_LONGEST = 1 << 20
_USUAL, _MOST = 20, 100
_STATUS = {
    State.QUEUED: "validating",
    State.SUCCEEDED: "completed",
    State.FAILED: "failed",
    State.CANCELLED: "cancelled",
    State.EXPIRED: "expired",
}
_ENDED_AT = {
    "completed": "completed_at",
    "failed": "failed_at",
    "cancelled": "cancelled_at",
    "expired": "expired_at",
}
_Short = Annotated[str, msgspec.Meta(max_length=64)]
_Long = Annotated[str, msgspec.Meta(max_length=512)]


class BatchBody(msgspec.Struct):
    """A batch that is to be made."""

    input_file_id: str
    endpoint: str
    completion_window: Literal["24h"]
    metadata: Annotated[dict[_Short, _Long], msgspec.Meta(max_length=16)] | None = None
    output_expires_after: Ends | None = None


def routes(batches: Batches) -> list[Route]:
    """The routes, for keys that carry `Scope.MODELS`."""
    door = Outputs(batches)

    async def create(request: Request) -> Response:
        principal = await batches.admit(request)
        sent = await body(request.receive, dict(request.scope["headers"]), limit=_LONGEST)
        said, _ = read_body(sent, BatchBody)
        if said.endpoint not in PATHS:
            because = (
                f"{REFUSED.get(said.endpoint, 'no batch does')}. Batches ask {', '.join(PATHS)}."
            )
            raise FieldUnserved("endpoint", value=repr(said.endpoint[:80]), because=because)
        file = await batches.files.find(said.input_file_id, principal.project)
        kept = {
            "url": said.endpoint,
            "input": file.id,
            "metadata": said.metadata,
            "seconds": said.output_expires_after and said.output_expires_after.seconds,
        }
        asks = await batches.files.artifacts.find(file.hash, principal.project)
        batch = await batches.begin(ids.fresh(_KIND), principal, asks, kept)
        return JSONResponse(told(batch))

    async def list_them(request: Request) -> Response:
        principal = await batches.admit(request)
        wish = read_wish(request.query_params, _KIND, usual=_USUAL, most=_MOST)
        found, more = await batches.page(_KIND, principal.project, wish)
        data = [told(await batches.closed(one, door)) for one in found]
        return JSONResponse(listed(data, has_more=more))

    async def show(request: Request) -> Response:
        batch = await batches.named(request, _KIND)
        return JSONResponse(told(await batches.closed(batch, door)))

    async def cancel(request: Request) -> Response:
        batch = await batches.cancel(await batches.named(request, _KIND))
        return JSONResponse(told(await batches.closed(batch, door)))

    return [
        Route(PATH, heard(create), methods=["POST"]),
        Route(PATH, list_them, methods=["GET"]),
        Route(f"{PATH}/{{id}}", show, methods=["GET"]),
        Route(f"{PATH}/{{id}}/cancel", cancel, methods=["POST"]),
    ]


class Outputs:
    """Writes the answers of a batch as two files: those that are sound, and those that are not."""

    def __init__(self, batches: Batches) -> None:
        self._batches = batches

    async def close(self, batch: Batch) -> Mapping[str, object]:
        """Write them; a file that would be empty is none."""
        counts = {True: 0, False: 0}
        async with aclosing(self._batches.answers(batch)) as answers:
            async for _, answer in answers:
                counts[answer.is_sound] += 1
        return {
            "completed": counts[True],
            "failed": counts[False],
            "output": await self._file(batch, "output", is_sound=True) if counts[True] else None,
            "error": await self._file(batch, "error", is_sound=False) if counts[False] else None,
        }

    async def undo(self, batch: Batch, made: Mapping[str, object]) -> None:
        """Delete them."""
        files = self._batches.files
        for id_ in filter(None, (made["output"], made["error"])):
            await files.remove(await files.find(str(id_), batch.object.project))

    async def _file(self, batch: Batch, what: str, *, is_sound: bool) -> str:
        files, one = self._batches.files, batch.object
        seconds = cast("int | None", one.body["seconds"])
        wish = Ends("created_at", seconds) if seconds else None
        name, until = f"{one.id}_{what}.jsonl", ends(_KIND, wish, files.now)
        like = File(
            *(fresh(), one.project, files.now, "", 0, name, LINES, "batch_output"), until=until
        )
        return (await files.write(self._lines(batch, is_sound=is_sound), like)).id

    async def _lines(self, batch: Batch, *, is_sound: bool) -> AsyncGenerator[bytes]:
        async with aclosing(self._batches.answers(batch)) as answers:
            async for line, answer in answers:
                if answer.is_sound is is_sound:
                    yield line + b"\n"


def told(batch: Batch) -> dict[str, object]:
    """A batch as OpenAI's clients read it."""
    one, job, kept = batch.object, batch.job, batch.object.body
    made: Mapping[str, object] = kept if kept.get("closed") == job.seq else {}
    status = _status(job)
    moments = dict.fromkeys(("in_progress_at", "finalizing_at", "cancelling_at"))
    moments |= {"in_progress_at": _seconds(job.began)}
    moments |= {"cancelling_at": _seconds(cast("int | None", kept.get("cancelling")))}
    moments |= dict.fromkeys(_ENDED_AT.values())
    if status in _ENDED_AT:
        moments[_ENDED_AT[status]] = _seconds(job.ended)
    return {
        "id": one.id,
        "object": _KIND,
        "endpoint": kept["url"],
        "model": None,
        "errors": _errors(job),
        "input_file_id": kept["input"],
        "completion_window": "24h",
        "status": status,
        "output_file_id": made.get("output"),
        "error_file_id": made.get("error"),
        "created_at": one.at // 10**6,
        "expires_at": (one.at + A_DAY) // 10**6,
        **moments,
        "request_counts": _counts(job, made),
        "usage": None,
        "metadata": kept["metadata"],
    }


def _status(job: Job) -> str:
    if job.is_cancelling:
        return "cancelling"
    if job.state is not State.RUNNING:
        return _STATUS[job.state]
    progress = job.progress
    if progress.total is None:
        return "validating"
    return "finalizing" if progress.done == progress.total else "in_progress"


def _errors(job: Job) -> Mapping[str, object] | None:
    if job.fault is None:
        return None
    fault = {"code": job.fault.code, "message": f"{job.fault.what} {job.fault.hint}"}
    return {"object": "list", "data": [fault | {"line": None, "param": None}]}


def _counts(job: Job, made: Mapping[str, object]) -> Mapping[str, object]:
    """Until its end it is not told which of those that were answered are sound."""
    return {
        "total": job.progress.total or 0,
        "completed": made.get("completed", job.progress.done),
        "failed": made.get("failed", 0),
    }


def _seconds(moment: int | None) -> int | None:
    return None if moment is None else moment // 10**6
