"""A model that sees pictures, on the real library: what it is shown changes what it says, and is
counted, in whatever turn it stands."""

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

import anyio
import pytest

from seedbed.core import errors
from seedbed.core.ask import Ask, CountAsk, Feature, Format, Limits, Priority, ReasoningPolicy
from seedbed.core.event import Reply, Started, Stop, UsageNow
from seedbed.core.message import Call, Media, MediaKind, Message, Part, Result, Role, Text
from seedbed.core.prices import Price, Tariff, Unit
from seedbed.engines.base import Spec
from seedbed.engines.openvino import OpenVino, make
from seedbed.engines.workers.openvino_marks import mark
from tests.engines.formats import templates
from tests.engines.test_openvino import (
    ADD,
    GREEDY,
    Policy,
    all_of,
    count_of,
    error_of,
    key_of,
    ready,
    replies,
    spec,
    working,
)
from tests.engines.tiny_sight import PATCHES, write_tiny_sight
from tests.engines.tiny_vision import picture

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

RED, BLUE = (Media(MediaKind.IMAGE, picture(*rgb)) for rgb in ((255, 0, 0), (0, 0, 255)))
A_PICTURE = PATCHES + 1
"""Its tokens, and the newline that the library puts behind them."""


def saying(*parts: Part, output: int = 12) -> Ask:
    return Ask("tiny", (Message(Role.USER, parts),), limits=Limits(output=output), sampling=GREEDY)


@asynccontextmanager
async def seeing(
    tmp_path: Path, *, template: str = templates.PLAIN, window: int = 512
) -> AsyncGenerator[OpenVino]:
    weights = write_tiny_sight(tmp_path / "tiny", template=template)
    async with working(weights, tmp_path, window=window) as (engine, supervisor):
        yield await ready(engine, supervisor)


async def reply_of(engine: OpenVino, ask: Ask) -> Reply:
    return replies(await all_of(engine, ask))


async def test_a_picture_changes_the_answer_and_is_counted_and_paid(tmp_path: Path) -> None:
    tariff = Tariff(
        (Price("*", Unit.INPUT_FRESH, 10, 1, "EUR", date(2026, 1, 1), "a test"),), "EUR"
    )
    async with seeing(tmp_path) as engine:
        words = await reply_of(engine, saying(Text("hi")))
        red = await reply_of(engine, saying(Text("hi"), RED))
        blue = await reply_of(engine, saying(Text("hi"), BLUE))
        again = await reply_of(engine, saying(Text("hi"), RED))
        events = [one async for one in engine.count(CountAsk(saying(Text("hi"), RED)))]
    assert Feature.MEDIA in engine.features
    assert len({words.text, red.text, blue.text}) == 3
    assert again.text == red.text
    assert red.usage.input_fresh == blue.usage.input_fresh == words.usage.input_fresh + A_PICTURE
    assert Reply.of(events).counted == red.usage.input
    more = tariff.cost(red.usage, 0).micros - tariff.cost(words.usage, 0).micros
    assert more == 10 * A_PICTURE


async def test_two_pictures_are_told_apart_by_where_they_stand(tmp_path: Path) -> None:
    large = Media(MediaKind.IMAGE, picture(255, 0, 0, side=90))
    async with seeing(tmp_path) as engine:
        one = await reply_of(engine, saying(Text("a"), RED, Text("b")))
        two = await reply_of(engine, saying(Text("a"), RED, Text("b"), BLUE))
        turned = await reply_of(engine, saying(Text("a"), BLUE, Text("b"), RED))
        behind = await reply_of(engine, saying(Text("ab"), RED, BLUE))
        both = await reply_of(engine, saying(Text("a"), large, Text("b"), RED))
    assert len({two.text, turned.text, behind.text}) == 3
    assert two.usage.input == one.usage.input + A_PICTURE
    assert both.usage.input == behind.usage.input == two.usage.input


