"""What an upstream serves is found out by asking, and believed only where it can be seen."""

import base64
import zlib

import pytest

from seedbed.core import errors
from seedbed.core.ask import Feature
from seedbed.engines.remote import probe
from tests.engines.upstreams.fake import chunk, counted, event, speaking, spec, stream, whole

pytestmark = pytest.mark.anyio

DONE = (counted(9, 2), "[DONE]")
UNSERVED = {
    *(Feature.CHOICES, Feature.TOKENS, Feature.IMAGES, Feature.IMAGE_EDIT, Feature.VIDEOS),
    *(Feature.SCENES, Feature.SPEECH, Feature.LISTENING),
}
ORDER = [feature for feature in Feature if feature not in UNSERVED]
"""In which OpenAI's dialect is probed."""


def said(text: str, reason: str = "stop") -> bytes:
    return stream(chunk(content=text), chunk(reason=reason), *DONE)


def refused(why: str, status: str = "400 No") -> bytes:
    return whole({"error": {"message": why}}, status)


CALLED = stream(
    chunk(tool_calls=[{"index": 0, "id": "c", "function": {"name": "add", "arguments": "{}"}}]),
    chunk(reason="tool_calls"),
    *DONE,
)
LIKELY = {"content": [{"token": "a", "logprob": -1}]}
READ = {"total_tokens": 3}
ALL_SERVED = {
    Feature.CHAT: said("1"),
    Feature.COMPLETION: stream({"choices": [{"text": "1", "finish_reason": "stop"}]}, *DONE),
    Feature.EMBEDDING: whole({"data": [{"index": 0, "embedding": [1]}], "usage": READ}),
    Feature.RERANK: whole(
        {"results": [{"index": at, "relevance_score": 1} for at in (0, 1)], "usage": READ}
    ),
    Feature.TOOLS: CALLED,
    Feature.JSON: said('{"one": 1}'),
    Feature.SCHEMA: said('{"one": 1}'),
    Feature.REGEX: said("789"),
    Feature.GRAMMAR: said("777"),
    Feature.REASONING: stream(chunk(reasoning_content="hm"), chunk(reason="stop"), *DONE),
    Feature.MEDIA: said("Red."),
    Feature.LOGPROBS: stream(
        {"choices": [{"delta": {"content": "a"}, "logprobs": LIKELY}]}, chunk(reason="stop"), *DONE
    ),
}


SECOND = said("It is Blue")
"""To the second picture, which is shown where the first was seen."""


def but(**changes: bytes) -> list[bytes]:
    """What an upstream sends that serves all, but for some."""
    answers = [changes.get(feature.value, ALL_SERVED[feature]) for feature in ORDER]
    if "media" not in changes:
        answers.insert(ORDER.index(Feature.MEDIA) + 1, SECOND)
    return answers


async def test_all_that_can_be_seen_is_found() -> None:
    async with speaking(*but()) as fake:
        found = await probe(spec(fake.url))
    assert found.features == set(ORDER)
    assert dict(found.lacking) == {}
    assert found.tells_usage
    assert len(fake.asked) == len(ORDER) + 1


async def test_no_answer_of_a_probe_is_long() -> None:
    async with speaking(*but()) as fake:
        await probe(spec(fake.url))
    limits = [one.body["max_tokens"] for one in fake.asked if "stream" in one.body]
    assert limits == [16] * (len(ORDER) - 1)


async def test_what_is_refused_is_told_in_the_upstreams_words() -> None:
    answers = but(
        media=refused("no eyes"), rerank=refused("no such path", "404 No"), regex=refused("what")
    )
    async with speaking(*answers) as fake:
        found = await probe(spec(fake.url))
    assert set(found.lacking) == {Feature.MEDIA, Feature.RERANK, Feature.REGEX}
    assert "no eyes" in found.lacking[Feature.MEDIA]
    assert "no such path" in found.lacking[Feature.RERANK]


IGNORED = {
    Feature.TOOLS: said("I add."),
    Feature.JSON: said("Sure!"),
    Feature.SCHEMA: said('{"two": 2}'),
    Feature.REGEX: said("I say: 789"),
    Feature.GRAMMAR: said("777!"),
    Feature.REASONING: said("1"),
    Feature.MEDIA: said("I see nothing of what you referred to."),
    Feature.LOGPROBS: said("1"),
}


@pytest.mark.parametrize("feature", IGNORED)
async def test_what_is_passed_over_in_silence_is_not_served(feature: Feature) -> None:
    async with speaking(*but(**{feature.value: IGNORED[feature]})) as fake:
        found = await probe(spec(fake.url))
    assert found.lacking == {feature: "it answers as if it had not been asked for"}


