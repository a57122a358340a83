"""An ask that is answered with tools, over a real gateway, with real books."""

import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.core.access import Principal
from seedbed.core.ask import Ask, EmbedAsk, Tool, ToolPolicy
from seedbed.core.errors import EngineFailed, SeedbedError, ToolsUnreachable
from seedbed.core.event import (
    CallDelta,
    Event,
    Failed,
    Finished,
    ReasoningDelta,
    Reply,
    Started,
    Stop,
    TextDelta,
    ToolPhase,
    ToolRan,
    ToolsListed,
    UsageNow,
    Wire,
)
from seedbed.core.message import Call, Part, Reasoning, Result, Role, Text
from seedbed.core.usage import Usage
from seedbed.core.value import changed
from seedbed.engines.scripted import Scripted
from seedbed.kit.clock import SystemClock
from seedbed.serving.account import Once, Order
from seedbed.serving.once import Generate
from seedbed.store.database import Database
from seedbed.tools.menu import Offer
from seedbed.tools.registry import Registry
from seedbed.tools.remote import McpServer, Remote
from seedbed.tools.rounds import Approved, Most, Rounds
from seedbed.tools.tool import Progress, Said
from tests.serving.houses import house, order
from tests.tools.servers import HERE, tool_server

pytestmark = pytest.mark.anyio

AUTO = ToolPolicy()
OWN = Tool("weather", "The caller's own.", {"type": "object"})


class Turns(Scripted):
    """Answers each ask with the next of its scripts."""

    def __init__(self, *scripts: Sequence[Part] | SeedbedError) -> None:
        super().__init__("m", window=10_000)
        self._scripts = list(scripts)

    async def generate(self, ask: Ask) -> AsyncGenerator[Event]:
        script = self._scripts.pop(0)
        self._error = script if isinstance(script, SeedbedError) else None
        self._script = None if isinstance(script, SeedbedError) else script
        async with aclosing(super().generate(ask)) as events:
            async for event in events:
                yield event


class Add:
    """Adds, and knows who wanted it."""

    name = "add"
    description = "Adds."
    schema: Mapping[str, object] = {"type": "object"}

    def __init__(self) -> None:
        self.asked: list[tuple[object, str]] = []

    async def call(
        self, arguments: Mapping[str, object], principal: Principal, progress: Progress
    ) -> Said:
        self.asked.append((arguments, principal.key))
        await progress(1, 1, "added")
        if arguments.get("a") == 0:
            raise EngineFailed("add", why="nothing to add")
        return Said((Text(str(arguments["a"])),))


def use(id_: str, name: str = "add", **arguments: object) -> Call:
    return Call(id_, name, json.dumps(arguments))


def asked(*tools: Tool, policy: ToolPolicy = AUTO) -> Order:
    plain = order("go")
    return replace(plain, ask=changed(plain.ask, tools=tools, tool_policy=policy))


async def collected(rounds: Rounds, generate: Generate, order: Order | None = None) -> list[Event]:
    async with aclosing(rounds.generate(order or asked(), generate)) as events:
        return [event async for event in events]


def ran(events: Sequence[Event]) -> list[tuple[int, str, ToolPhase, str, str]]:
    return [
        (one.ordinal, one.name, one.phase, one.output, one.error)
        for one in events
        if isinstance(one, ToolRan)
    ]


BEGUN, DONE, FAILED, ASKED = ToolPhase


