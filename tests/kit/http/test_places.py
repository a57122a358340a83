"""Places are taken in turn, and whoever leaves while waiting leaves nothing behind."""

import asyncio

import pytest

from seedbed.kit.http.places import Places

pytestmark = pytest.mark.anyio


async def test_whoever_waits_longest_is_next_and_who_gave_up_waits_no_more() -> None:
    places = Places(1)
    await places.enter()
    first, second = (asyncio.create_task(places.enter()) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    assert len(places.waiting) == 1
    places.leave()
    await second
    places.leave()
    assert (places.free, len(places.waiting)) == (1, 0)


async def test_a_place_that_was_given_to_one_who_gives_up_at_that_moment_is_free_again() -> None:
    places = Places(1)
    await places.enter()
    task = asyncio.create_task(places.enter())
    await asyncio.sleep(0)
    places.leave()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert places.free == 1
