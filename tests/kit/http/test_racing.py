"""Of several addresses the first that answers is taken, and nothing is left of the others."""

import asyncio
from collections.abc import Sequence
from typing import cast

import anyio
import pytest

from seedbed.kit.http.connection import Connection
from seedbed.kit.http.racing import Try, first_of

pytestmark = pytest.mark.anyio


class Made:
    """Stands for a connection: all that is asked of it is to be closed."""

    def __init__(self, name: str) -> None:
        self.name, self.is_closed = name, False

    def abort(self) -> None:
        self.is_closed = True


def answers(made: Made) -> Try:
    async def attempt() -> Connection:
        return cast(Connection, made)

    return attempt


def fails(why: str) -> Try:
    async def attempt() -> Connection:
        raise OSError(why)

    return attempt


def hangs(left: list[str], made: Made | None = None) -> Try:
    """Never comes to its end; when it is given up it closes, or was just about to be made."""

    async def attempt() -> Connection:
        try:
            await anyio.sleep_forever()
        except asyncio.CancelledError:
            left.append("left")
            if made is None:
                raise
        return cast(Connection, made)

    return attempt


async def name_of(tries: Sequence[Try]) -> str:
    return cast(Made, await first_of(tries, stagger_seconds=0.001)).name


async def some_turns() -> None:
    """Let the loop turn until nothing more can happen by itself."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_the_first_that_answers_is_taken() -> None:
    left = list[str]()
    assert await name_of([answers(Made("a"))]) == "a"
    assert await name_of([fails("no"), answers(Made("b")), hangs(left)]) == "b"
    assert await name_of([hangs(left), answers(Made("b"))]) == "b"
    await some_turns()
    assert left == ["left"]


async def test_where_none_answers_the_first_reason_is_told() -> None:
    with pytest.raises(OSError, match="one"):
        await first_of([fails("one"), fails("two")])
    with pytest.raises(OSError, match="only"):
        await first_of([fails("only")])


async def test_one_that_fails_does_not_end_the_others() -> None:
    has_failed = asyncio.Event()

    async def slow() -> Connection:
        await has_failed.wait()
        await some_turns()
        return cast(Connection, Made("slow"))

    async def failing() -> Connection:
        has_failed.set()
        raise OSError("no")

    assert await name_of([slow, failing]) == "slow"


async def test_a_connection_that_came_too_late_is_closed() -> None:
    late = Made("late")
    assert await name_of([hangs([], late), answers(Made("a"))]) == "a"
    await some_turns()
    assert late.is_closed


async def test_of_two_that_answer_at_once_one_is_closed() -> None:
    both, begun = [Made("a"), Made("b")], list[str]()
    go = asyncio.Event()

    def after(made: Made) -> Try:
        async def attempt() -> Connection:
            begun.append(made.name)
            if len(begun) == 2:
                go.set()
            await go.wait()
            return cast(Connection, made)

        return attempt

    taken = await name_of([after(both[0]), after(both[1])])
    await some_turns()
    assert [made.name for made in both if not made.is_closed] == [taken]


async def test_whoever_leaves_leaves_no_try_behind() -> None:
    left, is_last_begun = list[str](), asyncio.Event()

    async def last() -> Connection:
        is_last_begun.set()
        return await hangs(left)()

    race = asyncio.create_task(name_of([hangs(left), last]))
    await is_last_begun.wait()
    race.cancel()
    await some_turns()
    assert left == ["left", "left"]
    assert race.cancelled()