@pytest.mark.parametrize(
    ("feature", "answer", "is_served"),
    [
        (Feature.JSON, said('{"one": [', "length"), True),
        (Feature.JSON, said("Sure, here", "length"), False),
        (Feature.SCHEMA, said('{"one"', "length"), True),
        (Feature.SCHEMA, said("Sure", "length"), False),
        (Feature.TOOLS, stream(chunk(reason="length"), *DONE), True),  # it thought, unseen
    ],
)
async def test_an_answer_that_was_cut_off_is_judged_by_its_beginning(
    feature: Feature, answer: bytes, *, is_served: bool
) -> None:
    async with speaking(*but(**{feature.value: answer})) as fake:
        found = await probe(spec(fake.url))
    assert (feature in found.features) is is_served


async def test_pictures_of_two_colours_are_shown_with_the_same_words() -> None:
    async with speaking(*but()) as fake:
        await probe(spec(fake.url))
    shown = [one.body["messages"] for one in fake.asked if "image_url" in str(one.body)]
    (first, red), (second, blue) = (messages[0]["content"] for messages in shown)
    assert first == second
    squares = [base64.b64decode(p["image_url"]["url"].partition(",")[2]) for p in (red, blue)]
    rows = [zlib.decompress(square.partition(b"IDAT")[2][:-16]) for square in squares]
    assert rows == [(b"\0" + colour * 32) * 32 for colour in (b"\xff\0\0", b"\0\0\xff")]


THOUGHT = stream(chunk(reasoning_content="Hm, I"), chunk(reason="length"), *DONE)


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        ([said("Red."), said("Red.")], "as if it had not been asked for"),  # a guess
        ([said("Red or blue?")], "as if it had not been asked for"),
        ([THOUGHT], "cannot be told; if it reads pictures, add media to `serves` in its card"),
        ([said("Red."), refused("one a day")], "one a day"),
    ],
)
async def test_who_cannot_be_seen_to_tell_colours_apart_is_not_said_to_read_pictures(
    answers: list[bytes], why: str
) -> None:
    rest = but(media=answers[0])
    at = ORDER.index(Feature.MEDIA)
    async with speaking(*rest[:at], *answers, *rest[at + 1 :]) as fake:
        found = await probe(spec(fake.url))
    assert found.features == set(ORDER) - {Feature.MEDIA}
    assert why in found.lacking[Feature.MEDIA]


async def test_a_colour_may_be_named_in_thought() -> None:
    thoughts = [
        stream(chunk(reasoning_content=f"A {colour} square"), chunk(reason="length"), *DONE)
        for colour in ("red", "blue")
    ]
    rest, at = but(media=thoughts[0]), ORDER.index(Feature.MEDIA)
    async with speaking(*rest[: at + 1], thoughts[1], *rest[at + 1 :]) as fake:
        found = await probe(spec(fake.url))
    assert Feature.MEDIA in found.features


async def test_an_upstream_that_does_not_count_is_noted() -> None:
    uncounted = stream(chunk(content="1"), chunk(reason="stop"), "[DONE]")
    async with speaking(*but(chat=uncounted)) as fake:
        found = await probe(spec(fake.url))
    assert not found.tells_usage


async def test_a_model_of_vectors_alone_is_found() -> None:
    no = refused("no such model", "404 No")
    left = [no, no, ALL_SERVED[Feature.EMBEDDING], no]
    async with speaking(*left) as fake:
        found = await probe(spec(fake.url))
    assert found.features == {Feature.EMBEDDING}
    assert found.lacking[Feature.TOOLS] == "it does not serve chat"
    assert len(fake.asked) == 4


async def test_a_model_that_is_nowhere_is_the_one_reason() -> None:
    async with speaking(*[refused("no such model", "404 No")] * 4) as fake:
        with pytest.raises(errors.EngineFailed, match="answered 404: no such model"):
            await probe(spec(fake.url))


async def test_a_refused_key_is_the_one_reason_and_nothing_else_is_asked() -> None:
    async with speaking(refused("bad key", "401 No")) as fake:
        with pytest.raises(errors.UpstreamRefused, match="does not accept the key"):
            await probe(spec(fake.url))
    assert len(fake.asked) == 1


async def test_an_upstream_that_is_not_there_is_the_one_reason() -> None:
    async with speaking() as fake:
        pass
    with pytest.raises(errors.EngineUnreachable):
        await probe(spec(fake.url))


async def test_each_dialect_is_probed_in_its_own_words() -> None:
    ended = event({"type": "message_delta", "delta": {"stop_reason": "end_turn"}})
    answers = [*[stream() + ended] * 5, whole({"input_tokens": 3})]
    async with speaking(*answers) as fake:
        found = await probe(spec(fake.url, "anthropic"))
    assert found.features == {Feature.CHAT, Feature.TOKENS}
    assert not found.tells_usage
    assert [one.path for one in fake.asked] == [*["/v1/messages"] * 5, "/v1/messages/count_tokens"]


async def test_the_name_that_it_answers_as_is_found_and_does_no_harm() -> None:
    named = stream({"model": "big-in-disguise"} | chunk(content="1"), chunk(reason="stop"), *DONE)
    async with speaking(*but(chat=named)) as fake:
        found = await probe(spec(fake.url))
    assert Feature.CHAT in found.features
    assert found.answers_as == "big-in-disguise"