async def test_the_model_is_asked_until_it_calls_nothing(database: Database) -> None:
    engine = Turns(
        [Reasoning("Hm."), Text("Let me see."), use("c1", a=1), use("c2", a=2)], [Text("It is 3.")]
    )
    add = Add()
    clock = SystemClock()
    async with house(database, clock, [engine]) as made:
        events = await collected(Rounds([Offer(Registry([add]))]), made.gateway.generate)
        await made.meter.flush()
        entries = list(made.ledger.entries(last=9))
    reply = Reply.of(events)
    assert reply.text == "Let me see.It is 3."
    assert (reply.calls, reply.stop) == ((), Stop.END)
    assert [type(event) for event in events[:2]] == [Started, ToolsListed]
    assert sum(isinstance(event, Started) for event in events) == 1
    assert ran(events) == [
        (0, "add", BEGUN, "", ""),
        (0, "add", DONE, "1", ""),
        (1, "add", BEGUN, "", ""),
        (1, "add", DONE, "2", ""),
    ]
    assert add.asked == [({"a": 1}, "key_1"), ({"a": 2}, "key_1")]
    first, second = engine.asked
    assert [tool.name for tool in first.tools] == ["add"]
    said, *heard = second.messages[1:]
    assert said.role is Role.ASSISTANT
    assert [type(part) for part in said.parts] == [Reasoning, Text, Call, Call]
    assert [message.parts for message in heard] == [
        (Result("c1", (Text("1"),)),),
        (Result("c2", (Text("2"),)),),
    ]
    assert {entry.request_id for entry in entries} == {"req_1", "req_1-2"}
    assert reply.entry
    assert reply.entry.spent.micros == sum(entry.spent.micros for entry in entries)
    assert reply.usage == entries[0].usage + entries[1].usage
    told = [event.usage for event in events if isinstance(event, UsageNow)]
    assert told[-1].output > 0  # what the first round used, before the second has written


async def test_calls_of_the_callers_own_end_the_rounds_and_go_out(database: Database) -> None:
    engine = Turns([use("c1", a=1), use("c2", "weather", city="Oslo")])
    async with house(database, SystemClock(), [engine]) as made:
        rounds = Rounds([Offer(Registry([Add()]))])
        events = await collected(rounds, made.gateway.generate, asked(OWN))
    reply = Reply.of(events)
    assert reply.calls == (use("c2", "weather", city="Oslo"),)
    assert reply.stop is Stop.CALL
    assert {event.ordinal for event in events if isinstance(event, CallDelta)} == {0}
    assert [one[2] for one in ran(events)] == [BEGUN, DONE]


async def test_calls_of_the_callers_own_alone_are_as_ever(database: Database) -> None:
    engine = Turns([use("c2", "weather", city="Oslo")])
    async with house(database, SystemClock(), [engine]) as made:
        rounds = Rounds([Offer(Registry([Add()]))])
        events = await collected(rounds, made.gateway.generate, asked(OWN))
    assert Reply.of(events).calls == (use("c2", "weather", city="Oslo"),)
    assert ran(events) == []


async def test_what_needs_a_word_waits_for_it_and_is_made_when_it_comes(
    database: Database,
) -> None:
    add = Add()
    engine = Turns([use("c1", a=1)], [Text("It is 1.")])
    offer = Offer(Registry([add]), asks=lambda name: name == "add")
    async with house(database, SystemClock(), [engine]) as made:
        events = await collected(Rounds([offer]), made.gateway.generate)
        assert ran(events) == [(0, "add", ASKED, "", "")]
        assert Reply.of(events).stop is Stop.CALL
        assert add.asked == []
        approved = [
            Approved("c1", "seedbed", "add", '{"a": 1}'),
            Approved("c2", "seedbed", "gone", "{}"),
        ]
        later = replace(asked(), request_id="req_2")
        events = await collected(Rounds([offer], approved=approved), made.gateway.generate, later)
    assert [type(event) for event in events[:4]] == [Started, ToolsListed, ToolRan, ToolRan]
    assert Reply.of(events).text == "It is 1."
    assert add.asked == [({"a": 1}, "key_1")]
    said, heard = engine.asked[1].messages[1:]
    assert (said.parts, heard.parts) == ((use("c1", a=1),), (Result("c1", (Text("1"),)),))


async def test_rounds_have_an_end_and_the_last_has_no_tools(database: Database) -> None:
    engine = Turns([use("c1", a=1)], [use("c2", a=2)], [Text("Enough.")])
    rounds = Rounds([Offer(Registry([Add()]))], Most(rounds=3, calls=1))
    async with house(database, SystemClock(), [engine]) as made:
        policy = ToolPolicy("required")
        events = await collected(rounds, made.gateway.generate, asked(policy=policy))
    assert [ask.tool_policy.mode for ask in engine.asked] == ["required", "auto", "none"]
    assert [(one[2], one[3], one[4][:13]) for one in ran(events)] == [
        (BEGUN, "", ""),
        (DONE, "1", ""),
        (BEGUN, "", ""),
        (FAILED, "", "No more calls"),
    ]
    assert Reply.of(events).text == "Enough."


