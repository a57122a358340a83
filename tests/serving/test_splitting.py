"""A reader and a writer as one engine, told by what each of them was asked."""

from collections.abc import AsyncGenerator

import pytest

from seedbed.core.ask import Ask, Feature, Memory
from seedbed.core.errors import EngineFailed
from seedbed.core.event import Event, Finished, Started, Stop, UsageNow
from seedbed.core.message import Message, Role, Text
from seedbed.core.usage import Usage
from seedbed.engines.base import Read
from seedbed.serving.splitting import Split

pytestmark = pytest.mark.anyio


class Both:
    """Reads 900 tokens, and answers with what of 1,000 was read before."""

    features = frozenset({Feature.CHAT})

    def __init__(self, *, fails: bool = False) -> None:
        self.read_asks, self.asks = list[Ask](), list[Ask]()
        self._fails = fails

    async def read(self, ask: Ask) -> Read:
        self.read_asks.append(ask)
        if self._fails:
            raise EngineFailed("m", why="it broke")
        return Read(Usage(input_fresh=900, input_cache_read=50), {"there": {"at": 7}})

    async def generate(self, ask: Ask) -> AsyncGenerator[Event]:
        self.asks.append(ask)
        usage = Usage(input_fresh=50, input_cache_read=950)
        for event in (Started("m"), UsageNow(usage), Finished(Stop.END, usage)):
            yield event


def said(text: str, *, fresh: bool = False) -> Ask:
    return Ask("m", (Message(Role.USER, (Text(text),)),), memory=Memory(fresh=fresh))


async def last_of(split: Split, ask: Ask) -> Event:
    return [event async for event in split.generate(ask)][-1]


async def test_a_long_prompt_is_read_first_and_what_is_handed_over_is_passed_on() -> None:
    both = Both()
    split = Split(both, both, long=512)
    last = await last_of(split, said("a" * 600))
    assert both.asks[0].extra == {"there": {"at": 7}}
    assert last == Finished(Stop.END, Usage(input_fresh=950, input_cache_read=50))


@pytest.mark.parametrize("ask", [said("short"), said("a" * 300), said("a" * 600, fresh=True)])
async def test_what_is_short_or_shall_be_fresh_goes_to_the_writer_alone(ask: Ask) -> None:
    both = Both()
    await last_of(Split(both, both, long=512), ask)
    assert (both.read_asks, both.asks) == ([], [ask])


async def test_a_reader_that_fails_costs_no_answer() -> None:
    both = Both(fails=True)
    last = await last_of(Split(both, both, long=512), said("a" * 600))
    assert last == Finished(Stop.END, Usage(input_fresh=50, input_cache_read=950))


async def test_it_serves_what_the_writer_serves_and_has_no_program() -> None:
    both = Both()
    split = Split(both, both)
    split.attach({})
    await split.aclose()
    assert (split.features, split.program) == (both.features, None)
