"""Responses that are answered in the background: a job asks, its caller comes back for the answer.

Floor 6. Until the answer is there, how far it is stands with its job.
"""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing, suppress
from typing import cast

from seedbed.api.following import Following
from seedbed.core.errors import JobRefused
from seedbed.core.job import Draft, Job, Owner, State
from seedbed.core.object import Object
from seedbed.core.value import changed
from seedbed.jobs.response import KIND
from seedbed.store.jobs import Jobs
from seedbed.store.objects import Objects

_PATH = "/v1/responses"
_STATES = {
    State.QUEUED: "queued",
    State.RUNNING: "in_progress",
    State.SUCCEEDED: "completed",
    State.CANCELLED: "cancelled",
}


class Background:
    """The jobs of responses that are kept."""

    def __init__(self, objects: Objects, jobs: Jobs, following: Following) -> None:
        self._objects, self._jobs, self._following = objects, jobs, following

    def has(self, one: Object) -> bool:
        """Whether a response was asked for in the background."""
        return "job" in one.body

    async def submit(self, one: Object, owner: Owner, asked: Mapping[str, object]) -> None:
        """Keep a response that has no answer yet, and have a job ask for it.

        Nobody knows of it before its job stands with it, so that it is as if written at once.
        """
        await self._objects.put(changed(one, body={**one.body, "asked": asked}))
        draft = Draft(KIND, {"response": one.id, "path": _PATH}, owner, once=one.id)
        job = await self._jobs.submit(draft, now=one.at)
        await self._objects.change(
            KIND, one.id, one.project, lambda now: changed(now, body={**now.body, "job": job.id})
        )

    async def found(self, one: Object) -> Object:
        """A response as it stands now."""
        response = cast(Mapping[str, object], one.body["response"])
        if not self.has(one) or response["status"] != "queued":
            return one
        job = await self._jobs.find(str(one.body["job"]), project=one.project)
        if job.state is State.SUCCEEDED:  # since it was looked at
            return await self._objects.find(KIND, one.id, one.project)
        return changed(one, body={**one.body, "response": {**response, **_told(job)}})

    async def signs(self, one: Object) -> AsyncGenerator[None]:
        """Wait until a response has its end, or the server ends; now and then a sign of life."""
        response = cast(Mapping[str, object], one.body["response"])
        if self.has(one) and response["status"] == "queued":
            job = await self._jobs.find(str(one.body["job"]), project=one.project)
            async with aclosing(self._following.follow(job)) as changes:
                async for job_now in changes:
                    if job_now is None:
                        yield None

    async def end(self, one: Object, *, now: int) -> None:
        """See that nobody works on a response any more; `now` is in epoch microseconds."""
        if self.has(one):
            with suppress(JobRefused):  # it has ended
                await self._jobs.cancel(str(one.body["job"]), now=now, project=one.project)


def _told(job: Job) -> Mapping[str, object]:
    """How far a response is by its job."""
    told: dict[str, object] = {"status": _STATES.get(job.state, "failed")}
    if job.fault is not None:
        told["error"] = {"code": "server_error", "message": f"{job.fault.what} {job.fault.hint}"}
    return told