def generating(*rounds: Sequence[Event]) -> tuple[Generate, list[Order]]:
    """A road that tells these events, one list for each order."""
    orders: list[Order] = []

    async def generate(order: Order) -> AsyncGenerator[Event]:
        orders.append(order)
        for event in rounds[len(orders) - 1]:
            await anyio.lowlevel.checkpoint()
            yield event

    return generate, orders


CALLED = CallDelta(0, '{"a": 1}', "c1", "add")


async def test_a_tool_that_fails_is_told_to_the_model_and_not_raised() -> None:
    calls = [use("c0", a=0), Call("c1", "add", "{"), Call("c2", "add", "[1]")]
    deltas = [CallDelta(n, call.arguments, call.id, call.name) for n, call in enumerate(calls)]
    generate, orders = generating(
        [Started("m"), *deltas, Finished(Stop.CALL, Usage())],
        [Started("m"), TextDelta("Sorry."), Finished(Stop.END, Usage())],
    )
    events = await collected(Rounds([Offer(Registry([Add()]))]), generate)
    assert Reply.of(events).text == "Sorry."
    failed = [one[4] for one in ran(events) if one[2] is FAILED]
    assert "nothing to add" in failed[0]
    assert ["no JSON object" in one for one in failed] == [False, True, True]
    asked_again = orders[1].ask
    assert isinstance(asked_again, Ask)
    results = [message.parts[0] for message in asked_again.messages[2:]]
    assert [isinstance(one, Result) and one.is_error for one in results] == [True] * 3


async def test_a_model_that_calls_where_it_has_no_tools_is_cut_off() -> None:
    stream = [Started("m"), CALLED, Finished(Stop.CALL, Usage(output_visible=1))]
    generate, _ = generating(stream)
    events = await collected(Rounds([Offer(Registry([Add()]))], Most(rounds=1)), generate)
    assert events[-1] == Finished(Stop.LENGTH, Usage(output_visible=1))


async def test_a_call_that_was_cut_off_is_not_made() -> None:
    generate, _ = generating([Started("m"), CALLED, Finished(Stop.LENGTH, Usage())])
    events = await collected(Rounds([Offer(Registry([Add()]))]), generate)
    assert events[2:] == [Finished(Stop.LENGTH, Usage())]


async def test_bytes_of_one_answer_are_no_bytes_of_several() -> None:
    delta = TextDelta("a", wire=Wire("openai.chat.choices", b"[]"))
    stream: list[Event] = [Started("m"), delta, CALLED, Finished(Stop.CALL, Usage())]
    own = CallDelta(0, "", "c2", "weather", wire=Wire("openai.chat.choices", b"[]"))
    end = Finished(Stop.CALL, Usage(), wire=Wire("openai.chat.whole", b"[]"))
    generate, _ = generating(stream, [Started("m"), own, end])
    events = await collected(Rounds([Offer(Registry([Add()]))]), generate, asked(OWN))
    assert {getattr(event, "wire", None) for event in events} == {None}
    assert CallDelta(0, "", "c2", "weather") in events


DELTAS = st.one_of(
    st.builds(TextDelta, st.text(max_size=3)),
    st.builds(ReasoningDelta, st.text(max_size=3)),
    st.builds(CallDelta, st.integers(0, 2), st.text(max_size=3), name=st.just("weather")),
    st.builds(UsageNow, st.builds(Usage, st.integers(0, 9))),
)


@given(st.lists(DELTAS, max_size=8), st.sampled_from(Stop))
async def test_an_answer_that_calls_nothing_of_ours_means_the_same(
    deltas: list[Event], stop: Stop
) -> None:
    plain = [Started("m"), *deltas, Finished(stop, Usage(1, 2, 3, 4, 5))]
    generate, orders = generating(plain)
    events = await collected(Rounds([Offer(Registry([Add()]))]), generate, asked(OWN))
    assert len(orders) == 1
    told = [event for event in events if not isinstance(event, ToolsListed | CallDelta)]
    assert told == [event for event in plain if not isinstance(event, CallDelta)]
    assert Reply.of(events) == Reply.of(_renumbered(plain))


