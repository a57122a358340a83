"""`/v1/messages/batches` in Anthropic's words.

Floor 6. The requests are written into a file of asks, and answered by a job. A batch and its
results are kept for 29 days and are never archived before. One that its job's budget ended has an
error in place of each answer that is missing.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Annotated, cast

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from seedbed.api import handing_out
from seedbed.api.anthropic.files import read_edges
from seedbed.api.files.batches import A_DAY, Answer, Batch, Batches
from seedbed.api.intake import LONGEST_BODY, body, heard
from seedbed.core.artifact import Hold
from seedbed.core.errors import JobRefused, ObjectUnknown, RequestMalformed
from seedbed.core.job import Job, State
from seedbed.jobs.batch import LINES, MOST_LINES
from seedbed.jobs.telling import moment
from seedbed.kit import ids

PATH = "/v1/messages/batches"
_URL = "/v1/messages"
_KIND = "msgbatch"
_KEPT = 29 * A_DAY
_RESULTS = ("succeeded", "errored", "canceled", "expired")
_Id = Annotated[str, msgspec.Meta(pattern=r"^[a-zA-Z0-9_-]{1,64}$")]


class BatchRequest(msgspec.Struct):
    """One request of a batch: `params` is the body of a message."""

    custom_id: _Id
    params: Annotated[msgspec.Raw, msgspec.Meta(extra_json_schema={"type": "object"})]


class BatchBody(msgspec.Struct):
    """The body of `POST /v1/messages/batches`."""

    requests: Annotated[list[BatchRequest], msgspec.Meta(min_length=1, max_length=MOST_LINES)]


class _Params(msgspec.Struct):
    stream: bool | None = None
    mcp_servers: list[object] | None = None


class _Asked(msgspec.Struct):
    custom_id: str


def routes(batches: Batches) -> list[Route]:
    """The routes, for keys that carry `Scope.MODELS`."""
    door = Results(batches)

    async def create(request: Request) -> Response:
        principal = await batches.admit(request)
        sent = await body(request.receive, dict(request.scope["headers"]), limit=LONGEST_BODY)
        asked, id_ = _read(sent), ids.fresh(_KIND)
        files, until = batches.files, batches.files.now + _KEPT
        asks = await files.artifacts.put(
            _asks(asked), LINES, holder=id_, project=principal.project, until=until
        )
        kept = {"url": _URL, "requests": len(asked)}
        batch = await batches.begin(id_, principal, asks, kept, until=until)
        return JSONResponse(told(batch, request))

    async def list_them(request: Request) -> Response:
        principal = await batches.admit(request)
        wish = read_edges(request.query_params, _KIND)
        found, more = await batches.page(_KIND, principal.project, wish)
        data = [told(await batches.closed(one, door), request) for one in found]
        edges = (data[0]["id"], data[-1]["id"]) if data else (None, None)
        return JSONResponse(
            {"data": data, "has_more": more, "first_id": edges[0], "last_id": edges[1]}
        )

    async def show(request: Request) -> Response:
        batch = await batches.named(request, _KIND)
        return JSONResponse(told(await batches.closed(batch, door), request))

    async def cancel(request: Request) -> Response:
        batch = await batches.cancel(await batches.named(request, _KIND))
        return JSONResponse(told(await batches.closed(batch, door), request))

    async def delete(request: Request) -> Response:
        batch = await batches.named(request, _KIND)
        if not batch.job.state.is_end:
            raise JobRefused(
                f"The batch {batch.object.id} is being answered.", hint="Cancel it before."
            )
        await batches.remove(batch)
        return JSONResponse({"id": batch.object.id, "type": "message_batch_deleted"})

    async def results(request: Request) -> Response:
        batch = await batches.closed(await batches.named(request, _KIND), door)
        one = batch.object
        if "results" not in one.body:
            raise ObjectUnknown("results of the batch", one.id)
        files = batches.files
        found = await files.artifacts.find(str(one.body["results"]), one.project)
        hold = Hold(one.id, one.project, LINES, f"{one.id}_results.jsonl")
        return await handing_out.answer(files.artifacts, request, replace(found, holds=(hold,)))

    return [
        Route(PATH, heard(create), methods=["POST"]),
        Route(PATH, list_them, methods=["GET"]),
        Route(f"{PATH}/{{id}}", show, methods=["GET"]),
        Route(f"{PATH}/{{id}}", delete, methods=["DELETE"]),
        Route(f"{PATH}/{{id}}/cancel", cancel, methods=["POST"]),
        Route(f"{PATH}/{{id}}/results", results, methods=["GET"]),
    ]


class Results:
    """Writes the answers of a batch as one file with a line for each request, in their order."""

    def __init__(self, batches: Batches) -> None:
        self._batches = batches

    async def close(self, batch: Batch) -> Mapping[str, object]:
        """Write them; how many there are of each kind is kept beside."""
        counts: dict[str, int] = dict.fromkeys(_RESULTS, 0)
        one = batch.object
        kept = await self._batches.files.artifacts.put(
            self._lines(batch, counts),
            LINES,
            holder=one.id,
            project=one.project,
            name=f"{one.id}_results.jsonl",
            until=one.until,
        )
        return {"results": kept.hash, "counts": counts}

    async def undo(self, batch: Batch, made: Mapping[str, object]) -> None:
        """Nothing: whoever was first wrote the same bytes for the same holder."""

    async def _lines(self, batch: Batch, counts: dict[str, int]) -> AsyncGenerator[bytes]:
        one = batch.object
        asks = self._batches.lines(str(one.body["file"]), one.project)
        async with aclosing(self._batches.answers(batch)) as answers, aclosing(asks):
            found = await anext(answers, None)
            async for line in asks:
                id_ = msgspec.json.decode(line, type=_Asked).custom_id
                if found is not None and found[1].custom_id == id_:
                    result = _answered(found[1])
                    found = await anext(answers, None)
                else:
                    result = _missing(batch.job)
                counts[str(result["type"])] += 1
                yield msgspec.json.encode({"custom_id": id_, "result": result}) + b"\n"


def told(batch: Batch, request: Request) -> dict[str, object]:
    """A batch as Anthropic's clients read it."""
    one, job, kept = batch.object, batch.job, batch.object.body
    total, path = cast(int, kept["requests"]), f"{PATH}/{one.id}/results"
    is_over = kept.get("closed") == job.seq
    counts: dict[str, int] = dict.fromkeys(_RESULTS, 0)
    if is_over:
        counts = cast("dict[str, int]", kept["counts"])
    return {
        "id": one.id,
        "type": "message_batch",
        "processing_status": _status(job),
        "request_counts": {"processing": 0 if is_over else total, **counts},
        "created_at": moment(one.at),
        "expires_at": moment(one.at + A_DAY),
        "ended_at": moment(job.ended),
        "cancel_initiated_at": moment(cast("int | None", kept.get("cancelling"))),
        "archived_at": None,
        "results_url": str(request.base_url).rstrip("/") + path if is_over else None,
    }


