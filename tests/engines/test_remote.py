"""What an upstream may send, and what must come of it. Real sockets, canned bytes."""

import json
import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import aclosing
from dataclasses import replace

import anyio
import pytest
from structlog.testing import capture_logs

from seedbed.core import errors
from seedbed.core.ask import (
    Ask,
    CountAsk,
    EmbedAsk,
    Feature,
    Format,
    Limits,
    RerankAsk,
    Sampling,
    TokenizeAsk,
)
from seedbed.core.event import (
    CallDelta,
    Counted,
    Embedded,
    Event,
    Failed,
    Finished,
    Ranked,
    ReasoningDelta,
    Reply,
    Started,
    Stop,
    TextDelta,
    UsageNow,
)
from seedbed.core.usage import Usage
from seedbed.engines.base import Spec
from seedbed.engines.remote import Remote, lacks, make, probe
from seedbed.kit import plug
from seedbed.kit.machine import this_machine
from tests.engines.tiny import WINDOW, tiny_model, write_tiny_llama
from tests.engines.upstreams.fake import (
    ALL,
    SECRET,
    STREAM,
    answers,
    chunk,
    counted,
    engine_of,
    event,
    events_of,
    say,
    speaking,
    spec,
    stream,
    whole,
)

pytestmark = pytest.mark.anyio

WORD = chunk(content="hi")
END = chunk(reason="stop")
DONE = "[DONE]"
MESSAGE = (
    {"type": "message_start", "message": {"usage": {"input_tokens": 9, "output_tokens": 1}}},
    {"type": "content_block_delta", "delta": {"type": "text_delta", "text": "hi"}},
    {
        "type": "message_delta",
        "delta": {"stop_reason": "end_turn"},
        "usage": {"output_tokens": 2},
    },
    {"type": "message_stop"},
)


def fault(events: list[Event]) -> errors.SeedbedError:
    last = events[-1]
    assert isinstance(last, Failed)
    assert sum(isinstance(one, Failed | Finished) for one in events) == 1
    return last.error


async def test_a_whole_answer_is_counted_as_the_upstream_counts_it() -> None:
    asked = say("hi")
    events = await answers(stream(WORD, END, counted(9, 2), DONE), ask=asked)
    assert events == [
        Started("mine"),
        UsageNow(Usage(asked.most_input or 0)),
        UsageNow(Usage(asked.most_input or 0, output_visible=64)),
        TextDelta("hi", tokens=0),
        UsageNow(Usage(9, output_visible=2)),
        Finished(Stop.END, Usage(9, output_visible=2)),
    ]


async def test_a_message_of_the_other_dialect_is_the_same_answer() -> None:
    events = await answers(stream(*MESSAGE), dialect="anthropic")
    assert Reply.of(events).text == "hi"
    assert events[-1] == Finished(Stop.END, Usage(9, output_visible=2))


async def test_an_answer_may_end_without_its_last_line() -> None:
    events = await answers(stream(WORD, counted(9, 2), END))
    assert events[-1] == Finished(Stop.END, Usage(9, output_visible=2))


async def test_what_is_sent_after_the_end_is_nobodys() -> None:
    events = await answers(stream(WORD, END, counted(9, 2), DONE, WORD, END, "{garbage"))
    assert [type(one) for one in events].count(Finished) == 1
    assert Reply.of(events).text == "hi"


async def test_an_end_that_is_told_twice_is_one_end() -> None:
    events = await answers(stream(WORD, END, chunk(reason="length"), counted(9, 2), DONE))
    assert events[-1] == Finished(Stop.END, Usage(9, output_visible=2))


async def test_an_answer_that_calls_ends_in_a_call_whatever_the_upstream_says() -> None:
    called = chunk(tool_calls=[{"index": 0, "id": "c", "function": {"name": "f"}}])
    events = await answers(stream(called, END, counted(9, 2), DONE))
    assert CallDelta(0, "", id="c", name="f", tokens=0) in events
    assert Reply.of(events).stop == Stop.CALL


async def test_an_answer_that_is_never_counted_is_bounded_and_noted() -> None:
    asked = say("hi", limits=Limits(3))
    with capture_logs() as logs:
        events = await answers(stream(WORD, chunk(reasoning="hm"), END, DONE), ask=asked)
    bound = Usage(asked.most_input or 0, output_visible=2, output_reasoning=1)
    assert events[-1] == Finished(Stop.END, bound)
    assert [log["event"] for log in logs] == ["upstream.usage_untold"]


