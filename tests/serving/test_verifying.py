import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace

import pytest

from seedbed.core.ask import Ask, Format, Tool, ToolPolicy
from seedbed.core.errors import AnswerMalformed, EngineFailed, RequestMalformed
from seedbed.core.event import (
    CallDelta,
    Event,
    Failed,
    Finished,
    ReasoningDelta,
    Started,
    Stop,
    TextDelta,
    UsageNow,
)
from seedbed.core.message import Message, Role, Text
from seedbed.core.usage import Usage
from seedbed.serving import verifying

pytestmark = pytest.mark.anyio

USAGE = Usage(input_fresh=3, output_visible=2)
CITY: Mapping[str, object] = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}
WEATHER = Tool("weather", "", CITY, strict=True)


def ask(
    format_: Format | None = None,
    tools: Sequence[Tool] = (),
    policy: ToolPolicy | None = None,
) -> Ask:
    words = (Message(Role.USER, (Text("hi"),)),)
    return Ask(
        "m",
        words,
        format=format_ or Format(),
        tools=tuple(tools),
        tool_policy=policy or ToolPolicy(),
    )


class Stream:
    """A stream of events that tells whether it was closed."""

    def __init__(self, *events: Event) -> None:
        self.events = events
        self.closed = False

    async def run(self) -> AsyncGenerator[Event]:
        try:
            for event in self.events:
                yield event
        finally:
            self.closed = True


async def passed(asked: Ask, *events: Event) -> list[Event]:
    stream = Stream(*events)
    async with aclosing(verifying.verified(asked, stream.run())) as relayed:
        seen = [event async for event in relayed]
    assert stream.closed
    return seen


def answer(*pieces: str, stop: Stop = Stop.END) -> list[Event]:
    words = [TextDelta(piece) for piece in pieces]
    return [Started("m"), UsageNow(USAGE), *words, Finished(stop, USAGE)]


def called(name: str, *pieces: str, stop: Stop = Stop.CALL) -> list[Event]:
    first, *rest = pieces
    calls = [CallDelta(0, first, id="c", name=name), *(CallDelta(0, piece) for piece in rest)]
    return [Started("m"), *calls, Finished(stop, USAGE)]


FORMATS = [
    (Format("json"), '{"a": 1}', "[1]", "JSON object"),
    (Format("schema", schema=CITY), '{"city": "Delft"}', '{"city": 5}', "JSON schema"),
    (Format("regex", pattern="a+b?"), "aab", "ba", "regular expression"),
    (Format("grammar", pattern='root ::= "a" root | "b"'), "aab", "aa", "grammar"),
]


@pytest.mark.parametrize(("format_", "good", "bad", "words"), FORMATS)
async def test_an_answer_that_ended_by_itself_has_its_form_or_fails(
    format_: Format, good: str, bad: str, words: str
) -> None:
    events = answer(good[:2], good[2:])
    assert await passed(ask(format_), *events) == events
    *before, last = await passed(ask(format_), *answer(bad))
    assert before == [*answer(bad)[:-1], UsageNow(USAGE)]
    assert isinstance(last, Failed)
    assert isinstance(last.error, AnswerMalformed)
    assert f"not of the {words} that was asked for" in str(last.error)


@pytest.mark.parametrize("stop", [Stop.LENGTH, Stop.FILTER, Stop.SEQUENCE])
async def test_an_answer_that_was_cut_off_is_passed_as_it_is(stop: Stop) -> None:
    events = answer('{"a": ', stop=stop)
    assert await passed(ask(Format("json")), *events) == events
    half = called("weather", '{"ci', stop=stop)
    assert await passed(ask(tools=[WEATHER]), *half) == half


async def test_a_failure_is_passed_as_it_is() -> None:
    events = [Started("m"), TextDelta("["), Failed(EngineFailed("m", why="it broke"))]
    assert await passed(ask(Format("json")), *events) == events


async def test_thought_is_no_part_of_the_form() -> None:
    events = answer("{}")
    events.insert(1, ReasoningDelta("An object, then."))
    assert await passed(ask(Format("json")), *events) == events


async def test_nothing_is_done_where_nothing_was_asked_for() -> None:
    stream = Stream().run()
    assert verifying.verified(ask(), stream) is stream
    unused = ask(tools=[WEATHER], policy=ToolPolicy("none"))
    assert verifying.verified(unused, stream) is stream
    await stream.aclose()


async def test_a_stream_that_is_closed_early_closes_its_source() -> None:
    stream = Stream(*answer("{}"))
    async with aclosing(verifying.verified(ask(Format("json")), stream.run())) as events:
        assert await anext(events) == Started("m")
    assert stream.closed


