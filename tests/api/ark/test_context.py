"""Contexts: what stands before a conversation, whose it is, and what it remembers."""

import json
from collections.abc import AsyncGenerator
from contextlib import closing
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest

from seedbed.core.access import Scope
from seedbed.core.ask import Ask
from seedbed.core.errors import EngineFailed
from seedbed.core.event import Event, Started
from seedbed.core.message import Call, Part, Text
from seedbed.engines.scripted import Scripted
from seedbed.kit.clock import FakeClock
from seedbed.store.database import open_database
from seedbed.store.keys import Keys
from tests.api.running import WINDOW, Caller, House, alive, build, make_key

pytestmark = pytest.mark.anyio

CREATE = "/api/v3/context/create"
CHAT = "/api/v3/context/chat/completions"
SYSTEM = {"role": "system", "content": "be brief"}
TOOL = {"type": "function", "function": {"name": "weather"}}


class Stuck(Scripted):
    """Begins its answer, and ends it when it is let."""

    def __init__(self) -> None:
        super().__init__("m", window=WINDOW)
        self.begun, self.lets = anyio.Event(), anyio.Event()

    async def generate(self, ask: Ask) -> AsyncGenerator[Event]:
        if ask.limits.output == 1:  # a context is read
            async for event in super().generate(ask):
                yield event
            return
        yield Started("m")
        self.begun.set()
        await self.lets.wait()
        async for event in super().generate(ask):
            if not isinstance(event, Started):
                yield event


class Place:
    """A house with one engine, asked by its wire."""

    def __init__(self, house: House, engine: Scripted) -> None:
        self.house, self.engine = house, engine

    async def post(self, path: str, **fields: object) -> httpx2.Response:
        async with self.house.client() as client:
            return await client.post(path, json={"model": "m", **fields})

    async def create(self, *messages: object, **fields: object) -> dict[str, Any]:
        answer = await self.post(CREATE, messages=messages or [SYSTEM], **fields)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def say(self, context: dict[str, Any], *words: str, **fields: object) -> httpx2.Response:
        messages = [{"role": "user", "content": one} for one in words]
        return await self.post(CHAT, context_id=context["id"], **{"messages": messages} | fields)

    @property
    def told(self) -> list[str]:
        """The texts of the messages that the engine was asked with last."""
        return [message.text for message in self.engine.asked[-1].messages]


@pytest.fixture
def script() -> list[Part] | None:
    return [Text("Yes indeed.")]


@pytest.fixture
async def place(home: Path, clock: FakeClock, script: list[Part] | None) -> AsyncGenerator[Place]:
    engine = Scripted("m", window=WINDOW, script=script)
    app = build({"m": engine, "other": engine}, home=home, clock=clock)
    async with alive(app):
        yield Place(House(app, make_key(home, Scope.MODELS), home, clock), engine)


async def test_a_context_is_read_by_its_model_when_it_is_created(place: Place) -> None:
    made = await place.create()
    (ask,) = place.engine.asked
    assert place.told == ["be brief", ""], "most templates want a user to have spoken last"
    assert ask.limits.output == 1
    assert made["id"].startswith("ctx-")
    assert (made["model"], made["mode"], made["ttl"]) == ("m", "session", 86_400)
    strategy = {"type": "last_history_tokens", "last_history_tokens": 4096}
    assert made["truncation_strategy"] == strategy
    assert made["usage"]["prompt_tokens"] == 4


async def test_a_context_that_ends_with_a_question_is_read_as_it_is(place: Place) -> None:
    await place.create(SYSTEM, {"role": "user", "content": "who?"})
    assert place.told == ["be brief", "who?"]


async def test_a_session_remembers_what_was_said_and_answered(place: Place) -> None:
    context = await place.create()
    first = await place.say(context, "one")
    assert first.json()["choices"][0]["message"]["content"] == "Yes indeed."
    assert place.told == ["be brief", "one"]
    second = await place.say(context, "two", "three", stream=True)
    assert second.text.endswith("data: [DONE]\n\n")
    await place.say(context, "four")
    assert place.told == [
        "be brief",
        *("one", "Yes indeed."),
        *("two", "three", "Yes indeed."),
        "four",
    ]


@pytest.mark.parametrize("script", [[Call("call_1", "weather", "{}")]])
async def test_a_session_remembers_calls(place: Place) -> None:
    context = await place.create()
    await place.say(context, "one", tools=[TOOL])
    result = {"role": "tool", "tool_call_id": "call_1", "content": "12 C"}
    await place.say(context, messages=[result], tools=[TOOL])
    assert place.engine.asked[-1].messages[2].parts == (Call("call_1", "weather", "{}"),)


async def test_a_common_prefix_stays_as_it_is(place: Place) -> None:
    context = await place.create(mode="common_prefix", ttl=3_600)
    assert (context["mode"], context["ttl"]) == ("common_prefix", 3_600)
    assert "truncation_strategy" not in context
    await place.say(context, "one")
    await place.say(context, "two")
    assert place.told == ["be brief", "two"]


