"""The fake painter keeps a painter's promises."""

import zlib
from contextlib import aclosing
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedbed.core.ask import ImageAsk
from seedbed.core.errors import EngineFailed, FieldUnserved, PromptTooLong
from seedbed.core.event import (
    Event,
    Failed,
    Finished,
    Painted,
    PaintFailed,
    Previewed,
    Reply,
    Started,
    Stop,
    UsageNow,
)
from seedbed.core.message import Media, MediaKind
from seedbed.core.usage import Usage
from seedbed.engines.base import Painter, Spec
from seedbed.engines.scripted_painter import ScriptedPainter, lacks, make
from seedbed.kit.machine import this_machine
from seedbed.kit.media.png import png
from tests.engines.tiny import tiny_model

pytestmark = pytest.mark.anyio

BROKE = EngineFailed("p", why="its brush broke")
ASK = ImageAsk("p", "a red barn", size=(64, 32))


async def events_of(painter: ScriptedPainter, ask: ImageAsk) -> list[Event]:
    async with aclosing(painter.paint(ask)) as events:
        return [event async for event in events]


def painter(**options: object) -> ScriptedPainter:
    return ScriptedPainter("p", window=64, **options)  # type: ignore[arg-type]  # as it has them


async def test_a_picture_comes_with_what_it_used() -> None:
    started, read, used, picture, end = await events_of(painter(), ASK)
    whole = Usage(input_fresh=3, output_visible=8, images=1)
    assert (started, read, used) == (Started("p"), UsageNow(Usage(3)), UsageNow(whole))
    assert isinstance(picture, Painted)
    assert (picture.width, picture.height, picture.media) == (64, 32, "image/png")
    assert end == Finished(Stop.END, whole)


@given(st.binary(min_size=16, max_size=32), st.integers(1, 40), st.integers(1, 40))
def test_a_picture_is_a_png_of_its_size(colours: bytes, width: int, height: int) -> None:
    made = png(colours, width, height)
    assert made.startswith(b"\x89PNG\r\n\x1a\n")
    rest, chunks = made[8:], dict[bytes, bytes]()
    while rest:
        length, kind = int.from_bytes(rest[:4]), rest[4:8]
        chunks[kind], sum_, rest = rest[8 : 8 + length], rest[8 + length :][:4], rest[12 + length :]
        assert zlib.crc32(kind + chunks[kind]) == int.from_bytes(sum_)
    assert list(chunks) == [b"IHDR", b"PLTE", b"IDAT", b"IEND"]
    assert chunks[b"IHDR"][:8] == width.to_bytes(4) + height.to_bytes(4)
    lines = zlib.decompress(chunks[b"IDAT"])
    assert len(lines) == height * (width + 1)
    assert max(lines) < 16


async def test_the_same_ask_has_the_same_picture_and_any_other_has_another() -> None:
    ref = Media(MediaKind.IMAGE, b"x", {"role": "base"})
    asks = [
        ASK,
        replace(ASK, prompt="a blue barn"),
        replace(ASK, seed=1),
        replace(ASK, guidance=2.0),
        replace(ASK, quality="high"),
        replace(ASK, background="opaque"),
        replace(ASK, refs=(ref,)),
    ]
    made = [Reply.of(await events_of(painter(), ask)).pictures[0] for ask in [*asks, ASK]]
    assert made[0] == made[-1]
    assert len({one.data for one in made if isinstance(one, Painted)}) == len(asks)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"size": None, "tier": "1K"}, (1024, 1024)),
        ({"size": None}, (1024, 1024)),
        ({"size": (32, 16)}, (32, 16)),
    ],
)
async def test_it_paints_as_large_as_it_is_told(
    change: dict[str, object], told: tuple[int, int]
) -> None:
    (made,) = Reply.of(await events_of(painter(), replace(ASK, **change))).pictures
    assert isinstance(made, Painted)
    assert (made.width, made.height) == told


async def test_where_it_may_choose_it_paints_a_picture_for_each_line() -> None:
    asked = replace(ASK, prompt="spring\nsummer", count=9, exact=False)
    assert len(Reply.of(await events_of(painter(), asked)).pictures) == 2
    assert len(Reply.of(await events_of(painter(), replace(asked, count=1))).pictures) == 1


async def test_previews_come_before_their_picture() -> None:
    events = await events_of(painter(), replace(ASK, count=2, previews=2))
    kinds = [(type(one), one.ordinal) for one in events if isinstance(one, Previewed | Painted)]
    one = [(Previewed, 0), (Previewed, 0), (Painted, 0)]
    assert kinds == [*one, *((kind, 1) for kind, _ in one)]


async def test_of_several_pictures_one_may_fail() -> None:
    events = await events_of(painter(script={0: BROKE}), replace(ASK, count=2))
    reply = Reply.of(events)
    failed, made = reply.pictures
    assert failed == PaintFailed(0, BROKE.code, BROKE.what)
    assert isinstance(made, Painted)
    assert reply.usage.images == 1


async def test_where_all_fail_so_does_the_answer() -> None:
    *_, last = await events_of(painter(script={0: BROKE}), ASK)
    assert last == Failed(BROKE)
    assert await events_of(painter(error=BROKE), ASK) == [Failed(BROKE)]


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"format": "webp"}, FieldUnserved),
        ({"background": "transparent"}, FieldUnserved),
        ({"prompt": "word " * 64}, PromptTooLong),
    ],
)
async def test_what_it_does_not_serve_is_refused_before_anything_else(
    change: dict[str, object], error: type[Exception]
) -> None:
    (only,) = await events_of(painter(), replace(ASK, **change))
    assert isinstance(only, Failed)
    assert isinstance(only.error, error)


async def test_closing_early_stops_the_work() -> None:
    one = painter()
    async with aclosing(one.paint(replace(ASK, count=9))) as events:
        async for event in events:
            if isinstance(event, Painted):
                break
    assert one.steps == 1


async def test_it_is_made_of_a_card_and_runs_anywhere() -> None:
    made = make(Spec(tiny_model("scripted_painter"), None, places=1, threads=1))
    assert isinstance(made, Painter)
    assert lacks(this_machine()) is None
    made.attach({})
    await made.aclose()