async def test_a_picture_may_stand_in_an_earlier_turn_and_in_what_a_call_brought(
    tmp_path: Path,
) -> None:
    def talk(shown: Media) -> Ask:
        turns = (
            Message(Role.USER, (Text("look"), shown)),
            Message(Role.ASSISTANT, (Text("seen"),)),
            Message(Role.USER, (Text("and now?"),)),
        )
        return replace(saying(), messages=turns)

    def brought(shown: Media) -> Ask:
        turns = (
            Message(Role.USER, (Text("look"),)),
            Message(Role.ASSISTANT, (Call("c1", "add", "{}"),)),
            Message(Role.TOOL, (Result("c1", (Text("here"), shown)),)),
        )
        return replace(
            saying(output=90), messages=turns, tools=(ADD,), tool_policy=Policy("required")
        )

    async with seeing(tmp_path, template=templates.HERMES, window=2048) as engine:
        red, blue = [await reply_of(engine, talk(shown)) for shown in (RED, BLUE)]
        calls = [await reply_of(engine, brought(shown)) for shown in (RED, BLUE)]
    assert red.text != blue.text
    assert red.usage.input == blue.usage.input
    for reply in calls:
        assert reply.calls
        assert reply.calls[0].name == "add"
        assert set(json.loads(reply.calls[0].arguments)) == {"a", "b"}


async def test_what_cannot_be_shown_is_refused_and_harms_nobody(tmp_path: Path) -> None:
    bad: list[tuple[tuple[Part, ...], str]] = [
        ((Media(MediaKind.IMAGE, picture(1, 2, 3)[:-30]),), "picture 1 is no PNG or JPEG"),
        ((RED, Media(MediaKind.IMAGE, b"")), "picture 2 is no PNG or JPEG"),
        ((RED, Text(f"so {mark(0)}")), "which stand for media here"),
        ((Text(f"so {mark(0)}"),), "which stand for media here"),
        ((Media(MediaKind.IMAGE, "https://host/a.png"),), "fetches none"),
        ((Media(MediaKind.AUDIO, b"RIFF"),), "pictures alone"),
    ]
    async with seeing(tmp_path) as engine:
        before = await reply_of(engine, saying(RED))
        for parts, why in bad:
            for refused in (
                await all_of(engine, saying(*parts)),
                [one async for one in engine.count(CountAsk(saying(*parts)))],
            ):
                error = error_of(refused)
                assert isinstance(error, errors.RequestRefused)
                assert why in str(error)
        after = await reply_of(engine, saying(RED))
    assert before.text == after.text


async def test_the_models_own_words_for_a_picture_are_refused_by_the_library(
    tmp_path: Path,
) -> None:
    async with seeing(tmp_path) as engine:
        before = await reply_of(engine, saying(RED))
        for parts in ((RED, Text("so <image>")), (Text("so <image>"),)):
            *begun, last = await all_of(engine, saying(*parts))
            assert {type(one) for one in begun} <= {Started, UsageNow}
            assert "tags" in str(error_of([last]))
        after = await reply_of(engine, saying(RED))
    assert before.text == after.text


async def test_an_answer_that_is_left_is_given_up_and_its_place_is_free(tmp_path: Path) -> None:
    async with seeing(tmp_path, window=4096) as engine:
        async with aclosing(engine.generate(saying(RED, output=4000))) as events:
            seen = [await anext(events) for _ in range(5)]
        counted = await count_of(engine, key_of(engine))
        while counted.answers or counted.held:
            counted = await count_of(engine, key_of(engine))
        rest = await reply_of(engine, saying(RED, output=3))
    assert UsageNow in map(type, seen)
    assert counted.tokens < 4000
    assert rest.usage.output == 3


