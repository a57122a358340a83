"""The engine on llama.cpp's real server, with tiny models of random weights.

What is shown is that the parts fit together, never that a model is able.
"""

import json
import math
import os
import signal
import struct
from collections.abc import Mapping
from contextlib import aclosing
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import anyio
import gguf
import pytest

from seedbed.core import errors
from seedbed.core.ask import (
    Ask,
    CountAsk,
    EmbedAsk,
    Format,
    Limits,
    ReasoningPolicy,
    RerankAsk,
    Sampling,
    TokenizeAsk,
    Tool,
    ToolPolicy,
)
from seedbed.core.event import Embedded, Failed, Finished, Reply, Stop, TextDelta
from seedbed.core.message import Call, Media, MediaKind, Message, Result, Role, Text
from seedbed.engines.base import Spec
from seedbed.engines.llama_cpp import LlamaCpp
from tests.engines.fake_llama_server import write_program
from tests.engines.running import ASK, events_of, kept, reply_of, served, spec
from tests.engines.tiny import write_tiny_adapter, write_tiny_llama
from tests.engines.tiny_moe import write_tiny_moe
from tests.engines.tiny_readers import WIDTH, write_tiny_encoder
from tests.engines.tiny_vision import PATCHES, picture, write_tiny_projector
from tests.serving.houses import until

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

CITY = {"type": "object", "properties": {"city": {"enum": ["Ulm", "Bonn"]}}, "required": ["city"]}
WEATHER = Tool("weather", "of a city", CITY)
ROLES = "{% for m in messages %}<|{{ m.role }}|>{{ m.content or '' }}"
THINKER = (
    ROLES
    + "{% if m.reasoning_content %}<think>{{ m.reasoning_content }}</think>{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>"
    "{% if enable_thinking is defined and enable_thinking is false %}<think>\n\n</think>\n\n"
    "{% else %}<think>\n{% endif %}{% endif %}"
)
CALLER = (
    "{% if tools %}{% for tool in tools %}{{ tool | tojson }}{% endfor %}{% endif %}"
    + ROLES
    + "{% for call in m.tool_calls or [] %}<tool_call>\n"
    '{"name": "{{ call.function.name }}", "arguments": {{ call.function.arguments | tojson }}}\n'
    "</tool_call>{% endfor %}{% endfor %}{% if add_generation_prompt %}<|assistant|>{% endif %}"
)


async def refusal_of(engine: LlamaCpp, ask: Ask) -> errors.SeedbedError:
    (only,) = await events_of(engine, ask)
    assert isinstance(only, Failed)
    return only.error


async def test_a_mixture_of_experts_answers(tmp_path: Path) -> None:
    async with served(spec(write_tiny_moe(tmp_path / "moe.gguf")), tmp_path) as (engine, _):
        assert (await reply_of(engine, ASK)).usage.output == 8


async def test_a_picture_is_read_as_its_patches_and_changes_the_answer(tmp_path: Path) -> None:
    projector = write_tiny_projector(tmp_path / "mmproj.gguf")
    with_eyes = replace(
        spec(write_tiny_llama(tmp_path / "tiny.gguf", window=1024)), projector=projector
    )

    def shown(picture: bytes) -> Ask:
        parts = (Text("hi"), Media(MediaKind.IMAGE, picture))
        return replace(ASK, messages=(Message(Role.USER, parts),))

    async with served(with_eyes, tmp_path) as (engine, _):
        words = await reply_of(engine, ASK)
        red = await reply_of(engine, shown(picture(255, 0, 0)))
        blue = await reply_of(engine, shown(picture(0, 0, 255)))
        bad = await refusal_of(engine, shown(b"\x89PNG and no more"))
        again = await reply_of(engine, ASK)
        counted = [event async for event in engine.count(CountAsk(shown(picture(255, 0, 0))))]
    assert red.usage.input >= words.usage.input + PATCHES
    assert Reply.of(counted).counted == red.usage.input
    assert len({words.text, red.text, blue.text}) == 3
    assert isinstance(bad, errors.RequestMalformed)
    assert again.text == words.text


def adapted(tmp_path: Path, **adapters: Path) -> Spec:
    return replace(spec(write_tiny_llama(tmp_path / "tiny.gguf", window=1024)), adapters=adapters)