def _status(job: Job) -> str:
    if job.state.is_end:
        return "ended"
    return "canceling" if job.is_cancelling else "in_progress"


def _read(sent: bytes) -> Sequence[BatchRequest]:
    """The requests of a batch.

    Raises:
        RequestMalformed: it cannot be read, an id comes twice, or one wants a stream or servers of
            tools.
    """
    try:
        asked = msgspec.json.decode(sent, type=BatchBody).requests
        for one in asked:
            told = msgspec.json.decode(one.params, type=_Params)
            if told.stream:
                raise _malformed(f"the request {one.custom_id!r} wants a stream", "requests")
            if told.mcp_servers:  # what opens them would be kept until it is answered
                raise _malformed(f"the request {one.custom_id!r} has 'mcp_servers'", "requests")
    except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
        raise _malformed(str(error), "requests") from error
    if len({one.custom_id for one in asked}) < len(asked):
        raise _malformed("a custom_id comes twice", "requests")
    return asked


async def _asks(asked: Sequence[BatchRequest]) -> AsyncGenerator[bytes]:
    """The file of asks: a line for each, without the breaks that JSON may have."""
    for one in asked:
        params = msgspec.Raw(msgspec.json.format(one.params, indent=-1))
        line = {"custom_id": one.custom_id, "method": "POST", "url": _URL, "body": params}
        yield msgspec.json.encode(line) + b"\n"


def _answered(answer: Answer) -> dict[str, object]:
    if answer.is_sound:
        return {"type": "succeeded", "message": answer.response.body}
    return {"type": "errored", "error": answer.response.body}


def _missing(job: Job) -> dict[str, object]:
    """What is told of a request that was not answered."""
    if job.state is State.EXPIRED:
        return {"type": "expired"}
    if job.fault is None:
        return {"type": "canceled"}
    error = {"type": "api_error", "message": f"{job.fault.what} {job.fault.hint}"}
    return {"type": "errored", "error": {"type": "error", "error": error, "request_id": None}}


def _malformed(why: str, field: str) -> RequestMalformed:
    return RequestMalformed(
        f"This is no batch: {why}.",
        hint='Send {"requests": [{"custom_id": "1", "params": {...}}, ...]}.',
        field=field,
    )
