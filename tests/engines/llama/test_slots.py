"""Which place an ask is given, by what each of them holds and for whom."""

import anyio
import pytest

from seedbed.core.ask import Ask
from seedbed.core.message import Message, Role, Text
from seedbed.core.prefix import Link, chain
from seedbed.engines.llama.slots import Slots

pytestmark = pytest.mark.anyio


def links(text: str) -> tuple[Link, ...]:
    return chain(Ask("m", (Message(Role.USER, (Text(text),)),)))


RULES = links("a" * 2000)


async def used(slots: Slots, owner: str, of: tuple[Link, ...]) -> int:
    """The place that an ask is given, and fills."""
    async with slots.taken(owner, of) as slot:
        slot.hold(owner, of)
        return slot.id


async def test_an_ask_goes_where_its_owners_prompt_lies() -> None:
    slots = Slots(3)
    first = await used(slots, "one", RULES)
    assert await used(slots, "two", RULES) != first
    assert await used(slots, "one", links("a" * 1800 + "b" * 500)) == first


async def test_what_is_little_alike_goes_to_the_place_that_was_used_longest_ago() -> None:
    slots = Slots(2)
    assert [await used(slots, "", links(letter * 2000)) for letter in "ab"] == [0, 1]
    assert await used(slots, "", links("a" * 1000)) == 0
    assert await used(slots, "", links("b" * 128 + "c" * 4000)) == 1
    assert await used(slots, "", ()) == 0


async def test_an_empty_place_comes_before_one_that_holds_something() -> None:
    slots = Slots(2)
    assert await used(slots, "one", RULES) == 0
    async with slots.taken("two", ()) as slot:
        assert slot.id == 1
    assert await used(slots, "two", ()) == 1


async def test_a_place_is_nobodys_twice_and_the_first_who_waits_is_next() -> None:
    slots, order = Slots(1), list[int]()

    async def ask(number: int) -> None:
        async with slots.taken("", RULES):
            order.append(number)
            await anyio.wait_all_tasks_blocked()

    async with anyio.create_task_group() as tasks:
        for number in range(3):
            tasks.start_soon(ask, number)
            await anyio.wait_all_tasks_blocked()
    assert order == [0, 1, 2]


async def test_a_server_that_began_anew_holds_nothing() -> None:
    slots = Slots(1)
    await used(slots, "", RULES)
    slots.clear()
    async with slots.taken("", RULES) as slot:
        assert (slot.owner, slot.held("", RULES)) == (None, 0)