async def test_each_adapter_answers_by_its_name_and_the_model_alone_without(tmp_path: Path) -> None:
    one = write_tiny_adapter(tmp_path / "one.gguf")
    other = write_tiny_adapter(tmp_path / "other.gguf", seed=12)
    async with served(adapted(tmp_path), tmp_path) as (engine, _):
        plain = await reply_of(engine, ASK)
    async with served(adapted(tmp_path, one=one, other=other), tmp_path) as (engine, _):
        alone = await reply_of(engine, ASK)
        with_one = await reply_of(engine, replace(ASK, model="tiny:one"))
        with_other = await reply_of(engine, replace(ASK, model="tiny:other"))
        raw = await reply_of(engine, replace(ASK, model="tiny:one", raw=True))
        raw_alone = await reply_of(engine, replace(ASK, raw=True))
        unknown = await refusal_of(engine, replace(ASK, model="tiny:none"))
    assert alone.text == plain.text
    assert len({alone.text, with_one.text, with_other.text}) == 3
    assert raw.text != raw_alone.text
    assert isinstance(unknown, errors.ModelUnknown)
    assert "tiny:other" in unknown.hint


async def test_what_was_computed_with_an_adapter_is_not_used_again_without(tmp_path: Path) -> None:
    adapters = {"one": write_tiny_adapter(tmp_path / "one.gguf")}
    said = (Message(Role.USER, (Text("a long prompt of some bytes " * 9),)),)
    between = (Message(Role.USER, (Text("what comes in between and is long, too " * 7),)),)
    own: dict[str, set[str]] = {}
    for name in ("tiny", "tiny:one"):
        async with served(adapted(tmp_path, **adapters), tmp_path) as (engine, _):
            ask = replace(ASK, model=name, messages=said)
            own[name] = {(await reply_of(engine, ask)).text for _ in range(2)}  # cold, then warm
    assert own["tiny"].isdisjoint(own["tiny:one"])
    async with served(adapted(tmp_path, **adapters), tmp_path) as (engine, _):
        for first, then in product(own, repeat=2):
            await reply_of(engine, replace(ASK, model=first, messages=said))
            await reply_of(engine, replace(ASK, model=then, messages=between))
            answer = await reply_of(engine, replace(ASK, model=then, messages=said))
            assert answer.text in own[then]


@pytest.mark.parametrize(
    ("adapter", "said"),
    [
        ({"sides": {"a": 1.0, "b": 0.0}}, "its weights are all zero"),
        ({"alpha": 1e-30}, "the model finds the same tokens likely as without"),
    ],
)
@pytest.mark.parametrize("own", [False, True])
async def test_an_adapter_that_changes_nothing_is_an_error_at_load(
    tmp_path: Path, adapter: dict[str, Any], said: str, own: bool
) -> None:
    made = adapted(
        tmp_path,
        sound=write_tiny_adapter(tmp_path / "sound.gguf"),
        idle=write_tiny_adapter(tmp_path / "idle.gguf", **adapter),
    )
    if own:
        made = replace(made, server=write_program(tmp_path / "llama-server"))
    async with kept(made, tmp_path) as (_, supervisor):
        await until(lambda: "started again" in supervisor.state)
        state = supervisor.state
    assert "ended with status 1" in state
    assert "The adapter 'idle' cannot be served: " in state
    assert said in state
    assert "take [adapters.idle] and its file out" in state


@pytest.mark.parametrize("pooling", [gguf.PoolingType.MEAN, gguf.PoolingType.CLS, None])
async def test_an_encoder_gives_vectors_of_length_one(
    pooling: gguf.PoolingType | None, tmp_path: Path
) -> None:
    weights = write_tiny_encoder(tmp_path / "bert.gguf", pooling=pooling)
    async with served(spec(weights, window=128), tmp_path) as (engine, _):
        events = [e async for e in engine.embed(EmbedAsk("tiny", ("abc def", "xyz", "abc def")))]
        (long,) = [e async for e in engine.embed(EmbedAsk("tiny", ("x " * 200,)))]
        cut = Reply.of([e async for e in engine.tokenize(TokenizeAsk("tiny", ("abc def",)))])
    assert len(cut.tokenized[0].tokens) > 1
    reply = Reply.of(events)
    vectors = [struct.unpack(f"<{WIDTH}f", vector) for vector in reply.vectors]
    assert [math.hypot(*vector) for vector in vectors] == pytest.approx([1, 1, 1])
    assert math.dist(vectors[0], vectors[2]) < 0.01 < math.dist(vectors[0], vectors[1])
    assert reply.usage.input > 3
    assert [e.ordinal for e in events if isinstance(e, Embedded)] == [0, 1, 2]
    assert isinstance(long, Failed)
    assert isinstance(long.error, errors.PromptTooLong)
    assert long.error.facts["window"] == 128


async def test_a_ranker_scores_each_text_by_itself(tmp_path: Path) -> None:
    weights = write_tiny_encoder(tmp_path / "rank.gguf", pooling=gguf.PoolingType.RANK)
    async with served(spec(weights, window=128), tmp_path) as (engine, _):
        ask = RerankAsk("tiny", "abc", ("abc def", "xyz", "q"))
        reply = Reply.of([e async for e in engine.rerank(ask)])
        turned = replace(ask, texts=ask.texts[::-1])
        other = Reply.of([e async for e in engine.rerank(turned)])
    assert len(set(reply.scores)) == 3
    assert other.scores[::-1] == pytest.approx(reply.scores, abs=1e-3)
    assert reply.usage.input > 9


