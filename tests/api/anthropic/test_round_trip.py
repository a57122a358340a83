"""What is written in Anthropic's words and read again means the same, in both directions.

The other end is the engine that asks upstreams in these words.
"""

from dataclasses import replace

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from seedbed.api.anthropic.blocks import Blocks
from seedbed.api.anthropic.messages import Messages
from seedbed.api.anthropic.read import read_message
from seedbed.api.anthropic.seal import Sealer
from seedbed.core.ask import (
    Ask,
    Feature,
    Format,
    Limits,
    ReasoningPolicy,
    Sampling,
    Tool,
    ToolPolicy,
)
from seedbed.core.event import (
    CallDelta,
    Event,
    Finished,
    ReasoningDelta,
    Reply,
    Started,
    Stop,
    TextDelta,
)
from seedbed.core.message import (
    Call,
    Media,
    MediaKind,
    Message,
    Part,
    Reasoning,
    Result,
    Role,
    Text,
)
from seedbed.core.usage import Usage
from seedbed.engines.upstreams.anthropic import Anthropic
from seedbed.engines.upstreams.base import Ended, Named, Over, Piece, Told
from seedbed.kit.sse import Parser
from tests.engines.upstreams.fake import served

SEALER = Sealer(b"secret")
NAMES = st.sampled_from(["look", "write", "ask_for"])
WORDS = st.text(min_size=1, max_size=20)
COUNT = st.integers(0, 500)
TEXTS = st.builds(Text, WORDS)
IMAGES = st.sampled_from(["data:image/png;base64,AAAA", "https://example.com/a.png"]).map(
    lambda source: Media(MediaKind.IMAGE, source)
)
ARGUMENTS = st.dictionaries(WORDS, st.integers() | WORDS | st.none(), min_size=1, max_size=3).map(
    lambda value: msgspec.json.encode(value).decode()
)
CALLS = st.builds(Call, WORDS, NAMES, ARGUMENTS)
HIDDEN = b"hidden:EmwK"
"""The seal of a thought that only its maker can read."""
THOUGHTS = st.builds(Reasoning, WORDS, seal=st.just(b"EqQB")) | st.just(Reasoning("", seal=HIDDEN))
RESULTS = st.builds(Result, WORDS, st.tuples(TEXTS | IMAGES), st.booleans())


def message(role: Role, *parts: st.SearchStrategy[Part]) -> st.SearchStrategy[Message]:
    some = st.lists(st.one_of(*parts), min_size=1, max_size=3).map(tuple)
    return some.map(lambda found: Message(role, found))


TURNS = st.tuples(
    message(Role.USER, TEXTS, IMAGES),
    message(Role.ASSISTANT, THOUGHTS, TEXTS, CALLS),
    st.builds(Message, st.just(Role.TOOL), st.tuples(RESULTS)),
    message(Role.ASSISTANT, TEXTS),
    message(Role.USER, TEXTS),
)
TOOLS = st.lists(
    st.builds(Tool, NAMES, WORDS, st.just({"type": "object"}), st.booleans()),
    unique_by=lambda tool: tool.name,
    min_size=1,
    max_size=3,
).map(tuple)
POLICIES = st.builds(ToolPolicy, st.sampled_from(["auto", "required"]), parallel=st.booleans())
FORMATS = st.sampled_from([Format(), Format("schema", "answer", {"type": "object"}, strict=True)])
THINKING = st.sampled_from(
    [
        ReasoningPolicy("off"),
        ReasoningPolicy("auto", "high"),
        ReasoningPolicy("auto", "max"),
        ReasoningPolicy("on", None, 2000),
        ReasoningPolicy("on", "low", 2000),
    ]
)
SHARES = st.none() | st.floats(0, 1)
ASKS = st.builds(
    Ask,
    st.just("theirs"),
    TURNS,
    TOOLS,
    POLICIES,
    FORMATS,
    THINKING,
    st.builds(Limits, st.integers(3000, 4000), st.lists(WORDS, max_size=3).map(tuple)),
    st.builds(Sampling, SHARES, SHARES, st.none() | COUNT),
    whole=st.booleans(),
)


@given(ASKS)
def test_an_ask_that_was_written_is_read_as_it_was(ask: Ask) -> None:
    if ask.tool_policy.mode == "required" and len(ask.tools) == 1:
        ask = replace(ask, tool_policy=replace(ask.tool_policy, only=(ask.tools[0].name,)))
    request = Anthropic(served(*Feature)).ask(ask)
    read, _ = read_message(msgspec.json.encode(request.body), Blocks(SEALER))
    assert read == ask


PIECES = st.lists(WORDS, min_size=1, max_size=3)
SEALS = st.sampled_from([b"EqQB", b"Ro=="])
THOUGHT = st.tuples(PIECES, SEALS).map(
    lambda told: [*map(ReasoningDelta, told[0]), ReasoningDelta("", seal=told[1])]
) | st.just([ReasoningDelta("", seal=HIDDEN)])
SAID = PIECES.map(lambda texts: list(map(TextDelta, texts)))
CALLED = st.lists(CALLS, max_size=3).map(
    lambda calls: [
        CallDelta(ordinal, piece, call.id if not at else "", call.name if not at else "")
        for ordinal, call in enumerate(calls)
        for at, piece in enumerate((call.arguments[:3], call.arguments[3:]))
    ]
)
USAGES = st.builds(Usage, COUNT, COUNT, COUNT, COUNT, COUNT)
ENDS = st.builds(Finished, st.sampled_from(Stop), USAGES)


@given(st.lists(THOUGHT, max_size=2), SAID, CALLED, ENDS)
def test_an_answer_that_was_written_is_read_as_it_was_whole_and_streamed(
    thoughts: list[list[ReasoningDelta]],
    words: list[TextDelta],
    calls: list[CallDelta],
    end: Finished,
) -> None:
    events: list[Event] = [Started("theirs")]
    events += [delta for thought in thoughts for delta in thought]
    events += [*words, *calls, end]
    reply = Reply.of(events)
    assert _replied(_whole(reply)) == reply
    assert _replied(_streamed(events)) == reply


def _body(**more: object) -> bytes:
    said: dict[str, object] = {"model": "theirs", "max_tokens": 9}
    said["messages"] = [{"role": "user", "content": "hi"}]
    return msgspec.json.encode(said | more)


def _whole(reply: Reply) -> list[Piece]:
    reading = Messages(SEALER).read(_body(), request_id="req_1", now=0)
    return Anthropic(served()).reader().whole(reading.writer.whole(reply))


def _streamed(events: list[Event]) -> list[Piece]:
    reading = Messages(SEALER).read(_body(stream=True), request_id="req_1", now=0)
    assert reading.streamer
    sent = b"".join(map(reading.streamer.chunk, events))
    reader = Anthropic(served()).reader()
    return [piece for data in Parser().feed(sent) for piece in reader.read(data)]


def _replied(pieces: list[Piece]) -> Reply:
    """What an engine makes of an upstream's pieces, without its care for false ones."""
    events: list[Event] = []
    usage, stop = Usage(), Stop.END
    for piece in pieces:
        match piece:
            case Named(model=model):
                events.append(Started(model))
            case Told(usage=usage):
                pass
            case Ended(stop=stop):
                pass
            case TextDelta() | ReasoningDelta() | CallDelta():
                events.append(piece)
            case _:
                assert piece == Over()
    return Reply.of([*events, Finished(stop, usage)])