def _renumbered(events: Sequence[Event]) -> list[Event]:
    """Calls in the order in which they began, as those of a caller's go out."""
    seen: dict[int, int] = {}
    return [
        changed(event, ordinal=seen.setdefault(event.ordinal, len(seen)))
        if isinstance(event, CallDelta)
        else event
        for event in events
    ]


async def test_rounds_within_rounds_tell_of_both() -> None:
    generate, _ = generating([Started("m"), TextDelta("a"), Finished(Stop.END, Usage())])
    inner = Rounds([Offer(Registry([]))]).around(generate)
    events = await collected(Rounds([Offer(Registry([Add()]))]), inner)
    assert events[1:3] == [
        ToolsListed("seedbed", (Tool("add", "Adds.", {"type": "object"}),)),
        ToolsListed("seedbed"),
    ]


async def test_a_failure_of_a_later_round_ends_the_stream(database: Database) -> None:
    engine = Turns([use("c1", a=1)], EngineFailed("m", why="it died"))
    async with house(database, SystemClock(), [engine]) as made:
        events = await collected(Rounds([Offer(Registry([Add()]))]), made.gateway.generate)
    assert isinstance(events[-1], Failed)
    assert isinstance(events[-1].error, EngineFailed)
    assert events[-1].entry


async def test_what_tools_did_is_not_done_again_under_a_key() -> None:
    generate, orders = generating()
    once = replace(asked(), once=Once("key", "digest"))
    (event,) = await collected(Rounds([]), generate, once)
    assert isinstance(event, Failed)
    assert "'idempotency-key'" in event.error.what
    assert orders == []


async def test_what_is_no_ask_for_words_goes_its_way() -> None:
    generate, orders = generating([Started("m"), Finished(Stop.END, Usage())])
    embed = replace(asked(), ask=EmbedAsk("m", ("a",)))
    events = await collected(Rounds([]), generate, embed)
    assert len(events) == 2
    assert orders == [embed]


async def test_closing_early_stops_the_model_and_parts_from_every_server(
    database: Database,
) -> None:
    engine = Turns([Text("a b c d e f")])
    with tool_server() as url:
        source = Remote(McpServer("adder", url), HERE)
        async with house(database, SystemClock(), [engine]) as made:
            around = Rounds([Offer(source)]).around(made.gateway.generate)
            async with aclosing(around(asked())) as events:
                async for event in events:
                    if isinstance(event, TextDelta):
                        break
            assert engine.steps <= 2


async def test_tools_of_a_server_elsewhere_are_called_under_an_allow_list(
    database: Database,
) -> None:
    seen: list[object] = []
    engine = Turns(
        [use("c1", "adder_add", a=1, b=2), use("c2", "odd_name")],
        [Text("It is 3.")],
    )
    with tool_server(seen) as url:
        source = Remote(McpServer("adder", url), HERE)
        offers = [
            Offer(Registry([Add()])),
            Offer(source, allowed=frozenset({"add", "odd.name"})),
        ]
        async with house(database, SystemClock(), [engine]) as made:
            events = await collected(Rounds(offers), made.gateway.generate)
    assert [tool.name for tool in engine.asked[0].tools] == ["add", "adder_add", "odd_name"]
    listed = [event for event in events if isinstance(event, ToolsListed)]
    assert [(one.server, [tool.name for tool in one.tools]) for one in listed] == [
        ("seedbed", ["add"]),
        ("adder", ["add", "odd.name"]),
    ]
    assert seen == [("add", {"a": 1, "b": 2}), ("odd.name", {})]
    assert [one[3] for one in ran(events) if one[2] is DONE] == ["3", '{"sum": "é"}']
    assert {one.server for one in events if isinstance(one, ToolRan)} == {"adder"}


async def test_with_a_server_that_cannot_be_had_no_model_is_asked(
    database: Database,
) -> None:
    engine = Turns([Text("Without.")])
    source = Remote(McpServer("gone", "http://127.0.0.1:9/mcp"))
    async with house(database, SystemClock(), [engine]) as made:
        events = await collected(Rounds([Offer(source)]), made.gateway.generate)
    (failed,) = events
    assert isinstance(failed, Failed)
    assert isinstance(failed.error, ToolsUnreachable)
    assert "'gone'" in failed.error.what
    assert "this network" in failed.error.what
    assert engine.asked == []
