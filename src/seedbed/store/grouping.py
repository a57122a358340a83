"""Many small writes at once: what comes while a transaction runs goes into the next one together.

Floor 2. A commit waits for the disk, whatever is in it: a hundred steps that end at about the same
time cost one wait.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from sqlalchemy import Connection

from seedbed.core.errors import SeedbedError, StoreUnusable
from seedbed.store.database import Database

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Refused:
    """What a work came to that raised."""

    error: BaseException


class Grouping:
    """Writes to one database, in groups. A work that refuses must do so before it changes anything,
    since what others do in the same transaction is kept.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: list[tuple[Callable[[Connection], Any], asyncio.Future[Any]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in the next transaction; return once it is on the disk.

        Whoever stops waiting does not stop the work.

        Raises:
            StoreUnusable: the database refused, and nothing of `work` was kept.
        """
        loop = asyncio.get_running_loop()
        done = cast("asyncio.Future[T]", loop.create_future())
        self._waiting.append((work, done))
        if self._writing is None:
            self._writing = loop.create_task(self._write())
        return await done

    async def _write(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting, []
            works = [work for work, _ in group]
            ends = await self._together(works)
            if ends is None:  # one of them broke: nothing was kept, and the others need not suffer
                ends = [end for work in works for end in await self._together([work]) or ()]
            for (_, done), end in zip(group, ends, strict=True):
                _tell(done, end)
        self._writing = None

    async def _together(self, works: list[Callable[[Connection], Any]]) -> list[Any] | None:
        """What works came to in one transaction; `None` where one of several broke it."""
        writing = asyncio.ensure_future(self._database.write(lambda c: [_run(c, w) for w in works]))
        await asyncio.wait([writing])
        broke = writing.exception()
        if broke is None:
            return writing.result()
        if len(works) > 1 and not isinstance(broke, StoreUnusable):
            return None
        return [_Refused(broke)] * len(works)


def _run(connection: Connection, work: Callable[[Connection], object]) -> object:
    try:
        return work(connection)
    except SeedbedError as error:
        return _Refused(error)


def _tell(done: "asyncio.Future[Any]", end: object) -> None:
    if done.done():  # whoever waited has left
        return
    if isinstance(end, _Refused):
        done.set_exception(end.error)
    else:
        done.set_result(end)
