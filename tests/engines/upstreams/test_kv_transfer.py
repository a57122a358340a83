"""A pair of vLLM servers: what the reader is asked, and what the one that answers is told of it.

The conversation is as vLLM's own proxy for its NIXL connector has it.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from seedbed.core import errors
from seedbed.core.ask import Ask, Memory
from seedbed.core.event import Finished, TextDelta
from seedbed.core.usage import Usage
from seedbed.engines.upstreams.kv_transfer import Prefill
from seedbed.serving.splitting import Split
from tests.engines.upstreams.fake import (
    FakeUpstream,
    chunk,
    counted,
    engine_of,
    events_of,
    say,
    speaking,
    spec,
    stream,
    whole,
)

pytestmark = pytest.mark.anyio

LONG = say("a rule to keep; " * 400)
HANDED = {
    "do_remote_prefill": True,
    "do_remote_decode": False,
    "remote_block_ids": [[1, 2, 3]],
    "remote_engine_id": "1e4c-0",
    "remote_request_id": "chatcmpl-7",
    "remote_host": "10.0.0.7",
    "remote_port": 5600,
    "tp_size": 1,
}
READ = {
    "choices": [{"index": 0, "message": {"content": "A"}, "finish_reason": "length"}],
    "usage": {"prompt_tokens": 1600, "completion_tokens": 1, "total_tokens": 1601},
    "kv_transfer_params": HANDED,
}
ANSWER = stream(
    chunk(content="Yes."),
    chunk(reason="stop"),
    counted(1600, 2, prompt_tokens_details={"cached_tokens": 1599}),
    "[DONE]",
)


@asynccontextmanager
async def pair(*read: bytes) -> AsyncGenerator[tuple[Split, FakeUpstream, FakeUpstream]]:
    """A reader that sends these bytes, and one that answers."""
    async with speaking(*read) as reads, speaking(ANSWER) as says:
        made = spec(reads.url)
        assert made.model.upstream
        reader = Prefill(made, made.model.upstream)
        async with engine_of(spec(says.url)) as writer:
            yield Split(reader, writer), reads, says
        await reader.aclose()


async def test_the_reader_is_asked_for_one_token_and_to_keep_what_it_computed() -> None:
    async with pair(whole(READ)) as (split, reads, _):
        await events_of(split.generate(LONG))
    (asked,) = reads.asked
    assert asked.path == "/v1/chat/completions"
    assert (asked.body["max_tokens"], asked.body["stream"]) == (1, False)
    assert "stream_options" not in asked.body
    wanted = asked.body["kv_transfer_params"]
    assert wanted == {
        "do_remote_decode": True,
        "do_remote_prefill": False,
        "remote_engine_id": None,
        "remote_block_ids": None,
        "remote_host": None,
        "remote_port": None,
    }


async def test_what_it_hands_over_goes_into_the_request_for_the_answer_word_for_word() -> None:
    async with pair(whole(READ)) as (split, reads, says):
        events = await events_of(split.generate(LONG))
    (asked,) = says.asked
    assert asked.body["kv_transfer_params"] == HANDED
    assert asked.body["messages"] == reads.asked[0].body["messages"]
    assert [e.text for e in events if isinstance(e, TextDelta)] == ["Yes."]


async def test_what_was_read_just_now_is_no_cache_read() -> None:
    async with pair(whole(READ)) as (split, *_):
        events = await events_of(split.generate(LONG))
    assert isinstance(events[-1], Finished)
    assert events[-1].usage == Usage(input_fresh=1600, output_visible=2)


@pytest.mark.parametrize(
    "sent",
    [
        whole({**READ, "kv_transfer_params": None}),
        whole(b"no JSON"),
        whole({"error": {"message": "out of blocks"}}, "500 Internal Server Error"),
        b"",
    ],
)
async def test_without_a_reader_the_other_reads_by_itself(sent: bytes) -> None:
    async with pair(sent) as (split, _, says):
        events = await events_of(split.generate(LONG))
    assert "kv_transfer_params" not in says.asked[0].body
    assert isinstance(events[-1], Finished)
    assert events[-1].usage.input_cache_read == 1599


async def test_a_short_prompt_is_not_read_elsewhere() -> None:
    async with pair(whole(READ)) as (split, reads, says):
        await events_of(split.generate(say("hi")))
    assert (len(reads.asked), len(says.asked)) == (0, 1)


async def refused(url: str, ask: Ask = LONG) -> errors.SeedbedError:
    made = spec(url)
    assert made.model.upstream
    reader = Prefill(made, made.model.upstream)
    with pytest.raises(errors.SeedbedError) as raised:
        await reader.read(ask)
    await reader.aclose()
    return raised.value


async def test_a_reader_that_is_not_there_is_told_from_one_that_breaks_off() -> None:
    async with speaking() as nobody:
        url = nobody.url
    assert isinstance(await refused(url), errors.EngineUnreachable)
    async with speaking(b"") as rude:
        assert type(await refused(rude.url)) is errors.EngineFailed


async def test_the_reader_is_told_who_may_share_as_the_writer_is() -> None:
    async with speaking(whole(READ)) as reads:
        made = spec(reads.url)
        assert made.model.upstream
        reader = Prefill(made, replace(made.model.upstream, cache_salt=True))
        await reader.read(replace(LONG, memory=Memory("x" * 64)))
        await reader.aclose()
    assert reads.asked[0].body["cache_salt"] == "x" * 64