async def test_answers_are_held_to_their_form_and_bad_forms_are_refused(tmp_path: Path) -> None:
    def held(kind: str, pattern: str = "", schema: Mapping[str, object] | None = None) -> Ask:
        form = Format(kind, pattern=pattern, schema=schema or {})  # type: ignore[arg-type]
        return replace(ASK, format=form, limits=Limits(output=100))

    async with served(spec(write_tiny_llama(tmp_path / "tiny.gguf", window=1024)), tmp_path) as (
        engine,
        _,
    ):
        city = await reply_of(engine, held("schema", schema=CITY))
        drawn = await reply_of(engine, held("regex", "[a-f]{3}/x"))
        yes = await reply_of(engine, held("grammar", 'root ::= "yes" | "no"'))
        raw = await reply_of(engine, replace(held("regex", "[0-9]{2}"), raw=True))
        for bad in ("root ::= nothing", 'root ::= root "a"', "other ::= [a]", "root ::= [", "::="):
            refused = await refusal_of(engine, held("grammar", bad))
            assert isinstance(refused, errors.RequestMalformed)
        for schema in ({"$ref": "#"}, {"enum": []}, {"type": "nothing"}):
            refused = await refusal_of(engine, held("schema", schema=schema))
            assert isinstance(refused, errors.RequestMalformed)
        again = await reply_of(engine, ASK)
    assert json.loads(city.text)["city"] in {"Ulm", "Bonn"}
    assert (drawn.text[-2:], len(drawn.text), drawn.stop) == ("/x", 5, Stop.END)
    assert yes.text in {"yes", "no"}
    assert raw.text.isdigit()
    assert again.usage.output == 8


async def test_a_model_without_a_format_for_calls_makes_whole_ones_and_reads_the_results(
    tmp_path: Path,
) -> None:
    asked = replace(
        ASK,
        tools=(WEATHER, Tool("clock")),
        tool_policy=ToolPolicy("required", parallel=False),
        limits=Limits(output=200),
    )
    call = Call("none", "weather", "{}")
    async with served(spec(write_tiny_llama(tmp_path / "tiny.gguf", window=1024)), tmp_path) as (
        engine,
        _,
    ):
        for seed in range(5):
            hot = replace(asked, sampling=Sampling(temperature=1.5, seed=seed))
            only = replace(hot, tool_policy=replace(hot.tool_policy, only=("weather",)))
            reply = await reply_of(engine, only)
            (call,) = reply.calls
            assert (call.name, reply.stop, reply.text) == ("weather", Stop.CALL, "")
            assert json.loads(call.arguments)["city"] in {"Ulm", "Bonn"}
        result = Message(Role.TOOL, (Result(call.id, (Text("rain"),)),))
        history = (*ASK.messages, Message(Role.ASSISTANT, (call,)), result)
        after = await reply_of(engine, replace(ASK, messages=history, tools=(WEATHER,)))
        free = await reply_of(engine, replace(asked, tool_policy=ToolPolicy("none")))
    assert after.usage.output == 8
    assert not free.calls


async def test_a_template_that_knows_tools_is_shown_calls_and_results(tmp_path: Path) -> None:
    weights = write_tiny_llama(tmp_path / "tiny.gguf", window=1024, template=CALLER)
    call = Message(Role.ASSISTANT, (Call("1", "weather", '{"city":"Ulm"}'),))
    history = (*ASK.messages, call, Message(Role.TOOL, (Result("1", (Text("rain"),)),)))
    async with served(spec(weights), tmp_path) as (engine, _):
        without = await reply_of(engine, ASK)
        offered = await reply_of(engine, replace(ASK, tools=(WEATHER,)))
        after = await reply_of(engine, replace(ASK, tools=(WEATHER,), messages=history))
        bad = replace(ASK, tools=(Tool("f", schema={"$ref": "#/nowhere"}),))
        refused = await refusal_of(engine, bad)
        again = await reply_of(engine, ASK)
    assert without.usage.input < offered.usage.input < after.usage.input
    assert isinstance(refused, errors.RequestMalformed)
    assert again.text == without.text


