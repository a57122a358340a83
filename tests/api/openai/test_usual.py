"""Which model is asked where a request names none."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import openai
import pytest
from openai import AsyncOpenAI

from seedbed.api.ark.responses_read import read_response as read_ark
from seedbed.core.access import Scope
from seedbed.core.ask import Feature
from seedbed.core.errors import RequestMalformed
from seedbed.engines.base import Engine
from seedbed.engines.scripted import Scripted
from seedbed.engines.scripted_painter import ScriptedPainter
from seedbed.kit.clock import FakeClock
from tests.api.running import WINDOW, House, alive, build, make_key

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("logged")]


class Writer(Scripted):
    """Answers chats, and neither counts nor reads."""

    features = frozenset({Feature.CHAT})


def writers(*names: str) -> dict[str, Engine]:
    return {name: Writer(name, window=WINDOW) for name in names}


@asynccontextmanager
async def asking(
    home: Path, clock: FakeClock, engines: Mapping[str, Engine], default: str = ""
) -> AsyncGenerator[AsyncOpenAI]:
    app = build(engines, home=home, clock=clock, default_model=default)
    async with alive(app):
        house = House(app, make_key(home, Scope.MODELS), home, clock)
        async with AsyncOpenAI(
            base_url="http://house/v1", api_key=house.key, max_retries=0, http_client=house.client()
        ) as client:
            yield client


async def test_the_only_one_that_can_serve_a_request_is_asked(home: Path, clock: FakeClock) -> None:
    engines = {**writers("writer"), "painter": ScriptedPainter("painter", window=WINDOW)}
    async with asking(home, clock, engines) as client:
        said = await client.responses.create(input="a")
        kept = await client.responses.retrieve(said.id)
        painted = await client.images.generate(prompt="a barn", size="1024x1024")
    assert (said.model, kept.model, said.output_text) == ("writer", "writer", "a")
    assert painted.data
    assert len(painted.data) == 1


async def test_of_several_the_default_is_asked(home: Path, clock: FakeClock) -> None:
    async with asking(home, clock, writers("a", "b"), "b") as client:
        assert (await client.responses.create(input="x")).model == "b"
        later = await client.responses.create(input="x", background=True)
        assert (await client.responses.retrieve(later.id)).model == "b"


async def test_of_several_none_is_guessed(home: Path, clock: FakeClock) -> None:
    async with asking(home, clock, writers("a", "b")) as client:
        with pytest.raises(openai.BadRequestError, match=r"2 models here can .* Name one of a, b"):
            await client.responses.create(input="x")


async def test_a_default_that_cannot_serve_it_is_passed_over(home: Path, clock: FakeClock) -> None:
    engines = {**writers("a", "b"), "counter": Scripted("counter", window=WINDOW)}
    async with asking(home, clock, engines, "a") as client:
        counted = await client.responses.input_tokens.count(input="one two")
    assert counted.input_tokens == 3  # the role is a word, too


async def test_what_none_can_serve_is_refused(home: Path, clock: FakeClock) -> None:
    async with asking(home, clock, writers("a")) as client:
        with pytest.raises(openai.BadRequestError, match="no model here can") as refused:
            await client.responses.input_tokens.count(input="x")
    assert refused.value.param == "model"


def test_ark_has_a_request_name_its_model() -> None:
    with pytest.raises(RequestMalformed, match="'model' is missing"):
        read_ark(b'{"input": "x"}', lambda _: "item_1", 1)