async def test_a_count_that_is_a_lie_is_not_believed() -> None:
    lies = (counted(-9, 2), counted(10**30, 2), counted(9, 10**9))
    for lie in lies:
        events = await answers(stream(WORD, END, lie, DONE))
        last = events[-1]
        assert isinstance(last, Finished)
        assert last.usage == Usage(say("hi").most_input or 0, output_visible=2)


async def test_what_was_said_is_counted_before_it_is_passed_on() -> None:
    """Whoever leaves in the middle has paid for what came so far."""
    long = [chunk(content="x" * 50) for _ in range(9)]
    used = Usage()
    said = 0
    for one in await answers(stream(*long)):
        if isinstance(one, UsageNow):
            used = one.usage
        if isinstance(one, TextDelta):
            said += len(one.text)
            assert used.output_visible >= said


@pytest.mark.parametrize(
    ("sent", "why"),
    [
        (stream(WORD), "cut off before the end"),
        (stream(WORD, DONE), "cut off before the end"),
        (STREAM, "cut off before the end"),
        (stream(WORD) + event(END)[:-3], "cut off before the end"),
        (stream("{nonsense"), "cannot be read"),
        (stream({"choices": 7}), "cannot be read"),
        (STREAM + b'data: {"choices":[{"delta":{"content":"\xff"}}]}\n\n', "cannot be read"),
        (STREAM + b"data: " + b"x" * (1 << 23) + b"\n\n", "an event of more than"),
        (stream(chunk(reason="tired")), "tired"),
        (stream(WORD, {"error": {"message": "out of memory"}}), "gave up: out of memory"),
        (whole({"error": {"message": "no stream"}}, "200 OK", "content-type: application/json"),
         "sent application/json in place of a stream: no stream"),
        (whole(b"<html>hi", "200 OK", "content-type: text/html; charset=utf-8"),
         "sent text/html in place of a stream: a page for people"),
        (whole(b"{}", "200 OK", "content-type: application/json"), "stream: no reason"),
        (whole(b"\x1f\x8b", "200 OK", "content-encoding: gzip"), "compressed as 'gzip'"),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n" + event(WORD), "hung up"),
        (b"garbage\r\n\r\n", "cannot be read"),
        (b"", "hung up"),
        (whole({"error": {"message": "a bug"}}, "500 Oops"), "answered 500: a bug"),
        (whole({"error": "Overloaded"}, "529 Busy"), "answered 529: Overloaded"),
        (whole(b"", "307 There", "location: https://elsewhere.example/"), "not followed"),
        (whole(b"<p>" + b"x" * 200_000, "500 Oops"), "answered 500: a page for people"),
        (whole(b"\x1f\x8b", "500 Oops", "content-encoding: gzip"), "answered 500: no reason"),
    ],
)  # fmt: skip
async def test_an_upstream_that_breaks_is_told_as_a_failure_and_never_as_an_end(
    sent: bytes, why: str
) -> None:
    error = fault(await answers(sent))
    assert type(error) is errors.EngineFailed
    assert why in error.what


async def test_an_upstream_that_falls_silent_is_left() -> None:
    for sent in (b"", STREAM + event(WORD)):
        async with (
            speaking(sent, hangs=True) as fake,
            engine_of(spec(fake.url), silence=0.1) as engine,
        ):
            error = fault(await events_of(engine.generate(say("hi"))))
            await fake.left.wait()
        assert type(error) is errors.EngineFailed
        assert "sent nothing for 0.1 s" in error.what


async def test_an_upstream_that_is_not_there_can_be_asked_again_safely() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed_at_once:
        port = closed_at_once.getsockname()[1]
    async with engine_of(spec(f"http://127.0.0.1:{port}/v1")) as engine:
        (only,) = await events_of(engine.generate(say("hi")))
    assert isinstance(only, Failed)
    assert type(only.error) is errors.EngineUnreachable