async def test_thought_is_told_as_thought_and_ends_at_its_budget(tmp_path: Path) -> None:
    weights = write_tiny_llama(tmp_path / "tiny.gguf", window=1024, template=THINKER)
    thinks = replace(ASK, limits=Limits(output=60))

    def policy(mode: str, budget: int | None = None) -> Ask:
        return replace(thinks, reasoning=ReasoningPolicy(mode, budget=budget))  # type: ignore[arg-type]

    async with served(spec(weights), tmp_path) as (engine, _):
        free = await reply_of(engine, policy("on"))
        bound = await reply_of(engine, policy("on", 9))
        once = await reply_of(engine, policy("on", 1))
        for off in (policy("off"), policy("off", 9), policy("on", 0)):
            reply = await reply_of(engine, off)
            assert (reply.usage.output_reasoning, reply.reasoning) == (0, "")
        form = Format("schema", schema=CITY)
        held = await reply_of(engine, replace(policy("on", 9), format=form))
        must = replace(policy("on", 9), tools=(WEATHER,), limits=Limits(output=200))
        called = await reply_of(
            engine, replace(must, tool_policy=ToolPolicy("required", (), False))
        )
    assert (free.usage.output_reasoning, free.text) == (60, "")
    assert 0 < bound.usage.output_reasoning <= 9
    assert bound.text
    assert once.usage.output_reasoning <= 1
    assert once.text
    assert json.loads(held.text)["city"] in {"Ulm", "Bonn"}
    assert 0 < held.usage.output_reasoning <= 9
    assert [call.name for call in called.calls] == ["weather"]
    assert called.reasoning


@pytest.mark.parametrize("raw", [True, False])
async def test_how_likely_each_token_was_is_told(raw: bool, tmp_path: Path) -> None:
    asked = replace(ASK, raw=raw, sampling=Sampling(temperature=0.0, logprobs=2))
    async with served(spec(write_tiny_llama(tmp_path / "tiny.gguf", window=1024)), tmp_path) as (
        engine,
        _,
    ):
        reply = await reply_of(engine, asked)
    assert "".join(token.text for token in reply.likely) == reply.text
    assert len(reply.likely) == 8
    for token in reply.likely:
        assert [token.logprob, len(token.top)] == [max(t.logprob for t in token.top), 2]


async def place(engine: LlamaCpp) -> tuple[int, bool]:
    """How many tokens the server's one place holds, and whether it is at work."""
    client = engine._client  # pyright: ignore[reportPrivateUsage]
    assert client
    with await client.send("GET", "/slots") as answer:
        (slot,) = json.loads(await answer.read(1 << 20))
    return slot.get("n_prompt_tokens", 0), slot["is_processing"]


async def test_closing_early_stops_the_work_after_one_further_step(tmp_path: Path) -> None:
    """The server hears of it in another thread, to which the steps of a tiny model, of a third of
    a millisecond, leave no time; these take as long as those of a small real one. Counted is what
    comes after the close: between a look before it and the close others may have the machine.
    """
    weights = write_tiny_llama(tmp_path / "tiny.gguf", window=1024, feed=100_000)
    endless = replace(ASK, limits=Limits(output=900))
    async with served(spec(weights), tmp_path) as (engine, _):
        for wanted in (1, 5, 20):
            async with aclosing(engine.generate(endless)) as events:
                told = 0
                async for event in events:
                    told += isinstance(event, TextDelta)
                    if told == wanted:
                        break
                _, working = await place(engine)
                assert working
            before, _ = await place(engine)
            after, working = await place(engine)
            while working:
                after, working = await place(engine)
            assert after - before <= 2, "the step that was under way, and one more"


async def test_a_server_that_is_killed_is_told_in_the_stream_and_the_next_one_answers(
    tmp_path: Path,
) -> None:
    weights = write_tiny_llama(tmp_path / "tiny.gguf", window=8192)
    endless = replace(ASK, limits=Limits(output=8000))
    async with served(spec(weights, window=8192), tmp_path) as (engine, supervisor):
        life, pid = supervisor.life, supervisor.pid
        assert pid
        events = list[object]()
        async for event in engine.generate(endless):
            events.append(event)
            if len(events) == 5:
                os.kill(pid, signal.SIGKILL)
        last = events[-1]
        while supervisor.life in {0, life}:
            await anyio.sleep(0.01)
        assert isinstance((await events_of(engine, ASK))[-1], Finished)
    assert isinstance(last, Failed)
    assert isinstance(last.error, errors.EngineFailed)
    assert not isinstance(last.error, errors.EngineUnreachable)


async def test_a_program_of_the_operators_own_answers_in_its_place(tmp_path: Path) -> None:
    plain = spec(write_tiny_llama(tmp_path / "tiny.gguf", window=1024))
    own = replace(plain, server=write_program(tmp_path / "llama-server"))
    async with served(plain, tmp_path) as (engine, _):
        ours = await reply_of(engine, ASK)
    async with served(own, tmp_path) as (engine, _):
        theirs = await reply_of(engine, ASK)
    assert ours.text == theirs.text
    assert "the fake listens at" in (tmp_path / "engine.log").read_text()
