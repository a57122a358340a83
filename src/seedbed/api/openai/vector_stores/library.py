"""What the doors of vector stores work with: who is let in, and what a request names.

Floor 6.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import msgspec
from starlette.requests import Request

from seedbed.api.files.batches import Batches
from seedbed.api.files.naming import checked
from seedbed.api.intake import body
from seedbed.api.openai.body import read_body
from seedbed.api.openai.vector_stores.read import cutting
from seedbed.api.openai.vector_stores.wire import VectorStoreFileBody
from seedbed.core.access import Principal
from seedbed.core.errors import PathUnserved
from seedbed.core.job import Owner
from seedbed.core.object import Object
from seedbed.jobs.index_file import BATCH, FILE, STORE
from seedbed.knowledge.reader import Reader
from seedbed.knowledge.search import Searching
from seedbed.knowledge.stores import Added, Stores

PATH = "/v1/vector_stores"
_LONGEST = 1 << 20
_NO_READER = "no model here turns texts into vectors; have one served, by the setting `models`."
Body = TypeVar("Body", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True)
class Library:
    """The stores of all projects. `reader` tells the model by which new ones are searched."""

    batches: Batches
    searching: Searching
    reader: Callable[[], Reader | None]

    @property
    def stores(self) -> Stores:
        """The stores."""
        return self.searching.stores

    async def admit(self, request: Request) -> Principal:
        """Who asks.

        Raises:
            AccessDenied: nobody whom we know, or without `Scope.MODELS`; or a job, whose budget
                would not bound what it submits.
        """
        return await self.batches.admit(request)

    async def store(self, request: Request) -> tuple[Principal, Object]:
        """Who asks, and the store of the path.

        Raises:
            AccessDenied, ObjectUnknown
        """
        principal = await self.admit(request)
        id_ = checked(STORE, request.path_params["id"])
        return principal, await self.stores.find(id_, principal.project)

    async def file(self, request: Request) -> tuple[Object, Object]:
        """The store of the path, and the file in it.

        Raises:
            AccessDenied, ObjectUnknown
        """
        _, store = await self.store(request)
        return store, await self.stores.file(store, file_of(request))

    async def batch(self, request: Request) -> tuple[Object, Object]:
        """The store of the path, and the batch of files in it.

        Raises:
            AccessDenied, ObjectUnknown
        """
        _, store = await self.store(request)
        return store, await self.stores.batch(store, checked(BATCH, request.path_params["batch"]))

    async def put_in(
        self, store: Object, wishes: Sequence[VectorStoreFileBody], principal: Principal
    ) -> Object:
        """Put files into a store.

        Raises:
            ObjectUnknown: the project has no such file.
            RequestMalformed: one cannot be cut like that, or they are too many.
        """
        owner = Owner(principal.user, principal.project, principal.key)
        return await self.stores.add(store, await self.added(wishes, principal.project), owner)

    async def added(self, wishes: Sequence[VectorStoreFileBody], project: str) -> list[Added]:
        """What is known of files that are to be put into a store. Raises as `put_in` does."""
        added = list[Added]()
        for wish in wishes:
            cut = cutting(wish.chunking_strategy)
            file = await self.batches.files.find(wish.file_id, project)
            size, overlap = cut.max_chunk_size_tokens, cut.chunk_overlap_tokens
            attributes: Mapping[str, object] = wish.attributes or {}
            added.append(Added(file.id, file.name, file.hash, attributes, size, overlap))
        return added

    def chosen(self) -> Reader:
        """The model by which a new store is searched.

        Raises:
            PathUnserved: there is none.
        """
        if (reader := self.reader()) is None:
            raise PathUnserved(PATH, because=_NO_READER)
        return reader


async def read(request: Request, kind: type[Body]) -> Body:
    """The body of a request.

    Raises:
        RequestMalformed: it cannot be read as one of that kind.
        RequestTooLarge, CodingUnserved, Left: as of any body.
    """
    sent = await body(request.receive, dict(request.scope["headers"]), limit=_LONGEST)
    return read_body(sent, kind)[0]


def file_of(request: Request) -> str:
    """The id of the file of the path.

    Raises:
        ObjectUnknown: it is no id.
    """
    return checked(FILE, request.path_params["file"])
