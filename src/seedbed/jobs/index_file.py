"""Files that are to be found by what they say: read, cut, turned into vectors, put into an index.

Floor 4. One job does the files of one batch; each is a step. A step that was killed is done again,
and what its vectors were asked with is answered anew at no cost. A file that cannot be read fails
by itself, and the others go on.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import cast

from seedbed.core.errors import ArtifactUnknown, JobKeyless, ObjectUnknown
from seedbed.core.job import Fault, Job, Progress
from seedbed.core.object import Object
from seedbed.core.value import changed, value
from seedbed.indexes.base import Index, Passage
from seedbed.jobs.door import Door, Told
from seedbed.jobs.embedding import Embedding, Refused
from seedbed.jobs.job import Kind, Unfinished
from seedbed.jobs.step import Steps
from seedbed.kit.chunks import cut
from seedbed.kit.media.errors import MediumFault
from seedbed.kit.media.sniffing import media_type_of
from seedbed.kit.media.words import READ, words_of
from seedbed.kit.media.workshop import Workshop
from seedbed.store.artifacts import Artifacts
from seedbed.store.objects import Objects
from seedbed.store.taking import Limits

KIND = "index_file"
"""The kind of the job."""
STORE, FILE, BATCH = "vector_store", "vector_store.file", "vector_store.files_batch"
"""The kinds of objects: what is searched as one, a file in it, and files that were put together."""
TOKEN = 4
"""Bytes that a token is taken to have, where nobody has counted."""
_SURE = 2
"""Bytes that a token has at the least, but for rare texts."""
_TEXTS = 32
"""Texts that are turned into vectors by one ask."""
_SPENT = 402


def id_in(store: str, file: str) -> str:
    """The id of the object of a file in a store."""
    return f"{store}.{file}"


@value
class Failure:
    """Why a file is not in the index, in a word and a sentence."""

    code: str
    message: str


class IndexFile:
    """The kind of job that puts files into an index."""

    def __init__(
        self,
        objects: Objects,
        artifacts: Artifacts,
        door: Door,
        index: Callable[[], Index],
        workshop: Workshop,
    ) -> None:
        self._objects, self._artifacts, self._door = objects, artifacts, door
        self._index, self._workshop = index, workshop

    @property
    def kind(self) -> Kind:
        """As the worker is given it."""
        return Kind(KIND, self.run, limits=Limits(at_once=4, of_one_key=2))

    async def run(self, job: Job, steps: Steps) -> object:
        """Index each file; the result counts them.

        Raises:
            ObjectUnknown: the store was deleted.
            JobKeyless: the key of who began it is not valid any more.
            Unfinished: its budget is spent; what was indexed is found.
        """
        store, files = str(job.input["store"]), cast("list[str]", job.input["files"])
        one = await self._objects.find(STORE, store, job.owner.project)
        kept, done = _Kept(self._objects, one), 0
        for number, file in enumerate(files, 1):
            try:
                step = partial(self._do, kept, file, steps.token)
                told = await steps.do(f"index {file}", step)
            except Refused as refused:
                if refused.told.status == _SPENT:
                    raise Unfinished({"indexed": done}, _fault(refused.told)) from refused
                raise JobKeyless(job.id) from refused
            done += told["is_found"]
            await steps.tell(Progress(number, len(files), ""))
        return {"indexed": done}

    async def _do(self, kept: "_Kept", file: str, token: str, key: str) -> object:
        """Index one file, and write down what came of it."""
        try:
            asked = await kept.find(file)
            embedding = Embedding(self._door, str(kept.store.body["model"]), token, key)
            made = await self._made(kept, asked, embedding)
        except ObjectUnknown:
            return {"is_found": False}  # it is wanted no longer
        if isinstance(made, Failure):
            await kept.failed(file, made)
            return {"is_found": False}
        await self._index().put(kept.store.id, file, made)
        if not await kept.done(file, sum(len(one.text.encode()) for one in made)):
            await self._index().drop(kept.store.id, file)
        return {"is_found": True}

    async def _made(
        self, kept: "_Kept", asked: Object, embedding: Embedding
    ) -> Sequence[Passage] | Failure:
        """The passages of a file, with their vectors."""
        try:
            data = await self._bytes(asked)
        except ArtifactUnknown:
            return Failure("invalid_file", "The file was deleted before it was read.")
        try:
            said = await words_of(data, str(asked.body["name"]), self._workshop)
        except MediumFault as fault:
            code = "invalid_file" if media_type_of(data) in READ else "unsupported_file"
            return Failure(code, f"The file cannot be searched: {fault}.")
        size, overlap = cast(int, asked.body["size"]), cast(int, asked.body["overlap"])
        texts = cut(said, size * TOKEN, overlap * TOKEN)
        window = cast(int, kept.store.body["window"])
        try:
            vectors = await embedding.vectors(texts, most=window * _SURE, at_once=_TEXTS)
        except Refused as refused:
            if refused.told.status in {401, _SPENT}:
                raise
            return Failure("server_error", refused.message)
        return [Passage(*both) for both in zip(texts, vectors, strict=True)]

    async def _bytes(self, asked: Object) -> bytes:
        artifact = await self._artifacts.find(str(asked.body["hash"]), asked.project)
        return b"".join([piece async for piece in self._artifacts.open(artifact)])


@dataclass(frozen=True, slots=True)
class _Kept:
    """The objects of the files of one store."""

    objects: Objects
    store: Object

    async def find(self, file: str) -> Object:
        """The object of a file.

        Raises:
            ObjectUnknown: it was taken out of the store.
        """
        return await self.objects.find(FILE, id_in(self.store.id, file), self.store.project)

    async def done(self, file: str, size: int) -> bool:
        """Say that it is found, by so many bytes of words; whether it still is to be."""
        return await self._change(file, {"status": "completed", "bytes": size, "error": None})

    async def failed(self, file: str, why: Failure) -> None:
        """Say that it is not, and why."""
        error = {"code": why.code, "message": why.message}
        await self._change(file, {"status": "failed", "error": error})

    async def _change(self, file: str, told: Mapping[str, object]) -> bool:
        id_, project = id_in(self.store.id, file), self.store.project
        try:
            await self.objects.change(
                FILE, id_, project, lambda one: changed(one, body={**one.body, **told})
            )
        except ObjectUnknown:
            return False
        return True


def _fault(told: Told) -> Fault:
    return Fault("budget_spent", Refused(told).message, "Put the files in anew with a new budget.")


async def forget_indexes(objects: Objects, index: Index) -> None:
    """Delete what is indexed for stores that are over."""
    for store in await objects.missing(STORE, await index.stores()):
        await index.drop(store)