@pytest.mark.parametrize(
    ("tool", "arguments", "why"),
    [
        (WEATHER, '{"city": "Delft"}', None),
        (WEATHER, '{"town": "Delft"}', "at #: "),
        (WEATHER, '{"city": ', "it is no JSON"),
        (WEATHER, "", "it is no JSON"),
        (replace(WEATHER, strict=False), '{"town": 1}', None),
        (replace(WEATHER, strict=False), '"Delft"', "it is JSON, and no object"),
        (Tool("weather", strict=True), '{"any": 1}', None),
        (Tool("other"), "{}", "tool 'weather' was not offered"),
    ],
)
async def test_the_arguments_of_a_call_are_verified(
    tool: Tool, arguments: str, why: str | None
) -> None:
    events = called("weather", arguments[:4], arguments[4:])
    seen = await passed(ask(tools=[tool]), *events)
    if why is None:
        assert seen == events
    else:
        assert isinstance(seen[-1], Failed)
        assert "tool 'weather'" in str(seen[-1].error)
        assert why in str(seen[-1].error)


async def test_words_beside_a_call_are_not_held_to_the_format() -> None:
    asked = ask(Format("json"), [WEATHER])
    events = [Started("m"), TextDelta("Let me see."), *called("weather", '{"city": "Delft"}')[1:]]
    assert await passed(asked, *events) == events
    only = answer("Let me see.")
    assert isinstance((await passed(asked, *only))[-1], Failed)
    plain = ask(tools=[WEATHER])
    assert await passed(plain, *only) == only


async def test_several_calls_are_verified_each() -> None:
    events: list[Event] = [
        Started("m"),
        CallDelta(1, '{"city"', id="b", name="weather"),
        CallDelta(0, "{}", id="a", name="free"),
        CallDelta(1, ": 5}"),
        Finished(Stop.CALL, USAGE),
    ]
    seen = await passed(ask(tools=[WEATHER, Tool("free")]), *events)
    assert isinstance(seen[-1], Failed)
    assert "tool 'weather'" in str(seen[-1].error)


async def test_an_ask_that_was_never_checked_fails_in_the_stream() -> None:
    seen = await passed(ask(Format("regex", pattern="(")), *answer("a"))
    assert isinstance(seen[-1], Failed)


# -- before an ask is taken


@pytest.mark.parametrize(("format_", "good", "bad", "words"), FORMATS)
async def test_a_form_in_use_is_taken(format_: Format, good: str, bad: str, words: str) -> None:
    await verifying.check(ask(format_, [WEATHER, Tool("free")]))


@pytest.mark.parametrize(
    ("asked", "field", "why"),
    [
        (ask(Format("schema", schema={"type": "what"})), "format", "The format cannot"),
        (ask(Format("schema", schema={"$ref": "http://127.0.0.1/"})), "format", "Retrieval"),
        (ask(Format("schema", schema={"not": {}}, strict=True)), "format", "not is not served"),
        (ask(Format("regex", pattern="(?=a)")), "format", "lookaround"),
        (ask(Format("grammar", pattern="root ::= x")), "format", "names a rule 'x'"),
        (
            ask(tools=[WEATHER, Tool("odd", "", {"properties": {"a": False}, "required": ["a"]})]),
            "tools",
            "Tool 'odd' cannot be offered: #/properties/a: no value is allowed here.",
        ),
        (ask(tools=[Tool("odd", "", {"type": "string"})]), "tools", "#/type: it is not 'object'"),
        (ask(tools=[Tool("a", "", {"not": {}}, strict=True)]), "tools", "not is not served"),
        (ask(tools=[WEATHER] * 2), "tools", "There are two tools of the name 'weather'."),
        (ask(tools=[Tool(f"t{at}") for at in range(129)]), "tools", "There are 129 tools; 128"),
        (ask(tools=[Tool("a b")]), "tools", "A tool cannot have the name 'a b'."),
        (ask(tools=[Tool("")]), "tools", "A tool cannot have the name ''."),
        (ask(tools=[Tool("a\n")]), "tools", "A tool cannot have the name"),
        (ask(tools=[Tool("x" * 65)]), "tools", "A tool cannot have the name"),
        (
            ask(tools=[Tool("ab"[at], "", {"enum": ["x" * 150_000]}) for at in (0, 1)]),
            "tools",
            "The schemas of all tools have 300,",
        ),
    ],
)  # fmt: skip
async def test_what_no_engine_should_be_given_is_refused(asked: Ask, field: str, why: str) -> None:
    with pytest.raises(RequestMalformed) as refused:
        await verifying.check(asked)
    assert why in str(refused.value)
    assert refused.value.facts["field"] == field


async def test_names_of_tools_are_checked_though_none_may_be_called() -> None:
    unused = ask(tools=[Tool("odd", "", {"type": "string"})], policy=ToolPolicy("none"))
    await verifying.check(unused)
    with pytest.raises(RequestMalformed):
        await verifying.check(replace(unused, tools=(Tool("a b"),)))


async def test_a_schema_that_was_seen_is_not_checked_again() -> None:
    schema = {"enum": [str(at) for at in range(50)]}
    await verifying.check(ask(Format("schema", schema=schema)))
    before = verifying.remembered()
    await verifying.check(ask(Format("schema", schema=json.loads(json.dumps(schema)))))
    assert verifying.remembered() == before + 1