@pytest.mark.parametrize("status", ["401 No", "402 Pay", "403 No", "429 Slow"])
async def test_a_refused_key_is_the_operators_to_change_and_is_never_told(status: str) -> None:
    body = {"error": {"message": f"{SECRET} is not welcome"}}
    with capture_logs() as logs:
        error = fault(await answers(whole(body, status)))
    assert type(error) is errors.UpstreamRefused
    assert SECRET not in f"{error} {error.facts} {logs}"


async def test_a_request_that_is_refused_is_the_callers_to_change() -> None:
    error = fault(await answers(whole({"error": {"message": "no roles"}}, "400 No")))
    assert type(error) is errors.RequestMalformed
    assert "no roles" in error.what


async def test_a_prompt_too_long_is_told_before_anything_else() -> None:
    body = {"error": {"message": "prompt is too long: 900 tokens > 512 maximum"}}
    events = await answers(whole(body, "400 No"))
    assert len(events) == 1
    assert type(fault(events)) is errors.PromptTooLong


async def test_what_cannot_be_said_in_a_dialect_is_refused_unasked() -> None:
    asked = EmbedAsk("mine", ("a",))
    async with speaking() as fake, engine_of(spec(fake.url, "anthropic")) as engine:
        error = fault(await events_of(engine.embed(asked)))
    assert type(error) is errors.FeatureUnserved
    assert fake.opened == 0


async def test_a_word_that_an_upstream_does_not_know_is_said_otherwise_and_remembered() -> None:
    wants = whole({"error": {"message": "Use 'max_completion_tokens'."}}, "400 No")
    fine = stream(WORD, END, counted(9, 2), DONE)
    asked = say("hi", limits=Limits(5))
    async with speaking(wants, fine, fine) as fake, engine_of(spec(fake.url)) as engine:
        for _ in range(2):
            assert isinstance((await events_of(engine.generate(asked)))[-1], Finished)
    named = [next(n for n in one.body if n.startswith("max_")) for one in fake.asked]
    assert named == ["max_tokens", "max_completion_tokens", "max_completion_tokens"]


async def test_a_word_that_is_refused_twice_is_not_said_a_third_time() -> None:
    wants = whole({"error": {"message": "Use 'max_completion_tokens'."}}, "400 No")
    async with speaking(wants, wants) as fake, engine_of(spec(fake.url)) as engine:
        error = fault(await events_of(engine.generate(say("hi"))))
    assert type(error) is errors.RequestMalformed
    assert len(fake.asked) == 2


async def test_closing_early_closes_the_connection() -> None:
    async with (
        speaking(STREAM + event(WORD), hangs=True) as fake,
        engine_of(spec(fake.url)) as engine,
    ):
        async with aclosing(engine.generate(say("hi"))) as events:
            async for one in events:
                if isinstance(one, TextDelta):
                    break
        await fake.left.wait()
    assert fake.opened == 1


async def test_cancelling_while_it_waits_closes_the_connection() -> None:
    async with (
        speaking(STREAM + event(WORD), hangs=True) as fake,
        engine_of(spec(fake.url)) as engine,
    ):
        with anyio.CancelScope() as scope:
            async with aclosing(engine.generate(say("hi"))) as events:
                async for one in events:
                    if isinstance(one, TextDelta):
                        scope.cancel()
        assert scope.cancelled_caught
        await fake.left.wait()


async def test_no_more_is_asked_at_once_than_there_are_places() -> None:
    async with (
        speaking(*[STREAM + event(WORD)] * 3, hangs=True) as fake,
        engine_of(spec(fake.url)) as engine,
        anyio.create_task_group() as tasks,
    ):
        begun = [anyio.Event() for _ in range(3)]

        async def one(number: int) -> None:
            async with aclosing(engine.generate(say("hi"))) as events:
                async for event in events:
                    if isinstance(event, Started):
                        begun[number].set()

        for number in range(3):
            tasks.start_soon(one, number)
            if number < 2:
                await begun[number].wait()
        await anyio.wait_all_tasks_blocked()
        assert (fake.opened, begun[2].is_set()) == (2, False)
        tasks.cancel_scope.cancel()


async def test_thoughts_are_told_apart() -> None:
    sent = stream(chunk(reasoning_content="hm"), WORD, END, counted(9, 2), DONE)
    reply = Reply.of(await answers(sent))
    assert (reply.reasoning, reply.text) == ("hm", "hi")
    assert ReasoningDelta("hm", tokens=0) in await answers(sent)


