"""The tool `watch_job`: how a job stands, or how it has ended.

Floor 5.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing, suppress
from typing import Annotated

import msgspec

from seedbed.core.access import Principal, Scope
from seedbed.core.job import Job
from seedbed.core.message import Text
from seedbed.jobs.telling import told
from seedbed.store.jobs import Jobs
from seedbed.tools.arguments import read, schema_of
from seedbed.tools.tool import Progress, Said


class _Arguments(msgspec.Struct, forbid_unknown_fields=True):
    job: Annotated[str, msgspec.Meta(pattern="^job_[0-9a-f]{24}$")]
    seconds: Annotated[
        float,
        msgspec.Meta(ge=0, le=300, description="How long to wait for its end, at most."),
    ] = 30.0


class WatchJob:
    """Waits for a job of the caller's project."""

    name = "watch_job"
    description = "Wait for a job to end, and tell how it stands."
    schema = schema_of(_Arguments)

    def __init__(self, jobs: Jobs, follow: Callable[..., AsyncGenerator[Job | None]]) -> None:
        self._jobs, self._follow = jobs, follow

    async def call(
        self, arguments: Mapping[str, object], principal: Principal, progress: Progress
    ) -> Said:
        """Wait.

        Raises:
            JobUnknown: there is no such job for the caller.
        """
        wish = read(arguments, _Arguments)
        project = None if principal.may(Scope.ADMIN) else principal.project
        job = await self._jobs.find(wish.job, project=project)
        if wish.seconds and not job.state.is_end:
            with suppress(TimeoutError):
                async with asyncio.timeout(wish.seconds):
                    await self._watch(job, progress)
            job = await self._jobs.find(wish.job, project=project)
        return Said((Text(json.dumps(told(job))),))

    async def _watch(self, job: Job, progress: Progress) -> None:
        async with aclosing(self._follow(job, seen=job.seq)) as changes:
            async for now in changes:
                if now is not None:
                    await progress(now.progress.done, now.progress.total, now.state.value)
