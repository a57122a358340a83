"""Small writes share a transaction, and one that breaks takes no other along."""

from collections.abc import Callable

import anyio
import pytest
from sqlalchemy import Connection

from seedbed.core.errors import StoreUnusable, WorkerFenced
from seedbed.store.database import Database, execute
from seedbed.store.grouping import Grouping

pytestmark = pytest.mark.anyio

Work = Callable[[Connection], None]


def _noting(words: str) -> Work:
    def work(connection: Connection) -> None:
        sql = "INSERT INTO audit (at, actor, action, subject, facts) VALUES (?, ?, ?, ?, ?)"
        execute(connection, sql, (1, "test", "test", words, "{}"))

    return work


def _noted(database: Database) -> list[str]:
    sql = "SELECT subject FROM audit WHERE actor = 'test' ORDER BY subject"
    return database.read_now(lambda c: [row["subject"] for row in execute(c, sql)])


def _refuse(_: Connection) -> None:
    raise WorkerFenced("worker_1")


@pytest.mark.parametrize(
    ("bad", "error"),
    [(_noting("\ud800"), UnicodeEncodeError), (_refuse, WorkerFenced)],
)
async def test_what_one_work_meets_is_its_own(
    database: Database, bad: Work, error: type[Exception]
) -> None:
    grouping, met = Grouping(database), list[BaseException]()

    async def write(work: Work) -> None:
        try:
            await grouping.write(work)
        except error as refusal:
            met.append(refusal)

    async with anyio.create_task_group() as tasks:
        for work in (_noting("a"), bad, _noting("b")):
            tasks.start_soon(write, work)
    assert [type(one) for one in met] == [error]
    assert _noted(database) == ["a", "b"]


async def test_all_are_told_that_the_store_refuses(database: Database) -> None:
    grouping, told = Grouping(database), list[str]()

    async def write() -> None:
        with pytest.raises(StoreUnusable) as refused:
            await grouping.write(lambda c: execute(c, "SELECT 1 FROM nowhere"))
        told.append(refused.value.reason)

    async with anyio.create_task_group() as tasks:
        for _ in range(3):
            tasks.start_soon(write)
    assert len(told) == 3
