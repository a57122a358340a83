"""Media of every kind reach a real model with eyes, and are paid for as what it read."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import pytest

from seedbed.core.event import Event, Reply
from seedbed.core.message import Media, MediaKind, Message, Part, Role, Text
from seedbed.engines.llama_cpp import LlamaCpp
from seedbed.serving.account import Order
from seedbed.serving.media.preparing import PICTURES, Preparer, Preparing
from tests.engines.running import ASK, served, spec
from tests.engines.tiny import write_tiny_llama
from tests.engines.tiny_vision import PATCHES, write_tiny_projector
from tests.kit.media.made import document, film, picture
from tests.serving.houses import order
from tests.serving.media.shops import WITHIN, Kept

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

EACH = (
    (MediaKind.IMAGE, picture(kind="WEBP"), 1),
    (MediaKind.IMAGE, picture(kind="JPEG", colour="blue"), 1),
    (MediaKind.VIDEO, film(30, 10), 3),
    (MediaKind.FILE, document("One.", "Two."), 2),
)
"""A medium, and how many pictures it becomes."""


async def answered(engine: LlamaCpp, *parts: Part) -> Reply:
    async def generate(asked: Order) -> AsyncGenerator[Event]:
        ask = replace(ASK, messages=asked.ask.messages)  # type: ignore[union-attr]
        async with aclosing(engine.generate(ask)) as events:
            async for event in events:
                yield event

    preparing = Preparing(generate, lambda _: PICTURES, Preparer(WITHIN, Kept()))
    asked = replace(order(), ask=replace(ASK, messages=(Message(Role.USER, parts),)))
    async with aclosing(preparing.generate(asked)) as events:
        return Reply.of([event async for event in events])


async def test_each_medium_is_read_as_the_patches_of_its_pictures(tmp_path: Path) -> None:
    weights = write_tiny_llama(tmp_path / "tiny.gguf", window=1024)
    projector = write_tiny_projector(tmp_path / "mmproj.gguf")
    async with served(replace(spec(weights), projector=projector), tmp_path) as (engine, _):
        words = await answered(engine, Text("hi"))
        for kind, data, pictures in EACH:
            reply = await answered(engine, Text("hi"), Media(kind, data))
            assert reply.usage.input >= words.usage.input + pictures * PATCHES
            assert reply.text != words.text
