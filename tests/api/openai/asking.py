"""Responses read and written without a house: what a test hands in answers."""

from collections.abc import AsyncGenerator, Mapping, Sequence

import msgspec

from seedbed.api.dialect import Reading
from seedbed.api.following import Following
from seedbed.api.openai.responses.background import Background
from seedbed.api.openai.responses.call import Responses
from seedbed.api.openai.responses.state import Past
from seedbed.api.openai.usual import Usual
from seedbed.core.access import Principal, Scope
from seedbed.core.ask import Ask
from seedbed.core.event import Event
from seedbed.kit.clock import FakeClock
from seedbed.kit.sse import Parser
from seedbed.serving.account import Order
from seedbed.store.database import Database
from seedbed.store.jobs import Jobs
from seedbed.store.objects import Objects
from seedbed.store.overview import Overview

NOW = 1_800_000_000
WHO = Principal("u", "p", "key_1", frozenset({Scope.MODELS}))


def past_of(database: Database) -> Past:
    """What was said before, in a house that is about to end."""
    objects = Objects(database, clock=FakeClock(NOW))
    jobs = Jobs(database, currency="USD")
    following = Following(Overview(database), clock=FakeClock(NOW), is_ending=lambda: True)
    return Past(objects, Background(objects, jobs, following), clock=FakeClock(NOW))


def read(past: Past, request: Mapping[str, object], request_id: str = "req_0123") -> Reading:
    body = msgspec.json.encode({"model": "m", **request})
    return Responses(past, Usual({})).read(body, request_id=request_id, now=NOW)


def ask_of(reading: Reading) -> Ask:
    assert isinstance(reading.ask, Ask)
    return reading.ask


class Answering:
    """A gateway that answers with these events, and remembers what it was asked."""

    def __init__(self, events: Sequence[Event]) -> None:
        self.events, self.asked = events, list[Ask]()

    async def generate(self, order: Order) -> AsyncGenerator[Event]:
        assert isinstance(order.ask, Ask)
        self.asked.append(order.ask)
        for event in self.events:
            yield event


async def whole(reading: Reading, events: Sequence[Event]) -> tuple[list[Event], bytes]:
    """All events of the way, and what is sent for them, event by event if it is a stream."""
    assert reading.way
    order = Order(reading.ask, WHO, "req_0123")
    told, sent = list[Event](), b""
    async for event in reading.way.generate(order, Answering(events).generate):
        told.append(event)
        if reading.streamer:
            sent += reading.streamer.chunk(event)
    return told, sent


def decoded(sent: bytes) -> list[dict[str, object]]:
    """The data of each event of a stream."""
    return [msgspec.json.decode(data) for data in Parser().feed(sent)]