async def test_vectors_come_in_order_and_are_counted() -> None:
    data = [{"index": 1, "embedding": [0.0, 2.0]}, {"index": 0, "embedding": [1.0, 0.0]}]
    body = {"data": data, "usage": {"prompt_tokens": 7, "total_tokens": 7}}
    events = await answers(whole(body), ask=EmbedAsk("mine", ("a", "b")))
    one = b"\0\0\x80\x3f"
    assert events == [
        Started("mine"),
        UsageNow(Usage(7)),
        Embedded(0, one + bytes(4)),
        Embedded(1, bytes(4) + one),
        Finished(Stop.END, Usage(7)),
    ]


@pytest.mark.parametrize("told", [{}, {"prompt_tokens": -1}, {"prompt_tokens": 2**63}])
async def test_vectors_whose_count_is_missing_or_a_lie_are_bounded(told: object) -> None:
    asked = EmbedAsk("mine", ("abc",))
    body = {"data": [{"index": 0, "embedding": [1]}], "usage": told}
    events = await answers(whole(body), ask=asked)
    assert events[-1] == Finished(Stop.END, Usage(asked.most_input or 0))


async def test_scores_come_in_order_and_are_counted() -> None:
    results = [{"index": 1, "relevance_score": 0.5}, {"index": 0, "relevance_score": 0.25}]
    body = {"results": results, "usage": {"total_tokens": 9}}
    events = await answers(whole(body), ask=RerankAsk("mine", "q", ("a", "b")))
    assert events[2:] == [Ranked(0, 0.25), Ranked(1, 0.5), Finished(Stop.END, Usage(9))]


@pytest.mark.parametrize("asked", [EmbedAsk("mine", ("a",)), RerankAsk("mine", "q", ("a",))])
@pytest.mark.parametrize("body", [b"{}", b'{"data":[],"results":[]}', b"<html>"])
async def test_missing_vectors_and_scores_are_a_failure(
    asked: EmbedAsk | RerankAsk, body: bytes
) -> None:
    error = fault(await answers(whole(body), ask=asked))
    assert type(error) is errors.EngineFailed
    assert "cannot be read" in error.what


async def test_it_serves_what_was_found_and_its_dialect_can_say() -> None:
    found = frozenset({Feature.CHAT, Feature.JSON, Feature.CHOICES})
    async with engine_of(spec("https://a.example", "openai", serves=found)) as engine:
        assert engine.features == {Feature.CHAT, Feature.JSON}
        assert engine.program is None
        engine.attach({})
    async with engine_of(spec("https://a.example", "anthropic", serves=ALL)) as engine:
        assert Feature.EMBEDDING not in engine.features


def test_it_needs_nothing_of_the_machine() -> None:
    assert lacks(this_machine()) is None


def test_it_cannot_be_made_without_an_upstream_that_it_can_speak_to() -> None:
    good = spec("https://a.example")
    with pytest.raises(ValueError, match="names no upstream"):
        make(replace(good, model=replace(good.model, upstream=None)))
    with pytest.raises(ValueError, match="'klingon' is no dialect of upstreams: anthropic, ark"):
        make(spec("https://a.example", "klingon"))
    for dialect in ("anthropic", "ark"):
        salted = spec("https://a.example", dialect)
        assert salted.model.upstream
        upstream = replace(salted.model.upstream, cache_salt=True)
        with pytest.raises(ValueError, match="`cache_salt` is a word of vLLM's, and none of"):
            make(replace(salted, model=replace(salted.model, upstream=upstream)))
    with pytest.raises(ValueError, match="in the clear"):
        make(spec("http://a.example"))


async def test_a_probe_without_an_upstream_is_refused() -> None:
    good = spec("https://a.example")
    with pytest.raises(ValueError, match="names no upstream"):
        await probe(replace(good, model=replace(good.model, upstream=None)))


async def test_a_secret_goes_in_the_header_of_its_dialect() -> None:
    for dialect, header in (("openai", "authorization"), ("anthropic", "x-api-key")):
        async with speaking(b"") as fake, engine_of(spec(fake.url, dialect)) as engine:
            await events_of(engine.generate(say("hi")))
        assert SECRET in fake.asked[0].headers[header]
        assert SECRET not in str(fake.asked[0].body)