async def test_answers_with_and_without_pictures_are_made_together(tmp_path: Path) -> None:
    asks = [saying(Text("hi"), *shown) for shown in ((), (RED,), (BLUE,), (RED, BLUE), ())]
    batch = replace(saying(BLUE, output=60), priority=Priority.BATCH)
    together = dict[int, str]()

    async def one(engine: OpenVino, number: int, ask: Ask) -> None:
        together[number] = (await reply_of(engine, ask)).text

    async with seeing(tmp_path) as engine:
        alone = [(await reply_of(engine, ask)).text for ask in (*asks, batch)]
        async with anyio.create_task_group() as tasks:
            for number, ask in enumerate((*asks, batch)):
                tasks.start_soon(one, engine, number, ask)
        counted = await count_of(engine, key_of(engine))
    assert [together[number] for number in range(6)] == alone
    assert counted.parks == 0


async def test_thought_and_forms_are_held_with_a_picture_too(tmp_path: Path) -> None:
    form = Format("schema", schema={"enum": ["yes", "no"]})
    thinking = ReasoningPolicy("on", budget=9)
    plain = replace(saying(RED, output=60), reasoning=ReasoningPolicy("off"))
    async with seeing(tmp_path, template=templates.THINKING, window=1024) as engine:
        held = await reply_of(engine, replace(plain, format=form))
        asked = replace(saying(RED, output=200), format=form, reasoning=thinking)
        thought = await reply_of(engine, asked)
    assert held.text in {'"yes"', '"no"'}
    assert thought.text in {'"yes"', '"no"'}
    assert thought.usage.output_reasoning == 9


async def test_a_prompt_fills_the_window_with_its_pictures(tmp_path: Path) -> None:
    async with seeing(tmp_path, window=64) as engine:
        words = (await reply_of(engine, saying(Text("hi"), output=1))).usage.input
        fits = (63 - words) // A_PICTURE
        full = await reply_of(engine, saying(Text("hi"), *[RED] * fits, output=64))
        error = error_of(await all_of(engine, saying(Text("hi"), *[RED] * (fits + 1))))
    assert isinstance(error, errors.PromptTooLong)
    assert f"is {words + (fits + 1) * A_PICTURE} tokens" in str(error)
    assert full.usage.input == words + fits * A_PICTURE
    assert (full.usage.output, full.stop) == (64 - full.usage.input, Stop.LENGTH)


async def test_a_long_text_is_read_whole(tmp_path: Path) -> None:
    """Longer than what the library's own tokenizers cut off."""
    async with seeing(tmp_path, window=10_240) as engine:
        reply = await reply_of(engine, saying(Text("a" * 9_000), RED, output=1))
    assert reply.usage.input > 9_000 + PATCHES


def sight(tmp_path: Path) -> Spec:
    return spec(write_tiny_sight(tmp_path / "tiny", template=templates.PLAIN))


def test_a_folder_that_lacks_a_part_of_its_sight_is_refused(tmp_path: Path) -> None:
    whole = sight(tmp_path)
    assert whole.weights
    folder = whole.weights.parent
    assert Feature.MEDIA in make(whole).features
    with pytest.raises(ValueError, match="guesses no tokens ahead"):
        make(replace(whole, lookup=True))
    (folder / "chat_template.jinja").unlink()
    assert Feature.MEDIA not in make(whole).features
    (folder / "openvino_vision_embeddings_merger_model.xml").write_text("<net>")
    (folder / "openvino_vision_embeddings_merger_model.bin").write_bytes(b"")
    with pytest.raises(ValueError, match=r"merger_model.xml is cut off"):
        make(whole)
    (folder / "openvino_vision_embeddings_merger_model.xml").unlink()
    (folder / "preprocessor_config.json").rename(folder / "processor_config.json")
    make(whole)
    (folder / "processor_config.json").unlink()
    with pytest.raises(ValueError, match=r"preprocessor_config.json is missing"):
        make(whole)
    (folder / "config.json").write_text("{}")
    with pytest.raises(ValueError, match="names no model_type"):
        make(whole)
    (folder / "openvino_vision_embeddings_model.bin").unlink()
    with pytest.raises(ValueError, match=r"openvino_vision_embeddings_model.bin is missing"):
        make(whole)
