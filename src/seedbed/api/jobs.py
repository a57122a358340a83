"""`/seedbed/jobs`: submitted, found, followed, cancelled, taken up again.

Floor 6. A key sees the jobs of its project, one with `Scope.ADMIN` those of all. What a caller says
is read in `job_body.py`.
"""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from seedbed.api.following import Following
from seedbed.api.guard import Guard
from seedbed.api.intake import heard
from seedbed.api.job_body import job_id, read_cap, read_draft, read_filter, read_seen
from seedbed.core import budget as budgets
from seedbed.core.access import Principal, Scope
from seedbed.core.errors import (
    AccessDenied,
    JobRefused,
    JobUnknown,
    OnceDiffers,
    RequestMalformed,
)
from seedbed.core.job import Draft, Job, Owner
from seedbed.jobs.telling import told, whole
from seedbed.kit.clock import Clock
from seedbed.store.jobs import Jobs

PATH = "/seedbed/jobs"
_STREAM = {"content-type": "text/event-stream; charset=utf-8", "cache-control": "no-store"}
_SIGN = b": the job goes on\n\n"


@dataclass(frozen=True, slots=True)
class Desk:
    """What these routes work with. Callers may submit jobs of `kinds`; money is in `currency`."""

    jobs: Jobs
    following: Following
    guard: Guard
    clock: Clock
    kinds: frozenset[str]
    currency: str

    @property
    def now(self) -> int:
        """The moment, in epoch microseconds."""
        return round(self.clock.wall() * 1e6)

    async def admit(self, request: Request) -> Principal:
        """Who asks.

        Raises:
            AccessDenied: nobody whom we know, or without `Scope.MODELS`; or a job, whose budget
                would not bound what it submits.
        """
        principal = await self.guard.let_in(request.scope, Scope.MODELS)
        if any(budget.owner is budgets.Owner.JOB for budget in principal.budgets):
            raise AccessDenied("The token of a job does not open this door.", hint="Use a key.")
        return principal

    async def named(self, request: Request) -> tuple[str, str | None]:
        """The job of the path, and the project that it must be of; `None` is any.

        Raises:
            AccessDenied: as for `admit`.
            JobUnknown: it is no id of a job.
        """
        principal = await self.admit(request)
        return job_id(request.path_params["id"]), _project(principal)


def routes(desk: Desk) -> list[Route]:
    """The routes, for keys that carry `Scope.MODELS`."""

    async def submit(request: Request) -> Response:
        principal = await desk.admit(request)
        draft = await read_draft(request, principal, desk.kinds, desk.currency, desk.now)
        return JSONResponse(whole(await _submitted(desk, draft)), status_code=202)

    async def list_them(request: Request) -> Response:
        principal = await desk.admit(request)
        wanted, last = read_filter(request.query_params, _project(principal))
        found = await desk.jobs.newest(wanted, last=last)
        return JSONResponse({"data": [told(job) for job in found]})

    async def show(request: Request) -> Response:
        id_, project = await desk.named(request)
        return JSONResponse(whole(await desk.jobs.find(id_, project=project)))

    async def events(request: Request) -> Response:
        id_, project = await desk.named(request)
        job = await desk.jobs.find(id_, project=project)
        return _events(desk, request, job)

    async def cancel(request: Request) -> Response:
        id_, project = await desk.named(request)
        return _taken(await desk.jobs.cancel(id_, now=desk.now, project=project))

    async def resume(request: Request) -> Response:
        id_, project = await desk.named(request)
        cap = await read_cap(request, desk.currency)
        return _taken(await desk.jobs.resume(id_, cap=cap, project=project))

    async def retry(request: Request) -> Response:
        who = await desk.admit(request)
        id_, project = job_id(request.path_params["id"]), _project(who)
        by = None if project is None else Owner(who.user, who.project, who.key)
        return _taken(await desk.jobs.retry(id_, now=desk.now, by=by, project=project))

    return [
        Route(PATH, heard(submit), methods=["POST"]),
        Route(PATH, list_them, methods=["GET"]),
        Route(f"{PATH}/{{id}}", show, methods=["GET"]),
        Route(f"{PATH}/{{id}}/events", events, methods=["GET"]),
        Route(f"{PATH}/{{id}}/cancel", cancel, methods=["POST"]),
        Route(f"{PATH}/{{id}}/resume", heard(resume), methods=["POST"]),
        Route(f"{PATH}/{{id}}/retry", retry, methods=["POST"]),
    ]


def _project(principal: Principal) -> str | None:
    return None if principal.may(Scope.ADMIN) else principal.project


async def _submitted(desk: Desk, draft: Draft) -> Job:
    """The job that a draft has become, or had become before under the same key.

    Raises:
        RequestMalformed: it cannot be.
        OnceDiffers: that was another job.
    """
    try:
        job = await desk.jobs.submit(draft, now=desk.now)
    except (JobRefused, JobUnknown) as error:
        raise RequestMalformed(error.what, hint=error.hint) from error
    if draft.once is not None and (job.kind, job.input) != (draft.kind, draft.input):
        raise OnceDiffers(draft.once)
    return job


def _taken(job: Job) -> Response:
    return JSONResponse(told(job), status_code=202)


def _events(desk: Desk, request: Request, job: Job) -> Response:
    """The stream of a job's changes; a client that has seen its end is told not to come again."""
    seen = read_seen(request.headers.get("last-event-id"))
    if job.state.is_end and job.seq <= seen:
        return Response(status_code=204)
    if request.method == "HEAD":
        return Response(headers=_STREAM)
    return StreamingResponse(_frames(desk.following.follow(job, seen=seen)), headers=_STREAM)


async def _frames(changes: AsyncGenerator[Job | None]) -> AsyncGenerator[bytes]:
    async with aclosing(changes):
        async for job in changes:
            if job is None:
                yield _SIGN
            else:
                yield b"id: %d\ndata: %b\n\n" % (job.seq, msgspec.json.encode(told(job)))
