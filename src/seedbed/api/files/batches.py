"""Batches as vendors' doors have them: a job that answers a file of asks, under an id of its own.

Floor 6. How a batch stands is told from its job. When it has ended its door writes the answers in
its own words, once, when somebody first looks; a job that went on after its end is written anew.
"""

import json
from collections.abc import AsyncGenerator, AsyncIterable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Protocol, cast

import msgspec
from starlette.requests import Request

from seedbed.api.files.files import Files
from seedbed.api.files.naming import checked
from seedbed.core.access import Principal
from seedbed.core.artifact import Artifact
from seedbed.core.budget import Owner as Payer
from seedbed.core.errors import AccessDenied
from seedbed.core.job import Draft, Job, Owner
from seedbed.core.object import Object
from seedbed.core.value import value
from seedbed.store.jobs import Jobs
from seedbed.store.objects import Wish

A_DAY = 86_400 * 10**6
"""Microseconds within which a batch is begun, or not at all."""


class Response(msgspec.Struct):
    """What a door of ours answered to one line; `body` is JSON."""

    status_code: int
    body: msgspec.Raw


class Answer(msgspec.Struct):
    """The answer to one line."""

    custom_id: str
    response: Response

    @property
    def is_sound(self) -> bool:
        """Whether it is an answer and no problem."""
        return self.response.status_code == 200


_ANSWER = msgspec.json.Decoder(Answer)


@value
class Batch:
    """A batch: what its door keeps of it, and its job as it stands."""

    object: Object
    job: Job


class Closing(Protocol):
    """How a door writes the answers of a batch that has ended."""

    async def close(self, batch: Batch) -> Mapping[str, object]:
        """Write them; what the batch then keeps."""
        ...

    async def undo(self, batch: Batch, made: Mapping[str, object]) -> None:
        """Take back what `close` has made: somebody else was first."""
        ...


class _Closed(Exception):
    """Somebody else has written the answers."""


@dataclass(frozen=True, slots=True)
class Batches:
    """What the doors of batches work with. Each has a `kind` of its own, which its ids tell."""

    files: Files
    jobs: Jobs

    async def admit(self, request: Request) -> Principal:
        """Who asks.

        Raises:
            AccessDenied: nobody whom we know, or without `Scope.MODELS`; or a job, whose budget
                would not bound what it submits.
        """
        principal = await self.files.admit(request)
        if any(budget.owner is Payer.JOB for budget in principal.budgets):
            raise AccessDenied("The token of a job does not open this door.", hint="Use a key.")
        return principal

    async def begin(
        self,
        id_: str,
        principal: Principal,
        asks: Artifact,
        body: Mapping[str, object],
        *,
        until: int | None = None,
    ) -> Batch:
        """Have a file of asks answered, each at the door `body["url"]`.

        Raises:
            JobRefused: it cannot be submitted.
        """
        files, project, kind = self.files, principal.project, id_.rpartition("_")[0]
        now = files.now
        await files.artifacts.hold(asks.hash, id_, project=project, until=until)
        owner = Owner(principal.user, project, principal.key)
        asked = {"file": asks.hash, "url": body["url"]}
        job = await self.jobs.submit(Draft("batch", asked, owner, expires=now + A_DAY), now=now)
        kept = Object(id_, kind, project, now, {**body, **asked, "job": job.id}, until=until)
        await files.objects.put(kept)
        return Batch(kept, job)

    async def named(self, request: Request, kind: str) -> Batch:
        """The batch of a request's path, for whoever has a key whose project has it.

        Raises:
            AccessDenied: the caller has no such key.
            ObjectUnknown: it is not the caller's.
        """
        principal = await self.admit(request)
        id_ = checked(kind, request.path_params["id"])
        return await self._batch(await self.files.objects.find(kind, id_, principal.project))

    async def page(self, kind: str, project: str, wish: Wish) -> tuple[list[Batch], bool]:
        """A part of the batches, and whether there are more behind it.

        Raises:
            ObjectUnknown: the part begins at no batch of the project.
        """
        page = await self.files.objects.page(kind, project, wish)
        return [await self._batch(one) for one in page.objects], page.has_more

    async def cancel(self, batch: Batch) -> Batch:
        """Have a batch end.

        Raises:
            JobRefused: it has ended.
        """
        now = self.files.now
        job = await self.jobs.cancel(batch.job.id, now=now, project=batch.object.project)
        return Batch(await self._changed(batch.object, {"cancelling": now}), job)

    async def remove(self, batch: Batch) -> None:
        """Delete a batch; its job stays in the list of jobs.

        Raises:
            ObjectUnknown: somebody else just did.
        """
        one = batch.object
        await self.files.objects.remove(one.kind, one.id, one.project)

    async def closed(self, batch: Batch, door: Closing) -> Batch:
        """A batch that has ended, with its answers written; any other as it is."""
        end = batch.job.seq
        if not batch.job.state.is_end or batch.object.body.get("closed") == end:
            return batch
        made = await door.close(batch)
        try:
            return replace(batch, object=await self._changed(batch.object, {**made, "closed": end}))
        except _Closed:
            await door.undo(batch, made)
            return await self._batch(
                await self.files.objects.find(
                    batch.object.kind, batch.object.id, batch.object.project
                )
            )

    async def answers(self, batch: Batch) -> AsyncGenerator[tuple[bytes, Answer]]:
        """The lines that were answered, in the order of the asks: as they are, and as read.

        A job that was stopped has no file of them, but what it did step by step.
        """
        result = batch.job.result
        if isinstance(result, dict):
            hash_ = str(cast("Mapping[str, object]", result)["file"])
            async with aclosing(self.lines(hash_, batch.object.project)) as lines:
                async for line in lines:
                    yield line, _ANSWER.decode(line)
        else:
            async with aclosing(self.jobs.each_step(batch.job.id)) as steps:
                async for step in steps:
                    line = json.dumps(step.result, ensure_ascii=False).encode()
                    yield line, _ANSWER.decode(line)

    async def lines(self, hash_: str, project: str) -> AsyncGenerator[bytes]:
        """The lines of an artifact, of which one at a time is held."""
        files = self.files.artifacts
        artifact = await files.find(hash_, project)
        async with aclosing(files.open(artifact)) as pieces:
            async for line in split(pieces):
                yield line

    async def _batch(self, kept: Object) -> Batch:
        return Batch(kept, await self.jobs.find(str(kept.body["job"]), project=kept.project))

    async def _changed(self, kept: Object, more: Mapping[str, object]) -> Object:
        def change(one: Object) -> Object:
            if "closed" in more and one.body.get("closed") == more["closed"]:
                raise _Closed
            return replace(one, body={**one.body, **more})

        return await self.files.objects.change(kept.kind, kept.id, kept.project, change)


async def split(pieces: AsyncIterable[bytes]) -> AsyncGenerator[bytes]:
    """The lines of what comes in pieces, those that are empty left out."""
    rest = b""
    async for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        for line in whole:
            if line.strip():
                yield line
    if rest.strip():
        yield rest