async def test_without_a_secret_none_is_sent() -> None:
    async with speaking(b"") as fake:
        open_to_all = replace(spec(fake.url), secret=None)
        async with engine_of(open_to_all) as engine:
            assert isinstance(engine, Remote)
            await events_of(engine.generate(say("hi")))
    assert "authorization" not in fake.asked[0].headers


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real server, which speaks both dialects."""
    folder = tmp_path_factory.mktemp("llama")
    weights = write_tiny_llama(folder / "tiny.gguf")
    beside = Spec(tiny_model("llama_cpp"), weights, places=2, threads=1)
    program = plug.load("seedbed.engines", "llama_cpp").make(beside).program
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(
            program.argv,
            env={"PATH": os.defpath, "HOME": str(folder), **program.environment}
            | {"SEEDBED_ENGINE_KEY": SECRET},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
        ) as process,
    ):
        assert process.stdout
        assert process.stdin
        yield json.loads(process.stdout.readline())["url"] + "/v1"
        process.stdin.close()


real = pytest.mark.slow
each_dialect = pytest.mark.parametrize("dialect", ["openai", "anthropic"])


def count(text: str = "one two three", *, output: int = 8, stop: tuple[str, ...] = ()) -> Ask:
    drawn = Sampling(temperature=0, seed=7)
    return say(text, limits=Limits(output, stop), sampling=drawn)


@real
@each_dialect
async def test_a_real_server_answers_in_both_dialects(llama: str, dialect: str) -> None:
    async with engine_of(spec(llama, dialect, window=WINDOW)) as engine:
        events = await events_of(engine.generate(count()))
        again = Reply.of(await events_of(engine.generate(count())))
        long = Reply.of(await events_of(engine.generate(count(output=16))))
        cut = Reply.of(await events_of(engine.generate(count(output=16, stop=(long.text[3:5],)))))
    reply = Reply.of(events)
    assert isinstance(events[0], Started)
    assert [isinstance(one, Finished | Failed) for one in events].count(True) == 1
    assert (reply.stop, reply.usage.output) == (Stop.LENGTH, 8)
    assert reply.usage.input > 0
    assert reply.text == again.text != ""
    assert cut.text == long.text[: long.text.index(long.text[3:5])]
    assert cut.stop in {Stop.END, Stop.SEQUENCE}
    assert engine.untold == 0


@real
async def test_a_real_server_counts_what_it_reads(llama: str) -> None:
    async with engine_of(spec(llama, "anthropic", window=WINDOW)) as engine:
        counted = Reply.of(await events_of(engine.count(CountAsk(count()))))
        answered = Reply.of(await events_of(engine.generate(count())))
    assert counted.counted == answered.usage.input > 0


@real
@each_dialect
async def test_a_real_server_answers_the_same_in_one_piece(llama: str, dialect: str) -> None:
    async with engine_of(spec(llama, dialect, window=WINDOW)) as engine:
        streamed = Reply.of(await events_of(engine.generate(count())))
        whole = Reply.of(await events_of(engine.generate(replace(count(), whole=True))))
    assert whole.text == streamed.text != ""
    assert (whole.stop, whole.usage.output) == (streamed.stop, streamed.usage.output)
    assert whole.usage.input == streamed.usage.input
    assert engine.untold == 0


@real
@each_dialect
async def test_a_real_server_is_told_too_much_and_is_left_early(llama: str, dialect: str) -> None:
    async with engine_of(spec(llama, dialect, window=WINDOW)) as engine:
        (only,) = await events_of(engine.generate(count("word " * (WINDOW + 1))))
        assert isinstance(only, Failed)
        assert isinstance(only.error, errors.PromptTooLong)
        assert only.error.facts["window"] == WINDOW
        for _ in range(4):  # more often than the server has places
            async with aclosing(engine.generate(count(output=400))) as events:
                async for one in events:
                    if isinstance(one, TextDelta):
                        break
        reply = Reply.of(await events_of(engine.generate(count(output=3))))
    assert reply.usage.output == 3


@real
@each_dialect
async def test_asks_side_by_side_do_not_mix(llama: str, dialect: str) -> None:
    texts = ["a b c d", "e f g h", "i j k l", "m n o p"]
    async with engine_of(spec(llama, dialect, window=WINDOW)) as engine:
        alone = [Reply.of(await events_of(engine.generate(count(one)))).text for one in texts]
        together: dict[str, str] = {}

        async def one(text: str) -> None:
            together[text] = Reply.of(await events_of(engine.generate(count(text)))).text

        async with anyio.create_task_group() as tasks:
            for text in texts:
                tasks.start_soon(one, text)
    assert [together[text] for text in texts] == alone


@real
async def test_a_real_server_continues_a_text_and_tells_likelihoods(llama: str) -> None:
    asked = replace(count(), raw=True, sampling=Sampling(temperature=0, logprobs=2))
    async with engine_of(spec(llama, window=WINDOW)) as engine:
        reply = Reply.of(await events_of(engine.generate(asked)))
    assert len(reply.likely) == reply.usage.output == 8
    assert all(len(one.top) == 2 for one in reply.likely)


@real
async def test_a_real_server_keeps_to_a_schema(llama: str) -> None:
    schema = {"type": "object", "properties": {"one": {"enum": [1]}}, "required": ["one"]}
    form = Format("schema", "one", schema | {"additionalProperties": False})
    async with engine_of(spec(llama, window=WINDOW)) as engine:
        asked = replace(count(output=64), format=form)
        reply = Reply.of(await events_of(engine.generate(asked)))
    assert json.loads(reply.text) == {"one": 1}


@real
async def test_a_real_server_is_probed(llama: str) -> None:
    found = await probe(spec(llama, window=WINDOW))
    served = {Feature.CHAT, Feature.COMPLETION, Feature.LOGPROBS, Feature.JSON, Feature.SCHEMA}
    assert served | {Feature.GRAMMAR} <= found.features
    assert {Feature.REGEX, Feature.MEDIA} <= set(found.lacking)
    assert found.tells_usage


@real
async def test_a_real_server_that_passes_over_a_schema_is_found_out(llama: str) -> None:
    found = await probe(spec(llama, "anthropic", window=WINDOW))
    assert found.features == {Feature.CHAT, Feature.TOKENS}
    assert "as if it had not been asked" in found.lacking[Feature.SCHEMA]


@real
async def test_a_real_server_refuses_another_key(llama: str) -> None:
    with pytest.raises(errors.UpstreamRefused, match="401: it does not accept the key"):
        await probe(replace(spec(llama, window=WINDOW), secret="another"))


async def test_a_prompt_is_counted_where_the_dialect_has_words_for_it() -> None:
    sent = whole({"input_tokens": 9})
    async with speaking(sent) as fake, engine_of(spec(fake.url, "anthropic")) as engine:
        events = await events_of(engine.count(CountAsk(say("hi"))))
    assert events == [Started("mine"), Counted(9), Finished(Stop.END, Usage())]
    assert fake.asked[0].path == "/v1/messages/count_tokens"


@pytest.mark.parametrize(
    ("sent", "kind"),
    [
        (whole({"input_tokens": -1}), errors.EngineFailed),
        (whole({}), errors.EngineFailed),
        (whole({"error": {"message": "too many"}}, "429 No"), errors.SeedbedError),
    ],
)
async def test_a_count_that_is_none_is_a_fault(
    sent: bytes, kind: type[errors.SeedbedError]
) -> None:
    async with speaking(sent) as fake, engine_of(spec(fake.url, "anthropic")) as engine:
        (only,) = await events_of(engine.count(CountAsk(say("hi"))))
    assert isinstance(only, Failed)
    assert isinstance(only.error, kind)


@pytest.mark.parametrize("dialect", ["openai", "ark"])
async def test_other_dialects_refuse_to_count_by_name(dialect: str) -> None:
    async with engine_of(spec("https://a.example/v1", dialect)) as engine:
        (only,) = await events_of(engine.count(CountAsk(say("hi"))))
        assert Feature.TOKENS not in engine.features
    assert isinstance(only, Failed)
    assert isinstance(only.error, errors.FeatureUnserved)


async def test_no_upstream_cuts_texts() -> None:
    async with engine_of(spec("https://a.example/v1", "anthropic")) as engine:
        (only,) = await events_of(engine.tokenize(TokenizeAsk("mine", ("a",))))
    assert isinstance(only, Failed)
    assert "does not serve cutting texts into tokens" in only.error.what
