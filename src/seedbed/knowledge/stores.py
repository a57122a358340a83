"""Stores of documents, the files in them, and those that were put in together.

Floor 5. All are objects of a project. How far a file is that is being indexed is told from its job.
Moments are in epoch microseconds.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import cast

from seedbed.core.errors import JobRefused, ObjectUnknown, RequestMalformed
from seedbed.core.job import Draft, Job, Owner, State
from seedbed.core.object import Object
from seedbed.core.value import changed, value
from seedbed.indexes.base import Index
from seedbed.jobs.index_file import BATCH, FILE, KIND, STORE, id_in
from seedbed.kit import ids
from seedbed.kit.clock import Clock
from seedbed.store.jobs import Jobs
from seedbed.store.objects import MOST_LISTED, Objects, Wish

MOST_FILES = 10_000
"""Files of one store."""
MOST_AT_ONCE = 2_000
"""Files that are put in together: as many as the input of a job has room for."""
A_DAY = 86_400 * 10**6
_A_MINUTE = 60 * 10**6
"""So exactly is it known when a store was last used: to note it is a write."""
_UNBEGUN = "It was never begun. Put the file in anew."


@value
class Added:
    """A file that is to be put into a store: what it is, and how it is cut, in tokens."""

    file: str
    name: str
    hash: str
    attributes: Mapping[str, object]
    size: int
    overlap: int


@dataclass(frozen=True, slots=True)
class Stores:
    """What doors and tools work with. The index is opened when it is first asked for."""

    objects: Objects
    jobs: Jobs
    index: Callable[[], Index]
    clock: Clock

    @property
    def now(self) -> int:
        """The moment."""
        return round(self.clock.wall() * 1e6)

    async def create(self, project: str, body: Mapping[str, object]) -> Object:
        """A new store. `body["days"]` is how long it stays after its last use, or `None`."""
        now = self.now
        body = {**body, "active": now}
        store = Object(ids.fresh("vs"), STORE, project, now, body, until=_until(body))
        await self.objects.put(store)
        return store

    async def find(self, id_: str, project: str) -> Object:
        """A store.

        Raises:
            ObjectUnknown: the project has none of that id.
        """
        return await self.objects.find(STORE, id_, project)

    async def change(self, store: Object, told: Mapping[str, object]) -> Object:
        """Change what is known of a store, which is a use of it.

        Raises:
            ObjectUnknown: it was deleted.
        """
        now = self.now

        def change(one: Object) -> Object:
            body = {**one.body, **told, "active": now}
            return changed(one, body=body, until=_until(body))

        return await self.objects.change(STORE, store.id, store.project, change)

    async def used(self, store: Object) -> None:
        """Note that a store was used."""
        if self.now - cast(int, store.body["active"]) >= _A_MINUTE:
            with suppress(ObjectUnknown):
                await self.change(store, {})

    async def remove(self, store: Object) -> None:
        """Delete a store and all in it, but for the files themselves.

        Raises:
            ObjectUnknown: somebody else just did.
        """
        await self.objects.remove(STORE, store.id, store.project)
        await self.index().drop(store.id)

    async def add(self, store: Object, added: Sequence[Added], owner: Owner) -> Object:
        """Put files in, each in the place of what was there of it; gives what they are together.

        Raises:
            RequestMalformed: they are too many.
            JobRefused: their job cannot be submitted.
        """
        files = {one.file: one for one in added}
        known = {str(one.body["file"]): one for one in await self._kept(store)}
        if len(files) > MOST_AT_ONCE or len(known | files) > MOST_FILES:
            raise _too_many()
        for one in known.keys() & files.keys():
            await self._forget(known[one])
        now, project = self.now, store.project
        told = {"files": list(files), "job": ""}
        batch = Object(ids.fresh("vsfb"), BATCH, project, now, told, parent=store.id)
        await self.objects.put(batch, *(_file(batch, store, one) for one in files.values()))
        asked = {"store": store.id, "files": list(files)}
        job = await self.jobs.submit(Draft(KIND, asked, owner, once=batch.id), now=now)
        await self.change(store, {})
        return await self.objects.change(
            BATCH, batch.id, project, lambda one: changed(one, body={**one.body, "job": job.id})
        )

    async def batch(self, store: Object, id_: str) -> Object:
        """Files that were put in together.

        Raises:
            ObjectUnknown: none were under that id.
        """
        found = await self.objects.find(BATCH, id_, store.project)
        if found.parent != store.id:
            raise ObjectUnknown(BATCH, id_)
        return found

    async def state(self, batch: Object) -> State:
        """How far the job of a batch is; one that is about to be cancelled is that."""
        if (job := await self._job(batch)) is None:
            return State.FAILED
        return State.CANCELLED if job.is_cancelling else job.state

    async def cancel(self, batch: Object) -> None:
        """Have the indexing of a batch end; what is indexed stays."""
        with suppress(JobRefused):  # it has ended
            await self.jobs.cancel(str(batch.body["job"]), now=self.now, project=batch.project)

    async def files(self, store: Object) -> list[Object]:
        """All files of a store as they stand, the oldest first."""
        return await self._told(await self._kept(store))

    async def file(self, store: Object, file: str) -> Object:
        """A file of a store as it stands.

        Raises:
            ObjectUnknown: it is not in it.
        """
        return (await self._told([await self._find(store, file)]))[0]

    async def describe(self, store: Object, file: str, attributes: Mapping[str, object]) -> Object:
        """Give a file other attributes.

        Raises:
            ObjectUnknown: it is not in the store.
        """
        one = await self._find(store, file)
        now = await self.objects.change(
            FILE,
            one.id,
            one.project,
            lambda one: changed(one, body={**one.body, "attributes": dict(attributes)}),
        )
        return (await self._told([now]))[0]

    async def take_out(self, store: Object, file: str) -> None:
        """Take a file out of a store; the file itself stays.

        Raises:
            ObjectUnknown: it is not in it.
        """
        one = await self._find(store, file)
        await self._forget(one)
        await self.index().drop(store.id, file)
        await self.change(store, {})

    async def _find(self, store: Object, file: str) -> Object:
        try:
            return await self.objects.find(FILE, id_in(store.id, file), store.project)
        except ObjectUnknown as error:
            raise ObjectUnknown(FILE, file) from error

    async def _forget(self, one: Object) -> None:
        with suppress(ObjectUnknown):  # somebody else just did
            await self.objects.remove(FILE, one.id, one.project)

    async def _kept(self, store: Object) -> list[Object]:
        """All files of a store as they are kept."""
        found, after = list[Object](), None
        while True:
            wish = Wish(MOST_LISTED, after=after, newest_first=False)
            page = await self.objects.page(FILE, store.project, wish, parent=store.id)
            found += page.objects
            if not page.has_more:
                return found
            after = found[-1].id

    async def _told(self, files: Sequence[Object]) -> list[Object]:
        jobs: dict[str, Job | None] = {}
        told = list[Object]()
        for one in files:
            batch = str(one.body["batch"])
            if one.body["status"] == "in_progress" and batch not in jobs:
                jobs[batch] = await self._job_of(batch, one.project)
            told.append(await self._now(one, jobs[batch]) if batch in jobs else one)
        return told

    async def _job_of(self, batch: str, project: str) -> Job | None:
        try:
            return await self._job(await self.objects.find(BATCH, batch, project))
        except ObjectUnknown:  # with its store
            return None

    async def _job(self, batch: Object) -> Job | None:
        """The job of a batch; whoever put it in may not have come so far as to submit one."""
        job = str(batch.body["job"])
        return await self.jobs.find(job, project=batch.project) if job else None

    async def _now(self, one: Object, job: Job | None) -> Object:
        """A file that was being indexed when it was looked at, by its job."""
        if job is not None and not job.state.is_end:
            return one
        with suppress(ObjectUnknown):
            one = await self.objects.find(FILE, one.id, one.project)  # its job may have done it
        if one.body["status"] != "in_progress":
            return one
        if job is not None and job.state is State.CANCELLED:
            return changed(one, body={**one.body, "status": "cancelled"})
        why = f"{job.fault.what} {job.fault.hint}" if job and job.fault else _UNBEGUN
        error = {"code": "server_error", "message": why}
        return changed(one, body={**one.body, "status": "failed", "error": error})


def _file(batch: Object, store: Object, one: Added) -> Object:
    """A file of a store that is to be indexed."""
    body: dict[str, object] = {
        "file": one.file,
        "name": one.name,
        "hash": one.hash,
        "attributes": dict(one.attributes),
        "size": one.size,
        "overlap": one.overlap,
        "batch": batch.id,
        "status": "in_progress",
        "bytes": 0,
        "error": None,
    }
    return Object(id_in(store.id, one.file), FILE, store.project, batch.at, body, parent=store.id)


def _until(body: Mapping[str, object]) -> int | None:
    """When a store is over."""
    days = cast("int | None", body["days"])
    return None if days is None else cast(int, body["active"]) + days * A_DAY


def _too_many() -> RequestMalformed:
    return RequestMalformed(
        f"At most {MOST_AT_ONCE:,} files are put in at once, and a store has at most "
        f"{MOST_FILES:,}.",
        hint="Put them in by several requests, or into several stores.",
        field="file_ids",
    )
