"""Texts are turned into vectors however long they are, under keys that are the same each time."""

import base64
import json
import struct
from collections.abc import Sequence

import httpx2
import pytest

from seedbed.jobs.door import Door, Told
from seedbed.jobs.embedding import Embedding, Refused, mean
from seedbed.kit.clock import SystemClock

pytestmark = pytest.mark.anyio


def vector(*numbers: float) -> bytes:
    return struct.pack(f"<{len(numbers)}f", *numbers)


class Play:
    """A door whose model reads `most` bytes, and knows a text by its first letter."""

    def __init__(self, most: int = 1_000, statuses: Sequence[int] = ()) -> None:
        self.most, self.statuses = most, list(statuses)
        self.asked: list[tuple[str, list[str]]] = []

    def answer(self, request: httpx2.Request) -> httpx2.Response:
        texts = json.loads(request.content)["input"]
        self.asked.append((request.headers["idempotency-key"], texts))
        if self.statuses:
            return httpx2.Response(self.statuses.pop(0), json={"error": {"message": "no"}})
        if any(len(text.encode()) > self.most for text in texts):
            error = {"code": "context_length_exceeded", "message": "too long"}
            return httpx2.Response(400, json={"error": error})
        data = [{"embedding": base64.b64encode(self.vector(text)).decode()} for text in texts]
        return httpx2.Response(200, json={"data": data})

    def vector(self, text: str) -> bytes:
        return vector(1, 0) if text.startswith("a") else vector(0, 1)

    async def vectors(self, *texts: str, most: int = 1_000, at_once: int = 8) -> list[bytes]:
        transport = httpx2.MockTransport(self.answer)
        async with httpx2.AsyncClient(transport=transport) as client:
            door = Door(lambda: "http://here", client, clock=SystemClock())
            embedding = Embedding(door, "m", "token", "job_1.0")
            return await embedding.vectors(texts, most=most, at_once=at_once)


async def test_no_ask_has_more_texts_than_some() -> None:
    play = Play()
    found = await play.vectors("a", "b", "a", at_once=2)
    assert found == [vector(1, 0), vector(0, 1), vector(1, 0)]
    assert play.asked == [("job_1.0.1", ["a", "b"]), ("job_1.0.2", ["a"])]


async def test_a_long_text_is_the_mean_of_its_parts() -> None:
    play = Play()
    (found,) = await play.vectors("a" * 20 + " " + "b" * 20, most=24)
    assert struct.unpack("<2f", found) == pytest.approx((0.5**0.5, 0.5**0.5))
    assert play.asked[0][1] == ["a" * 20, "b" * 20]


async def test_what_the_model_finds_too_long_is_halved() -> None:
    play = Play(most=30)
    found = await play.vectors("a", "b" * 50, "a")
    assert found == [vector(1, 0), vector(0, 1), vector(1, 0)]
    again = Play(most=30)
    await again.vectors("a", "b" * 50, "a")
    assert again.asked == play.asked


async def test_what_is_too_long_at_any_length_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        await Play(most=1).vectors("b" * 50)
    assert refused.value.message == "too long"


async def test_what_fails_on_our_side_is_asked_again_under_the_same_key() -> None:
    play = Play(statuses=[500, 502])
    assert await play.vectors("a") == [vector(1, 0)]
    assert [key for key, _ in play.asked] == ["job_1.0.1"] * 3
    with pytest.raises(Refused, match="500"):
        await Play(statuses=[500] * 3).vectors("a")


def test_a_mean_has_length_one_or_is_nothing() -> None:
    assert mean([vector(3, 4)]) == vector(3, 4)
    assert struct.unpack("<2f", mean([vector(1, 0), vector(0, 1)])) == pytest.approx([0.5**0.5] * 2)
    assert mean([vector(1, 0), vector(-1, 0)]) == vector(0, 0)


def test_a_refusal_without_words_is_told_by_its_status() -> None:
    assert Refused(Told(418, {}, "")).message == "The door answered 418."