async def test_another_project_has_no_such_context(place: Place) -> None:
    context = await place.create()
    house = place.house
    with closing(open_database(house.home / "seedbed.db")) as database:
        _, key = Keys(database).create(
            "x", user="u", project="other", scopes=frozenset({Scope.MODELS}), now=1
        )
    other = Place(House(house.app, key, house.home, house.clock), place.engine)
    theirs = await other.say(context, "one")
    never = await other.say({"id": "ctx-0"}, "one")
    assert theirs.status_code == never.status_code == 404
    told = [one.json()["error"]["message"].partition(" Request id")[0] for one in (theirs, never)]
    assert told[0].replace(context["id"], "ctx-0") == told[1]


async def test_a_context_is_of_one_model(place: Place) -> None:
    context = await place.create()
    refused = await place.say(context, "one", model="other")
    assert (refused.status_code, refused.json()["error"]["param"]) == (400, "model")


async def test_a_session_takes_one_ask_at_a_time(home: Path, clock: FakeClock) -> None:
    engine = Stuck()
    app = build({"m": engine}, home=home, clock=clock)
    place = Place(House(app, make_key(home, Scope.MODELS), home, clock), engine)
    async with alive(app), anyio.create_task_group() as tasks:
        session = await place.create()
        prefix = await place.create(mode="common_prefix")
        tasks.start_soon(place.say, session, "one")
        await engine.begun.wait()
        refused = await place.say(session, "two")
        assert refused.status_code == 409
        assert refused.json()["error"]["code"] == "OperationDenied.InvalidState"
        engine.lets.set()
        assert (await place.say(prefix, "three")).status_code == 200
    assert place.told == ["be brief", "three"]


async def test_what_fails_is_not_remembered_and_leaves_the_session_free(
    home: Path, clock: FakeClock
) -> None:
    broke = EngineFailed("m", why="it died")
    engine = Scripted("m", window=WINDOW, error=broke, fails_after=1)
    app = build({"m": engine}, home=home, clock=clock)
    async with alive(app):
        place = Place(House(app, make_key(home, Scope.MODELS), home, clock), engine)
        refused = await place.post(CREATE, messages=[{"role": "user", "content": "hello"}])
        assert refused.status_code == 200
        session = refused.json()
        for _ in range(2):
            assert (await place.say(session, "one two three")).status_code == 502
    assert place.told == ["hello", "one two three"]


async def test_what_a_caller_left_is_not_remembered(home: Path, clock: FakeClock) -> None:
    engine = Stuck()
    app = build({"m": engine}, home=home, clock=clock)
    key = make_key(home, Scope.MODELS)
    async with alive(app):
        place = Place(House(app, key, home, clock), engine)
        session = await place.create()
        said = [{"role": "user", "content": "left"}]
        body = {"model": "m", "context_id": session["id"], "messages": said, "stream": True}
        caller = Caller(json.dumps(body).encode(), key=key, path=CHAT, leaves_after=2)
        await caller.ask(app)
        engine.lets.set()
        assert (await place.say(session, "one")).status_code == 200
    assert place.told == ["be brief", "one"]


async def test_the_oldest_is_forgotten_beyond_so_many_tokens(place: Place) -> None:
    strategy = {"type": "last_history_tokens", "last_history_tokens": 8}
    context = await place.create(truncation_strategy=strategy)
    assert context["truncation_strategy"] == strategy
    for words in ("one", "two", "three", "four"):
        await place.say(context, words)
    assert place.told[0] == "be brief"
    assert "one" not in place.told
    assert place.told[-3:] == ["three", "Yes indeed.", "four"]


async def test_the_oldest_makes_room_when_the_window_is_full(place: Place) -> None:
    strategy = {"type": "rolling_tokens", "rolling_tokens": True}
    context = await place.create(truncation_strategy={"type": "rolling_tokens"})
    assert context["truncation_strategy"] == strategy
    long = "word " * 20
    for _ in range(4):
        answer = await place.say(context, long)
        assert answer.status_code == 200
    assert place.told == ["be brief", long, "Yes indeed.", long]
    assert (await place.say(context, "word " * WINDOW)).status_code == 400


async def test_a_session_that_does_not_roll_is_refused_when_the_window_is_full(
    place: Place,
) -> None:
    strategy = {"type": "rolling_tokens", "rolling_tokens": False}
    context = await place.create(truncation_strategy=strategy)
    assert context["truncation_strategy"] == strategy
    long = "word " * 25
    answers = [await place.say(context, long) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 400]
    assert answers[-1].json()["error"]["code"] == "OutofContextError"


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"ttl": 60}, "ttl"),
        ({"mode": "endless"}, "mode"),
        (
            {
                "mode": "common_prefix",
                "truncation_strategy": {"type": "rolling_tokens"},
            },
            "truncation_strategy",
        ),
        ({"messages": []}, "messages"),
        ({"model": "nope"}, "model"),
    ],
)
async def test_a_context_that_cannot_be_is_refused(
    place: Place, fields: dict[str, object], param: str
) -> None:
    refused = await place.post(CREATE, **{"messages": [SYSTEM]} | fields)
    assert refused.json()["error"]["param"] == param
    assert refused.status_code == (404 if param == "model" else 400)
